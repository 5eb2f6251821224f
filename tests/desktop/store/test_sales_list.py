from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from salebell_desktop.store.changes import Change, SaleChanged, SalesInserted, SalesRemoved, SalesReset
from salebell_desktop.store.sales_list import SalesList, join
from salebell_protocol.sales import Sale, SaleStatus

START = datetime(2026, 11, 1, tzinfo=UTC)


def sale(sale_id: str, minute: int = 0, total: str = "1") -> Sale:
    at = START + timedelta(minutes=minute)
    return Sale(
        id=sale_id, number=sale_id, status=SaleStatus.PENDING, total=total, currency="EUR", channel="admin",
        created_at=at, updated_at=at,
    )  # fmt: skip


def ids(sales: SalesList) -> list[str]:
    return [sales[row].id for row in range(len(sales))]


def test_the_newest_first_then_by_id() -> None:
    sales = SalesList("main", [sale("b", 1), sale("c", 2), sale("a", 1)])
    assert ids(sales) == ["c", "a", "b"]
    assert [row.id for row in sales.newest(2)] == ["c", "a"]
    assert sales.row_of("b") == 2
    assert sales.row_of("x") is None
    assert sales.get("a") == sale("a", 1)
    assert sales.get("x") is None
    assert "a" in sales
    assert "x" not in sales


@pytest.mark.parametrize("row", [-1, 1])
def test_there_is_no_such_row(row: int) -> None:
    with pytest.raises(IndexError):
        SalesList("main", [sale("a")])[row]


def test_a_new_sale_is_inserted_where_it_belongs() -> None:
    sales = SalesList("main", [sale("a", 1), sale("c", 3)])
    assert sales.put(sale("b", 2), 1) == (SalesInserted(store="main", row=1, sales=(sale("b", 2),)),)


def test_a_change_stays_in_place() -> None:
    sales = SalesList("main", [sale("a", 1), sale("b", 2)])
    assert sales.put(sale("a", 1, "2"), 1) == (SaleChanged(store="main", row=1, sale=sale("a", 1, "2")),)
    assert sales.put(sale("a", 1, "2"), 2) == ()


def test_another_time_of_creation_moves_a_sale() -> None:
    sales = SalesList("main", [sale("a", 1), sale("b", 2)])
    assert sales.put(sale("a", 3), 1) == (
        SalesRemoved(store="main", row=1, count=1),
        SalesInserted(store="main", row=0, sales=(sale("a", 3),)),
    )


def test_the_oldest_are_given_up() -> None:
    sales = SalesList("main", [sale("a", 1), sale("b", 2)], limit=2)
    assert sales.full
    assert sales.put(sale("c", 3), 1)[1:] == (SalesRemoved(store="main", row=2, count=1),)
    assert sales.put(sale("z", 0), 1) == ()
    assert ids(sales) == ["c", "b"]


def test_neither_a_page_nor_an_event_takes_a_sale_back_in_time() -> None:
    sales = SalesList("main")
    sales.put(sale("a", total="5"), 5)
    assert sales.put(sale("a", total="4"), 4) == ()
    assert sales.put(sale("a", total="6"), 6) != ()
    assert sales.put(sale("a", total="5"), 5) == ()
    assert sales[0].total == "6"


def test_a_provisional_change_gives_way_to_anything_from_the_log() -> None:
    sales = SalesList("main")
    sales.put(sale("a", total="5"), 5)
    sales.put(sale("a", total="9"), None)
    assert sales[0].total == "9"
    sales.put(sale("a", total="4"), 4)
    assert sales[0].total == "4"


def test_the_rows_of_a_page_are_inserted_together() -> None:
    sales = SalesList("main", [sale("d", 9)])
    page = [sale("c", 8), sale("b", 7), sale("d", 9, "2"), sale("a", 1)]
    changes: list[Change] = []
    for each in page:
        join(changes, sales.put(each, 1))
    assert changes == [
        SalesInserted(store="main", row=1, sales=(sale("c", 8), sale("b", 7))),
        SaleChanged(store="main", row=0, sale=sale("d", 9, "2")),
        SalesInserted(store="main", row=3, sales=(sale("a", 1),)),
    ]


def test_a_list_holds_no_more_than_its_limit() -> None:
    sales = SalesList("main", [sale("a", 1), sale("c", 3), sale("b", 2)], limit=2)
    assert ids(sales) == ["c", "b"]
    assert sales.remove("a") == ()
    assert sales.remove("c") == (SalesRemoved(store="main", row=0, count=1),)
    assert ids(sales) == ["b"]


def test_a_new_list_keeps_what_came_after_it_was_read() -> None:
    sales = SalesList("main", [sale("old", 1)])
    sales.put(sale("new", 5), 8)
    sales.put(sale("a", 2, "7"), 7)
    (change,) = sales.replace([sale("a", 2, "6"), sale("b", 3)], 6)
    assert change == SalesReset(store="main", sales=(sale("new", 5), sale("b", 3), sale("a", 2, "7")))


def test_a_new_list_keeps_nothing_that_lies_below_what_was_read() -> None:
    sales = SalesList("main", [sale("a", 2), sale("old", 1)])
    sales.put(sale("a", 2, "7"), 7)
    sales.put(sale("old", 1, "8"), 8)
    sales.put(sale("b", 1, "9"), 9)
    page = [sale("c", 3), sale("a", 2, "6"), sale("b", 2)]
    sales.replace(page, 6, (-int(START.timestamp() + 120) * 1_000_000, "b"))
    assert ids(sales) == ["c", "a"], "between b and old there may be others, and b is down there now"
    assert sales[1].total == "7"


def test_offsets_mean_nothing_in_another_log() -> None:
    sales = SalesList("main")
    sales.put(sale("a", total="1"), 50)
    sales.forget_offsets()
    sales.put(sale("a", total="2"), 3)
    assert sales[0].total == "2"


OPERATIONS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(0, 4), st.integers(1, 3), st.none() | st.integers(0, 9))
)


@given(operations=OPERATIONS, limit=st.integers(1, 6))
def test_the_changes_tell_the_whole_story(operations: list[tuple[str, int, int, int | None]], limit: int) -> None:
    sales = SalesList("main", limit=limit)
    mirror: list[Sale] = []
    for sale_id, minute, total, as_of in operations:
        for change in sales.put(sale(sale_id, minute, str(total)), as_of):
            follow(mirror, change)
        assert mirror == [sales[row] for row in range(len(sales))]
        assert mirror == sorted(mirror, key=lambda row: (-row.created_at.timestamp(), row.id))
        assert len(mirror) <= limit
        assert [sales.row_of(row.id) for row in mirror] == list(range(len(mirror)))


def follow(mirror: list[Sale], change: Change) -> None:
    match change:
        case SalesInserted(row=row, sales=sales):
            mirror[row:row] = sales
        case SaleChanged(row=row, sale=changed):
            assert replace(mirror[row], total=changed.total) == changed
            mirror[row] = changed
        case SalesRemoved(row=row, count=count):
            assert len(mirror[row : row + count]) == count
            del mirror[row : row + count]
        case _:
            raise AssertionError(change)
