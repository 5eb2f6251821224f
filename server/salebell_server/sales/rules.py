"""What each command does to a sale in each state.

Creation is not in the table: the log itself refuses a second sale of the same id, in the transaction that would
append it.

    pending ──► approved ──► refunded
       │         ▲    │
       ▼         │    │
    cancelled ───┘◄───┘     (the money came after all)
"""

from enum import Enum

from salebell_protocol.sales import SaleStatus


class Command(Enum):
    """What may be asked of a sale that exists, or should."""

    PAY = "pay"
    PAY_WHOLE = "pay with the sale in the request"
    CANCEL = "cancel"
    REFUND = "refund"
    EDIT = "edit"
    """Change fields, but not the status."""
    SET_STATUS = "set another status"
    """By PATCH, to anything but `refunded`."""


class Answer(Enum):
    """What a command comes to when it does not move the sale to a status."""

    CREATED = "created"
    """The sale is new, and approved at once."""
    EDITED = "edited"
    """The status stays."""
    ALREADY = "already"
    """The sale is in that state: answered with the event that made it so."""
    UNKNOWN = "unknown"
    """There is no such sale."""
    REFUSED = "refused"
    """The state does not allow it."""


Outcome = SaleStatus | Answer
"""The status that the sale moves to, or what happens instead."""

_P, _A, _C, _R = SaleStatus.PENDING, SaleStatus.APPROVED, SaleStatus.CANCELLED, SaleStatus.REFUNDED
_NO, _EDIT, _SAME, _NONE = Answer.REFUSED, Answer.EDITED, Answer.ALREADY, Answer.UNKNOWN

_ROWS: dict[SaleStatus | None, tuple[Outcome, ...]] = {
    #     PAY   PAY_WHOLE        CANCEL REFUND EDIT   SET_STATUS
    None: (_NONE, Answer.CREATED, _NONE, _NONE, _NONE, _NONE),
    _P: (_A, _A, _C, _NO, _EDIT, _NO),
    _A: (_SAME, _SAME, _C, _R, _EDIT, _NO),
    _C: (_A, _A, _SAME, _NO, _EDIT, _NO),
    _R: (_NO, _NO, _NO, _NO, _EDIT, _NO),
}

TRANSITIONS: dict[SaleStatus | None, dict[Command, Outcome]] = {
    status: dict(zip(Command, outcomes, strict=True)) for status, outcomes in _ROWS.items()
}
"""Every command in every state; None is a sale that the store does not have."""


def outcome(status: SaleStatus | None, command: Command) -> Outcome:
    """What `command` does to a sale that is `status`; None when there is no such sale."""
    return TRANSITIONS[status][command]
