from datetime import timedelta

from msgspec.structs import replace
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from salebell_desktop.ui.actions import Told
from salebell_desktop.ui.sales.history import History
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.words import Words
from salebell_protocol.events import Event, EventType
from salebell_protocol.http import SaleHistory
from salebell_protocol.sales import Sale, SaleStatus
from tests.desktop.ui.sales.conftest import until
from tests.desktop.ui.stage import NOON, Wishes, sale

PENDING = sale(1, status=SaleStatus.PENDING)
APPROVED = sale(1)
REFUNDED = sale(1, status=SaleStatus.REFUNDED)
CREATED, UPDATED = EventType.SALE_CREATED, EventType.SALE_UPDATED


def happened(*events: tuple[EventType, Sale]) -> SaleHistory:
    told: list[Event] = []
    created = 0
    for offset, (kind, sold) in enumerate(events, 1):
        before = created if kind is CREATED else None
        event = Event(
            id=f"e{offset}", type=kind, store="main", occurred_at=NOON + timedelta(minutes=offset), sale=sold,
            offset=offset, previous=f"e{offset - 1}" if offset > 1 else "", created_before=before,
        )  # fmt: skip
        created = offset if kind is CREATED else created
        told.append(event)
    return SaleHistory(events=tuple(told))


def said(history: History) -> list[str]:
    return [each.text() for each in history.findChildren(QLabel) if each.font().bold() or each.font().weight() > 500]


async def test_the_newest_is_on_top(qtbot: QtBot, theme: Theme, words: Words, wishes: Wishes) -> None:
    wishes.past = happened(
        (CREATED, PENDING),
        (CREATED, APPROVED),
        (UPDATED, replace(APPROVED, number="7")),
        (UPDATED, REFUNDED),
        (UPDATED, replace(REFUNDED, number="8")),
        (EventType.SALE_CANCELLED, APPROVED),
    )
    history = History(theme, words, wishes)
    qtbot.addWidget(history)
    history.show_for("main", APPROVED)
    expected = ["Cancelled", "Changed", "Refunded", "Changed", "Payment confirmed", "Checkout created"]
    await until(lambda: said(history) == expected)
    history.show_for("", None)


async def test_what_cannot_be_read_is_told(qtbot: QtBot, theme: Theme, words: Words, wishes: Wishes) -> None:
    wishes.past = Told("The server is not ready just now.")
    history = History(theme, words, wishes)
    qtbot.addWidget(history)
    history.show_for("main", APPROVED)
    await until(lambda: any("not ready" in each.text() for each in history.findChildren(QLabel)))
    history.show_for("", None)


async def test_an_answer_for_another_sale_is_dropped(qtbot: QtBot, theme: Theme, words: Words, wishes: Wishes) -> None:
    wishes.holds.add("history")
    history = History(theme, words, wishes)
    qtbot.addWidget(history)
    history.show_for("main", APPROVED)
    await until(lambda: wishes.wanted == ["history s1"])
    history.show_for("main", None)
    await until(lambda: wishes.wanted == ["history s1", "history given up"])
    assert history.findChildren(QLabel) == []
