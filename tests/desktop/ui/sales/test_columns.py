import pytest

from salebell_desktop.store import Order, SortKey
from salebell_desktop.ui.sales.columns import Arrangement, Column, next_order, title, widths


def test_each_column_has_a_title_of_its_own() -> None:
    assert len({title(column) for column in Column}) == len(Column)


def test_a_second_click_turns_the_order_round() -> None:
    by_name = next_order(Order(), Column.CUSTOMER)

    assert by_name == Order(SortKey.CUSTOMER, descending=False)
    assert next_order(by_name, Column.CUSTOMER) == Order(SortKey.CUSTOMER, descending=True)
    assert next_order(by_name, Column.TOTAL) == Order(SortKey.TOTAL, descending=True)
    assert next_order(Order(), Column.TIME) == Order(SortKey.CREATED, descending=False)


def test_nothing_is_sorted_by_items() -> None:
    order = Order(SortKey.TOTAL)

    assert next_order(order, Column.ITEMS) is order


def test_names_share_what_is_left() -> None:
    needed = {Column.NUMBER: 100, Column.CUSTOMER: 90, Column.EMAIL: 90, Column.TOTAL: 120}

    made = widths(needed, {}, 501)

    assert made == {Column.NUMBER: 100, Column.CUSTOMER: 141, Column.EMAIL: 140, Column.TOTAL: 120}


def test_without_names_the_last_column_takes_it() -> None:
    assert widths({Column.NUMBER: 100, Column.TOTAL: 100}, {}, 300) == {Column.NUMBER: 100, Column.TOTAL: 200}


def test_where_there_is_too_little_nothing_is_cut() -> None:
    needed = {Column.NUMBER: 100, Column.CUSTOMER: 90}

    assert widths(needed, {}, 150) == needed
    assert widths({}, {}, 150) == {}


def test_what_may_be_cut_short_gives_way_first() -> None:
    needed = {Column.NUMBER: 100, Column.CUSTOMER: 110, Column.TOTAL: 120}
    least = {Column.NUMBER: 80, Column.CUSTOMER: 90}

    assert widths(needed, least, 315) == {Column.NUMBER: 85, Column.CUSTOMER: 110, Column.TOTAL: 120}
    assert widths(needed, least, 305) == {Column.NUMBER: 80, Column.CUSTOMER: 105, Column.TOTAL: 120}
    assert widths(needed, least, 10) == {Column.NUMBER: 80, Column.CUSTOMER: 90, Column.TOTAL: 120}


@pytest.mark.parametrize(
    ("hidden", "places"),
    [
        (frozenset({Column.NUMBER}), tuple(Column)),
        (frozenset[Column](), tuple(Column)[1:]),
        (frozenset[Column](), (*tuple(Column)[1:], Column.TIME)),
    ],
)
def test_what_is_no_arrangement_is_refused(hidden: frozenset[Column], places: tuple[Column, ...]) -> None:
    with pytest.raises(ValueError, match="arrangement"):
        Arrangement(hidden, places)
