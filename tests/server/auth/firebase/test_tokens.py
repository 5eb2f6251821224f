"""ID tokens with real signatures: which are genuine, and what becomes of all others."""

import asyncio
import json
import os
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
import pytest_asyncio
from firebase_admin import auth, exceptions
from google.auth.exceptions import TransportError
from structlog.testing import capture_logs

from salebell_protocol.messages import AuthErrorCode
from salebell_server.auth import AuthFailure
from salebell_server.auth.firebase.certificates import MIN_FRESH_SECONDS, UNKNOWN_KEY_SECONDS, Certificates
from salebell_server.auth.firebase.tokens import (
    VERIFIED_TOGETHER,
    WAITING,
    IdToken,
    Tokens,
    refusal_of,
)
from salebell_server.auth.project import EMULATOR_VARIABLE
from tests.firebase.emulator import PROJECT, AuthEmulator
from tests.firebase.google import CertificateServer, Key, claims, mint, unsigned, with_hmac
from tests.server.auth.firebase.stand import Now, Sleeps, refused, tokens_for

INVALID = AuthErrorCode.TOKEN_INVALID
EXPIRED = AuthErrorCode.TOKEN_EXPIRED
UNAVAILABLE = AuthErrorCode.AUTH_UNAVAILABLE


@pytest_asyncio.fixture
async def tokens(google: CertificateServer, now: Now) -> AsyncGenerator[Tokens, None]:
    """Verifies what `key` signed."""
    certificates = Certificates(google.url, now.monotonic, sleep=Sleeps(now))
    async with tokens_for(certificates, now) as made:
        yield made


def tampered(key: Key) -> str:
    """The claims of another, under a signature that was made for others."""
    head, _, signature = mint(key, PROJECT).split(".")
    return f"{head}.{mint(key, PROJECT, sub='root').split('.')[1]}.{signature}"


def header(**said: object) -> dict[str, object]:
    return {"alg": "RS256", "kid": "key-1", **said}


async def test_a_genuine_token_says_who_its_bearer_is(tokens: Tokens, key: Key) -> None:
    issued = int(time.time())
    said = await tokens.verify(mint(key, PROJECT, sub="ben-1", iat=issued, stores=["main"]))
    assert said == IdToken(
        uid="ben-1",
        email="ana@example.com",
        name="Ana",
        issued_at=issued,
        expires_at=said.expires_at,
        claims=said.claims,
    )
    assert said.claims["stores"] == ["main"]


@pytest.mark.parametrize("lacking", [{"without": ("email", "name")}, {"email": None, "name": 7}])
async def test_who_has_no_address_and_no_name_is_somebody_all_the_same(
    tokens: Tokens, key: Key, lacking: dict[str, Any]
) -> None:
    said = await tokens.verify(mint(key, PROJECT, **lacking))
    assert (said.uid, said.email, said.name) == ("ana-1", "", "")


async def test_a_name_is_one_line_of_plain_text(tokens: Tokens, key: Key) -> None:
    assert (await tokens.verify(mint(key, PROJECT, name="A\u202ena\nLópez\ud800"))).name == "Ana López"


@pytest.mark.parametrize(("ago", "good"), [(-60, True), (5, True), (20, False), (3600, False)])
async def test_a_token_is_good_until_a_few_seconds_after_its_end(
    tokens: Tokens, key: Key, ago: int, good: bool
) -> None:
    ends = int(time.time()) - ago
    token = mint(key, PROJECT, iat=ends - 3600, exp=ends)
    if good:
        assert (await tokens.verify(token)).expires_at == ends
    else:
        assert await refused(tokens, token) is EXPIRED


async def test_its_end_is_counted_by_our_clock_too(tokens: Tokens, key: Key, now: Now) -> None:
    token = mint(key, PROJECT)
    now.passes(seconds=3605)
    await tokens.verify(token)
    now.passes(seconds=20)
    assert await refused(tokens, token) is EXPIRED


async def test_a_token_of_the_near_future_is_good_of_a_far_one_not(tokens: Tokens, key: Key, now: Now) -> None:
    await tokens.verify(mint(key, PROJECT, iat=int(time.time()) + 5))
    assert await refused(tokens, mint(key, PROJECT, iat=int(time.time()) + 30)) is INVALID
    token = mint(key, PROJECT)
    now.passes(seconds=-30)
    assert await refused(tokens, token) is INVALID


