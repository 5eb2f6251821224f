"""A signed-in client: its stores, its connections, what it shows."""

import asyncio
from typing import Any

import pytest

from salebell_desktop.store import LinkState, ListState, Order, Progress, Query, SortKey
from salebell_protocol.messages import (
    Auth,
    AuthError,
    AuthErrorCode,
    Recovery,
    Seen,
    Unread,
)

pytestmark = pytest.mark.plain_asyncio

FRESH, COMPLETE, RESET, DEFERRED = Recovery.FRESH, Recovery.COMPLETE, Recovery.RESET, Recovery.DEFERRED


class TestStores:
    async def test_a_socket_a_store(self, signed_in: Any, bench: Any, shop: Any, until: Any) -> None:
        shop.stores = ("main", "outlet")
        _, main = await signed_in(unread=1, offset=1)
        outlet, auth = await shop.admit(offset=3, unread=3)
        assert auth.store == "outlet"
        await until(lambda: bench.desk.badge == 4)
        await until(lambda: not any(store.needs_list for store in bench.desk.stores))
        outlet.send(shop.event(4, store="outlet"))
        main.send(shop.event(2))
        await until(lambda: bench.desk.badge == 6)
        assert [store.name for store in bench.desk.stores] == ["main", "outlet"]

    async def test_following_their_changes(self, signed_in: Any, bench: Any, shop: Any, until: Any) -> None:
        shop.stores = ("main", "outlet")
        _, main = await signed_in()
        outlet, _ = await shop.admit()
        await until(lambda: len(bench.desk.stores) == 2)
        shop.stores = ("main", "third")
        main.send(shop.success(COMPLETE))
        _, auth = await shop.admit()
        assert auth.store == "third"
        assert [store.name for store in bench.desk.stores] == ["main", "third"]
        await asyncio.wait_for(outlet.closed.wait(), 5)
        await bench.stop()
        bench.client().start()
        assert [store.name for store in bench.desk.stores] == ["main", "third"]

    async def test_a_server_that_cannot_reach_the_log_takes_no_store_away(
        self, signed_in: Any, bench: Any, shop: Any, until: Any
    ) -> None:
        shop.stores = ("main", "outlet")
        _, main = await signed_in(unread=1, offset=1)
        outlet, _ = await shop.admit(offset=3, unread=3)
        await until(lambda: bench.desk.badge == 4)
        shop.stores = ("main",)
        main.send(shop.success(DEFERRED))
        await until(lambda: bench.desk.delayed)
        assert bench.desk.badge == 4
        outlet.send(shop.event(4, store="outlet"))
        await until(lambda: bench.desk.badge == 5)
        assert [store.name for store in bench.desk.stores] == ["main", "outlet"]

    async def test_a_store_that_was_taken_away_meanwhile(
        self, signed_in: Any, bench: Any, shop: Any, until: Any
    ) -> None:
        await signed_in()
        await bench.stop()
        bench.client().start()
        peer = await bench.server.peer()
        assert (await peer.receive(Auth)).store == "main"
        peer.send(AuthError(code=AuthErrorCode.STORE_FORBIDDEN, message="no"))
        peer.close(4403)
        peer = await bench.server.peer()
        assert (await peer.receive(Auth)).store is None
        shop.stores = ("outlet",)
        peer.send(shop.success(FRESH, store="outlet"))
        await until(lambda: bench.desk.link.state is LinkState.CONNECTED)
        assert [store.name for store in bench.desk.stores] == ["outlet"]

    async def test_no_store_at_all(self, bench: Any, shop: Any, until: Any) -> None:
        client = bench.client()
        await client.sign_in(bench.address, "ana@example.com", "correct")
        peer = await bench.server.peer()
        peer.send(AuthError(code=AuthErrorCode.STORE_FORBIDDEN, message="no"))
        peer.close(4403)
        await until(lambda: bench.desk.link.state is LinkState.REFUSED)
        assert bench.desk.stores == ()


