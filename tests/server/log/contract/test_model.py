"""The log beside its model, in any order of commands and restarts."""

import asyncio
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, TypeVar

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from msgspec.structs import replace

from salebell_protocol import events as wire
from salebell_protocol.events import EventType, Position
from salebell_server.log import Counted, Draft, LogDiverged, PositionAhead, Retention, SalesQuery
from tests.server.log.model import Event, ModelStore, badge
from tests.server.log.shop import NOON, changed, digest
from tests.server.log.stand import OPENERS, Stand

T = TypeVar("T")

stores = st.sampled_from(["main", "other"])
admins = st.sampled_from(["ana", "eva"])
sale_ids = st.sampled_from(["a", "b", "c"])


class Wish(msgspec.Struct, frozen=True):
    """A draft before the sale's version is looked up."""

    store: str
    sale_id: str
    event_id: str
    type: EventType
    off: int
    sets_status: bool
    minute: int


wishes = st.builds(
    Wish,
    store=stores,
    sale_id=sale_ids,
    event_id=st.integers(1, 30).map("e{}".format),
    type=st.sampled_from([EventType.SALE_CREATED, EventType.SALE_CREATED, EventType.SALE_UPDATED]),
    off=st.sampled_from([0, 0, 0, 0, 1, -1]),
    sets_status=st.booleans(),
    minute=st.integers(0, 3),
)


