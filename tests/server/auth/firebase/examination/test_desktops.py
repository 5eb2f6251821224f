"""The web API key, and how admins sign in with it: each way in which it cannot work, and what to do."""

import pytest

from salebell_server.log.findings import Finding, Severity
from tests.firebase.google import Key
from tests.server.auth.firebase.examination.stand import (
    AUTH_URI,
    CONFIG,
    NUMBER,
    PROJECT,
    REFRESH,
    SIGN_IN,
    Body,
    Google,
    examined,
    of,
    project,
    refusal,
    wrong,
)

KEY, SIGN_IN_WAY, GOOGLE = "web api key", "sign-in", "google sign-in"


async def only_fault(services: Google, key: Key, subject: str, **changes: object) -> Finding:
    [finding] = wrong(await examined(services, project(key, **changes)))
    assert finding.subject == subject
    return finding


async def test_a_key_that_google_does_not_know(services: Google, key: Key) -> None:
    finding = await only_fault(services, key, KEY, web_api_key="AIza" + "x" * 35)
    assert finding.severity is Severity.FATAL
    assert "copy it anew" in finding.detail
    assert not services.bodies(SIGN_IN)


DENIED = "PERMISSION_DENIED"


@pytest.mark.parametrize(
    ("answer", "severity", "words"),
    [
        (refusal(400, "API key expired. Please renew the API key.", "API_KEY_INVALID"), Severity.FATAL, "expired"),
        (refusal(400, "API key not valid. Please pass a valid API key."), Severity.FATAL, "copy it anew"),
        (refusal(403, "Blocked.", "API_KEY_SERVICE_BLOCKED", word=DENIED), Severity.FATAL, "Identity Toolkit API"),
        (refusal(403, "Blocked.", "API_KEY_HTTP_REFERRER_BLOCKED", word=DENIED), Severity.FATAL, "web pages"),
        (refusal(403, "Blocked.", "API_KEY_IP_ADDRESS_BLOCKED", word=DENIED), Severity.FATAL, "addresses"),
        (refusal(403, "Blocked.", "API_KEY_ANDROID_APP_BLOCKED", word=DENIED), Severity.FATAL, "Android"),
        (refusal(403, "Blocked.", "API_KEY_IOS_APP_BLOCKED", word=DENIED), Severity.FATAL, "iOS"),
        (refusal(400, "CONFIGURATION_NOT_FOUND"), Severity.FATAL, "never set up"),
        (refusal(403, "Not used.", "SERVICE_DISABLED", word=DENIED), Severity.FATAL, "not enabled"),
        (refusal(403, "Something new.", word=DENIED), Severity.FATAL, "Something new."),
        (refusal(500, "Internal error."), Severity.AWAY, "500"),
    ],
)
async def test_a_key_that_google_refuses(
    services: Google, key: Key, answer: tuple[int, Body], severity: Severity, words: str
) -> None:
    services.answers[CONFIG] = answer
    finding = await only_fault(services, key, KEY)
    assert finding.severity is severity
    assert words in finding.detail


async def test_a_key_of_another_project(services: Google, key: Key) -> None:
    services.answers[CONFIG] = (200, {"projectId": "9", "authorizedDomains": ["localhost", "other-x.firebaseapp.com"]})
    finding = await only_fault(services, key, KEY)
    assert finding.severity is Severity.FATAL
    assert "other-x" in finding.detail
    assert PROJECT in finding.detail
    assert not services.bodies(SIGN_IN), "nobody signs in to a project that is not ours"


async def test_a_key_whose_project_cannot_be_told(services: Google, key: Key) -> None:
    services.answers[CONFIG] = (200, {"projectId": NUMBER, "authorizedDomains": ["shop.example.com"]})
    finding = await only_fault(services, key, KEY)
    assert finding.severity is Severity.WARNING
    assert services.bodies(SIGN_IN), "the rest is tried all the same"


@pytest.mark.parametrize("domains", [[], ["shop.example.com"]])
async def test_a_key_whose_project_says_its_id(services: Google, key: Key, domains: list[str]) -> None:
    services.answers[CONFIG] = (200, {"projectId": PROJECT, "authorizedDomains": domains})
    assert wrong(await examined(services, project(key))) == []


async def test_a_key_with_which_sessions_would_end_after_an_hour(services: Google, key: Key) -> None:
    services.answers[REFRESH] = refusal(403, "Blocked.", "API_KEY_SERVICE_BLOCKED", word=DENIED)
    finding = await only_fault(services, key, KEY)
    assert finding.severity is Severity.FATAL
    assert "Token Service API" in finding.detail


