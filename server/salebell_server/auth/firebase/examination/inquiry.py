"""Asking Google, or an emulator, over HTTP, and telling apart what comes back."""

import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from salebell_server.auth.firebase.certificates import CERTIFICATES_URL

TIMEOUT_SECONDS = 5.0
"""To connect, and for each part of an answer."""

LONGEST_MESSAGE = 200
"""Characters."""

_LOOPBACK = {"all://127.0.0.1": None, "all://localhost": None, "all://[::1]": None}
"""No proxy leads there."""


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """Where the services are.

    Attributes:
        certificates: the keys that ID tokens are signed with; None where they are not signed.
        token: gives access tokens to service accounts.
        toolkit: Identity Toolkit: users and sign-ins (cloud.google.com/identity-platform/docs/reference/rest).
        secure_token: refreshes ID tokens.
    """

    certificates: str | None = CERTIFICATES_URL
    token: str = "https://oauth2.googleapis.com/token"
    toolkit: str = "https://identitytoolkit.googleapis.com"
    secure_token: str = "https://securetoken.googleapis.com"


GOOGLE = Endpoints()


def emulated(host: str) -> Endpoints:
    """The services of the emulator at `host`, which signs nothing and asks for no access token."""
    return Endpoints(
        certificates=None,
        token="",
        toolkit=f"http://{host}/identitytoolkit.googleapis.com",
        secure_token=f"http://{host}/securetoken.googleapis.com",
    )


class Unreached(Exception):
    """A host did not answer, or something else did. The text says which, and why, for people."""

    def __init__(self, host: str, sentence: str) -> None:
        super().__init__(f"{host} {sentence}")
        self.host = host
        self.sentence = sentence


class _Reason(msgspec.Struct, frozen=True):
    reason: str = ""


class _Error(msgspec.Struct, frozen=True):
    """Of Google's interfaces (cloud.google.com/apis/design/errors)."""

    message: str = ""
    status: str = ""
    errors: tuple[_Reason, ...] = ()
    details: tuple[_Reason, ...] = ()


class _Refusal(msgspec.Struct, frozen=True):
    """`error` is a word where access tokens are given out (RFC 6749, section 5.2)."""

    error: _Error | str = ""
    error_description: str = ""


class Answer(msgspec.Struct, frozen=True):
    """What was answered.

    Attributes:
        status: of HTTP.
        body: the decoded JSON.
    """

    status: int
    body: Mapping[str, Any]

    @property
    def is_fine(self) -> bool:
        """Whether it is no error."""
        return self.status == HTTPStatus.OK

    @property
    def is_passing(self) -> bool:
        """Whether it says nothing but that it is to be tried again later."""
        return self.status >= HTTPStatus.INTERNAL_SERVER_ERROR or self.status == HTTPStatus.TOO_MANY_REQUESTS

    @property
    def message(self) -> str:
        """What an error says for people; shortened."""
        refusal = self._refusal
        if isinstance(refusal.error, _Error):
            return refusal.error.message[:LONGEST_MESSAGE]
        return f"{refusal.error}: {refusal.error_description}"[:LONGEST_MESSAGE]

    @property
    def words(self) -> frozenset[str]:
        """What an error says for programs: its status, the first word of its message, and every reason."""
        error = self._refusal.error
        if not isinstance(error, _Error):
            return frozenset([error])
        reasons = (part.reason for part in (*error.errors, *error.details))
        return frozenset((error.message.partition(" ")[0].rstrip(":"), error.status, *reasons))

    @property
    def _refusal(self) -> _Refusal:
        try:
            return msgspec.convert(self.body, _Refusal)
        except msgspec.ValidationError:
            return _Refusal()


class Inquiry:
    """Asks, and notes what time it is where the answers come from.

    Args:
        http: sends the requests; follows no redirects.
        unix: the time of day here, in unix seconds.
    """

    def __init__(self, http: httpx.AsyncClient, unix: Callable[[], float]) -> None:
        self._http = http
        self._unix = unix
        self.skew: float | None = None
        """How far this machine's clock is ahead of theirs, in seconds, to half a second; None before any answer."""

    def now(self) -> float:
        """The time of day here, in unix seconds."""
        return self._unix()

    async def get(
        self, url: str, headers: Mapping[str, str] | None = None, query: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask for `url`. Raises `Unreached`."""
        return await self._ask(self._http.build_request("GET", url, headers=headers, params=query))

    async def post(self, url: str, body: Mapping[str, object], headers: Mapping[str, str] | None = None) -> Answer:
        """Send `body` as JSON. Raises `Unreached`."""
        return await self._ask(self._http.build_request("POST", url, json=body, headers=headers))

    async def post_form(self, url: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        """Send `form` as a form. Raises `Unreached`."""
        return await self._ask(self._http.build_request("POST", url, data=form, headers=headers))

    async def _ask(self, request: httpx.Request) -> Answer:
        host = urlsplit(str(request.url)).netloc
        before = self._unix()
        try:
            answer = await self._http.send(request)
        except httpx.TimeoutException:
            raise Unreached(host, f"does not answer within {TIMEOUT_SECONDS:.0f} s: see the network") from None
        except httpx.HTTPError as error:
            raise Unreached(host, _why(error)) from None
        here = (before + self._unix()) / 2
        try:
            body = msgspec.json.decode(answer.content, type=dict[str, Any])
        except msgspec.DecodeError:
            if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                sentence = (
                    f"answers what Google would not (status {answer.status_code}): see whether a proxy is between"
                )
                raise Unreached(host, sentence) from None
            body = {}
        self._note_time(answer, here)
        return Answer(answer.status_code, body)

    def _note_time(self, answer: httpx.Response, here: float) -> None:
        """RFC 9110, section 6.6.1; what a cache gave out is as old as it says (RFC 9111, section 5.1)."""
        try:
            there = parsedate_to_datetime(answer.headers["Date"]).timestamp() + int(answer.headers.get("Age", "0"))
        except (KeyError, ValueError):
            return
        self.skew = here - there - 0.5


@asynccontextmanager
async def inquiry(unix: Callable[[], float]) -> AsyncGenerator[Inquiry, None]:
    """Asks over connections of its own, through the proxy that the environment names, if it names one."""
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, mounts=_LOOPBACK) as http:
        yield Inquiry(http, unix)


def _why(error: Exception) -> str:
    causes = tuple(_causes(error))
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return "cannot be found: see that this machine has a network and a name server"
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            reason = cause.verify_message or "not trusted"
            return f"has a certificate that is not accepted ({reason}): see the clock, and what is between"
    if any(isinstance(cause, httpx.ProxyError) for cause in causes):
        return "cannot be reached through the proxy that HTTPS_PROXY names: correct it"
    return "cannot be reached: see the network, a firewall, and HTTPS_PROXY where a proxy is needed"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what caused it, what caused that."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
