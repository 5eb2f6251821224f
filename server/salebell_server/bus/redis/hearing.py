"""What tells that Pub/Sub has lost something: a store's change counter, as it was heard and as it is. Pure.

Each message has the counter after it, and each change is one message (`log/redis/wire`): so they count on without a
gap. A gap is seen with the next message. That nothing came at all is seen by reading the counter every now and then.
What was published may still be on its way when the counter is read: it is due by the next reading, not before.
"""

import msgspec


class Mark(msgspec.Struct, frozen=True, gc=False):
    """How far a store has come: its epoch, and how many changes were published under it."""

    epoch: str
    change: int


UNBEGUN = Mark("", 0)
"""A store that has not begun: nothing of it was ever published."""


class Hearing:
    """What was heard of one store over one connection.

    Attributes:
        heard: up to where the subscribers know of everything; None before `begin`. Read-only.
    """

    __slots__ = ("_due", "_early", "heard")

    def __init__(self) -> None:
        self.heard: Mark | None = None
        self._due: Mark | None = None
        self._early = False

    def begin(self, read: Mark) -> None:
        """The store is subscribed since before `read` was read; now the subscribers read its log, and know up to here.

        Messages up to `read` may still come: they were on their way while it was read.
        """
        heard = self.heard
        if heard is None or heard.epoch != read.epoch or heard.change < read.change:
            self._adopt(read)

    def hear(self, mark: Mark) -> bool:
        """A message came in; whether one before it may be lost."""
        known, early = self.heard, self._early
        if known is not None and early and mark.epoch == known.epoch and mark.change <= known.change:
            return False
        self.heard, self._early = mark, False
        return not (known is None or (known.epoch in (mark.epoch, "") and mark.change == known.change + 1))

    def compare(self, before: Mark | None, read: Mark) -> bool:
        """The counter was read again, as it is every few seconds; whether something may be lost. Told once.

        Args:
            before: what `heard` was before reading began.
            read: what Redis says.
        """
        heard, due = self.heard, self._due
        if heard is None or before is None:
            return False
        if heard == UNBEGUN and read.change == 0:
            self._adopt(read)  # it has begun, and nothing was published
            return False
        set_back = read.epoch == before.epoch and read.change < before.change
        lacking = due is not None and (heard.epoch != due.epoch or heard.change < due.change)
        if set_back or lacking:
            self._adopt(read)
            return True
        if due is not None:
            self._early = False
        self._due = read
        return False

    def _adopt(self, read: Mark) -> None:
        self.heard, self._early, self._due = read, True, None
