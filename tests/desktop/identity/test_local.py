from typing import Any

import msgspec
import pytest

from salebell_desktop.identity import Means
from salebell_desktop.identity.errors import (
    HttpFailure,
    IdentityUnavailable,
    ServerProblem,
    ServerUnreachable,
    SessionEnded,
    SignInRefused,
)
from salebell_desktop.identity.local import LocalAccounts
from salebell_protocol.http import Provider, Refresh, SignIn, Tokens

pytestmark = pytest.mark.plain_asyncio

TOKENS = Tokens(id_token="i", refresh_token="r", expires_in=3600, uid="u1", email="ana@example.com", name="Ana")
DOWN = ServerUnreachable("The server cannot be reached.")


class Http:
    """An `Exchange` with one answer."""

    def __init__(self, answer: Tokens | HttpFailure) -> None:
        self.answer = answer
        self.asked: list[tuple[str, msgspec.Struct]] = []

    async def post(self, path: str, body: msgspec.Struct, answer: type[Any]) -> Any:
        self.asked.append((path, body))
        if isinstance(self.answer, HttpFailure):
            raise self.answer
        assert answer is Tokens
        return self.answer

    async def tell(self, path: str, body: msgspec.Struct) -> None:
        await self.post(path, body, Tokens)


def refused(status: int, code: str) -> Http:
    return Http(ServerProblem(status, code, "no"))


async def test_signing_in() -> None:
    http = Http(TOKENS)
    accounts = LocalAccounts(http)
    assert accounts.kind is Provider.LOCAL
    assert await accounts.sign_in("ana@example.com", "pass") == TOKENS
    assert http.asked == [("/v1/auth/sign-in", SignIn("ana@example.com", "pass"))]


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (401, "invalid_credentials", "E-mail or password is wrong."),
        (400, "invalid", "E-mail or password is wrong."),
        (401, "something_new", "E-mail or password is wrong."),
        (403, "account_disabled", "This account is disabled."),
        (403, "not_admin", "not an admin"),
        (429, "rate_limited", "Too many attempts."),
    ],
)
async def test_why_a_sign_in_is_refused(status: int, code: str, sentence: str) -> None:
    with pytest.raises(SignInRefused, match=sentence):
        await LocalAccounts(refused(status, code)).sign_in("ana@example.com", "pass")


@pytest.mark.parametrize("http", [refused(503, "auth_unavailable"), refused(404, ""), refused(502, ""), Http(DOWN)])
async def test_what_says_nothing_of_the_password(http: Http) -> None:
    with pytest.raises(IdentityUnavailable):
        await LocalAccounts(http).sign_in("ana@example.com", "pass")


async def test_refreshing() -> None:
    http = Http(TOKENS)
    assert await LocalAccounts(http).refresh("old") == TOKENS
    assert http.asked == [("/v1/auth/refresh", Refresh("old"))]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "token_invalid"),
        (401, "token_expired"),
        (401, "revoked"),
        (403, "account_disabled"),
        (403, "not_admin"),
        (404, "not_found"),
    ],
)
async def test_what_ends_a_session(status: int, code: str) -> None:
    with pytest.raises(SessionEnded):
        await LocalAccounts(refused(status, code)).refresh("old")


@pytest.mark.parametrize(
    "http",
    [
        refused(401, ""),
        refused(401, "something_new"),
        refused(403, ""),
        refused(404, ""),
        refused(429, "rate_limited"),
        refused(500, "token_invalid"),
        refused(503, "auth_unavailable"),
        Http(DOWN),
    ],
)
async def test_what_does_not(http: Http) -> None:
    with pytest.raises(IdentityUnavailable):
        await LocalAccounts(http).refresh("old")


async def test_signing_out() -> None:
    http = Http(TOKENS)
    await LocalAccounts(http).sign_out("last")
    assert http.asked == [("/v1/auth/sign-out", Refresh("last"))]
    with pytest.raises(IdentityUnavailable):
        await LocalAccounts(Http(DOWN)).sign_out("last")


async def test_only_passwords_are_offered() -> None:
    accounts = LocalAccounts(Http(TOKENS))
    assert accounts.means == {Means.PASSWORD}
    with pytest.raises(SignInRefused, match="Google"):
        await accounts.sign_in_with_google()
    with pytest.raises(SignInRefused, match="ask whoever runs"):
        await accounts.reset_password("ana@shop.example")


async def test_a_certificate_that_is_not_trusted() -> None:
    """The window offers to choose an authority then."""
    accounts = LocalAccounts(Http(ServerUnreachable("The server's certificate is not trusted.", untrusted=True)))
    with pytest.raises(IdentityUnavailable) as caught:
        await accounts.sign_in("ana@example.com", "pass")
    assert caught.value.untrusted
    with pytest.raises(IdentityUnavailable) as caught:
        await LocalAccounts(Http(DOWN)).sign_in("ana@example.com", "pass")
    assert not caught.value.untrusted
