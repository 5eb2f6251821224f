"""The composition root: the only module that names implementations."""

import asyncio
import logging
import os
import platform
import random
import shutil
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import qasync
from PySide6.QtWidgets import QApplication

from salebell_desktop import __version__
from salebell_desktop.cache.sqlite import SqliteCache
from salebell_desktop.client.address import ServerAddress
from salebell_desktop.client.client import Client
from salebell_desktop.client.clock import SystemClock
from salebell_desktop.client.dialer import WebsocketDialer
from salebell_desktop.client.http import ServerHttp
from salebell_desktop.client.session import Surroundings
from salebell_desktop.credentials import CredentialKey, CredentialStore, CredentialsUnavailable
from salebell_desktop.credentials.keyring import KeyringCredentials
from salebell_desktop.credentials.memory import MemoryCredentials
from salebell_desktop.identity import IdentityProvider
from salebell_desktop.identity.errors import HttpFailure, IdentityUnavailable, SignInRefused
from salebell_desktop.identity.local import LocalAccounts
from salebell_desktop.identity.saved import SavedSignIns
from salebell_desktop.intents import Intents
from salebell_desktop.options import AutoSignIn, Keep, Options, OptionsRefused, read_options
from salebell_desktop.platform.directories import Directories, DirectoryRefused, directories
from salebell_desktop.platform.garbage import GarbageCollector
from salebell_desktop.platform.single_instance import SingleInstance, Start
from salebell_desktop.platform.wake import wake_watch
from salebell_desktop.store import Change, Desk
from salebell_desktop.ui.shell import Places, Preferences, Shell
from salebell_protocol.http import Provider

SIGN_IN_RETRY_SECONDS = 3.0
USER_AGENT = f"salebell/{__version__}"

_logger = logging.getLogger(__name__)


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """The program, from its command line to its exit status."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        options = read_options(arguments, environ)
        places = directories(environ).create()
        check_display(environ)
        application = QApplication([sys.argv[0]])
        instance = SingleInstance(places.lock, places.runtime)
        outcome = instance.start()
    except (OptionsRefused, DirectoryRefused) as refused:
        sys.stderr.write(f"salebell: {refused}\n")
        return 2
    if outcome is Start.SECOND and options.reset:
        sys.stderr.write("salebell: quit the Salebell that runs before resetting it\n")
        return 1
    if outcome is Start.UNANSWERED:
        sys.stderr.write("salebell: another Salebell is running, but does not answer; end it first\n")
        return 1
    if outcome is Start.SECOND:
        return 0
    try:
        with qasync.QEventLoop(application) as loop:
            # qasync has no types
            loop.run_until_complete(_main(application, instance, options, places))  # pyright: ignore[reportUnknownMemberType]
    finally:
        instance.release()
    return 0


def check_display(environ: Mapping[str, str]) -> None:
    """Say in a sentence what Qt would say with an abort.

    Raises:
        OptionsRefused: there is no display to show anything on.
    """
    if sys.platform == "linux" and not any(
        environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        raise OptionsRefused("there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set")


async def _main(application: QApplication, instance: SingleInstance, options: Options, places: Directories) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    if os.name == "posix":
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, stop.set)
    credentials = _credentials(options.keep)
    if options.reset:
        await _reset(places, credentials)
    desk = Desk()
    cache = SqliteCache(places.cache / "sales.db", _logger.warning)
    client = _client(places, desk, cache, credentials)
    intents = Intents(client, stop.set)
    preferences = Preferences(server=options.server or "", hidden=options.hidden, signs_in=options.sign_in is not None)
    shell = Shell(application, desk, intents, Places(settings=places.settings, cache=places.cache), preferences)
    instance.activated.connect(shell.come_to_front)
    if options.print_badge:
        BadgePrinter(desk)
    signing_in = None
    if options.sign_in is None:
        client.start(options.server)
    else:
        signing_in = asyncio.create_task(_sign_in(client, desk, options.sign_in))
    shell.start()
    garbage = GarbageCollector()
    garbage.start()
    watch = wake_watch(time.time)
    watch.woke.connect(client.woke)
    watch.start()
    try:
        await stop.wait()
    finally:
        watch.stop()
        garbage.stop()
        if signing_in is not None:
            signing_in.cancel()
        shell.close()
        await intents.finish()
        await client.stop()
        cache.close()


def _client(places: Directories, desk: Desk, cache: SqliteCache, credentials: CredentialStore) -> Client:
    surroundings = Surroundings(
        desk=desk,
        cache=cache,
        dialer=WebsocketDialer(USER_AGENT),
        clock=SystemClock(),
        random=random.random,
        device=f"{platform.system()} {platform.release()}"[:100],
    )
    saved = _saved(places)
    return Client(surroundings, saved=saved, credentials=credentials, http=_http, provider=_provider)


class BadgePrinter:
    """Prints the badge whenever it changes, from the moment that it is known."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._printed: int | None = None
        desk.observe(self._changed)

    def _changed(self, _change: Change) -> None:
        known = self._printed is not None or bool(self._desk.stores)
        if known and self._desk.badge != self._printed:
            self._printed = self._desk.badge
            print(f"badge: {self._printed}", flush=True)  # noqa: T201 - this is what was asked for


async def _sign_in(client: Client, desk: Desk, wanted: AutoSignIn) -> None:
    """Sign in as the environment says; a server that does not answer is asked again."""
    while True:
        try:
            return await client.sign_in(wanted.server, wanted.email, wanted.password)
        except SignInRefused as refused:
            return desk.sign_out(str(refused))
        except (HttpFailure, IdentityUnavailable):
            await asyncio.sleep(SIGN_IN_RETRY_SECONDS)


def _credentials(keep: Keep) -> CredentialStore:
    return MemoryCredentials() if keep is Keep.MEMORY else KeyringCredentials()


def _saved(places: Directories) -> SavedSignIns:
    return SavedSignIns(places.settings / "account.json")


def _http(address: ServerAddress) -> ServerHttp:
    return ServerHttp(address, USER_AGENT)


def _provider(kind: Provider, http: ServerHttp) -> IdentityProvider | None:
    return LocalAccounts(http) if kind is Provider.LOCAL else None


async def _reset(places: Directories, credentials: CredentialStore) -> None:
    """Forget the stored sign-in, the settings and the cache."""
    account = _saved(places).account
    if account is not None:
        try:
            await credentials.forget(CredentialKey(account.server, account.uid))
        except CredentialsUnavailable as unavailable:
            _logger.warning("the stored sign-in could not be deleted: %s", unavailable)
    for directory in (places.settings, places.cache):
        await asyncio.to_thread(_empty, directory)


def _empty(directory: Path) -> None:
    for entry in directory.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
