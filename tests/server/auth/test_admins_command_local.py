"""The commands for local accounts alone: adding and removing them, and their passwords."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from salebell_server.auth.sign_in import InvalidCredentials, SessionRevoked
from tests.server.auth.commands import Done, Run, Terminal, as_program, facts, in_process, told
from tests.server.auth.stand import EMAIL, HOME, Stand, standing

PASSWORD = "correct horse\n"


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    return in_process(environment)


@pytest.fixture
def program(environment: dict[str, str]) -> Run:
    return as_program(environment)


@pytest_asyncio.fixture
async def served(directory: Path) -> AsyncGenerator[Stand, None]:
    """A server's sign-in on the data directory of the commands."""
    async with standing(directory) as made:
        yield made


def add(run: Run, *arguments: str, email: str = EMAIL) -> Done:
    return run("add", email, "--password-stdin", *arguments, given=PASSWORD)


def test_nothing_secret_is_ever_printed(run: Run) -> None:
    add(run)
    for arguments in (["show", EMAIL], ["show", EMAIL, "--json"], ["list", "--json"]):
        done = run(*arguments)
        assert "argon2" not in done.out
        assert "correct horse" not in done.out + done.error


def test_an_address_is_taken_once_whatever_the_case(run: Run) -> None:
    add(run)
    told(add(run, email="ANA@example.COM"), 1, "Ana@Example.com", "has an account already")


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
