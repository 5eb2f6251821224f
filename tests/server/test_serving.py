"""Binding a port, for one process and for several."""

import socket
import sys
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager

import pytest

from salebell_server.serving import AddressRefused, bind, bind_each


@contextmanager
def bound(sockets: Sequence[Sequence[socket.socket]]) -> Generator[int, None, None]:
    """Their port."""
    try:
        yield sockets[0][0].getsockname()[1]
    finally:
        for sock in (sock for each in sockets for sock in each):
            sock.close()


def accepted(sock: socket.socket) -> int:
    """How many connections wait there; they are taken and closed."""
    sock.settimeout(0)
    count = 0
    while True:
        try:
            sock.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


def test_each_process_gets_sockets_for_every_address_on_one_port() -> None:
    each = bind_each("localhost", 0, 3)
    with bound(each) as port:
        assert {sock.getsockname()[1] for sockets in each for sock in sockets} == {port}
        families = [[sock.family for sock in sockets] for sockets in each]
        assert len(families) == 3
        assert all(found == families[0] for found in families)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere all share one queue")
def test_no_process_is_left_out() -> None:
    each = bind_each("127.0.0.1", 0, 2)
    with bound(each) as port:
        for _ in range(200):
            socket.create_connection(("127.0.0.1", port)).close()
        found = [accepted(sock) for [sock] in each]
        assert sum(found) == 200
        assert min(found) > 0


@pytest.mark.parametrize("workers", [1, 2])
def test_a_port_that_several_processes_share_is_taken(workers: int) -> None:
    with bound(bind_each("127.0.0.1", 0, 2)) as port:
        with pytest.raises(AddressRefused, match="SALEBELL_PORT"):
            bind_each("127.0.0.1", port, workers)
        with pytest.raises(AddressRefused, match="SALEBELL_PORT"):
            bind("127.0.0.1", port)


def test_a_taken_port_is_taken_for_several_processes_too() -> None:
    taken = pytest.raises(AddressRefused, match="SALEBELL_PORT")
    with closing(socket.create_server(("127.0.0.1", 0))) as other, taken:
        bind_each("127.0.0.1", other.getsockname()[1], 2)
