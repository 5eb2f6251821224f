from typing import Any

from salebell_desktop.store import (
    Announcement,
    Change,
    Link,
    LinkChanged,
    LinkState,
    ListState,
    ListStateChanged,
    Look,
    Reading,
    SaleHeard,
    SalesReset,
    SalesStore,
    SaveDue,
    Snapshot,
)
from salebell_desktop.store.sort_keys import created_key
from salebell_protocol.events import EventType
from salebell_protocol.messages import Recovery, Seen, Unread

CONNECTED = Link(state=LinkState.CONNECTED, since=10.0)
CONNECTING = Link(state=LinkState.CONNECTING, since=20.0)

FRESH, COMPLETE, RESET, DEFERRED = Recovery.FRESH, Recovery.COMPLETE, Recovery.RESET, Recovery.DEFERRED


class TestTheList:
    def test_reading_it(self, store: SalesStore, told: list[Change], facts: Any) -> None:
        store.authenticated(facts.success(FRESH, 5))
        told.clear()
        store.loading()
        store.loading_failed("The server cannot be reached.")
        assert store.list_state is ListState.FAILED
        assert store.list_problem == "The server cannot be reached."
        store.loading()
        assert store.list_problem == ""
        assert store.loaded(facts.page(facts.sale("a"), offset=5, next_before="m1"))
        assert store.list_state is ListState.CURRENT
        assert not store.needs_list
        assert store.floor == created_key(facts.sale("a"))
        assert [change for change in told if not isinstance(change, SaveDue)] == [
            *(ListStateChanged(store="main") for _ in range(3)),
            SalesReset(store="main", sales=(facts.sale("a"),)),
            ListStateChanged(store="main"),
        ]

    def test_a_page_of_another_log_is_refused(self, store: SalesStore, facts: Any) -> None:
        store.authenticated(facts.success(FRESH, 5))
        assert not store.loaded(facts.page(offset=9, epoch="second"))

    def test_a_page_from_before_the_position_is_refused(self, store: SalesStore, facts: Any) -> None:
        store.authenticated(facts.success(FRESH, 5))
        assert not store.loaded(facts.page(offset=4))

    def test_events_that_came_meanwhile_stay(self, store: SalesStore, facts: Any) -> None:
        store.authenticated(facts.success(FRESH, 5))
        store.event(facts.event(6, "new"))
        store.loaded(facts.page(facts.sale("old"), offset=5))
        assert {"new", "old"} == {sale.id for sale in store.sales.newest(9)}

    def test_what_is_older_than_the_list_goes_is_heard_and_not_listed(
        self, store: SalesStore, told: list[Change], facts: Any
    ) -> None:
        """An old sale that changes would stand at the end as if there were none in between."""
        store.authenticated(facts.success(FRESH, 5))
        store.loaded(facts.page(facts.sale("b", 2), offset=5, next_before="m1"))
        told.clear()
        store.event(facts.event(6, facts.sale("a", 1)))
        assert [sale.id for sale in store.sales.newest(9)] == ["b"]
        assert told[0] == SaleHeard(store="main", sale=facts.sale("a", 1), offset=6)
        assert store.badge == 1

    def test_a_list_that_has_everything_takes_any_sale(self, store: SalesStore, facts: Any) -> None:
        store.authenticated(facts.success(FRESH, 5))
        store.loaded(facts.page(facts.sale("b", 2), offset=5))
        assert store.floor is None
        store.event(facts.event(6, facts.sale("a", 1)))
        assert [sale.id for sale in store.sales.newest(9)] == ["b", "a"]

    def test_a_full_list_has_not_everything_any_more(self, facts: Any) -> None:
        store = SalesStore("main", limit=1)
        store.authenticated(facts.success(FRESH, 5))
        store.loaded(facts.page(facts.sale("b", 2), offset=5))
        assert store.floor == created_key(facts.sale("b", 2))


class TestKeeping:
    def test_a_store_comes_back_as_it_was(self, current: SalesStore, facts: Any) -> None:
        current.event(facts.event(6, "a"))
        current.event(facts.event(7, "b"))
        current.unread(Unread(count=1, seen=6, as_of=6))
        unsaved = current.take_unsaved()
        assert unsaved is not None
        assert not unsaved.replaced
        assert current.take_unsaved() is None
        again = SalesStore(
            "main",
            Snapshot(
                position=unsaved.position, reading=unsaved.reading, look=unsaved.look, whole=unsaved.whole,
                shown=unsaved.shown, sales=unsaved.sales,
            ),
        )  # fmt: skip
        assert again.badge == current.badge == 2
        assert again.resume == facts.position(7)
        assert list(again.sales.newest(9)) == list(current.sales.newest(9))
        assert again.list_state is ListState.STALE
        again.authenticated(facts.success(COMPLETE, 7, unread=2, seen=6))
        assert again.list_state is ListState.CURRENT

    def test_a_look_survives_a_restart(self, facts: Any) -> None:
        store = SalesStore(
            "main",
            Snapshot(position=facts.position(5), reading=Reading(3, 2, 5), look=Look("first", 5), whole=True),
        )
        assert store.badge == 0
        assert store.take_seen(1.0) == Seen(epoch="first", offset=5)

    def test_a_new_list_takes_the_place_of_the_one_on_disk(self, store: SalesStore, facts: Any) -> None:
        store.authenticated(facts.success(FRESH, 5))
        store.loaded(facts.page(facts.sale("a"), offset=5))
        store.event(facts.event(6, "b"))
        store.event(facts.event(7, facts.sale("b", total="99"), type=EventType.SALE_UPDATED))
        unsaved = store.take_unsaved()
        assert unsaved is not None
        assert unsaved.replaced
        assert unsaved.whole
        assert set(unsaved.sales) == {facts.sale("a"), facts.sale("b", total="99")}

    def test_moves_are_kept_too(self, current: SalesStore, facts: Any) -> None:
        current.event(facts.event(6, facts.sale("a", 1)))
        current.event(facts.event(7, facts.sale("a", 2), created_before=6))
        unsaved = current.take_unsaved()
        assert unsaved is not None
        assert set(unsaved.sales) == {facts.sale("a", 2)}

    def test_everything_again_when_the_disk_lost_it(
        self, current: SalesStore, announced: list[Announcement], told: list[Change], facts: Any
    ) -> None:
        current.event(facts.event(6, "a"))
        current.event(facts.event(7, "b"))
        current.shown(["e6"])
        current.take_unsaved()
        told.clear()
        current.save_all()
        assert told == [SaveDue(store="main")]
        unsaved = current.take_unsaved()
        assert unsaved is not None
        assert unsaved.replaced
        assert unsaved.shown == ("e6",)
        assert len(unsaved.sales) == 2


class TestTheLink:
    def test_a_change_is_told_once(self, store: SalesStore, told: list[Change]) -> None:
        assert store.link.state is LinkState.SIGNED_OUT
        store.set_link(CONNECTED)
        store.set_link(CONNECTED)
        assert store.link is CONNECTED
        assert told == [LinkChanged(store="main")]
