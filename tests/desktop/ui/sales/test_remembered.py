from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from salebell_desktop.store import Order, SortKey
from salebell_desktop.ui.sales.columns import Arrangement, Column
from salebell_desktop.ui.sales.remembered import RememberedView


def view(path: Path) -> RememberedView:
    return RememberedView(QSettings(str(path / "windows.ini"), QSettings.Format.IniFormat))


def test_at_first_it_is_as_usual(tmp_path: Path) -> None:
    assert view(tmp_path).arrangement == Arrangement()
    assert view(tmp_path).order == Order()


@pytest.mark.parametrize("hidden", [frozenset({Column.TIME, Column.CHANNEL}), frozenset[Column]()])
def test_what_was_chosen_comes_back(tmp_path: Path, hidden: frozenset[Column]) -> None:
    chosen = Arrangement(hidden, tuple(reversed(Column)))

    view(tmp_path).keep(chosen, Order(SortKey.CUSTOMER, descending=False))

    assert view(tmp_path).arrangement == chosen
    assert view(tmp_path).order == Order(SortKey.CUSTOMER, descending=False)


@pytest.mark.parametrize(
    "kept",
    [
        "hidden_columns=NUMBER\ncolumns=NUMBER CUSTOMER\norder=total",
        "hidden_columns=WEIGHT\ncolumns=WEIGHT\norder=weight down",
        "hidden_columns=EMAIL",
        "hidden_columns=\ncolumns=NUMBER NUMBER\norder=created sideways",
    ],
)
def test_what_another_version_wrote_is_as_usual(tmp_path: Path, kept: str) -> None:
    (tmp_path / "windows.ini").write_text(f"[sales_window]\n{kept}\n")

    assert view(tmp_path).arrangement == Arrangement()
    assert view(tmp_path).order == Order()
