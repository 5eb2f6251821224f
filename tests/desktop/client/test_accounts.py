"""Several accounts: one is shown, the others are kept, and a forgotten one leaves nothing."""

import asyncio
import sqlite3
from typing import Any

import pytest

from salebell_desktop.credentials import CredentialKey, Problem
from salebell_desktop.credentials.keyring import KeyringCredentials
from salebell_desktop.store import Change, LinkState
from salebell_protocol.http import Problem as HttpProblem
from salebell_protocol.http import Provider
from salebell_protocol.messages import AuthError, AuthErrorCode, AuthExpiring, Recovery

pytestmark = pytest.mark.plain_asyncio


@pytest.fixture
def ana(bench: Any) -> CredentialKey:
    return CredentialKey(bench.server.address, "u1")


@pytest.fixture
def bea(bench: Any) -> CredentialKey:
    return CredentialKey(bench.server.address, "u2")


@pytest.fixture
async def two(signed_in: Any, bench: Any, shop: Any, keyring: Any, until: Any) -> Any:
    """A client at which Ana signed in, then Bea, who is active: each with a sale of her own."""
    bench.credentials = keyring
    shop.sales = [shop.sale("ana-1", 1)]
    client, _ = await signed_in(offset=1, seen=1)
    await until(lambda: len(bench.desk.store("main").sales))
    shop.become("u2", "bea@example.com", "Bea")
    shop.sales = [shop.sale("bea-1", 2)]
    await client.sign_in(bench.address, "bea@example.com", "correct")
    await shop.admit(offset=1, seen=1)
    await until(lambda: bench.desk.stores and len(bench.desk.store("main").sales))
    await until(lambda: len(keyring.tokens) == 2)
    return client


def who(bench: Any) -> str | None:
    account = bench.desk.account
    return None if account is None else account.uid


def shown(bench: Any) -> list[str]:
    return [sale.id for sale in bench.desk.store("main").sales.newest(9)]


class TestSigningInAsSomebodyElse:
    async def test_the_one_before_is_kept(
        self, two: Any, bench: Any, shop: Any, keyring: Any, ana: Any, bea: Any
    ) -> None:
        assert bench.desk.account.uid == "u2"
        assert shown(bench) == ["bea-1"]
        assert [(account.uid, account.signed_in) for account in two.accounts] == [("u2", True), ("u1", True)]
        assert two.active == bea
        assert shop.signed_out == []
        assert set(keyring.tokens) == {ana, bea}

    async def test_the_next_start_returns_to_the_last_one(self, two: Any, bench: Any, shop: Any) -> None:
        await bench.stop()
        client = bench.client()
        client.start()
        assert bench.desk.account.uid == "u2"
        assert shown(bench) == ["bea-1"]
        await shop.admit(Recovery.COMPLETE, 1)
        assert [account.uid for account in client.accounts] == ["u2", "u1"]

    async def test_a_token_that_is_being_kept_is_not_lost(
        self, signed_in: Any, bench: Any, shop: Any, keyring: Any, ana: Any, until: Any
    ) -> None:
        bench.credentials = keyring
        keyring.slow()
        client, _ = await signed_in()
        shop.become("u2", "bea@example.com", "Bea")
        await client.sign_in(bench.address, "bea@example.com", "correct")
        assert keyring.tokens == {}
        asyncio.get_running_loop().call_later(0.3, keyring.go_on)
        await until(lambda: keyring.tokens.get(ana) == "refresh-1")

    async def test_what_the_keyring_says_of_it_is_not_said_of_the_other(
        self, signed_in: Any, bench: Any, shop: Any, keyring: Any, ana: Any, bea: Any, until: Any
    ) -> None:
        bench.credentials = keyring
        keyring.slow()
        keyring.problem, keyring.only = Problem.LOCKED, ana
        client, _ = await signed_in()
        shop.become("u2", "bea@example.com", "Bea")
        await client.sign_in(bench.address, "bea@example.com", "correct")
        await until(lambda: bea in keyring.tokens)
        said: list[str] = []

        def listen(_change: Change) -> None:
            account = bench.desk.account
            if account is not None and account.uid == "u2" and account.session_only:
                said.append("this one ends with the program")

        bench.desk.observe(listen)
        keyring.go_on()
        await until(lambda: not client._finishing)
        assert said == []


