"""What `/readyz` says of a server whose log is shared."""

from datetime import UTC, datetime

from salebell_server.fallback.keeper import Keeper
from salebell_server.fallback.machine import State
from salebell_server.readiness import Health, Readiness


class SharedReadiness:
    """A `ReadinessSource`: ready while the log is used, degraded while sales are kept here instead.

    While they cannot be kept either, the server is of no use. It looks at nothing by itself, so anyone may ask.

    Args:
        keeper: knows how it is.
        keeps: whether anything is kept while the log is away.
    """

    def __init__(self, keeper: Keeper, *, keeps: bool) -> None:
        self._keeper = keeper
        self._keeps = keeps

    async def __call__(self) -> Readiness:
        """See `ReadinessSource`."""
        reasons = tuple(self._reasons())
        if self._keeper.state is State.NORMAL:
            return Readiness(status=Health.OK, reasons=reasons)
        keeps = self._keeps and not self._keeper.outbox_fault
        return Readiness(status=Health.DEGRADED if keeps else Health.UNAVAILABLE, reasons=reasons)

    def _reasons(self) -> list[str]:
        keeper, contents = self._keeper, self._keeper.contents
        found: list[str] = []
        if keeper.away is not None:
            found.append(f"log: {keeper.state.value} for {keeper.seconds:.0f} s: {keeper.away}")
        if keeper.outbox_fault:
            found.append(f"outbox: {keeper.outbox_fault}")
        if contents.waiting:
            age = 0.0 if contents.oldest is None else (datetime.now(UTC) - contents.oldest).total_seconds()
            found.append(f"outbox: {contents.waiting} events wait, the oldest for {age:.0f} s")
        if contents.aside:
            found.append(f"outbox: {contents.aside} events can never come into the log; see the server's own log")
        return found
