"""The verifier with real look-ups, at the emulator: what happens to an account, and what that does."""

import time
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from salebell_protocol.messages import AuthErrorCode
from salebell_server.auth import AuthFailure
from salebell_server.auth.firebase.users import Users
from salebell_server.auth.firebase.verifier import FirebaseVerifier
from tests.firebase.emulator import PROJECT, AuthEmulator
from tests.firebase.google import claims, unsigned
from tests.server.auth.firebase.stand import FIREBASE, Now, application, refused, tokens_for, verifier_of

EMAIL = "ana@example.com"


@pytest_asyncio.fixture
async def verifier(emulator: AuthEmulator, now: Now) -> AsyncGenerator[FirebaseVerifier, None]:
    async with application(FIREBASE) as app, tokens_for(None, now) as tokens:
        users = Users(app)
        yield verifier_of(tokens, users, now)
        users.close()


@pytest.fixture
def uid(emulator: AuthEmulator) -> str:
    """Of an admin of all stores."""
    return emulator.add(EMAIL, claims={"role": "ADMIN"})


async def test_who_has_the_role_is_an_admin(verifier: FirebaseVerifier, emulator: AuthEmulator, uid: str) -> None:
    session = emulator.sign_in(EMAIL)
    admin = await verifier.verify(session.id_token)
    assert (admin.uid, admin.email, admin.stores) == (uid, EMAIL, None)
    assert 3500 < admin.expires_at - time.time() <= 3600
    assert (await verifier.verify(emulator.refresh(session).id_token)).uid == uid


async def test_the_role_is_that_of_the_account_and_not_of_the_token(
    verifier: FirebaseVerifier, emulator: AuthEmulator, now: Now
) -> None:
    uid = emulator.add(EMAIL)
    token = emulator.sign_in(EMAIL).id_token
    assert await refused(verifier, token) is AuthErrorCode.NOT_ADMIN
    emulator.set_claims(uid, {"role": "ADMIN", "stores": ["main"]})
    now.passes(seconds=2)
    assert (await verifier.verify(token)).stores == frozenset({"main"})
    emulator.set_claims(uid, {"role": "ADMIN", "stores": ["outlet"]})
    now.passes(seconds=2)
    assert (await verifier.verify(token)).stores == frozenset({"outlet"})
    emulator.set_claims(uid, {})
    now.passes(seconds=2)
    assert await refused(verifier, token) is AuthErrorCode.NOT_ADMIN


@pytest.mark.parametrize("change", ["disable", "delete", "revoke"])
async def test_an_account_that_is_ended_ends_its_tokens(
    verifier: FirebaseVerifier, emulator: AuthEmulator, uid: str, now: Now, change: str
) -> None:
    token = emulator.sign_in(EMAIL).id_token
    admin = await verifier.verify(token)
    match change:
        case "disable":
            emulator.disable(uid)
        case "delete":
            emulator.delete(uid)
        case _:
            emulator.revoke(uid, admin.issued_at + 1)
    assert await verifier.verify(token) == admin  # the verdict is not a minute old
    assert (await verifier.verdicts([uid]))[uid].on(admin) is AuthErrorCode.REVOKED
    now.passes(seconds=60)
    with pytest.raises(AuthFailure) as raised:
        await verifier.verify(token)
    assert raised.value.code is AuthErrorCode.REVOKED


async def test_who_is_enabled_again_is_let_in_again(
    verifier: FirebaseVerifier, emulator: AuthEmulator, uid: str, now: Now
) -> None:
    token = emulator.sign_in(EMAIL).id_token
    emulator.disable(uid)
    assert await refused(verifier, token) is AuthErrorCode.REVOKED
    emulator.disable(uid, disabled=False)
    now.passes(seconds=2)
    assert (await verifier.verify(token)).uid == uid


async def test_a_revocation_ends_older_tokens_and_no_later_ones(
    verifier: FirebaseVerifier, emulator: AuthEmulator, uid: str
) -> None:
    issued = int(time.time())
    emulator.revoke(uid, issued)
    older, later = (unsigned(claims(PROJECT, sub=uid, iat=at)) for at in (issued - 1, issued))
    assert await refused(verifier, older) is AuthErrorCode.REVOKED
    assert (await verifier.verify(later)).uid == uid


async def test_a_forged_token_of_nobody_lets_nobody_in(verifier: FirebaseVerifier) -> None:
    assert await refused(verifier, unsigned(claims(PROJECT, sub="nobody"))) is AuthErrorCode.REVOKED


async def test_an_emulator_that_is_gone_is_unavailable_and_costs_no_one_a_session(
    verifier: FirebaseVerifier, emulator: AuthEmulator, uid: str, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = emulator.sign_in(EMAIL).id_token
    admin = await verifier.verify(token)
    emulator.stop()
    try:
        now.passes(seconds=59)
        assert await verifier.verify(token) == admin
        now.passes(seconds=1)
        assert await refused(verifier, token) is AuthErrorCode.AUTH_UNAVAILABLE
    finally:
        emulator.start()
    again = emulator.add(EMAIL, claims={"role": "ADMIN"})
    assert again != uid  # its state was in memory
    assert await refused(verifier, token) is AuthErrorCode.REVOKED