class TestSwitching:
    async def test_the_other_ones_sales_are_there_at_once_and_are_followed(
        self, two: Any, bench: Any, shop: Any, until: Any
    ) -> None:
        shop.become("u1", "ana@example.com", "Ana")
        await two.switch_account(bench.server.address, "u1")
        assert bench.desk.account.uid == "u1"
        assert bench.desk.account.email == "ana@example.com"
        assert shown(bench) == ["ana-1"], "before anything came from the server"
        assert bench.desk.link.state is LinkState.CONNECTING
        peer, auth = await shop.admit(Recovery.COMPLETE, 2, unread=1, seen=1)
        assert auth.resume == shop.position(1)
        assert shop.refreshed == ["refresh-1"]
        peer.send(shop.event(2))
        await until(lambda: shown(bench) == ["s2", "ana-1"])
        assert [account.uid for account in two.accounts] == ["u1", "u2"]

    async def test_and_back_again_at_once(self, two: Any, bench: Any, shop: Any, until: Any) -> None:
        await two.switch_account(bench.server.address, "u1")
        await two.switch_account(bench.server.address, "u2")
        assert bench.desk.account.uid == "u2"
        assert shown(bench) == ["bea-1"]
        await until(lambda: len(shop.refreshed) >= 1)
        assert two.active.uid == "u2"

    async def test_the_one_that_is_left_gets_nothing_more(self, two: Any, bench: Any, shop: Any) -> None:
        peer = bench.server.peers[-1]
        await two.switch_account(bench.server.address, "u1")
        await asyncio.wait_for(peer.closed.wait(), 5)
        assert bench.desk.badge == 0

    async def test_to_itself_or_to_nobody_changes_nothing(self, two: Any, bench: Any) -> None:
        dials = bench.server.dials
        await two.switch_account(bench.server.address, "u2")
        await two.switch_account(bench.server.address, "u9")
        assert bench.desk.account.uid == "u2"
        assert bench.desk.link.state is LinkState.CONNECTED
        assert bench.server.dials == dials

    async def test_one_that_needs_its_password_is_offered_with_a_sentence(
        self, two: Any, bench: Any, shop: Any, until: Any, keyring: Any, bea: Any
    ) -> None:
        peer = bench.server.peers[-1]
        peer.send(AuthError(code=AuthErrorCode.REVOKED, message="no"))
        peer.close(4423)
        await until(lambda: bench.desk.account is None)
        await until(lambda: bea not in keyring.tokens)
        shop.become("u1", "ana@example.com", "Ana")
        await two.switch_account(bench.server.address, "u1")
        await shop.admit(Recovery.COMPLETE, 1)

        await two.switch_account(bench.server.address, "u2")
        assert who(bench) is None
        assert bench.desk.sign_in_reason == "This account was signed out. Please sign in again."
        assert [(account.email, account.signed_in) for account in two.accounts] == [
            ("bea@example.com", False), ("ana@example.com", True),
        ]  # fmt: skip
        assert two.active is None
        await two.switch_account(bench.server.address, "u1")
        assert who(bench) == "u1"

    async def test_one_whose_last_refresh_is_refused_after_it_was_left(
        self, two: Any, bench: Any, shop: Any, keyring: Any, bea: Any, until: Any
    ) -> None:
        asked, go_on = asyncio.Event(), asyncio.Event()

        async def refused(*_: object) -> Any:
            asked.set()
            await go_on.wait()
            return 401, HttpProblem(title="No", status=401, code="revoked", detail="")

        usual = bench.server.routes["POST /v1/auth/refresh"]
        bench.server.routes["POST /v1/auth/refresh"] = refused
        bench.server.peers[-1].send(AuthExpiring(expires_at=0))
        await asked.wait()
        bench.server.routes["POST /v1/auth/refresh"] = usual
        await two.switch_account(bench.server.address, "u1")
        go_on.set()
        await until(lambda: bea not in keyring.tokens)
        assert [account.signed_in for account in two.accounts] == [True, False]
        assert bench.desk.account.uid == "u1"

    async def test_a_token_that_is_gone_asks_for_the_password(
        self, two: Any, bench: Any, keyring: Any, ana: Any, until: Any
    ) -> None:
        del keyring.tokens[ana]
        await two.switch_account(bench.server.address, "u1")
        await until(lambda: bench.desk.account is None)
        assert bench.desk.sign_in_reason == "Please sign in again."
        assert not two.accounts[0].signed_in

    async def test_an_account_of_another_server(
        self, two: Any, bench: Any, shop: Any, other_shop: Any, until: Any
    ) -> None:
        """Each server has its own provider, and its own tokens for the same uid."""
        other_shop.provider = Provider.FIREBASE
        other_shop.become("u2", "bea@example.org", "Bea")
        other_shop.sales = [other_shop.sale("other-1", 1)]
        await two.sign_in(other_shop.server.address, "bea@example.org", "correct")
        await other_shop.admit(offset=1, seen=1)
        await until(lambda: bench.desk.stores and shown(bench) == ["other-1"])
        assert len(two.accounts) == 3
        await two.switch_account(bench.server.address, "u2")
        assert shown(bench) == ["bea-1"]
        await two.switch_account(other_shop.server.address, "u2")
        assert shown(bench) == ["other-1"]
        assert bench.desk.account.email == "bea@example.org"


