"""The life of one connection: what is asked on it, what comes on it, and whether it lives."""

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from itertools import groupby, islice
from operator import itemgetter
from typing import Protocol

from salebell_server.bus.redis.counters import Counters
from salebell_server.bus.redis.link import Link
from salebell_server.bus.redis.silence import Silence
from salebell_server.bus.redis.subscription import Message, Subscription
from salebell_server.bus.redis.together import together
from salebell_server.log import LogUnavailable
from salebell_server.log.redis.errors import Cause, RedisUnavailable
from salebell_server.log.redis.lane import Lane
from salebell_server.log.redis.wire import Foreign, parse

CHUNK = 500
"""Channels in one command, and counters read at once."""

RETRY_SECONDS = 0.1
"""Until counters that could not be read are read again."""

SUBSCRIBE, UNSUBSCRIBE = "SUBSCRIBE", "UNSUBSCRIBE"


class Watch(Protocol):
    """What hears of a session."""

    def alive(self) -> None:
        """A message or a beat came."""
        ...

    def complete(self) -> None:
        """All that is wanted is subscribed, and beats come back. Told again and again."""
        ...

    def failed(self, reason: str) -> None:
        """Something failed that the session outlives."""
        ...

    def strange(self, channel: bytes) -> None:
        """A message came that is not ours, or from a channel that was not asked for."""
        ...

    def lost(self, store: str) -> None:
        """Messages of a store were lost; its subscribers know."""
        ...


