"""One link on a real socket, with time in the test's hand."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest

from salebell_desktop.client.dialer import WebsocketDialer
from salebell_desktop.client.link import LinkSetting, StoreLink
from salebell_desktop.identity.errors import IdentityError, IdentityUnavailable, SessionEnded
from salebell_desktop.store import Link, LinkState, SalesStore
from salebell_protocol.http import SalesPage
from salebell_protocol.messages import Auth, AuthError, AuthErrorCode, AuthExpiring, Ping, Pong, Recovery, Seen, Welcome

pytestmark = pytest.mark.plain_asyncio


class Time:
    """A clock that stands still until it is moved on."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.timers: dict[object, tuple[float, Callable[[], None]]] = {}

    def now(self) -> float:
        return self.seconds

    unix = now

    def call_later(self, seconds: float, call: Callable[[], None]) -> "Timer":
        timer = Timer(self)
        self.timers[timer] = (self.seconds + seconds, call)
        return timer

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError

    def pass_by(self, seconds: float) -> None:
        """Let the time pass, and the timers fire that are due meanwhile."""
        end = self.seconds + seconds
        while due := sorted((at, id(timer), timer) for timer, (at, _) in self.timers.items() if at <= end):
            at, _, timer = due[0]
            self.seconds = max(self.seconds, at)
            self.timers.pop(timer)[1]()
        self.seconds = end


class Timer:
    def __init__(self, time: Time) -> None:
        self._time = time

    def cancel(self) -> None:
        self._time.timers.pop(self, None)


class Tokens:
    """A source of tokens that can fail."""

    def __init__(self) -> None:
        self.number = 0
        self.failure: IdentityError | None = None
        self.remaining: list[tuple[str, float]] = []

    async def token(self) -> str:
        if self.failure is not None:
            raise self.failure
        return f"id-{self.number}"

    async def other_than(self, token: str) -> str:
        if self.failure is not None:
            raise self.failure
        self.number += 1
        return f"id-{self.number}"

    def lasts(self, token: str, seconds: float) -> None:
        self.remaining.append((token, seconds))


class Owner:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def opened(self, link: StoreLink, store: str) -> SalesStore:
        self.told.append(("opened", store))
        return SalesStore(store)

    def authenticated(self, link: StoreLink, message: object) -> None:
        self.told.append("authenticated")

    def welcomed(self, server: str) -> None:
        self.told.append(("welcomed", server))

    def status(self, link: StoreLink, status: Link) -> None:
        self.told.append(status.state)

    def forbidden(self, link: StoreLink) -> None:
        self.told.append("forbidden")

    def forget_credentials(self) -> None:
        self.told.append("forget")

    def ended(self, reason: str) -> None:
        self.told.append(("ended", reason))


class World:
    def __init__(self, server: Any, store: SalesStore | None) -> None:
        self.time, self.tokens, self.owner = Time(), Tokens(), Owner()
        self.store = store
        self.setting = LinkSetting(
            url=server.url, dialer=WebsocketDialer("test"), clock=self.time, random=lambda: 0.5, tokens=self.tokens,
            device="test",
        )  # fmt: skip
        self.link = StoreLink(self.setting, self.owner, store)


@pytest.fixture
async def world(server: Any) -> AsyncIterator[World]:
    world = World(server, SalesStore("main"))
    yield world
    world.link.stop()
    await world.link.settle(1)


async def connected(world: World, shop: Any) -> Any:
    world.link.start()
    peer, _ = await shop.admit(offset=4, seen=4)
    async with asyncio.timeout(10):
        while not world.link.connected:
            await asyncio.sleep(0.005)
    return peer


def _counts(store: SalesStore, count: int) -> bool:
    return store.badge == count


async def test_a_ping_every_thirty_seconds(world: World, shop: Any, until: Any) -> None:
    peer = await connected(world, shop)
    store = world.store
    assert store is not None
    for count in (1, 2, 3):
        world.time.pass_by(30)
        assert await peer.receive(Ping) == Ping()
        peer.send(Pong(), shop.event(4 + count))
        await until(partial(_counts, store, count))
    assert world.link.connected


async def test_a_link_that_falls_silent_is_left(world: World, shop: Any, until: Any) -> None:
    peer = await connected(world, shop)
    world.time.pass_by(30)
    world.time.pass_by(30)
    assert not world.link.connected
    assert world.store is not None
    assert world.store.link.reason == "The server does not answer."
    await asyncio.wait_for(peer.closed.wait(), 5)
    world.time.pass_by(1)
    _, auth = await shop.admit(Recovery.COMPLETE, 4)
    assert auth.resume == shop.position(4)


async def test_a_link_that_did_not_outlive_a_sleep_is_left_at_once(world: World, shop: Any) -> None:
    peer = await connected(world, shop)
    world.link.woke()
    assert await peer.receive(Ping) == Ping()
    world.time.pass_by(5)
    await shop.admit(Recovery.COMPLETE, 4)


async def test_one_that_did_stays(world: World, shop: Any, until: Any) -> None:
    peer = await connected(world, shop)
    world.link.woke()
    assert await peer.receive(Ping) == Ping()
    peer.send(shop.event(5))
    store = world.store
    assert store is not None
    await until(lambda: store.badge)
    world.time.pass_by(29)
    assert world.link.connected