class LogMachine(RuleBasedStateMachine):
    """Gives every command to the log and to the model, and compares all that both of them tell."""

    implementation: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self._directory = TemporaryDirectory()
        self._runner = asyncio.Runner()
        self._opener = OPENERS[self.implementation](Path(self._directory.name))
        self._open: AbstractAsyncContextManager[Stand] = self._opener()
        self._stand = self._run(self._open.__aenter__())
        self._models = {
            store: ModelStore(self._run(self._stand.log.position(store)).epoch) for store in ("main", "other")
        }
        self._fresh = dict.fromkeys(self._models, 0)
        self._told: list[tuple[str, str, Counted]] = []
        self._readings: list[tuple[str, str, Counted]] = []

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(coroutine)

    def _draft(self, wish: Wish) -> Draft:
        record = self._models[wish.store].record(wish.sale_id)
        version = (record.version if record else 0) + wish.off
        draft = changed(
            wish.sale_id,
            wish.event_id,
            max(version, 0),
            wish.type,
            store=wish.store,
            number=wish.event_id,
            created_at=NOON + timedelta(minutes=wish.minute),
        )
        return replace(draft, sets_status=wish.sets_status, digest=digest(repr(wish)))

    @rule(wish=wishes)
    def append(self, wish: Wish) -> None:
        draft = self._draft(wish)
        assert self._run(self._stand.log.append(draft)) == self._models[wish.store].append(draft)

    @rule(many=st.lists(wishes, min_size=2, max_size=8))
    def append_at_once(self, many: list[Wish]) -> None:
        drafts = [self._draft(wish) for wish in many]

        async def all_of_them() -> list[object]:
            return await asyncio.gather(*(self._stand.log.append(draft) for draft in drafts))

        assert self._run(all_of_them()) == [self._models[draft.store].append(draft) for draft in drafts]

    @rule(
        store=stores,
        admin=admins,
        offset=st.none() | st.integers(0, 40),
        epoch=st.sampled_from(["", "", "another"]),
        event_id=st.sampled_from(["", "", "e1"]),
    )
    def open(self, store: str, admin: str, offset: int | None, epoch: str, event_id: str) -> None:
        model = self._models[store]
        resume = None
        if offset is not None:
            own = model.position(min(offset, model.top)).event_id or "e1"
            resume = Position(epoch or model.epoch, offset, (event_id or own) if offset else "")
        reading = self._run(self._stand.log.open(store, admin, resume))
        assert reading == model.open(admin, resume)
        self._readings.append((store, admin, Counted(reading.unread, reading.seen, reading.position.offset)))

    @rule(store=stores, admin=admins, behind=st.integers(-1, 12))
    def see(self, store: str, admin: str, behind: int) -> None:
        model = self._models[store]
        offset = max(model.top - behind, 0)
        if offset > model.top:
            with pytest.raises(PositionAhead):
                self._run(self._stand.log.see(store, admin, model.epoch, offset))
            return
        self._run(self._stand.log.see(store, admin, model.epoch, offset))
        self._told.append((store, admin, model.see(admin, offset)))

    @rule(store=stores, admin=admins, offset=st.integers(0, 40))
    def see_another_epoch(self, store: str, admin: str, offset: int) -> None:
        self._run(self._stand.log.see(store, admin, "another", offset))

    @rule(keep=st.integers(1, 12))
    def trim(self, keep: int) -> None:
        self._run(self._stand.log.trim(Retention(events_per_store=keep), NOON))
        for model in self._models.values():
            model.trim(keep)

    @rule()
    def restart(self) -> None:
        self._run(self._open.__aexit__(None, None, None))
        self._open = self._opener()
        self._stand = self._run(self._open.__aenter__())
        self._fresh = {store: model.top for store, model in self._models.items()}
        self._told = []

    @invariant()
    def entries_agree(self) -> None:
        self._run(self._stand.heard.caught_up())
        for store, model in self._models.items():
            retained = self._run(self._stand.log.entries(store, model.epoch, model.first - 1, 1000))
            decoded = [msgspec.json.decode(entry.event, type=wire.Event) for entry in retained]
            assert decoded == [_on_the_wire(event) for event in model.events[model.first - 1 :]]
            assert [(entry.offset, entry.event_id, entry.previous) for entry in retained] == [
                (event.offset, event.id, event.previous) for event in decoded
            ]
            assert self._stand.heard.entries(store)[-len(retained) :] == list(retained)[self._fresh_from(store) :]
            if model.first > 1:
                with pytest.raises(LogDiverged):
                    self._run(self._stand.log.entries(store, model.epoch, model.first - 2, 1))

    def _fresh_from(self, store: str) -> int:
        """Where in what is retained those begin that were appended since the start, and so published."""
        return max(self._fresh[store] - (self._models[store].first - 1), 0)

    @invariant()
    def publications_are_in_order(self) -> None:
        self._run(self._stand.heard.caught_up())
        for store, model in self._models.items():
            offsets = [entry.offset for entry in self._stand.heard.entries(store)]
            assert offsets == list(range(self._fresh[store] + 1, model.top + 1))

    @invariant()
    def sales_and_counts_agree(self) -> None:
        for store, model in self._models.items():
            for sale_id in ("a", "b", "c"):
                lookup = self._run(self._stand.log.lookup(store, sale_id, "e1"))
                assert (lookup.known, lookup.record) == (model.known("e1"), model.record(sale_id))
            for admin in ("ana", "eva"):
                counted = model.counted(admin)
                assert self._run(self._stand.log.unread(store, admin)) == counted
                listing = self._run(self._stand.log.sales(SalesQuery(store=store), admin))
                assert listing.sales == tuple(model.sales())
                assert (listing.unread, listing.position) == (counted.count, model.position(model.top))
        self._run(self._stand.heard.caught_up())
        assert self._stand.heard.counts == self._told

    @invariant()
    def every_badge_is_right(self) -> None:
        """Whatever an admin's device was last told, the rule of the protocol brings it to the count of now."""
        for store, admin, counted in (*self._readings, *self._told):
            model = self._models[store]
            now = model.counted(admin)
            if counted.seen == now.seen:
                assert badge(counted, model.events) == now.count

    def teardown(self) -> None:
        self._run(self._open.__aexit__(None, None, None))
        self._runner.close()
        self._directory.cleanup()


def _on_the_wire(event: Event) -> wire.Event:
    draft = event.draft
    return wire.Event(
        id=draft.event_id,
        type=draft.type,
        store=draft.store,
        occurred_at=draft.occurred_at,
        sale=draft.sale,
        offset=event.offset,
        previous=event.previous,
        created_before=event.created_before,
    )


@pytest.mark.parametrize("name", sorted(OPENERS))
def test_the_log_does_what_the_model_does(name: str) -> None:
    class Machine(LogMachine):
        implementation = name

    run_state_machine_as_test(Machine, settings=settings(max_examples=25, stateful_step_count=30, deadline=None))
