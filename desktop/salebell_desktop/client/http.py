"""The server's HTTP API, as far as the desktop uses it."""

import re
import ssl
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

import msgspec

from salebell_desktop.client import reach
from salebell_desktop.client.address import ServerAddress
from salebell_desktop.client.trust import system_trust
from salebell_desktop.client.web import PATIENCE, HttpxWeb
from salebell_desktop.connection.reasons import NEWER_SERVER
from salebell_desktop.identity import Reply
from salebell_desktop.identity.errors import ServerProblem, ServerUnreachable
from salebell_desktop.store import Query
from salebell_protocol import PROTOCOL_VERSION
from salebell_protocol.codec import decode, encode
from salebell_protocol.errors import ProtocolError
from salebell_protocol.http import ClientConfig, Problem, SaleHistory, SalesPage, Stats
from salebell_protocol.sales import Sale

T = TypeVar("T")

EVERYTHING = Query()
PAGE = 200
"""Sales a page, as many as the server gives."""

NO_SUCH_SALE = "This sale is not on the server any more."

_SENTENCES = {
    401: "The server does not accept this sign-in.",
    403: "This account may not see that.",
    404: NO_SUCH_SALE,
    429: reach.BUSY,
    503: reach.NOT_READY,
}
MIN_SERVER = (0, 1)
"""The oldest version of the server that this program knows how to speak with."""

_LONGEST_TEXT = 200
"""Characters that the server takes to search for."""
_OURS = "salebell/"
"""How every server of ours begins its name."""
_VERSION = re.compile(r"salebell/(\d{1,9})\.(\d{1,9})")


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    """What `/v1/client-config` says in every version that there was and will be."""

    server: str
    protocol: int = 1


