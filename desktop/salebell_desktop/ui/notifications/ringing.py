"""Rings for sales: takes announcements from the desk, shows them, and tells the desk that they were shown."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from PySide6.QtCore import QObject, QTimer, Signal

from salebell_desktop.platform.notifier import Note, Notifier
from salebell_desktop.platform.sound import SoundPlayer
from salebell_desktop.settings import Settings, SettingsStore, Sound
from salebell_desktop.store import AccountChanged, Announcement, BadgeChanged, Change, Desk, StoreClosed
from salebell_desktop.ui.clock import Clock
from salebell_desktop.ui.notifications.bursts import Bursts, Ring
from salebell_desktop.ui.notifications.heard import file_of, sample_sound, sound_of
from salebell_desktop.ui.notifications.held import Held
from salebell_desktop.ui.notifications.notes import Notes
from salebell_desktop.ui.notifications.quiet import quiet_until
from salebell_desktop.ui.tasks import Tasks
from salebell_desktop.ui.words import Words

CHECK_SECONDS = 60.0
"""While something is held back, the end of the quiet is looked for so often: a clock that is set fires no timer."""


class Notifications(QObject):
    """Shows what `Bursts` decides, and sounds once for what is shown together.

    These do not ring, and are only counted by the badge: a sale of a store that the admin is looking at, whose row
    lights up before their eyes; one that they looked at elsewhere before it came here; one below the minimum amount,
    unless it is of another currency; and all of them when the user wants no notifications.

    While the user is not to be disturbed, announcements are held back (`Held` says what a crash can do to them). At the
    end of the quiet one digest tells what nobody has looked at yet.

    Args:
        desk: where announcements come from.
        notifier: how they are shown.
        sounds: how they are heard.
        settings: what the user wants; they hold from the next sale on, those for the quiet at once.
        words: in which words.
        looking_at: the store that the admin is looking at, or None.
        clock: the time.
    """

    open_wanted = Signal(str, str)
    """The user wants to see a store, and a sale of it; "" is none in particular."""

    def __init__(
        self,
        desk: Desk,
        notifier: Notifier,
        sounds: SoundPlayer,
        settings: SettingsStore,
        words: Words,
        looking_at: Callable[[], str | None],
        clock: Clock,
    ) -> None:
        super().__init__()
        self._desk = desk
        self._notifier = notifier
        self._sounds = sounds
        self._settings = settings
        self._looking_at = looking_at
        self._clock = clock
        self._notes = Notes(words)
        self._zone = words.format.zone
        self._bursts = Bursts()
        self._held = Held()
        self._hanging: set[str] = set()
        self._tasks = Tasks()
        self._turn = asyncio.Lock()
        self._ring_timer = self._timer(self.tell_due)
        self._quiet_timer = self._timer(self.reconsider)
        notifier.answer_to(self._clicked, desk.mark_all_seen)
        self._ends = (
            desk.announce_to(self._announced),
            desk.observe(self._changed),
            settings.observe(self._set_otherwise),
        )

    def close(self) -> None:
        """Ring no more. What is held back counts as not shown: the next start announces it."""
        for end in self._ends:
            end()
        self._ring_timer.stop()
        self._quiet_timer.stop()
        self._tasks.cancel()
        self._notifier.close()
        self._sounds.close()

    def speak(self, words: Words) -> None:
        """Use other words from now on."""
        self._notes = Notes(words)
        self._zone = words.format.zone

    def test(self) -> None:
        """Ring as for a sale, quiet or not, so that the user sees and hears what that is like. No figure changes."""
        self._sound(sample_sound(self._settings.now))
        self._hanging.add("")
        self._tasks.start(self._show_sample(self._notes.sample()))

    def tell_due(self) -> None:
        """Show what is due by now."""
        if self._quiet_until() is not None:
            self.reconsider()
            return
        self._ring(self._bursts.take(self._clock.steady()))
        self._wait()

    def reconsider(self) -> None:
        """It may be quiet now, or not any more: the time has come, a clock was set, or the user wants it otherwise."""
        until = self._quiet_until()
        if until is not None:
            self._ring_timer.stop()
            self._hold(self._bursts.drop())
        elif self._held:
            badges = {store.name: store.badge for store in self._desk.stores}
            digest = self._held.take(badges)
            self._desk.shown(digest.looked_at)
            self._ring(digest.rings)
        self._watch(until)

    def _announced(self, announcement: Announcement) -> None:
        # An unseen sale makes its store's badge 1 at least, before it is announced.
        looked_at = announcement.store == self._looking_at() or self._desk.store(announcement.store).badge == 0
        if looked_at or not _rings(announcement, self._settings.now):
            self._desk.shown([announcement])
            return
        until = self._quiet_until()
        if until is not None:
            self._hold([announcement])
            if not self._quiet_timer.isActive():
                self._watch(until)
            return
        if self._held:
            self.reconsider()
        self._bursts.add(announcement, self._clock.steady())
        if not self._ring_timer.isActive():
            self._wait()

    def _changed(self, change: Change) -> None:
        match change:
            case BadgeChanged(count=0) | StoreClosed():
                self._forget(change.store)
                if self._desk.badge == 0:
                    self._take_back(None)
                else:
                    self._take_back(change.store)
            case AccountChanged() if self._desk.account is None:
                self._forget(None)
                self._take_back(None)
            case _:
                pass

    def _set_otherwise(self, before: Settings, now: Settings) -> None:
        if before.notify and not now.notify:
            self._forget(None)
        if before.quiet != now.quiet:
            self.reconsider()

    def _forget(self, store: str | None) -> None:
        """Looked at, here or on another device, or not to be told for another reason: what waits is old news."""
        self._desk.shown([*self._bursts.drop(store), *self._held.drop(store)])

    def _take_back(self, store: str | None) -> None:
        """What still hangs on the screen is old news too."""
        hung = bool(self._hanging) if store is None else store in self._hanging
        if hung:
            self._hanging -= self._hanging if store is None else {store}
            self._tasks.start(self._clear(store))

    def _ring(self, rings: Sequence[Ring]) -> None:
        if not rings:
            return
        self._sound(sound_of([sale for ring in rings for sale in ring.sales], self._settings.now))
        for ring in rings:
            note = self._notes.of(ring)
            self._hanging.add(note.store)
            self._tasks.start(self._show(ring, note))

    def _sound(self, sound: Sound) -> None:
        file = file_of(sound)
        if file is not None:
            self._sounds.play(file, self._settings.now.volume)

    def _hold(self, announcements: Iterable[Announcement]) -> None:
        for announcement in announcements:
            self._desk.shown(self._held.hold(announcement))

    def _quiet_until(self) -> float | None:
        return quiet_until(self._settings.now.quiet, self._clock.unix(), self._zone)

    def _watch(self, until: float | None) -> None:
        """Be there when the quiet ends, as long as somebody waits for that."""
        if until is None or not self._held:
            self._quiet_timer.stop()
        else:
            self._quiet_timer.start(_milliseconds(min(until - self._clock.unix(), CHECK_SECONDS)))

    def _wait(self) -> None:
        due = self._bursts.due()
        if due is not None:
            self._ring_timer.start(_milliseconds(due - self._clock.steady()))

    def _clicked(self, note: Note) -> None:
        self.open_wanted.emit(note.store, note.sale)

    def _timer(self, what: Callable[[], None]) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.timeout.connect(what)
        return made

    # One at a time: what is taken back must have been shown before.

    async def _show(self, ring: Ring, note: Note) -> None:
        async with self._turn:
            unseen = {store.name for store in self._desk.stores if store.badge}
            # Whoever looked while another note was on its way has no need of this one.
            if unseen & ring.stores:
                await self._notifier.show(note)
        self._desk.shown(ring.announcements)

    async def _show_sample(self, note: Note) -> None:
        async with self._turn:
            await self._notifier.show(note)

    async def _clear(self, store: str | None) -> None:
        async with self._turn:
            await self._notifier.clear(store)


def _rings(announcement: Announcement, settings: Settings) -> bool:
    """Whether the user wants to hear of it at all."""
    sale, minimum = announcement.event.sale, settings.minimum
    if minimum is None or sale.currency != minimum.currency:
        return settings.notify
    return settings.notify and Decimal(sale.total) >= Decimal(minimum.amount)


def _milliseconds(seconds: float) -> int:
    return max(0, round(seconds * 1000) + 1)