@pytest.mark.parametrize(
    "message",
    ["INVALID_LOGIN_CREDENTIALS", "INVALID_PASSWORD", "TOO_MANY_ATTEMPTS_TRY_LATER : Later.", "INVALID_EMAIL"],
)
async def test_passwords_are_enabled(services: Google, key: Key, message: str) -> None:
    services.answers[SIGN_IN] = refusal(400, message)
    assert wrong(await examined(services, project(key))) == []


async def test_strangers_can_find_out_who_has_an_account(services: Google, key: Key) -> None:
    services.answers[SIGN_IN] = refusal(400, "EMAIL_NOT_FOUND")
    finding = await only_fault(services, key, SIGN_IN_WAY)
    assert finding.severity is Severity.WARNING
    assert "enumeration protection" in finding.detail


CANNOT = [
    (refusal(400, "PASSWORD_LOGIN_DISABLED"), "enable them"),
    (refusal(400, "OPERATION_NOT_ALLOWED : Password sign-in is disabled for this project."), "enable them"),
    (refusal(400, "MISSING_RECAPTCHA_TOKEN"), "reCAPTCHA"),
    (refusal(401, "Firebase App Check token is invalid.", word="UNAUTHENTICATED"), "App Check"),
    (refusal(400, "SOMETHING_NEW"), "SOMETHING_NEW"),
]


@pytest.mark.parametrize(("answer", "words"), CANNOT)
async def test_passwords_cannot_be_used_but_google_can(
    services: Google, key: Key, answer: tuple[int, Body], words: str
) -> None:
    services.answers[SIGN_IN] = answer
    finding = await only_fault(services, key, SIGN_IN_WAY)
    assert finding.severity is Severity.WARNING
    assert words in finding.detail


@pytest.mark.parametrize(("answer", "words"), CANNOT)
async def test_nobody_can_sign_in(services: Google, key: Key, answer: tuple[int, Body], words: str) -> None:
    services.answers[SIGN_IN] = answer
    finding = await only_fault(services, key, SIGN_IN_WAY, google_client_id=None)
    assert finding.severity is Severity.FATAL
    assert words in finding.detail
    assert not services.bodies(AUTH_URI)


GOOGLE_OFF = refusal(400, "OPERATION_NOT_ALLOWED : The identity provider configuration is not found.")


async def test_google_is_not_enabled(services: Google, key: Key) -> None:
    services.answers[AUTH_URI] = GOOGLE_OFF
    finding = await only_fault(services, key, GOOGLE)
    assert finding.severity is Severity.WARNING
    assert "enable it" in finding.detail


async def test_neither_passwords_nor_google_are_enabled(services: Google, key: Key) -> None:
    services.answers[AUTH_URI], services.answers[SIGN_IN] = GOOGLE_OFF, CANNOT[0][0]
    faults = wrong(await examined(services, project(key)))
    assert [(fault.subject, fault.severity) for fault in faults] == [
        (SIGN_IN_WAY, Severity.FATAL),
        (GOOGLE, Severity.FATAL),
    ]


async def test_google_cannot_be_tried(services: Google, key: Key) -> None:
    services.answers[AUTH_URI] = refusal(400, "INVALID_CONTINUE_URI : Not authorised.")
    finding = await only_fault(services, key, GOOGLE)
    assert finding.severity is Severity.WARNING
    assert "INVALID_CONTINUE_URI" in finding.detail


async def test_a_client_of_another_project(services: Google, key: Key) -> None:
    changes = {"google_client_id": "42-abc.apps.googleusercontent.com"}
    finding = await only_fault(services, key, GOOGLE, **changes)
    assert finding.severity is Severity.WARNING
    assert "safelist" in finding.detail
    assert "42" in finding.detail
    services.answers[CONFIG] = (200, {"projectId": PROJECT, "authorizedDomains": []})
    assert wrong(await examined(services, project(key, **changes))) == [], "without a number nothing can be compared"


async def test_a_client_without_its_secret(services: Google, key: Key) -> None:
    finding = await only_fault(services, key, GOOGLE, google_client_secret=None)
    assert finding.severity is Severity.WARNING
    assert "FIREBASE_GOOGLE_CLIENT_SECRET" in finding.detail


async def test_who_does_not_use_google_is_not_told_of_it(services: Google, key: Key) -> None:
    changes = {"google_client_id": None, "google_client_secret": None}
    findings = await examined(services, project(key, **changes))
    assert of(findings, GOOGLE) == []
    assert wrong(findings) == []
