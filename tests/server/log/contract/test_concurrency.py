"""Many at once: what each of them was told is what the log has."""

import asyncio
import random
from collections import Counter

from salebell_server.log import Appended, Draft, Known, SaleLog, Stale
from tests.server.log.shop import changed, created
from tests.server.log.stand import Heard, all_entries, append_all

PRODUCERS = 32
ROUNDS = 15


def check_chain(log_entries: list[tuple[int, str, str]]) -> None:
    """Offsets dense, ids unique, each `previous` the id before."""
    assert [offset for offset, _, _ in log_entries] == list(range(1, len(log_entries) + 1))
    ids = [event_id for _, event_id, _ in log_entries]
    assert max(Counter(ids).values(), default=1) == 1
    assert [previous for _, _, previous in log_entries] == ["", *ids[:-1]]


async def test_every_acknowledged_event_is_there_once(log: SaleLog, heard: Heard) -> None:
    acknowledged: dict[tuple[str, str], int] = {}

    async def produce(producer: int) -> None:
        chance = random.Random(producer)
        for number in range(ROUNDS):
            store = chance.choice(("main", "other"))
            draft = created(f"p{producer}-{number}", store=store)
            for _ in range(chance.choice((1, 1, 3))):  # a producer that did not hear the answer asks again
                outcome = await log.append(draft)
                if isinstance(outcome, Appended):
                    assert acknowledged.setdefault((store, draft.event_id), outcome.offset) == outcome.offset
                else:
                    assert outcome == Known(draft.event_id, acknowledged[store, draft.event_id], draft.digest)

    await asyncio.gather(*(produce(producer) for producer in range(PRODUCERS)))
    await heard.caught_up()
    for store in ("main", "other"):
        entries = await all_entries(log, store)
        check_chain([(entry.offset, entry.event_id, entry.previous) for entry in entries])
        assert {entry.event_id: entry.offset for entry in entries} == {
            event_id: offset for (of, event_id), offset in acknowledged.items() if of == store
        }
        assert heard.entries(store) == entries
    assert len(acknowledged) == PRODUCERS * ROUNDS


async def test_optimistic_writers_of_one_sale_lose_nothing(log: SaleLog) -> None:
    await append_all(log, created("a"))

    async def edit(writer: int) -> None:
        while True:
            record = (await log.lookup("main", "a", None)).record
            assert record is not None
            number = f"{record.sale.number}+{writer}"
            outcome = await log.append(changed("a", f"edit{writer}", record.version, number=number))
            if outcome != Stale():
                assert isinstance(outcome, Appended)
                return

    await asyncio.gather(*(edit(writer) for writer in range(12)))
    record = (await log.lookup("main", "a", None)).record
    assert record is not None
    assert record.version == 13
    assert sorted(record.sale.number.split("+")[1:], key=int) == [str(writer) for writer in range(12)]


async def test_a_reader_never_sees_half_of_it(log: SaleLog) -> None:
    """Position, count and entries of one reading agree while others append."""
    await log.open("main", "ana", None)
    done = asyncio.Event()

    async def write() -> None:
        for number in range(0, 300, 10):
            await asyncio.gather(*(log.append(created(f"s{number + n}")) for n in range(10)))
        done.set()

    async def read() -> int:
        readings = 0
        while not done.is_set():
            reading = await log.open("main", "ana", None)
            assert reading.unread == reading.position.offset
            readings += 1
        return readings

    counts = await asyncio.gather(write(), read(), read(), read())
    assert all(counts[1:])
    assert (await log.open("main", "ana", None)).unread == 300


async def test_a_caller_that_gives_up_leaves_nothing_half_done(log: SaleLog, heard: Heard) -> None:
    drafts: list[Draft] = [created(f"s{number}") for number in range(20)]
    tasks = [asyncio.create_task(log.append(draft)) for draft in drafts]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    outcomes = [await log.append(draft) for draft in drafts]
    assert all(isinstance(outcome, Appended | Known) for outcome in outcomes)
    entries = await all_entries(log)
    check_chain([(entry.offset, entry.event_id, entry.previous) for entry in entries])
    assert len(entries) == len(drafts)
    await heard.caught_up()
    assert heard.entries() == entries
