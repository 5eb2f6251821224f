"""One socket of one store: performs what the connection machine wants, and writes what comes into the store."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol, assert_never

import msgspec

from salebell_desktop.client.clock import Clock, Timer
from salebell_desktop.client.dialer import Dialer, DialFailure, Socket, SocketClosed
from salebell_desktop.client.status import Status
from salebell_desktop.client.tasks import Tasks
from salebell_desktop.connection import effects, inputs
from salebell_desktop.connection.facts import State
from salebell_desktop.connection.machine import Connection
from salebell_desktop.identity.errors import IdentityUnavailable, SessionEnded
from salebell_desktop.store import Link, Received, SalesStore
from salebell_protocol.codec import decode_server, encode
from salebell_protocol.errors import MalformedMessage, UnknownMessageType
from salebell_protocol.events import Event
from salebell_protocol.messages import (
    Auth,
    AuthError,
    AuthErrorCode,
    AuthExpiring,
    AuthSuccess,
    ErrorMessage,
    EventMessage,
    Message,
    Ping,
    Pong,
    ServerMessage,
    Unread,
    Welcome,
)

SLICE = 0.008
"""Seconds for which messages are taken in without a pause; then the windows have their turn."""

_SIGNED_IN = (State.CONNECTED, State.RENEWING)

_logger = logging.getLogger(__name__)


class TokenSource(Protocol):
    """Gives ID tokens; see `TokenKeeper`."""

    async def token(self) -> str:
        """One that is good now."""
        ...

    async def other_than(self, token: str) -> str:
        """Another one than `token`."""
        ...

    def lasts(self, token: str, seconds: float) -> None:
        """By the server's time, `token` is good for so many `seconds` yet."""
        ...


class LinkOwner(Protocol):
    """What a link tells whoever started it. It may end the link then."""

    def opened(self, link: "StoreLink", store: str) -> SalesStore:
        """A link without a store learned which one it is."""
        ...

    def authenticated(self, link: "StoreLink", message: AuthSuccess) -> None:
        """Its store has taken in the message."""
        ...

    def welcomed(self, server: str) -> None:
        """The server said what it calls itself."""
        ...

    def status(self, link: "StoreLink", status: Link) -> None:
        """The connection changed, while it has no store yet."""
        ...

    def forbidden(self, link: "StoreLink") -> None:
        """The admin may not open this store any more."""
        ...

    def forget_credentials(self) -> None:
        """The session is over for good: the stored token is of no use."""
        ...

    def ended(self, reason: str) -> None:
        """Nobody is signed in any more; `reason` is a sentence for people."""
        ...


class LinkSetting(msgspec.Struct, frozen=True, kw_only=True):
    """What all links of a session have in common.

    Attributes:
        url: of the socket.
        random: a random number in [0, 1).
        device: what to call this device, for the server's diagnostics.
    """

    url: str
    dialer: Dialer
    clock: Clock
    random: Callable[[], float]
    tokens: TokenSource
    device: str