WRONG: dict[str, Callable[[Key], str]] = {
    "for another project": lambda key: mint(key, PROJECT, aud="other"),
    "for a list of projects": lambda key: mint(key, PROJECT, aud=[PROJECT]),
    "for nobody": lambda key: mint(key, PROJECT, without=["aud"]),
    "by another project": lambda key: mint(key, PROJECT, iss="https://securetoken.google.com/other"),
    "by nobody": lambda key: mint(key, PROJECT, without=["iss"]),
    "a session cookie": lambda key: mint(key, PROJECT, iss=f"https://session.firebase.google.com/{PROJECT}"),
    "a custom token": lambda key: mint(
        key,
        PROJECT,
        aud="https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit",
    ),
    "signed by a stranger": lambda key: mint(Key("key-1"), PROJECT),
    "tampered with": tampered,
    "unknown key": lambda key: mint(Key("key-9"), PROJECT),
    "no key": lambda key: mint(key, PROJECT, header={"alg": "RS256"}),
    "empty key": lambda key: mint(key, PROJECT, header=header(kid="")),
    "a list of keys": lambda key: mint(key, PROJECT, header=header(kid=["key-1"])),
    "HS256 with the certificate": lambda key: with_hmac(header(alg="HS256"), claims(PROJECT), key.certificate.encode()),
    "RS256 with an HMAC": lambda key: with_hmac(header(), claims(PROJECT), key.certificate.encode()),
    "no algorithm": lambda key: unsigned(claims(PROJECT)),
    "no algorithm, a known key": lambda key: unsigned(claims(PROJECT), header(alg="none")),
    "no signature": lambda key: unsigned(claims(PROJECT), header()),
    "another algorithm": lambda key: key.sign(header(alg="RS512"), claims(PROJECT)),
    "elliptic": lambda key: key.sign(header(alg="ES256"), claims(PROJECT)),
    "nobody's": lambda key: mint(key, PROJECT, without=["sub"]),
    "of an empty uid": lambda key: mint(key, PROJECT, sub=""),
    "of a long uid": lambda key: mint(key, PROJECT, sub="x" * 129),
    "of a number": lambda key: mint(key, PROJECT, sub=7),
    "of half a character": lambda key: mint(key, PROJECT, sub="\ud800"),
    "of two lines": lambda key: mint(key, PROJECT, sub="a\nb"),
    "without an end": lambda key: mint(key, PROJECT, without=["exp"]),
    "without a beginning": lambda key: mint(key, PROJECT, without=["iat"]),
    "ends soon": lambda key: mint(key, PROJECT, exp="soon"),
    "ends never": lambda key: mint(key, PROJECT, exp=float("nan")),
    "ends at infinity": lambda key: mint(key, PROJECT, exp=float("inf")),
    "ends far away": lambda key: mint(key, PROJECT, exp=2**60),
    "ends in between": lambda key: mint(key, PROJECT, exp=time.time() + 60.5),
    "ends in a list": lambda key: mint(key, PROJECT, exp=[1]),
    "begins in a list": lambda key: mint(key, PROJECT, iat=[1]),
    "begins before all time": lambda key: mint(key, PROJECT, iat=-1),
    "claims no object": lambda key: key.sign(header(), [1]),
    "claims no JSON": lambda key: key.sign(header(), b"\xff\xfe"),
    "claims null": lambda key: key.sign(header(), b"null"),
    "claims nested": lambda key: key.sign(header(), b"[" * 3000),
    "claims a huge number": lambda key: key.sign(header(), b'{"exp":' + b"9" * 4500 + b"}"),
    "header no object": lambda key: key.sign([1], claims(PROJECT)),
    "header no JSON": lambda key: key.sign(b"\xff\xfe", claims(PROJECT)),
    "header nested": lambda key: key.sign(b"[" * 4000, {}),
    "header in part": lambda key: "e30.e30.e30",
    "empty": lambda key: "",
    "garbage": lambda key: "garbage",
    "a password": lambda key: "correct horse battery staple",
    "dots": lambda key: "..",
    "two segments": lambda key: mint(key, PROJECT).rpartition(".")[0],
    "four segments": lambda key: mint(key, PROJECT) + ".e30",
    "padded": lambda key: mint(key, PROJECT) + "==",
    "a line end": lambda key: mint(key, PROJECT) + "\n",
    "between the alphabet": lambda key: mint(key, PROJECT) + "!",
    "not ASCII": lambda key: mint(key, PROJECT) + "é",
    "digits of others": lambda key: mint(key, PROJECT) + "٣",
    "half a character": lambda key: mint(key, PROJECT) + "\ud800",
    "too long": lambda key: mint(key, PROJECT, padding="x" * 8192),
    "huge": lambda key: "A" * 1_000_000,
}