async def test_looks_keep_their_distance(world: World, shop: Any, until: Any) -> None:
    peer = await connected(world, shop)
    store = world.store
    assert store is not None
    store.loaded(shop_page(shop))
    store.observe(lambda _: world.link.send_look())
    store.set_looking(True)
    peer.send(shop.event(5))
    assert await peer.receive(Seen) == Seen(epoch="first", offset=5)
    peer.send(shop.event(6), shop.event(7))
    await until(lambda: store.resume == shop.position(7))
    world.link.send_look()
    world.time.pass_by(0.5)
    assert await peer.receive(Seen) == Seen(epoch="first", offset=7)
    world.link.send_look()
    peer.send(shop.event(8))
    await until(lambda: store.resume == shop.position(8))
    peer.drop()
    await until(lambda: not world.link.connected)
    world.time.pass_by(0.4)
    world.link.send_look()


def shop_page(shop: Any) -> SalesPage:
    return SalesPage(sales=(), next_before=None, unread=0, position=shop.position(4))


async def test_no_answer_to_the_first_auth(world: World, server: Any) -> None:
    world.link.start()
    peer = await server.peer()
    await peer.receive(Auth)
    world.time.pass_by(15)
    await asyncio.wait_for(peer.closed.wait(), 5)
    assert world.store is not None
    assert world.store.link.state is LinkState.CONNECTING


async def test_a_server_of_another_protocol(world: World, server: Any, until: Any) -> None:
    world.link.start()
    (await server.peer()).send(Welcome(protocol=2, server="salebell/99", heartbeat=30, auth_timeout=10))
    store = world.store
    assert store is not None
    await until(lambda: store.link.state is LinkState.REFUSED)
    assert "newer version" in store.link.reason


async def test_nothing_counts_before_the_sign_in(world: World, shop: Any, server: Any) -> None:
    world.link.start()
    peer = await server.peer()
    peer.send_raw(b'{"type":"unread","count":9,"seen":0,"as_of":9}')
    peer.send(shop.event(1))
    assert world.store is not None
    await asyncio.wait_for(peer.closed.wait(), 5)
    assert world.store.badge == 0


async def test_an_answer_for_another_store_is_not_taken(world: World, shop: Any, server: Any) -> None:
    world.link.start()
    peer = await server.peer()
    peer.send(shop.success(Recovery.FRESH, 4, unread=4, store="outlet"))
    await asyncio.wait_for(peer.closed.wait(), 5)
    assert world.store is not None
    assert world.store.badge == 0


async def test_no_token_for_now(world: World, server: Any, until: Any) -> None:
    world.tokens.failure = IdentityUnavailable("Later.")
    world.link.start()
    store = world.store
    assert store is not None
    await until(lambda: store.link.reason == "Later.")
    world.tokens.failure = None
    world.time.pass_by(1)
    await server.peer()


async def test_no_token_ever_again(world: World, until: Any) -> None:
    world.tokens.failure = SessionEnded("Gone.")
    world.link.start()
    await until(lambda: world.owner.told)
    assert world.owner.told == ["forget", ("ended", "Gone.")]


@pytest.mark.parametrize("failure", [SessionEnded("Gone."), IdentityUnavailable("Later.")])
async def test_no_token_to_renew_with(world: World, shop: Any, until: Any, failure: IdentityError) -> None:
    peer = await connected(world, shop)
    world.tokens.failure = failure
    peer.send(AuthExpiring(expires_at=0))
    if isinstance(failure, SessionEnded):
        await until(lambda: ("ended", "Gone.") in world.owner.told)
        await asyncio.wait_for(peer.closed.wait(), 5)
        return
    peer.send(shop.event(5))
    store = world.store
    assert store is not None
    await until(lambda: store.badge)
    world.tokens.failure = None
    world.time.pass_by(30)
    await peer.receive(Ping)
    assert (await peer.receive(Auth)).token == "id-1"


async def test_a_renewal_that_the_server_cannot_check_is_sent_again(world: World, shop: Any, until: Any) -> None:
    peer = await connected(world, shop)
    peer.send(AuthExpiring(expires_at=0))
    await peer.receive(Auth)
    peer.send(AuthError(code=AuthErrorCode.AUTH_UNAVAILABLE, message="later"), shop.event(5))
    store = world.store
    assert store is not None
    await until(lambda: store.badge)
    world.time.pass_by(30)
    await peer.receive(Ping)
    assert (await peer.receive(Auth)).token == "id-1", "which may be good all the same"
    assert world.tokens.number == 1


async def test_what_remains_of_a_token_is_told_by_the_servers_time(world: World, shop: Any, until: Any) -> None:
    shop.remaining = 1234
    peer = await connected(world, shop)
    assert world.tokens.remaining == [("id-0", 1234)]
    peer.send(AuthExpiring(expires_at=0))
    await peer.receive(Auth)
    shop.remaining = 3600
    peer.send(shop.success(Recovery.COMPLETE, 4))
    await until(lambda: world.tokens.remaining[1:] == [("id-1", 3600)])


async def test_a_first_link_learns_its_store(server: Any, shop: Any, until: Any) -> None:
    world = World(server, None)
    world.link.send_look()
    world.link.start()
    _, auth = await shop.admit()
    assert auth == Auth(token="id-0", device="test")
    await until(lambda: world.link.connected)
    assert world.owner.told == [
        LinkState.CONNECTING, ("welcomed", "salebell/9.9.9"), ("opened", "main"), "authenticated",
    ]  # fmt: skip
    world.link.stop()
    await world.link.settle(1)


async def test_a_forbidden_store_is_told(world: World, server: Any, until: Any) -> None:
    world.link.start()
    peer = await server.peer()
    peer.send(AuthError(code=AuthErrorCode.STORE_FORBIDDEN, message="no"))
    peer.close(4403)
    await until(lambda: "forbidden" in world.owner.told)


async def test_stopping_twice(world: World, shop: Any) -> None:
    await connected(world, shop)
    world.link.stop()
    world.link.stop()
    await world.link.settle(1)
    assert world.time.timers == {}
    world.link.woke()
