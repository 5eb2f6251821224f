"""Who is let in with a genuine token: what Firebase says of them now, and what counts when it says nothing."""

import asyncio
import time
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from salebell_protocol.messages import AuthErrorCode
from salebell_server.auth import Admin, AuthFailure, Verdict
from salebell_server.auth.cache import READ_TOGETHER, READINGS_AT_ONCE
from salebell_server.auth.firebase import FirebaseUser
from salebell_server.auth.firebase.certificates import Certificates
from salebell_server.auth.firebase.tokens import Tokens
from salebell_server.auth.firebase.verifier import FirebaseVerifier, verdict_on
from salebell_server.auth.judging import LIMITING_SECONDS, SPARED_SECONDS
from salebell_server.auth.project import FirebaseProject
from tests.firebase.emulator import API_KEY, PROJECT
from tests.firebase.google import CertificateServer, Key, mint
from tests.server.auth.firebase.stand import (
    FIREBASE,
    Directory,
    Now,
    Sleeps,
    refused,
    tokens_for,
    user,
    verifier_of,
)

NOT_ADMIN = AuthErrorCode.NOT_ADMIN
REVOKED = AuthErrorCode.REVOKED
UNAVAILABLE = AuthErrorCode.AUTH_UNAVAILABLE


@pytest_asyncio.fixture
async def tokens(google: CertificateServer, now: Now) -> AsyncGenerator[Tokens, None]:
    async with tokens_for(Certificates(google.url, now.monotonic, sleep=Sleeps(now)), now) as made:
        yield made


@pytest.fixture
def directory() -> Directory:
    """Has one admin, of all stores."""
    return Directory(user())


@pytest.fixture
def verifier(tokens: Tokens, directory: Directory, now: Now) -> FirebaseVerifier:
    return verifier_of(tokens, directory, now)


@pytest.fixture
def blind(tokens: Tokens, now: Now) -> FirebaseVerifier:
    """Has no credentials to look anybody up with."""
    return verifier_of(tokens, None, now)


async def test_an_admin_is_who_the_token_says_and_may_what_the_account_may(
    verifier: FirebaseVerifier, directory: Directory, key: Key
) -> None:
    issued = int(time.time())
    directory.users["ana-1"] = user(role="ADMIN", stores=["outlet"])
    token = mint(key, PROJECT, iat=issued, exp=issued + 3600, role="none", stores=["main"])
    for _ in range(2):
        assert await verifier.verify(token) == Admin(
            uid="ana-1",
            email="ana@example.com",
            name="Ana",
            stores=frozenset({"outlet"}),
            issued_at=issued,
            expires_at=issued + 3600,
        )


async def test_without_credentials_the_token_says_it_all(blind: FirebaseVerifier, key: Key) -> None:
    assert (await blind.verify(mint(key, PROJECT))).stores is None
    assert (await blind.verify(mint(key, PROJECT, stores=["main"]))).stores == frozenset({"main"})
    for role in ("none", None):
        assert await refused(blind, mint(key, PROJECT, role=role)) is NOT_ADMIN
    for stores in ([], "main", ["Main"], None):
        assert await refused(blind, mint(key, PROJECT, stores=stores)) is NOT_ADMIN
    assert await blind.verdicts(["ana-1", "ben-1"]) == {"ana-1": Verdict(None, None), "ben-1": Verdict(None, None)}


