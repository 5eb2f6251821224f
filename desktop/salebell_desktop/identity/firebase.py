"""Accounts of a Firebase project, by the REST API of Identity Toolkit.

The API key names the project and is no secret; it travels in a header all the same, so that URLs say nothing.
Everything else is in bodies (https://firebase.google.com/docs/reference/rest/auth).
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar
from urllib.parse import urlencode

import msgspec

from salebell_desktop.identity import Means, Reply, Web
from salebell_desktop.identity.endpoints import REFUSED, UNAVAILABLE, UNREACHABLE, Endpoints
from salebell_desktop.identity.errors import IdentityUnavailable, ServerUnreachable, SessionEnded, SignInRefused
from salebell_desktop.identity.id_token import InvalidToken, read
from salebell_protocol.http import FirebaseConfig, Provider, Tokens

T = TypeVar("T")

_WRONG = "E-mail or password is wrong."
_DISABLED = "This account is disabled. Please ask whoever runs your server."
_TOO_MANY = "Too many attempts. Please wait some minutes and try again."
_NOT_SET_UP = "Signing in is not set up as it should be for this shop. Please ask whoever runs your server."
_NO_PASSWORDS = "This shop does not sign in with passwords."
_NO_GOOGLE = "This shop does not sign in with Google."
_SECOND_FACTOR = "This account asks for a second factor, which this version of Salebell does not know."
_PROOF = "This shop asks for a proof that you are no program, which this version of Salebell cannot give."
_OWN_RULES = "Rules that this shop has for signing in did not let you in. Please ask whoever runs your server."
_OTHER_WAY = "This account signs in in another way. Please use your password."
_MISDIRECTED = "The sign-in is for another shop than this one. Please ask whoever runs your server."

_REFUSED: Mapping[str, str] = {
    "INVALID_LOGIN_CREDENTIALS": _WRONG,
    "INVALID_PASSWORD": _WRONG,
    "EMAIL_NOT_FOUND": _WRONG,
    "INVALID_EMAIL": _WRONG,
    "MISSING_EMAIL": _WRONG,
    "MISSING_PASSWORD": _WRONG,
    "USER_DISABLED": _DISABLED,
    "USER_NOT_FOUND": _WRONG,
    "TOO_MANY_ATTEMPTS_TRY_LATER": _TOO_MANY,
    "RESET_PASSWORD_EXCEED_LIMIT": _TOO_MANY,
    "PASSWORD_LOGIN_DISABLED": _NO_PASSWORDS,
    "ADMIN_ONLY_OPERATION": "There is no account for this address. Please ask whoever runs your server.",
    "CONFIGURATION_NOT_FOUND": _NOT_SET_UP,
    "PROJECT_NOT_FOUND": _NOT_SET_UP,
    "API_KEY": _NOT_SET_UP,
    "MISSING_RECAPTCHA_TOKEN": _PROOF,
    "INVALID_RECAPTCHA_TOKEN": _PROOF,
    "BLOCKING_FUNCTION_ERROR_RESPONSE": _OWN_RULES,
    "INVALID_IDP_RESPONSE": REFUSED,
    "INVALID_CREDENTIAL_OR_PROVIDER_ID": REFUSED,
    "MISSING_OR_INVALID_NONCE": REFUSED,
    "FEDERATED_USER_ID_ALREADY_LINKED": _OTHER_WAY,
    "EMAIL_EXISTS": _OTHER_WAY,
}
"""Why a sign-in is refused, by the first word of the error."""

_ENDED: Mapping[str, str] = {
    "TOKEN_EXPIRED": "This account was signed out. Please sign in again.",
    "USER_DISABLED": _DISABLED,
    "USER_NOT_FOUND": "This account does not exist any more. Please ask whoever runs your server.",
    "INVALID_REFRESH_TOKEN": "The sign-in kept on this computer is not good any more. Please sign in again.",
}
"""What ends a session, by the first word of the error. Whatever else comes may pass, and is tried again."""

_OF_API_KEYS = re.compile(r"API_KEY_\w+\Z|SERVICE_DISABLED\Z|CONSUMER_\w+\Z")
"""What is wrong with an API key (googleapis/google/api/error_reason.proto)."""

_OK = 200


class _SignedIn(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to a sign-in. Without a token, something is missing yet."""

    local_id: str = ""
    email: str = ""
    display_name: str = ""
    id_token: str = ""
    refresh_token: str = ""
    expires_in: str = ""
    mfa_pending_credential: str = ""
    need_confirmation: bool = False


class _Refreshed(msgspec.Struct, frozen=True):
    id_token: str
    refresh_token: str
    expires_in: str
    user_id: str


class _Reason(msgspec.Struct, frozen=True):
    reason: str = ""


class _Error(msgspec.Struct, frozen=True):
    message: str = ""
    details: tuple[_Reason, ...] = ()


class _Failure(msgspec.Struct, frozen=True):
    error: _Error


