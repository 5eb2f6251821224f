"""A gateway on a loopback port, as the server runs it: uvicorn, the SQLite log, real sockets.

Only the identity provider is a stand-in, and the clocks can be put forward.
"""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from limits import RateLimitItemPerMinute
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from salebell_protocol.codec import decode_server, encode
from salebell_protocol.events import Event, EventType, Position
from salebell_protocol.messages import (
    Auth,
    AuthErrorCode,
    AuthSuccess,
    EventMessage,
    Message,
    Recovery,
    ServerMessage,
    Welcome,
)
from salebell_protocol.sales import Customer, Item, Sale, SaleStatus
from salebell_server.auth import Admin, AuthFailure, Verdict
from salebell_server.auth.counting import FailureCounts
from salebell_server.bus.memory import MemoryBus
from salebell_server.gateway.gateway import Gateway
from salebell_server.gateway.metrics import SocketState
from salebell_server.gateway.services import GatewaySettings
from salebell_server.hub.pending import Waiting
from salebell_server.log import Appended, Counted, Draft, Entry, LogUnavailable, Reading
from salebell_server.log.sqlite.database import Database
from salebell_server.log.sqlite.sale_log import SqliteSaleLog

PATIENCE = 20.0
"""Seconds that a test waits at the most for what must happen."""


class Verifier:
    """A `TokenVerifier` whose tokens, failures and verdicts the test writes down."""

    def __init__(self, unix: Callable[[], float]) -> None:
        self._unix = unix
        self.admins: dict[str, Admin] = {}
        self.failures: dict[str, AuthErrorCode] = {}
        self.subjects: dict[str, str] = {}
        self.judged: dict[str, Verdict] = {}
        self.unavailable = False
        self.asked: list[str] = []
        self.waiting = 0
        self.gate: asyncio.Event | None = None

    def knows(self, token: str, uid: str, *stores: str, expires_in: int = 3600) -> str:
        """A token of `uid`; without `stores` for all of them."""
        now = int(self._unix())
        self.admins[token] = Admin(
            uid=uid,
            email=f"{uid}@example.com",
            name=uid.title(),
            stores=frozenset(stores) or None,
            expires_at=now + expires_in,
            issued_at=now,
        )
        return token

    async def verify(self, token: str) -> Admin:
        if self.gate is not None:
            self.waiting += 1
            try:
                await self.gate.wait()
            finally:
                self.waiting -= 1
        if token in self.failures:
            raise AuthFailure(self.failures[token], "it says so here", self.subjects.get(token, ""))
        if token not in self.admins:
            raise AuthFailure(AuthErrorCode.TOKEN_INVALID, "nobody knows this token")
        return self.admins[token]

    async def verdicts(self, uids: Collection[str]) -> Mapping[str, Verdict]:
        self.asked += uids
        if self.unavailable:
            raise AuthFailure(AuthErrorCode.AUTH_UNAVAILABLE, "no route")
        return {uid: self.judged.get(uid, Verdict(None, None)) for uid in uids}


class SwitchedLog(SqliteSaleLog):
    """The real log, which can be made unreadable, or be another one for those who open it."""

    down = False
    replaced = False
    gate: asyncio.Event | None = None
    """What a reading, once made, waits for before it is answered."""
    waiting = 0

    async def position(self, store: str) -> Position:
        self._check()
        return Position("another", 0, "") if self.replaced else await super().position(store)

    async def open(self, store: str, admin: str, resume: Position | None) -> Reading:
        self._check()
        reading = await super().open(store, admin, resume)
        if self.gate is not None:
            self.waiting += 1
            await self.gate.wait()
        if not self.replaced:
            return reading
        recovery = reading.recovery if resume is None else Recovery.RESET
        return msgspec.structs.replace(reading, position=Position("another", 0, ""), recovery=recovery)

    async def entries(self, store: str, epoch: str, after: int, limit: int) -> tuple[Entry, ...]:
        self._check()
        return await super().entries(store, epoch, after, limit)

    async def see(self, store: str, admin: str, epoch: str, offset: int) -> None:
        self._check()
        await super().see(store, admin, epoch, offset)

    async def unread(self, store: str, admin: str) -> Counted:
        self._check()
        return await super().unread(store, admin)

    async def stores(self) -> tuple[str, ...]:
        self._check()
        return await super().stores()

    def _check(self) -> None:
        if self.down:
            raise LogUnavailable("switched off")


