"""Pages of sales, and figures for statistics: read along the index `created`, and looked through here.

Redis runs one command at a time and this program one turn of its event loop: both are held up for a few milliseconds
at the most, however many sales there are.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

import msgspec

from salebell_protocol.events import Position
from salebell_protocol.sales import Sale, SaleStatus
from salebell_protocol.search import folded_text, words_of
from salebell_server.log import Figure, Listing, SalesQuery, page_marks
from salebell_server.log.instants import from_micros, to_micros
from salebell_server.log.page_marks import PageMark
from salebell_server.log.redis.keyspace import PLACE_DIGITS, StoreKeys, created_at_of, place_of, store_keys
from salebell_server.log.redis.lane import Lane
from salebell_server.log.redis.records import split
from salebell_server.log.redis.scripts import LISTING

T = TypeVar("T")

CHUNK = 250
"""Sales that one command reads when many are looked through."""

TURN = 50
"""Sales that are looked through before others have their turn."""

EXPECTED_BYTES = 1000
"""What a sale takes in an answer, roughly."""


class Found(NamedTuple):
    """One sale in the index: its member of `created`, and its JSON."""

    member: str
    body: bytes

    @property
    def sale_id(self) -> str:
        """Its id."""
        return self.member[PLACE_DIGITS:]

    @property
    def created_at(self) -> int:
        """When it was created."""
        return created_at_of(self.member[:PLACE_DIGITS])

    @property
    def mark(self) -> PageMark:
        """Where the page below it begins."""
        return PageMark(self.created_at, self.sale_id)


class _Person(msgspec.Struct):
    name: str = ""
    email: str = ""


class _Line(msgspec.Struct):
    name: str


class _Sketch(msgspec.Struct):
    """What filters and figures need of a Sale, ten times as fast as all of it: what was checked when it came in."""

    number: str
    status: SaleStatus
    total: str
    currency: str
    channel: str
    customer: _Person | None = None
    items: tuple[_Line, ...] = ()


_sales = msgspec.json.Decoder(Sale)
_sketches = msgspec.json.Decoder(_Sketch)


async def page(lane: Lane, query: SalesQuery, admin: str, new_epoch: str) -> Listing:
    """A page; count and position are those of the instant of its first sales, and none is older than that.

    Raises:
        BadPageMark: `query.before` is not one of ours.
    """
    keys = store_keys(query.store)
    low, high = _bounds(query)
    sift = _sift(query)
    most = query.limit + 1  # one more tells whether there is another page
    (epoch, top, last, count), members, records = await lane.call(
        LISTING,
        (keys.meta, keys.sales, keys.created, keys.latest, keys.cursors),
        new_epoch,
        admin,
        low,
        high,
        most,
        expect=most * EXPECTED_BYTES,
    )
    found: dict[str, Found] = {}
    sales, below = _found(members, records), _after(members, most)
    while True:
        for sale in sales if sift is None else await _in_turns(sift, sales):
            found.setdefault(sale.sale_id, sale)  # one whose creation was put back meanwhile comes twice
        if below is None or len(found) > query.limit:
            break
        sales, below = await _scan(lane, keys, below, high)
    shown = list(found.values())[: query.limit]
    return Listing(
        sales=tuple(await _in_turns(_decode, shown)),
        next_before=page_marks.write(shown[-1].mark) if len(found) > query.limit else None,
        unread=count,
        position=Position(epoch.decode(), int(top), last.decode()),
    )


async def figures(lane: Lane, store: str, since: datetime) -> tuple[Figure, ...]:
    """What statistics need, oldest first."""
    keys = store_keys(store)
    high = _below(since)
    low: str | None = "-"
    found: dict[str, Figure] = {}
    while low is not None:
        sales, low = await _scan(lane, keys, low, high)
        for sale, figure in zip(sales, await _in_turns(_figure, sales), strict=True):
            found.setdefault(sale.sale_id, figure)
    return tuple(reversed(found.values()))


async def _scan(lane: Lane, keys: StoreKeys, low: str, high: str) -> tuple[list[Found], str | None]:
    """Some sales between two bounds, and the bound from which to go on; None at the end.

    Two plain commands hold up Redis less than a script that reads as much. What was forgotten between them is left out.
    """
    members: list[bytes] = await lane.command("ZRANGEBYLEX", keys.created, low, high, "LIMIT", 0, CHUNK)
    if not members:
        return [], None
    sale_ids = (member[PLACE_DIGITS:] for member in members)
    records = await lane.command("HMGET", keys.sales, *sale_ids, expect=CHUNK * EXPECTED_BYTES)
    return _found(members, records), _after(members, CHUNK)


def _after(members: Sequence[bytes], most: int) -> str | None:
    """The bound below as many members as were asked for; None when there were less."""
    return None if len(members) < most else "(" + members[-1].decode()


def _found(members: Sequence[bytes], records: Sequence[bytes | None]) -> list[Found]:
    return [
        Found(member.decode(), split(record).sale)
        for member, record in zip(members, records, strict=True)
        if record is not None
    ]


def _bounds(query: SalesQuery) -> tuple[str, str]:
    """Of the members of `created` that a query asks for."""
    low, high = "-", "+"
    if query.until is not None:
        low = "[" + place_of(to_micros(query.until) - 1)
    if query.since is not None:
        high = _below(query.since)
    if query.before is not None:
        mark = page_marks.read(query.before)
        low = max(low, "(" + place_of(mark.created_at) + mark.sale_id, key=lambda bound: bound[1:])
    return low, high


def _below(since: datetime) -> str:
    """The bound that leaves out what was created before that."""
    return "(" + place_of(to_micros(since) - 1)


def _sift(query: SalesQuery) -> Callable[[Sequence[Found]], list[Found]] | None:
    """What picks the sales that a query asks for; None when it asks for all."""
    words = words_of(query.q or "")
    if not words and query.status is None and query.channel is None:
        return None

    def sift(sales: Sequence[Found]) -> list[Found]:
        return [sale for sale in sales if _accepts(_sketches.decode(sale.body), query, words)]

    return sift


def _accepts(sketch: _Sketch, query: SalesQuery, words: Sequence[str]) -> bool:
    if query.status is not None and sketch.status != query.status:
        return False
    if query.channel is not None and sketch.channel != query.channel:
        return False
    if not words:
        return True
    text = folded_text(sketch)
    return all(word in text for word in words)


def _decode(sales: Sequence[Found]) -> list[Sale]:
    return [_sales.decode(sale.body) for sale in sales]


def _figure(sales: Sequence[Found]) -> list[Figure]:
    figured: list[Figure] = []
    for sale in sales:
        sketch = _sketches.decode(sale.body)
        figured.append(Figure(from_micros(sale.created_at), sketch.status, sketch.currency, sketch.total))
    return figured


async def _in_turns(work: Callable[[Sequence[Found]], list[T]], sales: Sequence[Found]) -> list[T]:
    """The results of `work`, a few sales at a time, with others having their turn between."""
    done: list[T] = []
    for start in range(0, len(sales), TURN):
        if start:
            await asyncio.sleep(0)
        done += work(sales[start : start + TURN])
    return done
