"""A disk that fills up: nothing is acknowledged that is not kept, the server lives, and goes on when there is room."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.programs import Server
from tests.needs import small_disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MiB."""
    with small_disk(tmp_path / "disk") as place:
        yield place


async def test_a_full_disk_refuses_and_recovers(disk: Path) -> None:
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(3_000_000))
    server = Server(disk / "data")
    await server.start()
    key = await server.new_key()
    acknowledged: dict[str, int] = {}
    async with server.producer(key) as producer:

        async def sell(sale_id: str) -> httpx.Response:
            items = [{"name": "x" * 500, "quantity": 1, "unit_price": "1"}] * 20
            sale = {"id": sale_id, "total": "1", "currency": "EUR", "items": items}
            answer = await producer.post("/v1/sales", json={"sale": sale})
            if answer.status_code == 201:
                acknowledged[sale_id] = answer.json()["offset"]
            return answer

        number = 0
        while (answer := await sell(f"s-{number}")).status_code == 201:
            number += 1
        assert answer.status_code == 503
        assert answer.json()["code"] == "log_unavailable"
        assert "Retry-After" in answer.headers
        assert (await producer.get("/healthz")).status_code == 200
        ballast.unlink()
        assert (await sell(f"s-{number}")).status_code == 201, "the same request, when there is room again"
        assert (await sell("after")).status_code == 201
    await server.new_admin("ana@shop.example")
    token = (await server.sign_in("ana@shop.example"))["id_token"]
    await server.kill()
    await server.start()
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, trust_env=False) as admin:
        for sale_id, offset in acknowledged.items():
            events = (await admin.get(f"/v1/sales/{sale_id}/events")).json()["events"]
            assert [event["offset"] for event in events] == [offset]
    assert sorted(acknowledged.values()) == list(range(1, len(acknowledged) + 1)), "nothing else took an offset"
    assert await server.stop() == 0
