"""One client's connection: does what its session says, with the hub, the verifier and the log."""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

import structlog
from uvicorn.config import Config
from uvicorn.server import ServerState
from websockets.http11 import Request, Response

from salebell_protocol.messages import AuthError
from salebell_server.auth import Verdict
from salebell_server.gateway.handshake import came_over_tls, client_address, peer_address, refusal
from salebell_server.gateway.services import Services
from salebell_server.gateway.socket import MAX_BUFFER, QUIET_BUFFER, Phase, Socket
from salebell_server.hub.channel import Channel
from salebell_server.hub.frames import message_frame
from salebell_server.hub.hub import TooManySockets
from salebell_server.hub.member import Member, Stage
from salebell_server.log import LogUnavailable
from salebell_server.session.effects import (
    Answer,
    Attach,
    Close,
    Enter,
    Open,
    Postpone,
    Question,
    Reread,
    See,
    Send,
    Verify,
)
from salebell_server.session.inputs import (
    Binary,
    Crowded,
    Deferred,
    Input,
    Judged,
    LogAway,
    LogFailed,
    Opened,
    Overhead,
    Restored,
    SeeFailed,
    Stopped,
    Text,
    Tick,
)
from salebell_server.session.machine import Session

TOO_MANY_SOCKETS = "this account has too many sockets open in this store"

_logger = structlog.get_logger(__name__)


