"""Signing in: what a server offers, who is let in, and what is kept of it."""

import asyncio
import json
from typing import Any

import pytest

from salebell_desktop.client.address import AddressRefused
from salebell_desktop.credentials import CredentialKey
from salebell_desktop.identity import Means
from salebell_desktop.identity.errors import IdentityUnavailable, ServerUnreachable, SignInRefused
from salebell_desktop.store import Change, LinkState, ListState
from salebell_protocol.http import FirebaseConfig, Provider
from salebell_protocol.messages import Auth, Recovery

pytestmark = pytest.mark.plain_asyncio

ANA = ("ana@example.com", "correct")


class TestSigningIn:
    async def test_from_nobody_to_sales_on_the_desk(self, bench: Any, shop: Any, until: Any) -> None:
        client = bench.client()
        client.start()
        assert bench.desk.link.state is LinkState.SIGNED_OUT
        shop.sales = [shop.sale("b", 2), shop.sale("a", 1)]
        await client.sign_in(bench.address, *ANA)
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
            await client.sign_in(bench.address, *ANA)

    async def test_no_address(self, bench: Any) -> None:
        with pytest.raises(AddressRefused):
            await bench.client().sign_in("ws://shop.example.com", *ANA)

    async def test_a_server_that_cannot_check_it(self, bench: Any, shop: Any) -> None:
        shop.refusals["sign-in"] = [(503, "auth_unavailable")]
        with pytest.raises(IdentityUnavailable):
            await bench.client().sign_in(bench.address, *ANA)

    async def test_signing_in_again_as_the_same_admin(self, signed_in: Any, bench: Any, shop: Any, until: Any) -> None:
        client, peer = await signed_in(offset=2)
        peer.send(shop.event(3))
        await until(lambda: bench.desk.badge == 1)
        await client.sign_in(bench.address, *ANA)
        _, auth = await shop.admit(Recovery.COMPLETE, 3, unread=1)
        assert auth.resume == shop.position(3)
        assert bench.desk.badge == 1
        assert len(client.accounts) == 1
        assert shop.signed_out == []

    async def test_who_gives_up_at_the_last_moment_leaves_nothing_half_done(
        self, signed_in: Any, bench: Any, shop: Any
    ) -> None:
        client, _ = await signed_in()
        signing_in = asyncio.create_task(client.sign_in(bench.address, *ANA))

        def give_up(_change: Change) -> None:
            signing_in.cancel()

        bench.desk.observe(give_up)
        with pytest.raises(asyncio.CancelledError):
            await signing_in
        _, auth = await shop.admit()
        assert auth.token == "id-2"
        assert bench.desk.account.uid == "u1"


class TestWhatAServerOffers:
    async def test_accounts_of_its_own(self, bench: Any, shop: Any) -> None:
        offer = await bench.client().check_server(bench.address)
        assert offer.address.key == f"ws://{bench.address}"
        assert offer.config.provider is Provider.LOCAL
        assert offer.means == {Means.PASSWORD}

    async def test_a_firebase_project(self, bench: Any, shop: Any) -> None:
        shop.provider = Provider.FIREBASE
        offer = await bench.client().check_server(bench.address)
        assert offer.means == {Means.PASSWORD, Means.RESET, Means.GOOGLE}

    async def test_one_that_says_nothing_of_its_project(self, bench: Any, shop: Any) -> None:
        shop.provider, shop.firebase = Provider.FIREBASE, None
        with pytest.raises(SignInRefused, match="does not know"):
            await bench.client().check_server(bench.address)

    @pytest.mark.parametrize(("protocol", "said"), [(2, "needs a newer version"), (0, "too old")])
    async def test_another_protocol(self, bench: Any, shop: Any, protocol: int, said: str) -> None:
        shop.protocol = protocol
        with pytest.raises(SignInRefused, match=said):
            await bench.client().check_server(bench.address)
        with pytest.raises(SignInRefused, match=said):
            await bench.client().sign_in(bench.address, *ANA)


