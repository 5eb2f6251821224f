"""Which server and account the program returns to, and which identity provider each server had.

The provider is pinned at the first sign-in, for each server: a server whose `/v1/client-config` suddenly names another
one must not get passwords that were meant for the first. Nothing in this file is secret.
"""

import os
from pathlib import Path

import msgspec
from msgspec.structs import replace

from salebell_protocol.http import Provider

_TOO_LARGE = 1_000_000


class SavedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Who was signed in last.

    Attributes:
        server: the address, as `ServerAddress.key` writes it.
        signed_in: whether they still are; otherwise only their address is remembered, for the sign-in window.
    """

    server: str
    provider: Provider
    uid: str
    email: str
    name: str
    signed_in: bool = True


class _File(msgspec.Struct, frozen=True, kw_only=True):
    account: SavedAccount | None = None
    providers: dict[str, Provider] = {}


class SavedSignIns:
    """The file. It is read once; one that cannot be understood is set aside, as if there were none.

    Args:
        path: of the file; its directory exists.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = self._read()

    @property
    def account(self) -> SavedAccount | None:
        """Who was signed in last."""
        return self._file.account

    def provider(self, server: str) -> Provider | None:
        """The provider pinned for a server."""
        return self._file.providers.get(server)

    def signed_in(self, account: SavedAccount) -> None:
        """Return to this account next time, and pin its provider.

        Raises:
            OSError: it cannot be written.
        """
        pinned = {**self._file.providers, account.server: account.provider}
        self._write(_File(account=account, providers=pinned))

    def signed_out(self) -> None:
        """Return to nobody; who it was stays for the sign-in window. Raises as `signed_in` does."""
        account = self._file.account
        if account is not None and account.signed_in:
            self._write(replace(self._file, account=replace(account, signed_in=False)))

    def unpin(self, server: str) -> None:
        """The user has confirmed that this server uses another provider now. Raises as `signed_in` does."""
        providers = {name: provider for name, provider in self._file.providers.items() if name != server}
        self._write(replace(self._file, providers=providers))

    def _read(self) -> _File:
        try:
            with self._path.open("rb") as file:
                return msgspec.json.decode(file.read(_TOO_LARGE), type=_File)
        except FileNotFoundError:
            return _File()
        except (OSError, msgspec.DecodeError, UnicodeError, RecursionError):
            self._set_aside()
            return _File()

    def _set_aside(self) -> None:
        try:
            self._path.replace(self._path.with_name(self._path.name + ".broken"))
        except OSError:
            return  # it is written over at the next sign-in

    def _write(self, content: _File) -> None:
        self._file = content
        beside = self._path.with_name(self._path.name + ".new")
        with beside.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(content), indent=2))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)
