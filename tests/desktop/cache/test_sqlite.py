import os
import sqlite3
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from salebell_desktop.cache import KEPT_SALES, CacheFailed, CacheKey
from salebell_desktop.cache.sqlite import SqliteCache
from salebell_desktop.store import Look, Reading, Snapshot, Unsaved
from salebell_desktop.store.shown import REMEMBERED
from salebell_protocol.events import Position
from salebell_protocol.sales import Customer, Sale, SaleStatus

ANA = CacheKey("ws://localhost:3001", "u1")
START = datetime(2026, 11, 1, tzinfo=UTC)


def sale(sale_id: str, minute: int = 0, total: str = "1.50") -> Sale:
    at = START + timedelta(minutes=minute)
    return Sale(
        id=sale_id, number=sale_id, status=SaleStatus.PENDING, total=total, currency="EUR", channel="admin",
        customer=Customer("Zoë Ñandú"), created_at=at, updated_at=at,
    )  # fmt: skip


def unsaved(
    *sales: Sale, shown: tuple[str, ...] = (), replaced: bool = False, position: Position | None = None
) -> Unsaved:
    return Unsaved(
        position=position or Position("e", 5, "e5"), reading=Reading(2, 3, 5), look=Look("e", 4), whole=True,
        shown=shown, sales=sales, replaced=replaced,
    )  # fmt: skip


