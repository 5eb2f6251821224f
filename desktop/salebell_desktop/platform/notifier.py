"""Notifications of the system: what they are, and a choice of ways to show them.

Notifier                  the interface; `NullNotifier` always works and shows nothing
FirstThatWorks            tries several in order
system_notifier           Windows, macOS and Linux, through desktop-notifier
tray_notifier             the tray icon's own balloon
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import msgspec

RETRY_SECONDS = 60.0
"""A way that failed is not tried again before this: without a notification service each try costs a time-out."""


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What to show. Both texts are plain: whoever shows them escapes them where markup would be understood.

    Attributes:
        store: where a click leads.
    """

    title: str
    body: str = ""
    store: str = ""


Clicked = Callable[[Note], None]


class Notifier(ABC):
    """One way to show notifications.

    Args:
        clicked: told the note that the user clicked.
    """

    def __init__(self, clicked: Clicked) -> None:
        self.clicked = clicked

    @abstractmethod
    async def show(self, note: Note) -> bool:
        """Show `note`. False, and never an exception, when it could not be shown this way."""

    @abstractmethod
    async def clear(self) -> None:
        """Take back what is still shown, as far as this way can. Raises nothing."""

    def close(self) -> None:
        """Let go of whatever it holds; the application ends."""
        return


class NullNotifier(Notifier):
    """Shows nothing, and is content."""

    async def show(self, note: Note) -> bool:
        """Do nothing, successfully."""
        return True

    async def clear(self) -> None:
        """Nothing was shown."""


class FirstThatWorks(Notifier):
    """The first of several ways that can show a note.

    Args:
        candidates: the best first; the last should be one that always works.
        clock: seconds of a clock that only goes forward.
    """

    def __init__(self, candidates: Sequence[Notifier], clock: Callable[[], float], clicked: Clicked) -> None:
        super().__init__(clicked)
        self._candidates = tuple(candidates)
        self._clock = clock
        self._failed_at: dict[Notifier, float] = {}

    async def show(self, note: Note) -> bool:
        """Show it by the first way that can, those aside that failed a moment ago."""
        for candidate in self._candidates:
            failed_at = self._failed_at.get(candidate)
            if failed_at is not None and self._clock() - failed_at < RETRY_SECONDS:
                continue
            if await candidate.show(note):
                self._failed_at.pop(candidate, None)
                return True
            self._failed_at[candidate] = self._clock()
        return False

    async def clear(self) -> None:
        """Take back what any of them shows."""
        for candidate in self._candidates:
            await candidate.clear()

    def close(self) -> None:
        """Close all of them."""
        for candidate in self._candidates:
            candidate.close()
