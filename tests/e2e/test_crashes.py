"""A server that dies again and again, while shops sell and admins come and go: nothing lost, doubled, miscounted."""

import asyncio
import itertools
import random
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import httpx
import msgspec

from salebell_protocol import codec
from salebell_protocol.events import Event, EventType
from tests.e2e.devices import Device
from tests.e2e.programs import Server, eventually

KILLS = 20
PRODUCERS = 16
STORES = ("north", "south")
ADMINS = {"ana@shop.example": STORES, "bob@shop.example": ("north",), "eva@shop.example": ("south",)}
DEVICES = ("ana@shop.example",) * 4 + ("bob@shop.example",) * 2 + ("eva@shop.example",) * 2


class Kept(msgspec.Struct, frozen=True):
    """What the database holds in the end."""

    events: dict[str, list[Event]]
    unread: dict[tuple[str, str], int]


class Shop:
    """A producer: sells, and asks again until it is acknowledged, as a careful back end does."""

    def __init__(self, server: Server, store: str, key: str, number: int, chance: random.Random) -> None:
        self.store = store
        self.acknowledged: dict[str, int] = {}
        self._server = server
        self._key = key
        self.number = number
        self._chance = chance

    async def sell(self, closing_time: asyncio.Event) -> None:
        """Sell until closing time, and see the last request through."""
        async with self._server.producer(self._key) as http:
            for count in itertools.count():
                if closing_time.is_set():
                    return
                sale_id = f"{self.number}-{count}"
                sale = {"id": sale_id, "total": f"{count}.50", "currency": "ARS", "channel": "web"}
                if count % 3 == 0:
                    await self._post(http, "/v1/checkouts", {"sale": sale}, f"created:{sale_id}")
                    await self._post(http, f"/v1/sales/{sale_id}/payment", {}, f"paid:{sale_id}")
                else:
                    await self._post(http, "/v1/sales", {"sale": sale}, f"created:{sale_id}")
                if count % 7 == 0:
                    await self._post(http, f"/v1/sales/{sale_id}/cancel", {}, f"cancelled:{sale_id}")
                await asyncio.sleep(self._chance.uniform(0, 0.05))

    async def _post(self, http: httpx.AsyncClient, path: str, body: object, event_id: str) -> None:
        while True:
            with suppress(httpx.TransportError):
                answer = await http.post(path, json=body)
                if answer.status_code == 201:
                    receipt = answer.json()
                    assert receipt["event_id"] == event_id
                    self.acknowledged[event_id] = receipt["offset"]
                    return
                assert answer.status_code == 503, answer.text
            await asyncio.sleep(0.05)


async def come_and_go(device: Device, chance: random.Random, closing_time: asyncio.Event) -> None:
    """An admin who looks now and then, and whose computer is sometimes off."""
    while not closing_time.is_set():
        await asyncio.sleep(chance.uniform(0.2, 1.5))
        if chance.random() < 0.4:
            await device.look()
        if chance.random() < 0.3:
            await device.stop()
            await asyncio.sleep(chance.uniform(0, 1))
            device.start()


def tops(shops: list[Shop]) -> dict[str, int]:
    """The last offset of each store, as the shops were told."""
    return {store: max(max(shop.acknowledged.values()) for shop in shops if shop.store == store) for store in STORES}


def read_database(directory: Path) -> Kept:
    """Every event in order, and the unread count by its definition, straight from the file."""
    with closing(sqlite3.connect(f"file:{directory / 'salebell.db'}?mode=ro", uri=True)) as connection:
        events: dict[str, list[Event]] = {store: [] for store in STORES}
        query = "SELECT name, body FROM events JOIN stores ON stores.id = store ORDER BY offset"
        for name, body in connection.execute(query):
            events[name].append(codec.decode(body, Event))
        cursors = connection.execute(
            "SELECT stores.name, email, seen FROM cursors JOIN stores ON stores.id = store JOIN accounts ON uid = admin"
        ).fetchall()
    latest = {
        store: {event.sale.id: event.offset or 0 for event in log if event.type is EventType.SALE_CREATED}
        for store, log in events.items()
    }
    return Kept(
        events,
        {(email, store): sum(offset > seen for offset in latest[store].values()) for store, email, seen in cursors},
    )


