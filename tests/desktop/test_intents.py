"""What the views want, as the client is asked for it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from salebell_desktop.client.address import AddressRefused, parse_address
from salebell_desktop.client.client import Client
from salebell_desktop.client.export import CANNOT_WRITE
from salebell_desktop.client.servers import ServerOffer
from salebell_desktop.client.trust import Trust
from salebell_desktop.credentials import CredentialKey
from salebell_desktop.identity import Means
from salebell_desktop.identity.errors import (
    IdentityUnavailable,
    ServerProblem,
    ServerUnreachable,
    SessionEnded,
    SignInRefused,
)
from salebell_desktop.identity.saved import SavedAccount
from salebell_desktop.intents import NOT_CONNECTED, Intents
from salebell_desktop.store import Listing, Order, Query, SalesStore
from salebell_desktop.ui.actions import Actions, KnownAccount, ServerFound, Told
from salebell_protocol.http import ClientConfig, Provider
from salebell_protocol.sales import Sale

SERVER = "wss://api.example.com"
ANA = SavedAccount(server=SERVER, provider=Provider.LOCAL, uid="u1", email="ana@example.com", name="Ana")
BEA = SavedAccount(
    server="ws://localhost:3001",
    provider=Provider.FIREBASE,
    uid="u2",
    email="bea@example.com",
    name="",
    signed_in=False,
)


class Asked:
    """A client that notes what it is asked for, and fails with `failure` if there is one."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.failure: Exception | None = None
        self.accounts = (ANA, BEA)
        self.active: CredentialKey | None = None
        self.lists: Reader | None = None

    def __getattr__(self, name: str) -> Any:
        async def note(*arguments: object) -> None:
            self.asked.append((name, *arguments))
            if self.failure is not None:
                raise self.failure

        return note

    async def check_server(self, text: str) -> ServerOffer:
        if self.failure is not None:
            raise self.failure
        config = ClientConfig(provider=Provider.LOCAL, server="salebell/1.0.0")
        return ServerOffer(parse_address(text), config, frozenset({Means.PASSWORD, Means.GOOGLE}))


@pytest.fixture
def client() -> Asked:
    return Asked()


@pytest.fixture
def quits() -> list[str]:
    return []


@pytest.fixture
def intents(client: Asked, quits: list[str], tmp_path: Path) -> Actions:
    return Intents(cast("Client", client), Trust(tmp_path), lambda: quits.append("quit"))


async def test_a_server_and_what_it_offers(intents: Actions) -> None:
    found = await intents.check_server(" API.example.com ")
    assert found == ServerFound(address=SERVER, means=frozenset({Means.PASSWORD, Means.GOOGLE}))


async def test_signing_in(intents: Actions, client: Asked) -> None:
    assert await intents.sign_in(SERVER, "ana@example.com", "x") is None
    assert await intents.sign_in_with_google(SERVER) is None
    assert await intents.reset_password(SERVER, "ana@example.com") is None
    assert client.asked == [
        ("sign_in", SERVER, "ana@example.com", "x"),
        ("sign_in_with_google", SERVER),
        ("reset_password", SERVER, "ana@example.com"),
    ]


@pytest.mark.parametrize(
    ("failure", "untrusted"),
    [
        (AddressRefused("No."), False),
        (ServerProblem(503, "", "No."), False),
        (ServerUnreachable("No."), False),
        (ServerUnreachable("No.", untrusted=True), True),
        (SignInRefused("No."), False),
        (SessionEnded("No."), False),
        (IdentityUnavailable("No."), False),
        (IdentityUnavailable("No.", untrusted=True), True),
    ],
)
async def test_whatever_goes_wrong_is_told(
    intents: Actions, client: Asked, failure: Exception, untrusted: bool
) -> None:
    client.failure = failure
    told = Told("No.", untrusted=untrusted)
    assert await intents.check_server(SERVER) == told
    assert await intents.sign_in(SERVER, "ana@example.com", "x") == told
    assert await intents.sign_in_with_google(SERVER) == told
    assert await intents.reset_password(SERVER, "ana@example.com") == told


async def test_a_file_of_authorities_that_is_none(intents: Actions, tmp_path: Path) -> None:
    (tmp_path / "authority.pem").write_text("no certificate")
    told = await intents.trust_authority(tmp_path / "authority.pem")
    assert told is not None
    assert told.sentence.startswith("There is no certificate in this file.")


async def test_the_accounts(intents: Actions, client: Asked) -> None:
    client.active = ANA.key
    assert intents.accounts() == (
        KnownAccount(server=SERVER, uid="u1", email="ana@example.com", name="Ana", active=True, signed_in=True),
        KnownAccount(
            server="ws://localhost:3001", uid="u2", email="bea@example.com", name="", active=False, signed_in=False
        ),
    )
    client.active = None
    assert not any(account.active for account in intents.accounts())


async def test_what_is_done_in_the_background_is_seen_through(intents: Intents, client: Asked) -> None:
    intents.switch_account(SERVER, "u1")
    intents.sign_out()
    await intents.finish()
    assert client.asked == [("switch_account", SERVER, "u1"), ("sign_out",)]


class Reader:
    """A `ListReader` that answers with what it was asked for, or fails."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.loaded: list[Listing] = []

    async def load_more(self, listing: Listing) -> None:
        self.loaded.append(listing)

    async def sale(self, store: str, sale_id: str) -> str:
        if self.failure is not None:
            raise self.failure
        return f"{store} {sale_id}"

    history = statistics = sale

    async def everything(self, listing: Listing, progress: Callable[[int], None]) -> AsyncIterator[Sequence[Sale]]:
        if self.failure is not None:
            raise self.failure
        progress(len(listing.rows))
        yield listing.rows.newest(9)


async def test_reading_from_the_server(intents: Intents, client: Asked, tmp_path: Path) -> None:
    client.lists = reader = Reader()
    listing = SalesStore("main").listing(Query(), Order())
    intents.load_more(listing)
    await asyncio.sleep(0)
    assert reader.loaded == [listing]
    assert await intents.find_sale("main", "s1") == "main s1"
    assert await intents.history("main", "s1") == "main s1"
    assert await intents.statistics("main", "UTC") == "main UTC"
    told: list[int] = []
    assert await intents.export(listing, tmp_path / "x.csv", told.append) == 0
    assert told == [0]


async def test_reading_that_fails_is_told(intents: Intents, client: Asked, tmp_path: Path) -> None:
    client.lists = Reader(ServerUnreachable("The server cannot be reached."))
    listing = SalesStore("main").listing(Query(), Order())
    told = Told("The server cannot be reached.")
    assert await intents.find_sale("main", "s1") == told
    assert await intents.export(listing, tmp_path / "x.csv", lambda _count: None) == told
    assert await intents.export(listing, tmp_path / "no" / "x.csv", lambda _count: None) == Told(CANNOT_WRITE)


async def test_nothing_is_read_for_nobody(intents: Intents, client: Asked) -> None:
    client.lists = None
    intents.load_more(SalesStore("main").listing(Query(), Order()))
    await intents.finish()
    assert await intents.find_sale("main", "s1") == Told(NOT_CONNECTED)


def test_quitting(intents: Actions, quits: list[str]) -> None:
    intents.quit()
    assert quits == ["quit"]
