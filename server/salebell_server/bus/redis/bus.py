"""The bus between servers: what is published in Redis, and whether it can be heard."""

import asyncio
import random
from collections.abc import Callable
from enum import Enum, auto

import structlog

from salebell_server.bus import LinkWatcher, Subscriber
from salebell_server.bus.redis.link import Link
from salebell_server.bus.redis.session import Session
from salebell_server.bus.redis.silence import Silence
from salebell_server.bus.redis.subscription import Seat, Subscription
from salebell_server.bus.redis.together import together
from salebell_server.log import LogUnavailable
from salebell_server.log.address import RedisAddress
from salebell_server.log.redis.client import connect
from salebell_server.log.redis.errors import Cause
from salebell_server.log.redis.lane import Lane
from salebell_server.log.redis.wire import channel
from salebell_server.logs import traceback_of

SILENCE_SECONDS = 2.0
COMPARE_SECONDS = 5.0
CONFIRM_SECONDS = 1.0
"""How long a subscription may take."""

FIRST_DELAY_SECONDS = 0.05
LONGEST_DELAY_SECONDS = 1.0
COMPLAINT_SECONDS = 60.0
"""Between two lines of the log about messages that are not ours."""

_logger = structlog.get_logger(__name__)


def beat_channel(db: int, instance: str) -> str:
    """Where an instance hears itself. No store's channel looks like it: those have their store in braces."""
    return f"salebell:{db}:beat:{instance}"


class _State(Enum):
    """What the watcher was told last."""

    UNKNOWN = auto()
    UP = auto()
    DOWN = auto()


class _Nobody:
    """Watches nothing."""

    def link_up(self) -> None:
        """Hear it."""

    def link_down(self, reason: str) -> None:
        """Hear it."""


