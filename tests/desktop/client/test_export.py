import asyncio
import csv
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from msgspec.structs import replace

from salebell_desktop.client.export import CANNOT_WRITE, HEADINGS, ExportRefused, cells, export
from salebell_protocol.events import Position
from salebell_protocol.http import SalesPage
from salebell_protocol.sales import Customer, Item, Sale, SaleStatus

BUENOS_AIRES = timezone(timedelta(hours=-3))
SALE = Sale(
    id="s1", number="100234", status=SaleStatus.APPROVED, total="15999.00", currency="ARS", channel="web",
    customer=Customer("María Pérez", "maria@example.com"),
    items=(Item("Mate", 2, "5500.00"), Item("Bombilla", 1, "4999.00")),
    created_at=datetime(2026, 11, 24, 17, 32, 8, tzinfo=UTC), updated_at=datetime(2026, 11, 24, 17, 33, tzinfo=UTC),
    url="https://shop.example.com/1",
)  # fmt: skip


def page(*sales: Sale) -> SalesPage:
    return SalesPage(sales=sales, next_before=None, unread=0, position=Position("e", 1, "x"))


async def pages(*all_of_them: SalesPage | Exception) -> AsyncIterator[SalesPage]:
    for each in all_of_them:
        if isinstance(each, Exception):
            raise each
        yield each


async def test_a_file_that_spreadsheets_open(tmp_path: Path) -> None:
    path, told = tmp_path / "ventas.csv", list[int]()
    second = replace(SALE, id="s2")
    assert await export(pages(page(SALE), page(second)), path, told.append, BUENOS_AIRES) == 2
    assert told == [1, 2]
    assert path.read_bytes().startswith(b"\xef\xbb\xbfnumber,")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == list(HEADINGS)
    assert rows[1] == [
        "100234", "s1", "approved", "15999.00", "ARS", "web", "María Pérez", "maria@example.com",
        "2 \u00d7 Mate; 1 \u00d7 Bombilla", "2026-11-24T14:32:08-03:00", "2026-11-24T14:33:00-03:00", "https://shop.example.com/1",
    ]  # fmt: skip
    assert len(rows) == 3
    assert [each.name for each in tmp_path.iterdir()] == ["ventas.csv"]


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
        await export(pages(page(SALE), ValueError("no more")), path, lambda _count: None)
    assert path.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["ventas.csv"]


async def test_cancelled_it_leaves_nothing(tmp_path: Path) -> None:
    first = asyncio.Event()

    async def endless() -> AsyncIterator[SalesPage]:
        yield page(SALE)
        first.set()
        await asyncio.Event().wait()

    work = asyncio.create_task(export(endless(), tmp_path / "x.csv", lambda _count: None))
    await first.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert list(tmp_path.iterdir()) == []


async def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "missing" / "x.csv", tmp_path / "file" / "x.csv"):
        with pytest.raises(ExportRefused, match=CANNOT_WRITE):
            await export(pages(page(SALE)), path, lambda _count: None)
    (tmp_path / "x.csv").mkdir()
    with pytest.raises(ExportRefused, match=CANNOT_WRITE):
        await export(pages(page(SALE)), tmp_path / "x.csv", lambda _count: None)