class TestReconnecting:
    async def test_a_server_that_stops_and_comes_back(
        self, signed_in: Any, bench: Any, shop: Any, server: Any, until: Any
    ) -> None:
        bench.jitter = 0.2
        _, peer = await signed_in(offset=4)
        peer.send(shop.event(5))
        await until(lambda: bench.desk.badge == 1)
        await server.stop()
        await until(lambda: bench.desk.link.state is LinkState.CONNECTING)
        await server.start()
        _, auth = await shop.admit(COMPLETE, 5, unread=1)
        assert auth.resume == shop.position(5)
        await until(lambda: bench.desk.link.state is LinkState.CONNECTED)

    async def test_after_ten_attempts_it_says_so_until_somebody_clicks(
        self, signed_in: Any, bench: Any, shop: Any, server: Any, until: Any
    ) -> None:
        client, peer = await signed_in()
        server.refuse = 503
        peer.drop()
        await until(lambda: bench.desk.link.state is LinkState.DISCONNECTED)
        assert server.dials == 10, "the first was lost before it was stable, and counts"
        assert bench.desk.link.attempt == 10
        assert bench.desk.link.next_try > bench.desk.link.since + 200
        assert bench.desk.link.reason == "The server is not ready just now."
        server.refuse = None
        client.reconnect_now()
        await shop.admit(COMPLETE)
        await until(lambda: bench.desk.link.state is LinkState.CONNECTED)

    @pytest.mark.parametrize("what", ["woke", "network_returned"])
    async def test_waiting_ends_when_the_computer_wakes(
        self, signed_in: Any, bench: Any, shop: Any, until: Any, what: str
    ) -> None:
        bench.jitter = 0.999
        client, peer = await signed_in()
        peer.close(4429)
        await until(lambda: bench.desk.link.next_try is not None)
        getattr(client, what)()
        await shop.admit(COMPLETE)

    async def test_a_dial_that_hangs_is_cancelled(
        self, signed_in: Any, bench: Any, shop: Any, server: Any, until: Any
    ) -> None:
        client, peer = await signed_in()
        server.silent = True
        peer.drop()
        await until(lambda: bench.desk.link.state is LinkState.CONNECTING)
        server.silent = False
        for _ in range(2):
            client.network_returned()
            await asyncio.sleep(0)
        await shop.admit(COMPLETE)
        await until(lambda: bench.desk.link.state is LinkState.CONNECTED)

    async def test_missing_events_are_resumed(self, signed_in: Any, bench: Any, shop: Any, until: Any) -> None:
        _, peer = await signed_in(offset=4)
        peer.send(shop.event(7))
        peer, auth = await shop.admit(COMPLETE, 7, unread=3)
        assert auth.resume == shop.position(4)
        peer.send(shop.event(5), shop.event(6), shop.event(7))
        await until(lambda: bench.desk.store("main").resume == shop.position(7))

    @pytest.mark.parametrize(
        "frame", [b"not json", b'{"type": "event"}', b'{"type": "unread", "count": -1, "seen": 0, "as_of": 0}']
    )
    async def test_what_cannot_be_understood_is_asked_again(
        self, signed_in: Any, bench: Any, shop: Any, until: Any, frame: bytes
    ) -> None:
        _, peer = await signed_in(offset=4)
        peer.send_raw(frame)
        _, auth = await shop.admit(COMPLETE, 4)
        assert auth.resume == shop.position(4)

    async def test_binary_frames_and_events_of_other_stores_too(self, signed_in: Any, bench: Any, shop: Any) -> None:
        _, peer = await signed_in(offset=4)
        peer.send_binary(b"\x00")
        peer, _ = await shop.admit(COMPLETE, 4)
        peer.send(shop.event(5, store="outlet"))
        _, auth = await shop.admit(COMPLETE, 4)
        assert auth.resume == shop.position(4)

    async def test_messages_of_later_protocols_are_ignored(
        self, signed_in: Any, bench: Any, shop: Any, until: Any
    ) -> None:
        _, peer = await signed_in(offset=4)
        peer.send_raw(b'{"type": "fireworks"}')
        peer.send_raw(b'{"type": "error", "code": "unknown_type", "message": "x"}')
        peer.send_raw(b'{"type": "pong"}')
        peer.send(shop.event(5))
        await until(lambda: bench.desk.badge == 1)
        assert bench.server.dials == 1


class TestLooking:
    async def test_a_look_is_told_at_once_and_clears_the_other_device(
        self, signed_in: Any, bench: Any, shop: Any, until: Any
    ) -> None:
        shop.sales = [shop.sale("s4", 4)]
        _, peer = await signed_in(offset=4, unread=1)
        await until(lambda: not bench.desk.store("main").needs_list)
        bench.desk.look_at(["main"])
        assert await peer.receive(Seen) == Seen(epoch="first", offset=4)
        peer.send(Unread(count=0, seen=4, as_of=4))
        bench.desk.look_at([])
        peer.send(shop.event(5))
        await until(lambda: bench.desk.badge == 1)
        peer.send(Unread(count=0, seen=5, as_of=5))
        await until(lambda: bench.desk.badge == 0)

    async def test_two_a_second_at_most(self, signed_in: Any, bench: Any, shop: Any, until: Any) -> None:
        _, peer = await signed_in(offset=4, seen=4)
        await until(lambda: not bench.desk.store("main").needs_list)
        bench.desk.look_at(["main"])
        started = asyncio.get_running_loop().time()
        peer.send(*(shop.event(offset) for offset in range(5, 205)))
        seen = [await peer.receive(Seen)]
        while seen[-1].offset < 204:
            seen.append(await peer.receive(Seen))
        took = asyncio.get_running_loop().time() - started
        assert len(seen) <= 1 + took / 0.49
        assert bench.desk.badge == 0