class TestStarting:
    async def test_with_the_address_of_another_server(self, two: Any, bench: Any, other_shop: Any) -> None:
        await two.sign_in(other_shop.server.address, "ana@example.com", "correct")
        await bench.stop()
        client = bench.client()
        client.start(bench.server.address)
        assert bench.desk.account.uid == "u2", "the one used last there"
        await bench.stop()
        client = bench.client()
        client.start("localhost:1")
        assert bench.desk.account is None
        assert len(client.accounts) == 3


class TestSigningOut:
    async def test_only_the_active_one_is_forgotten_and_nobody_takes_its_place(
        self, two: Any, bench: Any, shop: Any, keyring: Any, ana: Any
    ) -> None:
        await two.sign_out()
        assert bench.desk.account is None
        assert bench.desk.sign_in_reason == ""
        assert [account.uid for account in two.accounts] == ["u1"]
        assert two.active is None
        assert shop.signed_out == ["refresh-2"]
        assert set(keyring.tokens) == {ana}
        await bench.stop()
        assert "bea" not in (bench.directory / "sign-in.json").read_text().lower()
        kept = (bench.directory / "cache.db").read_bytes()
        assert b"bea-1" not in kept
        assert b"ana-1" in kept

        client = bench.client()
        client.start()
        assert bench.desk.account is None, "nobody is switched to silently"
        client.start(bench.server.address)
        assert bench.desk.account is None, "whatever server is named"
        await client.switch_account(bench.server.address, "u1")
        assert shown(bench) == ["ana-1"]

    async def test_a_token_that_cannot_be_deleted_is_deleted_at_the_next_start(
        self, two: Any, bench: Any, keyring: Any, ana: Any, bea: Any, until: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        keyring.problem = Problem.LOCKED
        await two.sign_out()
        assert "could not be deleted" in caplog.text
        assert bea in keyring.tokens
        await bench.stop()
        keyring.problem = None
        bench.client().start()
        await until(lambda: set(keyring.tokens) == {ana})

    async def test_neither_do_sales_that_could_not_be_deleted_stay(
        self, two: Any, bench: Any, until: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        file = bench.directory / "cache.db"
        await bench.stop()
        client = bench.client()
        client.start()
        other = sqlite3.connect(file)
        other.execute("BEGIN IMMEDIATE")
        await client.sign_out()
        assert "sales of an account could not be deleted" in caplog.text
        other.rollback()
        other.close()
        await bench.stop()
        assert b"bea-1" in file.read_bytes()
        bench.client().start()
        await until(lambda: '"leftovers"' not in (bench.directory / "sign-in.json").read_text())
        await bench.stop()
        assert b"bea-1" not in file.read_bytes()

    async def test_also_when_somebody_else_is_returned_to(
        self, two: Any, bench: Any, shop: Any, keyring: Any, ana: Any, until: Any
    ) -> None:
        keyring.problem = Problem.LOCKED
        await two.sign_out()
        keyring.problem = None
        await two.switch_account(bench.server.address, "u1")
        await until(lambda: set(keyring.tokens) == {ana})
        assert who(bench) == "u1"

    async def test_one_that_is_signed_in_to_before_its_turn_is_not_deleted(
        self, two: Any, bench: Any, shop: Any, keyring: Any, bea: Any, until: Any
    ) -> None:
        keyring.problem = Problem.LOCKED
        await two.switch_account(bench.server.address, "u1")
        await two.sign_out()
        await two.sign_in(bench.address, "bea@example.com", "correct")
        await two.sign_out()
        await bench.stop()
        keyring.problem = None
        keyring.slow()
        client = bench.client()
        client.start()
        await client.sign_in(bench.address, "bea@example.com", "correct")
        keyring.go_on()
        await until(lambda: '"leftovers"' not in (bench.directory / "sign-in.json").read_text())
        await until(lambda: bea in keyring.tokens)
        await bench.stop()
        assert list(keyring.tokens) == [bea]

    async def test_signing_in_again_meanwhile_keeps_the_new_one(
        self, two: Any, bench: Any, shop: Any, keyring: Any, bea: Any, until: Any
    ) -> None:
        keyring.problem = Problem.LOCKED
        await two.sign_out()
        keyring.problem = None
        await two.sign_in(bench.address, "bea@example.com", "correct")
        await shop.admit()
        await until(lambda: keyring.tokens[bea] == "refresh-3")
        await bench.stop()
        bench.client().start()
        await shop.admit(Recovery.COMPLETE)
        assert keyring.tokens[bea] == "refresh-4"


class TestNames:
    async def test_another_name_is_written_down(self, two: Any, bench: Any, shop: Any, until: Any) -> None:
        shop.name = "Beatriz"
        bench.server.peers[-1].send(shop.success(Recovery.COMPLETE, 1, seen=1))
        await until(lambda: bench.desk.account.name == "Beatriz")
        assert two.accounts[0].name == "Beatriz"
        await bench.stop()
        client = bench.client()
        client.start()
        assert bench.desk.account.name == "Beatriz"


class TestWithoutAKeyring:
    @pytest.fixture
    def none(self, bench: Any) -> None:
        def missing() -> Any:
            from keyring.errors import NoKeyringError

            raise NoKeyringError

        bench.credentials = KeyringCredentials(missing)

    async def test_all_last_as_long_as_the_program(
        self, none: None, signed_in: Any, bench: Any, shop: Any, until: Any
    ) -> None:
        client, _ = await signed_in()
        await until(lambda: bench.desk.account.session_only)
        shop.become("u2", "bea@example.com", "Bea")
        await client.sign_in(bench.address, "bea@example.com", "correct")
        await shop.admit()
        await until(lambda: bench.desk.account.session_only)
        shop.become("u1", "ana@example.com", "Ana")
        await client.switch_account(bench.server.address, "u1")
        assert bench.desk.account.uid == "u1"
        await shop.admit(Recovery.COMPLETE)
        await until(lambda: bench.desk.account.session_only)
        await bench.stop()
        bench.credentials = KeyringCredentials(bench.credentials._backend)
        bench.client().start()
        await until(lambda: bench.desk.account is None)
        assert bench.desk.sign_in_reason == (
            "This computer has no keyring to keep the sign-in in. Please sign in again."
        )
