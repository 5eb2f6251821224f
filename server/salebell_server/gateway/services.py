"""What all connections of a server share."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from salebell_server.gateway.answers import Answers
from salebell_server.gateway.handshake import Network
from salebell_server.gateway.metrics import GatewayMetrics
from salebell_server.gateway.registry import Registry
from salebell_server.hub.hub import Hub
from salebell_server.hub.tasks import Tasks
from salebell_server.hub.verdicts import VerdictWatch


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a gateway is told.

    Attributes:
        trusted_proxies: networks of the proxies whose `X-Forwarded-For` is believed.
        allowed_origins: origins of web pages that may open sockets, besides those of this host, in small letters.
        max_unauthenticated: sockets that may be waiting for their `auth` at once; one more ends one of them, of an
            address that has a large share if there is any.
    """

    trusted_proxies: tuple[Network, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    max_unauthenticated: int = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What a connection needs around it.

    Attributes:
        clock: loop seconds.
        unix: seconds since 1970.
        welcome: the frame of the server's first word.
    """

    hub: Hub
    answers: Answers
    watch: VerdictWatch
    registry: Registry
    metrics: GatewayMetrics
    settings: GatewaySettings
    tasks: Tasks
    clock: Callable[[], float]
    unix: Callable[[], float]
    welcome: bytes
