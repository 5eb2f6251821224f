"""What the emulator never answers, and Google does."""

import base64
import json
from typing import Any

import pytest

from salebell_desktop.identity.endpoints import GOOGLE, Endpoints
from salebell_desktop.identity.errors import IdentityError, IdentityUnavailable, SessionEnded, SignInRefused
from salebell_desktop.identity.firebase import FirebaseAccounts
from tests.desktop.identity.firebase.conftest import CONFIG, Scripted
from tests.firebase.emulator import API_KEY, PROJECT

pytestmark = pytest.mark.plain_asyncio

SECRETS = ("correct horse", "refresh-1", API_KEY)


def refusing(message: str, status: int = 400, **more: object) -> Scripted:
    """Google, as it refuses (firebase.google.com/docs/reference/rest/auth#section-error-format)."""
    return Scripted(status, json.dumps({"error": {"code": status, "message": message, **more}}).encode())


def accounts(web: Scripted, endpoints: Endpoints = GOOGLE) -> FirebaseAccounts:
    return FirebaseAccounts(web, CONFIG, endpoints, language="es")


def key_refused(reason: str) -> dict[str, Any]:
    return {
        "details": [
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"},
            {"@type": "type.googleapis.com/google.rpc.LocalizedMessage", "locale": "en-US", "message": "No."},
        ],
    }


KEY_INVALID = "API key not valid. Please pass a valid API key."


@pytest.mark.parametrize(
    ("web", "kind", "words"),
    [
        (refusing("TOO_MANY_ATTEMPTS_TRY_LATER : Access to this account has been temporarily disabled"), SignInRefused,
         "Too many attempts"),
        (refusing("INVALID_PASSWORD"), SignInRefused, "wrong"),
        (refusing("EMAIL_NOT_FOUND"), SignInRefused, "wrong"),
        (refusing("USER_DISABLED"), SignInRefused, "disabled"),
        (refusing("PASSWORD_LOGIN_DISABLED"), SignInRefused, "passwords"),
        (refusing("OPERATION_NOT_ALLOWED : The identity provider is disabled."), SignInRefused, "passwords"),
        (refusing("MISSING_RECAPTCHA_TOKEN"), SignInRefused, "no program"),
        (refusing("BLOCKING_FUNCTION_ERROR_RESPONSE : ((HTTP request to function failed))"), SignInRefused, "Rules"),
        (refusing("CONFIGURATION_NOT_FOUND"), SignInRefused, "not set up"),
        (refusing(KEY_INVALID), SignInRefused, "not set up"),
        (refusing("Bad key.", **key_refused("API_KEY_INVALID")), SignInRefused, "not set up"),
        (refusing("Requests from referer <empty> are blocked.", 403, **key_refused("API_KEY_HTTP_REFERRER_BLOCKED")),
         SignInRefused, "not set up"),
        (refusing("Identity Toolkit API has not been used", 403, **key_refused("SERVICE_DISABLED")), SignInRefused,
         "not set up"),
        (refusing("Quota exceeded.", 429, **key_refused("RATE_LIMIT_EXCEEDED")), IdentityUnavailable, "Google"),
        (refusing("INTERNAL", 500), IdentityUnavailable, "Google"),
        (refusing("UNAVAILABLE", 503), IdentityUnavailable, "Google"),
        (Scripted(502, b"<html>Bad gateway</html>"), IdentityUnavailable, "Google"),
        (Scripted(200, b"<html>Welcome to the hotel</html>"), IdentityUnavailable, "Google"),
        (Scripted(200, b"[]"), IdentityUnavailable, "Google"),
        (Scripted(200, b'{"idToken": "x.y.z", "localId": "u", "refreshToken": "r", "expiresIn": "3600"}'),
         IdentityUnavailable, "Google"),
        (Scripted(200, b'{"mfaPendingCredential": "x", "mfaInfo": []}'), SignInRefused, "second factor"),
        (Scripted(200, b'{"needConfirmation": true}'), SignInRefused, "another way"),
    ],
)  # fmt: skip
async def test_a_sign_in_that_fails(web: Scripted, kind: type[IdentityError], words: str) -> None:
    with pytest.raises(kind, match=words) as failed:
        await accounts(web).sign_in("ana@shop.example", "correct horse")
    assert not any(secret in repr(failed.value) for secret in SECRETS)
    assert failed.value.__cause__ is None


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("TOKEN_EXPIRED", "signed out"),
        ("USER_DISABLED", "disabled"),
        ("USER_NOT_FOUND", "does not exist"),
        ("INVALID_REFRESH_TOKEN", "not good any more"),
    ],
)
async def test_what_ends_a_session(message: str, words: str) -> None:
    with pytest.raises(SessionEnded, match=words):
        await accounts(refusing(message)).refresh("refresh-1")