class Shelf:
    """What waits for the log, in memory."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self._first = 1

    def keep(self, draft: Draft) -> Waiting:
        self.drafts.append(draft)
        return self._waiting(len(self.drafts) - 1)

    def take_all(self) -> list[Draft]:
        taken, self.drafts = self.drafts, []
        self._first += len(taken)
        return taken

    async def waiting(self, store: str, after: int, limit: int) -> tuple[Waiting, ...]:
        numbers = range(len(self.drafts))
        mine = (self._waiting(index) for index in numbers if self.drafts[index].store == store)
        return tuple(each for each in mine if each.number > after)[:limit]

    def _waiting(self, index: int) -> Waiting:
        draft = self.drafts[index]
        event = Event(
            id=draft.event_id, type=draft.type, store=draft.store, occurred_at=draft.occurred_at, sale=draft.sale
        )
        return Waiting(self._first + index, event.id, encode(event))


class Figures:
    """Counts what the gateway counts."""

    def __init__(self) -> None:
        self.sockets: dict[SocketState, int] = {}
        self.results: list[str] = []
        self.codes: list[int] = []
        self.events = 0

    def connections(self, state: SocketState, change: int) -> None:
        self.sockets[state] = self.sockets.get(state, 0) + change

    def signed_in(self, result: str) -> None:
        self.results.append(result)

    def closed(self, code: int) -> None:
        self.codes.append(code)

    def delivered(self, events: int) -> None:
        self.events += events


class Clocks:
    """Loop seconds and unix seconds, put forward by the test."""

    def __init__(self) -> None:
        self.skew = 0.0

    def loop(self) -> float:
        return time.monotonic() + self.skew

    def unix(self) -> float:
        return time.time() + self.skew


class Server(uvicorn.Server):
    """uvicorn, but it does not look ten times a second whether it should exit: tests start it often."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.exit_asked = asyncio.Event()

    async def main_loop(self) -> None:
        await self.exit_asked.wait()


class Stand:
    """A running gateway with its surroundings."""

    def __init__(
        self, database: Database, settings: GatewaySettings, failures_at_once: int, *, defers: bool = False
    ) -> None:
        self.clocks = Clocks()
        self.bus = MemoryBus()
        self.log = SwitchedLog(database, self.bus, lambda: datetime.now(UTC))
        self.verifier = Verifier(self.clocks.unix)
        self.figures = Figures()
        self.shelf = Shelf()
        self.gateway = Gateway(
            log=self.log,
            bus=self.bus,
            verifier=self.verifier,
            failures=FailureCounts(self.clocks.loop, per_address=RateLimitItemPerMinute(failures_at_once)),
            metrics=self.figures,
            clock=self.clocks.loop,
            unix=self.clocks.unix,
            settings=settings,
            pending=self.shelf if defers else None,
        )
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._server = Server(
            uvicorn.Config(
                hello, ws=self.gateway.protocol(), http="httptools", loop="none", lifespan="off", log_config=None,
                access_log=False, timeout_graceful_shutdown=4,
            )
        )  # fmt: skip
        self._serving: asyncio.Task[None] | None = None
        self._sold = 0

    async def start(self) -> None:
        self.gateway.start()
        self._serving = asyncio.create_task(self._server.serve([self._listener]))
        await until(lambda: self._server.started)

    async def stop(self) -> float:
        """Stop as SIGTERM does; the seconds it took."""
        began = time.monotonic()
        self._server.exit_asked.set()
        assert self._serving is not None
        await self._serving
        return time.monotonic() - began

    async def pass_time(self, seconds: float) -> None:
        """Put the clocks forward and let the timer's work be done."""
        self.clocks.skew += seconds
        self.gateway.sweep()
        await asyncio.sleep(0)

    # Sales.

    async def sell(self, count: int = 1, store: str = "main", *, size: int = 0) -> list[str]:
        """So many new sales, through the log. Returns the ids of their events."""
        first, self._sold = self._sold + 1, self._sold + count
        numbers = range(first, first + count)
        answers = await asyncio.gather(*(self.log.append(draft(store, number, size)) for number in numbers))
        assert all(isinstance(answer, Appended) for answer in answers)
        return [f"created:{number}" for number in numbers]

    # What the keeper of a shared log does.

    def go_away(self) -> None:
        self.log.down = True
        self.gateway.defer()

    def keep(self, count: int = 1, store: str = "main", *, size: int = 0) -> list[str]:
        """So many new sales, while the log is away. Returns the ids of their events."""
        kept: list[Waiting] = []
        for _ in range(count):
            self._sold += 1
            kept.append(self.shelf.keep(draft(store, self._sold, size)))
            self.gateway.announce(store, kept[-1])
        return [waiting.event_id for waiting in kept]

    async def come_back(self) -> None:
        for waiting in self.shelf.take_all():
            await self.log.append(waiting)
        self.log.down = False
        self.gateway.restore()

    # Clients.

    @contextlib.asynccontextmanager
    async def client(self, **options: Any) -> AsyncGenerator["Client", None]:
        """A client that has heard the welcome."""
        url = f"ws://127.0.0.1:{self.port}/ws"
        async with connect(url, proxy=None, close_timeout=1, ping_interval=None, max_queue=None, **options) as made:
            client = Client(made)
            assert isinstance(await client.hear(), Welcome)
            yield client

    @contextlib.asynccontextmanager
    async def signed_in(
        self, uid: str = "ana", store: str | None = None, resume: Position | None = None, **options: Any
    ) -> AsyncGenerator["Client", None]:
        """A client of an admin of all stores that has heard `auth_success`."""
        token = self.verifier.knows(f"token-of-{uid}", uid)
        async with self.client(**options) as client:
            await client.sign_in(token, store, resume)
            yield client