class Connection(Socket):
    """A client of the gateway. `Gateway.protocol` makes the class that uvicorn constructs, with its services."""

    __slots__ = ("_number", "_place", "_pursuit", "_session", "address")

    services: ClassVar[Services]

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.address = ""
        self._number = 0
        self._session = Session(self.now())
        self._place: tuple[Channel, Member] | None = None
        self._pursuit: asyncio.Task[None] | None = None

    # Of the socket.

    def now(self) -> float:
        """See `Socket.now`."""
        return self.services.clock()

    def refuse(self, request: Request) -> Response | None:
        """See `Socket.refuse`."""
        settings, headers, peer = self.services.settings, request.headers, peer_address(self.transport)
        self.address = client_address(peer, headers.get_all("X-Forwarded-For"), settings.trusted_proxies)
        over_tls = came_over_tls(peer, headers.get_all("X-Forwarded-Proto"), settings.trusted_proxies)
        refused = refusal(request, settings.allowed_origins, over_tls=over_tls)
        if refused is None:
            return None
        status, text = refused
        _logger.info("socket_refused", address=self.address, status=int(status))
        return self.reject(status, text)

    def accepted(self) -> bytes:
        """See `Socket.accepted`."""
        self.deadline = self._session.deadline
        self._number = self.services.registry.add(self)
        _logger.debug("socket_opened", connection=self._number, address=self.address)
        return self.services.welcome

    def text(self, payload: bytes) -> None:
        """See `Socket.text`."""
        self._tell(Text(payload, self._place[0].delivered(self._place[1]) if self._place else 0))

    def binary(self) -> None:
        """See `Socket.binary`."""
        self._tell(Binary())

    def overhead(self) -> None:
        """See `Socket.overhead`."""
        self._tell(Overhead())

    def closing(self) -> None:
        """See `Socket.closing`."""
        self.services.registry.closing(self)
        self.services.watch.discard(self._session.grant.admin.uid, self)
        if self._place:
            self._place[0].leave(self._place[1])
            self._place = None
        if self._pursuit is not None and self._pursuit is not asyncio.current_task():
            self._pursuit.cancel()

    def ended(self, code: int) -> None:
        """See `Socket.ended`."""
        self.services.registry.remove(self)
        self.services.metrics.closed(code)
        grant = self._session.grant
        _logger.info("socket_closed", connection=self._number, uid=grant.admin.uid, store=grant.store, code=code)

    def expire(self) -> None:
        """See `Registered.expire`."""
        if self.is_open:
            self._tell(Tick())
        else:
            super().expire()

    def shutdown(self) -> None:
        """See `Socket.shutdown`."""
        if self.is_open:
            self._tell(Stopped())
        super().shutdown()

    def pause_writing(self) -> None:
        """See `asyncio.BaseProtocol.pause_writing`."""
        if self._place:
            self._place[0].choke(self._place[1])

    def resume_writing(self) -> None:
        """See `asyncio.BaseProtocol.resume_writing`."""
        if self._place:
            self._place[1].drain()

    # Of the hub's outlet; `write` and `close` are the socket's.

    def live(self) -> Callable[[bytes], None]:
        """See `Outlet.live`."""
        self._limit_buffer(MAX_BUFFER)
        return self.transport.write

    def paced(self) -> None:
        """See `Outlet.paced`."""
        self._limit_buffer(QUIET_BUFFER)

    def _limit_buffer(self, high: int) -> None:
        if not self.transport.is_closing():  # else uvloop raises
            self.transport.set_write_buffer_limits(high=high)

    def deferred(self, offset: int, event_id: str) -> None:
        """See `Outlet.deferred`."""
        self._tell(Deferred(offset, event_id))

    def restored(self) -> None:
        """See `Outlet.restored`."""
        self._tell(Restored())

    def judged(self, verdict: Verdict) -> None:
        """See `Outlet.judged`."""
        self._tell(Judged(verdict))

    # Of the session.

    def _tell(self, given: Input) -> None:
        question = self._feed(given)
        if question is not None:
            self._pursuit = self.services.tasks.spawn(self._pursue(question))

    def _feed(self, given: Input) -> Question | None:
        """Tell the session, and do what it wants; the question it asks is for the caller."""
        if not self.is_open:
            return None
        effects = self._session.feed(given, self.now(), self.services.unix())
        self.deadline = self._session.deadline
        asked: Question | None = None
        for effect in effects:
            if self.phase is Phase.CLOSING:  # by the effect before
                return None
            match effect:
                case Send():
                    self._count_answer(effect)
                    self.write(message_frame(effect.message))
                case Close():
                    self.close(effect.code, effect.reason)
                case Enter():
                    self._enter()
                case Attach() | Postpone():
                    self._follow(effect)
                case See():
                    self.services.tasks.spawn(self._see(effect))
                case Verify() | Open() | Reread():
                    asked = effect
        return asked

    def _enter(self) -> None:
        grant = self._session.grant
        self.services.registry.signed_in(self)
        self.services.watch.add(grant.admin.uid, self)
        _logger.info("signed_in", connection=self._number, uid=grant.admin.uid, store=grant.store, device=grant.device)

    def _follow(self, effect: Attach | Postpone) -> None:
        if self._place is None:
            return
        channel, member = self._place
        if isinstance(effect, Attach):
            channel.attach(member, effect.top, effect.start)
        else:
            channel.postpone(member)

    def _count_answer(self, effect: Send) -> None:
        if isinstance(effect, Answer):
            self.services.metrics.signed_in("success")
        elif isinstance(effect.message, AuthError):
            self.services.metrics.signed_in(effect.message.code)
            _logger.info("auth_error", connection=self._number, address=self.address, code=effect.message.code)

    async def _pursue(self, question: Question | None) -> None:
        """Find out what the session asks, until it asks no more."""
        while question is not None:
            question = self._feed(await self._answer(question))

    async def _answer(self, question: Question) -> Input:
        answers = self.services.answers
        match question:
            case Verify():
                return await answers.verify(question, self.address)
            case Open():
                return await (self._reopen if self._place else self._open)(question)
            case Reread():
                return await self._reread(question)

    async def _open(self, question: Open) -> Input:
        """The first time."""
        try:
            self._place = channel, member = self.services.hub.join(self, question.store, question.uid)
        except TooManySockets:
            return Crowded(TOO_MANY_SOCKETS)
        member.choked = self.transport.get_write_buffer_size() > QUIET_BUFFER
        try:
            await channel.opened()
            return Opened(await self.services.answers.read(question.store, question.uid, question.resume))
        except LogUnavailable:
            return self._unreadable()

    async def _reopen(self, question: Open) -> Input:
        """After the log was away."""
        async with self.services.hub.reopenings:
            try:
                if self._place:
                    channel, member = self._place
                    channel.reopen(member)
                    await channel.opened()
                stores = await self.services.answers.stores(self._session.grant.admin)
                reading = await self.services.answers.read(question.store, question.uid, question.resume)
            except LogUnavailable:
                return self._unreadable()
        return Opened(reading, stores)

    async def _reread(self, question: Reread) -> Input:
        try:
            reading = await self.services.answers.read(question.store, question.uid, None)
        except LogUnavailable:
            return self._unreadable()
        if self._place:
            channel, member = self._place
            if member.stage is Stage.AWAY:
                return self._unreadable()
            channel.compare(reading.position)
        return Opened(reading)

    def _unreadable(self) -> Input:
        """What to answer when the log cannot be read."""
        if not self.services.hub.defers or self._place is None:
            return LogFailed()
        channel, member = self._place
        channel.suspend(member)
        return LogAway(member.behind, member.behind_id)

    async def _see(self, effect: See) -> None:
        refused = await self.services.answers.see(effect)
        if refused is not None:
            self._feed(SeeFailed(refused))
