"""Where refresh tokens are kept: `CredentialStore` is the contract.

    keyring     the keyring of the operating system
    memory      for this run of the program only

Never a plain file.
"""

from enum import Enum, auto
from typing import Protocol

import msgspec


class CredentialKey(msgspec.Struct, frozen=True):
    """Whose refresh token it is.

    Attributes:
        server: the server's address, as `ServerAddress.key` writes it.
        uid: the identity provider's id of the admin.
    """

    server: str
    uid: str


class Problem(Enum):
    """What is the matter with a keyring."""

    MISSING = auto()
    """This computer has none."""
    LOCKED = auto()
    """It is locked, and was not unlocked when the system asked."""
    SILENT = auto()
    """It did not answer in time; perhaps it is asking for its password somewhere."""
    BROKEN = auto()
    """It failed in some other way."""


class CredentialsUnavailable(Exception):
    """A token could not be read, kept or deleted. The text is a sentence for people.

    Attributes:
        problem: what is the matter.
    """

    def __init__(self, problem: Problem, message: str) -> None:
        super().__init__(message)
        self.problem = problem


class CredentialStore(Protocol):
    """Keeps one refresh token a server and admin.

    Guarantees:
        - The last wish holds: a call that failed or was given up is not done after a later one, and until the program
          ends `load` answers as if it had been done.
        - No method blocks the event loop, or takes much longer than some seconds; none keeps the program from ending.
        - Nothing of a token is in a log, an error or a `repr`.

    Every method may raise `CredentialsUnavailable`.
    """

    @property
    def lasting(self) -> bool:
        """Whether what is kept is still there after the program has ended."""
        ...

    async def load(self, key: CredentialKey) -> str | None:
        """The token kept for `key`, if there is one."""
        ...

    async def save(self, key: CredentialKey, refresh_token: str) -> None:
        """Keep a token in place of the one before."""
        ...

    async def forget(self, key: CredentialKey) -> None:
        """Delete the token. Harmless when there is none."""
        ...
