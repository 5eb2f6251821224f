"""New settings of the same project, and what is not taken for them."""

from typing import Any

import pytest
from msgspec.structs import replace

from salebell_desktop.identity import Means
from salebell_desktop.identity.errors import IdentityUnavailable, ServerUnreachable, SessionEnded
from salebell_desktop.identity.following import FollowingProvider
from salebell_desktop.identity.saved import Pin
from salebell_protocol.http import ClientConfig, FirebaseConfig, Provider

pytestmark = pytest.mark.plain_asyncio

FIREBASE = FirebaseConfig(project_id="shop-1", api_key="key-1")
CONFIG = ClientConfig(provider=Provider.FIREBASE, server="salebell/1.0.0", firebase=FIREBASE)
PIN = Pin.of(CONFIG)
OTHER_KEY = replace(CONFIG, firebase=replace(FIREBASE, api_key="key-2"))


class Server:
    """Says its settings, and makes providers for them; those of "key-1" fail once `rotated`."""

    def __init__(self, issuer: Any) -> None:
        self.issuer = issuer
        self.config: ClientConfig | None = CONFIG
        self.asked = 0
        self.made: list[Pin] = []
        self.changed: list[Pin] = []
        self.knows = True

    async def look(self) -> ClientConfig:
        self.asked += 1
        if self.config is None:
            raise ServerUnreachable("The server cannot be reached.")
        return self.config

    def make(self, pin: Pin) -> Any:
        if not self.knows:
            return None
        self.made.append(pin)
        self.issuer.failure = None
        return self.issuer


@pytest.fixture
def server(issuer: Any) -> Server:
    return Server(issuer)


@pytest.fixture
def provider(issuer: Any, server: Server) -> FollowingProvider:
    return FollowingProvider(PIN, issuer, make=server.make, look=server.look, changed=server.changed.append)


async def test_while_it_works_nobody_is_asked(provider: FollowingProvider, server: Server) -> None:
    assert (await provider.refresh("refresh-0")).id_token == "id-1"
    assert server.asked == 0
    assert provider.kind is Provider.LOCAL
    assert Means.PASSWORD in provider.means


async def test_another_key_of_the_same_project_is_taken_up(
    provider: FollowingProvider, server: Server, issuer: Any
) -> None:
    issuer.failure = IdentityUnavailable("Later.")
    server.config = OTHER_KEY
    assert (await provider.refresh("refresh-0")).id_token == "id-2"
    assert server.made == server.changed == [Pin.of(OTHER_KEY)]
    issuer.failure = IdentityUnavailable("Later.")
    with pytest.raises(IdentityUnavailable):
        await provider.refresh("refresh-2")
    assert server.changed == [Pin.of(OTHER_KEY)], "it is the same as before"


@pytest.mark.parametrize(
    "config",
    [
        CONFIG,
        replace(CONFIG, firebase=replace(FIREBASE, project_id="shop-2")),
        replace(CONFIG, firebase=None),
        replace(CONFIG, provider=Provider.LOCAL),
        None,
    ],
)
async def test_anything_else_is_not(
    provider: FollowingProvider, server: Server, issuer: Any, config: ClientConfig | None
) -> None:
    issuer.failure = IdentityUnavailable("Later.")
    server.config = config
    with pytest.raises(IdentityUnavailable, match="Later"):
        await provider.refresh("refresh-0")
    assert server.made == server.changed == []
    assert issuer.refreshed == ["refresh-0"]


async def test_settings_that_the_program_does_not_know(
    provider: FollowingProvider, server: Server, issuer: Any
) -> None:
    issuer.failure = IdentityUnavailable("Later.")
    server.config, server.knows = OTHER_KEY, False
    with pytest.raises(IdentityUnavailable):
        await provider.refresh("refresh-0")
    assert server.changed == []


async def test_what_is_final_stays_so(provider: FollowingProvider, server: Server, issuer: Any) -> None:
    issuer.failure = SessionEnded("Gone.")
    with pytest.raises(SessionEnded):
        await provider.refresh("refresh-0")
    assert server.asked == 0


async def test_all_else_is_the_providers(provider: FollowingProvider, issuer: Any) -> None:
    assert (await provider.sign_in("ana@example.com", "x")).id_token == "id-0"
    assert (await provider.sign_in_with_google()).id_token == "id-0"
    await provider.reset_password("ana@example.com")
    await provider.sign_out("refresh-0")
    assert issuer.signed_out == ["refresh-0"]
    assert issuer.resets == ["ana@example.com"]
