"""`salebell-server admins` as people and scripts call it: the same for local accounts and for Firebase's users."""

from collections.abc import Collection
from typing import Protocol

import pytest
from click.testing import CliRunner

from salebell_protocol.http import Provider
from salebell_server.cli.admins import admins
from tests.firebase.emulator import AuthEmulator
from tests.server.auth.commands import Done, Run, facts, in_process, told

ANA = "ana@example.com"
BEN = "ben@example.com"


class Kind(Protocol):
    """A kind of accounts."""

    run: Run
    lists_others: bool
    """Whether those are listed who are no admins."""

    def add(self, email: str, name: str = "", stores: Collection[str] | None = None) -> None:
        """Have an admin of `stores`; None means of all."""
        ...


class Local:
    """Accounts in a data directory."""

    lists_others = True

    def __init__(self, run: Run) -> None:
        self.run = run

    def add(self, email: str, name: str = "", stores: Collection[str] | None = None) -> None:
        options = [part for store in stores or () for part in ("--store", store)]
        done = self.run("add", email, "--name", name, "--password-stdin", *options, given="correct horse\n")
        assert done.status == 0


class Firebase:
    """Users in an emulator."""

    lists_others = False

    def __init__(self, run: Run, emulator: AuthEmulator) -> None:
        self.run = run
        self._emulator = emulator

    def add(self, email: str, name: str = "", stores: Collection[str] | None = None) -> None:
        claims = {"role": "ADMIN"} if stores is None else {"role": "ADMIN", "stores": list(stores)}
        self._emulator.change(self._emulator.add(email, claims=claims), displayName=name, emailVerified=True)


@pytest.fixture(params=list(Provider))
def kind(request: pytest.FixtureRequest, environment: dict[str, str]) -> Kind:
    if request.param is Provider.LOCAL:
        return Local(in_process(environment))
    emulator: AuthEmulator = request.getfixturevalue("emulator")
    firebase: dict[str, str] = request.getfixturevalue("firebase_environment")
    return Firebase(in_process(firebase), emulator)


def test_an_account_is_shown(kind: Kind) -> None:
    kind.add(ANA, "Ana García")
    shown = kind.run("show", "Ana@Example.com")
    assert (shown.status, shown.error) == (0, "")
    rows = dict(line.split(maxsplit=1) for line in shown.out.splitlines())
    assert rows["email"] == ANA
    assert rows["name"] == "Ana García"
    assert rows["stores"] == "all stores"
    assert rows["state"] == "may sign in"
    assert rows["created"].endswith(" UTC")


def test_facts_are_told_as_json_in_one_shape(kind: Kind) -> None:
    kind.add(ANA, "Ana", {"outlet", "main"})
    shown = facts(kind.run("show", ANA, "--json"))
    assert shown.pop("email_verified") is (None if isinstance(kind, Local) else True)
    assert isinstance(shown.pop("uid"), str)
    assert shown.pop("created_at").endswith("Z")
    assert shown == {"email": ANA, "name": "Ana", "admin": True, "stores": ["main", "outlet"], "disabled": False}


def test_each_command_tells_the_same_facts(kind: Kind) -> None:
    kind.add(ANA, stores={"main"})
    told_by = [
        facts(kind.run("show", ANA, "--json")),
        facts(kind.run("grant", ANA, "--store", "main", "--json")),
        facts(kind.run("enable", ANA, "--json")),
        *facts(kind.run("list", "--json")),
    ]
    assert told_by == [told_by[0]] * 4


def test_admins_are_listed_by_address(kind: Kind) -> None:
    assert kind.run("list") == Done(0, "", "")
    assert facts(kind.run("list", "--json")) == []
    kind.add("charlotte@example.com", stores={"main"})
    kind.add(ANA)
    kind.run("disable", "charlotte@example.com")
    assert kind.run("list").out.splitlines() == [
        "ana@example.com        all stores",
        "charlotte@example.com  main, disabled",
    ]


def test_stores_are_granted_and_revoked(kind: Kind) -> None:
    kind.add(ANA, stores={"main"})
    assert facts(kind.run("grant", ANA, "--store", "outlet", "--json"))["stores"] == ["main", "outlet"]
    assert kind.run("revoke", ANA, "--store", "main") == Done(0, "Revoked: ana@example.com (outlet)\n", "")
    revoked = facts(kind.run("revoke", ANA, "--json"))
    assert (revoked["stores"], revoked["admin"]) == ([], False)
    assert kind.run("list").out == (f"{ANA}  no store: not an admin\n" if kind.lists_others else "")
    assert "not an admin" in kind.run("show", ANA).out
    assert facts(kind.run("grant", ANA, "--json"))["stores"] is None
    assert facts(kind.run("grant", ANA, "--store", "main", "--json"))["stores"] is None
    assert kind.run("grant", ANA) == Done(0, "Granted: ana@example.com (all stores)\n", "")


def test_an_admin_without_the_last_store_is_none(kind: Kind) -> None:
    kind.add(ANA, stores={"main"})
    assert kind.run("revoke", ANA, "--store", "main").out == "Revoked: ana@example.com (no store: not an admin)\n"
    assert kind.run("revoke", ANA).out == "Revoked: ana@example.com (no store: not an admin)\n"


def test_what_would_be_left_of_all_stores_is_not_guessed(kind: Kind) -> None:
    kind.add(ANA)
    told(kind.run("revoke", ANA, "--store", "main"), 1, ANA, "all stores", "grant the stores to keep")
    kind.run("revoke", ANA)
    kind.run("grant", ANA, "--store", "main")
    told(kind.run("revoke", ANA, "--store", "mian"), 1, ANA, "not an admin of mian")
    assert facts(kind.run("show", ANA, "--json"))["stores"] == ["main"]


def test_an_account_is_disabled_and_enabled(kind: Kind) -> None:
    kind.add(ANA, stores={"main"})
    assert kind.run("disable", ANA) == Done(0, "Disabled: ana@example.com (main, disabled)\n", "")
    assert "disabled" in kind.run("show", ANA).out
    assert facts(kind.run("disable", ANA, "--json"))["disabled"] is True
    assert kind.run("enable", ANA) == Done(0, "Enabled: ana@example.com (main)\n", "")
    assert facts(kind.run("enable", ANA, "--json"))["disabled"] is False


def test_nobody_has_no_account(kind: Kind) -> None:
    kind.add(ANA)
    for command in ("grant", "revoke", "show", "disable", "enable"):
        told(kind.run(command, BEN), 1, BEN, "has no account")
        told(kind.run(command, BEN, "--store", "main") if command in ("grant", "revoke") else kind.run(command, BEN), 1)


def test_what_is_no_address_and_no_store_is_wrong_usage(kind: Kind) -> None:
    for command in ("grant", "revoke", "show", "disable", "enable", "remove", "passwd", "add"):
        told(kind.run(command, "ana"), 2, "EMAIL", "must be an e-mail address")
    for command in ("grant", "revoke", "add"):
        told(kind.run(command, ANA, "--store", "Main"), 2, "--store", "small letters, digits or hyphens")


def test_the_commands_are_these() -> None:
    words = "add disable enable grant list passwd remove revoke show"
    assert " ".join(sorted(admins.commands)) == words


@pytest.mark.parametrize("name", sorted(admins.commands))
def test_every_command_shows_an_example(name: str) -> None:
    done = CliRunner().invoke(admins, [name, "--help"])
    assert done.exit_code == 0
    assert f"Example:\n    salebell-server admins {name}" in done.output
