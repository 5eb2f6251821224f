"""A server that says what a test wants: real sockets and real HTTP on one port of this computer."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from salebell_desktop.cache.sqlite import SqliteCache
from salebell_desktop.client.address import ServerAddress
from salebell_desktop.client.client import Client
from salebell_desktop.client.clock import SystemClock
from salebell_desktop.client.dialer import WebsocketDialer
from salebell_desktop.client.http import ServerHttp
from salebell_desktop.client.session import Surroundings
from salebell_desktop.credentials import CredentialStore, CredentialsUnavailable
from salebell_desktop.credentials import Problem as KeyringProblem
from salebell_desktop.credentials.memory import MemoryCredentials
from salebell_desktop.identity import IdentityProvider
from salebell_desktop.identity.local import LocalAccounts
from salebell_desktop.identity.saved import SavedSignIns
from salebell_desktop.store import Desk
from salebell_protocol.codec import decode_client, encode
from salebell_protocol.events import Event, EventType, Position
from salebell_protocol.http import ClientConfig, Problem, Provider, SalesPage, Tokens
from salebell_protocol.messages import AdminIdentity, Auth, AuthSuccess, EventMessage, Message, Recovery, Welcome
from salebell_protocol.sales import Sale, SaleStatus

M = TypeVar("M")
PATIENCE = 10.0


class Peer:
    """The server's side of one socket."""

    def __init__(self, protocol: ServerProtocol, writer: asyncio.StreamWriter) -> None:
        self._protocol = protocol
        self._writer = writer
        self.messages: asyncio.Queue[Any] = asyncio.Queue()
        self.closed = asyncio.Event()
        self.deaf = False

    def send(self, *messages: Message) -> None:
        for message in messages:
            self.send_raw(encode(message))

    def send_raw(self, frame: bytes) -> None:
        self._protocol.send_text(frame)
        self.flush()

    def send_binary(self, frame: bytes) -> None:
        self._protocol.send_binary(frame)
        self.flush()

    def close(self, code: int) -> None:
        self._protocol.send_close(code)
        self.flush()

    def drop(self) -> None:
        """Break the connection, as a dead network does."""
        self._writer.transport.abort()

    async def receive(self, wanted: type[M]) -> M:
        """The next message of the client, which must be a `wanted`."""
        async with asyncio.timeout(PATIENCE):
            message = await self.messages.get()
        assert isinstance(message, wanted), message
        return message

    def flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._writer.write(data)
            else:
                self._writer.close()

    def feed(self, data: bytes) -> None:
        if self.deaf:
            return
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._protocol.send_response(self._protocol.accept(event))
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self.messages.put_nowait(decode_client(bytes(event.data)))
        self.flush()


Answer = tuple[int, msgspec.Struct | None]
Route = Callable[[str, bytes, dict[str, str]], Answer | Awaitable[Answer]]


