"""The service account: each way in which Google does not accept it, or does not let it do what the server needs."""

import json

import pytest

from salebell_server.auth.firebase.examination.account import PAGES
from salebell_server.auth.project import ServiceAccount
from salebell_server.log.findings import Finding, Severity
from tests.firebase.google import Key
from tests.server.auth.firebase.examination.stand import (
    EMAIL,
    LOOKUP,
    TOKEN,
    UPDATE,
    USERS,
    Body,
    Google,
    examined,
    no_grant,
    of,
    pem,
    project,
    refusal,
    user,
    wrong,
)

ACCOUNT, PEOPLE = "firebase account", "firebase users"


async def only_fault(services: Google, key: Key, subject: str, account: ServiceAccount | None = None) -> Finding:
    [finding] = wrong(await examined(services, project(key, **({} if account is None else {"account": account}))))
    assert finding.subject == subject
    return finding


async def test_a_key_of_another_account_or_one_that_was_deleted(services: Google, key: Key, next_key: Key) -> None:
    finding = await only_fault(services, key, ACCOUNT, ServiceAccount(EMAIL, pem(next_key)))
    assert finding.severity is Severity.FATAL
    assert "FIREBASE_PRIVATE_KEY for FIREBASE_CLIENT_EMAIL" in finding.detail


async def test_an_address_that_nobody_has(services: Google, key: Key) -> None:
    mistyped = EMAIL.replace("x1", "x2")
    finding = await only_fault(services, key, ACCOUNT, ServiceAccount(mistyped, pem(key)))
    assert finding.severity is Severity.FATAL
    assert "correct FIREBASE_CLIENT_EMAIL" in finding.detail


async def test_a_clock_so_wrong_that_nothing_is_accepted(services: Google, key: Key) -> None:
    services.seconds = 3600
    findings = wrong(await examined(services, project(key)))
    assert [(finding.subject, finding.severity) for finding in findings] == [
        ("google clock", Severity.WARNING),
        (ACCOUNT, Severity.FATAL),
    ]
    assert all("follow a time server" in finding.detail for finding in findings)


@pytest.mark.parametrize(
    ("answer", "severity", "words"),
    [
        (no_grant("Invalid grant: account disabled"), Severity.FATAL, "enable it"),
        (no_grant("Something new"), Severity.FATAL, "invalid_grant: Something new"),
        (refusal(503, "Backend Error"), Severity.AWAY, "503"),
    ],
)
async def test_it_is_refused_otherwise(
    services: Google, key: Key, answer: tuple[int, Body], severity: Severity, words: str
) -> None:
    services.answers[TOKEN] = answer
    finding = await only_fault(services, key, ACCOUNT)
    assert finding.severity is severity
    assert words in finding.detail


@pytest.mark.parametrize(
    ("answer", "severity", "words"),
    [
        (refusal(400, "CONFIGURATION_NOT_FOUND"), Severity.FATAL, "never set up"),
        (refusal(404, "CONFIGURATION_NOT_FOUND", word="NOT_FOUND"), Severity.FATAL, "never set up"),
        (refusal(400, "PROJECT_NOT_FOUND"), Severity.FATAL, "correct FIREBASE_PROJECT_ID"),
        (refusal(400, "INVALID_PROJECT_ID : Project id is wrong."), Severity.FATAL, "correct FIREBASE_PROJECT_ID"),
        (
            refusal(403, "Identity Toolkit API has not been used", "SERVICE_DISABLED", word="PERMISSION_DENIED"),
            Severity.FATAL,
            "Identity Toolkit API is not enabled",
        ),
        (refusal(403, "Suspended.", "CONSUMER_SUSPENDED", word="PERMISSION_DENIED"), Severity.FATAL, "suspended"),
        (
            refusal(403, "The caller does not have permission", word="PERMISSION_DENIED"),
            Severity.FATAL,
            "Firebase Authentication Admin",
        ),
        (refusal(400, "INSUFFICIENT_PERMISSION"), Severity.FATAL, "Firebase Authentication Admin"),
        (
            refusal(403, "Caller does not have required permission to use project", "USER_PROJECT_DENIED"),
            Severity.FATAL,
            "Firebase Authentication Admin",
        ),
        (refusal(429, "QUOTA_EXCEEDED : Exceeded quota."), Severity.AWAY, "429"),
        (refusal(400, "SOMETHING_NEW"), Severity.FATAL, "SOMETHING_NEW"),
    ],
)
async def test_users_may_not_be_looked_up(
    services: Google, key: Key, answer: tuple[int, Body], severity: Severity, words: str
) -> None:
    services.answers[LOOKUP] = answer
    finding = await only_fault(services, key, PEOPLE)
    assert finding.severity is severity
    assert words in finding.detail


async def test_users_may_be_looked_up_but_not_changed(services: Google, key: Key) -> None:
    services.answers[UPDATE] = refusal(403, "The caller does not have permission", word="PERMISSION_DENIED")
    finding = await only_fault(services, key, PEOPLE)
    assert finding.severity is Severity.WARNING
    assert "Firebase Authentication Admin" in finding.detail


async def test_nobody_is_an_admin(services: Google, key: Key) -> None:
    broken = {"customAttributes": "{"}
    services.users = [
        [user(), user(role="admin"), user(other=1), user(role="ADMIN", disabled=True), user(role="ADMIN", stores=[])],
        [broken],
    ]
    finding = await only_fault(services, key, "admins")
    assert finding.severity is Severity.FATAL
    assert "none of 6 users" in finding.detail
    assert "salebell-server admins grant" in finding.detail


async def test_there_are_no_users(services: Google, key: Key) -> None:
    services.users = []
    assert "none of 0 users" in (await only_fault(services, key, "admins")).detail


async def test_admins_have_the_claim_that_is_configured(services: Google, key: Key) -> None:
    services.users = [[user(rank=7, job="seller")], [user(job="boss")]]
    findings = await examined(services, project(key, role_claim="job", role="boss"))
    assert of(findings, "admins") == [(Severity.FINE, "1 of 2 users have job = boss")]


async def test_very_many_users_are_not_all_looked_through(services: Google, key: Key) -> None:
    services.users = [[user()]] * (PAGES + 5)
    finding = await only_fault(services, key, "admins")
    assert finding.severity is Severity.WARNING
    assert f"first {PAGES} users" in finding.detail
    services.users = [[user(role="ADMIN")], *services.users]
    [(severity, detail)] = of(await examined(services, project(key)), "admins")
    assert severity is Severity.FINE
    assert "1 of the first" in detail


async def test_password_hashes_are_not_asked_for(services: Google, key: Key) -> None:
    await examined(services, project(key))
    [query] = [query for path, _, query, _ in services.asked if path == USERS]
    assert query["fields"] == ["users(customAttributes,disabled),nextPageToken"]


async def test_users_that_cannot_be_counted(services: Google, key: Key) -> None:
    services.answers[USERS] = refusal(400, "SOMETHING_NEW")
    assert (await only_fault(services, key, "admins")).severity is Severity.WARNING


async def test_nobody_is_looked_up(services: Google, key: Key) -> None:
    await examined(services, project(key))
    [body] = services.bodies(LOOKUP)
    assert json.loads(body) == {"localId": ["salebell-doctor"]}
