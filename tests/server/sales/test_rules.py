"""The table against the contract's own words, for every state and every command."""

import pytest

from salebell_protocol.sales import SaleStatus
from salebell_server.sales.rules import Answer, Command, outcome

STATES = (None, *SaleStatus)

MOVES = {
    (SaleStatus.PENDING, Command.PAY): SaleStatus.APPROVED,
    (SaleStatus.PENDING, Command.PAY_WHOLE): SaleStatus.APPROVED,
    (SaleStatus.CANCELLED, Command.PAY): SaleStatus.APPROVED,
    (SaleStatus.CANCELLED, Command.PAY_WHOLE): SaleStatus.APPROVED,
    (SaleStatus.PENDING, Command.CANCEL): SaleStatus.CANCELLED,
    (SaleStatus.APPROVED, Command.CANCEL): SaleStatus.CANCELLED,
    (SaleStatus.APPROVED, Command.REFUND): SaleStatus.REFUNDED,
}
ALREADY = {
    (SaleStatus.APPROVED, Command.PAY),
    (SaleStatus.APPROVED, Command.PAY_WHOLE),
    (SaleStatus.CANCELLED, Command.CANCEL),
}


def expected(state: SaleStatus | None, command: Command) -> SaleStatus | Answer:
    if state is None:
        return Answer.CREATED if command is Command.PAY_WHOLE else Answer.UNKNOWN
    if command is Command.EDIT:
        return Answer.EDITED
    if (state, command) in ALREADY:
        return Answer.ALREADY
    return MOVES.get((state, command), Answer.REFUSED)


@pytest.mark.parametrize("command", Command)
@pytest.mark.parametrize("state", STATES)
def test_every_command_in_every_state(state: SaleStatus | None, command: Command) -> None:
    assert outcome(state, command) is expected(state, command)
