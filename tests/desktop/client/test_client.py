"""The whole client against a real socket and real HTTP."""

import asyncio
from typing import Any

import pytest

from salebell_desktop.client.address import AddressRefused
from salebell_desktop.credentials import Problem
from salebell_desktop.identity.errors import IdentityUnavailable, ServerUnreachable, SignInRefused
from salebell_desktop.store import Announcement, LinkState, ListState
from salebell_protocol.http import Provider
from salebell_protocol.messages import (
    Auth,
    AuthError,
    AuthErrorCode,
    AuthExpiring,
    Recovery,
    Seen,
)

pytestmark = pytest.mark.plain_asyncio

FRESH, COMPLETE, RESET, DEFERRED = Recovery.FRESH, Recovery.COMPLETE, Recovery.RESET, Recovery.DEFERRED


class TestSigningIn:
    async def test_from_nobody_to_sales_on_the_desk(self, bench: Any, shop: Any, until: Any) -> None:
        client = bench.client()
        client.start()
        assert bench.desk.link.state is LinkState.SIGNED_OUT
        shop.sales = [shop.sale("b", 2), shop.sale("a", 1)]
        await client.sign_in(bench.address, "ana@example.com", "correct")
        assert bench.desk.account.email == "ana@example.com"
        assert bench.desk.link.state is LinkState.CONNECTING
        peer, auth = await shop.admit(offset=2, unread=2)
        assert auth == Auth(token="id-1", device="test")
        await until(lambda: bench.desk.stores and bench.desk.store("main").list_state is ListState.CURRENT)
        assert bench.desk.badge == 2
        assert bench.desk.link.state is LinkState.CONNECTED
        assert bench.desk.server_version == "salebell/9.9.9"
        assert [sale.id for sale in bench.desk.store("main").sales.newest(9)] == ["b", "a"]
        assert bench.desk.account.session_only, "the bench keeps credentials in memory"
        peer.send(shop.event(3))
        await until(lambda: bench.desk.badge == 3)

    async def test_a_wrong_password(self, bench: Any, shop: Any) -> None:
        client = bench.client()
        client.start()
        with pytest.raises(SignInRefused, match=r"E-mail or password is wrong\."):
            await client.sign_in(bench.address, "ana@example.com", "wrong")
        assert bench.desk.account is None

    async def test_as_somebody_else_signs_the_first_one_out(
        self, signed_in: Any, bench: Any, shop: Any, server: Any, until: Any
    ) -> None:
        shop.sales = [shop.sale("s1", 1)]
        client, _ = await signed_in(offset=1)
        await until(lambda: len(bench.desk.store("main").sales))
        shop.uid = "u2"
        await client.sign_in(bench.address, "ana@example.com", "correct")
        assert bench.desk.account.uid == "u2"
        assert "POST /v1/auth/sign-out" in server.requests
        _, auth = await shop.admit()
        assert auth.resume is None

    async def test_a_file_that_cannot_be_written(
        self, signed_in: Any, bench: Any, shop: Any, until: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A directory stands where the file is written first."""
        (bench.directory / "sign-in.json.new").mkdir()
        client, _ = await signed_in()
        assert "could not be written down" in caplog.text
        await client.sign_out()
        assert bench.desk.account is None

    async def test_nobody_there(self, bench: Any, server: Any) -> None:
        client = bench.client()
        await server.stop()
        with pytest.raises(ServerUnreachable):
            await client.sign_in(bench.address, "ana@example.com", "correct")

    async def test_no_address(self, bench: Any) -> None:
        with pytest.raises(AddressRefused):
            await bench.client().sign_in("ws://shop.example.com", "ana@example.com", "correct")

    async def test_a_server_that_cannot_check_it(self, bench: Any, shop: Any) -> None:
        shop.refusals["sign-in"] = [(503, "auth_unavailable")]
        with pytest.raises(IdentityUnavailable):
            await bench.client().sign_in(bench.address, "ana@example.com", "correct")

    async def test_checking_a_server(self, bench: Any, shop: Any) -> None:
        offer = await bench.client().check_server(bench.address)
        assert offer.address.key == f"ws://{bench.address}"
        assert offer.config.provider is Provider.LOCAL

    async def test_a_kind_of_sign_in_that_is_not_known(self, bench: Any, shop: Any) -> None:
        shop.provider = Provider.FIREBASE
        with pytest.raises(SignInRefused, match="does not know"):
            await bench.client().check_server(bench.address)

    async def test_another_kind_than_before_gets_no_password(
        self, signed_in: Any, bench: Any, shop: Any, server: Any
    ) -> None:
        client, _ = await signed_in()
        await client.sign_out()
        shop.provider = Provider.FIREBASE
        server.requests.clear()
        with pytest.raises(SignInRefused, match="another kind of sign-in"):
            await client.sign_in(bench.address, "ana@example.com", "correct")
        assert server.requests == ["GET /v1/client-config"]

    async def test_signing_in_again_as_the_same_admin(self, signed_in: Any, bench: Any, shop: Any, until: Any) -> None:
        client, peer = await signed_in(offset=2)
        peer.send(shop.event(3))
        await until(lambda: bench.desk.badge == 1)
        await client.sign_in(bench.address, "ana@example.com", "correct")
        _, auth = await shop.admit(COMPLETE, 3, unread=1)
        assert auth.resume == shop.position(3)
        assert bench.desk.badge == 1


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
        assert client.last_account.email == "ana@example.com"
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
        assert not client.last_account.signed_in


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
        assert "POST /v1/auth/sign-out" in server.requests
        await asyncio.wait_for(peer.closed.wait(), 5)
        await bench.stop()
        client = bench.client()
        client.start()
        assert bench.desk.account is None
        assert not client.last_account.signed_in
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


class TestTheSession:
    async def test_4423_ends_it(self, signed_in: Any, bench: Any, shop: Any, until: Any) -> None:
        client, peer = await signed_in()
        peer.send(AuthError(code=AuthErrorCode.REVOKED, message="no"))
        peer.close(4423)
        await until(lambda: bench.desk.account is None)
        assert "disabled" in bench.desk.sign_in_reason
        await bench.stop()
        client = bench.client()
        client.start()
        assert bench.desk.account is None
        assert client.last_account.email == "ana@example.com"

    async def test_4401_refreshes_once_then_asks_to_sign_in(
        self, signed_in: Any, bench: Any, shop: Any, until: Any
    ) -> None:
        _, peer = await signed_in()
        peer.close(4401)
        peer = await bench.server.peer()
        assert (await peer.receive(Auth)).token == "id-2"
        peer.close(4401)
        await until(lambda: bench.desk.account is None)
        assert "sign in again" in bench.desk.sign_in_reason

    async def test_4419_refreshes_and_comes_back_at_once(
        self, signed_in: Any, bench: Any, shop: Any, until: Any
    ) -> None:
        bench.jitter = 0.999
        _, peer = await signed_in(offset=4)
        peer.close(4419)
        _, auth = await shop.admit(COMPLETE, 4)
        assert auth.token == "id-2"
        assert auth.resume == shop.position(4)

    async def test_4403_stops_and_says_so(self, signed_in: Any, bench: Any, shop: Any, until: Any) -> None:
        _, peer = await signed_in()
        peer.send(AuthError(code=AuthErrorCode.NOT_ADMIN, message="no"))
        peer.close(4403)
        await until(lambda: bench.desk.link.state is LinkState.REFUSED)
        assert bench.desk.link.reason == "This account is not an admin of this shop."
        assert bench.desk.account is not None

    async def test_a_refused_refresh_ends_it(self, signed_in: Any, bench: Any, shop: Any, until: Any) -> None:
        _, peer = await signed_in()
        shop.refusals["refresh"] = [(401, "revoked")]
        peer.close(4419)
        await until(lambda: bench.desk.account is None)
        assert "signed out" in bench.desk.sign_in_reason

    async def test_a_refresh_that_fails_in_passing_does_not(
        self, signed_in: Any, bench: Any, shop: Any, until: Any
    ) -> None:
        _, peer = await signed_in()
        shop.refusals["refresh"] = [(503, "auth_unavailable"), (502, "")]
        peer.close(4419)
        _, auth = await shop.admit(COMPLETE)
        assert auth.token == "id-2"
        assert len(shop.refreshed) == 3

    async def test_renewing_on_the_open_socket(self, signed_in: Any, bench: Any, shop: Any, until: Any) -> None:
        _, peer = await signed_in(offset=4)
        peer.send(AuthExpiring(expires_at=0))
        renewal = await peer.receive(Auth)
        assert renewal == Auth(token="id-2", store="main", device="test")
        peer.send(shop.success(COMPLETE, 5, unread=1))
        peer.send(shop.event(5))
        await until(lambda: bench.desk.store("main").resume == shop.position(5))
        assert bench.desk.badge == 1
        assert bench.server.dials == 1

    async def test_several_stores_refresh_once(self, signed_in: Any, bench: Any, shop: Any, until: Any) -> None:
        shop.stores = ("main", "outlet", "third")
        _, first = await signed_in()
        peers = [first, (await shop.admit())[0], (await shop.admit())[0]]
        await until(lambda: bench.desk.link.state is LinkState.CONNECTED)
        for peer in peers:
            peer.send(AuthExpiring(expires_at=0))
        assert {(await peer.receive(Auth)).token for peer in peers} == {"id-2"}
        assert len(shop.refreshed) == 1
