"""Refresh tokens in the keyring of the operating system.

Only back ends that encrypt what they keep are used, whatever else is installed or configured: the Secret Service or
KWallet on Linux, the Keychain on macOS, the Credential Locker on Windows.

The library is imported on the thread that first needs it, so that the program does not start later for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from salebell_desktop.credentials import CredentialKey, CredentialsUnavailable, Problem
from salebell_desktop.credentials.daemon import in_daemon_thread

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

SERVICE = "Salebell"
TIMEOUT = 30.0
"""Seconds: long enough to type a password where the system asks for it."""

_SENTENCES = {
    Problem.MISSING: "This computer has no keyring to keep the sign-in in.",
    Problem.LOCKED: "The keyring of this computer is locked.",
    Problem.SILENT: "The keyring of this computer did not answer.",
    Problem.BROKEN: "The keyring of this computer failed.",
}


def system_backend() -> KeyringBackend:
    """The keyring of this system. Blocks: it asks the system whether there is one.

    Raises:
        keyring.errors.NoKeyringError: there is none.
    """
    from keyring.backends import SecretService, Windows, kwallet, macOS
    from keyring.errors import NoKeyringError

    candidates: tuple[type[KeyringBackend], ...] = (
        macOS.Keyring,
        Windows.WinVaultKeyring,
        SecretService.Keyring,
        kwallet.DBusKeyring,
    )
    for candidate in candidates:
        if candidate.viable:
            return candidate()
    raise NoKeyringError


class KeyringCredentials:
    """A `CredentialStore` in a keyring.

    Args:
        backend: gives the keyring to use, at each call anew, since a keyring may come up after the program; may
            block, and raise `keyring.errors.NoKeyringError`.
        timeout: seconds that a call may take.
    """

    def __init__(self, backend: Callable[[], KeyringBackend] = system_backend, timeout: float = TIMEOUT) -> None:
        self._backend = backend
        self._timeout = timeout
        self._turn = asyncio.Lock()

    @property
    def lasting(self) -> bool:
        """True."""
        return True

    async def load(self, key: CredentialKey) -> str | None:
        """See `CredentialStore.load`."""
        return await self._call(lambda backend: backend.get_password(SERVICE, _user(key)))

    async def save(self, key: CredentialKey, refresh_token: str) -> None:
        """See `CredentialStore.save`."""

        def save(backend: KeyringBackend) -> None:
            # keyring wraps this method in a decorator that has no types
            backend.set_password(SERVICE, _user(key), refresh_token)  # pyright: ignore[reportUnknownMemberType]

        await self._call(save)

    async def forget(self, key: CredentialKey) -> None:
        """See `CredentialStore.forget`."""

        def forget(backend: KeyringBackend) -> None:
            # Back ends do not tell "there is none" from "it cannot be deleted" by the exception.
            if backend.get_password(SERVICE, _user(key)) is not None:
                backend.delete_password(SERVICE, _user(key))

        await self._call(forget)

    async def _call(self, use: Callable[[KeyringBackend], T]) -> T:
        async with self._turn:
            try:
                outcome = await in_daemon_thread(lambda: _use(self._backend, use), self._timeout)
            except TimeoutError:
                outcome = Problem.SILENT
        if isinstance(outcome, Problem):
            raise CredentialsUnavailable(outcome, _SENTENCES[outcome])
        return outcome


def _use(backend: Callable[[], KeyringBackend], use: Callable[[KeyringBackend], T]) -> T | Problem:
    """What `use` makes of the keyring, or what is the matter with it.

    The exceptions of back ends go no further: their texts may repeat what they were given.
    """
    from keyring.errors import InitError, KeyringLocked, NoKeyringError

    try:
        return use(backend())
    except (NoKeyringError, InitError):
        return Problem.MISSING
    except KeyringLocked:
        return Problem.LOCKED
    except Exception:  # noqa: BLE001 - back ends also raise what their own libraries raise
        return Problem.BROKEN


def _user(key: CredentialKey) -> str:
    return f"{key.uid} at {key.server}"
