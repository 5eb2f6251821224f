"""What the composition root decides itself."""

from pathlib import Path

import pytest

from salebell_desktop.app import Providers, reset
from salebell_desktop.client.address import parse_address
from salebell_desktop.client.http import ServerHttp
from salebell_desktop.client.web import HttpxWeb
from salebell_desktop.credentials import CredentialKey, CredentialsUnavailable, Problem
from salebell_desktop.credentials.memory import MemoryCredentials
from salebell_desktop.identity import Means
from salebell_desktop.identity.endpoints import GOOGLE
from salebell_desktop.identity.saved import Pin, SavedAccount, SavedSignIns
from salebell_desktop.platform.directories import Directories, directories
from salebell_protocol.http import FirebaseConfig, Provider

SERVER = "wss://api.example.com"
LOCAL = Pin(provider=Provider.LOCAL)
FIREBASE = FirebaseConfig(project_id="shop-1", api_key="key-1")


class TestProviders:
    @pytest.fixture
    def providers(self) -> Providers:
        return Providers(HttpxWeb("salebell/test"), GOOGLE)

    @pytest.fixture
    def http(self) -> ServerHttp:
        return ServerHttp(parse_address(SERVER), "salebell/test")

    async def test_accounts_of_the_server(self, providers: Providers, http: ServerHttp) -> None:
        provider = providers(LOCAL, http)
        assert provider is not None
        assert (provider.kind, provider.means) == (Provider.LOCAL, {Means.PASSWORD})

    async def test_a_firebase_project(self, providers: Providers, http: ServerHttp) -> None:
        provider = providers(Pin(provider=Provider.FIREBASE, firebase=FIREBASE), http)
        assert provider is not None
        assert (provider.kind, provider.means) == (Provider.FIREBASE, {Means.PASSWORD, Means.RESET})

    async def test_one_with_google(self, providers: Providers, http: ServerHttp) -> None:
        config = FirebaseConfig(project_id="shop-1", api_key="key-1", google_client_id="id-1")
        provider = providers(Pin(provider=Provider.FIREBASE, firebase=config), http)
        assert provider is not None
        assert provider.means == frozenset(Means)

    async def test_a_project_that_is_not_known(self, providers: Providers, http: ServerHttp) -> None:
        assert providers(Pin(provider=Provider.FIREBASE), http) is None


class Locked(MemoryCredentials):
    """A keyring that deletes nothing."""

    async def forget(self, key: CredentialKey) -> None:
        raise CredentialsUnavailable(Problem.LOCKED, "The keyring of this computer is locked.")


class TestResetting:
    @pytest.fixture
    def places(self, tmp_path: Path) -> Directories:
        return directories({"SALEBELL_DESKTOP_DIR": str(tmp_path)}).create()

    @pytest.fixture
    def keys(self, places: Directories) -> list[CredentialKey]:
        """Of three accounts: one active, one kept, and one that is forgotten but for its token."""
        saved = SavedSignIns(places.settings / "account.json")
        for uid in ("u1", "u2", "u3"):
            account = SavedAccount(server=SERVER, provider=Provider.LOCAL, uid=uid, email="", name="")
            saved.signed_in(account, LOCAL)
        saved.forget(CredentialKey(SERVER, "u3"))
        (places.cache / "sales.db").write_bytes(b"sales")
        (places.cache / "pictures").mkdir()
        return [CredentialKey(SERVER, uid) for uid in ("u1", "u2", "u3")]

    async def test_nothing_of_any_account_is_left(self, places: Directories, keys: list[CredentialKey]) -> None:
        credentials = MemoryCredentials()
        for key in keys:
            await credentials.save(key, "token")
        await reset(places, credentials)
        assert [await credentials.load(key) for key in keys] == [None, None, None]
        assert list(places.settings.iterdir()) == []
        assert list(places.cache.iterdir()) == []

    async def test_a_keyring_that_does_not_open_is_told(
        self, places: Directories, keys: list[CredentialKey], caplog: pytest.LogCaptureFixture
    ) -> None:
        await reset(places, Locked())
        assert len([line for line in caplog.messages if "could not be deleted" in line]) == 3
        assert list(places.settings.iterdir()) == []
