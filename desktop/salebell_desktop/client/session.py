"""Everything that runs while an admin is signed in: a link a store, their lists, the cache."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Protocol

import msgspec
from msgspec.structs import replace

from salebell_desktop.cache import Cache, CacheKey
from salebell_desktop.client.address import ServerAddress
from salebell_desktop.client.clock import Clock
from salebell_desktop.client.dialer import Dialer
from salebell_desktop.client.http import ServerHttp
from salebell_desktop.client.link import LinkSetting, StoreLink
from salebell_desktop.client.lists import ListReader
from salebell_desktop.client.recorder import Recorder
from salebell_desktop.client.tasks import Tasks
from salebell_desktop.credentials import CredentialKey
from salebell_desktop.identity.keeper import TokenKeeper
from salebell_desktop.store import Account, Desk, Link, LinkState, SalesStore, Snapshot
from salebell_protocol.messages import AuthSuccess, Recovery

STOP_SECONDS = 0.7
"""Closing a socket may take so long."""
SIGN_OUT_SECONDS = 3.0
"""Telling the provider and the keyring of a sign-out may take so long; then it goes on without them."""

_logger = logging.getLogger(__name__)


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What a session works with.

    Attributes:
        random: a random number in [0, 1).
        device: what to call this device, for the server's diagnostics.
    """

    desk: Desk
    cache: Cache
    dialer: Dialer
    clock: Clock
    random: Callable[[], float]
    device: str


class SessionOwner(Protocol):
    """Is told when a session ends by itself."""

    def ended(self, reason: str, *, forget: bool) -> None:
        """Nobody is signed in any more, for `reason`; the stored token is to be forgotten, or not."""
        ...


