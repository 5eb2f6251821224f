"""The API under test: real uvicorn on a loopback socket, on a real embedded log."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import uvicorn
from litestar.types import ControllerRouterHandler

from salebell_protocol.messages import AuthErrorCode
from salebell_server.api.application import Parts, create_api
from salebell_server.auth import Admin, AuthFailure, Verdict
from salebell_server.auth.counting import FailureCounts
from salebell_server.auth.rate import FailureLimit
from salebell_server.bus.memory import MemoryBus
from salebell_server.log import SaleLog
from salebell_server.log.keys import KeyStore, key_hash, new_key
from salebell_server.log.sqlite.database import Database
from salebell_server.log.sqlite.keys import SqliteKeyStore
from salebell_server.log.sqlite.sale_log import SqliteSaleLog
from salebell_server.metrics import Metrics
from salebell_server.readiness import LogReadiness, ReadinessSource
from salebell_server.sales.intake import Intake
from salebell_server.sales.ledger import Ledger
from salebell_server.sales.payments import PaymentService
from salebell_server.sales.service import SalesService

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class Verifier:
    """A `TokenVerifier` that knows its tokens by heart."""

    def __init__(self) -> None:
        self.tokens: dict[str, Admin | AuthFailure] = {}

    def admits(self, token: str, *stores: str, everywhere: bool = False) -> None:
        self.tokens[token] = Admin(
            uid=f"uid-of-{token}",
            email=f"{token}@example.com",
            name=token,
            stores=None if everywhere else frozenset(stores),
            expires_at=2**31,
        )

    def refuses(self, token: str, code: AuthErrorCode, subject: str = "") -> None:
        self.tokens[token] = AuthFailure(code, "No.", subject)

    async def verify(self, token: str) -> Admin:
        known = self.tokens.get(token)
        if isinstance(known, Admin):
            return known
        raise known or AuthFailure(AuthErrorCode.TOKEN_INVALID, "This is no token of ours.")

    async def verdicts(self, uids: Collection[str]) -> Mapping[str, Verdict]:
        return {uid: Verdict(None, None) for uid in uids}


class Service:
    """A running API, and a client of it."""

    def __init__(
        self, port: int, http: httpx.AsyncClient, log: SaleLog, keys: KeyStore, verifier: Verifier, key: str
    ) -> None:
        self.port = port
        self.http = http
        self.log = log
        self.keys = keys
        self.verifier = verifier
        self.key = key

    async def new_key(self, store: str) -> str:
        key = new_key()
        await self.keys.create(f"key-{uuid4()}", store, key_hash(key), NOON)
        return key

    async def post(
        self, path: str, body: Any = None, *, key: str | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        return await self.send("POST", path, body, key=key, headers=headers)

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        sent = {"Authorization": f"Bearer {key or self.key}", **(headers or {})}
        if body is None:
            return await self.http.request(method, path, headers=sent)
        return await self.http.request(method, path, json=body, headers=sent)

    async def get(self, path: str, token: str = "ana", **query: Any) -> httpx.Response:
        return await self.http.get(path, params=query or None, headers={"Authorization": f"Bearer {token}"})

    async def create(self, sale_id: str = "s1", *, key: str | None = None, **sale: Any) -> httpx.Response:
        return await self.post("/v1/sales", {"sale": sale_body(sale_id, **sale)}, key=key)


def sale_body(sale_id: str = "s1", **sale: Any) -> dict[str, Any]:
    return {"id": sale_id, "total": "15999.00", "currency": "ARS", **sale}


@asynccontextmanager
async def serving(
    directory: Path,
    *,
    log: SaleLog | None = None,
    intake: Intake | None = None,
    readiness: ReadinessSource | None = None,
    auth_routes: tuple[ControllerRouterHandler, ...] = (),
    failures: FailureLimit | None = None,
) -> AsyncGenerator[Service, None]:
    """The API on a log in `directory` (or on `log`), with a key of `main` and the admin `ana` of all stores."""
    async with Database(directory, serve=True) as database:
        used = log or SqliteSaleLog(database, MemoryBus(), lambda: NOON)
        keys, verifier, metrics = SqliteKeyStore(database), Verifier(), Metrics()
        verifier.admits("ana", everywhere=True)
        ledger = Ledger(used, metrics.appended, intake)
        api = create_api(
            Parts(
                log=used,
                keys=keys,
                sales=SalesService(ledger, lambda: NOON, lambda: uuid4().hex),
                payments=PaymentService(ledger, lambda: NOON),
                verifier=verifier,
                failures=failures or FailureCounts(lambda: 0.0),
                readiness=readiness or LogReadiness(used, asyncio.get_running_loop().time),
                metrics=metrics,
                clock=lambda: NOON,
                version="1.2.3",
                auth_routes=auth_routes,
            )
        )
        key = new_key()
        await keys.create("website", "main", key_hash(key), NOON)
        async with (
            listening(api) as port,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False, verify=False) as http,
        ):
            yield Service(port, http, used, keys, verifier, key)


class Server(uvicorn.Server):
    """uvicorn, but it stops when it is told: its own loop looks every tenth of a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.told = asyncio.Event()

    async def main_loop(self) -> None:
        await self.told.wait()


@asynccontextmanager
async def listening(application: Any) -> AsyncGenerator[int, None]:
    """Serve an ASGI application; gives the port. Connections are queued from the start, so nobody has to wait."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(uvicorn.Config(application, http="httptools", lifespan="off", log_config=None))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.force_exit = True
            server.told.set()
            await running


def problem(answer: httpx.Response, status: int, code: str, field: str | None = None) -> dict[str, Any]:
    """The answer is that problem, and nothing but a problem."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert {"title", "status", "code", "detail"} <= told.keys() <= {"title", "status", "code", "detail", "field"}
    assert (told["status"], told["code"], told.get("field")) == (status, code, field), told
    assert told["detail"]
    return told


def accepted(answer: httpx.Response, event_id: str, offset: int, *, duplicate: bool = False) -> None:
    """The answer acknowledges that event."""
    assert answer.status_code == 201, answer.text
    assert answer.json() == {"event_id": event_id, "offset": offset, "duplicate": duplicate}
