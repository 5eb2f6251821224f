"""Refresh tokens for this run of the program: where there is no keyring, and for demonstrations."""

from salebell_desktop.credentials import CredentialKey


class MemoryCredentials:
    """A `CredentialStore` that forgets everything when the program ends."""

    def __init__(self) -> None:
        self._tokens: dict[CredentialKey, str] = {}

    @property
    def lasting(self) -> bool:
        """False."""
        return False

    async def load(self, key: CredentialKey) -> str | None:
        """See `CredentialStore.load`."""
        return self._tokens.get(key)

    async def save(self, key: CredentialKey, refresh_token: str) -> None:
        """See `CredentialStore.save`."""
        self._tokens[key] = refresh_token

    async def forget(self, key: CredentialKey) -> None:
        """See `CredentialStore.forget`."""
        self._tokens.pop(key, None)
