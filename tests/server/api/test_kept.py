"""What producers are answered while the log is away."""

import os
import signal
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest

from salebell_server.fallback.outbox import Outbox
from tests.server.api.stand import Service, problem, sale_body, serving
from tests.server.fallback.stand import outbox_in, standing

ROOT = Path(__file__).parents[3]


@pytest.fixture
async def outbox(tmp_path: Path) -> AsyncGenerator[Outbox, None]:
    async with outbox_in(tmp_path / "outbox") as opened:
        yield opened


@pytest.fixture
async def away(tmp_path: Path, outbox: Outbox) -> AsyncGenerator[Service, None]:
    """A service whose log cannot be reached, and that keeps what it can."""
    async with standing(tmp_path / "shared") as stand, serving(tmp_path, log=stand.shared, intake=outbox) as api:
        yield api


@pytest.fixture
async def rejecting(tmp_path: Path) -> AsyncGenerator[Service, None]:
    """The same, but that it keeps nothing."""
    async with standing(tmp_path / "shared") as stand, serving(tmp_path, log=stand.shared) as api:
        yield api


KEPT: list[tuple[str, Any, str]] = [
    ("/v1/sales", {"sale": sale_body("s1")}, "created:s1"),
    ("/v1/checkouts", {"sale": sale_body("s2"), "event_id": "e2"}, "e2"),
    ("/v1/sales/s3/payment", {"sale": sale_body("s3")}, "paid:s3"),
]


def kept(answer: httpx.Response, event_id: str, *, duplicate: bool = False) -> None:
    assert answer.status_code == 202, answer.text
    assert answer.json() == {"event_id": event_id, "offset": None, "duplicate": duplicate}


async def test_what_carries_its_whole_sale_is_202_and_so_is_its_retry(away: Service, outbox: Outbox) -> None:
    for path, body, event_id in KEPT:
        kept(await away.post(path, body), event_id)
        kept(await away.post(path, body), event_id, duplicate=True)
    assert len(await outbox.kept(100)) == len(KEPT)


async def test_another_request_under_the_same_ids_is_409(away: Service) -> None:
    await away.create("s1")
    problem(await away.create("s1", total="1.00"), 409, "event_id_conflict")
    problem(await away.post("/v1/sales", {"event_id": "e2", "sale": sale_body("s1")}), 409, "sale_exists")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/v1/sales/s1", {"sale": {"total": "1"}}),
        ("POST", "/v1/sales/s1/cancel", None),
        ("POST", "/v1/sales/s1/payment", None),
    ],
)
async def test_what_needs_the_shared_state_is_503(away: Service, method: str, path: str, body: Any) -> None:
    answer = await away.send(method, path, body)
    problem(answer, 503, "log_unavailable")
    assert int(answer.headers["retry-after"]) > 0


async def test_lists_are_503(away: Service) -> None:
    for path in ("/v1/sales", "/v1/sales/s1", "/v1/sales/s1/events", "/v1/stats?tz=UTC"):
        answer = await away.get(path)
        problem(answer, 503, "log_unavailable")
        assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(("path", "body", "event_id"), KEPT)
async def test_a_server_that_rejects_answers_503(rejecting: Service, path: str, body: Any, event_id: str) -> None:
    answer = await rejecting.post(path, body)
    told = problem(answer, 503, "log_unavailable")
    assert event_id not in told["detail"]
    assert int(answer.headers["retry-after"]) > 0


async def test_it_is_described(api: Service) -> None:
    paths = (await api.http.get("/openapi.json")).json()["paths"]
    described = {
        path
        for path, operations in paths.items()
        for operation in operations.values()
        if "202" in operation["responses"]
    }
    assert described == {"/v1/sales", "/v1/checkouts", "/v1/sales/{sale_id}/payment"}
    receipt = (await api.http.get("/openapi.json")).json()["components"]["schemas"]["Receipt"]
    assert {"type": "null"} in receipt["properties"]["offset"]["anyOf"]


PROGRAM = """
import asyncio, sys
from pathlib import Path
from tests.server.api.stand import serving
from tests.server.fallback.stand import standing

async def main(directory):
    async with standing(directory / "shared") as stand:
        async with serving(directory, log=stand.shared, intake=stand.outbox) as api:
            print(api.port, api.key, flush=True)
            await asyncio.Event().wait()

asyncio.run(main(Path(sys.argv[1])))
"""


async def test_a_server_that_is_killed_right_after_its_202_has_the_sale(tmp_path: Path) -> None:
    process = await create_subprocess_exec(
        sys.executable, "-c", PROGRAM, str(tmp_path), cwd=ROOT, env=os.environ | {"PYTHONPATH": "."}, stdout=PIPE
    )
    try:
        assert process.stdout is not None
        port, key = (await process.stdout.readline()).decode().split()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            for number in range(20):
                body = {"sale": sale_body(f"s{number}")}
                kept(
                    await http.post("/v1/sales", json=body, headers={"Authorization": f"Bearer {key}"}),
                    f"created:s{number}",
                )
            process.kill()
    finally:
        if process.returncode is None:
            process.kill()
        assert await process.wait() == -signal.SIGKILL
    async with standing(tmp_path / "shared") as stand:
        stand.keeper.link_up()
        assert await stand.keeper.ready_within(10)
        assert await stand.ids() == [f"created:s{number}" for number in range(20)]


async def test_what_was_202_is_201_when_it_is_repeated_later(tmp_path: Path) -> None:
    async with standing(tmp_path / "shared") as stand, serving(tmp_path, log=stand.shared, intake=stand.outbox) as api:
        kept(await api.create("s1"), "created:s1")
        stand.keeper.link_up()
        assert await stand.keeper.ready_within(10)
        answer = await api.create("s1")
        assert answer.status_code == 201
        assert answer.json() == {"event_id": "created:s1", "offset": 1, "duplicate": True}