class TestThePin:
    """A forged answer must not lead passwords elsewhere."""

    @pytest.mark.parametrize("sign_out", [True, False])
    async def test_another_kind_than_before_gets_no_password(
        self, signed_in: Any, bench: Any, shop: Any, server: Any, sign_out: bool
    ) -> None:
        client, _ = await signed_in()
        if sign_out:
            await client.sign_out()
        await bench.stop()
        client = bench.client()
        shop.provider = Provider.FIREBASE
        server.requests.clear()
        for asked in (
            client.check_server(bench.address),
            client.sign_in(bench.address, *ANA),
            client.sign_in_with_google(bench.address),
            client.reset_password(bench.address, ANA[0]),
        ):
            with pytest.raises(SignInRefused, match=r"another kind of sign-in .* told you why\."):
                await asked
        assert set(server.requests) == {"GET /v1/client-config"}
        assert bench.project.asked == []

    async def test_another_project_than_before_neither(self, signed_in: Any, bench: Any, shop: Any) -> None:
        shop.provider = Provider.FIREBASE
        client, _ = await signed_in()
        await client.sign_out()
        bench.project.asked.clear()
        shop.firebase = FirebaseConfig(project_id="shop-2", api_key="key-1")
        with pytest.raises(SignInRefused, match="another kind of sign-in"):
            await client.sign_in(bench.address, *ANA)
        assert bench.project.asked == []
        shop.firebase = FirebaseConfig(project_id="shop-1", api_key="key-2", google_client_id="id")
        await client.sign_in(bench.address, *ANA)
        assert bench.project.made[-1] == shop.firebase

    async def test_a_sign_in_that_did_not_succeed_pins_nothing(self, bench: Any, shop: Any) -> None:
        client = bench.client()
        with pytest.raises(SignInRefused):
            await client.sign_in(bench.address, "ana@example.com", "wrong")
        shop.provider = Provider.FIREBASE
        await client.check_server(bench.address)


class TestAdmission:
    """Whoever the provider knows is not an admin yet."""

    @pytest.mark.parametrize(
        ("status", "code", "said"),
        [
            (403, "not_admin", "is not an admin of any shop. Please ask"),
            (403, "store_forbidden", "is not an admin of any shop. Please ask"),
            (401, "revoked", "was disabled, or signed out everywhere. Please ask"),
            (401, "token_invalid", "The server does not accept this sign-in. Please ask"),
        ],
    )
    async def test_who_is_not_let_in_leaves_nothing(
        self, bench: Any, shop: Any, keyring: Any, status: int, code: str, said: str
    ) -> None:
        bench.credentials = keyring
        client = bench.client()
        client.start()
        shop.refusals["admission"] = [(status, code)]
        with pytest.raises(SignInRefused, match=said):
            await client.sign_in(bench.address, *ANA)
        assert bench.desk.account is None
        assert client.accounts == ()
        assert keyring.tokens == {}
        assert shop.signed_out == ["refresh-1"], "nobody holds that session"
        assert list(bench.directory.glob("sign-in*")) == []
        shop.provider = Provider.FIREBASE
        await client.check_server(bench.address)

    async def test_who_gives_up_meanwhile_leaves_no_session(self, bench: Any, shop: Any) -> None:
        asked = asyncio.Event()

        async def never(*_: object) -> Any:
            asked.set()
            await asyncio.Event().wait()

        bench.server.routes["GET /v1/sales"] = never
        signing_in = asyncio.create_task(bench.client().sign_in(bench.address, *ANA))
        await asked.wait()
        signing_in.cancel()
        with pytest.raises(asyncio.CancelledError):
            await signing_in
        assert shop.signed_out == ["refresh-1"]
        assert bench.desk.account is None

    async def test_whoever_is_signed_in_stays_so(self, signed_in: Any, bench: Any, shop: Any) -> None:
        client, _ = await signed_in()
        shop.become("u2", "bea@example.com", "Bea")
        shop.refusals["admission"] = [(403, "not_admin")]
        with pytest.raises(SignInRefused):
            await client.sign_in(bench.address, "bea@example.com", "correct")
        assert bench.desk.account.uid == "u1"
        assert bench.desk.link.state is LinkState.CONNECTED

    @pytest.mark.parametrize(
        ("status", "code"), [(503, "log_unavailable"), (503, "auth_unavailable"), (401, "token_expired"), (502, "")]
    )
    async def test_a_server_that_cannot_tell_is_no_reason_to_refuse(
        self, bench: Any, shop: Any, status: int, code: str
    ) -> None:
        client = bench.client()
        shop.refusals["admission"] = [(status, code)]
        await client.sign_in(bench.address, *ANA)
        await shop.admit()
        assert client.active == CredentialKey(bench.server.address, "u1")

    async def test_one_that_is_gone_by_then_neither(self, bench: Any, shop: Any, server: Any) -> None:
        def gone(*_: object) -> Any:
            raise ConnectionResetError

        server.routes["GET /v1/sales"] = gone
        await bench.client().sign_in(bench.address, *ANA)
        assert bench.desk.account is not None

    async def test_a_provider_that_takes_no_session_back_does_not_matter(self, bench: Any, shop: Any) -> None:
        del bench.server.routes["POST /v1/auth/sign-out"]
        shop.refusals["admission"] = [(403, "not_admin")]
        with pytest.raises(SignInRefused):
            await bench.client().sign_in(bench.address, *ANA)


