"""`salebell-server doctor` where Firebase signs admins in."""

import json
from collections.abc import Generator
from typing import Any

import pytest

from tests.firebase.emulator import PROJECT, AuthEmulator, auth_emulator
from tests.redis_server import free_port
from tests.server.cli.stand import Run

NEEDED = {"FIREBASE_PROJECT_ID": "my-shop-1a2b3", "FIREBASE_WEB_API_KEY": "AIza" + "k" * 35}


@pytest.fixture(scope="module")
def running_emulator() -> Generator[AuthEmulator, None, None]:
    with auth_emulator() as running:
        yield running


@pytest.fixture
def emulated(running_emulator: AuthEmulator) -> dict[str, str]:
    """The variables for an emulator without users."""
    running_emulator.clear()
    return {
        "FIREBASE_PROJECT_ID": PROJECT,
        "FIREBASE_AUTH_EMULATOR_HOST": running_emulator.host,
        "SALEBELL_ALLOW_EMULATOR": "1",
    }


@pytest.fixture
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is not on this machine is behind a proxy that is not there."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{free_port()}")


def told(out: str) -> dict[str, list[tuple[str, str]]]:
    """Severity and detail by what was looked at."""
    findings: list[dict[str, Any]] = json.loads(out)
    by_check: dict[str, list[tuple[str, str]]] = {}
    for finding in findings:
        by_check.setdefault(finding["check"], []).append((finding["severity"], finding["detail"]))
    return by_check


def test_a_server_with_firebase_that_is_as_it_should_be(
    run: Run, running_emulator: AuthEmulator, emulated: dict[str, str]
) -> None:
    run("keys", "create", "--store", "main", "--name", "website", **emulated)
    running_emulator.add("ana@example.com", claims={"role": "ADMIN"})
    done = run("doctor", **emulated)
    assert done.status == 0, done.out
    lines = done.out.splitlines()
    assert [
        line for line in lines if line.startswith("ok    configuration: ") and f"Firebase, project {PROJECT}" in line
    ]
    assert [line for line in lines if line.startswith("warn  firebase emulator: ")]
    assert "ok    admins: 1 of 1 users have role = ADMIN" in lines


def test_admins_of_firebase_are_no_local_accounts(run: Run, emulated: dict[str, str]) -> None:
    run("keys", "create", "--store", "main", "--name", "website", **emulated)
    done = run("doctor", "--json", **emulated)
    found = told(done.out)
    assert done.status == 1
    [(severity, detail)] = found["admins"]
    assert severity == "fatal"
    assert "salebell-server admins grant" in detail
    assert not any("admins add" in detail for _, detail in found["database"])


@pytest.mark.usefixtures("_no_network")
def test_google_is_out_of_reach(run: Run) -> None:
    done = run("doctor", "--json", **NEEDED)
    found = told(done.out)
    assert done.status == 1
    [(severity, detail)] = found["google"]
    assert severity == "away"
    assert "www.googleapis.com, identitytoolkit.googleapis.com cannot be reached" in detail
    [(severity, detail)] = found["firebase account"]
    assert severity == "warning"
    assert "no service account" in detail
    assert found["open files"], "the rest is looked at all the same"
    assert NEEDED["FIREBASE_WEB_API_KEY"] not in done.out


def test_every_mistake_is_told_at_once_and_no_key(run: Run) -> None:
    done = run(
        "doctor", "--json", **NEEDED, FIREBASE_PRIVATE_KEY="-----BEGIN PRIVATE KEY-----MIIs3cret", SALEBELL_PORT="x"
    )
    [(severity, detail)] = told(done.out)["configuration"]
    assert severity == "fatal"
    for name in ("FIREBASE_CLIENT_EMAIL", "FIREBASE_PRIVATE_KEY", "SALEBELL_PORT"):
        assert name in detail
    assert "s3cret" not in done.out + done.error


def test_an_emulator_that_is_not_allowed(run: Run) -> None:
    done = run("doctor", FIREBASE_AUTH_EMULATOR_HOST="127.0.0.1:9099")
    assert done.status == 1
    assert done.out.startswith("FAIL  configuration: FIREBASE_AUTH_EMULATOR_HOST")
    assert "SALEBELL_ALLOW_EMULATOR=1" in done.out


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        (
            {**NEEDED, "SALEBELL_AUTH": "local"},
            "FIREBASE_PROJECT_ID, FIREBASE_WEB_API_KEY: ignored, because SALEBELL_AUTH",
        ),
        ({"FIREBASE_WEB_API_KEY": "x"}, "FIREBASE_WEB_API_KEY: ignored, because FIREBASE_PROJECT_ID is not set"),
    ],
)
def test_variables_of_a_firebase_that_is_not_used(run: Run, variables: dict[str, str], reason: str) -> None:
    found = told(run("doctor", "--json", **variables).out)
    [detail] = [detail for severity, detail in found["configuration"] if severity == "warning"]
    assert reason in detail
    assert "google" not in found
