"""The commands for Firebase's users alone: what they need, what they refuse, and what is told when Google fails."""

import json
import subprocess
import sys
from collections.abc import Generator

import pytest

from tests.firebase.emulator import PROJECT, AuthEmulator
from tests.firebase.toolkit import Answer, Behaviour, Toolkit, answer, identity_toolkit, refusal
from tests.server.auth.commands import LONG, Done, Run, Terminal, as_program, facts, in_process, told

EMAIL = "ana@example.com"


@pytest.fixture
def run(firebase_environment: dict[str, str]) -> Run:
    return in_process(firebase_environment)


@pytest.fixture
def toolkit(monkeypatch: pytest.MonkeyPatch) -> Generator[Toolkit, None, None]:
    with identity_toolkit() as running:
        monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", running.host)
        yield running


@pytest.fixture
def asking(environment: dict[str, str], toolkit: Toolkit) -> dict[str, str]:
    """The environment of commands that ask the toolkit."""
    return {
        **environment,
        "FIREBASE_PROJECT_ID": PROJECT,
        "FIREBASE_AUTH_EMULATOR_HOST": toolkit.host,
        "SALEBELL_ALLOW_EMULATOR": "1",
    }


def test_the_program_makes_a_user_an_admin_and_no_admin(
    firebase_environment: dict[str, str], emulator: AuthEmulator
) -> None:
    program = as_program(firebase_environment)
    emulator.change(emulator.add(EMAIL, claims={"level": 7}), emailVerified=True)
    assert program("grant", EMAIL, "--store", "main") == Done(0, "Granted: ana@example.com (main)\n", "")
    session = emulator.sign_in(EMAIL)
    assert json.loads(emulator.user(session.uid)["customAttributes"]) == {
        "level": 7,
        "role": "ADMIN",
        "stores": ["main"],
    }
    assert program("revoke", EMAIL) == Done(0, "Revoked: ana@example.com (no store: not an admin)\n", "")
    assert json.loads(emulator.user(session.uid)["customAttributes"]) == {"level": 7}


def test_a_warning_when_nobody_has_shown_that_the_address_is_theirs(run: Run, emulator: AuthEmulator) -> None:
    emulator.add(EMAIL)
    granted = run("grant", EMAIL)
    assert granted.status == 0
    assert granted.out == "Granted: ana@example.com (all stores, e-mail not verified)\n"
    assert "somebody else may have registered it" in granted.error
    assert f"admins revoke {EMAIL}" in granted.error
    assert run("list").out == "ana@example.com  all stores, e-mail not verified\n"
    assert "verified no: somebody else may have registered the address" in run("show", EMAIL).out.splitlines()
    assert facts(run("show", EMAIL, "--json"))["email_verified"] is False


def test_a_list_of_stores_that_is_none_is_told(run: Run, emulator: AuthEmulator) -> None:
    emulator.change(emulator.add(EMAIL, claims={"role": "ADMIN", "stores": "main"}), emailVerified=True)
    assert run("list").out == "ana@example.com  no store: the list of them cannot be read\n"
    told(run("grant", EMAIL, "--store", "main"), 1, "SALEBELL_STORES_CLAIM", f"admins revoke {EMAIL}")
    assert run("revoke", EMAIL).status == 0
    assert run("grant", EMAIL, "--store", "main").out == "Granted: ana@example.com (main)\n"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["add", EMAIL], ["Firebase console", f"salebell-server admins grant {EMAIL}"]),
        (["add", EMAIL, "--store", "main", "--password-stdin"], ["let ana@example.com sign in once"]),
        (["passwd", EMAIL], ["Forgot password?", "Firebase console"]),
        (["remove", EMAIL], ["Firebase console", f"salebell-server admins revoke {EMAIL}"]),
    ],
)
def test_what_firebase_keeps_is_not_changed_here(run: Run, command: list[str], words: list[str]) -> None:
    told(run(*command, given="correct horse\n"), 1, *words)


