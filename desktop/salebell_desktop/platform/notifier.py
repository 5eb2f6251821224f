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


class Labels(msgspec.Struct, frozen=True, kw_only=True):
    """What the buttons of a note say."""

    open: str
    all_seen: str


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What to show. All texts are plain: whoever shows them escapes them where markup would be understood.

    Attributes:
        store: where a click leads; "" when it is about no store, or several.
        sale: the id of the sale that a click leads to; "" when it is about no sale, or several. A later note of the
            same sale takes the place of this one.
        offers_seen: it has a button that says of all sales that they were looked at, beside the one that opens it.
        labels: what its buttons say; None: it has none.
    """

    title: str
    body: str = ""
    store: str = ""
    sale: str = ""
    offers_seen: bool = False
    labels: Labels | None = None


Clicked = Callable[[Note], None]
AllSeen = Callable[[], None]


class Notifier(ABC):
    """One way to show notifications."""

    def __init__(self) -> None:
        self._clicked: Clicked = _nobody
        self._all_seen: AllSeen = _nothing

    def answer_to(self, clicked: Clicked, all_seen: AllSeen) -> None:
        """Say what the user does with notes.

        Args:
            clicked: told the note that was clicked, or whose *open* was.
            all_seen: the user has looked at everything.
        """
        self._clicked = clicked
        self._all_seen = all_seen

    @abstractmethod
    async def show(self, note: Note) -> bool:
        """Show `note`. False, and never an exception, when it could not be shown this way."""

    @abstractmethod
    async def clear(self, store: str | None = None) -> None:
        """Take back what is still shown, as far as this way can. Raises nothing.

        Args:
            store: only the notes of that one; None: all.
        """

    def close(self) -> None:
        """Let go of whatever it holds; the application ends."""
        return


class NullNotifier(Notifier):
    """Shows nothing, and is content."""

    async def show(self, note: Note) -> bool:
        """Do nothing, successfully."""
        return True

    async def clear(self, store: str | None = None) -> None:
        """Nothing was shown."""


class FirstThatWorks(Notifier):
    """The first of several ways that can show a note.

    Args:
        candidates: the best first; the last should be one that always works.
        clock: seconds of a clock that only goes forward.
    """

    def __init__(self, candidates: Sequence[Notifier], clock: Callable[[], float]) -> None:
        super().__init__()
        self._candidates = tuple(candidates)
        self._clock = clock
        self._failed_at: dict[Notifier, float] = {}

    def answer_to(self, clicked: Clicked, all_seen: AllSeen) -> None:
        """Have all of them say what the user does."""
        for candidate in self._candidates:
            candidate.answer_to(clicked, all_seen)

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

    async def clear(self, store: str | None = None) -> None:
        """Take back what any of them shows."""
        for candidate in self._candidates:
            await candidate.clear(store)

    def close(self) -> None:
        """Close all of them."""
        for candidate in self._candidates:
            candidate.close()


def _nobody(note: Note) -> None:
    """Whoever shows notes has not asked for what the user does with them."""
    del note


def _nothing() -> None:
    """Likewise."""