class TestLists:
    async def test_a_list_that_cannot_be_read_is_read_later(
        self, signed_in: Any, bench: Any, shop: Any, until: Any
    ) -> None:
        shop.sales = [shop.sale("s1", 1)]
        shop.refusals["sales"] = [(503, "log_unavailable"), (401, "token_invalid")]
        await signed_in(offset=1)
        await until(lambda: bench.desk.stores and bench.desk.store("main").list_state is ListState.FAILED)
        assert bench.desk.store("main").list_problem == "The server is not ready just now."
        await until(lambda: bench.desk.store("main").list_state is ListState.CURRENT)
        assert len(shop.refreshed) == 1, "since the token was not accepted"

    async def test_a_list_from_before_is_asked_again(self, bench: Any, shop: Any, until: Any) -> None:
        client = bench.client()
        await client.sign_in(bench.address, "ana@example.com", "correct")
        peer = await bench.server.peer()
        await peer.receive(Auth)
        shop.top = shop.position(3)
        peer.send(shop.success(FRESH, 4))
        await until(lambda: bench.desk.stores and bench.desk.store("main").list_state is ListState.FAILED)
        shop.top = shop.position(4)
        await until(lambda: bench.desk.store("main").list_state is ListState.CURRENT)

    async def test_older_sales(self, signed_in: Any, bench: Any, shop: Any, until: Any) -> None:
        shop.sales = [shop.sale(f"s{number}", -number) for number in range(5)]
        client, _ = await signed_in(offset=1)
        await until(lambda: not bench.desk.store("main").needs_list)
        listing = bench.desk.store("main").listing(Query(), Order())
        assert len(listing.rows) == 2
        await client.lists.load_more(listing)
        assert len(listing.rows) == 3, "a page of two, the first of which was at hand"
        await client.lists.load_more(listing)
        assert [sale.id for sale in listing.rows.newest(9)] == ["s0", "s1", "s2", "s3", "s4"]
        assert listing.progress is Progress.WHOLE

    async def test_an_order_of_ones_own_needs_all_of_them(
        self, signed_in: Any, bench: Any, shop: Any, until: Any
    ) -> None:
        shop.sales = [shop.sale(f"s{number}", -number) for number in range(5)]
        client, _ = await signed_in(offset=1)
        await until(lambda: not bench.desk.store("main").needs_list)
        listing = bench.desk.store("main").listing(Query(), Order(SortKey.NUMBER, descending=True))
        await client.lists.load_more(listing)
        assert [sale.id for sale in listing.rows.newest(9)] == ["s4", "s3", "s2", "s1", "s0"]
        assert listing.in_order

    async def test_after_a_new_list_it_is_read_as_far_as_it_was(
        self, signed_in: Any, bench: Any, shop: Any, until: Any
    ) -> None:
        shop.sales = [shop.sale(f"s{number}", -number) for number in range(7)]
        client, peer = await signed_in(offset=1)
        store = bench.desk.store("main")
        await until(lambda: not store.needs_list)
        listing = store.listing(Query(), Order())
        for _ in range(2):
            await client.lists.load_more(listing)
        assert len(listing.rows) == 5
        peer.drop()
        shop.sales = [shop.sale("new", 9), *shop.sales[:4], *shop.sales[5:]]
        shop.top = shop.position(99)
        await shop.admit(RESET, 99)
        await until(lambda: store.sales.get("new") is not None)
        assert [sale.id for sale in listing.rows.newest(9)] == ["new", "s0", "s1", "s2", "s3", "s4"]
        await client.lists.load_more(listing)
        assert listing.in_order
        assert [sale.id for sale in listing.rows.newest(9)] == ["new", "s0", "s1", "s2", "s3", "s5", "s6"]

    @pytest.mark.parametrize(
        ("order", "expected"),
        [(Order(), ["s0", "s1", "s2", "s3", "s4"]), (Order(descending=False), ["s4", "s3", "s2", "s1", "s0"])],
    )
    async def test_all_of_a_listing_whatever_it_has_read(
        self, signed_in: Any, bench: Any, shop: Any, until: Any, order: Order, expected: list[str]
    ) -> None:
        shop.sales = [shop.sale(f"s{number}", -number) for number in range(5)]
        client, _ = await signed_in(offset=1)
        store = bench.desk.store("main")
        await until(lambda: not store.needs_list)
        listing = store.listing(Query(), order)
        told: list[int] = []

        async def everything() -> list[str]:
            told.clear()
            return [sale.id async for batch in client.lists.everything(listing, told.append) for sale in batch]

        assert not listing.complete
        assert await everything() == expected
        assert told == [2, 4, 5]
        while listing.progress is not Progress.WHOLE:
            await client.lists.load_more(listing)
        assert listing.complete
        assert await everything() == expected
        assert told == [5], "nothing has to be asked"
        listing.close()
        assert await everything() == expected
        assert told == [2, 4, 5], "what was closed follows nothing any more"

    async def test_older_sales_below_those_of_the_cache(
        self, signed_in: Any, bench: Any, shop: Any, until: Any
    ) -> None:
        shop.sales = [shop.sale(f"s{number}", -number) for number in range(5)]
        await signed_in(offset=1)
        await until(lambda: not bench.desk.store("main").needs_list)
        await bench.stop()
        client = bench.client()
        client.start()
        await shop.admit(COMPLETE, 1)
        await until(lambda: bench.desk.link.state is LinkState.CONNECTED)
        listing = bench.desk.store("main").listing(Query(), Order())
        assert len(listing.rows) == 2
        await client.lists.load_more(listing)
        assert len(listing.rows) == 3

    async def test_a_listing_tells_what_went_wrong(self, signed_in: Any, bench: Any, shop: Any, until: Any) -> None:
        shop.sales = [shop.sale(f"s{number}", -number) for number in range(5)]
        client, _ = await signed_in(offset=1)
        await until(lambda: not bench.desk.store("main").needs_list)
        listing = bench.desk.store("main").listing(Query(), Order())
        shop.refusals["sales"] = [(503, "log_unavailable")]
        await client.lists.load_more(listing)
        assert (listing.progress, listing.problem) == (Progress.FAILED, "The server is not ready just now.")
        await client.lists.load_more(listing)
        assert len(listing.rows) == 3


