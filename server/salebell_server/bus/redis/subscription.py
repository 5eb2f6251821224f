"""A store that somebody listens to, and how its messages reach those who do."""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from salebell_server.bus import Subscriber
from salebell_server.bus.redis.hearing import Hearing, Mark
from salebell_server.log import Entry
from salebell_server.log.redis.wire import Looked, Published, Recount
from salebell_server.logs import traceback_of

Message = Published | Looked | Recount

_logger = structlog.get_logger(__name__)


class Seat:
    """One subscriber of a store.

    Attributes:
        taken: done once the subscription is confirmed, or was ended.
    """

    __slots__ = ("subscriber", "taken")

    def __init__(self, subscriber: Subscriber) -> None:
        self.subscriber = subscriber
        self.taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Subscription:
    """The subscribers of one store.

    One that raises keeps nobody else from anything: that is logged.

    Attributes:
        channel: where the store is published.
        ready: whether the present connection is subscribed, and the counter known from which on nothing may be lost.
    """

    __slots__ = ("_hearing", "_seats", "channel", "ready", "store")

    def __init__(self, store: str, channel: bytes) -> None:
        self.store = store
        self.channel = channel
        self.ready = False
        self._hearing = Hearing()
        self._seats: list[Seat] = []

    @property
    def wanted(self) -> bool:
        """Whether anybody listens."""
        return bool(self._seats)

    @property
    def heard(self) -> Mark | None:
        """How far the store was heard."""
        return self._hearing.heard

    def add(self, subscriber: Subscriber) -> Seat:
        """Let somebody listen."""
        seat = Seat(subscriber)
        if self.ready:
            seat.taken.set_result(None)
        self._seats.append(seat)
        return seat

    def remove(self, subscriber: Subscriber) -> None:
        """Let somebody go, who may still be waiting to be confirmed. Harmless when there is nobody like that."""
        for seat in self._seats:
            if seat.subscriber is subscriber:
                self._seats.remove(seat)
                if not seat.taken.done():
                    seat.taken.set_result(None)
                return

    def give_up(self, seat: Seat) -> None:
        """Let somebody go who was not confirmed in time. Harmless when that has happened."""
        if seat in self._seats:
            self._seats.remove(seat)

    def lost(self) -> None:
        """The connection is lost, and what comes until the next one is not heard."""
        self.ready = False
        self._hearing = Hearing()

    def begin(self, read: Mark) -> None:
        """The connection is subscribed, and then the counter was read: whoever listened before has missed something."""
        self._hearing.begin(read)
        self.ready = True
        for seat in tuple(self._seats):
            if seat.taken.done():
                self._tell(seat, lambda subscriber: subscriber.missed(self.store))
            else:
                seat.taken.set_result(None)

    def compare(self, before: Mark | None, read: Mark) -> bool:
        """Tell if something was lost, as the counter has it; see `Hearing.compare`."""
        lost = self._hearing.compare(before, read)
        if lost:
            self._tell_all(lambda subscriber: subscriber.missed(self.store))
        return lost

    def bring(self, messages: Sequence[Message]) -> bool:
        """Tell what came in together, in order; whether something before or between it may be lost, which is told.

        Events that follow each other directly are told as one publication.
        """
        lost = False
        run: list[Published] = []
        for message in messages:
            gap = self._hearing.hear(Mark(message.epoch, message.change))
            if run and (gap or not isinstance(message, Published) or not _follows(run[-1], message)):
                self._publish(run)
                run = []
            if gap:
                lost = True
                self._tell_all(lambda subscriber: subscriber.missed(self.store))
            if isinstance(message, Published):
                run.append(message)
            else:
                self._bring_other(message)
        if run:
            self._publish(run)
        return lost

    def _publish(self, run: Sequence[Published]) -> None:
        epoch = run[0].epoch
        entries: tuple[Entry, ...] = tuple(message.entry for message in run)
        self._tell_all(lambda subscriber: subscriber.published(self.store, epoch, entries))

    def _bring_other(self, message: Looked | Recount) -> None:
        if isinstance(message, Looked):
            self._tell_all(lambda subscriber: subscriber.counted(self.store, message.admin, message.counted))
        else:
            self._tell_all(lambda subscriber: subscriber.recount(self.store))

    def _tell_all(self, tell: Callable[[Subscriber], None]) -> None:
        for seat in tuple(self._seats):
            self._tell(seat, tell)

    def _tell(self, seat: Seat, tell: Callable[[Subscriber], None]) -> None:
        try:
            tell(seat.subscriber)
        except Exception as error:  # noqa: BLE001 - a fault of the subscriber's is no fault of the connection's
            _report(self.store, error)


def _report(store: str, error: Exception) -> None:
    _logger.error("subscriber_failed", store=store, traceback=traceback_of(error))


def _follows(before: Published, after: Published) -> bool:
    return (
        after.epoch == before.epoch
        and after.entry.offset == before.entry.offset + 1
        and after.entry.previous == before.entry.event_id
    )
