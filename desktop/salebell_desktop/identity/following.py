"""An identity provider whose settings may change while the program runs, such as its API key."""

from collections.abc import Awaitable, Callable

from salebell_desktop.identity import IdentityProvider, Means
from salebell_desktop.identity.errors import HttpFailure, IdentityUnavailable
from salebell_desktop.identity.saved import Pin
from salebell_protocol.http import ClientConfig, Provider, Tokens


class FollowingProvider:
    """An `IdentityProvider` that asks its server for new settings when it cannot refresh, and takes them up.

    They are those of the pinned place, or they are not taken.

    Args:
        pin: the place, and the settings to begin with.
        provider: the one for these.
        make: the provider for other settings; None when there is none.
        look: what the server says now; may raise `HttpFailure`.
        changed: told of new settings.
    """

    def __init__(
        self,
        pin: Pin,
        provider: IdentityProvider,
        *,
        make: Callable[[Pin], IdentityProvider | None],
        look: Callable[[], Awaitable[ClientConfig]],
        changed: Callable[[Pin], None],
    ) -> None:
        self._pin = pin
        self._provider = provider
        self._make = make
        self._look = look
        self._tell_changed = changed

    @property
    def kind(self) -> Provider:
        """See `IdentityProvider.kind`."""
        return self._provider.kind

    @property
    def means(self) -> frozenset[Means]:
        """See `IdentityProvider.means`."""
        return self._provider.means

    async def sign_in(self, email: str, password: str) -> Tokens:
        """See `IdentityProvider.sign_in`."""
        return await self._provider.sign_in(email, password)

    async def sign_in_with_google(self) -> Tokens:
        """See `IdentityProvider.sign_in_with_google`."""
        return await self._provider.sign_in_with_google()

    async def reset_password(self, email: str) -> None:
        """See `IdentityProvider.reset_password`."""
        await self._provider.reset_password(email)

    async def refresh(self, refresh_token: str) -> Tokens:
        """See `IdentityProvider.refresh`."""
        try:
            return await self._provider.refresh(refresh_token)
        except IdentityUnavailable:
            if not await self._has_changed():
                raise
        return await self._provider.refresh(refresh_token)

    async def sign_out(self, refresh_token: str) -> None:
        """See `IdentityProvider.sign_out`."""
        await self._provider.sign_out(refresh_token)

    async def _has_changed(self) -> bool:
        try:
            offered = Pin.of(await self._look())
        except HttpFailure:
            return False
        provider = self._make(offered) if offered != self._pin and self._pin.admits(offered) else None
        if provider is None:
            return False
        self._pin, self._provider = offered, provider
        self._tell_changed(offered)
        return True