class TestViews:
    async def test_one_that_fails_does_not_end_the_connection(
        self, bench: Any, shop: Any, until: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        def fail(_: object) -> None:
            raise ValueError("a view is broken")

        client = bench.client()
        bench.desk.observe(fail)
        bench.desk.announce_to(fail)
        client.start()
        await client.sign_in(bench.address, "ana@example.com", "correct")
        peer, _ = await shop.admit(offset=4, seen=4)
        peer.send(shop.event(5), shop.event(6))
        await until(lambda: bench.desk.badge == 2)
        assert bench.server.dials == 1
        assert "a view is broken" in caplog.text


class TestBursts:
    async def test_thousands_at_once_leave_the_loop_free(
        self, signed_in: Any, bench: Any, shop: Any, until: Any
    ) -> None:
        _, peer = await signed_in(offset=0)
        await until(lambda: not bench.desk.store("main").needs_list)
        turns = 0

        async def count_turns() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        counting = asyncio.create_task(count_turns())
        peer.send(*(shop.event(offset) for offset in range(1, 3001)))
        before = turns
        await until(lambda: bench.desk.badge == 3000)
        counting.cancel()
        assert turns - before > 10


class TestStopping:
    async def test_within_a_second_whatever_is_under_way(
        self, signed_in: Any, bench: Any, shop: Any, server: Any, until: Any
    ) -> None:
        shop.stores = ("main", "outlet")
        _, _ = await signed_in()
        await shop.admit()
        server.silent = True
        peer = await bench_peer_dropped(bench, until)
        assert peer is None
        async with asyncio.timeout(2):
            await bench.stop()
        others = [task for task in asyncio.all_tasks() if "salebell_desktop" in repr(task.get_coro())]
        assert others == []

    async def test_twice(self, bench: Any) -> None:
        client = bench.client()
        client.start()
        await client.stop()
        await client.stop()


async def bench_peer_dropped(bench: Any, until: Any) -> None:
    """Break all sockets, so that the client dials a server that says nothing."""
    for peer in bench.server.peers:
        peer.drop()
    await until(lambda: bench.desk.link.state is LinkState.CONNECTING)
