"""The part of a server that talks to admins: all its connections, and the one timer that sweeps them."""

import asyncio
from collections.abc import Callable

from salebell_server import __version__
from salebell_server.auth import TokenVerifier
from salebell_server.auth.rate import FailureLimit
from salebell_server.bus import Bus
from salebell_server.gateway.answers import Answers
from salebell_server.gateway.connection import Connection
from salebell_server.gateway.metrics import GatewayMetrics
from salebell_server.gateway.registry import Registry
from salebell_server.gateway.services import GatewaySettings, Services
from salebell_server.hub.frames import message_frame
from salebell_server.hub.hub import Hub
from salebell_server.hub.pending import Pending, Waiting
from salebell_server.hub.tasks import Tasks
from salebell_server.hub.verdicts import VerdictWatch
from salebell_server.log import SaleLog
from salebell_server.session.machine import welcome

SWEEP_SECONDS = 1.0


class Gateway:
    """All sockets of a server: the `Audience` of those who know how the log fares.

    `uvicorn.Config(ws=gateway.protocol())` makes uvicorn hand them over. `start` and `stop` belong in the
    application's lifespan: uvicorn enters it before the first socket, and leaves it after the last one is closed
    with 1012, which takes at most three seconds, however stuck the clients are.

    Args:
        log: where events, counts and cursors are.
        bus: tells what happens to them.
        verifier: what is asked for tokens and accounts.
        failures: counts tokens that were refused, by address and account.
        metrics: what is counted.
        clock: loop seconds; never goes back.
        unix: seconds since 1970.
        settings: see there.
        pending: what waits for a log that may be away: `defer`, `restore` and `announce` tell of it. Without, for a log
            that is embedded, sockets are closed when it cannot be read.
    """

    def __init__(
        self,
        *,
        log: SaleLog,
        bus: Bus,
        verifier: TokenVerifier,
        failures: FailureLimit,
        metrics: GatewayMetrics,
        clock: Callable[[], float],
        unix: Callable[[], float],
        settings: GatewaySettings,
        pending: Pending | None = None,
    ) -> None:
        self._services = Services(
            hub=Hub(log=log, bus=bus, pending=pending, delivered=metrics.delivered),
            answers=Answers(log=log, verifier=verifier, failures=failures, defers=pending is not None),
            watch=VerdictWatch(verifier, clock),
            registry=Registry(settings.max_unauthenticated, metrics),
            metrics=metrics,
            settings=settings,
            tasks=Tasks(),
            clock=clock,
            unix=unix,
            welcome=message_frame(welcome(f"salebell/{__version__}")),
        )
        self._timer: asyncio.TimerHandle | None = None

    def protocol(self) -> type[Connection]:
        """The class of this gateway's connections, for `uvicorn.Config(ws=...)`."""

        class GatewayConnection(Connection):
            __slots__ = ()
            services = self._services

        return GatewayConnection

    def start(self) -> None:
        """Begin to sweep. To be called on the event loop."""
        self._timer = asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._sweep_and_go_on)

    async def stop(self) -> None:
        """End what runs in the background. The sockets are closed before, by uvicorn."""
        if self._timer is not None:
            self._timer.cancel()
        await self._services.tasks.cancel()
        await self._services.watch.close()
        await self._services.hub.close()

    def defer(self) -> None:
        """See `Audience.defer`."""
        self._services.hub.defer()

    def restore(self) -> None:
        """See `Audience.restore`."""
        self._services.hub.restore()

    def announce(self, store: str, waiting: Waiting) -> None:
        """See `Audience.announce`."""
        self._services.hub.announce(store, waiting)

    def sweep(self) -> None:
        """Done each second after `start`: what time brings, and what may have changed without a word.

        That is time-outs, silence and expiry; whether the log is away; whether the admins still are admins.
        """
        self._services.registry.sweep(self._services.clock())
        self._services.hub.sweep()
        self._services.watch.sweep()

    def _sweep_and_go_on(self) -> None:
        self.start()
        self.sweep()
