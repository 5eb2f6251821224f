"""`salebell-server admins` as people and scripts call it: a real data directory, real processes, a real terminal."""

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest
import pytest_asyncio
from click.testing import CliRunner

from salebell_server import embedded
from salebell_server.auth.sign_in import InvalidCredentials, SessionRevoked
from salebell_server.cli.admins import admins
from salebell_server.cli.context import Commands, Context
from tests.server.auth.stand import EMAIL, HOME, Stand, standing
from tests.server.cli.stand import unserved

PASSWORD = "correct horse\n"
PROGRAM = [sys.executable, "-m", "salebell_server", "admins"]
LONG = 30.0
"""Seconds after which something hangs."""


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    error: str


Run = Callable[..., Done]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def environment(directory: Path) -> dict[str, str]:
    return {**os.environ, "SALEBELL_DATA_DIR": str(directory), "PYTHONIOENCODING": "utf-8"}


@pytest_asyncio.fixture
async def served(directory: Path) -> AsyncGenerator[Stand, None]:
    """A server's sign-in on the data directory of the commands."""
    async with standing(directory) as made:
        yield made


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Calls the command in this process."""

    def call(*arguments: str, given: str | bytes = "") -> Done:
        context = Context(environment, Commands(open_storage=embedded.for_commands, serve=unserved))
        done = CliRunner().invoke(admins, arguments, input=given, obj=context)
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return Done(done.exit_code, done.stdout, done.stderr)

    return call


@pytest.fixture
def program(environment: dict[str, str]) -> Run:
    """Calls the installed program."""

    def call(*arguments: str, given: str | bytes = "") -> Done:
        raw = given if isinstance(given, bytes) else given.encode()
        done = subprocess.run(
            [*PROGRAM, *arguments], input=raw, env=environment, capture_output=True, timeout=LONG, check=False
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


def facts(done: Done) -> Any:
    assert (done.status, done.error) == (0, "")
    return json.loads(done.out)


def told(done: Done, status: int, *words: str) -> None:
    """The command failed with one clear line on stderr (after click's usage, when it was called wrongly)."""
    assert done.status == status
    assert done.out == ""
    *usage, line = done.error.splitlines()
    assert line.startswith("Error: ")
    assert not usage or status == 2
    for word in words:
        assert word in line


def add(run: Run, *arguments: str, email: str = EMAIL) -> Done:
    return run("add", email, "--password-stdin", *arguments, given=PASSWORD)


def test_an_admin_of_all_stores_is_added_and_shown(run: Run) -> None:
    done = add(run, "--name", "Ana García")
    assert done == Done(0, "Added Ana@Example.com (all stores)\n", "")
    shown = run("show", "ana@example.com")
    rows = dict(line.split(maxsplit=1) for line in shown.out.splitlines())
    assert rows["email"] == "Ana@Example.com"
    assert rows["name"] == "Ana García"
    assert rows["stores"] == "all stores"
    assert rows["state"] == "may sign in"


def test_facts_are_told_as_json(run: Run) -> None:
    added = facts(add(run, "--store", "outlet", "--store", "main", "--json"))
    assert set(added) == {"uid", "email", "name", "stores", "disabled", "created_at"}
    assert (added["email"], added["stores"], added["disabled"]) == (EMAIL, ["main", "outlet"], False)
    assert facts(run("show", EMAIL, "--json")) == added
    assert facts(run("list", "--json")) == [added]


def test_nothing_secret_is_ever_printed(run: Run) -> None:
    add(run)
    for arguments in (["show", EMAIL], ["show", EMAIL, "--json"], ["list", "--json"]):
        done = run(*arguments)
        assert "argon2" not in done.out
        assert "correct horse" not in done.out + done.error


def test_accounts_are_listed_by_address(run: Run) -> None:
    assert run("list") == Done(0, "", "")
    assert facts(run("list", "--json")) == []
    add(run, "--store", "main", email="ben@example.com")
    add(run, email="ana@example.com")
    run("disable", "ben@example.com")
    assert run("list").out.splitlines() == ["ana@example.com  all stores", "ben@example.com  main, disabled"]


def test_stores_are_granted_and_revoked(run: Run) -> None:
    add(run, "--store", "main")
    assert facts(run("grant", EMAIL, "--store", "outlet", "--json"))["stores"] == ["main", "outlet"]
    assert run("revoke", EMAIL, "--store", "main").out == "Revoked: Ana@Example.com (outlet)\n"
    assert facts(run("revoke", EMAIL, "--json"))["stores"] == []
    assert run("list").out == "Ana@Example.com  no store: not an admin\n"
    assert "not an admin" in run("show", EMAIL).out
    assert facts(run("grant", EMAIL, "--json"))["stores"] is None
    assert facts(run("grant", EMAIL, "--store", "main", "--json"))["stores"] is None


def test_what_would_be_left_of_all_stores_is_not_guessed(run: Run) -> None:
    add(run)
    told(run("revoke", EMAIL, "--store", "main"), 1, EMAIL, "all stores", "grant the stores to keep")
    run("revoke", EMAIL)
    run("grant", EMAIL, "--store", "main")
    told(run("revoke", EMAIL, "--store", "mian"), 1, EMAIL, "not an admin of mian")
    assert facts(run("show", EMAIL, "--json"))["stores"] == ["main"]


def test_an_account_is_disabled_enabled_and_removed(run: Run) -> None:
    add(run)
    assert facts(run("disable", EMAIL, "--json"))["disabled"] is True
    assert "disabled" in run("show", EMAIL).out
    assert facts(run("enable", EMAIL, "--json"))["disabled"] is False
    assert run("remove", EMAIL).status == 0
    told(run("show", EMAIL), 1, EMAIL, "has no account")
    told(run("passwd", EMAIL, "--password-stdin", given=PASSWORD), 1, EMAIL, "has no account")


def test_an_address_is_taken_once_whatever_the_case(run: Run) -> None:
    add(run)
    told(add(run, email="ANA@example.COM"), 1, "Ana@Example.com", "has an account already")


def test_what_is_no_address_and_no_store_is_wrong_usage(run: Run) -> None:
    told(add(run, email="ana"), 2, "EMAIL", "must be an e-mail address")
    told(add(run, "--store", "Main"), 2, "--store", "small letters, digits or hyphens")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("ninechars\n", "at least 10 characters"),
        (b"caf\xe9 caf\xe9 caf\xe9\n", "UTF-8"),
        ("correct horse\nbattery staple\n", "more than one line"),
    ],
)
def test_a_password_that_is_not_accepted_says_why(run: Run, given: str | bytes, words: str) -> None:
    told(run("add", EMAIL, "--password-stdin", given=given), 1, "password", words)


