"""Which requests may become sockets, and where they come from."""

import asyncio
import ipaddress
import re
from collections.abc import Collection, Sequence
from http import HTTPStatus

from websockets.http11 import Request

PATH = "/ws"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[^\s/?#@:\[\]\\]+)(?::(?P<port>[0-9]{1,5}))?")
"""The only form that a page can have that may open sockets: not "null", which every sandboxed page has."""

_DEFAULT_PORTS = {"http": "80", "https": "443"}


def refusal(
    request: Request, allowed_origins: Collection[str], *, over_tls: bool = False
) -> tuple[HTTPStatus, str] | None:
    """Why a request may not become a socket, or None when it may.

    A query string is ignored. Programs send no `Origin`; a web page may open a socket when it comes from this host
    or is allowed. Since no cookie lets anybody in here, this only keeps foreign pages from trying (RFC 6455,
    section 10.2).

    Args:
        request: the opening handshake.
        allowed_origins: such as "https://admin.example.com"; in any case, with or without the port if it is usual.
        over_tls: whether it is known that the client came with TLS. Its pages did too, then: a page without may be
            anybody's who is on the way.
    """
    if request.path.partition("?")[0] != PATH:
        return HTTPStatus.NOT_FOUND, f"Sockets are at {PATH}.\n"
    origins = request.headers.get_all("Origin")
    hosts = request.headers.get_all("Host")
    if not origins or (len(origins) == 1 and _may_come(origins[0], hosts, allowed_origins, over_tls)):
        return None
    return HTTPStatus.FORBIDDEN, "Pages of this origin may not open sockets here.\n"


def _may_come(text: str, hosts: Sequence[str], allowed: Collection[str], over_tls: bool) -> bool:
    origin = _normal(text)
    if origin is None:
        return False
    if any(origin == _normal(each) for each in allowed):
        return True
    scheme = origin.partition(":")[0]
    return len(hosts) == 1 and origin == _normal(f"{scheme}://{hosts[0]}") and not (over_tls and scheme == "http")


def _normal(text: str) -> str | None:
    """An origin as browsers write it (RFC 6454, section 6.2): in small letters, without the usual port."""
    parts = _ORIGIN.fullmatch(text.lower())
    if parts is None:
        return None
    scheme, host, port = parts.group("scheme", "host", "port")
    return f"{scheme}://{host}" if port in (None, _DEFAULT_PORTS[scheme]) else f"{scheme}://{host}:{port}"


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


def came_over_tls(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> bool:
    """Whether a trusted proxy says that it was reached with TLS; False when nobody can tell.

    Args:
        peer: who is connected.
        forwarded: the values of the `X-Forwarded-Proto` headers, in order. The peer wrote the last.
        trusted: networks of the proxies whose word is believed.
    """
    if not forwarded or not _is_trusted(peer, trusted):
        return False
    return forwarded[-1].rpartition(",")[2].strip().lower() in ("https", "wss")


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
