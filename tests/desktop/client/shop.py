"""What a server with one admin answers."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from salebell_protocol.events import Event, EventType, Position
from salebell_protocol.http import ClientConfig, FirebaseConfig, Problem, Provider, SalesPage, Tokens
from salebell_protocol.messages import AdminIdentity, Auth, AuthSuccess, EventMessage, Recovery, Welcome
from salebell_protocol.sales import Sale, SaleStatus
from tests.desktop.client.scripted import Answer, Peer, ScriptedServer

EPOCH = "first"


class Shop:
    """The usual answers of a server with one admin, Ana, and the stores `stores`.

    Attributes:
        tokens: the number of the last pair of tokens that was given out.
        sales: what `GET /v1/sales` gives, in pages of two.
        top: the position that it tells.
        refusals: problems to answer a path with, one after the other, instead of the usual. "admission" is the question
            whether somebody who has just signed in is an admin.
        firebase: where its admins sign in, when `provider` is Firebase.
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
        self.protocol = 1
        self.firebase: FirebaseConfig | None = FirebaseConfig(project_id="shop-1", api_key="key-1")
        self.email, self.name = "ana@example.com", "Ana"
        self.remaining = 3600
        self.signed_out: list[str] = []
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
            admin=AdminIdentity(self.uid, self.email, self.name), store=store, stores=self.stores,
            position=None if deferred else self.position(offset),
            unread=None if deferred else unread, seen=None if deferred else seen,
            expires_at=4_000_000_000, server_time=4_000_000_000 - self.remaining, recovery=recovery,
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
        firebase = self.firebase if self.provider is Provider.FIREBASE else None
        config = ClientConfig(
            provider=self.provider, server="salebell/9.9.9", protocol=self.protocol, firebase=firebase
        )
        return self._problem("config") or (200, config)

    def _sign_in(self, _query: str, body: bytes, _headers: object) -> Answer:
        asked = json.loads(body)
        if problem := self._problem("sign-in"):
            return problem
        if asked != {"email": self.email, "password": "correct"}:
            return 401, Problem(title="No", status=401, code="invalid_credentials", detail="")
        return 200, self.next_tokens()

    def _refresh(self, _query: str, body: bytes, _headers: object) -> Answer:
        self.refreshed.append(json.loads(body)["refresh_token"])
        return self._problem("refresh") or (200, self.next_tokens())

    def _sign_out(self, _query: str, body: bytes, _headers: object) -> Answer:
        self.signed_out.append(json.loads(body)["refresh_token"])
        return 204, None

    def become(self, uid: str, email: str, name: str) -> None:
        """Be the server of another admin from now on."""
        self.uid, self.email, self.name = uid, email, name

    def next_tokens(self) -> Tokens:
        """Another pair, for the admin."""
        self.tokens += 1
        return Tokens(
            id_token=f"id-{self.tokens}", refresh_token=f"refresh-{self.tokens}", expires_in=self.expires_in,
            uid=self.uid, email=self.email, name=self.name,
        )  # fmt: skip

    def _sales(self, query: str, _body: bytes, headers: dict[str, str]) -> Answer:
        assert headers["authorization"].startswith("Bearer id-")
        asked = dict(part.split("=") for part in query.split("&"))
        if problem := self._problem("admission" if asked["limit"] == "1" else "sales"):
            return problem
        start = int(asked.get("before", "0"))
        if "before" not in asked and "until" in asked:
            until = datetime.fromisoformat(unquote(asked["until"]))
            start = next((row for row, sale in enumerate(self.sales) if sale.created_at < until), len(self.sales))
        more = str(start + 2) if start + 2 < len(self.sales) else None
        return 200, SalesPage(sales=tuple(self.sales[start : start + 2]), next_before=more, unread=0, position=self.top)
