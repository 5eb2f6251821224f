"""The settings of now, kept, and told to who observes."""

from collections.abc import Callable
from typing import Any, Protocol

from msgspec.structs import replace

from salebell_desktop.settings.model import Settings

Observer = Callable[[Settings, Settings], None]
"""Is told the settings before and now, which differ."""


class Keeper(Protocol):
    """Where settings last longer than the program."""

    def read(self) -> Settings:
        """What was kept; the defaults for what cannot be read."""
        ...

    def write(self, settings: Settings) -> None:
        """Keep them. Raises nothing: a file that cannot be written is logged."""
        ...


class Nowhere:
    """A `Keeper` that forgets."""

    def read(self) -> Settings:
        """The defaults."""
        return Settings()

    def write(self, settings: Settings) -> None:
        """Nothing."""


class SettingsStore:
    """Everything runs on one thread.

    Args:
        keeper: where the settings are kept.
    """

    def __init__(self, keeper: Keeper | None = None) -> None:
        self._keeper = keeper or Nowhere()
        self._now = self._keeper.read()
        self._observers: list[Observer] = []

    @property
    def now(self) -> Settings:
        """What holds."""
        return self._now

    def change(self, **fields: Any) -> None:
        """Replace fields of `now`, keep the result, and tell it; nothing happens when nothing differs."""
        before, now = self._now, replace(self._now, **fields)
        if now == before:
            return
        self._now = now
        self._keeper.write(now)
        for observer in tuple(self._observers):
            observer(before, now)

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Tell `observer` every change from now on. The answer ends it."""
        self._observers.append(observer)

        def end() -> None:
            if observer in self._observers:
                self._observers.remove(observer)

        return end
