"""`salebell-server keys`, on a real data directory."""

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from salebell_server.log.keys import KEY_PREFIX
from tests.server.api.stand import Service, accepted, problem
from tests.server.cli.stand import Run, told

KEY = re.compile(rf"{KEY_PREFIX}[A-Za-z0-9_-]{{32}}\n")


def test_a_new_key_is_printed_alone_and_stored_hashed(run: Run, directory: Path) -> None:
    status, out, error = run("keys", "create", "--store", "main", "--name", "website")
    assert (status, error) == (0, "")
    assert KEY.fullmatch(out)
    stored = b"".join(file.read_bytes() for file in directory.iterdir() if file.is_file())
    assert b"website" in stored
    assert out.strip().encode() not in stored


def test_keys_are_listed_without_themselves(run: Run) -> None:
    made = [
        run("keys", "create", "--store", store, "--name", name).out for name, store in (("b", "outlet"), ("a", "main"))
    ]
    listed = run("keys", "list")
    assert [line.split()[:2] for line in listed.out.splitlines()] == [["a", "main"], ["b", "outlet"]]
    facts = json.loads(run("keys", "list", "--json").out)
    assert [(fact["name"], fact["store"]) for fact in facts] == [("a", "main"), ("b", "outlet")]
    assert {*facts[0]} == {"name", "store", "created_at"}
    for key in made:
        assert key.strip() not in listed.out + json.dumps(facts)


def test_without_keys_nothing_is_listed(run: Run) -> None:
    assert run("keys", "list") == (0, "", "")
    assert json.loads(run("keys", "list", "--json").out) == []


def test_names_are_unique(run: Run) -> None:
    run("keys", "create", "--store", "main", "--name", "website")
    told(run("keys", "create", "--store", "other", "--name", "website"), 1, "website", "--name", "revoke")
    [fact] = json.loads(run("keys", "list", "--json").out)
    assert fact["store"] == "main"


def test_a_revoked_name_can_be_used_again(run: Run) -> None:
    run("keys", "create", "--store", "main", "--name", "website")
    assert run("keys", "revoke", "website") == (0, "website was revoked.\n", "")
    assert run("keys", "list").out == ""
    assert run("keys", "create", "--store", "main", "--name", "website").status == 0


def test_revoking_an_unknown_name_is_refused(run: Run) -> None:
    told(run("keys", "revoke", "nobody"), 1, "nobody", "keys list")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--store", "Main", "--name", "x"),
        ("--store", "", "--name", "x"),
        ("--store", "main\n", "--name", "x"),
        ("--store", "s" * 64, "--name", "x"),
        ("--store", "main", "--name", ""),
        ("--store", "main", "--name", "a\nb"),
        ("--store", "main", "--name", " a"),
        ("--store", "main", "--name", "n" * 101),
        ("--store", "main"),
        ("--name", "x"),
    ],
)
def test_wrong_usage(run: Run, directory: Path, arguments: tuple[str, ...]) -> None:
    told(run("keys", "create", *arguments), 2)
    assert not directory.exists()


async def test_a_running_server_sees_changes_at_once(run: Run, api: Service) -> None:
    key = (await asyncio.to_thread(run, "keys", "create", "--store", "outlet", "--name", "till")).out.strip()
    accepted(await api.create("s1", key=key), "created:s1", 1)
    assert (await asyncio.to_thread(run, "keys", "revoke", "till")).status == 0
    problem(await api.create("s2", key=key), 401, "key_invalid")


def test_a_data_directory_that_cannot_be_used(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told(run("keys", "list", SALEBELL_DATA_DIR=str(tmp_path / "file")), 2, str(tmp_path / "file"))


def test_a_database_that_is_none_is_left_alone(run: Run, directory: Path) -> None:
    directory.mkdir()
    file = directory / "salebell.db"
    file.write_bytes(b"not a database" * 1000)
    told(run("keys", "create", "--store", "main", "--name", "x"), 2, "salebell.db")
    assert file.read_bytes() == b"not a database" * 1000


@pytest.mark.parametrize("command", [(), ("create",), ("list",), ("revoke",)])
def test_help(run: Run, command: tuple[str, ...]) -> None:
    status, out, _ = run("keys", *command, "--help")
    assert status == 0
    assert not command or "Example:" in out


def test_the_installed_program(environment: dict[str, str]) -> None:
    program = [sys.executable, "-m", "salebell_server", "keys", "create", "--store", "main", "--name", "x"]
    for status in (0, 1):
        done = subprocess.run(program, env=environment, capture_output=True, timeout=60, check=False, text=True)
        assert done.returncode == status
        assert bool(KEY.fullmatch(done.stdout)) is (status == 0)
        assert bool(done.stderr) is (status == 1)