class StoreLink:
    """The connection of one store, as long as somebody is signed in.

    Args:
        setting: what it works with.
        owner: is told what concerns more than the store.
        store: the store; None for the first link of an admin whose stores are not known: the server chooses one.
    """

    def __init__(self, setting: LinkSetting, owner: LinkOwner, store: SalesStore | None) -> None:
        self.store = store
        self._setting = setting
        self._owner = owner
        self._machine = Connection()
        self._status = Status(setting.clock)
        self._tasks = Tasks()
        self._stopped = False
        self._token = ""
        self._error: AuthErrorCode | None = None
        self._socket: Socket | None = None
        self._reading: asyncio.Task[None] | None = None
        self._dialling: asyncio.Task[None] | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._timer: Timer | None = None
        self._look_timer: Timer | None = None

    @property
    def connected(self) -> bool:
        """Whether it is signed in on an open socket."""
        return self._machine.state in _SIGNED_IN

    def start(self) -> None:
        """Connect, and stay connected. Once."""
        self._submit(inputs.SignedIn())

    def reconnect_now(self) -> None:
        """Somebody does not want to wait."""
        self._submit(inputs.ReconnectNow())

    def woke(self) -> None:
        """The computer was asleep."""
        self._submit(inputs.Woke())

    def network_returned(self) -> None:
        """There is a network again."""
        self._submit(inputs.NetworkReturned())

    def stop(self) -> None:
        """End; the store is written no more. `settle` waits for it. Harmless when repeated."""
        self._stopped = True
        self._cancel_look()
        if self._machine.state is not State.SIGNED_OUT:
            self._submit(inputs.SignedOut())

    async def settle(self, seconds: float) -> None:
        """Wait until everything is closed, but not longer than `seconds`."""
        await self._tasks.settle(seconds)

    def send_look(self) -> None:
        """There is a look to tell the server, now or soon."""
        store = self.store
        if store is None or not self.connected or self._look_timer is not None:
            return
        due = store.seen_due()
        if due is None:
            return
        seconds = due - self._setting.clock.now()
        if seconds > 0:
            self._look_timer = self._setting.clock.call_later(seconds, self._look_due)
        elif (seen := store.take_seen(self._setting.clock.now())) is not None:
            self._send(seen)

    def _look_due(self) -> None:
        self._look_timer = None
        self.send_look()

    def _cancel_look(self) -> None:
        if self._look_timer is not None:
            self._look_timer.cancel()
            self._look_timer = None

    # The machine.

    def _submit(self, event: inputs.Input) -> None:
        for effect in self._machine.receive(event, self._setting.clock.now(), self._setting.random()):
            self._perform(effect)
        status = self._status.changed(self._machine.facts)
        if status is None or self._stopped:
            return
        if self.store is not None:
            self.store.set_link(status)
        else:
            self._owner.status(self, status)

    def _perform(self, effect: effects.Effect) -> None:
        match effect:
            case effects.Dial():
                self._dialling = self._tasks.spawn(self._dial())
            case effects.CancelDial():
                _cancel(self._dialling)
            case effects.CloseSocket():
                self._close_socket()
            case effects.SendAuth(resume=resume):
                self._send_auth(resume=resume)
            case effects.SendPing():
                self._send(Ping())
            case effects.ForceRefresh():
                self._refreshing = self._tasks.spawn(self._refresh())
            case effects.CancelRefresh():
                _cancel(self._refreshing)
            case effects.Wait(seconds=seconds):
                self._stop_timer()
                self._timer = self._setting.clock.call_later(seconds, self._timer_fired)
            case effects.StopWaiting():
                self._stop_timer()
            case effects.ForgetCredentials():
                self._owner.forget_credentials()
            case effects.ShowSignIn(reason=reason):
                self._owner.ended(reason)
            case _:
                assert_never(effect)

    def _timer_fired(self) -> None:
        self._timer = None
        self._submit(inputs.TimerFired())

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # Dialling and tokens.

    async def _dial(self) -> None:
        try:
            token = await self._setting.tokens.token()
            socket = await self._setting.dialer(self._setting.url)
        except SessionEnded as ended:
            self._submit(inputs.RefreshFailed(final=True, reason=str(ended)))
        except IdentityUnavailable as unavailable:
            self._submit(inputs.RefreshFailed(final=False, reason=str(unavailable)))
        except DialFailure as failure:
            self._submit(inputs.DialFailed(str(failure)))
        else:
            self._token, self._socket, self._error = token, socket, None
            self._submit(inputs.Dialled())
            self._reading = self._tasks.spawn(self._read(socket))

    async def _refresh(self) -> None:
        try:
            self._token = await self._setting.tokens.other_than(self._token)
        except SessionEnded as ended:
            self._submit(inputs.RefreshFailed(final=True, reason=str(ended)))
        except IdentityUnavailable as unavailable:
            self._submit(inputs.RefreshFailed(final=False, reason=str(unavailable)))
        else:
            self._submit(inputs.TokenRefreshed())

    # The socket.

    def _send_auth(self, *, resume: bool) -> None:
        store = self.store
        self._send(
            Auth(
                token=self._token,
                store=None if store is None else store.name,
                resume=store.resume if store is not None and resume else None,
                device=self._setting.device,
            )
        )

    def _send(self, message: Message) -> None:
        if self._socket is not None:
            self._tasks.spawn(self._sent(self._socket, encode(message).decode()))

    async def _sent(self, socket: Socket, frame: str) -> None:
        try:
            await socket.send(frame)
        except SocketClosed:
            return  # whoever reads from it reports that

    def _close_socket(self) -> None:
        self._cancel_look()
        socket, self._socket = self._socket, None
        reading, self._reading = self._reading, None
        if reading is not None and reading is not asyncio.current_task():
            reading.cancel()
        if socket is not None:
            self._tasks.spawn(socket.close())

    async def _read(self, socket: Socket) -> None:
        clock = self._setting.clock
        since = clock.now()
        while self._socket is socket:
            try:
                frame = await socket.receive()
            except SocketClosed as closed:
                self._closed(socket, closed.code)
                return
            self._take(frame)
            if clock.now() - since > SLICE:
                await asyncio.sleep(0)
                since = clock.now()

    def _closed(self, socket: Socket, code: int | None) -> None:
        if self._socket is not socket:
            return
        self._cancel_look()
        self._socket = self._reading = None
        forbidden = self._error is AuthErrorCode.STORE_FORBIDDEN
        self._submit(inputs.Closed(code, self._error))
        if forbidden and self._machine.state is State.REFUSED and self.store is not None:
            self._owner.forbidden(self)

    # Messages.

    def _take(self, frame: str | bytes) -> None:
        try:
            message = decode_server(frame)
        except UnknownMessageType:
            self._submit(inputs.Heard())
            return
        except MalformedMessage as malformed:
            _logger.warning("the server sent what cannot be understood: %s", malformed)
            self._submit(inputs.OutOfPlace())
            return
        self._dispatch(message)

    def _dispatch(self, message: ServerMessage) -> None:
        match message:
            case AuthSuccess():
                self._authenticated(message)
            case EventMessage(event=event):
                self._submit(inputs.Heard() if self._in_place(event) else inputs.OutOfPlace())
            case Unread():
                if self.store is not None and self.connected:
                    self.store.unread(message)
                self._submit(inputs.Heard())
            case Welcome(protocol=protocol, server=server):
                self._owner.welcomed(server)
                self._submit(inputs.Welcomed(protocol))
            case AuthExpiring():
                self._submit(inputs.TokenExpiring())
            case AuthError(code=code):
                self._error = code
                postponed = code is AuthErrorCode.AUTH_UNAVAILABLE
                self._submit(inputs.AuthPostponed() if postponed else inputs.Heard())
            case ErrorMessage(code=code):
                _logger.info("the server refused a message: %s", code.value)
                self._submit(inputs.Heard())
            case Pong():
                self._submit(inputs.Heard())

    def _authenticated(self, message: AuthSuccess) -> None:
        if self.store is None:
            self.store = self._owner.opened(self, message.store)
        if message.store != self.store.name:
            self._submit(inputs.OutOfPlace())
            return
        self._error = None
        self._setting.tokens.lasts(self._token, message.expires_at - message.server_time)
        self.store.authenticated(message)
        self._submit(inputs.Authenticated())
        self._owner.authenticated(self, message)
        self.send_look()

    def _in_place(self, event: Event) -> bool:
        store = self.store
        if store is None or not self.connected or event.store != store.name:
            return False
        return store.event(event) is not Received.OUT_OF_PLACE


def _cancel(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
