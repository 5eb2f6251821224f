from collections.abc import Iterator
from datetime import UTC

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from salebell_desktop.store import Link, LinkState
from salebell_desktop.ui.format import Format
from salebell_desktop.ui.language import Language, install
from salebell_desktop.ui.words import Words, sentence
from salebell_protocol.sales import Customer, SaleStatus
from tests.desktop.ui.stage import NOON, sale

NOW = NOON.timestamp()
NB = "\u00a0"


@pytest.fixture(params=["en_GB", "es_ES"])
def language(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Language]:
    installed = install(qapp, QLocale(request.param))
    yield installed
    installed.remove()


@pytest.fixture
def said(language: Language) -> Words:
    return Words(Format(QLocale({"en": "en_GB", "es": "es_ES"}[language.code]), UTC))


def link(state: LinkState, *, next_try: float | None = None, attempt: int = 0, reason: str = "") -> Link:
    since = NOW - 78 * 60
    return Link(state=state, since=since, next_try=next_try, attempt=attempt, reason=reason)


TOOLTIPS = [
    (3, link(LinkState.CONNECTED), False, "3 new sales · connected", "3 ventas nuevas · conectado"),
    (1, link(LinkState.CONNECTED), False, "1 new sale · connected", "1 venta nueva · conectado"),
    (0, link(LinkState.CONNECTED), False, "No new sales · connected", "Sin ventas nuevas · conectado"),
    (12_345, link(LinkState.CONNECTED), True, "12,345 new sales · connected, counts may lag",
     "12.345 ventas nuevas · conectado, los totales pueden atrasarse"),
    (0, link(LinkState.DISCONNECTED, next_try=NOW + 20), False, "Disconnected since 10:42 · next try in 20 s",
     "Desconectado desde las 10:42 · próximo intento en 20 s"),
    (0, link(LinkState.DISCONNECTED, next_try=NOW + 300), False, "Disconnected since 10:42 · next try in 5 min",
     "Desconectado desde las 10:42 · próximo intento en 5 min"),
    (2, link(LinkState.DISCONNECTED), False, "2 new sales · disconnected since 10:42",
     "2 ventas nuevas · desconectado desde las 10:42"),
    (0, link(LinkState.CONNECTING), False, "Connecting…", "Conectando…"),
    (0, link(LinkState.CONNECTING, attempt=2), False, "Reconnecting…", "Reconectando…"),
    (0, link(LinkState.CONNECTING, attempt=2, next_try=NOW + 7.2), False, "Reconnecting · next try in 8 s",
     "Reconectando · próximo intento en 8 s"),
    (0, link(LinkState.REFUSED, reason="<b>no</b>"), False, "Not connected", "Sin conexión"),
    (0, link(LinkState.SIGNED_OUT), False, "Signed out", "Sesión cerrada"),
]  # fmt: skip


@pytest.mark.parametrize(("unread", "now_link", "delayed", "english", "spanish"), TOOLTIPS)
def test_the_tooltip_says_count_and_state(
    said: Words, language: Language, unread: int, now_link: Link, delayed: bool, english: str, spanish: str
) -> None:
    text = said.tooltip(unread, now_link, NOW, delayed=delayed)

    assert text == {"en": english, "es": spanish}[language.code]


@pytest.mark.parametrize(
    ("now_link", "current", "english"),
    [
        (link(LinkState.CONNECTING, next_try=NOW + 12), True, "Showing sales as of 10:42. Reconnecting in 12 s"),
        (link(LinkState.CONNECTING), True, "Showing sales as of 10:42. Reconnecting…"),
        (link(LinkState.DISCONNECTED, next_try=NOW - 1), False, "Showing the last known sales. Reconnecting in 0 s"),
        (
            link(LinkState.REFUSED, reason="The server is restarting."),
            True,
            "Showing sales as of 10:42. The server is restarting.",
        ),
    ],
)
def test_the_strip_says_how_old_the_list_is(now_link: Link, current: bool, english: str) -> None:
    said = Words(Format(QLocale("en_GB"), UTC))

    assert said.offline(now_link, NOW, current=current) == english


def test_a_time_that_ends_in_a_full_stop_gets_no_second_one() -> None:
    said = Words(Format(QLocale("es_AR"), UTC))

    assert "m. Reconnecting…" in said.offline(link(LinkState.CONNECTING), NOW, current=True)


def test_every_status_and_state_has_a_name_of_its_own(said: Words) -> None:
    assert len({said.status(status) for status in SaleStatus}) == len(SaleStatus)
    names = {said.link_name(state, delayed=delayed) for state in LinkState for delayed in (False, True)}
    assert len(names) == len(LinkState) + 1


def test_a_notification_names_amount_number_customer_and_channel(said: Words, language: Language) -> None:
    sold = sale(234, total="15999", currency="EUR")

    title = said.sale_title(sold)

    assert title == {"en": "€15,999.00 · sale 100234", "es": f"15.999,00{NB}€ · venta 100234"}[language.code]
    assert said.sale_body(sold) == "María Pérez · checkout"
    assert said.sale_body(sale(1, customer=None)) == "checkout"
    assert said.sale_body(sale(1, customer=Customer("", "x@example.com"), channel="")) == "x@example.com"


def test_a_burst_is_a_count_and_a_sum_for_each_currency(language: Language, said: Words) -> None:
    many = [sale(number, total="10.10", currency="EUR") for number in range(10)]
    few = [sale(number, total="99999999999999.99", currency="GBP") for number in (20, 21)]

    title = said.burst_title([*few, *many])

    expected = {
        "en": "12 new sales · €101.00 + £199,999,999,999,999.98",
        "es": f"12 ventas nuevas · 101,00{NB}€ + 199.999.999.999.999,98{NB}£",
    }
    assert title == expected[language.code]


def test_of_many_currencies_the_title_names_three() -> None:
    said = Words(Format(QLocale("en_GB"), UTC))
    sales = [sale(number, total="1", currency=code) for number, code in enumerate(["GBP", "EUR", "USD", "JPY", "GBP"])]

    assert said.burst_title(sales) == "5 new sale(s) · £2.00 + €1.00 + ¥1 + …"


def test_a_sentence_begins_with_a_capital() -> None:
    assert [sentence(text) for text in ("connected", "Ärger", "")] == ["Connected", "Ärger", ""]
