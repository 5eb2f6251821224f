"""What becomes of a draft."""

import asyncio

import msgspec
import pytest
from msgspec.structs import replace

from salebell_protocol.events import Event, EventType
from salebell_protocol.sales import SaleStatus
from salebell_server.log import Appended, Draft, Known, Lookup, Record, SaleLog, Stale
from tests.server.log.shop import changed, created, digest, paid, sale
from tests.server.log.stand import Heard, Opener, all_entries, append_all


async def test_offsets_are_dense_from_one_in_each_store(log: SaleLog) -> None:
    main = await append_all(log, created("a"), created("b"), created("c"))
    other = await append_all(log, created("a", store="other"))
    assert (main, other) == ([1, 2, 3], [1])


async def test_an_entry_is_the_confirmed_event(log: SaleLog) -> None:
    drafts = [created("a"), created("b"), paid("a", 1), changed("b", "edit", 1, total="7.00")]
    await append_all(log, *drafts)
    entries = await all_entries(log)
    events = [msgspec.json.decode(entry.event, type=Event) for entry in entries]
    assert events == [
        Event(
            id=draft.event_id,
            type=draft.type,
            store="main",
            occurred_at=draft.occurred_at,
            sale=draft.sale,
            offset=offset,
            previous=drafts[offset - 2].event_id if offset > 1 else "",
            created_before={1: 0, 2: 0, 3: 1, 4: None}[offset],
        )
        for offset, draft in enumerate(drafts, 1)
    ]
    assert [(entry.offset, entry.event_id, entry.previous) for entry in entries] == [
        (event.offset, event.id, event.previous) for event in events
    ]


async def test_created_before_skips_other_kinds_of_events(log: SaleLog) -> None:
    await append_all(log, created("a"), changed("a", "edit", 1), paid("a", 2))
    last = msgspec.json.decode((await all_entries(log))[-1].event, type=Event)
    assert (last.offset, last.created_before) == (3, 1)


async def test_a_known_id_gives_the_first_answer_and_changes_nothing(log: SaleLog, heard: Heard) -> None:
    first = created("a")
    await append_all(log, first, created("b"))
    again = await log.append(first)
    other = await log.append(replace(created("c"), event_id=first.event_id, digest=digest("other")))
    assert again == other == Known(first.event_id, 1, first.digest)
    assert [entry.event_id for entry in await all_entries(log)] == ["created:a", "created:b"]
    await heard.caught_up()
    assert [entry.offset for entry in heard.entries()] == [1, 2]
    assert await log.sale("main", "c") is None


async def test_a_known_id_wins_over_a_stale_version(log: SaleLog) -> None:
    await append_all(log, created("a"), changed("a", "edit", 1))
    assert await log.append(replace(changed("a", "edit", 1), expected_version=7)) == Known("edit", 2, digest("edit"))


async def test_an_id_is_known_in_its_store_alone(log: SaleLog) -> None:
    await append_all(log, created("a"))
    assert await log.append(created("a", store="other")) == Appended(1)


@pytest.mark.parametrize(
    "draft",
    [
        created("a", "again"),
        changed("a", "edit", 2),
        changed("never", "edit", 1),
    ],
    ids=["exists", "moved on", "unknown sale"],
)
async def test_another_version_is_stale_and_changes_nothing(log: SaleLog, heard: Heard, draft: Draft) -> None:
    await append_all(log, created("a"))
    assert await log.append(draft) == Stale()
    assert (await log.position("main")).offset == 1
    await heard.caught_up()
    assert len(heard.entries()) == 1
    assert (await log.lookup("main", draft.sale.id, draft.event_id)).known is None


async def test_lookup_follows_the_sale(log: SaleLog) -> None:
    await append_all(
        log,
        created("a"),
        created("b"),
        paid("a", 1),
        changed("a", "edit", 2, status=SaleStatus.APPROVED, total="1.00"),
    )
    await append_all(log, replace(changed("a", "edit2", 3, total="2.00"), sets_status=False))
    edited = sale("a", status=SaleStatus.PENDING, total="2.00")
    assert await log.lookup("main", "a", "paid:a") == Lookup(
        Known("paid:a", 3, digest("paid:a")),
        Record(sale=edited, version=4, status_event_id="edit", status_offset=4),
    )
    assert await log.sale("main", "a") == edited
    assert await log.lookup("main", "b", None) == Lookup(
        None, Record(sale=sale("b"), version=1, status_event_id="created:b", status_offset=2)
    )


