"""Signing in with Google, in the system's browser: OAuth 2.0 for installed apps, with PKCE.

RFC 8252, RFC 7636, https://developers.google.com/identity/protocols/oauth2/native-app. No password is ever typed into
this program, and what comes back through the browser is of no use to whoever else sees it.
"""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import msgspec

from salebell_desktop.identity import Reply, Web
from salebell_desktop.identity.endpoints import REFUSED, UNAVAILABLE, UNREACHABLE, Endpoints
from salebell_desktop.identity.errors import IdentityUnavailable, ServerUnreachable, SignInRefused
from salebell_desktop.identity.id_token import InvalidToken, read
from salebell_desktop.identity.loopback import Loopback, Page

PATIENCE = 300.0
"""Seconds for somebody to choose an account, and type a password and a second factor."""

STALE = 86_400.0
"""Seconds after its end from which a token is of another time, whatever the clock of this computer, which may be wrong,
says. Firebase looks exactly."""

ISSUERS = ("https://accounts.google.com", "accounts.google.com")

NO_BROWSER = "The browser could not be opened. Please sign in with your password."
NO_PORT = "This computer does not let the browser come back. Please sign in with your password."
TOO_LATE = "The sign-in in the browser took too long. Please try again."
DECLINED = "You did not sign in with Google."
NOT_SET_UP = "Signing in with Google is not set up as it should be for this shop. Please ask whoever runs your server."

_OK = 200
_BYTES = 32
"""Of chance in each of the three that keep a sign-in apart from all others: 43 characters, the least of RFC 7636."""


class _Exchanged(msgspec.Struct, frozen=True):
    id_token: str


class _Refused(msgspec.Struct, frozen=True):
    error: str


class GoogleInBrowser:
    """Gets an ID token of Google's from whoever signs in in the browser.

    Cancelling it stops listening at once.

    Args:
        web: talks to Google.
        client_id: of the OAuth client.
        client_secret: what Google wants with it; "" for a client that has none.
        endpoints: where Google is.
        open_browser: opens a page in the system's browser; whether it could.
        random: so many random bytes that nobody can guess.
        page: what the browser shows at the end.
        patience: seconds to wait for the browser.
        unix: the time of day, in seconds since 1970.
    """

    def __init__(
        self,
        web: Web,
        *,
        client_id: str,
        client_secret: str,
        endpoints: Endpoints,
        open_browser: Callable[[str], bool],
        random: Callable[[int], bytes],
        page: Page,
        patience: float = PATIENCE,
        unix: Callable[[], float] = time.time,
    ) -> None:
        self._web = web
        self._client_id = client_id
        self._client_secret = client_secret
        self._endpoints = endpoints
        self._open_browser = open_browser
        self._random = random
        self._page = page
        self._patience = patience
        self._unix = unix

    async def __call__(self) -> str:
        """An ID token of Google's, for Firebase.

        Raises:
            SignInRefused: they did not sign in, or may not.
            IdentityUnavailable: it could not be found out.
        """
        verifier, state, nonce = (_text(self._random(_BYTES)) for _ in range(3))

        def accepts(parameters: Mapping[str, str]) -> bool:
            ours = hmac.compare_digest(parameters.get("state", "").encode(), state.encode())
            return ours and ("code" in parameters or "error" in parameters)

        try:
            async with Loopback(accepts, self._page) as loopback:
                redirect = loopback.url
                answer = await self._answer(loopback, self._page_at_google(redirect, verifier, state, nonce))
        except OSError:
            raise SignInRefused(NO_PORT) from None
        if "code" not in answer:
            raise SignInRefused(DECLINED if answer.get("error") == "access_denied" else REFUSED)
        return self._checked(await self._exchanged(answer["code"], redirect, verifier), nonce)

    async def _answer(self, loopback: Loopback, page: str) -> Mapping[str, str]:
        if not self._open_browser(page):
            raise SignInRefused(NO_BROWSER)
        try:
            async with asyncio.timeout(self._patience):
                return await loopback.answer()
        except TimeoutError:
            raise SignInRefused(TOO_LATE) from None

    def _page_at_google(self, redirect: str, verifier: str, state: str, nonce: str) -> str:
        asked = {
            "client_id": self._client_id,
            "redirect_uri": redirect,
            "response_type": "code",
            "scope": "openid email profile",
            "code_challenge": _text(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
            "state": state,
            "nonce": nonce,
            "prompt": "select_account",
        }
        return f"{self._endpoints.authorize}?{urlencode(asked)}"

    async def _exchanged(self, code: str, redirect: str, verifier: str) -> str:
        """The ID token for the code that the browser brought."""
        form = {
            "client_id": self._client_id,
            "code": code,
            "code_verifier": verifier,
            "grant_type": "authorization_code",
            "redirect_uri": redirect,
        }
        if self._client_secret:
            form["client_secret"] = self._client_secret
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            reply = await self._web.post(self._endpoints.exchange, urlencode(form).encode(), headers)
        except ServerUnreachable:
            raise IdentityUnavailable(UNREACHABLE) from None
        if reply.status != _OK:
            raise _refusal(reply)
        try:
            return msgspec.json.decode(reply.content, type=_Exchanged).id_token
        except (msgspec.DecodeError, RecursionError):
            raise IdentityUnavailable(UNAVAILABLE) from None

    def _checked(self, token: str, nonce: str) -> str:
        """`token`, which is for this program and this very sign-in (OpenID Connect Core 1.0, section 3.1.3.7)."""
        try:
            claims = read(token)
        except InvalidToken:
            raise IdentityUnavailable(UNAVAILABLE) from None
        ours = hmac.compare_digest(claims.nonce.encode(), nonce.encode())
        for_us = ours and claims.aud == self._client_id and claims.iss in ISSUERS
        if not for_us or claims.exp + STALE < self._unix():
            raise SignInRefused(REFUSED)
        return token


def _refusal(reply: Reply) -> SignInRefused | IdentityUnavailable:
    """Why there is no token (RFC 6749, section 5.2)."""
    try:
        error = msgspec.json.decode(reply.content, type=_Refused).error
    except (msgspec.DecodeError, RecursionError):
        return IdentityUnavailable(UNAVAILABLE)
    match error:
        case "invalid_grant":
            return SignInRefused(REFUSED)
        case "invalid_client" | "unauthorized_client" | "redirect_uri_mismatch" | "invalid_request":
            return SignInRefused(NOT_SET_UP)
        case _:
            return IdentityUnavailable(UNAVAILABLE)


def _text(some: bytes) -> str:
    """Base64 for URLs, without padding (RFC 7636, appendix A)."""
    return base64.urlsafe_b64encode(some).rstrip(b"=").decode()