@pytest.mark.parametrize("command", ["grant", "revoke", "show", "disable", "enable"])
def test_without_a_service_account_nobody_can_be_looked_up(environment: dict[str, str], command: str) -> None:
    run = in_process({**environment, "FIREBASE_PROJECT_ID": PROJECT, "FIREBASE_WEB_API_KEY": "AIza" + "k" * 35})
    for arguments in ([command, EMAIL], ["list"]):
        told(run(*arguments), 2, "FIREBASE_CLIENT_EMAIL and FIREBASE_PRIVATE_KEY are not set")


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        (refusal(503, "Service unavailable"), 1, "cannot answer at the moment"),
        (Behaviour.HANG_UP, 1, "cannot be reached"),
        (Answer(200, b"<html>Welcome</html>"), 1, "cannot be understood"),
        (refusal(400, "CONFIGURATION_NOT_FOUND"), 2, "Authentication was never set up"),
        (refusal(403, "The caller does not have permission"), 2, "Firebase Authentication Admin"),
        (refusal(400, "PROJECT_NOT_FOUND"), 2, "no project with this id"),
    ],
)
def test_what_passes_by_itself_is_a_failure_and_the_rest_is_to_be_set_right(
    asking: dict[str, str], toolkit: Toolkit, said: Answer | Behaviour, status: int, words: str
) -> None:
    toolkit.says = [said]
    run = in_process(asking)
    for arguments in (["list", "--json"], ["grant", EMAIL], ["show", EMAIL]):
        done = run(*arguments)
        told(done, status, "The users cannot be reached", words)
        assert ("salebell-server doctor" in done.error) is (status == 2)


def test_nobody_at_the_address_is_a_failure(asking: dict[str, str], toolkit: Toolkit) -> None:
    toolkit.stop()
    told(in_process(asking)("list"), 1, "cannot be reached")


def test_the_program_ends_although_google_never_does(asking: dict[str, str], toolkit: Toolkit) -> None:
    toolkit.says = [Behaviour.DRIBBLE]
    told(as_program(asking)("list"), 1, "did not answer in time")  # `LONG` bounds it


def test_when_the_sessions_could_not_be_ended_it_is_told(asking: dict[str, str], toolkit: Toolkit) -> None:
    user = {"localId": "u", "email": EMAIL, "customAttributes": '{"role": "ADMIN"}'}
    toolkit.says = [answer({"users": [user]}), answer({"localId": "u"}), refusal(403, "Forbidden")]
    told(in_process(asking)("revoke", EMAIL), 1, "is no admin any more, but could not be signed out", "admins revoke")
    assert [sorted(request.body) for request in toolkit.asked] == [
        ["email"],
        ["customAttributes", "localId"],
        ["localId", "validSince"],
    ]


def pages(toolkit: Toolkit) -> None:
    """A thousand users without a role, and one with it on the second page."""
    customers = [{"localId": f"customer-{number}"} for number in range(1000)]
    admin = {"localId": "u", "email": EMAIL, "emailVerified": True, "customAttributes": '{"role": "ADMIN"}'}
    toolkit.says = [answer({"users": customers, "nextPageToken": "2"}), answer({"users": [admin]})]


def test_at_a_terminal_a_long_list_says_how_far_it_is(asking: dict[str, str], toolkit: Toolkit) -> None:
    pages(toolkit)
    with Terminal(asking, "list") as terminal:
        assert terminal.ends() == 0
        progress, _, listed = terminal.screen.rpartition("\r ")
        assert "1,000 users looked at" in progress
        assert listed.split("\r", 1)[1].split() == [EMAIL, "all", "stores"]


def test_elsewhere_a_long_list_is_alone(asking: dict[str, str], toolkit: Toolkit) -> None:
    pages(toolkit)
    assert as_program(asking)("list") == Done(0, "ana@example.com  all stores\n", "")


def test_a_key_that_is_none_is_not_shown(environment: dict[str, str]) -> None:
    secret = "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC"
    run = in_process(
        {
            **environment,
            "FIREBASE_PROJECT_ID": PROJECT,
            "FIREBASE_WEB_API_KEY": "AIza" + "k" * 35,
            "FIREBASE_CLIENT_EMAIL": f"sa@{PROJECT}.iam.gserviceaccount.com",
            "FIREBASE_PRIVATE_KEY": f"-----BEGIN PRIVATE KEY-----\\n{secret}\\n-----END PRIVATE KEY-----\\n",
        }
    )
    done = run("list")
    assert done.status == 2
    assert "FIREBASE_PRIVATE_KEY" in done.error
    assert secret[:20] not in done.out + done.error


@pytest.mark.parametrize(
    "arguments", [["--help"], ["grant", "--help"], ["list"], ["passwd", EMAIL, "--password-stdin"]]
)
def test_what_does_not_need_firebase_does_without(environment: dict[str, str], arguments: list[str]) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "salebell_server", "admins", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LONG, check=False, input="")
    assert "salebell_server.cli.admins" in done.stderr
    assert "firebase_admin" not in done.stderr
