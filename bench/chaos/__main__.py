"""Torments a cluster, heals it, and checks that nothing was lost, doubled or miscounted.

Three servers on one Redis, 16 producers, 24 devices of 8 admins in 4 stores; servers, Redis and the links between them
die, freeze, slow down and lie, as `faults` says; devices are switched off and on. The seed is printed: it decides
which faults come when, so far as programs of their own allow.

    .venv/bin/python -m bench.chaos --seconds 180
    .venv/bin/python -m bench.chaos --seconds 60 --mutant early-ack

With `--mutant`, the servers have a defect on purpose, and are tormented by what shows it; the exit status is 0 only if
it was found.
"""

import argparse
import asyncio
import itertools
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.chaos import faults
from bench.chaos.cluster import Cluster
from bench.chaos.mutants import MUTANTS
from tests.e2e.devices import Device
from tests.e2e.invariants import Verdict, judge
from tests.e2e.programs import BIN, eventually
from tests.e2e.town import Shop, come_and_go

SERVERS = 3
PRODUCERS = 16
STORES: tuple[str, ...] = ("north", "east", "south", "west")
DEVICES_AN_ADMIN = 3
ADMINS: dict[str, tuple[str, ...]] = {
    "ana@shop.example": STORES,
    "bob@shop.example": ("north", "east"),
    "cleo@shop.example": ("south", "west"),
    "dan@shop.example": ("north",),
    "eva@shop.example": ("east",),
    "flo@shop.example": ("south",),
    "gil@shop.example": ("west",),
    "hal@shop.example": ("north", "west"),
}
CATCH_UP_SECONDS = 60.0


class Report(msgspec.Struct):
    """What a run came to."""

    seed: int
    faults: Counter[str]
    confirmed: int
    deferred: int
    shown: int
    verdict: Verdict

    def __str__(self) -> str:
        happened = ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items()))
        lines = [
            f"seed {self.seed}; {self.faults.total()} faults: {happened}",
            f"acknowledged: {self.confirmed} with 201, {self.deferred} with 202; notifications shown: {self.shown}",
        ]
        for name, found in msgspec.structs.asdict(self.verdict).items():
            lines += [f"{name}: {len(found)}", *(f"    {each}" for each in found[:10])]
        return "\n".join(lines)


async def run(
    directory: Path, seconds: float, seed: int, program: tuple[str, ...], kinds: Sequence[Sequence[faults.Fault]]
) -> Report:
    """Torment a cluster for so long with each kind of faults at once, and judge it."""
    chance = random.Random(seed)
    counts: Counter[str] = Counter()
    async with Cluster(directory, SERVERS, random.Random(chance.random()), program) as cluster:
        first = cluster.servers[0]
        keys = {store: await first.new_key(store) for store in STORES}
        admins: dict[str, str] = {}
        for email, stores in ADMINS.items():
            await first.new_admin(email, *stores)
            admins[(await first.sign_in(email))["uid"]] = email
        devices = [Device(directory / f"device-{n}", email) for n, email in enumerate(list(ADMINS) * DEVICES_AN_ADMIN)]
        for device in devices:
            await device.sign_in(cluster.balancer.url)
        nothing: dict[str, int] = dict.fromkeys(STORES, 0)
        await eventually(lambda: all(device.connected_at(nothing) for device in devices), "the devices are connected")
        numbers = itertools.count()

        def shop() -> Shop:
            number = next(numbers)
            store = STORES[number % len(STORES)]
            return Shop(cluster.balancer.url, store, keys[store], number, random.Random(chance.random()), whole=True)

        shops = [shop() for _ in range(PRODUCERS)]
        closing_time = asyncio.Event()
        async with asyncio.TaskGroup() as town:
            for each in shops:
                town.create_task(each.sell(closing_time))
            for device in devices:
                town.create_task(come_and_go(device, random.Random(chance.random()), closing_time))
            for kind in kinds:
                town.create_task(faults.torment(cluster, kind, random.Random(chance.random()), closing_time, counts))
            await asyncio.sleep(seconds)
            closing_time.set()

        await cluster.healthy()
        late_devices = await _caught_up(cluster, devices)
        for device in devices:
            await device.look()
        late = [shop() for _ in STORES]
        evening = asyncio.Event()
        async with asyncio.TaskGroup() as town:
            for each in late:
                town.create_task(each.sell(evening))
            await eventually(lambda: all(len(each.acknowledged) > 5 for each in late), "the last sales")
            evening.set()
        shops += late
        late_devices += await _caught_up(cluster, devices)
        kept = await cluster.kept(admins, STORES)
        verdict = judge(kept, shops, devices, ADMINS)
        verdict.lost += late_devices
        for device in devices:
            await device.stop()
    promises = [offset for each in shops for offset in each.acknowledged.values()]
    return Report(
        seed=seed,
        faults=counts,
        confirmed=sum(offset is not None for offset in promises),
        deferred=promises.count(None),
        shown=sum(len(device.shown) for device in devices),
        verdict=verdict,
    )


async def _caught_up(cluster: Cluster, devices: list[Device]) -> list[str]:
    """Wait until every device has everything. Returns, in words, those that still have not."""
    tops = await cluster.tops(STORES)
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while (late := [device for device in devices if not device.connected_at(tops)]) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    # What a count or a look still has under way: the badge is right within a second of it.
    await asyncio.sleep(1)
    return [f"{device.name} lacks events {CATCH_UP_SECONDS:g} s after all was healed" for device in late]


def main() -> int:
    """Run it; 0 when nothing was wrong, or what was wrong on purpose was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=180, help="how long to torment")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--mutant", choices=MUTANTS, help="a defect that the servers are given")
    options = parser.parse_args()
    program: tuple[str, ...] = (str(BIN / "salebell-server"),)
    kinds: Sequence[Sequence[faults.Fault]] = (faults.OF_REDIS, faults.OF_SERVERS)
    if options.mutant:
        program = (sys.executable, "-m", "bench.chaos.mutants", options.mutant)
        kinds = MUTANTS[options.mutant].faults
    print(f"seed {options.seed}, {options.seconds:g} s", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        report = asyncio.run(run(Path(directory), options.seconds, options.seed, program, kinds))
    print(report)
    if options.mutant:
        print(f"{options.mutant} was {'not found' if report.verdict.good else 'found'}")
    return int(report.verdict.good == bool(options.mutant))


if __name__ == "__main__":
    sys.exit(main())
