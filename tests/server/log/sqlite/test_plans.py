"""The queries that must stay fast with a hundred thousand sales go by an index, in its order."""

import sqlite3
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from salebell_protocol.sales import SaleStatus
from salebell_server.log import SalesQuery
from salebell_server.log.sqlite import appending, heads, listing, resuming
from salebell_server.log.sqlite.database import Database
from salebell_server.log.sqlite.sale_log import SqliteSaleLog
from tests.server.log.shop import NOON, created
from tests.server.log.stand import Heard, Time, append_all

Query = Callable[[sqlite3.Connection], object]


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database, None]:
    async with Database(tmp_path, serve=True) as opened:
        log = SqliteSaleLog(opened, Heard(), Time().clock)
        await append_all(log, created("a"), created("b"))
        await log.open("main", "ana", None)
        yield opened


async def plan(database: Database, query: Query) -> list[str]:
    """How SQLite goes about every SELECT of a query."""

    def explain(connection: sqlite3.Connection) -> list[str]:
        statements: list[str] = []
        connection.set_trace_callback(statements.append)
        query(connection)
        connection.set_trace_callback(None)
        selects = [sql for sql in statements if sql.lstrip().startswith("SELECT")]
        assert selects
        return [row[3] for sql in selects for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]

    return await database.read(explain)


def count(connection: sqlite3.Connection) -> int:
    head = heads.head_of(connection, "main")
    assert head is not None
    return heads.unread_above(connection, head, 0)


async def test_unread_is_counted_in_an_index_alone(database: Database) -> None:
    steps = await plan(database, count)
    assert any("COVERING INDEX sales_unread (store=? AND latest_created>?)" in step for step in steps)


def page(**conditions: Any) -> Query:
    query = SalesQuery(store="main", **conditions)
    return lambda connection: listing.page(connection, query, "ana")


MARK = "WzAsImEiXQ"


def look(connection: sqlite3.Connection) -> None:
    connection.execute(appending.LOOK, ("created:a", "a", "main"))


QUERIES: dict[str, Query] = {
    "count": count,
    "look": look,
    "first page": page(),
    "next page": page(before=MARK),
    "filtered": page(before=MARK, since=NOON, until=NOON, status=SaleStatus.PENDING, channel="admin", q="shoes blue"),
    "lookup": lambda connection: listing.lookup(connection, "main", "a", "created:a"),
    "sale": lambda connection: listing.sale(connection, "main", "a"),
    "history": lambda connection: listing.history(connection, "main", "a"),
    "figures": lambda connection: listing.figures(connection, "main", NOON),
    "open": lambda connection: resuming.reading(connection, "main", "ana", None),
    "entries": lambda connection: resuming.entries(connection, "main", _epoch(connection), 0, 10),
}


@pytest.mark.parametrize("name", QUERIES)
async def test_no_query_scans_or_sorts(database: Database, name: str) -> None:
    steps = await plan(database, QUERIES[name])
    assert [step for step in steps if "SCAN" in step or "TEMP B-TREE" in step] == []


def _epoch(connection: sqlite3.Connection) -> str:
    head = heads.head_of(connection, "main")
    assert head is not None
    return head.epoch
