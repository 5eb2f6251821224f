"""The codec: what goes in comes out, and nothing but its own error comes out of garbage."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salebell_protocol import codec, messages
from salebell_protocol.errors import MalformedMessage, ProtocolError, UnknownMessageType
from salebell_protocol.events import Event
from salebell_protocol.messages import Auth, ClientMessage, Ping, Seen, ServerMessage
from salebell_protocol.sales import Sale
from tests.protocol import strategies

DECODERS: list[Callable[[bytes | str], Any]] = [
    codec.decode_client,
    codec.decode_server,
    lambda data: codec.decode(data, Sale),
    lambda data: codec.decode(data, Event),
]
decoders = pytest.mark.parametrize("decode", DECODERS, ids=["client", "server", "sale", "event"])


@given(strategies.client_messages)
def test_client_messages_survive_the_wire(message: ClientMessage) -> None:
    assert codec.decode_client(codec.encode(message)) == message


@given(strategies.server_messages)
def test_server_messages_survive_the_wire(message: ServerMessage) -> None:
    assert codec.decode_server(codec.encode(message)) == message


@given(strategies.server_messages)
def test_every_message_is_one_json_object_told_apart_by_type(message: ServerMessage) -> None:
    decoded = json.loads(codec.encode(message))
    assert decoded["type"] == type(message).__struct_config__.tag


@decoders
@given(data=st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_protocol_error(decode: Callable[[bytes | str], Any], data: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        decode(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "admin", "count", "created_before", "currency", "customer", "device", "epoch", "event", "event_id", "id", "items",
    "message", "number", "occurred_at", "offset", "position", "previous", "resume", "sale", "store", "stores", "token",
    "total", "type", "unread", "updated_at", "url",
]  # fmt: skip


@decoders
@given(
    kind=st.sampled_from(["auth", "ping", "seen", "event", "auth_success", "unread", "nothing"]),
    rest=st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=6),
)
def test_no_object_raises_anything_but_a_protocol_error(
    decode: Callable[[bytes | str], Any], kind: str, rest: dict[str, Any]
) -> None:
    with contextlib.suppress(ProtocolError):
        decode(json.dumps({"type": kind, **rest}).encode("utf-8", "surrogatepass"))


@decoders
@given(data=st.data())
def test_a_broken_message_raises_nothing_else(decode: Callable[[bytes | str], Any], data: st.DataObject) -> None:
    whole = codec.encode(data.draw(strategies.server_messages | strategies.client_messages))
    cut = data.draw(st.integers(0, len(whole)))
    patch = data.draw(st.binary(max_size=4))
    with contextlib.suppress(ProtocolError):
        decode(whole[:cut] + patch + whole[cut + data.draw(st.integers(0, 4)) :])


@decoders
@pytest.mark.parametrize(
    "data",
    [b"[" * 16_000, b'{"a":' * 3_000, b'{"type":"ping","x":' + b"[" * 8_000 + b"]" * 8_000 + b"}", b"\xff", b"", b" "],
    ids=["open lists", "open objects", "deep unknown field", "not UTF-8", "empty", "blank"],
)
def test_hostile_shapes_are_malformed(decode: Callable[[bytes | str], Any], data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        decode(data)


def test_text_with_a_lone_surrogate_is_malformed() -> None:
    with pytest.raises(MalformedMessage):
        codec.decode_client('{"type":"auth","token":"\ud800"}')


def test_unknown_fields_are_ignored() -> None:
    assert codec.decode_client('{"type":"ping","id":7,"colour":"red"}') == Ping(id=7)


@pytest.mark.parametrize("frame", ['{"type":"bell"}', '{"type":"welcome"}', '{"type":"","x":[1,{}]}'])
def test_an_unknown_type_is_told_from_a_malformed_message(frame: str) -> None:
    with pytest.raises(UnknownMessageType):
        codec.decode_client(frame)


@pytest.mark.parametrize(
    ("frame", "field", "reason"),
    [
        ("{}", "type", "is required"),
        ("7", "", "expected an object, got a whole number"),
        ('{"type":5}', "type", "expected text"),
        ('{"type":"auth"}', "token", "is required"),
        ('{"type":"auth","token":5}', "token", "expected text, got a whole number"),
        ('{"type":"auth","token":""}', "token", "expected text of length >= 1"),
        ('{"type":"auth","token":"t","store":"A shop"}', "store", "must be 1 to 63 small letters"),
        ('{"type":"auth","token":"t","store":"shop\\n"}', "store", "must be 1 to 63 small letters"),
        ('{"type":"auth","token":"t","resume":{"epoch":"e","offset":1}}', "resume.event_id", "is required"),
        ('{"type":"auth","token":"t","resume":{"epoch":"e","offset":1,"event_id":""}}', "resume.event_id", "must be"),
        ('{"type":"seen","offset":-1}', "offset", "expected a whole number >= 0"),
        ('{"type":"seen","offset":1.5}', "offset", "expected a whole number or null"),
        ('{"type":"seen","offset":9007199254740992}', "offset", "expected a whole number <= 9007199254740991"),
        ('{"type":"ping","id":[]}', "id", "got a list"),
        ("nonsense", "", "is not valid JSON"),
    ],
)
def test_the_error_names_the_field_and_what_was_expected(frame: str, field: str, reason: str) -> None:
    with pytest.raises(MalformedMessage) as raised:
        codec.decode_client(frame)
    assert raised.value.field == field
    assert reason in raised.value.reason


def test_the_error_reads_as_a_sentence() -> None:
    assert str(MalformedMessage("sale.total", "is required")) == "sale.total: is required"
    assert str(MalformedMessage("", "is not valid JSON")) == "is not valid JSON"
    assert str(UnknownMessageType()) == "type: is not a message of this protocol"


def test_neither_repr_nor_error_tells_the_token() -> None:
    assert "s3cret" not in repr(Auth(token="s3cret"))
    with pytest.raises(MalformedMessage) as raised:
        codec.decode_client('{"type":"auth","token":"s3cret","store":"s3cret!"}')
    assert "s3cret" not in str(raised.value)


def test_what_is_not_said_is_not_sent() -> None:
    assert codec.encode(Ping()) == b'{"type":"ping"}'
    assert codec.encode(Seen(epoch="e", offset=0)) == b'{"type":"seen","epoch":"e","offset":0}'
    assert codec.encode(messages.Pong()) == b'{"type":"pong"}'


@given(strategies.confirmed_events)
def test_splicing_a_place_gives_the_bytes_of_the_whole_event(event: Event) -> None:
    assert event.confirmed
    assert event.offset is not None
    assert event.previous is not None
    provisional = Event(id=event.id, type=event.type, store=event.store, occurred_at=event.occurred_at, sale=event.sale)
    assert not provisional.confirmed
    spliced = codec.confirmed(codec.encode(provisional), event.offset, event.previous, event.created_before)
    assert spliced == codec.encode(event)
    assert codec.event_frame(spliced) == codec.encode(messages.EventMessage(event=event))