class TestFirebase:
    @pytest.fixture(autouse=True)
    def firebase(self, shop: Any) -> None:
        shop.provider = Provider.FIREBASE

    async def test_with_a_password(self, signed_in: Any, bench: Any, shop: Any) -> None:
        client, _ = await signed_in()
        assert bench.project.asked == ["sign in ana@example.com"]
        assert client.accounts[0].provider is Provider.FIREBASE

    async def test_with_google(self, bench: Any, shop: Any, until: Any) -> None:
        client = bench.client()
        signing_in = asyncio.create_task(client.sign_in_with_google(bench.address))
        await until(lambda: bench.project.asked == ["google"])
        assert not signing_in.done()
        bench.project.browser.set()
        await signing_in
        assert bench.desk.account.uid == "u1"
        await shop.admit()

    async def test_the_browser_holds_nothing_up_and_can_be_given_up(
        self, signed_in: Any, bench: Any, shop: Any, until: Any
    ) -> None:
        client, _ = await signed_in()
        signing_in = asyncio.create_task(client.sign_in_with_google(bench.address))
        await until(lambda: bench.project.asked[-1] == "google")
        await client.sign_out()
        assert bench.desk.account is None
        signing_in.cancel()
        with pytest.raises(asyncio.CancelledError):
            await signing_in
        assert client.accounts == ()

    async def test_a_forgotten_password(self, bench: Any, shop: Any) -> None:
        await bench.client().reset_password(bench.address, " ana@example.com ")
        assert bench.project.asked == ["reset ana@example.com"]
        assert bench.desk.account is None

    async def test_tokens_are_refreshed_while_the_server_cannot_be_reached(
        self, signed_in: Any, bench: Any, shop: Any, server: Any, until: Any
    ) -> None:
        await signed_in()
        await bench.stop()
        await server.stop()
        bench.client().start()
        await until(lambda: bench.project.asked[-1] == "refresh refresh-1")
        await until(lambda: bench.desk.link.attempt > 0)
        assert bench.desk.account is not None

    async def test_a_project_that_was_never_written_down_asks_for_the_password(
        self, signed_in: Any, bench: Any, until: Any
    ) -> None:
        await signed_in()
        await bench.stop()
        file = bench.directory / "sign-in.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"pins": {}}))
        bench.client().start()
        await until(lambda: bench.desk.account is None)
        assert bench.desk.sign_in_reason == "Please sign in again."

    async def test_another_api_key_is_taken_up(self, signed_in: Any, bench: Any, shop: Any, until: Any) -> None:
        await signed_in()
        await bench.stop()
        bench.project.bad_keys["key-1"] = IdentityUnavailable("The server cannot check the sign-in just now.")
        shop.firebase = FirebaseConfig(project_id="shop-1", api_key="key-2")
        bench.client().start()
        _, auth = await shop.admit(Recovery.COMPLETE)
        assert auth.token == "id-2"
        await bench.stop()
        bench.project.made.clear()
        bench.client().start()
        await shop.admit(Recovery.COMPLETE)
        assert bench.project.made == [shop.firebase], "it was written down"

    async def test_another_project_is_not(self, signed_in: Any, bench: Any, shop: Any, server: Any, until: Any) -> None:
        await signed_in()
        await bench.stop()
        bench.project.bad_keys["key-1"] = IdentityUnavailable("The server cannot check the sign-in just now.")
        shop.firebase = FirebaseConfig(project_id="shop-2", api_key="key-2")
        bench.project.made.clear()
        server.requests.clear()
        bench.client().start()
        await until(lambda: "GET /v1/client-config" in server.requests)
        await until(lambda: bench.desk.link.attempt > 1)
        assert {config.project_id for config in bench.project.made} == {"shop-1"}
