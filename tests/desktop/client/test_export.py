import asyncio
import csv
import os
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from salebell_desktop.client.export import CANNOT_WRITE, HEADINGS, ExportRefused, cells, export
from salebell_protocol.sales import Customer, Item, Sale, SaleStatus

BUENOS_AIRES = timezone(timedelta(hours=-3))
SALE = Sale(
    id="s1", number="100234", status=SaleStatus.APPROVED, total="15999.00", currency="ARS", channel="web",
    customer=Customer("María Pérez", "maria@example.com"),
    items=(Item("Mate", 2, "5500.00"), Item("Bombilla", 1, "4999.00")),
    created_at=datetime(2026, 11, 24, 17, 32, 8, tzinfo=UTC), updated_at=datetime(2026, 11, 24, 17, 33, tzinfo=UTC),
    url="https://shop.example.com/1",
)  # fmt: skip


async def batches(*all_of_them: list[Sale] | Exception) -> AsyncIterator[list[Sale]]:
    for each in all_of_them:
        if isinstance(each, Exception):
            raise each
        yield each


def names(directory: Path) -> list[str]:
    return sorted(each.name for each in directory.iterdir())


async def test_a_file_that_spreadsheets_open(tmp_path: Path) -> None:
    path = tmp_path / "ventas.csv"
    assert await export(batches([SALE], [replace(SALE, id="s2")]), path, BUENOS_AIRES) == 2
    assert path.read_bytes().startswith(b"\xef\xbb\xbfnumber,")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == list(HEADINGS)
    assert rows[1] == [
        "100234", "s1", "approved", "15999.00", "ARS", "web", "María Pérez", "maria@example.com",
        "2 \u00d7 Mate; 1 \u00d7 Bombilla", "2026-11-24T14:32:08-03:00", "2026-11-24T14:33:00-03:00", "https://shop.example.com/1",
    ]  # fmt: skip
    assert len(rows) == 3
    assert names(tmp_path) == ["ventas.csv"]


async def test_a_file_of_the_users_own_stays(tmp_path: Path) -> None:
    for name in ("ventas.csv.part", "ventas.csv1.part"):
        (tmp_path / name).write_text("mine")
    await export(batches([SALE]), tmp_path / "ventas.csv")
    assert names(tmp_path) == ["ventas.csv", "ventas.csv.part", "ventas.csv1.part"]
    assert (tmp_path / "ventas.csv.part").read_text() == "mine"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_cell_is_a_formula(text: str) -> None:
    """Names are rid of control characters at ingest; a number of an older sale may not have been."""
    row = cells(replace(SALE, number=text, customer=None, url=None), UTC)
    assert row[0] in (f"'{text}", f"'{text.strip()}", "x")
    assert row[6] == row[7] == row[11] == ""


def test_a_year_that_no_zone_knows() -> None:
    first = replace(SALE, created_at=datetime(1, 1, 1, tzinfo=UTC))
    assert cells(first, BUENOS_AIRES)[9] == "0001-01-01T00:00:00+00:00"


async def test_what_was_there_stays_when_reading_fails(tmp_path: Path) -> None:
    path = tmp_path / "ventas.csv"
    path.write_text("before")
    with pytest.raises(ValueError, match="no more"):
        await export(batches([SALE], ValueError("no more")), path)
    assert path.read_text() == "before"
    assert names(tmp_path) == ["ventas.csv"]


async def test_cancelled_it_leaves_nothing(tmp_path: Path) -> None:
    first = asyncio.Event()

    async def endless() -> AsyncIterator[list[Sale]]:
        yield [SALE]
        first.set()
        await asyncio.Event().wait()

    work = asyncio.create_task(export(endless(), tmp_path / "x.csv"))
    await first.wait()
    assert names(tmp_path) == ["x.csv.part"]
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert names(tmp_path) == []


@pytest.mark.parametrize("slow", ["os.fsync", "csv.writer"])
async def test_cancelled_while_a_thread_is_at_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slow: str
) -> None:
    """It ends when the thread does: nothing is created or written behind one's back."""
    begun, go_on = threading.Event(), threading.Event()
    calls: dict[str, Callable[[Any], Any]] = {"os.fsync": os.fsync, "csv.writer": csv.writer}
    really = calls[slow]

    def slowly(what: Any) -> Any:
        begun.set()
        go_on.wait(30)
        return really(what)

    monkeypatch.setattr(slow, slowly)
    work = asyncio.create_task(export(batches([SALE]), tmp_path / "x.csv"))
    await asyncio.to_thread(begun.wait, 30)
    work.cancel()
    await asyncio.sleep(0)
    assert not work.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", ["missing/x.csv", "file/x.csv", "directory"])
async def test_a_place_that_cannot_be_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "directory").mkdir()
    with pytest.raises(ExportRefused, match=CANNOT_WRITE):
        await export(batches([SALE]), tmp_path / name)
    assert names(tmp_path) == ["directory", "file"]


async def test_a_place_that_becomes_one_that_cannot_be_written(tmp_path: Path) -> None:
    async def meanwhile() -> AsyncIterator[list[Sale]]:
        yield [SALE]
        (tmp_path / "x.csv").mkdir()

    with pytest.raises(ExportRefused, match=CANNOT_WRITE):
        await export(meanwhile(), tmp_path / "x.csv")
    assert names(tmp_path) == ["x.csv"]
