"""Which requests may become sockets, and where they come from."""

import asyncio
import ipaddress
from collections.abc import Collection, Sequence
from http import HTTPStatus

from websockets.http11 import Request

PATH = "/ws"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def refusal(request: Request, allowed_origins: Collection[str]) -> tuple[HTTPStatus, str] | None:
    """Why a request may not become a socket, or None when it may.

    A query string is ignored. Programs send no `Origin`; a web page may open a socket when it comes from this host
    or is allowed. Since no cookie lets anybody in here, this only keeps foreign pages from trying (RFC 6455,
    section 10.2).

    Args:
        request: the opening handshake.
        allowed_origins: such as "https://admin.example.com", in small letters.
    """
    if request.path.partition("?")[0] != PATH:
        return HTTPStatus.NOT_FOUND, f"Sockets are at {PATH}.\n"
    origins = request.headers.get_all("Origin")
    hosts = request.headers.get_all("Host")
    if not origins or (len(origins) == 1 and _may_come(origins[0].lower(), hosts, allowed_origins)):
        return None
    return HTTPStatus.FORBIDDEN, "Pages of this origin may not open sockets here.\n"


def _may_come(origin: str, hosts: Sequence[str], allowed: Collection[str]) -> bool:
    if origin in allowed:
        return True
    scheme, _, host = origin.partition("://")
    return scheme in ("http", "https") and len(hosts) == 1 and host == hosts[0].lower()


def peer_address(transport: asyncio.Transport) -> str:
    """The address of the other end; "" for a Unix socket."""
    peer: tuple[str, ...] | str | None = transport.get_extra_info("peername")
    return peer[0] if isinstance(peer, tuple) else ""


def client_address(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """The address of the client itself.

    Each proxy adds the address that it was reached from on the right of `X-Forwarded-For`, so that the list is read
    from there, as long as the one who said so is trusted.

    Args:
        peer: who is connected; "" for a Unix socket, which is never trusted.
        forwarded: the values of the `X-Forwarded-For` headers, in order.
        trusted: networks of the proxies whose word is believed.
    """
    hops = [hop.strip() for value in forwarded for hop in value.split(",")]
    address = peer
    while hops and _is_trusted(address, trusted):
        said = _address(hops.pop())
        if said is None:
            break
        address = said
    return address


def _is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    if not trusted or not address:
        return False
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in trusted)


def _address(hop: str) -> str | None:
    """The address in "192.0.2.1", "192.0.2.1:4711", "2001:db8::1" or "[2001:db8::1]:4711"; None for anything else."""
    host = hop
    if hop.startswith("["):
        host = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        host = hop.partition(":")[0]
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None
