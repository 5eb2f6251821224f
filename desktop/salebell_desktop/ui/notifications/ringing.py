"""Rings for sales: takes announcements from the desk, shows them, and tells the desk that they were shown."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from salebell_desktop.platform.notifier import Note, Notifier
from salebell_desktop.store import AccountChanged, Announcement, BadgeChanged, Change, Desk
from salebell_desktop.ui.notifications.bursts import Bursts, Ring
from salebell_desktop.ui.tasks import Tasks
from salebell_desktop.ui.words import Words


class Notifications(QObject):
    """Shows what `Bursts` decides.

    A sale of a store that the admin is looking at rings not: its row lights up before their eyes. Nor does one that
    they looked at elsewhere before it came here.

    Args:
        desk: where announcements come from.
        notifier: how they are shown.
        words: in which words.
        looking_at: the store that the admin is looking at, or None.
        clock: seconds of a clock that only goes forward.
    """

    def __init__(
        self,
        desk: Desk,
        notifier: Notifier,
        words: Words,
        looking_at: Callable[[], str | None],
        clock: Callable[[], float],
    ) -> None:
        super().__init__()
        self._desk = desk
        self._notifier = notifier
        self._words = words
        self._looking_at = looking_at
        self._clock = clock
        self._bursts = Bursts()
        self._tasks = Tasks()
        self._uncleared = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.tell_due)
        self._ends = (desk.announce_to(self._announced), desk.observe(self._changed))

    def close(self) -> None:
        """Ring no more."""
        for end in self._ends:
            end()
        self._timer.stop()
        self._tasks.cancel()
        self._notifier.close()

    def note(self, ring: Ring) -> Note:
        """`ring` in words."""
        words = self._words
        stores = {announcement.store for announcement in ring.announcements}
        store = stores.pop() if len(stores) == 1 else ""
        if len(ring.sales) == 1:
            sale = ring.sales[0]
            body = words.sale_body(sale)
            if ring.paid:
                body = " · ".join(part for part in (self.tr("Payment confirmed"), body) if part)
            return Note(title=words.sale_title(sale), body=body, store=store)
        if ring.missed:
            return Note(title=self.tr("While you were away"), body=words.burst_title(ring.sales), store=store)
        return Note(title=words.burst_title(ring.sales), store=store)

    def tell_due(self) -> None:
        """Show what is due by now."""
        for ring in self._bursts.take(self._clock()):
            self._uncleared = True
            self._tasks.start(self._show(ring))
        self._wait()

    def _announced(self, announcement: Announcement) -> None:
        # An unseen sale makes its store's badge 1 at least, before it is announced.
        if announcement.store == self._looking_at() or self._desk.store(announcement.store).badge == 0:
            self._desk.shown([announcement])
            return
        self._bursts.add(announcement, self._clock())
        if not self._timer.isActive():
            self._wait()

    def _changed(self, change: Change) -> None:
        signed_out = isinstance(change, AccountChanged) and self._desk.account is None
        looked_at = isinstance(change, BadgeChanged) and self._desk.badge == 0
        if signed_out or looked_at:
            self._clear()

    def _clear(self) -> None:
        """Looked at, here or on another device, or signed out: what waits or still hangs on the screen is old news."""
        self._desk.shown(self._bursts.drop())
        if self._uncleared:
            self._uncleared = False
            self._tasks.start(self._notifier.clear())

    def _wait(self) -> None:
        due = self._bursts.due()
        if due is not None:
            self._timer.start(max(0, round((due - self._clock()) * 1000) + 1))

    async def _show(self, ring: Ring) -> None:
        await self._notifier.show(self.note(ring))
        self._desk.shown(ring.announcements)
