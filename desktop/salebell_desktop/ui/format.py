"""Amounts, numbers and times as the user's locale writes them. Exact: no amount ever becomes a float.

Pure, given a `QLocale` and a time zone.
"""

from datetime import UTC, datetime, tzinfo

from PySide6.QtCore import QDate, QLocale, QTime

from salebell_protocol.currencies import MINOR_UNITS

_NO_BREAK = "\u00a0"
_SIGN = "\u00a4"
"""U+00A4 CURRENCY SIGN stands for the symbol in a probe."""

_LARGEST = 2**63
"""Qt formats whole numbers below this exactly."""

_SYMBOLS = {
    "AUD": "A$", "BRL": "R$", "CAD": "CA$", "CNY": "CN¥", "EUR": "€", "GBP": "£", "INR": "₹", "JPY": "¥",
    "KRW": "₩", "MXN": "MX$", "NZD": "NZ$", "USD": "US$",
}  # fmt: skip
"""Signs that tell a currency anywhere (the root locale of Unicode CLDR); any other is told by its code."""


class Format:
    """Writes facts for one user.

    Args:
        locale: the user's; it decides separators, digits, the place of the symbol, and how dates look.
        zone: where the user is; None is the computer's own time zone.
    """

    def __init__(self, locale: QLocale, zone: tzinfo | None = None) -> None:
        self._locale = locale
        self._zone = zone
        self._own_currency = locale.currencySymbol(QLocale.CurrencySymbolFormat.CurrencyIsoCode)
        self._pattern = locale.toCurrencyString(1, _SIGN)
        self._one = locale.toString(1)

    @property
    def zone(self) -> tzinfo | None:
        """The user's time zone; None is the computer's."""
        return self._zone

    @property
    def locale(self) -> QLocale:
        """The user's."""
        return self._locale

    def number(self, number: int) -> str:
        """A whole number, not negative, with the locale's grouping."""
        return self._locale.toString(number) if number < _LARGEST else self._grouped(str(number))

    def money(self, amount: str, currency: str) -> str:
        """`amount` (a decimal string) with the symbol of `currency`: `$ 15.999,00`, `US$ 210,00`, `PYG 54.000`.

        It has the decimals that the currency is written with; further ones are shown only where they are not zero,
        since an amount is never rounded.
        """
        whole, _, decimals = amount.partition(".")
        least = MINOR_UNITS.get(currency, 2)
        decimals = decimals[:least].ljust(least, "0") + decimals[least:].rstrip("0")
        number = self.number(int(whole))
        if decimals:
            number += self._locale.decimalPoint() + self._digits(decimals)
        symbol = self.symbol(currency)
        before, _, after = self._pattern.partition(self._one)
        if before.endswith(_SIGN) and symbol[-1:].isalpha():
            before += _NO_BREAK
        if after.startswith(_SIGN) and symbol[:1].isalpha():
            after = _NO_BREAK + after
        return f"{before}{number}{after}".replace(_SIGN, symbol)

    def symbol(self, currency: str) -> str:
        """The locale's own sign for its own currency; else a sign that is understood anywhere, or the code."""
        if currency == self._own_currency:
            return self._locale.currencySymbol() or currency
        return _SYMBOLS.get(currency, currency)

    def time(self, instant: datetime) -> str:
        """The time of day, such as `10:42`."""
        local = self._local(instant)
        return self._locale.toString(QTime(local.hour, local.minute), QLocale.FormatType.ShortFormat)

    def moment(self, instant: datetime, now: datetime) -> str:
        """As short as it is clear: the time of day, with the date unless that is today."""
        local = self._local(instant)
        if local.date() == self._local(now).date():
            return self.time(instant)
        day = self._locale.toString(_date(local), QLocale.FormatType.ShortFormat)
        return f"{day} {self.time(instant)}"

    def day(self, instant: datetime) -> str:
        """A day with its weekday, such as `Tuesday 24/11/26`."""
        day = self._locale.toString(_date(self._local(instant)), QLocale.FormatType.ShortFormat)
        return f"{self.weekday(instant)} {day}"

    def weekday(self, instant: datetime) -> str:
        """The name of the weekday."""
        return self._locale.dayName(self._local(instant).isoweekday())

    def time_in_full(self, instant: datetime) -> str:
        """The time to the second, such as `14:32:08`."""
        local = self._local(instant)
        pattern = self._locale.timeFormat(QLocale.FormatType.ShortFormat).replace("mm", "mm:ss")
        return self._locale.toString(QTime(local.hour, local.minute, local.second), pattern)

    def moment_in_full(self, instant: datetime) -> str:
        """The long date and the time to the second, for where there is room."""
        day = self._locale.toString(_date(self._local(instant)), QLocale.FormatType.LongFormat)
        return f"{day}, {self.time_in_full(instant)}"

    def _local(self, instant: datetime) -> datetime:
        try:
            return instant.astimezone(self._zone)
        except (OverflowError, OSError, ValueError):
            # The first and last day of what a datetime can tell, or a year that the system's time zone cannot.
            return instant.astimezone(UTC)

    def _grouped(self, digits: str) -> str:
        """Digits that are too many for Qt, in the locale's groups (which may be of different sizes: 12,34,567)."""
        separator = self._locale.groupSeparator()
        groups = self._locale.toString(10**18).split(separator) if separator else []
        if len(groups) < 3:
            return self._digits(digits)
        last, further = len(groups[-1]), len(groups[-2])
        parts = [digits[-last:]]
        rest = digits[:-last]
        while rest:
            parts.insert(0, rest[-further:])
            rest = rest[:-further]
        return separator.join(self._digits(part) for part in parts)

    def _digits(self, digits: str) -> str:
        zero = ord(self._locale.zeroDigit()[:1] or "0")
        return "".join(chr(zero + int(digit)) for digit in digits)


def _date(local: datetime) -> QDate:
    return QDate(local.year, local.month, local.day)
