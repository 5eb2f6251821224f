"""Notifications on a stage: what was shown and heard, with a clock that tests turn."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from salebell_desktop.platform.notifier import Labels, Note, Notifier
from salebell_desktop.platform.sound import SoundPlayer
from salebell_desktop.settings import Quiet, SettingsStore
from salebell_desktop.store import Desk
from salebell_desktop.ui.notifications.heard import SOUNDS
from salebell_desktop.ui.notifications.ringing import Notifications
from salebell_desktop.ui.words import Words
from tests.desktop.ui.stage import Shop, Times

NB = "\u00a0"
LABELS = Labels(open="Open", all_seen="Mark all seen")
HOUR = 3600.0


class Screen(Notifier):
    """Shows notes to a test; while `answers` is unset, a note is on its way."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[Note] = []
        self.cleared: list[str | None] = []
        self.answers = asyncio.Event()
        self.answers.set()

    async def show(self, note: Note) -> bool:
        self.notes.append(note)
        await self.answers.wait()
        return True

    async def clear(self, store: str | None = None) -> None:
        self.cleared.append(store)

    def click(self, note: Note) -> None:
        self._clicked(note)

    def press_all_seen(self) -> None:
        self._all_seen()


class Loudspeaker(SoundPlayer):
    """Notes what would be heard."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, int]] = []
        self.closed = False

    def play(self, sound: Path, volume: int) -> None:
        assert sound.parent == SOUNDS
        self.heard.append((sound.stem, volume))

    def close(self) -> None:
        self.closed = True


class Stage:
    """Notifications of a desk, with what is waiting to be shown."""

    def __init__(self, desk: Desk, shop: Shop, words: Words, times: Times) -> None:
        self.screen = Screen()
        self.loudspeaker = Loudspeaker()
        self.settings = SettingsStore()
        self.times = times
        self.shop = shop
        self.looking_at: str | None = None
        self.notifications = Notifications(
            desk, self.screen, self.loudspeaker, self.settings, words, lambda: self.looking_at, times.clock
        )
        self.opened: list[tuple[str, str]] = []
        self.notifications.open_wanted.connect(self._open)

    def unsettled(self) -> bool:
        """Whether the position on disk would still be before an announcement."""
        return self.shop.store.settled != self.shop.store.resume

    def _open(self, store: str, sold: str) -> None:
        self.opened.append((store, sold))

    def titles(self) -> list[str]:
        return [note.title for note in self.screen.notes]

    def be_quiet(self, seconds: float) -> None:
        """Nothing is to disturb for so long."""
        self.settings.change(quiet=Quiet(until=self.times.unix + seconds))

    async def pass_time(self, seconds: float) -> None:
        """Time goes on, and the timers notice."""
        self.times.go_on(seconds)
        self.notifications.tell_due()
        self.notifications.reconsider()
        for _ in range(20):
            await asyncio.sleep(0)


def shown(title: str, body: str = "", sold: str = "") -> Note:
    """A note of the store."""
    return Note(title=title, body=body, store="main", sale=sold, offers_seen=True, labels=LABELS)


@pytest.fixture
async def stage(desk: Desk, shop: Shop, words: Words, times: Times) -> AsyncIterator[Stage]:
    made = Stage(desk, shop, words, times)
    yield made
    made.notifications.close()