class FirebaseAccounts:
    """An `IdentityProvider` for the users of one Firebase project.

    An ID token for another project than the configured one is refused: a forged configuration would bring it.

    Args:
        web: talks to Google.
        config: of the project.
        endpoints: where Google is.
        google: gets an ID token of Google's from whoever signs in there; None where that is not offered. Raises as
            `IdentityProvider.sign_in_with_google` does.
        language: in which mails about forgotten passwords are written (BCP 47).
    """

    def __init__(
        self,
        web: Web,
        config: FirebaseConfig,
        endpoints: Endpoints,
        google: Callable[[], Awaitable[str]] | None = None,
        language: str = "en",
    ) -> None:
        self._web = web
        self._config = config
        self._endpoints = endpoints
        self._google = google
        self._language = language

    @property
    def kind(self) -> Provider:
        """`firebase`."""
        return Provider.FIREBASE

    @property
    def means(self) -> frozenset[Means]:
        """Passwords always; Google where it is set up."""
        return frozenset(Means) if self._google is not None else frozenset({Means.PASSWORD, Means.RESET})

    async def sign_in(self, email: str, password: str) -> Tokens:
        """See `IdentityProvider.sign_in`."""
        return self._tokens(
            await self._ask(
                "signInWithPassword",
                {"email": email, "password": password, "returnSecureToken": True},
                not_offered=_NO_PASSWORDS,
            )
        )

    async def sign_in_with_google(self) -> Tokens:
        """See `IdentityProvider.sign_in_with_google`."""
        if self._google is None:
            raise SignInRefused(_NO_GOOGLE)
        given = urlencode({"id_token": await self._google(), "providerId": "google.com"})
        # Nothing is at that address: the API wants one.
        body = {"postBody": given, "requestUri": "http://localhost", "returnSecureToken": True}
        return self._tokens(await self._ask("signInWithIdp", body, not_offered=_NO_GOOGLE))

    async def reset_password(self, email: str) -> None:
        """See `IdentityProvider.reset_password`."""
        reply = await self._post(f"{self._endpoints.accounts}/accounts:sendOobCode", msgspec.json.encode(
            {"requestType": "PASSWORD_RESET", "email": email}
        ), "application/json")  # fmt: skip
        if reply.status == _OK:
            return
        match _first_word(reply):
            case "EMAIL_NOT_FOUND" | "USER_NOT_FOUND" | "USER_DISABLED":  # some projects tell; we do not
                return
            case "INVALID_EMAIL" | "MISSING_EMAIL":
                raise SignInRefused("This is not an e-mail address.")
            case word:
                raise _refusal(word, _NO_PASSWORDS)

    async def refresh(self, refresh_token: str) -> Tokens:
        """See `IdentityProvider.refresh`."""
        form = urlencode({"grant_type": "refresh_token", "refresh_token": refresh_token})
        reply = await self._post(self._endpoints.refresh, form.encode(), "application/x-www-form-urlencoded")
        if reply.status != _OK:
            if reason := _ENDED.get(_first_word(reply)):
                raise SessionEnded(reason)
            raise IdentityUnavailable(UNAVAILABLE)
        answer = _decoded(reply, _Refreshed)
        try:
            return self._made(answer.id_token, answer.refresh_token, answer.expires_in, answer.user_id)
        except SignInRefused:
            raise IdentityUnavailable(UNAVAILABLE) from None

    async def sign_out(self, refresh_token: str) -> None:
        """Firebase ends all sessions of an account, or none: other computers stay signed in."""

    async def _ask(self, verb: str, body: Mapping[str, object], *, not_offered: str) -> _SignedIn:
        url = f"{self._endpoints.accounts}/accounts:{verb}"
        reply = await self._post(url, msgspec.json.encode(body), "application/json")
        if reply.status != _OK:
            raise _refusal(_first_word(reply), not_offered)
        return _decoded(reply, _SignedIn)

    async def _post(self, url: str, content: bytes, kind: str) -> Reply:
        headers = {"Content-Type": kind, "X-Goog-Api-Key": self._config.api_key, "X-Firebase-Locale": self._language}
        try:
            return await self._web.post(url, content, headers)
        except ServerUnreachable:
            raise IdentityUnavailable(UNREACHABLE) from None

    def _tokens(self, answer: _SignedIn) -> Tokens:
        if answer.mfa_pending_credential:
            raise SignInRefused(_SECOND_FACTOR)
        if answer.need_confirmation:
            raise SignInRefused(_OTHER_WAY)
        return self._made(
            answer.id_token, answer.refresh_token, answer.expires_in, answer.local_id, answer.email, answer.display_name
        )

    def _made(
        self, id_token: str, refresh_token: str, expires_in: str, uid: str, email: str = "", name: str = ""
    ) -> Tokens:
        try:
            claims, seconds = read(id_token), int(expires_in)
        except (InvalidToken, ValueError):
            raise IdentityUnavailable(UNAVAILABLE) from None
        if not refresh_token or seconds <= 0 or claims.sub != uid:
            raise IdentityUnavailable(UNAVAILABLE)
        if claims.aud != self._config.project_id:
            raise SignInRefused(_MISDIRECTED)
        return Tokens(
            id_token=id_token,
            refresh_token=refresh_token,
            expires_in=seconds,
            uid=uid,
            email=email or claims.email,
            name=name or claims.name,
        )


def _refusal(word: str, not_offered: str) -> SignInRefused | IdentityUnavailable:
    sentence = not_offered if word == "OPERATION_NOT_ALLOWED" else _REFUSED.get(word)
    return IdentityUnavailable(UNAVAILABLE) if sentence is None else SignInRefused(sentence)


def _decoded(reply: Reply, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(reply.content, type=kind)
    except (msgspec.DecodeError, RecursionError):
        raise IdentityUnavailable(UNAVAILABLE) from None


def _first_word(reply: Reply) -> str:
    """The error's name: what follows it is for programmers. "" when there is none."""
    try:
        error = msgspec.json.decode(reply.content, type=_Failure).error
    except (msgspec.DecodeError, RecursionError):
        return ""
    # Of an API key that is not accepted, or not for this, the message is a sentence, and the details say what it is.
    if error.message.startswith("API key") or any(_OF_API_KEYS.match(each.reason) for each in error.details):
        return "API_KEY"
    return error.message.partition(" ")[0]
