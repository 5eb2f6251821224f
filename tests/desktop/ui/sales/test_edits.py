from hypothesis import given
from hypothesis import strategies as st

from salebell_desktop.store import Change, LinkChanged, SaleChanged, SalesInserted, SalesRemoved
from salebell_desktop.ui.sales.edits import MOST, Changed, Edit, Inserted, Removed, compose
from salebell_protocol.sales import Sale
from tests.desktop.ui.stage import sale


def inserted(row: int, *numbers: int) -> Change:
    return SalesInserted(store="main", row=row, sales=tuple(sale(number) for number in numbers))


def removed(row: int, count: int = 1) -> Change:
    return SalesRemoved(store="main", row=row, count=count)


def changed(row: int, number: int) -> Change:
    return SaleChanged(store="main", row=row, sale=sale(number))


def test_ten_thousand_on_top_are_one_insertion() -> None:
    steps = compose(inserted(0, number) for number in range(10_000))

    assert steps == [Inserted(0, [sale(number) for number in range(9_999, -1, -1)])]


def test_what_falls_out_at_the_end_meanwhile_is_one_removal() -> None:
    changes: list[Change] = []
    for number in range(100):
        changes += [inserted(0, number), removed(5)]

    assert compose(changes) == [
        Removed(0, 5),
        Inserted(0, [sale(number) for number in range(99, 94, -1)]),
    ]
    long = [change for number in range(100) for change in (inserted(0, number), removed(1000))]
    assert compose(long) == [Removed(900, 100), Inserted(0, [sale(number) for number in range(99, -1, -1)])]


def test_changes_between_insertions_are_one_repaint() -> None:
    steps = compose([changed(4, 1), inserted(0, 7), changed(0, 8), changed(3, 2), inserted(0, 9)])

    assert steps == [Changed({4: sale(1), 2: sale(2)}), Inserted(0, [sale(9), sale(8)])]


def test_what_is_all_over_the_place_is_too_much() -> None:
    apart = [inserted(3 * number, number) for number in range(MOST + 1)]

    assert compose(apart[:MOST]) is not None
    assert compose(apart) is None


def test_changes_of_something_else_are_passed_over() -> None:
    assert compose([LinkChanged(store="main")]) == []


def apply_changes(rows: list[Sale], changes: list[Change]) -> None:
    for change in changes:
        if isinstance(change, SalesInserted):
            rows[change.row : change.row] = change.sales
        elif isinstance(change, SalesRemoved):
            del rows[change.row : change.row + change.count]
        elif isinstance(change, SaleChanged):
            rows[change.row] = change.sale


def apply_steps(rows: list[Sale], steps: list[Edit]) -> None:
    for step in steps:
        match step:
            case Inserted(row, sales):
                assert sales
                assert 0 <= row <= len(rows)
                rows[row:row] = sales
            case Removed(row, count):
                assert count > 0
                assert row + count <= len(rows)
                del rows[row : row + count]
            case Changed(sales):
                for row, each in sales.items():
                    rows[row] = each


@st.composite
def any_changes(draw: st.DrawFn) -> tuple[int, list[Change]]:
    """How many rows there are, and changes that fit them."""
    size = length = draw(st.integers(0, 12))
    changes: list[Change] = []
    for number in range(draw(st.integers(0, 14))):
        kind = draw(st.sampled_from("iiircc"))
        if kind == "i":
            count = draw(st.integers(1, 3))
            changes.append(inserted(draw(st.integers(0, size)), *range(100 * number, 100 * number + count)))
            size += count
        elif size and kind == "r":
            row = draw(st.integers(0, size - 1))
            count = draw(st.integers(1, size - row))
            changes.append(removed(row, count))
            size -= count
        elif size:
            changes.append(changed(draw(st.integers(0, size - 1)), 10_000 + number))
    return length, changes


@given(any_changes())
def test_the_steps_come_to_the_same_rows(begun: tuple[int, list[Change]]) -> None:
    length, changes = begun
    one_by_one = [sale(-number) for number in range(1, length + 1)]
    in_steps = list(one_by_one)

    apply_changes(one_by_one, changes)
    steps = compose(changes)

    assert steps is not None
    apply_steps(in_steps, steps)
    assert in_steps == one_by_one
