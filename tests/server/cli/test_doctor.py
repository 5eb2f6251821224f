"""`salebell-server doctor`: what it says of a server that is as it should be, and of what is missing."""

import json
from collections.abc import Generator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from salebell_server.cli.context import Stored
from salebell_server.cli.doctor import WRITES
from salebell_server.settings import Settings
from salebell_server.shared import for_commands
from tests.redis_server import RedisServer, free_port, redis_server
from tests.server.cli.stand import Done, Run, caller


def found(done: Done) -> list[dict[str, Any]]:
    findings: list[dict[str, Any]] = json.loads(done.out)
    assert all({*finding} == {"check", "ok", "severity", "detail"} for finding in findings)
    assert done.status == (0 if all(finding["ok"] for finding in findings) else 1)
    return findings


def of(findings: list[dict[str, Any]], check: str) -> list[tuple[str, str]]:
    return [(finding["severity"], finding["detail"]) for finding in findings if finding["check"] == check]


def test_a_directory_that_is_not_there_is_not_made(run: Run, directory: Path) -> None:
    [(severity, detail)] = of(found(run("doctor", "--json")), "database")
    assert severity == "fatal"
    assert str(directory) in detail
    assert "SALEBELL_DATA_DIR" in detail
    assert not directory.exists()


def test_nothing_is_made_in_a_directory_without_a_database(run: Run, directory: Path) -> None:
    directory.mkdir()
    (directory / "notes.txt").write_text("mine")
    [(severity, _)] = of(found(run("doctor", "--json")), "database")
    assert severity == "fatal"
    assert [file.name for file in directory.iterdir()] == ["notes.txt"]


def test_what_is_missing_and_how_to_get_it(run: Run) -> None:
    run("keys", "list")
    told = of(found(run("doctor", "--json")), "database")
    assert [severity for severity, _ in told] == ["fine", "fine", "fatal", "fatal"]
    assert "keys create" in told[2][1]
    assert "admins add" in told[3][1]


def test_lines_for_people(run: Run, directory: Path) -> None:
    run("keys", "create", "--store", "main", "--name", "website")
    done = run("doctor", SALEBELL_HOST="0.0.0.0")
    lines = done.out.splitlines()
    failed = [line for line in lines if line.startswith("FAIL")]
    assert failed == ["FAIL  database: no admin yet: salebell-server admins add"]
    assert done.status == 1
    assert [line for line in lines if line.startswith(f"ok    data directory: {directory}")]
    assert "ok    database: 1 ingest keys" in lines
    assert [line for line in lines if line.startswith("warn  configuration: ") and "TLS" in line]
    assert f"ms (median of {WRITES})" in done.out


def test_wrong_settings_are_told_and_nothing_else_is_looked_at(run: Run, directory: Path) -> None:
    [finding] = found(run("doctor", "--json", SALEBELL_PORT="x", ENABLE_REDIS="true", REDIS_PORT="y"))
    assert finding["check"] == "configuration"
    assert "SALEBELL_PORT" in finding["detail"]
    assert "REDIS_PORT" in finding["detail"]
    assert not directory.exists()


def test_variables_of_a_redis_that_is_not_enabled(run: Run) -> None:
    told = of(found(run("doctor", "--json", REDIS_HOST="cache", REDIS_PASSWORD="s3cret")), "configuration")
    [detail] = [detail for severity, detail in told if severity == "warning"]
    assert "REDIS_HOST, REDIS_PASSWORD" in detail
    assert "ENABLE_REDIS" in detail
    assert "s3cret" not in detail


@pytest.fixture
def shared(environment: dict[str, str]) -> Run:
    """Calls the command where ENABLE_REDIS says so."""

    def open_storage(settings: Settings, *, create: bool) -> AbstractAsyncContextManager[Stored]:
        assert settings.redis is not None
        assert not create
        return for_commands(settings, settings.redis)

    return caller({**environment, "ENABLE_REDIS": "true"}, open_storage)


def test_a_redis_that_is_as_it_should_be(shared: Run, redis: RedisServer, directory: Path) -> None:
    findings = found(shared("doctor", "--json", REDIS_URL=redis.url))
    assert not directory.exists()
    said = " ".join(detail for _, detail in of(findings, "configuration"))
    assert f"redis://127.0.0.1:{redis.port}/0" in said
    assert "keeps new sales on this machine's disk" in said
    for check in ("redis version", "redis role", "redis persistence", "redis eviction", "redis memory", "redis clock"):
        [(severity, _)] = of(findings, check)
        assert severity == "fine"
    assert any("ms (median of" in detail for _, detail in of(findings, "redis"))
    [(severity, detail)] = of(findings, "outbox")
    assert severity == "fine"
    assert str(directory) in detail


def test_what_becomes_of_sales_without_redis(shared: Run, redis: RedisServer) -> None:
    done = shared("doctor", REDIS_URL=redis.url, SALEBELL_FALLBACK="reject")
    assert "refuses new sales while that is away" in done.out


def test_a_weak_redis_fails_unless_it_is_allowed(shared: Run, redis: RedisServer) -> None:
    redis.command("CONFIG", "SET", "appendfsync", "everysec")
    [(severity, _)] = of(found(shared("doctor", "--json", REDIS_URL=redis.url)), "redis persistence")
    assert severity == "weak"
    variables = {"REDIS_URL": redis.url, "SALEBELL_ALLOW_WEAK_REDIS": "1"}
    [(severity, detail)] = of(found(shared("doctor", "--json", **variables)), "redis persistence")
    assert severity == "warning"
    assert "allowed" in detail


def test_a_redis_that_is_away_is_told_once(shared: Run) -> None:
    findings = found(shared("doctor", "--json", REDIS_PORT=str(free_port())))
    [(severity, detail)] = [(found["severity"], found["detail"]) for found in findings if "redis" in found["check"]]
    assert severity == "away"
    assert "Connection refused" in detail
    for check in ("outbox", "open files"):
        assert of(findings, check), "the rest is looked at all the same"


def test_a_password_is_never_told(shared: Run, redis: RedisServer) -> None:
    for arguments in (("doctor",), ("doctor", "--json")):
        done = shared(*arguments, REDIS_URL=redis.url.replace("://", "://:s3cret@"))
        assert done.status == 1
        assert "REDIS_PASSWORD" in done.out
        assert "s3cret" not in done.out + done.error


@pytest.fixture
def redis(tmp_path: Path) -> Generator[RedisServer, None, None]:
    with redis_server(tmp_path / "redis") as server:
        yield server
