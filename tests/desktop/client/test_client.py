"""The whole client against a real socket and real HTTP."""

import asyncio
from typing import Any

import pytest

from salebell_desktop.client.address import AddressRefused
from salebell_desktop.credentials import Problem
from salebell_desktop.store import Announcement, LinkState, ListState
from salebell_protocol.messages import Recovery, Seen

pytestmark = pytest.mark.plain_asyncio

COMPLETE = Recovery.COMPLETE


class TestComingBack:
    async def test_the_window_opens_full_and_what_was_missed_follows(
        self, signed_in: Any, bench: Any, shop: Any, until: Any
    ) -> None:
        shop.sales = [shop.sale("s1", 1)]
        _, peer = await signed_in(offset=1, seen=1)
        peer.send(shop.event(2))
        await until(lambda: bench.desk.badge == 1)
        await bench.stop()

        client = bench.client()
        announced: list[Announcement] = []
        bench.desk.announce_to(announced.append)
        client.start()
        assert bench.desk.account.uid == "u1"
        assert bench.desk.badge == 1, "before anything came from the server"
        assert [sale.id for sale in bench.desk.store("main").sales.newest(9)] == ["s2", "s1"]
        assert bench.desk.link.state is LinkState.CONNECTING
        peer, auth = await shop.admit(COMPLETE, 3, unread=2, seen=1)
        assert auth.store == "main"
        assert auth.resume == shop.position(2)
        assert auth.token == "id-2", "from the refresh token that was kept"
        peer.send(shop.event(3))
        await until(lambda: len(announced) == 1)
        assert announced[0].missed
        assert bench.desk.badge == 2
        assert bench.desk.store("main").list_state is ListState.CURRENT

    async def test_a_sale_that_was_not_shown_is_not_skipped(self, bench: Any, shop: Any, until: Any) -> None:
        client = bench.client()
        client.start()
        announced: list[Announcement] = []
        bench.desk.announce_to(announced.append)
        await client.sign_in(bench.address, "ana@example.com", "correct")
        peer, _ = await shop.admit(offset=1, seen=1)
        peer.send(shop.event(2), shop.event(3))
        await until(lambda: len(announced) == 2)
        bench.desk.shown(announced[:1])
        await bench.stop()

        client = bench.client()
        bench.desk.announce_to(announced.append)
        client.start()
        peer, auth = await shop.admit(COMPLETE, 3, unread=2, seen=1)
        assert auth.resume == shop.position(2)
        peer.send(shop.event(3))
        await until(lambda: len(announced) == 3)
        assert announced[2].event.id == "e3"

    async def test_a_look_of_the_last_run_is_told_to_the_server(
        self, signed_in: Any, bench: Any, shop: Any, until: Any
    ) -> None:
        bench.jitter = 0.999
        shop.sales = [shop.sale("s1", 1)]
        client, peer = await signed_in(offset=1, unread=1)
        await until(lambda: bench.desk.store("main").list_state is ListState.CURRENT)
        peer.drop()
        await until(lambda: bench.desk.link.state is LinkState.CONNECTING)
        bench.desk.look_at(["main"])
        assert bench.desk.badge == 0
        await bench.stop()

        client = bench.client()
        client.start()
        assert bench.desk.badge == 0
        peer, _ = await shop.admit(COMPLETE, 1, unread=1)
        assert await peer.receive(Seen) == Seen(epoch="first", offset=1)

    async def test_another_server_on_the_command_line(self, signed_in: Any, bench: Any, shop: Any, server: Any) -> None:
        await signed_in()
        await bench.stop()
        client = bench.client()
        client.start("localhost:1")
        assert bench.desk.account is None
        assert client.accounts[0].email == "ana@example.com"
        with pytest.raises(AddressRefused):
            client.start("http://shop.example.com")

    async def test_an_address_that_is_not_allowed_any_more(self, bench: Any) -> None:
        (bench.directory / "sign-in.json").write_text(
            '{"account": {"server": "ws://shop.example.com", "provider": "local", "uid": "u", "email": "", "name": ""}}'
        )
        bench.client().start()
        assert "without encryption" in bench.desk.sign_in_reason

    async def test_a_token_that_is_gone(self, signed_in: Any, bench: Any, shop: Any, until: Any) -> None:
        await signed_in()
        await bench.stop()
        bench.credentials = type(bench.credentials)()
        bench.client().start()
        await until(lambda: bench.desk.account is None)
        assert bench.desk.sign_in_reason == "Please sign in again."