def check_log(kept: Kept, shops: list[Shop]) -> None:
    """Invariants 1, 2 and 5 of the log: acknowledged once and for good, dense, chained, each in its store."""
    for store, log in kept.events.items():
        assert [event.offset for event in log] == list(range(1, len(log) + 1))
        assert [event.previous for event in log] == ["", *(event.id for event in log[:-1])]
        assert {event.store for event in log} == {store}
        offsets = {event.id: event.offset for event in log}
        assert len(offsets) == len(log), "an event is there twice"
        promised = {name: offset for shop in shops if shop.store == store for name, offset in shop.acknowledged.items()}
        assert promised == {name: offsets.get(name) for name in promised}
        sold = [event.sale.id for event in log if event.type is EventType.SALE_CREATED]
        numbers = {shop.number for shop in shops if shop.store == store}
        assert {int(sale_id.split("-")[0]) for sale_id in sold} == numbers


def check_device(device: Device, kept: Kept) -> None:
    """Invariants 3, 4 and 5 on a device: everything once and in order, the right count, nobody else's sale."""
    stores = ADMINS[device.email]
    assert {store.name for store in device.desk.stores} == set(stores)
    assert {announcement.store for announcement in device.shown} == set(stores)
    for store in device.desk.stores:
        log = kept.events[store.name]
        rung = [event.id for event in log if event.type is EventType.SALE_CREATED]
        shown = [announcement.event for announcement in device.shown if announcement.store == store.name]
        assert [event.id for event in shown] == rung, "lost, doubled or out of order"
        assert store.badge == kept.unread[device.email, store.name]
        last = {event.sale.id: event.sale for event in log}
        listed = store.sales.newest(50)
        assert list(listed) == [last[sale.id] for sale in listed]


async def test_twenty_crashes_lose_double_and_miscount_nothing(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    server = Server(tmp_path / "server")
    await server.start()
    keys = {store: await server.new_key(store) for store in STORES}
    for email, stores in ADMINS.items():
        await server.new_admin(email, *stores)
    devices = [Device(tmp_path / f"device-{number}", email) for number, email in enumerate(DEVICES)]
    for device in devices:
        await device.sign_in(server.url)
    await eventually(
        lambda: all(device.connected_at(dict.fromkeys(STORES, 0)) for device in devices), "the devices are connected"
    )
    shops = [
        Shop(server, STORES[number % 2], keys[STORES[number % 2]], number, random.Random(chance.random()))
        for number in range(PRODUCERS)
    ]
    closing_time = asyncio.Event()
    async with asyncio.TaskGroup() as town:
        for shop in shops:
            town.create_task(shop.sell(closing_time))
        for device in devices:
            town.create_task(come_and_go(device, random.Random(chance.random()), closing_time))
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0.1, 0.6))
            await server.kill()
            await server.start()
        closing_time.set()

    await eventually(lambda: all(device.connected_at(tops(shops)) for device in devices), "the devices caught up")
    for device in devices:
        await device.look()
    await eventually(lambda: all(device.desk.badge == 0 for device in devices), "all sales are looked at")
    late = [Shop(server, store, keys[store], PRODUCERS + number, chance) for number, store in enumerate(STORES)]
    async with asyncio.TaskGroup() as town:
        evening = asyncio.Event()
        for shop in late:
            town.create_task(shop.sell(evening))
        await eventually(lambda: all(len(shop.acknowledged) > 5 for shop in late), "the last sales")
        evening.set()
    shops += late
    await eventually(lambda: all(device.connected_at(tops(shops)) for device in devices), "the devices heard of them")
    assert await server.stop() == 0
    kept = read_database(server.directory)
    check_log(kept, shops)
    for device in devices:
        check_device(device, kept)
        await device.stop()
    assert any(kept.unread.values()), "the last sales are unread"
