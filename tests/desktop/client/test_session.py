"""How a session goes on and ends: what each close code does on a real socket, and renewing."""

import asyncio
import time
from typing import Any

import pytest

from salebell_desktop.store import LinkState
from salebell_protocol.messages import Auth, AuthError, AuthErrorCode, AuthExpiring, Recovery

pytestmark = pytest.mark.plain_asyncio

COMPLETE = Recovery.COMPLETE


@pytest.fixture
def ring(bench: Any, keyring: Any) -> Any:
    bench.credentials = keyring
    return keyring


@pytest.fixture
async def kept(ring: Any, signed_in: Any, until: Any) -> Any:
    """A client whose token is in the keyring, and its first socket."""
    client, peer = await signed_in(offset=4)
    await until(lambda: ring.tokens)
    return client, peer


class TestSessionsThatEnd:
    """The desk is signed out, with a sentence; the entry of the account stays, so that its e-mail can be offered."""

    @pytest.mark.parametrize(
        ("code", "error", "said"),
        [
            (4423, AuthErrorCode.REVOKED, "This account was disabled, or signed out everywhere. Please sign in again."),
            (
                4403,
                AuthErrorCode.NOT_ADMIN,
                "This account is not an admin any more. Please ask whoever runs your server.",
            ),
        ],
    )
    async def test_for_good(
        self, kept: Any, bench: Any, ring: Any, until: Any, caplog: Any, code: int, error: Any, said: str
    ) -> None:
        client, peer = kept
        peer.send(AuthError(code=error, message="no"))
        peer.close(code)
        await until(lambda: bench.desk.account is None)
        assert bench.desk.sign_in_reason == said
        assert caplog.messages == [f"the session ended: {said}"]
        assert [(each.email, each.signed_in) for each in client.accounts] == [("ana@example.com", False)]
        await until(lambda: not ring.tokens)
        assert bench.server.dials == 1
        await bench.stop()
        bench.client().start()
        assert bench.desk.account is None

    async def test_whatever_store_the_role_is_missed_in(
        self, ring: Any, signed_in: Any, bench: Any, shop: Any, until: Any
    ) -> None:
        shop.stores = ("main", "outlet")
        await signed_in()
        outlet, auth = await shop.admit()
        assert auth.store == "outlet"
        outlet.send(AuthError(code=AuthErrorCode.NOT_ADMIN, message="no"))
        outlet.close(4403)
        await until(lambda: bench.desk.account is None)
        assert bench.desk.stores == ()
        await until(lambda: not ring.tokens)

    async def test_a_refresh_that_is_under_way_brings_no_token_back(
        self, kept: Any, bench: Any, shop: Any, ring: Any, until: Any
    ) -> None:
        _, peer = kept
        asked, go_on = asyncio.Event(), asyncio.Event()

        async def slow(*_: object) -> Any:
            asked.set()
            await go_on.wait()
            return 200, shop.next_tokens()

        bench.server.routes["POST /v1/auth/refresh"] = slow
        peer.send(AuthExpiring(expires_at=0))
        await asked.wait()
        peer.send(AuthError(code=AuthErrorCode.NOT_ADMIN, message="no"))
        peer.close(4403)
        ring.slow()
        await until(lambda: bench.desk.account is None)
        go_on.set()
        asyncio.get_running_loop().call_later(0.3, ring.go_on)
        await until(lambda: not ring.tokens)
        await bench.stop()
        assert ring.tokens == {}

    async def test_a_refresh_that_is_refused(
        self, kept: Any, bench: Any, shop: Any, ring: Any, until: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        _, peer = kept
        shop.refusals["refresh"] = [(401, "revoked")]
        peer.close(4419)
        await until(lambda: bench.desk.account is None)
        assert "signed out" in bench.desk.sign_in_reason
        assert len([line for line in caplog.messages if "the session ended" in line]) == 1
        await until(lambda: not ring.tokens)

    async def test_one_that_is_refused_while_the_socket_is_well(
        self, ring: Any, bench: Any, shop: Any, until: Any
    ) -> None:
        """The list asked for it."""
        shop.refusals["sales"] = [(401, "token_expired")]
        shop.refusals["refresh"] = [(401, "revoked")]
        client = bench.client()
        await client.sign_in(bench.address, "ana@example.com", "correct")
        peer, _ = await shop.admit()
        await until(lambda: bench.desk.account is None)
        assert "signed out" in bench.desk.sign_in_reason
        assert not client.accounts[0].signed_in
        await asyncio.wait_for(peer.closed.wait(), 5)

    async def test_4401_refreshes_once_then_asks_to_sign_in(
        self, kept: Any, bench: Any, shop: Any, ring: Any, until: Any
    ) -> None:
        _, peer = kept
        peer.close(4401)
        peer = await bench.server.peer()
        assert (await peer.receive(Auth)).token == "id-2"
        peer.close(4401)
        await until(lambda: bench.desk.account is None)
        assert bench.desk.sign_in_reason == "The server does not accept this sign-in. Please sign in again."
        assert len(shop.refreshed) == 1
        assert ring.tokens, "the provider has not ended the session"


class TestSessionsThatGoOn:
    async def test_4419_refreshes_and_comes_back_at_once(self, kept: Any, bench: Any, shop: Any) -> None:
        bench.jitter = 0.999
        _, peer = kept
        peer.close(4419)
        _, auth = await shop.admit(COMPLETE, 4)
        assert auth.token == "id-2"
        assert auth.resume == shop.position(4)
        assert len(shop.refreshed) == 1

    async def test_4419_again_waits_and_does_not_refresh_in_a_loop(
        self, kept: Any, bench: Any, shop: Any, ring: Any, until: Any
    ) -> None:
        _, peer = kept
        peer.close(4419)
        peer = await bench.server.peer()
        peer.close(4419)
        await until(lambda: bench.desk.link.attempt >= 4)
        assert len(shop.refreshed) == 1
        assert bench.desk.account is not None
        assert ring.tokens

    async def test_4503_keeps_the_credentials_and_waits(
        self, kept: Any, bench: Any, shop: Any, ring: Any, until: Any
    ) -> None:
        client, peer = kept
        bench.jitter = 0.999
        peer.send(AuthError(code=AuthErrorCode.AUTH_UNAVAILABLE, message="no"))
        peer.close(4503)
        await until(lambda: bench.desk.link.next_try is not None)
        assert bench.desk.link.state is LinkState.CONNECTING
        assert bench.desk.link.reason == "The server cannot check the sign-in just now."
        assert ring.tokens
        assert client.accounts[0].signed_in
        _, auth = await shop.admit(COMPLETE, 4)
        assert (auth.token, auth.resume) == ("id-1", shop.position(4))
        assert shop.refreshed == []

    @pytest.mark.parametrize("code", [1001, 1012, 4408, 4413])
    async def test_others_come_back_and_resume(self, kept: Any, shop: Any, code: int) -> None:
        _, peer = kept
        peer.close(code)
        _, auth = await shop.admit(COMPLETE, 4)
        assert (auth.token, auth.resume) == ("id-1", shop.position(4))
        assert shop.refreshed == []

    async def test_4429_waits_for_long(self, kept: Any, bench: Any, until: Any) -> None:
        _, peer = kept
        peer.close(4429)
        await until(lambda: bench.desk.link.next_try is not None)
        assert bench.desk.link.next_try - time.time() > 55
        assert bench.server.dials == 1

    @pytest.mark.parametrize(
        ("code", "said"), [(4400, "did not understand"), (1009, "too large"), (4403, "not an admin of this shop")]
    )
    async def test_what_would_fail_again_stops_and_says_so(
        self, kept: Any, bench: Any, ring: Any, until: Any, code: int, said: str
    ) -> None:
        _, peer = kept
        peer.close(code)
        await until(lambda: bench.desk.link.state is LinkState.REFUSED)
        assert said in bench.desk.link.reason
        assert bench.desk.account is not None
        assert bench.server.dials == 1
        assert ring.tokens

    async def test_a_refresh_that_fails_in_passing_ends_nothing(self, kept: Any, bench: Any, shop: Any) -> None:
        _, peer = kept
        shop.refusals["refresh"] = [(503, "auth_unavailable"), (502, "")]
        peer.close(4419)
        _, auth = await shop.admit(COMPLETE)
        assert auth.token == "id-2"
        assert len(shop.refreshed) == 3


class TestRenewing:
    async def test_on_the_open_socket(self, signed_in: Any, bench: Any, shop: Any, until: Any) -> None:
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

    async def test_the_servers_time_decides_when(
        self, ring: Any, signed_in: Any, bench: Any, shop: Any, until: Any
    ) -> None:
        """By the provider the token is good for an hour, by the server's clock it has run out."""
        shop.remaining = 0
        _, peer = await signed_in(offset=4)
        await until(lambda: bench.desk.link.state is LinkState.CONNECTED)
        shop.remaining = 3600
        peer.drop()
        _, auth = await shop.admit(COMPLETE, 4)
        assert auth.token == "id-2", "a fresh one before it connects"
        assert len(shop.refreshed) == 1