async def test_lookup_of_what_is_unknown(log: SaleLog) -> None:
    assert await log.lookup("nowhere", "a", "created:a") == Lookup(None, None)
    await append_all(log, created("a"))
    assert await log.lookup("main", "b", "created:b") == Lookup(None, None)
    assert await log.lookup("other", "a", "created:a") == Lookup(None, None)


async def test_history_is_of_one_sale_in_order(log: SaleLog) -> None:
    await append_all(log, created("a"), created("b"), paid("a", 1), created("a", store="other"))
    history = await log.history("main", "a")
    assert [(event.id, event.offset, event.store) for event in history] == [
        ("created:a", 1, "main"),
        ("paid:a", 3, "main"),
    ]
    assert await log.history("main", "never") == ()


async def test_it_is_published_as_it_lies_in_the_log(log: SaleLog, heard: Heard) -> None:
    await append_all(log, created("a"), created("b"), paid("a", 1), created("z", store="other"))
    await heard.caught_up()
    for store in ("main", "other"):
        assert heard.entries(store) == await all_entries(log, store)
        epoch = (await log.position(store)).epoch
        assert {told for name, told, _ in heard.publications if name == store} == {epoch}


async def test_it_is_published_by_the_time_append_returns(log: SaleLog, heard: Heard) -> None:
    for number in range(5):
        await append_all(log, created(f"s{number}"))
        await heard.caught_up()
        assert heard.entries()[-1].event_id == f"created:s{number}"


async def test_a_refused_one_among_many_at_once_fails_alone(log: SaleLog, heard: Heard) -> None:
    await append_all(log, created("a"))
    drafts = [
        created("b"), created("a"), created("a", "again"), changed("never", "edit", 1), created("c"), created("b"),
    ]  # fmt: skip
    outcomes = await asyncio.gather(*(log.append(draft) for draft in drafts))
    assert outcomes == [
        Appended(2), Known("created:a", 1, digest("created:a")), Stale(), Stale(), Appended(3),
        Known("created:b", 2, digest("created:b")),
    ]  # fmt: skip
    assert [entry.event_id for entry in await all_entries(log)] == ["created:a", "created:b", "created:c"]
    await heard.caught_up()
    assert heard.entries() == await all_entries(log)


async def test_of_many_with_the_same_version_one_wins(log: SaleLog) -> None:
    await append_all(log, created("a"))
    outcomes = await asyncio.gather(*(log.append(changed("a", f"edit{n}", 1)) for n in range(20)))
    assert outcomes.count(Stale()) == 19
    assert [outcome for outcome in outcomes if outcome != Stale()] == [Appended(2)]


async def test_everything_is_there_after_a_restart(opener: Opener) -> None:
    async with opener() as first:
        await append_all(first.log, created("a"), paid("a", 1), created("b"))
        await first.log.open("main", "ana", None)
        entries, position = await all_entries(first.log), await first.log.position("main")
        await append_all(first.log, created("c"))
    async with opener() as second:
        assert (await all_entries(second.log))[:3] == entries
        assert (await second.log.position("main")).epoch == position.epoch
        assert (await second.log.unread("main", "ana")).count == 1
        assert (await second.log.unread("main", "ana")).seen == 3
        assert await second.log.append(created("a")) == Known("created:a", 1, digest("created:a"))
        assert await second.log.append(created("d")) == Appended(5)


async def test_all_that_json_can_hold_comes_back(log: SaleLog) -> None:
    odd = created("a", number='"\\/ 𝄞 é', customer=None, items=(), url="https://shop.example.com/a?b=%22")
    await append_all(log, odd)
    assert await log.sale("main", "a") == odd.sale
    assert (await log.history("main", "a"))[0].sale == odd.sale


async def test_a_cancel_does_not_ring(log: SaleLog) -> None:
    await append_all(log, created("a"))
    await log.open("main", "ana", None)
    cancel = changed("a", "cancelled:a", 1, EventType.SALE_CANCELLED, status=SaleStatus.CANCELLED)
    await append_all(log, cancel)
    assert (await log.unread("main", "ana")).count == 0
