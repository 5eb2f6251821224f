"""What the keeper of the shared log does to a hub."""

from salebell_protocol.messages import Recovery
from salebell_server.hub.hub import Hub
from tests.server.hub.actors import Client, Started, WasDeferred
from tests.server.hub.stage import StagedBus, StagedLog, StagedPending, settle

EPOCH = "epoch-1"


class Outage:
    """What the keeper of the shared log does."""

    def __init__(self, hub: Hub, log: StagedLog, bus: StagedBus, pending: StagedPending) -> None:
        self._hub, self._log, self._bus, self._pending = hub, log, bus, pending

    async def begin(self) -> None:
        self._log.away = True
        self._hub.defer()
        await settle()

    async def keep(self, count: int = 1, size: int = 0) -> list[str]:
        kept = self._pending.keep(count, size)
        for waiting in kept:
            self._hub.announce("main", waiting)
        await settle()
        return [waiting.event_id for waiting in kept]

    async def end(self) -> None:
        self._log.away = self._bus.away = False
        self._pending.drain(self._log)
        self._hub.restore()
        await settle()


def recoveries(client: Client) -> list[Recovery | None]:
    """Its `auth_success` messages, None for a `deferred`."""
    return [
        each.recovery if isinstance(each, Started) else None
        for each in client.story
        if isinstance(each, Started | WasDeferred)
    ]
