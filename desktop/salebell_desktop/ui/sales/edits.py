"""What many changes of a list come to, in as few steps as possible. Pure.

A view pays for each step, whatever its size. Ten thousand sales that came one by one are one insertion on top; those
that fell out at the end meanwhile are one removal there; those that changed are one repaint.
"""

from collections.abc import Iterable

import msgspec

from salebell_desktop.store import Change, SaleChanged, SalesInserted, SalesRemoved
from salebell_protocol.sales import Sale

MOST = 16
"""Of more steps than this the view had better be told that the list is another one."""


class Changed(msgspec.Struct):
    """Sales that became others where they stand, by row."""

    sales: dict[int, Sale]


class Removed(msgspec.Struct):
    """`count` rows from `row` on are gone."""

    row: int
    count: int


class Inserted(msgspec.Struct):
    """`sales` now stand from `row` on."""

    row: int
    sales: list[Sale]


Edit = Changed | Removed | Inserted
"""One step, in terms of the rows after the steps before it."""


def compose(changes: Iterable[Change]) -> list[Edit] | None:
    """The steps that `changes` come to, in order; None if there are more than `MOST`.

    Changes other than of rows are passed over. A `SalesReset` has to be seen to before.
    """
    edits: list[Edit] = []
    for change in changes:
        match change:
            case SalesInserted(row=row, sales=sales):
                _add(edits, Inserted(row, list(sales)))
            case SalesRemoved(row=row, count=count):
                _add(edits, Removed(row, count))
            case SaleChanged(row=row, sale=sale):
                _add(edits, Changed({row: sale}))
            case _:
                continue
        if len(edits) > MOST:
            return None
    return edits


def _add(edits: list[Edit], edit: Edit) -> None:
    """Append `edit`, made one with a step before it where that gives the same rows."""
    later: list[Edit] = []
    while edits:
        last = edits[-1]
        if _joined(last, edit):
            break
        earlier = _swapped(last, edit)
        if earlier is None:
            edits.append(edit)
            break
        edit = earlier
        later.append(edits.pop())
    else:
        edits.append(edit)
    edits.extend(reversed(later))


def _joined(last: Edit, edit: Edit) -> bool:
    """Make `last` do what `edit` does as well, if it can."""
    match last, edit:
        case Inserted(row, sales), Inserted(at, more) if row <= at <= row + len(sales):
            sales[at - row : at - row] = more
        case Inserted(row, sales), Removed(at, count) if (
            row <= at and at + count <= row + len(sales) and (count < len(sales))
        ):
            del sales[at - row : at - row + count]
        case Inserted(row, sales), Changed(changed) if all(row <= at < row + len(sales) for at in changed):
            for at, sale in changed.items():
                sales[at - row] = sale
        case Removed(row, count), Removed(at, more) if at <= row <= at + more:
            last.row, last.count = at, count + more
        case Changed(sales), Changed(changed):
            sales.update(changed)
        case _:
            return False
    return True


def _swapped(last: Edit, edit: Edit) -> Edit | None:
    """What `edit` is if it is done before `last`, which is adapted to that; None if it cannot be, or need not be.

    Repaints move to the front, and removals before insertions: there they find their like.
    """
    match last, edit:
        case Inserted(row, sales), Removed(at, count):
            if at >= row + len(sales):
                return Removed(at - len(sales), count)
            if at + count <= row:
                last.row = row - count
                return edit
        case Inserted(row, sales), Changed(changed):
            end = row + len(sales)
            if not any(row <= at < end for at in changed):
                return Changed({at - len(sales) if at >= end else at: sale for at, sale in changed.items()})
        case Removed(row, count), Changed(changed):
            return Changed({at + count if at >= row else at: sale for at, sale in changed.items()})
        case _:
            pass
    return None
