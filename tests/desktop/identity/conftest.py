"""An identity provider to play with."""

import asyncio

import pytest

from salebell_desktop.identity.errors import IdentityError
from salebell_protocol.http import Provider, Tokens


class Issuer:
    """An `IdentityProvider` that rotates refresh tokens as the server does, and can be told to fail.

    Attributes:
        failure: raised by every call until it is None again.
        gate: a refresh waits for it.
    """

    def __init__(self) -> None:
        self.refreshed: list[str] = []
        self.signed_out: list[str] = []
        self.failure: IdentityError | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    def kind(self) -> Provider:
        return Provider.LOCAL

    def tokens(self, number: int, expires_in: int = 3600) -> Tokens:
        return Tokens(
            id_token=f"id-{number}", refresh_token=f"refresh-{number}", expires_in=expires_in, uid="u1",
            email="ana@example.com", name="Ana",
        )  # fmt: skip

    async def sign_in(self, email: str, password: str) -> Tokens:
        raise NotImplementedError

    async def refresh(self, refresh_token: str) -> Tokens:
        self.refreshed.append(refresh_token)
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return self.tokens(len(self.refreshed))

    async def sign_out(self, refresh_token: str) -> None:
        self.signed_out.append(refresh_token)
        if self.failure is not None:
            raise self.failure


class Keyring:
    """A `CredentialStore` that can be told to fail."""

    def __init__(self) -> None:
        self.tokens: dict[object, str] = {}
        self.failure: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    def lasting(self) -> bool:
        return True

    async def _use(self) -> None:
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure

    async def load(self, key: object) -> str | None:
        await self._use()
        return self.tokens.get(key)

    async def save(self, key: object, refresh_token: str) -> None:
        await self._use()
        self.tokens[key] = refresh_token

    async def forget(self, key: object) -> None:
        await self._use()
        self.tokens.pop(key, None)


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def ring() -> Keyring:
    return Keyring()
