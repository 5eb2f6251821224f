"""What keeps a server from starting is told in one line, with exit status 2, and nothing is touched."""

import asyncio
import hashlib
import json
import os
import signal
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.e2e.programs import BIN, Server, environ_of, run


def fingerprint(directory: Path) -> dict[str, str]:
    """Every file below a directory, by the hash of what is in it; the lock may name who tried last."""
    files = sorted(path for path in directory.rglob("*") if path.is_file() and path.name != "lock")
    return {str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


async def refusal(*options: str, **variables: str) -> str:
    """The one line that `serve` gives up with."""
    status, out, err = await run("salebell-server", "serve", *options, environ=environ_of(**variables))
    assert status == 2, (out, err)
    assert out == ""
    (line,) = err.splitlines()
    return line


async def test_a_taken_port(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        line = await refusal("--port", port, SALEBELL_DATA_DIR=str(tmp_path))
    assert port in line
    assert "SALEBELL_PORT" in line


async def test_an_address_of_another_machine(tmp_path: Path) -> None:
    assert "SALEBELL_HOST" in await refusal("--host", "192.0.2.1", "--port", "0", SALEBELL_DATA_DIR=str(tmp_path))


async def test_a_host_that_is_no_address(tmp_path: Path) -> None:
    assert "SALEBELL_HOST" in await refusal("--host", "no such host", SALEBELL_DATA_DIR=str(tmp_path))


async def test_a_data_directory_that_cannot_be_made(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    assert str(file) in await refusal("--port", "0", SALEBELL_DATA_DIR=str(file / "data"))
    assert file.read_text() == "mine"


async def test_a_second_server_on_the_same_directory(server: Server) -> None:
    line = await refusal("--port", "0", SALEBELL_DATA_DIR=str(server.directory))
    assert str(server.directory) in line
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        assert (await http.get("/readyz")).status_code == 200


async def test_a_damaged_database(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    await server.start()
    await server.new_key()
    assert await server.stop() == 0
    file = tmp_path / "data" / "salebell.db"
    content = bytearray(file.read_bytes())
    content[100:2000] = b"\x55" * 1900
    file.write_bytes(content)
    before = fingerprint(tmp_path)
    assert str(file) in await refusal("--port", "0", SALEBELL_DATA_DIR=str(tmp_path / "data"))
    assert fingerprint(tmp_path) == before


async def test_something_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "salebell.db"
    file.write_bytes(b"my diary " * 1000)
    before = fingerprint(tmp_path)
    assert str(file) in await refusal("--port", "0", SALEBELL_DATA_DIR=str(tmp_path))
    assert fingerprint(tmp_path) == before


async def test_a_database_of_a_newer_version(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    await server.start()
    assert await server.stop() == 0
    file = tmp_path / "data" / "salebell.db"
    with closing(sqlite3.connect(file)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute(f"PRAGMA user_version = {version + 1}")
    before = fingerprint(tmp_path)
    assert "newer" in await refusal("--port", "0", SALEBELL_DATA_DIR=str(tmp_path / "data"))
    assert fingerprint(tmp_path) == before


async def test_wrong_settings_are_told_all_at_once(tmp_path: Path) -> None:
    environ = environ_of(SALEBELL_DATA_DIR=str(tmp_path), SALEBELL_PORT="http", SALEBELL_LOG_LEVEL="loud")
    status, _, err = await run("salebell-server", "serve", environ=environ)
    assert status == 2
    assert "SALEBELL_PORT" in err
    assert "SALEBELL_LOG_LEVEL" in err
    assert not list(tmp_path.iterdir())


async def test_more_workers_than_the_embedded_log_can_use(tmp_path: Path) -> None:
    assert "--workers" in await refusal("--workers", "2", SALEBELL_DATA_DIR=str(tmp_path))


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
async def test_a_server_that_is_told_to_stop_ends_well(tmp_path: Path, sign: int) -> None:
    server = Server(tmp_path / "data")
    await server.start()
    assert server.program is not None
    assert await server.program.stop(sign) == 0
    assert "Traceback" not in server.program.said()


async def test_the_log_is_json_and_holds_no_secret(server: Server) -> None:
    key = await server.new_key()
    await server.new_admin("ana@shop.example")
    tokens = await server.sign_in("ana@shop.example")
    async with server.producer(key) as producer:
        answer = await producer.post(
            "/v1/sales?key=" + key, json={"sale": {"id": "1", "total": "1", "currency": "EUR"}}
        )
        assert answer.status_code == 201
    assert await server.stop() == 0
    assert server.program is not None
    said = server.program.said()
    assert [json.loads(line)["event"] for line in server.program.err]
    for secret in (key, tokens["id_token"], tokens["refresh_token"]):
        assert secret not in said


async def test_a_server_survives_the_end_of_who_reads_its_log(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    reading, writing = os.pipe()
    environ = server.environ | {"SALEBELL_LOG_LEVEL": "debug"}
    process = await asyncio.create_subprocess_exec(
        str(BIN / "salebell-server"), "serve", "--port", "0", env=environ, stderr=writing
    )
    os.close(writing)
    with os.fdopen(reading) as lines:
        url = next(record["url"] for record in map(json.loads, lines) if record["event"] == "listening")
    key = await server.new_key()
    async with httpx.AsyncClient(base_url=url, trust_env=False, headers={"Authorization": f"Bearer {key}"}) as http:
        for number in range(20):
            sale = {"id": str(number), "total": "1", "currency": "EUR"}
            assert (await http.post("/v1/sales", json={"sale": sale})).status_code == 201
    assert process.returncode is None
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 30) == 0


async def test_doctor_says_what_is_missing_and_then_that_all_is_well(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    status, out, _ = await run("salebell-server", "doctor", "--json", environ=server.environ)
    assert status == 1
    failed = {finding["check"] for finding in json.loads(out) if not finding["ok"]}
    assert failed == {"database"}
    await server.start()
    server.environ["SALEBELL_PORT"] = str(server.port)
    await server.new_key()
    await server.new_admin("ana@shop.example")
    status, out, err = await run("salebell-server", "doctor", environ=server.environ)
    assert status == 0, out + err
    assert f"ready on {server.url}" in out
    assert await server.stop() == 0


@pytest.mark.parametrize(
    "command",
    ["", "serve", "keys", "keys create", "keys list", "keys revoke", "admins", "admins add", "emit", "doctor"],
)
async def test_every_command_has_help_with_an_example(command: str) -> None:
    status, out, _ = await run("salebell-server", *command.split(), "--help", environ=environ_of())
    assert status == 0
    assert "Example" in out


async def test_an_unknown_command_is_wrong_usage() -> None:
    status, _, err = await run("salebell-server", "sing", environ=environ_of())
    assert status == 2
    assert "sing" in err
