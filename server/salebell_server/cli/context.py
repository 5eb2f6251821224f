"""What the commands work on: the environment, the settings, and what the composition root knows how to make."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cached_property
from typing import Protocol

import msgspec

from salebell_server.cli.errors import Misconfigured
from salebell_server.log import SaleLog
from salebell_server.log.accounts import AccountStore
from salebell_server.log.keys import KeyStore
from salebell_server.settings import Settings, SettingsError


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

    async def faults(self) -> str:
        """What is wrong with the stored bytes, all of them looked at; "" when nothing is."""
        ...


class Commands(msgspec.Struct, frozen=True):
    """What only the composition root can do.

    Attributes:
        open_storage: opens the storage beside a server that may run on it; raises `StartRefused`.
        serve: runs a server until it is told to stop; raises `StartRefused`.
    """

    open_storage: Callable[[Settings], AbstractAsyncContextManager[Stored]]
    serve: Callable[[Settings], None]


class Context:
    """click's `obj`."""

    def __init__(self, environ: Mapping[str, str], commands: Commands) -> None:
        self.environ = environ
        self._commands = commands

    @cached_property
    def settings(self) -> Settings:
        """The settings.

        Raises:
            Misconfigured: with a line for each variable that is wrong.
        """
        try:
            return Settings.from_environ(self.environ)
        except SettingsError as error:
            raise Misconfigured("\n".join(f"{name} {text}" for name, text in error.problems.items())) from None

    @asynccontextmanager
    async def open_database(self) -> AsyncGenerator[Stored, None]:
        """The storage of the data directory, also while a server runs on it.

        Raises:
            Misconfigured: it cannot be opened.
        """
        try:
            async with self._commands.open_storage(self.settings) as stored:
                yield stored
        except StartRefused as error:
            raise Misconfigured(str(error)) from None

    def serve(self, settings: Settings) -> None:
        """Run a server until it is told to stop.

        Raises:
            Misconfigured: it cannot start.
        """
        try:
            self._commands.serve(settings)
        except StartRefused as error:
            raise Misconfigured(str(error)) from None
