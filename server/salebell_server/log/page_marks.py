"""Where a page of sales ends, as text that needs no quoting in a URL."""

import base64
import binascii
from typing import Annotated, NamedTuple

import msgspec

from salebell_protocol.names import RecordedSaleId
from salebell_server.log import BadPageMark


class PageMark(NamedTuple):
    """The last sale of a page: the next one begins below it.

    Attributes:
        created_at: as in `instants`.
    """

    created_at: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
    sale_id: RecordedSaleId


_marks = msgspec.json.Decoder(PageMark)


def write(mark: PageMark) -> str:
    """`mark` as text."""
    return base64.urlsafe_b64encode(msgspec.json.encode(mark)).rstrip(b"=").decode()


def read(text: str) -> PageMark:
    """The mark that was written so.

    Raises:
        BadPageMark: none was.
    """
    try:
        return _marks.decode(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
    except (msgspec.DecodeError, binascii.Error, ValueError):
        raise BadPageMark("before must be the next_before of a page") from None