async def test_the_project_says_which_claims_count(tokens: Tokens, key: Key, now: Now) -> None:
    project = FirebaseProject(
        project_id=PROJECT, web_api_key=API_KEY, role_claim="shop_role", role="owner", stores_claim="shops"
    )
    blind = verifier_of(tokens, None, now, project)
    assert await refused(blind, mint(key, PROJECT)) is NOT_ADMIN
    admin = await blind.verify(mint(key, PROJECT, shop_role="owner", shops=["outlet"], stores=["main"]))
    assert admin.stores == frozenset({"outlet"})
    seeing = verifier_of(tokens, Directory(user(shop_role="owner")), now, project)
    assert (await seeing.verify(mint(key, PROJECT))).stores is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (None, REVOKED),
        (user(disabled=True), REVOKED),
        (user(valid_after=2**40), REVOKED),
        (user(role="USER"), NOT_ADMIN),
        (user(other=1), NOT_ADMIN),
        (user(role="ADMIN", stores=[]), NOT_ADMIN),
        (user(role="USER", valid_after=2**40), NOT_ADMIN),
    ],
)
async def test_what_the_account_lost_counts_after_a_minute_at_the_latest(
    verifier: FirebaseVerifier,
    directory: Directory,
    key: Key,
    now: Now,
    change: FirebaseUser | None,
    code: AuthErrorCode,
) -> None:
    token = mint(key, PROJECT)
    admin = await verifier.verify(token)
    if change is None:
        directory.users.clear()
    else:
        directory.users["ana-1"] = change
    now.passes(seconds=59)
    await verifier.verify(token)
    now.passes(seconds=1)
    with pytest.raises(AuthFailure) as raised:
        await verifier.verify(token)
    assert raised.value.code is code
    assert raised.value.subject == "ana-1"
    assert (await verifier.verdicts(["ana-1"]))["ana-1"].on(admin) is code


async def test_tokens_from_before_a_revocation_are_refused_and_later_ones_not(
    verifier: FirebaseVerifier, directory: Directory, key: Key
) -> None:
    issued = int(time.time())
    directory.users["ana-1"] = user(valid_after=issued)
    assert await refused(verifier, mint(key, PROJECT, iat=issued - 1)) is REVOKED
    assert (await verifier.verify(mint(key, PROJECT, iat=issued))).issued_at == issued


async def test_who_is_let_in_again_need_not_wait_for_a_minute(
    verifier: FirebaseVerifier, directory: Directory, key: Key, now: Now
) -> None:
    token = mint(key, PROJECT)
    directory.users["ana-1"] = user(role="USER")
    for _ in range(3):
        assert await refused(verifier, token) is NOT_ADMIN
    assert len(directory.asked) == 1
    directory.users["ana-1"] = user(role="ADMIN", stores=["main"])
    now.passes(seconds=LIMITING_SECONDS)
    assert (await verifier.verify(token)).stores == frozenset({"main"})
    directory.users["ana-1"] = user(role="ADMIN", stores=["main", "outlet"])
    now.passes(seconds=LIMITING_SECONDS)
    assert (await verifier.verify(token)).may_open("outlet")


async def test_an_unreachable_google_is_never_a_bad_token(
    verifier: FirebaseVerifier, directory: Directory, key: Key, now: Now
) -> None:
    token = mint(key, PROJECT)
    directory.fails = True
    assert await refused(verifier, token) is UNAVAILABLE
    directory.fails = False
    admin = await verifier.verify(token)
    directory.fails = True
    now.passes(seconds=59)
    assert await verifier.verify(token) == admin
    with pytest.raises(AuthFailure) as raised:
        await verifier.verdicts(["ana-1"])
    assert raised.value.code is UNAVAILABLE
    now.passes(seconds=1)
    assert await refused(verifier, token) is UNAVAILABLE
    directory.fails = False
    assert await verifier.verify(token) == admin


async def test_a_known_token_needs_no_certificates(
    verifier: FirebaseVerifier, google: CertificateServer, key: Key, now: Now
) -> None:
    token = mint(key, PROJECT, exp=int(time.time()) + 86400)
    await verifier.verify(token)
    google.status = 503
    now.passes(seconds=12 * 3600)
    assert await refused(verifier, mint(key, PROJECT)) is UNAVAILABLE  # they are too old
    await verifier.verify(token)