class Opened:
    """Opens caches on one file, and collects what they notice."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.noticed: list[str] = []
        self._caches: list[SqliteCache] = []

    def __call__(self) -> SqliteCache:
        self._caches.append(SqliteCache(self.path, self.noticed.append))
        return self._caches[-1]

    def close(self) -> None:
        for cache in self._caches:
            cache.close()


@pytest.fixture
def open_cache(tmp_path: Path) -> Iterator[Opened]:
    opened = Opened(tmp_path / "cache.db")
    yield opened
    opened.close()


def test_nothing_at_first(open_cache: Opened) -> None:
    assert open_cache().load(ANA) == {}


def test_what_was_saved_is_there_in_the_next_run(open_cache: Opened) -> None:
    cache = open_cache()
    cache.save(ANA, {"outlet": unsaved(), "main": unsaved(sale("a"), sale("b", 1), shown=("e1", "e2"))})
    cache.close()
    loaded = open_cache().load(ANA)
    assert list(loaded) == ["outlet", "main"]
    assert set(loaded["main"].sales) == {sale("a"), sale("b", 1)}
    assert loaded["main"] == Snapshot(
        position=Position("e", 5, "e5"), reading=Reading(2, 3, 5), look=Look("e", 4), whole=True,
        shown=("e1", "e2"), sales=loaded["main"].sales,
    )  # fmt: skip
    assert open_cache.noticed == []


def test_changes_are_added(open_cache: Opened) -> None:
    cache = open_cache()
    cache.save(ANA, {"main": unsaved(sale("a"), sale("b"), shown=("e1",))})
    cache.save(ANA, {"main": unsaved(sale("a", total="9"), shown=("e2", "e1"), position=Position("f", 0, ""))})
    (snapshot,) = cache.load(ANA).values()
    assert {row.id: row.total for row in snapshot.sales} == {"a": "9", "b": "1.50"}
    assert snapshot.shown == ("e1", "e2")
    assert snapshot.position == Position("f", 0, "")


def test_a_new_list_takes_the_place_of_the_old(open_cache: Opened) -> None:
    cache = open_cache()
    cache.save(ANA, {"main": unsaved(sale("a"), shown=("e1",))})
    cache.save(ANA, {"main": unsaved(sale("b"), replaced=True)})
    (snapshot,) = cache.load(ANA).values()
    assert [row.id for row in snapshot.sales] == ["b"]
    assert snapshot.shown == ("e1",)


def test_the_newest_sales_and_ids_are_kept(open_cache: Opened) -> None:
    cache = open_cache()
    many = [sale(f"s{number}", number) for number in range(KEPT_SALES + 10)]
    cache.save(ANA, {"main": unsaved(*many), "outlet": unsaved(sale("z"), shown=("z1",))})
    cache.save(ANA, {"main": unsaved(sale("old", -1), sale("new", 9999))})
    cache.save(ANA, {"main": unsaved(shown=tuple(f"e{number}" for number in range(REMEMBERED + 3)))})
    loaded = cache.load(ANA)
    kept = {row.id for row in loaded["main"].sales}
    assert len(kept) == KEPT_SALES
    assert "new" in kept
    assert not {"old", "s0", "s10"} & kept
    assert loaded["main"].shown == tuple(f"e{number}" for number in range(3, REMEMBERED + 3))
    assert loaded["outlet"].shown == ("z1",)
    assert loaded["outlet"].sales == (sale("z"),)


def test_accounts_and_servers_are_apart(open_cache: Opened) -> None:
    cache = open_cache()
    others = [CacheKey(ANA.server, "u2"), CacheKey("wss://api.example.com", ANA.uid)]
    for number, key in enumerate([ANA, *others]):
        cache.save(key, {"main": unsaved(sale(f"s{number}"))})
    cache.forget(ANA)
    assert cache.load(ANA) == {}
    assert [cache.load(key)["main"].sales[0].id for key in others] == ["s1", "s2"]


def test_forgetting_leaves_nothing_in_the_file(open_cache: Opened, tmp_path: Path) -> None:
    cache = open_cache()
    cache.save(ANA, {"main": unsaved(sale("a"), shown=("shown-event",)), "outlet": unsaved()})
    cache.forget_store(ANA, "main")
    assert list(cache.load(ANA)) == ["outlet"]
    cache.close()
    content = (tmp_path / "cache.db").read_bytes()
    assert "Ñandú".encode() not in content
    assert b"shown-event" not in content


def test_nothing_of_a_forgotten_account_is_left_while_the_program_goes_on(open_cache: Opened, tmp_path: Path) -> None:
    (tmp_path / "cache.db").write_bytes(b"no database, but it says shown-event")
    cache = open_cache()
    other = CacheKey(ANA.server, "u2")
    cache.save(other, {"main": unsaved(sale("kept"))})
    for number in range(3):
        cache.save(ANA, {"main": unsaved(sale(f"gone-{number}"), shown=("shown-event",))})
    cache.forget(ANA)
    for file in tmp_path.iterdir():
        assert b"gone-" not in file.read_bytes(), file
        assert b"shown-event" not in file.read_bytes(), file
    assert cache.load(other)["main"].sales == (sale("kept"),)


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_only_its_user_can_read_it(open_cache: Opened, tmp_path: Path) -> None:
    cache = open_cache()
    cache.save(ANA, {"main": unsaved(sale("a"))})
    for file in tmp_path.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def corrupt(path: Path) -> None:
    path.write_bytes(b"this is not a database" * 500)


def truncate(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def from_the_future(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


@pytest.mark.parametrize("damage", [corrupt, truncate, from_the_future])
def test_a_file_that_cannot_be_used_is_set_aside(open_cache: Opened, tmp_path: Path, damage: object) -> None:
    first = open_cache()
    first.save(ANA, {"main": unsaved(*(sale(f"s{number}") for number in range(200)))})
    first.close()
    assert callable(damage)
    damage(tmp_path / "cache.db")
    cache = open_cache()
    assert cache.load(ANA) == {}
    cache.save(ANA, {"main": unsaved(sale("a"))})
    cache.close()
    assert open_cache().load(ANA)["main"].sales == (sale("a"),)
    assert (tmp_path / "cache.db.broken").exists()
    (notice,) = open_cache.noticed
    assert "set aside as cache.db.broken" in notice


@pytest.mark.parametrize(
    "change", ['UPDATE stores SET state = \'{"not": "ours"}\'', "UPDATE sales SET sale = x'ff'", "DROP TABLE shown"]
)
def test_rows_that_cannot_be_understood_are_set_aside(open_cache: Opened, tmp_path: Path, change: str) -> None:
    cache = open_cache()
    cache.save(ANA, {"main": unsaved(sale("a"))})
    connection = sqlite3.connect(tmp_path / "cache.db")
    connection.execute(change)
    connection.commit()
    connection.close()
    assert cache.load(ANA) == {}
    cache.save(ANA, {"main": unsaved(sale("b"))})
    assert cache.load(ANA)["main"].sales == (sale("b"),)
    assert len(open_cache.noticed) == 1


def test_where_no_file_can_be_made_it_lasts_as_long_as_the_program(tmp_path: Path) -> None:
    noticed: list[str] = []
    cache = SqliteCache(tmp_path / "missing" / "cache.db", noticed.append)
    cache.save(ANA, {"main": unsaved(sale("a"))})
    assert cache.load(ANA)["main"].sales == (sale("a"),)
    cache.close()
    (notice,) = noticed
    assert "forgotten when the program ends" in notice


def test_a_file_that_is_busy_refuses_and_loses_nothing(open_cache: Opened, tmp_path: Path) -> None:
    cache = open_cache()
    cache.save(ANA, {"main": unsaved(sale("a"))})
    other = sqlite3.connect(tmp_path / "cache.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(CacheFailed):
        cache.save(ANA, {"main": unsaved(sale("b"))})
    other.execute("ROLLBACK")
    other.close()
    assert cache.load(ANA)["main"].sales == (sale("a"),)
    cache.save(ANA, {"main": unsaved(sale("b"))})
    assert open_cache.noticed == []


def test_damage_found_while_writing_starts_again(open_cache: Opened, tmp_path: Path) -> None:
    cache = open_cache()
    cache.save(ANA, {"main": unsaved(*(sale(f"s{number}") for number in range(300)))})
    connection = sqlite3.connect(tmp_path / "cache.db")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with (tmp_path / "cache.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096 * 20)
    outcomes = list[str]()
    for number in range(3):
        try:
            cache.save(ANA, {"main": unsaved(sale(f"n{number}"))})
        except CacheFailed:
            outcomes.append("failed")
        else:
            outcomes.append("kept")
    assert outcomes[-1] == "kept"
    assert "n2" in {row.id for row in cache.load(ANA)["main"].sales}


def test_what_is_no_error_of_the_file_comes_out_as_it_is(open_cache: Opened) -> None:
    cache = open_cache()
    with pytest.raises(AttributeError):
        cache.save(ANA, {"main": unsaved(sale("a")), "outlet": None})  # type: ignore[dict-item]
    assert cache.load(ANA) == {}


def test_after_the_end_nothing_is_kept(open_cache: Opened) -> None:
    cache = open_cache()
    cache.close()
    cache.close()
    with pytest.raises(CacheFailed):
        cache.save(ANA, {})
