"""What lies in the hashes `ids` and `sales`, see `keyspace`."""

from typing import NamedTuple

import msgspec

from salebell_protocol.sales import Sale
from salebell_server.log import Known, Record

_sales = msgspec.json.Decoder(Sale)


class SaleRecord(NamedTuple):
    """The value of `sales`, undecoded."""

    version: bytes
    last_offset: bytes
    last_event: bytes
    latest_created: bytes
    status_offset: bytes
    status_event: bytes
    place: bytes
    sale: bytes


def split(record: bytes) -> SaleRecord:
    """The lines of a record."""
    return SaleRecord(*record.split(b"\n", 7))


def sale_of(record: bytes) -> Sale:
    """The sale in a record."""
    return _sales.decode(split(record).sale)


def record_of(record: bytes) -> Record:
    """A record as the contract has it."""
    lines = split(record)
    return Record(
        sale=_sales.decode(lines.sale),
        version=int(lines.version),
        status_event_id=lines.status_event.decode(),
        status_offset=int(lines.status_offset),
    )


def known_of(event_id: str, value: bytes) -> Known:
    """The value of `ids` for an event id."""
    offset, _, digest = value.split(b"\n", 2)
    return Known(event_id, int(offset), digest)