@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG.keys())
async def test_what_is_not_genuine_is_invalid(tokens: Tokens, key: Key, make: Callable[[Key], str]) -> None:
    with capture_logs() as told:
        assert await refused(tokens, make(key)) is INVALID
    assert told == []  # nothing of it was unforeseen
    await tokens.verify(mint(key, PROJECT))


async def test_garbage_causes_no_fetch(tokens: Tokens, google: CertificateServer, key: Key) -> None:
    for token in ("garbage", "..", unsigned(claims(PROJECT)), "A" * 1_000_000, mint(key, PROJECT, header={})):
        assert await refused(tokens, token) is INVALID
    assert google.fetches == 0


async def test_no_fetch_is_made_for_each_token(tokens: Tokens, google: CertificateServer, key: Key) -> None:
    for number in range(100):
        await tokens.verify(mint(key, PROJECT, sub=f"ana-{number}"))
    assert google.fetches == 1


async def test_many_at_the_first_moment_share_one_fetch(tokens: Tokens, google: CertificateServer, key: Key) -> None:
    made = [mint(key, PROJECT, sub=f"ana-{number}") for number in range(64)]
    google.hold()
    verifying = [asyncio.create_task(tokens.verify(token)) for token in made]
    while google.fetches == 0:
        await asyncio.sleep(0)
    google.let_go()
    said = await asyncio.gather(*verifying)
    assert [each.uid for each in said] == [f"ana-{number}" for number in range(64)]
    assert google.fetches == 1


async def test_a_new_key_is_learnt_of_and_an_old_one_forgotten(
    tokens: Tokens, google: CertificateServer, key: Key, next_key: Key, now: Now
) -> None:
    old, new = mint(key, PROJECT), mint(next_key, PROJECT)
    await tokens.verify(old)
    google.keys.append(next_key)
    now.passes(seconds=UNKNOWN_KEY_SECONDS)
    await tokens.verify(new)
    await tokens.verify(old)
    google.keys.remove(key)
    now.passes(seconds=UNKNOWN_KEY_SECONDS)
    assert await refused(tokens, mint(Key("key-3"), PROJECT)) is INVALID  # which makes them be fetched
    assert await refused(tokens, old) is INVALID
    await tokens.verify(new)


async def test_without_google_no_token_is_judged_by_a_key_that_is_not_known(
    tokens: Tokens, google: CertificateServer, key: Key, now: Now
) -> None:
    google.status = 503
    assert await refused(tokens, mint(key, PROJECT)) is UNAVAILABLE
    google.status = 200
    now.passes(seconds=UNKNOWN_KEY_SECONDS)
    await tokens.verify(mint(key, PROJECT))
    google.status = 503
    now.passes(seconds=MIN_FRESH_SECONDS)
    assert await refused(tokens, mint(Key("key-9"), PROJECT)) is UNAVAILABLE
    await tokens.verify(mint(key, PROJECT))


async def test_an_expired_token_of_a_stranger_is_not_called_expired(tokens: Tokens) -> None:
    token = mint(Key("key-1"), PROJECT, iat=1, exp=2)
    assert await refused(tokens, token) is INVALID