class TestKeyrings:
    @pytest.fixture
    def ring(self, bench: Any, keyring: Any) -> Any:
        bench.credentials = keyring
        return keyring

    async def test_a_lasting_one(self, signed_in: Any, bench: Any, shop: Any, ring: Any, until: Any) -> None:
        await signed_in()
        await until(lambda: ring.tokens)
        assert not bench.desk.account.session_only

    async def test_none_at_all(self, signed_in: Any, bench: Any, shop: Any, ring: Any, until: Any) -> None:
        ring.problem = Problem.MISSING
        await signed_in()
        await until(lambda: bench.desk.account.session_only)
        await bench.stop()
        bench.client().start()
        await until(lambda: bench.desk.account is None)
        assert bench.desk.sign_in_reason == "The keyring does not open. Please sign in again."

    async def test_a_locked_one_loses_no_session(
        self, signed_in: Any, bench: Any, shop: Any, ring: Any, until: Any
    ) -> None:
        ring.problem = Problem.LOCKED
        _, peer = await signed_in()
        await until(lambda: bench.desk.account.session_only)
        assert bench.desk.link.state is LinkState.CONNECTED
        ring.problem = None
        peer.close(4419)
        await shop.admit(COMPLETE)
        await until(lambda: ring.tokens)
        await until(lambda: not bench.desk.account.session_only)

    async def test_a_locked_one_is_asked_again_once(
        self, signed_in: Any, bench: Any, shop: Any, ring: Any, until: Any
    ) -> None:
        await signed_in()
        await until(lambda: ring.tokens)
        await bench.stop()
        ring.problem = Problem.LOCKED
        client = bench.client()
        client.start()
        await until(lambda: bench.desk.link.state is LinkState.REFUSED)
        assert bench.desk.link.reason == "The keyring does not open. Unlock it, then choose Reconnect now."
        assert bench.desk.account is not None
        client.woke()
        client.network_returned()
        ring.problem = None
        client.reconnect_now()
        assert bench.desk.link.state is LinkState.CONNECTING
        await shop.admit(COMPLETE)
        await until(lambda: bench.desk.link.state is LinkState.CONNECTED)

    async def test_one_that_stays_locked(self, signed_in: Any, bench: Any, shop: Any, ring: Any, until: Any) -> None:
        await signed_in()
        await until(lambda: ring.tokens)
        await bench.stop()
        ring.problem = Problem.SILENT
        client = bench.client()
        client.start()
        await until(lambda: bench.desk.link.state is LinkState.REFUSED)
        client.reconnect_now()
        await until(lambda: bench.desk.account is None)
        await bench.stop()
        ring.problem = None
        bench.client().start()
        await shop.admit(COMPLETE)

    @pytest.mark.parametrize("problem", [None, Problem.LOCKED])
    async def test_signing_out_before_the_token_was_read(
        self, signed_in: Any, bench: Any, shop: Any, ring: Any, until: Any, problem: Problem | None
    ) -> None:
        await signed_in()
        await until(lambda: ring.tokens)
        await bench.stop()
        ring.problem = problem
        client = bench.client()
        client.start()
        await client.sign_out()
        assert bench.desk.account is None
        assert bool(ring.tokens) is (problem is not None)
        assert client.accounts == ()


class TestSigningOut:
    async def test_nothing_of_the_account_is_left(
        self, signed_in: Any, bench: Any, shop: Any, server: Any, until: Any
    ) -> None:
        shop.sales = [shop.sale("s1", 1)]
        client, peer = await signed_in(offset=1)
        await until(lambda: len(bench.desk.store("main").sales))
        await client.sign_out()
        assert bench.desk.account is None
        assert bench.desk.stores == ()
        assert shop.signed_out == ["refresh-1"]
        await asyncio.wait_for(peer.closed.wait(), 5)
        await bench.stop()
        client = bench.client()
        client.start()
        assert bench.desk.account is None
        assert client.accounts == ()
        assert b"ana" not in (bench.directory / "sign-in.json").read_bytes()
        assert b"s1" not in (bench.directory / "cache.db").read_bytes()
        await client.sign_in(bench.address, "ana@example.com", "correct")
        _, auth = await shop.admit()
        assert auth.resume is None

    async def test_a_server_that_is_gone_does_not_keep_anybody(
        self, signed_in: Any, bench: Any, shop: Any, server: Any
    ) -> None:
        client, _ = await signed_in()
        await server.stop()
        async with asyncio.timeout(8):
            await client.sign_out()
        assert bench.desk.account is None

    async def test_when_nobody_is_signed_in(self, bench: Any) -> None:
        await bench.client().sign_out()
