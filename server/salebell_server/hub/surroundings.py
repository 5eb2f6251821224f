"""What all channels of a hub share."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from salebell_server.bus import Bus
from salebell_server.hub.deferral import Deferral
from salebell_server.hub.pending import Pending
from salebell_server.hub.replay import Replays
from salebell_server.hub.tasks import Tasks
from salebell_server.log import SaleLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a channel needs around it.

    Attributes:
        log: where the events are.
        bus: tells what happens to them.
        pending: what waits for the log.
        replays: sends members what they lack of the log.
        defers: whether members wait for a log that cannot be read, rather than being closed.
        deferral: whether it is away.
        tasks: where reading goes on.
        retry: seconds before what could not be read is tried again.
        delivered: told how many events were written to members.
        pages: pages of events that may be in memory at once for members that catch up.
        resyncs: channels that may read the log at once because they missed something.
        recounts: counts that may be read at once because they changed otherwise than by an event or a `seen`.
    """

    log: SaleLog
    bus: Bus
    pending: Pending
    replays: Replays
    defers: bool
    deferral: Deferral
    tasks: Tasks
    retry: float
    delivered: Callable[[int], None]
    pages: asyncio.Semaphore
    resyncs: asyncio.Semaphore
    recounts: asyncio.Semaphore