def test_without_a_terminal_a_password_is_not_waited_for(run: Run, directory: Path) -> None:
    for command in ("add", "passwd"):
        told(run(command, EMAIL, given=PASSWORD), 2, "--password-stdin")
    assert not directory.exists()


@pytest.mark.parametrize("name", sorted(admins.commands))
def test_every_command_shows_an_example(name: str) -> None:
    done = CliRunner().invoke(admins, [name, "--help"])
    assert done.exit_code == 0
    assert f"Example:\n    salebell-server admins {name}" in done.output


def test_a_data_directory_that_cannot_be_used_is_wrong_configuration(run: Run, directory: Path) -> None:
    directory.write_text("not a directory")
    told(run("list"), 2, str(directory))
    assert directory.read_text() == "not a directory"


async def test_changes_of_another_process_reach_a_running_server(program: Run, served: Stand) -> None:
    assert add(program) == Done(0, "Added Ana@Example.com (all stores)\n", "")
    first = await served.service.sign_in(EMAIL, "correct horse", HOME)
    assert program("passwd", EMAIL, "--password-stdin", given="battery staple\r\n").status == 0
    with pytest.raises(SessionRevoked):
        await served.refresh(first.refresh_token)
    with pytest.raises(InvalidCredentials):
        await served.service.sign_in(EMAIL, "correct horse", HOME)
    second = await served.service.sign_in(EMAIL, "battery staple", HOME)
    assert program("remove", EMAIL).status == 0
    with pytest.raises(SessionRevoked):
        await served.refresh(second.refresh_token)
    told(program("show", EMAIL), 1, EMAIL, "has no account")
    told(program("show", "ana"), 2, "EMAIL")


class Terminal:
    """A command whose three streams are a terminal, and the person before it."""

    def __init__(self, environment: dict[str, str], *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [*PROGRAM, *arguments], env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        self.screen = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def sees(self, text: str) -> None:
        """Wait until `text` is the last thing on the screen."""
        end = time.monotonic() + LONG
        while not self.screen.endswith(text):
            assert self._look(end), self.screen

    def types(self, text: str) -> None:
        """Type, on a screen that has been wiped."""
        self.screen = ""
        os.write(self._ours, text.encode())

    def ends(self) -> int:
        """The exit status, once everything that it wrote was read."""
        end = time.monotonic() + LONG
        while self._look(end):
            pass
        return self._process.wait(LONG)

    def _look(self, end: float) -> bool:
        """Read on; False at the end of what there is to read."""
        assert time.monotonic() < end, self.screen
        ready, _, _ = select.select([self._ours], [], [], max(0.0, end - time.monotonic()))
        try:
            read = os.read(self._ours, 4096) if ready else b""
        except OSError:  # the other side was closed
            return False
        self.screen += read.decode()
        return True


def test_at_a_terminal_the_password_is_asked_for_twice_without_showing_it(
    run: Run, environment: dict[str, str]
) -> None:
    with Terminal(environment, "add", EMAIL) as terminal:
        terminal.sees("Password: ")
        terminal.types(PASSWORD)
        terminal.sees("Once more: ")
        assert "correct horse" not in terminal.screen
        terminal.types(PASSWORD)
        assert terminal.ends() == 0
        assert "Added Ana@Example.com (all stores)" in terminal.screen
        assert "correct horse" not in terminal.screen
    assert facts(run("show", EMAIL, "--json"))["email"] == EMAIL


def test_two_passwords_that_differ_are_asked_for_again(environment: dict[str, str]) -> None:
    with Terminal(environment, "add", EMAIL) as terminal:
        for prompt, typed in (("Password: ", PASSWORD), ("Once more: ", "correct house\n")) * 2:
            terminal.sees(prompt)
            terminal.types(typed)
        terminal.sees("Password: ")


def test_whoever_has_an_account_is_not_asked_for_a_password_first(run: Run, environment: dict[str, str]) -> None:
    add(run)
    with Terminal(environment, "add", EMAIL) as terminal:
        assert terminal.ends() == 1
        assert "has an account already" in terminal.screen
        assert "Password" not in terminal.screen