class ScriptedServer:
    """Accepts sockets at `/ws`, and answers HTTP by `routes`: `"GET /v1/sales"` to a function of query, body, headers.

    Attributes:
        refuse: the status to answer a WebSocket handshake with; None accepts it.
        redirect: where to send everybody; "" nowhere.
        silent: accept connections and say nothing at all.
    """

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self.requests: list[str] = []
        self.refuse: int | None = None
        self.redirect = ""
        self.silent = False
        self.dials = 0
        self._peers: asyncio.Queue[Peer] = asyncio.Queue()
        self.peers: list[Peer] = []
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening, and break what is open; `start` begins again on the same port."""
        if self._server is not None:
            self._server.close()
        for peer in self.peers:
            peer.drop()
        for connection in tuple(self._connections):
            connection.cancel()
        if self._connections:
            await asyncio.wait(self._connections)
        if self._server is not None:
            await self._server.wait_closed()

    async def peer(self) -> Peer:
        """The next socket that a client opens."""
        async with asyncio.timeout(PATIENCE):
            return await self._peers.get()

    @property
    def waiting(self) -> int:
        """Sockets that were opened, and that no test has asked for yet."""
        return self._peers.qsize()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while await self._answer(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._connections.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        if self.silent:
            await asyncio.Event().wait()
        request, *lines = head.decode().split("\r\n")
        method, target, _ = request.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        if headers.get("upgrade") == "websocket" and self.refuse is None and not self.redirect:
            await self._socket(head, reader, writer)
            return False
        path, _, query = target.partition("?")
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.requests.append(f"{method} {path}")
        status, content, extra = 404, b"", ""
        if headers.get("upgrade") == "websocket":
            self.dials += 1
            status = self.refuse or 307
        if self.redirect:
            status, extra = 307, f"Location: {self.redirect}{target}\r\n"
        elif route := self.routes.get(f"{method} {path}"):
            answer = route(query, body, headers)
            status, struct = await answer if isinstance(answer, Awaitable) else answer
            content = b"" if struct is None else encode(struct)
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n{extra}\r\n".encode() + content)
        await writer.drain()
        return True

    async def _socket(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.dials += 1
        peer = Peer(ServerProtocol(max_size=None), writer)
        self.peers.append(peer)
        peer.feed(head)
        self._peers.put_nowait(peer)
        try:
            while data := await reader.read(65536):
                peer.feed(data)
            peer.feed(b"")
        finally:
            peer.closed.set()


EPOCH = "first"


def answer(status: int, content: msgspec.Struct | None = None) -> Route:
    """A route that always answers the same."""

    def give(_query: str, _body: bytes, _headers: dict[str, str]) -> Answer:
        return status, content

    return give


class Shop:
    """The usual answers of a server with one admin, Ana, and the stores `stores`.

    Attributes:
        tokens: the number of the last pair of tokens that was given out.
        sales: what `GET /v1/sales` gives, in pages of two.
        top: the position that it tells.
        refusals: problems to answer a path with, one after the other, instead of the usual.
    """

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.stores: tuple[str, ...] = ("main",)
        self.tokens = 0
        self.expires_in = 3600
        self.uid = "u1"
        self.sales: list[Sale] = []
        self.top = self.position(0)
        self.provider = Provider.LOCAL
        self.refusals: dict[str, list[tuple[int, str]]] = {}
        self.refreshed: list[str] = []
        server.routes.update(
            {
                "GET /v1/client-config": self._config,
                "POST /v1/auth/sign-in": self._sign_in,
                "POST /v1/auth/refresh": self._refresh,
                "POST /v1/auth/sign-out": self._sign_out,
                "GET /v1/sales": self._sales,
            }
        )

    @staticmethod
    def position(offset: int, epoch: str = EPOCH) -> Position:
        return Position(epoch, offset, f"e{offset}" if offset else "")

    @staticmethod
    def sale(sale_id: str, minute: int = 0) -> Sale:
        at = datetime(2026, 11, 1, 12, tzinfo=UTC) + timedelta(minutes=minute)
        return Sale(
            id=sale_id, number=sale_id, status=SaleStatus.APPROVED, total="10.00", currency="EUR", channel="admin",
            created_at=at, updated_at=at,
        )  # fmt: skip

    def event(self, offset: int, sale_id: str = "", store: str = "main") -> EventMessage:
        sale = self.sale(sale_id or f"s{offset}", offset)
        return EventMessage(
            event=Event(
                id=f"e{offset}", type=EventType.SALE_CREATED, store=store, occurred_at=sale.created_at, sale=sale,
                offset=offset, previous=f"e{offset - 1}" if offset > 1 else "", created_before=0,
            )
        )  # fmt: skip

    def success(
        self, recovery: Recovery, offset: int = 0, *, unread: int = 0, seen: int = 0, store: str = "main"
    ) -> AuthSuccess:
        deferred = recovery is Recovery.DEFERRED
        return AuthSuccess(
            admin=AdminIdentity("u1", "ana@example.com", "Ana"), store=store, stores=self.stores,
            position=None if deferred else self.position(offset),
            unread=None if deferred else unread, seen=None if deferred else seen,
            expires_at=4_000_000_000, server_time=3_999_996_400, recovery=recovery,
        )  # fmt: skip

    async def admit(self, recovery: Recovery = Recovery.FRESH, offset: int = 0, **more: Any) -> tuple[Peer, Auth]:
        """Take the next socket in, through its sign-in."""
        peer = await self.server.peer()
        peer.send(Welcome(protocol=1, server="salebell/9.9.9", heartbeat=30, auth_timeout=10))
        auth = await peer.receive(Auth)
        self.top = self.position(offset)
        peer.send(self.success(recovery, offset, store=auth.store or "main", **more))
        return peer, auth

    def _problem(self, path: str) -> Answer | None:
        if not self.refusals.get(path):
            return None
        status, code = self.refusals[path].pop(0)
        return status, Problem(title="No", status=status, code=code, detail="")

    def _config(self, *_: object) -> Answer:
        return self._problem("config") or (200, ClientConfig(provider=self.provider, server="salebell/9.9.9"))

    def _sign_in(self, _query: str, body: bytes, _headers: object) -> Answer:
        asked = json.loads(body)
        if problem := self._problem("sign-in"):
            return problem
        if asked != {"email": "ana@example.com", "password": "correct"}:
            return 401, Problem(title="No", status=401, code="invalid_credentials", detail="")
        return 200, self._next_tokens()

    def _refresh(self, _query: str, body: bytes, _headers: object) -> Answer:
        self.refreshed.append(json.loads(body)["refresh_token"])
        return self._problem("refresh") or (200, self._next_tokens())

    def _sign_out(self, *_: object) -> Answer:
        return 204, None

    def _next_tokens(self) -> Tokens:
        self.tokens += 1
        return Tokens(
            id_token=f"id-{self.tokens}", refresh_token=f"refresh-{self.tokens}", expires_in=self.expires_in,
            uid=self.uid, email="ana@example.com", name="Ana",
        )  # fmt: skip

    def _sales(self, query: str, _body: bytes, headers: dict[str, str]) -> Answer:
        assert headers["authorization"].startswith("Bearer id-")
        if problem := self._problem("sales"):
            return problem
        start = int(dict(part.split("=") for part in query.split("&")).get("before", "0"))
        more = str(start + 2) if start + 2 < len(self.sales) else None
        return 200, SalesPage(sales=tuple(self.sales[start : start + 2]), next_before=more, unread=0, position=self.top)


class Bench:
    """Clients of a shop, with all that outlasts them: the disk and the keyring."""

    def __init__(self, directory: Path, server: ScriptedServer) -> None:
        self.directory = directory
        self.server = server
        self.credentials: CredentialStore = MemoryCredentials()
        self.noticed: list[str] = []
        self.jitter = 0.0
        self.desk = Desk()
        self._running: list[tuple[Client, SqliteCache]] = []

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    def client(self) -> Client:
        """A program that starts: a client with an empty desk."""
        self.desk = Desk()
        cache = SqliteCache(self.directory / "cache.db", self.noticed.append)
        surroundings = Surroundings(
            desk=self.desk, cache=cache, dialer=WebsocketDialer("salebell-desktop/test"), clock=SystemClock(),
            random=lambda: self.jitter, device="test",
        )  # fmt: skip
        client = Client(
            surroundings,
            saved=SavedSignIns(self.directory / "sign-in.json"),
            credentials=self.credentials,
            http=self._http,
            provider=self._provider,
        )
        self._running.append((client, cache))
        return client

    async def stop(self) -> None:
        for client, cache in self._running:
            await client.stop()
            cache.close()
        self._running.clear()

    @staticmethod
    def _http(address: ServerAddress) -> ServerHttp:
        return ServerHttp(address, "salebell-desktop/test")

    @staticmethod
    def _provider(kind: Provider, http: ServerHttp) -> IdentityProvider | None:
        return LocalAccounts(http) if kind is Provider.LOCAL else None


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    server = ScriptedServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def always() -> Callable[..., Route]:
    return answer


@pytest.fixture
def shop(server: ScriptedServer) -> Shop:
    return Shop(server)


@pytest.fixture
async def bench(server: ScriptedServer, tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path, server)
    yield bench
    await bench.stop()


class Keyring:
    """A keyring that may be locked or missing."""

    def __init__(self) -> None:
        self.tokens: dict[object, str] = {}
        self.problem: KeyringProblem | None = None

    @property
    def lasting(self) -> bool:
        return True

    def _use(self) -> None:
        if self.problem is not None:
            raise CredentialsUnavailable(self.problem, "The keyring does not open.")

    async def load(self, key: object) -> str | None:
        self._use()
        return self.tokens.get(key)

    async def save(self, key: object, refresh_token: str) -> None:
        self._use()
        self.tokens[key] = refresh_token

    async def forget(self, key: object) -> None:
        self._use()
        self.tokens.pop(key, None)


@pytest.fixture
def keyring() -> Keyring:
    return Keyring()


SignedIn = Callable[..., Awaitable[tuple[Client, Peer]]]


@pytest.fixture
def signed_in(bench: Bench, shop: Shop) -> SignedIn:
    """Starts a client and signs it in: the client, and its first socket."""

    async def start(**admitted: Any) -> tuple[Client, Peer]:
        client = bench.client()
        client.start()
        await client.sign_in(bench.address, "ana@example.com", "correct")
        peer, _ = await shop.admit(**admitted)
        async with asyncio.timeout(PATIENCE):
            while not bench.desk.stores:
                await asyncio.sleep(0.005)
        return client, peer

    return start
