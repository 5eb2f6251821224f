"""Messages as WebSocket frames, ready to be written to any number of connections."""

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from salebell_protocol.codec import encode, event_frame
from salebell_protocol.messages import ServerMessage
from salebell_server.hub.pending import Waiting
from salebell_server.log import Entry

T = TypeVar("T")

BATCH_BYTES = 64 * 1024
"""What is written before a connection's buffer is looked at again."""

_TEXT = 0x81
"""The last frame of a text message, and the only one (RFC 6455, section 5.2)."""


def text_frame(payload: bytes) -> bytes:
    """An unmasked text message in one frame, as a server sends it (RFC 6455, section 5.1)."""
    length = len(payload)
    if length < 126:
        return bytes((_TEXT, length)) + payload
    if length < 1 << 16:
        return struct.pack("!BBH", _TEXT, 126, length) + payload
    return struct.pack("!BBQ", _TEXT, 127, length) + payload


def message_frame(message: ServerMessage) -> bytes:
    """The frame of a message."""
    return text_frame(encode(message))


def entry_frame(entry: Entry) -> bytes:
    """The frame of an `event` message: the same bytes for every admin."""
    return text_frame(event_frame(entry.event))


def waiting_frame(waiting: Waiting) -> bytes:
    """The frame of a provisional `event` message: the same bytes for every admin."""
    return text_frame(event_frame(waiting.event))


def batches(items: Sequence[T], frame: Callable[[T], bytes]) -> Iterator[tuple[Sequence[T], bytes]]:
    """Items, in order, with their frames joined: as many together as make `BATCH_BYTES`, each made when it is due."""
    at = 0
    while at < len(items):
        start, frames, size = at, list[bytes](), 0
        while at < len(items) and size < BATCH_BYTES:
            frames.append(frame(items[at]))
            size += len(frames[-1])
            at += 1
        yield items[start:at], b"".join(frames)