class Session:
    """A signed-in admin. Shows what the cache kept of their stores at once; `connect` begins to follow them.

    Args:
        surroundings: what it works with.
        address: of the server.
        account: who is signed in.
        http: talks to that server; closed by `finish`.
        owner: told when it ends by itself.

    Attributes:
        key: whose it is.
        http: talks to the server.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        address: ServerAddress,
        account: Account,
        http: ServerHttp,
        owner: SessionOwner,
    ) -> None:
        self._with = surroundings
        self._address = address
        self.http = http
        self._owner = owner
        self._tasks = Tasks()
        self._forget = False
        self._keeper: TokenKeeper | None = None
        self._setting: LinkSetting | None = None
        self._lists: ListReader | None = None
        self._loading: dict[str, asyncio.Task[None]] = {}
        self._links: dict[str, StoreLink] = {}
        self._first: StoreLink | None = None
        self.key = CredentialKey(address.key, account.uid)
        key = CacheKey(address.key, account.uid)
        kept: Mapping[str, Snapshot] = surroundings.cache.load(key)
        desk = surroundings.desk
        desk.sign_in(account)
        for name, snapshot in kept.items():
            desk.open(name, snapshot)
        self._recorder = Recorder(desk, surroundings.cache, key, surroundings.clock)
        self.show_link(LinkState.CONNECTING, "")

    @property
    def keeper(self) -> TokenKeeper | None:
        """The tokens, once there are any."""
        return self._keeper

    def show_link(self, state: LinkState, reason: str) -> None:
        """What to tell of the connection before there is one."""
        link = Link(state=state, since=self._with.clock.unix(), reason=reason)
        self._with.desk.set_first_link(link)
        for store in self._with.desk.stores:
            store.set_link(link)

    def connect(self, keeper: TokenKeeper) -> None:
        """Follow the stores from now on. Once."""
        self._keeper = keeper
        self._setting = LinkSetting(
            url=self._address.socket,
            dialer=self._with.dialer,
            clock=self._with.clock,
            random=self._with.random,
            tokens=keeper,
            device=self._with.device,
        )
        self._lists = ListReader(self.http, keeper, self._with.clock, self._with.random)
        self._tasks.spawn(keeper.renew_ahead(self._with.clock.sleep))
        for store in self._with.desk.stores:
            self._follow(self._setting, store)
        self._follow_something(self._setting)

    @property
    def links(self) -> tuple[StoreLink, ...]:
        """The links that there are."""
        return (*self._links.values(), *(() if self._first is None else (self._first,)))

    def look_due(self, store: str) -> None:
        """That store has a look to tell the server."""
        if store in self._links:
            self._links[store].send_look()

    @property
    def lists(self) -> ListReader | None:
        """Reads sales from the server, once there are tokens to ask with."""
        return self._lists

    def end(self, *, keep: bool) -> None:
        """Nothing is written into the stores any more. `finish` comes next; the desk may be cleared meanwhile.

        Args:
            keep: what the cache has of this account, brought up to date; otherwise it is forgotten.
        """
        for link in self.links:
            link.stop()
        for task in self._loading.values():
            task.cancel()
        self._recorder.end(keep=keep)

    async def finish(self, farewell: Callable[[], Coroutine[None, None, None]] | None) -> None:
        """Write and close what is left.

        Args:
            farewell: what to tell the identity provider and the credential store, in `SIGN_OUT_SECONDS`; without it
                this takes a second at most.
        """
        links = self.links
        self._links, self._first = {}, None
        try:
            await self._recorder.finish()
            await asyncio.gather(*(link.settle(STOP_SECONDS) for link in links))
            await self._tasks.cancel()
            if farewell is not None:
                await _in_time(farewell)
        finally:
            if self._keeper is not None:
                await self._keeper.close()
            await self.http.close()

    # What links tell: see `LinkOwner`.

    def opened(self, link: StoreLink, store: str) -> SalesStore:
        """The first link has learned its store."""
        opened = self._with.desk.open(store)
        if link is self._first:
            self._first = None
            self._links[store] = link
        return opened

    def authenticated(self, link: StoreLink, message: AuthSuccess) -> None:
        """A store is signed in to: follow its list, and the admin's other stores."""
        store = link.store
        if store is None or self._setting is None:
            return
        self._name_admin(message)
        if store.needs_list:
            self._load(store)
        if message.recovery is not Recovery.DEFERRED:  # a server that cannot reach the log may not know them all
            allowed = {*message.stores, message.store}
            for name in [name for name in self._links if name not in allowed]:
                self._leave(name)
        for name in message.stores:
            if name not in self._links:
                self._follow(self._setting, self._with.desk.open(name))

    def welcomed(self, server: str) -> None:
        """The server said what it calls itself."""
        self._with.desk.set_server_version(server)

    def status(self, link: StoreLink, status: Link) -> None:
        """The first link's connection changed."""
        if link is self._first:
            self._with.desk.set_first_link(status)

    def forbidden(self, link: StoreLink) -> None:
        """A store is not the admin's any more."""
        if link.store is not None and self._setting is not None:
            self._leave(link.store.name)
            self._follow_something(self._setting)

    def forget_credentials(self) -> None:
        """The session is over for good; `ended` comes next."""
        self._forget = True

    def ended(self, reason: str) -> None:
        """Nobody is signed in any more."""
        self._owner.ended(reason, forget=self._forget)

    # Links.

    def _follow(self, setting: LinkSetting, store: SalesStore) -> None:
        link = StoreLink(setting, self, store)
        self._links[store.name] = link
        link.start()

    def _follow_something(self, setting: LinkSetting) -> None:
        """Where no store is known, the server is asked for one."""
        if not self._links and self._first is None:
            self._first = StoreLink(setting, self, None)
            self._first.start()

    def _leave(self, name: str) -> None:
        link = self._links.pop(name)
        link.stop()
        self._tasks.spawn(link.settle(STOP_SECONDS))
        if name in self._loading:
            self._loading.pop(name).cancel()
        self._with.desk.close(name)
        self._recorder.forget_store(name)

    def _load(self, store: SalesStore) -> None:
        if self._lists is None:
            return
        if store.name in self._loading:
            self._loading[store.name].cancel()
        self._loading[store.name] = self._tasks.spawn(self._lists.load(store))

    def _name_admin(self, message: AuthSuccess) -> None:
        account = self._with.desk.account
        if account is not None and account.uid == message.admin.uid:
            self._with.desk.amend(replace(account, email=message.admin.email, name=message.admin.name))


async def _in_time(farewell: Callable[[], Coroutine[None, None, None]]) -> None:
    try:
        async with asyncio.timeout(SIGN_OUT_SECONDS):
            await farewell()
    except TimeoutError:
        _logger.warning("what the end of a session has to do was not finished in time")