@pytest.mark.parametrize(
    "web",
    [
        refusing(KEY_INVALID, **key_refused("API_KEY_INVALID")),
        refusing("PROJECT_NUMBER_MISMATCH"),
        refusing("QUOTA_EXCEEDED", 429),
        refusing("UNAVAILABLE", 503),
        refusing("anything else", 400),
        Scripted(400, b"not JSON"),
        Scripted(302, b""),
        Scripted(200, b"{}"),
    ],
)
async def test_what_may_pass_costs_nobody_their_session(web: Scripted) -> None:
    with pytest.raises(IdentityUnavailable) as failed:
        await accounts(web).refresh("refresh-1")
    assert not any(secret in repr(failed.value) for secret in SECRETS)


def token(**claims: object) -> str:
    payload = json.dumps({"iss": "i", "aud": PROJECT, "sub": "u1", "exp": 1} | claims).encode()
    return f"e30.{base64.urlsafe_b64encode(payload).rstrip(b'=').decode()}."


def refreshed(**answer: str) -> Scripted:
    whole = {"id_token": token(), "refresh_token": "refresh-2", "expires_in": "3600", "user_id": "u1"} | answer
    return Scripted(200, json.dumps(whole).encode())


async def test_the_refresh_token_that_comes_is_the_one_to_keep() -> None:
    tokens = await accounts(refreshed()).refresh("refresh-1")
    assert (tokens.uid, tokens.refresh_token) == ("u1", "refresh-2")


@pytest.mark.parametrize(
    "answer",
    [
        {"id_token": token(sub="u2")},
        {"id_token": token(aud="another")},
        {"id_token": "x.y.z"},
        {"refresh_token": ""},
        {"expires_in": "0"},
        {"expires_in": "soon"},
    ],
)
async def test_a_refresh_for_somebody_else_or_without_sense_is_not_taken(answer: dict[str, str]) -> None:
    with pytest.raises(IdentityUnavailable):
        await accounts(refreshed(**answer)).refresh("refresh-1")


async def test_nobody_answers() -> None:
    web = Scripted()
    web.reply = None
    for attempt in (
        accounts(web).sign_in("ana@shop.example", "correct horse"),
        accounts(web).refresh("refresh-1"),
        accounts(web).reset_password("ana@shop.example"),
    ):
        with pytest.raises(IdentityUnavailable, match="Google cannot be reached"):
            await attempt


async def test_links_that_are_not_sent() -> None:
    with pytest.raises(SignInRefused, match="not an e-mail address"):
        await accounts(refusing("INVALID_EMAIL")).reset_password("not an address")
    with pytest.raises(SignInRefused, match="Too many"):
        await accounts(refusing("RESET_PASSWORD_EXCEED_LIMIT")).reset_password("ana@shop.example")
    with pytest.raises(SignInRefused, match="does not sign in with passwords"):
        await accounts(refusing("OPERATION_NOT_ALLOWED")).reset_password("ana@shop.example")


@pytest.mark.parametrize("word", ["EMAIL_NOT_FOUND", "USER_NOT_FOUND", "USER_DISABLED"])
async def test_what_a_link_would_tell_of_an_account(word: str) -> None:
    await accounts(refusing(word)).reset_password("ana@shop.example")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("OPERATION_NOT_ALLOWED", "does not sign in with Google"),
        ("INVALID_IDP_RESPONSE : The audience in ID Token does not match the expected audience", "did not accept"),
        ("FEDERATED_USER_ID_ALREADY_LINKED", "another way"),
        ("ADMIN_ONLY_OPERATION", "no account"),
        ("USER_DISABLED", "disabled"),
    ],
)
async def test_google_accounts_that_are_refused(message: str, words: str) -> None:
    async def at_google() -> str:
        return "google-token"

    with pytest.raises(SignInRefused, match=words) as refused:
        await FirebaseAccounts(refusing(message), CONFIG, GOOGLE, at_google).sign_in_with_google()
    assert "google-token" not in repr(refused.value)


async def test_urls_hold_no_secret_and_headers_name_project_and_language() -> None:
    web = refusing("INVALID_LOGIN_CREDENTIALS")
    with pytest.raises(SignInRefused):
        await accounts(web).sign_in("ana@shop.example", "correct horse")
    with pytest.raises(IdentityUnavailable):
        await accounts(web).refresh("refresh-1")
    assert [url for url, _, _ in web.asked] == [f"{GOOGLE.accounts}/accounts:signInWithPassword", GOOGLE.refresh]
    for _, _, headers in web.asked:
        assert headers["X-Goog-Api-Key"] == API_KEY
        assert headers["X-Firebase-Locale"] == "es"