class Client:
    """A `websockets` client that speaks the protocol."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.success: AuthSuccess | None = None

    async def say(self, message: Message | str | bytes) -> None:
        await self.connection.send(encode(message).decode() if isinstance(message, Message) else message)

    async def hear(self) -> ServerMessage:
        async with asyncio.timeout(PATIENCE):
            received = await self.connection.recv()
        assert isinstance(received, str)
        return decode_server(received)

    async def hear_events(self, count: int) -> list[str]:
        """The ids of the next `count` messages, which are all events."""
        messages = [await self.hear() for _ in range(count)]
        assert all(isinstance(message, EventMessage) for message in messages)
        return [message.event.id for message in messages if isinstance(message, EventMessage)]

    async def hear_success(self) -> AuthSuccess:
        """The next message, which is an `auth_success`."""
        success = await self.hear()
        assert isinstance(success, AuthSuccess), success
        self.success = success
        return success

    async def sign_in(self, token: str, store: str | None = None, resume: Position | None = None) -> AuthSuccess:
        await self.say(Auth(token=token, store=store, resume=resume))
        return await self.hear_success()

    @property
    def position(self) -> Position:
        assert self.success is not None
        assert self.success.position is not None
        return self.success.position

    async def last_words(self) -> tuple[list[ServerMessage], int]:
        """What comes until the server closes, and the code that it closes with."""
        messages: list[ServerMessage] = []
        while True:
            try:
                messages.append(await self.hear())
            except ConnectionClosed as closed:
                return messages, closed.rcvd.code if closed.rcvd else 1006


async def hello(scope: Any, receive: Any, send: Any) -> None:
    """The HTTP side: says hello."""
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def draft(store: str, number: int, size: int) -> Draft:
    now = datetime.now(UTC)
    return Draft(
        store=store,
        event_id=f"created:{number}",
        type=EventType.SALE_CREATED,
        occurred_at=now,
        sale=Sale(
            id=str(number),
            number=f"#{number}",
            status=SaleStatus.APPROVED,
            total="15999.00",
            currency="ARS",
            channel="checkout",
            customer=Customer("Ana"),
            items=tuple(Item("x" * 490, 1, "1.00") for _ in range(size // 500)),
            created_at=now,
            updated_at=now,
        ),
        digest=number.to_bytes(32, "big"),
        expected_version=0,
        sets_status=True,
    )


async def until(condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds; fail when it does not within the patience."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def running(
    directory: Path, settings: GatewaySettings | None = None, *, failures_at_once: int = 60, defers: bool = False
) -> AsyncGenerator[Stand, None]:
    async with Database(directory, serve=True) as database:
        stand = Stand(database, settings or GatewaySettings(), failures_at_once, defers=defers)
        await stand.start()
        try:
            yield stand
        finally:
            await stand.stop()
            await stand.gateway.stop()
