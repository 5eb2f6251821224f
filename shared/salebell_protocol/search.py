"""Free text search: case and accents folded away, every word to be found somewhere."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Protocol

MAX_WORDS = 20
"""Of a longer query the rest is ignored: each word is looked for in every sale."""

_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
"""The blocks of combining marks (Unicode, chapter 7.9). Vowel signs of other scripts are no accents, and stay."""


class Person(Protocol):
    """Who bought."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def email(self) -> str: ...  # noqa: D102


class Line(Protocol):
    """What was bought."""

    @property
    def name(self) -> str: ...  # noqa: D102


class Searchable(Protocol):
    """What is searched of a Sale."""

    @property
    def number(self) -> str: ...  # noqa: D102
    @property
    def channel(self) -> str: ...  # noqa: D102
    @property
    def customer(self) -> Person | None: ...  # noqa: D102
    @property
    def items(self) -> Sequence[Line]: ...  # noqa: D102


def fold(text: str) -> str:
    """`text` without case and accents; compatible characters (ﬁ, ①) as their plain ones."""
    if text.isascii():
        return text.lower()
    text = text.encode("utf-8", "replace").decode()  # a lone surrogate, which no sale has and no database takes
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return _MARKS.sub("", plain)


def folded_text(sale: Searchable) -> str:
    """What a search looks through: number, customer, channel and item names, a line each."""
    customer = (sale.customer.name, sale.customer.email) if sale.customer else ()
    return fold("\n".join((sale.number, *customer, sale.channel, *(item.name for item in sale.items))))


def words_of(query: str) -> tuple[str, ...]:
    """The words that are all to be found, each once."""
    return tuple(dict.fromkeys(word for word in fold(query).split() if word))[:MAX_WORDS]
