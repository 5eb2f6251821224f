"""Bytes to messages and back, with one error type.

    decode_client, decode_server    a frame's text to a message
    decode                          any JSON to any type of the protocol, for HTTP bodies
    encode                          a message to bytes

Only `ProtocolError` comes out of the decoders, whatever bytes go in.
"""

import re
from typing import Any, TypeVar, get_args

import msgspec

from salebell_protocol.errors import MalformedMessage, UnknownMessageType
from salebell_protocol.messages import ClientMessage, ServerMessage
from salebell_protocol.names import SENTENCES

T = TypeVar("T")

_client: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_server: msgspec.json.Decoder[ServerMessage] = msgspec.json.Decoder(ServerMessage)
_encoder = msgspec.json.Encoder()


def _tags(union: Any) -> frozenset[str]:
    return frozenset(message.__struct_config__.tag for message in get_args(union))


_CLIENT_TAGS = _tags(ClientMessage)
_SERVER_TAGS = _tags(ServerMessage)

_LOCATED = re.compile(r"(?P<reason>.*?)(?: - at `(?P<path>(?:key in )?\$[^`]*)`)?\Z", re.DOTALL)
_PATTERN = re.compile(r"Expected `str` matching regex '(?P<pattern>.*)'\Z", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>[^`]*)`\Z")
_SENTENCE = re.compile(r"(?P<field>[a-z_]+) (?P<rest>must .*)\Z", re.DOTALL)
_TYPE = re.compile("`([^`]*)`")
_WORDS = {
    "str": "text", "int": "a whole number", "float": "a decimal number", "bool": "true or false",
    "object": "an object", "array": "a list", "null": "null", "datetime": "a time",
}  # fmt: skip


class _Tagged(msgspec.Struct):
    type: str


_tagged = msgspec.json.Decoder(_Tagged)


def encode(value: Any) -> bytes:
    """`value` (a message or any other Struct) as compact JSON."""
    return _encoder.encode(value)


def decode(data: bytes | str, wanted: type[T]) -> T:
    """JSON `data` as a value of type `wanted`.

    Raises:
        MalformedMessage: it is not JSON, or not of that shape.
    """
    return _decoded(msgspec.json.Decoder(wanted), data)


def decode_client(frame: bytes | str) -> ClientMessage:
    """A frame that a client sent.

    Raises:
        MalformedMessage: not JSON, not an object, no `type`, or a wrong field.
        UnknownMessageType: an object with a `type` that no client message has.
    """
    return _decoded(_client, frame, _CLIENT_TAGS)


def decode_server(frame: bytes | str) -> ServerMessage:
    """A frame that the server sent. Raises as `decode_client` does."""
    return _decoded(_server, frame, _SERVER_TAGS)


def _decoded(decoder: msgspec.json.Decoder[T], data: bytes | str, tags: frozenset[str] | None = None) -> T:
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        if tags is not None and _names_unknown_type(data, tags):
            raise UnknownMessageType from None
        raise malformed(error) from None


def _names_unknown_type(data: bytes | str, tags: frozenset[str]) -> bool:
    try:
        return _tagged.decode(data).type not in tags
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False


def malformed(error: Exception) -> MalformedMessage:
    """Msgspec's error in our words: the field as a dotted path, and a reason that does not repeat the value."""
    if not isinstance(error, msgspec.ValidationError):
        return MalformedMessage("", "is not valid JSON")
    located = _LOCATED.match(str(error))
    reason, path = (located["reason"], located["path"] or "") if located else (str(error), "")
    field = path.removeprefix("key in ").removeprefix("$").removeprefix(".")
    if missing := _MISSING.match(reason):
        return MalformedMessage(_inside(field, missing["name"]), "is required")
    if pattern := _PATTERN.match(reason):
        source = pattern["pattern"].replace("\\\\", "\\")
        return MalformedMessage(field, SENTENCES.get(source, "does not have the right form"))
    if reason.startswith(("Invalid enum value", "Invalid value")):
        return MalformedMessage(field, "is not one of the known values")
    if sentence := _SENTENCE.match(reason):
        return MalformedMessage(_inside(field, sentence["field"]), sentence["rest"])
    reason = _TYPE.sub(lambda types: " or ".join(_WORDS.get(name, name) for name in types[1].split(" | ")), reason)
    return MalformedMessage(field, reason[:1].lower() + reason[1:])


def _inside(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name


def confirmed(event: bytes, offset: int, previous: str, created_before: int | None) -> bytes:
    """The JSON of a provisional event, with what the log gave it: the same bytes as encoding the whole Event.

    A log gives the offset inside its transaction, where it should neither decode nor encode.

    Args:
        event: an encoded Event without `offset`, `previous` and `created_before`.
        offset: its place.
        previous: the id of the event before it, "" at offset 1.
        created_before: None for anything but `SALE_CREATED`.
    """
    place = b',"offset":%d,"previous":"%b"' % (offset, previous.encode())
    if created_before is not None:
        place += b',"created_before":%d' % created_before
    return event[:-1] + place + b"}"


def event_frame(event: bytes) -> bytes:
    """The `event` message around an encoded Event, without decoding it."""
    return b'{"type":"event","event":' + event + b"}"
