import pytest
from websockets.frames import Frame, Opcode

from salebell_protocol.codec import decode_server
from salebell_protocol.messages import EventMessage, Pong
from salebell_server.hub.frames import entry_frame, message_frame, text_frame
from salebell_server.log import Entry
from tests.server.hub.actors import payloads
from tests.server.hub.stage import event_json


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
def test_a_frame_is_what_the_library_would_send(length: int) -> None:
    payload = b"x" * length
    assert text_frame(payload) == Frame(Opcode.TEXT, payload).serialize(mask=False)


def test_a_message_in_its_frame() -> None:
    assert message_frame(Pong(id=7)) == text_frame(b'{"type":"pong","id":7}')


def test_an_entry_in_its_frame() -> None:
    entry = Entry(3, "created:3", "created:2", event_json(3, "created:3", "created:2", 0))
    (payload,) = payloads(entry_frame(entry))
    message = decode_server(payload)
    assert isinstance(message, EventMessage)
    assert (message.event.offset, message.event.id) == (3, "created:3")