class ServerHttp:
    """Requests to one server. No redirect is followed: it would carry a password or a token elsewhere.

    Args:
        address: of the server.
        user_agent: what this program calls itself.
        tls: gives the TLS settings, at each request: the same object until they have changed.
        patience: seconds that a request may take.
    """

    def __init__(
        self,
        address: ServerAddress,
        user_agent: str,
        tls: Callable[[], ssl.SSLContext] = system_trust,
        patience: float = PATIENCE,
    ) -> None:
        self._origin = address.http
        self._web = HttpxWeb(user_agent, tls, patience)

    async def client_config(self) -> ClientConfig:
        """How to sign in there.

        Raises:
            ServerProblem: the server refused, or is so old that it does not know the question.
            ServerUnreachable: no answer, none of Salebell's, or one of a version that this program cannot speak with.
        """
        try:
            content = await self._request("GET", "/v1/client-config")
        except ServerProblem as problem:
            if problem.status == HTTPStatus.NOT_FOUND and problem.code:  # in our own words: a server of ours without it
                raise ServerProblem(problem.status, problem.code, reach.OLDER_SERVER) from None
            raise
        return _understood(content)

    async def sales(
        self,
        store: str | None,
        token: str,
        before: str | None = None,
        limit: int = PAGE,
        query: Query = EVERYTHING,
    ) -> SalesPage:
        """A page of a store's sales, newest first.

        Args:
            store: its name; None for the one that the server chooses.
            token: an ID token.
            before: `SalesPage.next_before` of the page above.
            limit: how many, 1 to 200.
            query: which of them.

        Raises:
            ServerProblem: the server refused; 401 means that the token was not accepted.
            ServerUnreachable: no answer, or none that makes sense.
        """
        wanted = {"store": store, "limit": str(limit), "before": before} | _conditions(query)
        asked = {name: value for name, value in wanted.items() if value is not None}
        return await self._exchange("GET", "/v1/sales", SalesPage, params=asked, token=token)

    async def sale(self, store: str, sale_id: str, token: str) -> Sale:
        """One sale, as it is now. Raises as `sales` does; 404: there is none."""
        return await self._exchange("GET", f"/v1/sales/{sale_id}", Sale, params={"store": store}, token=token)

    async def history(self, store: str, sale_id: str, token: str) -> SaleHistory:
        """What the server still knows to have happened to one sale. Raises as `sale` does."""
        path = f"/v1/sales/{sale_id}/events"
        return await self._exchange("GET", path, SaleHistory, params={"store": store}, token=token)

    async def statistics(self, store: str, tz: str, token: str) -> Stats:
        """Counts and revenue by the hours and days of an IANA time zone. Raises as `sales` does."""
        return await self._exchange("GET", "/v1/stats", Stats, params={"store": store, "tz": tz}, token=token)

    async def post(self, path: str, body: msgspec.Struct, answer: type[T]) -> T:
        """See `Exchange.post`."""
        return await self._exchange("POST", path, answer, body=body)

    async def tell(self, path: str, body: msgspec.Struct) -> None:
        """See `Exchange.tell`."""
        await self._request("POST", path, body=body)

    async def close(self) -> None:
        """End the connections; there are no answers any more. Harmless when repeated."""
        await self._web.close()

    async def _exchange(
        self,
        method: str,
        path: str,
        answer: type[T],
        *,
        body: msgspec.Struct | None = None,
        params: dict[str, str] | None = None,
        token: str | None = None,
    ) -> T:
        content = await self._request(method, path, body=body, params=params, token=token)
        try:
            return decode(content, answer)
        except ProtocolError:
            raise ServerUnreachable(reach.NOT_SALEBELL) from None

    async def _request(
        self,
        method: str,
        path: str,
        *,
        body: msgspec.Struct | None = None,
        params: dict[str, str] | None = None,
        token: str | None = None,
    ) -> bytes:
        headers = {"Accept": "application/json, application/problem+json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = encode(body)
        reply = await self._web.request(method, f"{self._origin}{path}", headers, content, params)
        if 200 <= reply.status < 300:
            return reply.content
        raise await self._problem(reply)

    async def _problem(self, reply: Reply) -> ServerProblem:
        try:
            code = decode(reply.content, Problem).code
        except ProtocolError:
            # Not ours: a proxy's, or somebody else's; or a server's that was not asked for TLS and wants it.
            sentence = await reach.of_stranger(self._origin) if reply.status == 400 else reach.of_status(reply.status)
            return ServerProblem(reply.status, "", sentence)
        return ServerProblem(reply.status, code, _SENTENCES.get(reply.status, reach.FAILED))


def _conditions(query: Query) -> dict[str, str | None]:
    """A query as the server's parameters."""
    since, until = (None if bound is None else bound.isoformat() for bound in (query.since, query.until))
    text = query.text.strip()[:_LONGEST_TEXT]
    return {"status": query.status, "channel": query.channel, "q": text or None, "since": since, "until": until}


def _understood(content: bytes) -> ClientConfig:
    """What a server says of itself.

    Raises:
        ServerUnreachable: it is none of ours, or it says what this program does not know.
    """
    try:
        said = decode(content, _Said)
    except ProtocolError:
        raise ServerUnreachable(reach.NOT_SALEBELL) from None
    if not said.server.startswith(_OURS):
        raise ServerUnreachable(reach.NOT_SALEBELL)
    if _too_old(said.server):
        raise ServerUnreachable(reach.OLDER_SERVER)
    try:
        return decode(content, ClientConfig)
    except ProtocolError:
        raise ServerUnreachable(_unreadable(said.protocol)) from None


def _unreadable(protocol: int) -> str:
    if protocol == PROTOCOL_VERSION:
        return reach.UNKNOWN_MEANS
    return NEWER_SERVER if protocol > PROTOCOL_VERSION else reach.OLDER_SERVER


def _too_old(server: str) -> bool:
    """Whether a server names a version before `MIN_SERVER`. One that names none is taken as it is."""
    named = _VERSION.match(server)
    return named is not None and (int(named[1]), int(named[2])) < MIN_SERVER
