"""Why a command was refused.

    SaleRefused
    ├── EventIdConflict     the event id belongs to another request
    ├── SaleExists          there is a sale of that id, created by another event
    ├── UnknownSale         there is no sale of that id
    └── InvalidTransition   the sale's state does not allow it

A refused command has changed nothing. A request that is wrong in itself is the protocol's `MalformedMessage`.
"""

from typing import ClassVar

from salebell_protocol.sales import SaleStatus


class SaleRefused(Exception):
    """A command was refused.

    Attributes:
        code: for programs; never changes its meaning.
    """

    code: ClassVar[str]


class EventIdConflict(SaleRefused):
    """The event id is known, from a request that asked for something else."""

    code = "event_id_conflict"

    def __init__(self, event_id: str) -> None:
        super().__init__(
            f"Event id {event_id} belongs to another request. A retry must repeat its first request exactly, and "
            "another request needs an event id of its own."
        )


class SaleExists(SaleRefused):
    """There is a sale of that id already."""

    code = "sale_exists"

    def __init__(self, sale_id: str) -> None:
        super().__init__(f"Sale {sale_id} exists already, created by another event.")


class UnknownSale(SaleRefused):
    """There is no sale of that id in the store."""

    code = "unknown_sale"

    def __init__(self, sale_id: str) -> None:
        super().__init__(f"This store has no sale {sale_id}.")


class InvalidTransition(SaleRefused):
    """The sale's state does not allow what was asked for."""

    code = "invalid_transition"

    def __init__(self, sale_id: str, status: SaleStatus, participle: str) -> None:
        super().__init__(f"Sale {sale_id} is {status} and cannot be {participle}.")
