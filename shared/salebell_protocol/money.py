"""Amounts of money: decimal strings, never floats."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Annotated

import msgspec

from salebell_protocol.currencies import MINOR_UNITS
from salebell_protocol.names import SENTENCES

AMOUNT_PATTERN = "^(0|[1-9][0-9]{0,14})(\\.[0-9]{1,6})?(?!\\n)$"
SENTENCES[AMOUNT_PATTERN] = 'must be a decimal number in text, not negative, such as "15999.00"'

Amount = Annotated[
    str,
    msgspec.Meta(
        pattern=AMOUNT_PATTERN,
        description="A decimal number as text: up to 15 digits, then up to 6 decimals.",
        examples=["15999.00"],
    ),
]

SUM_PATTERN = "^(0|[1-9][0-9]{0,29})(\\.[0-9]{1,6})?(?!\\n)$"
SENTENCES[SUM_PATTERN] = "must be a decimal number in text, not negative"

Sum = Annotated[str, msgspec.Meta(pattern=SUM_PATTERN, description="Amounts added up: up to 30 digits, then decimals.")]

_EXACT = 64
"""Digits of working precision: products and sums of thousands of amounts stay exact."""


def check_currency(code: str) -> None:
    """Refuse what is no currency.

    Raises:
        ValueError: `code` is not an alphabetic code of ISO 4217 (capital letters).
    """
    if code not in MINOR_UNITS:
        raise ValueError("currency must be a code of ISO 4217 in capital letters, such as ARS, EUR or USD")


def add(amounts: Iterable[str]) -> str:
    """The exact sum of decimal strings, with the most decimals that any of them has; "0" of none."""
    with localcontext() as context:
        context.prec = _EXACT
        return format(sum((Decimal(amount) for amount in amounts), Decimal(0)), "f")


def mean(amount: str, count: int, decimals: int) -> str:
    """`amount` divided by a whole number of one or more, rounded half up to so many decimals; exact up to there."""
    with localcontext() as context:
        context.prec = _EXACT
        smallest = Decimal(1).scaleb(-decimals)
        return format((Decimal(amount) / count).quantize(smallest, ROUND_HALF_UP), "f")


def times(amount: str, quantity: int) -> str:
    """`amount` multiplied by a whole number, exact."""
    with localcontext() as context:
        context.prec = _EXACT
        return format(Decimal(amount) * quantity, "f")
