"""A project tried as a whole: as it should be, without its parts, and where Google cannot be reached."""

from time import time

import pytest

from salebell_server.auth.firebase.examination import SKEW_SECONDS, examine
from salebell_server.auth.project import FirebaseProject
from salebell_server.log.findings import Severity
from tests.firebase.emulator import API_KEY, PROJECT, AuthEmulator
from tests.firebase.google import PATH as CERTIFICATES
from tests.firebase.google import Key
from tests.redis_server import free_port
from tests.server.auth.firebase.examination.stand import (
    CONFIG,
    LOOKUP,
    SIGN_IN,
    TOKEN,
    UPDATE,
    Google,
    examined,
    of,
    project,
    refusal,
    wrong,
)


async def test_a_project_as_it_should_be(services: Google, key: Key) -> None:
    findings = await examined(services, project(key))
    assert wrong(findings) == []
    assert [finding.subject for finding in findings] == [
        "google clock",
        "google certificates",
        "firebase account",
        "firebase users",
        "admins",
        "web api key",
        "sign-in",
        "google sign-in",
    ]


async def test_without_a_service_account_the_rest_is_tried_and_it_is_said_what_is_missing(
    services: Google, key: Key
) -> None:
    findings = await examined(services, project(key, account=None))
    [finding] = wrong(findings)
    assert (finding.subject, finding.severity) == ("firebase account", Severity.WARNING)
    assert "up to an hour" in finding.detail
    assert "FIREBASE_PRIVATE_KEY" in finding.detail
    assert [len(of(findings, subject)) for subject in ("web api key", "sign-in", "firebase users", "admins")] == [
        1,
        1,
        0,
        0,
    ]
    assert not services.bodies(TOKEN)


async def test_keys_travel_in_headers_alone(services: Google, key: Key) -> None:
    await examined(services, project(key))
    for path, _, query, _ in services.asked:
        assert "key" not in query
        assert "AIza" not in path


@pytest.mark.parametrize("seconds", [-SKEW_SECONDS - 5, SKEW_SECONDS + 5])
async def test_a_clock_that_is_wrong(services: Google, key: Key, seconds: float) -> None:
    services.seconds = seconds
    [finding] = wrong(await examined(services, project(key)))
    assert (finding.subject, finding.severity) == ("google clock", Severity.WARNING)
    assert ("behind" if seconds > 0 else "ahead of") in finding.detail
    assert "15 s" in finding.detail or "14 s" in finding.detail or "16 s" in finding.detail


async def test_a_clock_is_as_late_as_the_answer_is_old(services: Google, key: Key) -> None:
    services.seconds, services.age = -60, "60"
    assert wrong(await examined(services, project(key))) == []


async def test_certificates_that_are_not_given_out(services: Google, key: Key) -> None:
    services.answers[CERTIFICATES] = refusal(503, "Backend Error", word="UNAVAILABLE")
    [finding] = wrong(await examined(services, project(key)))
    assert (finding.subject, finding.severity) == ("google certificates", Severity.AWAY)
    assert "503" in finding.detail


async def test_nothing_is_reached(services: Google, key: Key) -> None:
    services.stop()
    findings = await examined(services, project(key))
    [finding] = findings
    assert (finding.subject, finding.severity) == ("google", Severity.AWAY)
    assert "see the network" in finding.detail
    assert finding.detail.count(services.url.removeprefix("http://")) == 3


async def test_something_between_answers_instead(services: Google, key: Key) -> None:
    services.raw = b"<html>Please sign in to the guest network"
    [finding] = await examined(services, project(key))
    assert finding.severity is Severity.AWAY
    assert "proxy" in finding.detail


async def test_what_is_wrong_with_the_project_is_told_once(services: Google, key: Key) -> None:
    for path in (CONFIG, LOOKUP):
        services.answers[path] = refusal(400, "CONFIGURATION_NOT_FOUND")
    [finding] = wrong(await examined(services, project(key)))
    assert finding.severity is Severity.FATAL
    assert "Get started" in finding.detail


async def test_nothing_is_changed(services: Google, key: Key) -> None:
    await examined(services, project(key))
    [change] = services.bodies(UPDATE)
    assert change == b'{"localId":"salebell-doctor"}'
    [sign_in] = services.bodies(SIGN_IN)
    assert b"nobody@salebell.invalid" in sign_in


@pytest.fixture
def emulated(emulator: AuthEmulator) -> FirebaseProject:
    return FirebaseProject(project_id=PROJECT, web_api_key=API_KEY, emulator=emulator.host)


async def test_an_emulator(emulator: AuthEmulator, emulated: FirebaseProject) -> None:
    emulator.add("ana@example.com", claims={"role": "ADMIN"})
    emulator.add("bea@example.com")
    findings = list((await examine(emulated, time)).findings)
    [notice] = wrong(findings)
    assert (notice.subject, notice.severity) == ("firebase emulator", Severity.WARNING)
    assert "forge" in notice.detail
    assert of(findings, "admins") == [(Severity.FINE, "1 of 2 users have role = ADMIN")]
    for subject in ("firebase users", "sign-in"):
        assert [severity for severity, _ in of(findings, subject)] == [Severity.FINE]


async def test_an_emulator_without_an_admin(emulated: FirebaseProject) -> None:
    findings = list((await examine(emulated, time)).findings)
    [(severity, detail)] = of(findings, "admins")
    assert severity is Severity.FATAL
    assert "salebell-server admins grant" in detail


async def test_an_emulator_that_does_not_run() -> None:
    host = f"127.0.0.1:{free_port()}"
    tried = FirebaseProject(project_id=PROJECT, web_api_key=API_KEY, emulator=host)
    findings = list((await examine(tried, time)).findings)
    assert [severity for severity, _ in of(findings, "firebase emulator")] == [Severity.WARNING, Severity.AWAY]
    assert len(findings) == 2
