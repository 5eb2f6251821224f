from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QLocale

from salebell_desktop.ui.format import Format
from salebell_protocol.currencies import MINOR_UNITS

NB, NNB = "\u00a0", "\u202f"
BUENOS_AIRES = timezone(timedelta(hours=-3))
NOW = datetime(2026, 11, 24, 17, 34, tzinfo=UTC)


def written(locale: str) -> Format:
    return Format(QLocale(locale), BUENOS_AIRES)


@pytest.mark.parametrize(
    ("locale", "amount", "currency", "text"),
    [
        ("es_AR", "15999.00", "ARS", f"${NB}15.999,00"),
        ("es_AR", "210", "USD", f"US${NB}210,00"),
        ("es_AR", "1284900.5", "ARS", f"${NB}1.284.900,50"),
        ("es_AR", "54000", "PYG", f"PYG{NB}54.000"),
        ("es_CL", "15999.00", "CLP", "$15.999"),
        ("es_MX", "15999.00", "MXN", "$15,999.00"),
        ("es_ES", "1234.5", "EUR", f"1234,50{NB}€"),
        ("es_ES", "12345.5", "EUR", f"12.345,50{NB}€"),
        ("es_ES", "12345.5", "ARS", f"12.345,50{NB}ARS"),
        ("en_US", "1999.9", "USD", "$1,999.90"),
        ("en_US", "1999.9", "ARS", f"ARS{NB}1,999.90"),
        ("en_US", "1999.9", "EUR", "€1,999.90"),
        ("en_US", "5", "KWD", f"KWD{NB}5.000"),
        ("en_GB", "5", "GBP", "£5.00"),
        ("fr_FR", "15999", "EUR", f"15{NNB}999,00{NB}€"),
        ("en_IN", "12345678", "INR", "₹1,23,45,678.00"),
        ("pt_BR", "1234.56", "BRL", f"R${NB}1.234,56"),
        ("ja_JP", "1200", "JPY", "¥1,200"),
        ("C", "1200.5", "USD", f"1200.50{NB}US$"),
        ("es_AR", "0", "ARS", f"${NB}0,00"),
    ],
)
def test_money_is_written_as_the_user_writes_it(locale: str, amount: str, currency: str, text: str) -> None:
    shown = written(locale).money(amount, currency)

    # Japanese has the full-width sign in some versions of Qt.
    assert shown.replace("\uffe5", "¥") == text


def test_decimals_beyond_the_currencys_are_shown_unless_they_are_zero() -> None:
    assert written("en_US").money("1.005", "USD") == "$1.005"
    assert written("en_US").money("1.500000", "USD") == "$1.50"
    assert written("es_CL").money("10.25", "CLP") == "$10,25"


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en_US", "$999,999,999,999,999,999,999,999.99"),
        ("en_IN", "US$9,99,99,99,99,99,99,99,99,99,99,999.99"),
        ("es_AR", f"US${NB}999.999.999.999.999.999.999.999,99"),
    ],
)
def test_amounts_of_any_size_are_exact(locale: str, text: str) -> None:
    assert written(locale).money("9" * 24 + ".99", "USD") == text


@given(
    whole=st.integers(0, 10**24),
    decimals=st.integers(0, 10**6 - 1),
    currency=st.sampled_from(sorted(MINOR_UNITS)),
    locale=st.sampled_from(["es_AR", "en_US", "en_IN", "fr_FR", "ar_EG", "hi_IN", "de_CH", "fa_IR", "C"]),
)
def test_no_digit_is_lost_or_added(whole: int, decimals: int, currency: str, locale: str) -> None:
    amount = f"{whole}.{decimals:06d}"
    form = written(locale)

    shown = form.money(amount, currency).replace(form.symbol(currency), "")
    number, _, rest = shown.partition(QLocale(locale).decimalPoint())
    digits = "".join(str(int(char)) for char in number if char.isdigit())
    after = "".join(str(int(char)) for char in rest if char.isdigit())

    assert Decimal(f"{digits}.{after or '0'}") == Decimal(amount)
    assert len(after) >= MINOR_UNITS[currency]


def test_times_are_the_users_and_short_today() -> None:
    form = written("en_GB")

    assert form.time(NOW) == "14:34"
    assert form.moment(NOW - timedelta(minutes=5), NOW) == "14:29"
    assert form.moment(NOW - timedelta(days=1), NOW) == "23/11/2026 14:34"
    assert form.moment_in_full(NOW) == "Tuesday, 24 November 2026, 14:34:00"
    assert written("en_US").time(NOW) == f"2:34{NNB}PM"
    assert written("en_US").moment_in_full(NOW) == f"Tuesday, November 24, 2026, 2:34:00{NNB}PM"


def test_midnight_is_the_users_not_greenwichs() -> None:
    late = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)

    assert written("en_GB").moment(NOW, late) == "14:34"


@pytest.mark.parametrize("edge", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)])
def test_the_ends_of_the_calendar_can_be_written(edge: datetime) -> None:
    assert written("en_GB").moment(edge, NOW)
    assert Format(QLocale("en_GB"), timezone(timedelta(hours=14))).moment_in_full(edge)
