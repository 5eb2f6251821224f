r"""Names and numbers that identify things, each with its pattern and the sentence for a wrong one.

The patterns end in `(?!\n)$`, since Python's `$` also matches before a final newline; that spelling
means the same in ECMA-262, which OpenAPI uses.
"""

from typing import Annotated

import msgspec

STORE_PATTERN = "^[a-z0-9][a-z0-9-]{0,62}(?!\\n)$"
SALE_ID_PATTERN = "^(?!\\.\\.?$)[A-Za-z0-9._:-]{1,100}(?!\\n)$"
EVENT_ID_PATTERN = "^(?!\\.\\.?$)[A-Za-z0-9._:-]{1,128}(?!\\n)$"
"""Not "." and "..", which clients and proxies take out of a path (RFC 3986, section 5.2.4)."""

RECORDED_SALE_ID_PATTERN = "^[A-Za-z0-9._:-]{1,100}(?!\\n)$"
RECORDED_EVENT_ID_PATTERN = "^[A-Za-z0-9._:-]{1,128}(?!\\n)$"
"""Of what a log may hold: they were allowed once."""

DEFAULT_STORE = "main"

StoreName = Annotated[str, msgspec.Meta(pattern=STORE_PATTERN, description="A shop: the unit of isolation.")]
SaleId = Annotated[str, msgspec.Meta(pattern=SALE_ID_PATTERN, description="The producer's id, unique within a store.")]
EventId = Annotated[str, msgspec.Meta(pattern=EVENT_ID_PATTERN, description="The event's id, unique within a store.")]
RecordedSaleId = Annotated[
    str, msgspec.Meta(pattern=RECORDED_SALE_ID_PATTERN, description="The producer's id, unique within a store.")
]
RecordedEventId = Annotated[
    str, msgspec.Meta(pattern=RECORDED_EVENT_ID_PATTERN, description="The event's id, unique within a store.")
]
PreviousId = Annotated[str, msgspec.Meta(max_length=128)]
"""An event id, or "" before the first event."""
Epoch = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
"""Opaque: new whenever the continuity of a store's log cannot be promised."""
Offset = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
"""The place of an event in its store's log: 1, 2, 3 …, dense within an epoch."""
Upto = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
"""An offset up to which something holds; 0 means "nothing yet"."""
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
UnixTime = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
"""Whole seconds since 1970-01-01T00:00:00Z."""

SENTENCES: dict[str, str] = {
    STORE_PATTERN: "must be 1 to 63 small letters, digits or hyphens, and not start with a hyphen",
    SALE_ID_PATTERN: 'must be 1 to 100 letters, digits or . _ : -, and neither "." nor ".."',
    EVENT_ID_PATTERN: 'must be 1 to 128 letters, digits or . _ : -, and neither "." nor ".."',
    RECORDED_SALE_ID_PATTERN: "must be 1 to 100 letters, digits or . _ : -",
    RECORDED_EVENT_ID_PATTERN: "must be 1 to 128 letters, digits or . _ : -",
}
"""What to tell somebody whose value does not match a pattern."""
