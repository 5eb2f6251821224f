"""The exception tree of the protocol.

    ProtocolError
    ├── MalformedMessage     the bytes are no message: what is wrong, and in which field
    └── UnknownMessageType   a message of a later protocol, or a typing mistake

Every one of them is the peer's fault; a fault of our own is an ordinary Python exception.
"""


class ProtocolError(Exception):
    """The peer sent something that is not of the protocol."""


class MalformedMessage(ProtocolError):
    """Bytes that cannot be decoded as what they should be.

    Attributes:
        field: dotted path of the field at fault, such as `sale.items[0].quantity`; empty when the whole is at fault.
        reason: one sentence fragment that says what was expected. It never repeats the peer's value.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field
        self.reason = reason


class UnknownMessageType(ProtocolError):
    """A well-formed object whose `type` names no message that may come from this side."""

    def __init__(self) -> None:
        super().__init__("type: is not a message of this protocol")
