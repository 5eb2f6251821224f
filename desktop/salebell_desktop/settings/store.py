"""The settings of now, kept, and told to who observes."""

from collections.abc import Callable
from typing import Any, Protocol

import msgspec
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
        """Replace fields of `now`, keep the result, and tell it; nothing happens when nothing differs.

        Raises:
            msgspec.ValidationError: a value is none that the field can have. Nothing has changed.
            TypeError: there is no such field.
            ExceptionGroup: what observers raised, once all of them have been told.
        """
        before = self._now
        # A Struct checks its fields only when it is read.
        now = msgspec.json.decode(msgspec.json.encode(replace(before, **fields)), type=Settings)
        if now == before:
            return
        self._now = now
        self._keeper.write(now)
        failures: list[Exception] = []
        for observer in tuple(self._observers):
            try:
                observer(before, now)
            except Exception as failure:  # noqa: BLE001 - the others are told all the same
                failures.append(failure)
        if failures:
            raise ExceptionGroup("observers of the settings failed", failures)

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Tell `observer` every change from now on. The answer ends it."""
        self._observers.append(observer)

        def end() -> None:
            if observer in self._observers:
                self._observers.remove(observer)

        return end
