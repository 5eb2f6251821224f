"""Servers on one Redis as programs: started without it, refused by what will never do, several behind one port."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.e2e.devices import Device
from tests.e2e.programs import PATIENCE_SECONDS, Server, environ_of, eventually, run
from tests.redis_server import RedisServer, redis_server

EMAIL = "ana@shop.example"


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path / "redis") as started:
        yield started


def server_on(redis: RedisServer, directory: Path, *options: str, **variables: str) -> Server:
    return Server(directory, options=options, ENABLE_REDIS="true", REDIS_URL=redis.url, **variables)


@pytest.fixture
async def server(redis: RedisServer, tmp_path: Path) -> AsyncGenerator[Server, None]:
    started = server_on(redis, tmp_path / "server")
    await started.start()
    yield started
    await started.stop()


async def readiness(server: Server) -> dict[str, Any]:
    async with httpx.AsyncClient(trust_env=False) as http:
        return dict((await http.get(f"{server.url}/readyz")).json())


async def is_ready(server: Server, status: str) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await readiness(server))["status"] != status:
            await asyncio.sleep(0.1)


async def sell(server: Server, key: str, sale_id: str) -> httpx.Response:
    async with server.producer(key) as http:
        return await http.post("/v1/sales", json={"sale": {"id": sale_id, "total": "1", "currency": "ARS"}})


async def test_what_is_sold_while_redis_is_dead_is_shown_at_once_and_counted_once(
    server: Server, redis: RedisServer, tmp_path: Path
) -> None:
    key = await server.new_key()
    await server.new_admin(EMAIL)
    device = Device(tmp_path / "device", EMAIL)
    await device.sign_in(server.url)
    await eventually(lambda: device.connected_at({"main": 0}), "it is connected")
    assert (await sell(server, key, "before")).status_code == 201
    await eventually(lambda: device.desk.badge == 1, "the badge counts it")
    redis.kill()
    kept = await sell(server, key, "meanwhile")
    assert (kept.status_code, kept.json()["offset"]) == (202, None)
    await eventually(lambda: device.desk.badge == 2 and device.desk.delayed, "it is shown, and the state told")
    assert (await readiness(server))["status"] == "degraded"
    assert (await sell(server, key, "meanwhile")).json()["duplicate"]
    redis.start()
    await is_ready(server, "ok")
    again = await sell(server, key, "meanwhile")
    assert again.json() == {"event_id": "created:meanwhile", "offset": 2, "duplicate": True}
    await eventually(lambda: device.connected_at({"main": 2}) and not device.desk.delayed, "it is up to date")
    assert device.desk.badge == 2
    assert [shown.event.id for shown in device.shown] == ["created:before", "created:meanwhile"]
    await device.stop()


async def test_a_server_starts_without_redis_and_heals(server: Server, redis: RedisServer) -> None:
    key = await server.new_key()
    assert (await sell(server, key, "before")).status_code == 201
    assert await server.stop() == 0
    redis.stop()
    await server.start()
    assert (await readiness(server))["status"] == "degraded"
    assert (await sell(server, key, "meanwhile")).status_code == 202
    assert server.program is not None
    assert "Traceback" not in server.program.said()
    await server.kill()
    await server.start()
    redis.start()
    await is_ready(server, "ok")
    assert (await sell(server, key, "meanwhile")).json()["offset"] == 2


async def test_without_a_disk_that_lasts_sales_are_refused_instead(redis: RedisServer, tmp_path: Path) -> None:
    server = server_on(redis, tmp_path / "server", SALEBELL_FALLBACK="reject")
    await server.start()
    key = await server.new_key()
    assert (await sell(server, key, "before")).status_code == 201
    redis.kill()
    answer = await sell(server, key, "meanwhile")
    assert (answer.status_code, answer.json()["code"]) == (503, "log_unavailable")
    assert "Retry-After" in answer.headers
    assert (await readiness(server))["status"] == "unavailable"
    await server.stop()


@pytest.mark.parametrize("workers", [(), ("--workers", "2")])
@pytest.mark.parametrize(
    ("settings", "url", "says"),
    [
        ({"requirepass": "right"}, "redis://:wrong@127.0.0.1:{port}/0", "password"),
        ({}, "redis://127.0.0.1:{port}/99", "REDIS_DB"),
        ({"appendfsync": "everysec"}, "redis://127.0.0.1:{port}/0", "appendfsync"),
        ({"maxmemory-policy": "allkeys-lru"}, "redis://127.0.0.1:{port}/0", "noeviction"),
        ({"cluster-enabled": "yes"}, "redis://127.0.0.1:{port}/0", "Cluster"),
        ({}, "rediss://127.0.0.1:{port}/0", "TLS"),
    ],
)
async def test_a_redis_that_will_never_do_is_refused_with_what_to_change(
    tmp_path: Path, settings: dict[str, str], url: str, says: str, workers: tuple[str, ...]
) -> None:
    with redis_server(tmp_path / "redis", program=None, **settings) as redis:
        environ = environ_of(
            SALEBELL_DATA_DIR=str(tmp_path / "server"), ENABLE_REDIS="true", REDIS_URL=url.format(port=redis.port)
        )
        status, _, err = await run("salebell-server", "serve", "--port", "0", *workers, environ=environ)
        assert status == 2
        assert says in err
        assert "wrong" not in err.replace("wrong password", "")
        assert "Traceback" not in err
        status, out, _ = await run("salebell-server", "doctor", environ=environ)
        assert status == 1
        assert says in out


async def test_workers_share_a_port_and_one_that_dies_is_replaced(redis: RedisServer, tmp_path: Path) -> None:
    server = server_on(redis, tmp_path / "server", "--workers", "2")
    server.listening = "workers listen"
    await server.start()
    await is_ready(server, "ok")
    key = await server.new_key()
    assert server.program is not None
    parent = psutil.Process(server.program.pid)

    def serving() -> list[psutil.Process]:
        alive = [each for each in parent.children() if each.status() != psutil.STATUS_ZOMBIE]
        return [each for each in alive if "spawn_main" in " ".join(each.cmdline())]

    await eventually(lambda: len(serving()) == 2, "two work")
    for number in range(20):
        assert (await sell(server, key, f"s{number}")).status_code == 201
    async with httpx.AsyncClient(trust_env=False) as http:
        figures = (await http.get(f"{server.url}/metrics")).text
    assert 'salebell_events_appended_total{type="SALE_CREATED"} 20.0' in figures.splitlines()
    victim = serving()[0]
    victim.send_signal(signal.SIGKILL)
    await eventually(lambda: victim not in serving() and len(serving()) == 2, "it is replaced")
    await is_ready(server, "ok")
    assert (await sell(server, key, "after")).json()["offset"] == 21
    workers = serving()
    assert await server.stop() == 0
    assert not [worker for worker in workers if worker.is_running()]
