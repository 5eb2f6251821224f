"""The composition root: the only module that names implementations."""

import asyncio
import logging
import os
import platform
import random
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import qasync
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from salebell_desktop import __version__
from salebell_desktop.cache.sqlite import SqliteCache
from salebell_desktop.client.address import ServerAddress
from salebell_desktop.client.client import Client
from salebell_desktop.client.clock import SystemClock
from salebell_desktop.client.dialer import WebsocketDialer
from salebell_desktop.client.http import ServerHttp
from salebell_desktop.client.session import Surroundings
from salebell_desktop.client.trust import Trust
from salebell_desktop.client.web import HttpxWeb
from salebell_desktop.credentials import CredentialStore, CredentialsUnavailable
from salebell_desktop.credentials.keyring import KeyringCredentials
from salebell_desktop.credentials.memory import MemoryCredentials
from salebell_desktop.identity import IdentityProvider, Web
from salebell_desktop.identity.endpoints import GOOGLE, Endpoints, emulated
from salebell_desktop.identity.errors import HttpFailure, IdentityUnavailable, SignInRefused
from salebell_desktop.identity.firebase import FirebaseAccounts
from salebell_desktop.identity.google import GoogleInBrowser
from salebell_desktop.identity.local import LocalAccounts
from salebell_desktop.identity.loopback import Page
from salebell_desktop.identity.saved import Pin, SavedSignIns
from salebell_desktop.intents import Intents
from salebell_desktop.options import AutoSignIn, Keep, Options, OptionsRefused, read_options
from salebell_desktop.platform.browser import open_page
from salebell_desktop.platform.directories import Directories, DirectoryRefused, directories
from salebell_desktop.platform.garbage import GarbageCollector
from salebell_desktop.platform.single_instance import SingleInstance, Start
from salebell_desktop.platform.wake import wake_watch
from salebell_desktop.settings import SettingsStore
from salebell_desktop.settings.file import SettingsFile
from salebell_desktop.store import Change, Desk
from salebell_desktop.ui.language import chosen
from salebell_desktop.ui.reasons import translated
from salebell_desktop.ui.shell import Places, Preferences, Shell
from salebell_protocol.http import FirebaseConfig, Provider

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
        await reset(places, credentials)
    desk = Desk()
    cache = SqliteCache(places.cache / "sales.db", _logger.warning)
    trust, web = Trust(places.settings), HttpxWeb(USER_AGENT)
    providers = Providers(web, GOOGLE if options.emulator is None else emulated(options.emulator))
    client = _client(places, desk, cache, credentials, trust, providers)
    intents = Intents(client, trust, stop.set)
    preferences = Preferences(server=options.server or "", hidden=options.hidden, signs_in=options.sign_in is not None)
    settings = SettingsStore(SettingsFile(places.settings / "settings.json"))
    shell = Shell(
        application, desk, intents, settings, Places(settings=places.settings, cache=places.cache), preferences
    )
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
        await shell.settle()
        await intents.finish()
        await client.stop()
        await web.close()
        cache.close()


def _client(
    places: Directories,
    desk: Desk,
    cache: SqliteCache,
    credentials: CredentialStore,
    trust: Trust,
    providers: "Providers",
) -> Client:
    def http(address: ServerAddress) -> ServerHttp:
        return ServerHttp(address, USER_AGENT, trust.context)

    surroundings = Surroundings(
        desk=desk,
        cache=cache,
        dialer=WebsocketDialer(USER_AGENT, trust.context),
        clock=SystemClock(),
        random=random.random,
        device=f"{platform.system()} {platform.release()}"[:100],
    )
    return Client(surroundings, saved=_saved(places), credentials=credentials, http=http, provider=providers)


class Providers:
    """Makes identity providers.

    Args:
        web: talks to Google. The authorities that were chosen for a shop's server do not vouch for Google.
        endpoints: where Google is.
    """

    def __init__(self, web: Web, endpoints: Endpoints) -> None:
        self._web = web
        self._endpoints = endpoints
        self._language = chosen(QLocale.system())

    def __call__(self, pin: Pin, http: ServerHttp) -> IdentityProvider | None:
        """The provider of a place, for the server that `http` goes to."""
        if pin.provider is Provider.LOCAL:
            return LocalAccounts(http)
        if pin.firebase is None:
            return None
        google = None if pin.firebase.google_client_id is None else self._google(pin.firebase)
        return FirebaseAccounts(self._web, pin.firebase, self._endpoints, google, self._language)

    def _google(self, config: FirebaseConfig) -> GoogleInBrowser:
        said = Page()
        return GoogleInBrowser(
            self._web,
            client_id=config.google_client_id or "",
            client_secret=config.google_client_secret or "",
            endpoints=self._endpoints,
            open_browser=open_page,
            random=secrets.token_bytes,
            page=Page(
                language=self._language,
                signed_in=translated(said.signed_in),
                not_signed_in=translated(said.not_signed_in),
            ),
        )


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
            _logger.warning("nobody was signed in: %s", refused)
            return desk.sign_out(str(refused))
        except (HttpFailure, IdentityUnavailable):
            await asyncio.sleep(SIGN_IN_RETRY_SECONDS)


def _credentials(keep: Keep) -> CredentialStore:
    return MemoryCredentials() if keep is Keep.MEMORY else KeyringCredentials()


def _saved(places: Directories) -> SavedSignIns:
    return SavedSignIns(places.settings / "account.json")


async def reset(places: Directories, credentials: CredentialStore) -> None:
    """Forget the stored sign-ins, the settings and the cache."""
    saved = _saved(places)
    for key in dict.fromkeys((*(account.key for account in saved.accounts), *saved.leftovers)):
        try:
            await credentials.forget(key)
        except CredentialsUnavailable as unavailable:
            _logger.warning("a stored sign-in could not be deleted: %s", unavailable)
    for directory in (places.settings, places.cache):
        await asyncio.to_thread(_empty, directory)


def _empty(directory: Path) -> None:
    for entry in directory.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
