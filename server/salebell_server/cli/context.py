"""What the commands work on: the environment, the settings, and what the composition root knows how to make."""

from collections.abc import AsyncGenerator, Callable, MutableMapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cached_property
from typing import Protocol

import msgspec

from salebell_server.cli.errors import Misconfigured
from salebell_server.log import SaleLog
from salebell_server.log.accounts import AccountStore
from salebell_server.log.findings import Report
from salebell_server.log.keys import KeyStore
from salebell_server.settings import Settings, SettingsError
from salebell_server.settings.firebase import align_environ


class StartRefused(Exception):
    """A server or a database cannot be started on this configuration; the text says why and what to do."""


class Stored(Protocol):
    """What lies where the log lies."""

    @property
    def log(self) -> SaleLog:
        """The log itself."""
        ...

    @property
    def keys(self) -> KeyStore:
        """The ingest keys."""
        ...

    @property
    def accounts(self) -> AccountStore:
        """The local accounts."""
        ...

    async def examine(self) -> Report:
        """Look at all there is: at every stored byte, or at the server that keeps them, and at what waits for it."""
        ...


class OpenStorage(Protocol):
    """Opens the storage for a command, beside a server that may run on it."""

    def __call__(self, settings: Settings, *, create: bool) -> AbstractAsyncContextManager[Stored]:
        """The storage, closed at the end.

        Args:
            settings: say where it is.
            create: whether to make what is not there yet; what is found elsewhere than on this machine never needs it.

        Raises:
            StartRefused: it cannot be opened, or it is not there.
        """
        ...


class Commands(msgspec.Struct, frozen=True):
    """What only the composition root can do.

    Attributes:
        open_storage: see `OpenStorage`.
        serve: runs a server of so many processes until it is told to stop; raises `StartRefused`, or `SystemExit` with
            the status of a process that could not be started.
    """

    open_storage: OpenStorage
    serve: Callable[[Settings, int], None]


class Context:
    """click's `obj`.

    Args:
        environ: the environment of this process; what firebase-admin reads there is put there.
        commands: what only the composition root can do.
    """

    def __init__(self, environ: MutableMapping[str, str], commands: Commands) -> None:
        self.environ = environ
        self._commands = commands

    @cached_property
    def settings(self) -> Settings:
        """The settings.

        Raises:
            Misconfigured: with a line for each variable that is wrong.
        """
        try:
            settings = Settings.from_environ(self.environ)
        except SettingsError as error:
            raise Misconfigured("\n".join(f"{name} {text}" for name, text in error.problems.items())) from None
        align_environ(settings.firebase, self.environ)
        return settings

    @asynccontextmanager
    async def open_storage(self, *, create: bool = True) -> AsyncGenerator[Stored, None]:
        """The storage that the settings name, also while a server runs on it. `create` is as for `OpenStorage`.

        Raises:
            Misconfigured: it cannot be opened.
        """
        try:
            async with self._commands.open_storage(self.settings, create=create) as stored:
                yield stored
        except StartRefused as error:
            raise Misconfigured(str(error)) from None

    def serve(self, settings: Settings, workers: int) -> None:
        """Run a server of so many processes until it is told to stop.

        Raises:
            Misconfigured: it cannot start.
        """
        try:
            self._commands.serve(settings, workers)
        except StartRefused as error:
            raise Misconfigured(str(error)) from None
