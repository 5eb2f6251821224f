"""The accounts that the program can return to, and where each server signs its admins in.

Nothing in this file is secret, and nothing but names and addresses is personal.

A server is pinned at the first sign-in to it: its `/v1/client-config` must not lead the next password elsewhere than
the first. The pin is the server's, not an account's. It outlasts the last account that was kept for its server, since
a forged answer would harm most just then, when the password is about to be typed again. It names nobody; only
`salebell --reset` ends it.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Self

import msgspec
from msgspec.structs import replace

from salebell_desktop.credentials import CredentialKey
from salebell_desktop.whole_file import write_whole
from salebell_protocol.http import ClientConfig, FirebaseConfig, Provider

_TOO_LARGE = 1_000_000


class Pin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server signs its admins in.

    Attributes:
        firebase: as it was last; with it tokens are refreshed while the server cannot be reached.
    """

    provider: Provider
    firebase: FirebaseConfig | None = None

    @classmethod
    def of(cls, config: ClientConfig) -> Self:
        """What a server says of itself."""
        return cls(provider=config.provider, firebase=config.firebase if config.provider is Provider.FIREBASE else None)

    def admits(self, other: Self) -> bool:
        """Whether `other` is the same place: of a Firebase project everything may change but which one it is."""
        if self.provider is not other.provider:
            return False
        if self.firebase is None:
            return True
        return other.firebase is not None and other.firebase.project_id == self.firebase.project_id


class SavedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account that the program can return to.

    Attributes:
        server: the address, as `ServerAddress.key` writes it.
        signed_in: a token should be in the credential store; otherwise the password is asked for.
    """

    server: str
    provider: Provider
    uid: str
    email: str
    name: str
    signed_in: bool = True

    @property
    def key(self) -> CredentialKey:
        """What its token is kept by."""
        return CredentialKey(self.server, self.uid)


class _File(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The content of the file. `account` and `providers` are read only: there was one account once, and no project."""

    accounts: tuple[SavedAccount, ...] = ()
    active: bool = True
    pins: dict[str, Pin] = {}
    leftovers: tuple[CredentialKey, ...] = ()
    account: SavedAccount | None = None
    providers: dict[str, Provider] = {}


class SavedSignIns:
    """The file. It is read once; one that cannot be understood is set aside, as if there were none.

    What cannot be written holds as long as the program. The methods that change something raise `OSError` then.

    Args:
        path: of the file; its directory exists.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = self._read()

    @property
    def accounts(self) -> tuple[SavedAccount, ...]:
        """The accounts, the one used last first."""
        return self._file.accounts

    @property
    def active(self) -> SavedAccount | None:
        """The account that the program shows, and returns to at its next start."""
        return self._file.accounts[0] if self._file.active and self._file.accounts else None

    @property
    def leftovers(self) -> tuple[CredentialKey, ...]:
        """Whose tokens are not to be used any more, and may still be in the credential store."""
        return self._file.leftovers

    def find(self, key: CredentialKey) -> SavedAccount | None:
        """An account, if it is kept."""
        return next((account for account in self._file.accounts if account.key == key), None)

    def pin(self, server: str) -> Pin | None:
        """What is pinned for a server."""
        return self._file.pins.get(server)

    def signed_in(self, account: SavedAccount, pin: Pin) -> None:
        """Somebody has signed in: the account is the active one now, and its server is pinned."""
        self._write(
            replace(
                self._file,
                accounts=(account, *self._others(account.key)),
                active=True,
                pins={**self._file.pins, account.server: pin},
                leftovers=self._leftovers_without(account.key),
            )
        )

    def use(self, key: CredentialKey) -> None:
        """Make an account the active one."""
        if (account := self.find(key)) is not None:
            self._write(replace(self._file, accounts=(account, *self._others(key)), active=True))

    def rename(self, key: CredentialKey, *, email: str, name: str) -> None:
        """The server knows an account by another e-mail or name."""
        self._amend(key, email=email, name=name)

    def signed_out(self, key: CredentialKey) -> None:
        """The session of an account is over; who it was stays, and signing in again brings it back."""
        if self.find(key) is not None:
            self._file = replace(self._file, leftovers=(*self._leftovers_without(key), key))
            self._amend(key, signed_in=False)

    def forget(self, key: CredentialKey) -> None:
        """Keep nothing of an account, and make no other one active in its place."""
        active = self._file.active and not (self.active is not None and self.active.key == key)
        leftovers = (*self._leftovers_without(key), key)
        self._write(replace(self._file, accounts=tuple(self._others(key)), active=active, leftovers=leftovers))
        self._broken.unlink(missing_ok=True)  # it may name the account, too

    def swept(self, key: CredentialKey) -> None:
        """The token of one of `leftovers` is deleted."""
        self._write(replace(self._file, leftovers=self._leftovers_without(key)))

    def repin(self, server: str, pin: Pin) -> None:
        """A server signs in by other settings, such as another API key; if it is at another place, nothing changes."""
        before = self.pin(server)
        if before is not None and before.admits(pin):
            self._write(replace(self._file, pins={**self._file.pins, server: pin}))

    # Parts of the content.

    def _others(self, key: CredentialKey) -> Iterable[SavedAccount]:
        return (account for account in self._file.accounts if account.key != key)

    def _leftovers_without(self, key: CredentialKey) -> tuple[CredentialKey, ...]:
        return tuple(left for left in self._file.leftovers if left != key)

    def _amend(self, key: CredentialKey, **changes: str | bool) -> None:
        accounts = (replace(each, **changes) if each.key == key else each for each in self._file.accounts)
        self._write(replace(self._file, accounts=tuple(accounts)))

    # The file itself.

    @property
    def _broken(self) -> Path:
        return self._path.with_name(self._path.name + ".broken")

    def _read(self) -> _File:
        try:
            with self._path.open("rb") as file:
                return _carried_over(msgspec.json.decode(file.read(_TOO_LARGE), type=_File))
        except FileNotFoundError:
            return _File()
        except (OSError, msgspec.DecodeError, UnicodeError, RecursionError):
            self._set_aside()
            return _File()

    def _set_aside(self) -> None:
        try:
            self._path.replace(self._broken)
        except OSError:
            return  # it is written over at the next sign-in

    def _write(self, content: _File) -> None:
        self._file = content
        write_whole(self._path, msgspec.json.format(msgspec.json.encode(content), indent=2))


def _carried_over(read: _File) -> _File:
    """What a version before wrote, as it is written now."""
    accounts = read.accounts if read.account is None else (read.account, *read.accounts)
    before = {server: Pin(provider=provider) for server, provider in read.providers.items()}
    return replace(read, accounts=accounts, pins={**before, **read.pins}, account=None, providers={})