async def test_the_environment_makes_no_unsigned_token_genuine(
    tokens: Tokens, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(EMULATOR_VARIABLE, "127.0.0.1:1")
    for forged in (unsigned(claims(PROJECT)), unsigned(claims(PROJECT), header(alg="none"))):
        assert await refused(tokens, forged) is INVALID
    for forged in (unsigned(claims(PROJECT), header()), tampered(key)):
        assert await refused(tokens, forged) is UNAVAILABLE
    monkeypatch.delenv(EMULATOR_VARIABLE)
    assert await refused(tokens, tampered(key)) is INVALID


async def test_of_many_at_once_none_waits_for_all(tokens: Tokens, key: Key) -> None:
    made = [mint(key, PROJECT, sub=f"ana-{number}") for number in range(500)]
    await tokens.verify(made[0])
    verifying = [asyncio.create_task(tokens.verify(token)) for token in made]
    first, _ = await asyncio.wait(verifying, return_when=asyncio.FIRST_COMPLETED)
    assert len(first) <= 2 * VERIFIED_TOGETHER
    assert [each.uid for each in await asyncio.gather(*verifying)] == [f"ana-{number}" for number in range(500)]


async def test_more_than_there_is_room_for_are_told_to_come_back(tokens: Tokens, key: Key) -> None:
    token = mint(key, PROJECT)
    await tokens.verify(token)
    outcomes = await asyncio.gather(*(tokens.verify(token) for _ in range(WAITING + 3)), return_exceptions=True)
    refusals = [outcome for outcome in outcomes if isinstance(outcome, AuthFailure)]
    assert [refusal.code for refusal in refusals] == [UNAVAILABLE] * 3
    await tokens.verify(token)


async def test_who_left_is_not_waited_for(tokens: Tokens, key: Key) -> None:
    token = mint(key, PROJECT)
    await tokens.verify(token)
    for _ in range(5):
        leaving = [asyncio.create_task(tokens.verify(token)) for _ in range(WAITING)]
        await asyncio.sleep(0)
        for task in leaving:
            task.cancel()
        await asyncio.wait(leaving)
    assert (await tokens.verify(token)).uid == "ana-1"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (auth.ExpiredIdTokenError("x", None), EXPIRED),
        (auth.RevokedIdTokenError("x"), AuthErrorCode.REVOKED),
        (auth.UserDisabledError("x"), AuthErrorCode.REVOKED),
        (auth.UserNotFoundError("x"), AuthErrorCode.REVOKED),
        (auth.InvalidIdTokenError("x"), INVALID),
        (ValueError("x"), INVALID),
        (TypeError("x"), INVALID),
        (RecursionError("x"), INVALID),
        (auth.CertificateFetchError("x", None), UNAVAILABLE),
        (exceptions.UnavailableError("x"), UNAVAILABLE),
        (exceptions.DeadlineExceededError("x"), UNAVAILABLE),
        (exceptions.InternalError("x"), UNAVAILABLE),
        (TransportError("x"), UNAVAILABLE),  # type: ignore[no-untyped-call]
        (ConnectionError("x"), UNAVAILABLE),
        (TimeoutError("x"), UNAVAILABLE),
        (KeyError("x"), INVALID),
    ],
)
def test_what_each_exception_means(error: Exception, code: AuthErrorCode) -> None:
    assert refusal_of(error).code is code


def test_what_is_unforeseen_is_told_of_without_the_token() -> None:
    with capture_logs() as told:
        refusal = refusal_of(KeyError("eyJhbGciOi.secret.token"))
    assert "secret" not in json.dumps(told) + str(refusal)
    assert told[0]["error"] == "KeyError"


@pytest_asyncio.fixture
async def emulated(emulator: AuthEmulator, now: Now) -> AsyncGenerator[Tokens, None]:
    """Verifies what the emulator made; there are no certificates."""
    async with tokens_for(None, now) as made:
        yield made


async def test_the_emulators_tokens_are_good_in_its_company(
    emulated: Tokens, emulator: AuthEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = emulator.add("ana@example.com", claims={"role": "ADMIN", "stores": ["main"]})
    token = emulator.sign_in("ana@example.com").id_token
    said = await emulated.verify(token)
    assert (said.uid, said.email, said.claims["role"], said.claims["stores"]) == (
        uid, "ana@example.com", "ADMIN", ["main"],
    )  # fmt: skip
    monkeypatch.delenv(EMULATOR_VARIABLE)
    assert await refused(emulated, token) is INVALID


async def test_a_forged_token_is_good_with_an_emulator_and_nowhere_else(
    tokens: Tokens, emulated: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = unsigned(claims(PROJECT, sub="root"))
    assert (await emulated.verify(forged)).uid == "root"
    monkeypatch.delenv(EMULATOR_VARIABLE)
    assert await refused(tokens, forged) is INVALID


async def test_without_certificates_no_signed_token_is_judged_where_there_is_no_emulator(
    key: Key, now: Now, no_emulator: None
) -> None:
    async with tokens_for(None, now) as tokens:
        assert await refused(tokens, mint(key, PROJECT)) is UNAVAILABLE


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"exp": 1}, EXPIRED),
        ({"exp": "soon"}, INVALID),
        ({"exp": True}, INVALID),
        ({"iat": 2**40}, INVALID),
        ({"aud": "other"}, INVALID),
        ({"iss": "other"}, INVALID),
        ({"sub": ""}, INVALID),
        ({"sub": "\ud800"}, INVALID),
    ],
)
async def test_what_the_emulator_does_not_check_is_checked_here(
    emulated: Tokens, said: dict[str, object], code: AuthErrorCode
) -> None:
    assert await refused(emulated, unsigned({**claims(PROJECT), **said})) is code


async def test_garbage_is_invalid_with_an_emulator_too(emulated: Tokens) -> None:
    for garbage in ("", "garbage", "a.b.c", "..", unsigned([1]), unsigned(b"[" * 3000), "A" * 1_000_000):
        assert await refused(emulated, garbage) is INVALID


def test_these_tests_are_not_told_of_an_emulator_by_whoever_runs_them() -> None:
    assert os.environ.get(EMULATOR_VARIABLE) is None
