"""What servers offer to sign in with, and signing in to them. Nothing is kept here."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import msgspec

from salebell_desktop.client.address import ServerAddress, parse_address
from salebell_desktop.client.http import ServerHttp
from salebell_desktop.client.reach import OLDER_SERVER, UNKNOWN_MEANS
from salebell_desktop.connection.reasons import NEWER_SERVER
from salebell_desktop.identity import IdentityProvider, Means
from salebell_desktop.identity.errors import HttpFailure, IdentityUnavailable, ServerProblem, SignInRefused
from salebell_desktop.identity.following import FollowingProvider
from salebell_desktop.identity.saved import Pin
from salebell_protocol import PROTOCOL_VERSION
from salebell_protocol.http import ClientConfig, Provider, Tokens

SIGN_OUT_SECONDS = 3.0
"""Giving a session back that nobody may use can take so long."""

ELSEWHERE = (
    "This server asks for another kind of sign-in than before. Do not sign in before whoever runs it has told you why."
)

_NO_ADMIN = "This account is not an admin of any shop. Please ask whoever runs your server."
_NOT_ADMITTED = {
    "not_admin": _NO_ADMIN,
    "store_forbidden": _NO_ADMIN,
    "revoked": "This account was disabled, or signed out everywhere. Please ask whoever runs your server.",
    "token_invalid": "The server does not accept this sign-in. Please ask whoever runs your server.",
}
"""By the code of the server's refusal."""

OpenHttp = Callable[[ServerAddress], ServerHttp]
MakeProvider = Callable[[Pin, ServerHttp], IdentityProvider | None]
How = Callable[[IdentityProvider], Awaitable[Tokens]]


class ServerOffer(msgspec.Struct, frozen=True):
    """A server that answers, and how it signs admins in."""

    address: ServerAddress
    config: ClientConfig
    means: frozenset[Means]


class SignedIn(msgspec.Struct, frozen=True):
    """An admin who has just signed in. Whoever has it closes `http`."""

    address: ServerAddress
    http: ServerHttp
    pin: Pin
    provider: IdentityProvider
    tokens: Tokens


class Servers:
    """Finds out how servers sign in, and does it.

    Args:
        pinned: where a server signed in before, by its address.
        http: opens HTTP to a server.
        provider: the identity provider of a place, for the server that the HTTP goes to; None when this program does
            not know it.
        changed: told of new settings of a pinned place.
    """

    def __init__(
        self,
        pinned: Callable[[str], Pin | None],
        http: OpenHttp,
        provider: MakeProvider,
        changed: Callable[[str, Pin], None],
    ) -> None:
        self._pinned = pinned
        self.http = http
        self._make = provider
        self._changed = changed

    async def check(self, text: str) -> ServerOffer:
        """Whether there is a server at an address as people type it, and how it signs admins in.

        Raises:
            AddressRefused: it is no address, or must not be used.
            HttpFailure: nothing of ours answers there.
            SignInRefused: it signs in elsewhere than when this program was last signed in to it, or by means or a
                protocol that this program does not know.
        """
        address = parse_address(text)
        http = self.http(address)
        try:
            config, provider = await self._offered(address, http)
        finally:
            await http.close()
        return ServerOffer(address, config, provider.means)

    async def sign_in(self, server: str, how: How) -> SignedIn:
        """Sign in, and ask the server whether it lets this account in.

        A server that cannot be asked is no reason not to: its socket will tell.

        Raises:
            AddressRefused, HttpFailure: as `check`.
            SignInRefused: as `check`, by the provider, or by the server.
            IdentityUnavailable: it could not be found out.
        """
        address = parse_address(server)
        http = self.http(address)
        try:
            config, provider = await self._offered(address, http)
            tokens = await how(provider)
            await _be_admitted(http, provider, tokens)
        except BaseException:
            await http.close()
            raise
        pin = Pin.of(config)
        return SignedIn(address, http, pin, self._following(address.key, pin, provider, http), tokens)

    async def reset_password(self, server: str, email: str) -> None:
        """Have a link for a new password sent. Raises as `sign_in` does."""
        address = parse_address(server)
        http = self.http(address)
        try:
            _, provider = await self._offered(address, http)
            await provider.reset_password(email.strip())
        finally:
            await http.close()

    def returning(self, server: str, kind: Provider, http: ServerHttp) -> IdentityProvider | None:
        """The provider of an account that signed in before, by the settings of then; no server is needed for it."""
        pin = self._pinned(server)
        if pin is None or pin.provider is not kind:
            pin = Pin(provider=kind)
        provider = self._make(pin, http)
        return None if provider is None else self._following(server, pin, provider, http)

    async def _offered(self, address: ServerAddress, http: ServerHttp) -> tuple[ClientConfig, IdentityProvider]:
        config = await http.client_config()
        if config.protocol != PROTOCOL_VERSION:
            raise SignInRefused(NEWER_SERVER if config.protocol > PROTOCOL_VERSION else OLDER_SERVER)
        offered, pinned = Pin.of(config), self._pinned(address.key)
        if pinned is not None and not pinned.admits(offered):
            raise SignInRefused(ELSEWHERE)
        provider = self._make(offered, http)
        if provider is None:
            raise SignInRefused(UNKNOWN_MEANS)
        return config, provider

    def _following(self, server: str, pin: Pin, provider: IdentityProvider, http: ServerHttp) -> IdentityProvider:
        """Accounts of the server itself have no settings that could change."""
        if pin.provider is Provider.LOCAL:
            return provider
        return FollowingProvider(
            pin,
            provider,
            make=lambda other: self._make(other, http),
            look=http.client_config,
            changed=lambda other: self._changed(server, other),
        )


async def _be_admitted(http: ServerHttp, provider: IdentityProvider, tokens: Tokens) -> None:
    """Whoever the provider knows is not an admin yet: ask the server, before anything is kept.

    Raises:
        SignInRefused: it does not let them in.
    """
    try:
        refusal = await _refusal(http, tokens.id_token)
    except asyncio.CancelledError:  # somebody gives up
        await _give_back(provider, tokens)
        raise
    if refusal is None:
        return
    await _give_back(provider, tokens)
    raise SignInRefused(refusal)


async def _give_back(provider: IdentityProvider, tokens: Tokens) -> None:
    """End a session that nobody will use."""
    with suppress(IdentityUnavailable, TimeoutError):
        async with asyncio.timeout(SIGN_OUT_SECONDS):
            await provider.sign_out(tokens.refresh_token)


async def _refusal(http: ServerHttp, token: str) -> str | None:
    try:
        await http.sales(None, token, limit=1)
    except ServerProblem as problem:
        return _NOT_ADMITTED.get(problem.code) if problem.status in (401, 403) else None
    except HttpFailure:
        return None
    return None
