"""Refresh tokens in the keyring of the operating system.

Only back ends that encrypt what they keep are used, whatever else is installed or configured: the Secret Service or
KWallet on Linux, the Keychain on macOS, the Credential Locker on Windows.

The library is imported on the thread that first needs it, so that the program does not start later for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from typing import TYPE_CHECKING, TypeVar

import msgspec

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


class _Stage(Enum):
    """How far a wish has come."""

    WAITING = auto()
    """The keyring does not know of it."""
    UNDER_WAY = auto()
    """The keyring is being told, on some thread."""
    DONE = auto()
    """The keyring knows."""


class _Wish(msgspec.Struct):
    """What the keyring is to have for somebody: a token, or none."""

    token: str | None
    stage: _Stage = _Stage.WAITING

    def __repr__(self) -> str:
        """Without the token."""
        return f"_Wish({self.stage.name})"


class KeyringCredentials:
    """A `CredentialStore` in a keyring.

    What the keyring does not take is held in memory, and told to it again at the next occasion.

    Args:
        backend: gives the keyring to use, at each call anew, since a keyring may come up after the program; may
            block, and raise `keyring.errors.NoKeyringError`.
        timeout: seconds that a call may take.
    """

    def __init__(self, backend: Callable[[], KeyringBackend] = system_backend, timeout: float = TIMEOUT) -> None:
        self._backend = backend
        self._timeout = timeout
        self._turn = asyncio.Lock()
        self._wishes: dict[str, _Wish] = {}
        """The last one of each user of this run."""

    @property
    def lasting(self) -> bool:
        """True."""
        return True

    async def load(self, key: CredentialKey) -> str | None:
        """See `CredentialStore.load`."""
        user = _user(key)
        wish = self._wishes.get(user)
        if wish is not None and wish.stage is not _Stage.DONE:
            return wish.token

        def load(backend: KeyringBackend) -> str | None:
            token = backend.get_password(SERVICE, user)
            self._tell_others(backend)
            return token

        return await self._call(load)

    async def save(self, key: CredentialKey, refresh_token: str) -> None:
        """See `CredentialStore.save`."""
        await self._want(key, refresh_token)

    async def forget(self, key: CredentialKey) -> None:
        """See `CredentialStore.forget`."""
        await self._want(key, None)

    async def _want(self, key: CredentialKey, token: str | None) -> None:
        user = _user(key)
        self._wishes[user] = _Wish(token)

        def tell(backend: KeyringBackend) -> None:
            self._tell(backend, user)
            self._tell_others(backend)

        await self._call(tell)

    # On a thread. A call that nobody waits for any more may still come to its end, after later ones.

    def _tell(self, backend: KeyringBackend, user: str) -> None:
        """Give the keyring what is wanted of it, until that is the last that was wanted."""
        while True:
            wish = self._wishes[user]
            wish.stage = _Stage.UNDER_WAY
            try:
                _write(backend, user, wish.token)
            except BaseException:
                wish.stage = _Stage.WAITING
                raise
            wish.stage = _Stage.DONE
            if self._wishes[user] is wish:
                return

    def _tell_others(self, backend: KeyringBackend) -> None:
        """The keyring works: what it did not take before, it may take now."""
        for user, wish in tuple(self._wishes.items()):
            if wish.stage is _Stage.WAITING:
                with suppress(Exception):
                    self._tell(backend, user)

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


def _write(backend: KeyringBackend, user: str, token: str | None) -> None:
    if token is not None:
        # keyring wraps this method in a decorator that has no types
        backend.set_password(SERVICE, user, token)  # pyright: ignore[reportUnknownMemberType]
    # Back ends do not tell "there is none" from "it cannot be deleted" by the exception.
    elif backend.get_password(SERVICE, user) is not None:
        backend.delete_password(SERVICE, user)


def _user(key: CredentialKey) -> str:
    return f"{key.uid} at {key.server}"
