"""Passwords and sessions at the real Auth emulator."""

import pytest

from salebell_desktop.client.web import HttpxWeb
from salebell_desktop.identity import Means
from salebell_desktop.identity.endpoints import Endpoints
from salebell_desktop.identity.errors import IdentityUnavailable, SessionEnded, SignInRefused
from salebell_desktop.identity.firebase import FirebaseAccounts
from salebell_desktop.identity.id_token import read
from salebell_protocol.http import FirebaseConfig, Provider
from tests.firebase.emulator import API_KEY, AuthEmulator

pytestmark = pytest.mark.plain_asyncio


async def test_somebody_signs_in(accounts: FirebaseAccounts, emulator: AuthEmulator) -> None:
    uid = emulator.add("ana@shop.example", "correct horse")
    tokens = await accounts.sign_in("ana@shop.example", "correct horse")
    assert (tokens.uid, tokens.email, tokens.expires_in) == (uid, "ana@shop.example", 3600)
    assert read(tokens.id_token).aud == emulator.project
    assert tokens.refresh_token
    assert accounts.kind is Provider.FIREBASE
    assert accounts.means == {Means.PASSWORD, Means.RESET}


@pytest.mark.parametrize(
    ("email", "password"),
    [("ana@shop.example", "wrong one"), ("nobody@shop.example", "correct horse"), ("not an address", "x"), ("", ""),
     ("ana@shop.example", "")],
)  # fmt: skip
async def test_what_is_wrong_is_not_told(
    accounts: FirebaseAccounts, emulator: AuthEmulator, email: str, password: str
) -> None:
    emulator.add("ana@shop.example", "correct horse")
    with pytest.raises(SignInRefused, match=r"^E-mail or password is wrong\.$"):
        await accounts.sign_in(email, password)


async def test_a_disabled_account(accounts: FirebaseAccounts, emulator: AuthEmulator) -> None:
    uid = emulator.add("ana@shop.example")
    tokens = await accounts.sign_in("ana@shop.example", "secret-1")
    emulator.disable(uid)
    with pytest.raises(SignInRefused, match="disabled"):
        await accounts.sign_in("ana@shop.example", "secret-1")
    with pytest.raises(SessionEnded, match="disabled"):
        await accounts.refresh(tokens.refresh_token)


async def test_a_refresh_brings_the_claims_of_now(accounts: FirebaseAccounts, emulator: AuthEmulator) -> None:
    uid = emulator.add("ana@shop.example")
    tokens = await accounts.sign_in("ana@shop.example", "secret-1")
    emulator.set_claims(uid, {"role": "ADMIN"})
    fresh = await accounts.refresh(tokens.refresh_token)
    assert (fresh.uid, fresh.email, fresh.expires_in) == (uid, "ana@shop.example", 3600)
    assert fresh.refresh_token
    again = await accounts.refresh(fresh.refresh_token)
    assert read(again.id_token).sub == uid


async def test_a_removed_account_is_signed_out(accounts: FirebaseAccounts, emulator: AuthEmulator) -> None:
    uid = emulator.add("ana@shop.example")
    tokens = await accounts.sign_in("ana@shop.example", "secret-1")
    emulator.delete(uid)
    with pytest.raises(SessionEnded):
        await accounts.refresh(tokens.refresh_token)


async def test_what_is_no_refresh_token(accounts: FirebaseAccounts) -> None:
    with pytest.raises(SessionEnded, match="sign in again"):
        await accounts.refresh("not one")


async def test_a_forgotten_password(accounts: FirebaseAccounts, emulator: AuthEmulator) -> None:
    before = len(emulator.oob_codes())
    emulator.add("ana@shop.example")
    await accounts.reset_password("ana@shop.example")
    (sent,) = emulator.oob_codes()[before:]
    assert (sent["email"], sent["requestType"]) == ("ana@shop.example", "PASSWORD_RESET")


async def test_nobody_is_told_whether_there_is_an_account(accounts: FirebaseAccounts, emulator: AuthEmulator) -> None:
    before = emulator.oob_codes()
    await accounts.reset_password("nobody@shop.example")
    assert emulator.oob_codes() == before


async def test_a_token_for_another_project_is_refused(
    web: HttpxWeb, endpoints: Endpoints, emulator: AuthEmulator
) -> None:
    """A forged configuration: the key leads to a project, and its name is another's."""
    emulator.add("ana@shop.example")
    forged = FirebaseAccounts(web, FirebaseConfig(project_id="another", api_key=API_KEY), endpoints)
    with pytest.raises(SignInRefused, match="another shop"):
        await forged.sign_in("ana@shop.example", "secret-1")
    with pytest.raises(IdentityUnavailable):
        await forged.refresh(emulator.sign_in("ana@shop.example").refresh_token)


async def test_google_where_it_is_not_offered(accounts: FirebaseAccounts) -> None:
    with pytest.raises(SignInRefused, match="Google"):
        await accounts.sign_in_with_google()


async def test_signing_out_ends_no_other_session(accounts: FirebaseAccounts, emulator: AuthEmulator) -> None:
    emulator.add("ana@shop.example")
    tokens = await accounts.sign_in("ana@shop.example", "secret-1")
    await accounts.sign_out(tokens.refresh_token)
    assert (await accounts.refresh(tokens.refresh_token)).uid == tokens.uid
