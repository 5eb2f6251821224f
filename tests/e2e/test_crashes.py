"""A server that dies again and again, while shops sell and admins come and go: nothing lost, doubled, miscounted."""

import asyncio
import random
import sqlite3
from contextlib import closing
from pathlib import Path

from salebell_protocol import codec
from salebell_protocol.events import Event
from tests.e2e.devices import Device
from tests.e2e.invariants import Kept, Verdict, judge
from tests.e2e.programs import Server, eventually
from tests.e2e.town import Shop, come_and_go

KILLS = 20
PRODUCERS = 16
STORES = ("north", "south")
ADMINS = {"ana@shop.example": STORES, "bob@shop.example": ("north",), "eva@shop.example": ("south",)}
DEVICES = ("ana@shop.example",) * 4 + ("bob@shop.example",) * 2 + ("eva@shop.example",) * 2


def tops(shops: list[Shop]) -> dict[str, int]:
    """The last offset of each store, as the shops were told."""
    return {
        store: max(offset or 0 for shop in shops if shop.store == store for offset in shop.acknowledged.values())
        for store in STORES
    }


def read_database(directory: Path) -> Kept:
    """Every event in order, and the cursors, straight from the file."""
    with closing(sqlite3.connect(f"file:{directory / 'salebell.db'}?mode=ro", uri=True)) as connection:
        events: dict[str, list[Event]] = {store: [] for store in STORES}
        query = "SELECT name, body FROM events JOIN stores ON stores.id = store ORDER BY offset"
        for name, body in connection.execute(query):
            events[name].append(codec.decode(body, Event))
        cursors = connection.execute(
            "SELECT stores.name, email, seen FROM cursors JOIN stores ON stores.id = store JOIN accounts ON uid = admin"
        ).fetchall()
    return Kept(events, {(email, store): seen for store, email, seen in cursors})


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
        Shop(server.url, STORES[number % 2], keys[STORES[number % 2]], number, random.Random(chance.random()))
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
    late = [Shop(server.url, store, keys[store], PRODUCERS + number, chance) for number, store in enumerate(STORES)]
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
    assert judge(kept, shops, devices, ADMINS) == Verdict()
    for device in devices:
        await device.stop()
    assert all(kept.unread(email, store) for email, stores in ADMINS.items() for store in stores)