class Session:
    """One connection, subscribed to a beat and to whatever is wanted.

    Everything runs inside `run`; the other methods are for the event loop, at any time.

    Args:
        link: just dialled; closed by the caller.
        commands: an ordinary connection beside it.
        subscriptions: all that are wanted, by channel; the caller keeps it up to date.
        beat: the channel of the beats.
        beat_seconds: between two of them.
        silence: how long the link may say nothing.
        compare_seconds: between two readings of a store's counter.
        watch: told of what happens.
    """

    def __init__(
        self,
        link: Link,
        *,
        commands: Lane,
        subscriptions: Mapping[bytes, Subscription],
        beat: bytes,
        beat_seconds: float,
        silence: Silence,
        compare_seconds: float,
        watch: Watch,
    ) -> None:
        self._link = link
        self._commands = commands
        self._counters = Counters(commands)
        self._subscriptions = subscriptions
        self._beat = beat
        self._beat_seconds = beat_seconds
        self._silence = silence
        self._compare_seconds = compare_seconds
        self._watch = watch
        self._asked: list[tuple[str, bytes]] = []
        self._something_asked = asyncio.Event()
        self._unanswered: Counter[bytes] = Counter()
        self._unready: set[Subscription] = set(subscriptions.values())
        self._confirmed: deque[Subscription] = deque()
        self._something_confirmed = asyncio.Event()
        self._beat_confirmed = asyncio.Event()
        self._beat_failure: LogUnavailable | None = None
        self._beaten = False
        self._came: dict[Subscription, list[Message]] = {}
        self._ask(SUBSCRIBE, beat, *subscriptions)

    def subscribe(self, subscription: Subscription) -> None:
        """Something more is wanted. What is asked for in one turn of the event loop travels together."""
        self._unready.add(subscription)
        self._ask(SUBSCRIBE, subscription.channel)

    def unsubscribe(self, subscription: Subscription) -> None:
        """Something is wanted no more."""
        self._unready.discard(subscription)
        self._ask(UNSUBSCRIBE, subscription.channel)

    async def run(self) -> None:
        """Listen until the link is lost, or says nothing for too long.

        Raises:
            LogUnavailable: that has happened; why.
        """
        await together(
            self._receive(),
            self._send_asked(),
            self._begin_confirmed(),
            self._send_beats(),
            self._compare(),
            self._mind_silence(),
        )

    # What is asked.

    def _ask(self, verb: str, *channels: bytes) -> None:
        self._asked += ((verb, channel) for channel in channels)
        self._unanswered.update(channels)
        self._something_asked.set()

    async def _send_asked(self) -> None:
        while True:
            await self._something_asked.wait()
            self._something_asked.clear()
            asked, self._asked = self._asked, []
            for verb, group in groupby(asked, itemgetter(0)):
                channels = (channel for _, channel in group)
                while chunk := tuple(islice(channels, CHUNK)):
                    await self._link.send(verb, *chunk)

    # What comes.

    async def _receive(self) -> None:
        while True:
            said = await self._link.receive()
            self._silence.broken()
            match said:
                case [b"message", bytes(channel), bytes(content)]:
                    self._take(channel, content)
                case [b"subscribe" | b"unsubscribe", bytes(channel), _]:
                    self._take_answer(channel)
                case _:
                    raise RedisUnavailable(Cause.PROTOCOL)

    def _take(self, channel: bytes, content: bytes) -> None:
        if channel == self._beat:
            self._beaten = True
            self._watch.alive()
            self._report_complete()
            return
        if self._unanswered[channel]:
            return  # nobody listens to it any more, or not yet
        subscription = self._subscriptions.get(channel)
        if subscription is None:
            self._watch.strange(channel)
            return
        try:
            message = parse(content)
        except Foreign:
            self._watch.strange(channel)
            return
        if not self._came:
            # Whatever came in one read is received in one turn of the event loop.
            asyncio.get_running_loop().call_soon(self._bring)
        self._came.setdefault(subscription, []).append(message)
        self._watch.alive()

    def _bring(self) -> None:
        came, self._came = self._came, {}
        for subscription, messages in came.items():
            if subscription.bring(messages):
                self._watch.lost(subscription.store)

    def _take_answer(self, channel: bytes) -> None:
        """Each SUBSCRIBE and UNSUBSCRIBE of a channel is answered, in order: the last answer is to what is wanted."""
        self._unanswered[channel] -= 1
        if self._unanswered[channel] > 0:
            return
        del self._unanswered[channel]
        if channel == self._beat:
            self._beat_confirmed.set()
        elif (subscription := self._subscriptions.get(channel)) is not None:
            self._confirmed.append(subscription)
            self._something_confirmed.set()

    def _report_complete(self) -> None:
        if self._beaten and not self._unready:
            self._watch.complete()

    # What the counters say.

    async def _begin_confirmed(self) -> None:
        """Read the counters of what was confirmed, from which on nothing may be lost."""
        while True:
            await self._something_confirmed.wait()
            self._something_confirmed.clear()
            while self._confirmed:
                await self._begin(tuple(islice(self._confirmed, CHUNK)))

    async def _begin(self, subscriptions: tuple[Subscription, ...]) -> None:
        try:
            marks = await self._counters.read(subscription.store for subscription in subscriptions)
        except LogUnavailable as error:
            self._watch.failed(str(error))
            await asyncio.sleep(RETRY_SECONDS)
            return
        for subscription, mark in zip(subscriptions, marks, strict=True):
            self._confirmed.popleft()
            if subscription in self._unready:  # it may be wanted no more
                self._unready.discard(subscription)
                subscription.begin(mark)
        self._report_complete()

    async def _compare(self) -> None:
        """Read every store's counter once in a while, in chunks that are spread over the time."""
        while True:
            ready = [subscription for subscription in self._subscriptions.values() if subscription.ready]
            chunks = [ready[start : start + CHUNK] for start in range(0, len(ready), CHUNK)] or [[]]
            for chunk in chunks:
                await asyncio.sleep(self._compare_seconds / len(chunks))
                await self._compare_chunk(chunk)

    async def _compare_chunk(self, subscriptions: Iterable[Subscription]) -> None:
        before = [(subscription, subscription.heard) for subscription in subscriptions]
        try:
            marks = await self._counters.read(subscription.store for subscription, _ in before)
        except LogUnavailable as error:
            self._watch.failed(str(error))
            return
        for (subscription, heard), mark in zip(before, marks, strict=True):
            if subscription.compare(heard, mark):
                self._watch.lost(subscription.store)

    # Whether it lives.

    async def _send_beats(self) -> None:
        await self._beat_confirmed.wait()
        while True:
            try:
                await self._commands.command("PUBLISH", self._beat, b"")
            except LogUnavailable as error:
                self._beat_failure = error
            else:
                self._beat_failure = None
            await asyncio.sleep(self._beat_seconds)

    async def _mind_silence(self) -> None:
        await self._silence.reached()
        raise self._beat_failure or RedisUnavailable(Cause.SILENT, "nothing that is published comes back")