async def test_a_limit_is_not_read_again_and_again_while_google_is_away(
    verifier: FirebaseVerifier, directory: Directory, key: Key, now: Now
) -> None:
    token = mint(key, PROJECT)
    directory.users["ana-1"] = user(role="ADMIN", stores=["main"])
    await verifier.verify(token)
    directory.fails = True
    now.passes(seconds=LIMITING_SECONDS)
    for _ in range(20):
        assert (await verifier.verify(token)).stores == frozenset({"main"})
    assert len(directory.asked) == 2
    now.passes(seconds=SPARED_SECONDS)
    await verifier.verify(token)
    assert len(directory.asked) == 3


async def test_a_refusal_that_cannot_be_looked_at_again_is_none(
    verifier: FirebaseVerifier, directory: Directory, key: Key, now: Now
) -> None:
    token = mint(key, PROJECT)
    directory.users["ana-1"] = user(disabled=True)
    assert await refused(verifier, token) is REVOKED
    directory.fails = True
    now.passes(seconds=LIMITING_SECONDS)
    assert await refused(verifier, token) is UNAVAILABLE


async def test_a_remembered_token_runs_out_all_the_same(verifier: FirebaseVerifier, key: Key, now: Now) -> None:
    token = mint(key, PROJECT)
    await verifier.verify(token)
    now.passes(seconds=3605)
    await verifier.verify(token)
    now.passes(seconds=10)
    for _ in range(2):
        with pytest.raises(AuthFailure) as raised:
            await verifier.verify(token)
        assert raised.value.code is AuthErrorCode.TOKEN_EXPIRED
        assert raised.value.is_innocent


async def test_a_bad_token_is_nobodys(verifier: FirebaseVerifier, directory: Directory, key: Key) -> None:
    token = mint(Key("key-1"), PROJECT)
    with pytest.raises(AuthFailure) as raised:
        await verifier.verify(token)
    assert raised.value.code is AuthErrorCode.TOKEN_INVALID
    assert raised.value.subject == ""
    assert directory.asked == []


async def test_many_who_come_back_at_once_are_looked_up_together(
    verifier: FirebaseVerifier, directory: Directory, key: Key
) -> None:
    names = [f"ana-{number}" for number in range(500)]
    directory.users = {name: user(name) for name in names}
    made = [mint(key, PROJECT, sub=name) for name in names]
    directory.gate.clear()
    verifying = [asyncio.create_task(verifier.verify(token)) for token in made]
    while len(directory.asked) < READINGS_AT_ONCE:
        await asyncio.sleep(0.001)
    directory.gate.set()
    assert [admin.uid for admin in await asyncio.gather(*verifying)] == names
    assert sum(map(len, directory.asked)) == 500
    assert max(map(len, directory.asked)) <= READ_TOGETHER


async def test_verdicts_are_asked_for_together(verifier: FirebaseVerifier, directory: Directory) -> None:
    directory.users["ben-1"] = user("ben-1", role="ADMIN", stores=["main"], other=1)
    directory.users["cai-1"] = user("cai-1", valid_after=7)
    assert await verifier.verdicts(["ana-1", "ben-1", "cai-1", "nobody"]) == {
        "ana-1": Verdict(None, None),
        "ben-1": Verdict(None, frozenset({"main"})),
        "cai-1": Verdict(None, None, 7),
        "nobody": Verdict(REVOKED, frozenset()),
    }
    assert directory.asked == [("ana-1", "ben-1", "cai-1", "nobody")]


async def test_the_log_is_told_once_that_users_cannot_be_looked_up(
    verifier: FirebaseVerifier, directory: Directory
) -> None:
    with capture_logs() as told:
        for fails in (False, True, True, False, False, True):
            directory.fails = fails
            try:
                await verifier.verdicts(["ana-1"])
            except AuthFailure:
                assert fails
    assert [record["log_level"] for record in told] == ["warning", "info", "warning"]
    assert told[0]["reason"] == "Firebase cannot be reached from this machine"


def test_a_disabled_admin_is_gone_whatever_the_claims() -> None:
    assert verdict_on(user(disabled=True), FIREBASE) == verdict_on(None, FIREBASE) == Verdict(REVOKED, frozenset())