class RedisBus:
    """A `Bus` between any number of servers. Works between `start` and `close`, on one event loop.

    Pub/Sub loses what is published while a connection is away, or slow, and says nothing. So after each loss of the
    connection, and whenever a store's change counter shows that not everything came, the store's subscribers are told
    `missed`.

    One connection listens, another one publishes beats and reads counters. A connection that was lost is dialled again
    at once; one on which nothing comes for three quarters of `silence` is given up, so that a new one may be there
    before the link counts as down.

    Args:
        address: of the Redis that has the log.
        instance: a name that no other process has.
        monotonic: seconds, never backwards.
        jitter: random numbers from 0 to 1.
        silence: seconds without a sign of life until the link is down. Beats come four times as often.
        compare: seconds between two readings of a store's change counter. What was lost is found at the second one.

    Attributes:
        watcher: hears whether the link is up; to be set before `start`.
        ignored: how many messages came that were not ours.
    """

    def __init__(
        self,
        address: RedisAddress,
        instance: str,
        monotonic: Callable[[], float],
        *,
        jitter: Callable[[], float] = random.random,
        silence: float = SILENCE_SECONDS,
        compare: float = COMPARE_SECONDS,
    ) -> None:
        self.watcher: LinkWatcher = _Nobody()
        self.ignored = 0
        self._address = address
        self._beat = beat_channel(address.db, instance).encode()
        self._monotonic = monotonic
        self._jitter = jitter
        self._silence_seconds = silence
        self._compare_seconds = compare
        self._silence = Silence(silence, monotonic)
        self._commands = Lane(connect(address, connections=1))
        self._subscriptions: dict[bytes, Subscription] = {}
        self._session: Session | None = None
        self._delay = 0.0
        self._state = _State.UNKNOWN
        self._reason = "Redis has not been reached yet"
        self._complain_at = monotonic()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to connect. Whether that succeeds, the watcher hears."""
        self._task = asyncio.create_task(together(self._stay_connected(), self._tell_silence()))

    async def close(self) -> None:
        """End it. When it returns, nothing runs and nothing is connected."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._commands.close()

    # Of the subscribers.

    async def subscribe(self, store: str, subscriber: Subscriber) -> None:
        """See `Bus.subscribe`. Returns, too, when it is unsubscribed meanwhile."""
        if self._state is _State.DOWN:
            raise LogUnavailable(self._reason)
        name = self._channel(store)
        subscription = self._subscriptions.get(name)
        if subscription is None:
            subscription = self._subscriptions[name] = Subscription(store, name)
            if self._session is not None:
                self._session.subscribe(subscription)
        seat = subscription.add(subscriber)
        try:
            async with asyncio.timeout(CONFIRM_SECONDS):
                await seat.taken
        except TimeoutError:
            self._give_up(subscription, seat)
            raise LogUnavailable(self._reason) from None
        except asyncio.CancelledError:
            self._give_up(subscription, seat)
            raise

    async def unsubscribe(self, store: str, subscriber: Subscriber) -> None:
        """See `Bus.unsubscribe`."""
        subscription = self._subscriptions.get(self._channel(store))
        if subscription is not None:
            subscription.remove(subscriber)
            self._forget_unwanted(subscription)

    def _give_up(self, subscription: Subscription, seat: Seat) -> None:
        subscription.give_up(seat)
        self._forget_unwanted(subscription)

    def _forget_unwanted(self, subscription: Subscription) -> None:
        if not subscription.wanted and self._subscriptions.get(subscription.channel) is subscription:
            del self._subscriptions[subscription.channel]
            if self._session is not None:
                self._session.unsubscribe(subscription)

    def _channel(self, store: str) -> bytes:
        return channel(self._address.db, store).encode()

    # Of the session.

    def alive(self) -> None:
        """See `Watch.alive`."""
        self._silence.broken()

    def complete(self) -> None:
        """See `Watch.complete`."""
        self._delay = 0.0
        self._reason = Cause.SILENT.value
        if self._state is not _State.UP:
            self._state = _State.UP
            _logger.info("bus_connected", address=str(self._address))
            self.watcher.link_up()

    def failed(self, reason: str) -> None:
        """See `Watch.failed`."""
        self._reason = reason

    def strange(self, channel: bytes) -> None:
        """See `Watch.strange`."""
        self.ignored += 1
        if self._monotonic() >= self._complain_at:
            self._complain_at = self._monotonic() + COMPLAINT_SECONDS
            _logger.warning("foreign_messages_ignored", channel=channel.decode("utf-8", "replace"), count=self.ignored)

    def lost(self, store: str) -> None:
        """See `Watch.lost`."""
        _logger.warning("messages_lost", store=store)

    # Being connected.

    async def _stay_connected(self) -> None:
        while True:
            try:
                await self._connect_once()
            except LogUnavailable as lost:
                self._reason = str(lost)
                if self._delay == 0.0:  # it was complete, or this is the first try
                    _logger.info("bus_disconnected", address=str(self._address), reason=self._reason)
            except Exception as failed:  # noqa: BLE001 - a fault of ours must not leave this server deaf
                self._reason = "the bus has failed"
                _report(failed)
            await asyncio.sleep(self._next_delay())

    async def _connect_once(self) -> None:
        """Dial, and listen until that ends."""
        link = await Link.dial(self._address)
        self._session = Session(
            link,
            commands=self._commands,
            subscriptions=self._subscriptions,
            beat=self._beat,
            beat_seconds=self._silence_seconds / 4,
            silence=Silence(self._silence_seconds * 3 / 4, self._monotonic),
            compare_seconds=self._compare_seconds,
            watch=self,
        )
        try:
            await self._session.run()
        finally:
            self._session = None
            for subscription in self._subscriptions.values():
                subscription.lost()
            await link.close()

    def _next_delay(self) -> float:
        """None after a connection that was complete; else the longer, the more often it has failed since."""
        delay, self._delay = self._delay, min(max(2 * self._delay, FIRST_DELAY_SECONDS), LONGEST_DELAY_SECONDS)
        return delay and FIRST_DELAY_SECONDS + (delay - FIRST_DELAY_SECONDS) * self._jitter()

    async def _tell_silence(self) -> None:
        while True:
            await self._silence.reached()
            if self._state is not _State.DOWN:
                self._state = _State.DOWN
                _logger.warning("bus_down", address=str(self._address), reason=self._reason)
                self.watcher.link_down(self._reason)


def _report(error: Exception) -> None:
    _logger.error("bus_failed", traceback=traceback_of(error))
