from typing import Any

import pytest

from salebell_desktop.store import (
    Announcement,
    BadgeChanged,
    Change,
    Link,
    LinkChanged,
    LinkState,
    ListState,
    LookDue,
    Received,
    SaleHeard,
    SalesInserted,
    SalesStore,
    SaveDue,
    Snapshot,
)
from salebell_protocol.events import EventType
from salebell_protocol.messages import Recovery, Seen, Unread

CONNECTED = Link(state=LinkState.CONNECTED, since=10.0)
CONNECTING = Link(state=LinkState.CONNECTING, since=20.0)

FRESH, COMPLETE, RESET, DEFERRED = Recovery.FRESH, Recovery.COMPLETE, Recovery.RESET, Recovery.DEFERRED


class TestSigningIn:
    def test_fresh_adopts_the_position_and_wants_the_list(self, store: SalesStore, facts: Any) -> None:
        store.authenticated(facts.success(FRESH, 5, unread=2, seen=3))
        assert store.resume == facts.position(5)
        assert store.badge == 2
        assert store.needs_list
        assert store.list_state is ListState.STALE

    def test_complete_keeps_the_position_until_the_events_come(self, current: SalesStore, facts: Any) -> None:
        current.authenticated(facts.success(COMPLETE, 7, unread=2, seen=5))
        assert current.resume == facts.position(5)
        assert current.badge == 2
        assert current.event(facts.event(6, "a")) is Received.APPLIED
        assert current.event(facts.event(7, "b")) is Received.APPLIED
        assert current.badge == 2
        assert current.resume == facts.position(7)

    def test_reset_forgets_what_was_counted(self, current: SalesStore, facts: Any) -> None:
        current.event(facts.event(6, "a"))
        current.authenticated(facts.success(RESET, 2, unread=1, seen=1, epoch="second"))
        assert current.badge == 1
        assert current.resume == facts.position(2, "second")
        assert current.needs_list

    def test_complete_from_another_log_is_taken_as_a_reset(self, current: SalesStore, facts: Any) -> None:
        current.authenticated(facts.success(COMPLETE, 2, unread=1, epoch="second"))
        assert current.resume == facts.position(2, "second")

    def test_deferred_keeps_everything(self, current: SalesStore, told: list[Change], facts: Any) -> None:
        current.event(facts.event(6, "a"))
        told.clear()
        current.authenticated(facts.success(DEFERRED))
        assert current.delayed
        assert current.badge == 1
        assert current.resume == facts.position(6)
        assert told == [LinkChanged(store="main")]
        current.authenticated(facts.success(COMPLETE, 6, unread=1, seen=5))
        assert not current.delayed

    def test_an_old_count_in_a_complete_answer_is_ignored(self, current: SalesStore, facts: Any) -> None:
        current.unread(Unread(count=0, seen=9, as_of=9))
        current.authenticated(facts.success(COMPLETE, 8, unread=4, seen=5))
        assert current.badge == 0


class TestEvents:
    def test_an_event_changes_list_and_badge(self, current: SalesStore, told: list[Change], facts: Any) -> None:
        told.clear()
        assert current.event(facts.event(6, "a")) is Received.APPLIED
        assert told == [
            SalesInserted(store="main", row=0, sales=(facts.sale("a"),)),
            SaleHeard(store="main", sale=facts.sale("a"), offset=6),
            SaveDue(store="main"),
            BadgeChanged(store="main", count=1),
        ]

    def test_an_update_does_not_ring(self, current: SalesStore, announced: list[Announcement], facts: Any) -> None:
        current.event(facts.event(6, "a", type=EventType.SALE_UPDATED))
        assert current.badge == 0
        assert announced == []

    def test_a_repeated_event_changes_nothing(self, current: SalesStore, told: list[Change], facts: Any) -> None:
        current.event(facts.event(6, "a"))
        told.clear()
        assert current.event(facts.event(6, "a")) is Received.REPEATED
        assert current.event(facts.event(3, "z")) is Received.REPEATED
        assert told == []

    @pytest.mark.parametrize(
        ("offset", "event_id", "previous"), [(7, "e7", "e6"), (6, "e6", "other"), (5, "other", "e4")]
    )
    def test_an_event_out_of_place_changes_nothing(
        self, current: SalesStore, told: list[Change], facts: Any, offset: int, event_id: str, previous: str
    ) -> None:
        told.clear()
        event = facts.event(offset, "a", event_id=event_id, previous=previous)
        assert current.event(event) is Received.OUT_OF_PLACE
        assert told == []
        assert current.resume == facts.position(5)

    def test_without_a_position_no_event_has_a_place(self, store: SalesStore, facts: Any) -> None:
        assert store.event(facts.event(1, "a")) is Received.OUT_OF_PLACE

    def test_provisional_events_count_and_show(
        self, current: SalesStore, announced: list[Announcement], facts: Any
    ) -> None:
        current.authenticated(facts.success(DEFERRED))
        event = facts.event(None, "a", event_id="p1")
        assert current.event(event) is Received.APPLIED
        assert current.event(event) is Received.REPEATED
        assert current.badge == 1
        assert [announcement.event.id for announcement in announced] == ["p1"]
        assert "a" in current.sales

    def test_a_provisional_update_does_not_count(self, current: SalesStore, facts: Any) -> None:
        current.event(facts.event(None, "a", event_id="p1", type=EventType.SALE_UPDATED))
        assert current.badge == 0

    def test_an_event_that_the_log_gave_already_is_not_provisional(self, current: SalesStore, facts: Any) -> None:
        """A server that did not hear the log's answer sends it once more."""
        current.event(facts.event(6, "a"))
        current.unread(Unread(count=0, seen=6, as_of=6))
        assert current.event(facts.event(None, "a", event_id="e6")) is Received.REPEATED
        assert current.badge == 0

    def test_in_another_log_it_may_be(self, current: SalesStore, announced: list[Announcement], facts: Any) -> None:
        current.event(facts.event(6, "a"))
        current.authenticated(facts.success(RESET, 0, epoch="second"))
        assert current.event(facts.event(None, "a", event_id="e6")) is Received.APPLIED
        assert current.badge == 1
        assert len(announced) == 1, "but it was shown"

    def test_after_an_outage_the_list_is_read_anew(self, current: SalesStore, facts: Any) -> None:
        """A provisional event may never have come into the log."""
        current.authenticated(facts.success(DEFERRED))
        current.event(facts.event(None, "a", event_id="p1"))
        assert not current.needs_list
        current.authenticated(facts.success(COMPLETE, 5, seen=5))
        assert current.needs_list
        assert current.badge == 0
        current.loaded(facts.page(offset=5))
        assert "a" not in current.sales

    def test_the_confirmed_event_fixes_position_and_content(
        self, current: SalesStore, announced: list[Announcement], facts: Any
    ) -> None:
        current.event(facts.event(None, facts.sale("a", total="1.00"), event_id="p1"))
        current.event(facts.event(6, facts.sale("a", total="2.00"), event_id="p1"))
        assert current.sales[0].total == "2.00"
        assert current.badge == 1
        assert len(announced) == 1

    def test_an_observer_that_fails_does_not_silence_the_bell(
        self, current: SalesStore, announced: list[Announcement], facts: Any
    ) -> None:
        def fail(_: Change) -> None:
            raise ValueError("broken")

        end = current.observe(fail)
        with pytest.raises(ExceptionGroup):
            current.event(facts.event(6, "a"))
        end()
        assert len(announced) == 1
        assert current.badge == 1


class TestLooking:
    def test_looking_clears_the_badge_and_tells_the_server(
        self, current: SalesStore, told: list[Change], facts: Any
    ) -> None:
        current.event(facts.event(6, "a"))
        told.clear()
        current.set_looking(True)
        assert current.badge == 0
        assert LookDue(store="main") in told
        assert current.seen_due() == 0.0
        assert current.take_seen(1.0) == Seen(epoch="first", offset=6)

    def test_what_arrives_while_looking_is_looked_at(self, current: SalesStore, told: list[Change], facts: Any) -> None:
        current.set_looking(True)
        told.clear()
        current.event(facts.event(6, "a"))
        current.event(facts.event(7, "b"))
        assert current.badge == 0
        assert not any(isinstance(change, BadgeChanged) for change in told)
        assert current.take_seen(1.0) == Seen(epoch="first", offset=7)

    def test_looking_away_lets_it_count_again(self, current: SalesStore, facts: Any) -> None:
        current.set_looking(True)
        current.set_looking(False)
        current.event(facts.event(6, "a"))
        assert current.badge == 1

    def test_nothing_is_told_when_there_is_nothing_new(self, current: SalesStore) -> None:
        current.set_looking(True)
        assert current.seen_due() is None

    def test_a_look_is_over_when_the_server_confirms_it(self, current: SalesStore, facts: Any) -> None:
        current.event(facts.event(6, "a"))
        current.set_looking(True)
        current.set_looking(False)
        current.unread(Unread(count=0, seen=6, as_of=6))
        current.authenticated(facts.success(COMPLETE, 6, seen=6))
        assert current.seen_due() is None

    def test_until_then_it_is_told_on_every_connection(
        self, current: SalesStore, told: list[Change], facts: Any
    ) -> None:
        current.event(facts.event(6, "a"))
        current.set_looking(True)
        current.take_seen(1.0)
        told.clear()
        current.authenticated(facts.success(COMPLETE, 6, unread=1, seen=5))
        assert LookDue(store="main") in told
        assert current.take_seen(5.0) == Seen(epoch="first", offset=6)
        current.authenticated(facts.success(DEFERRED))
        assert current.take_seen(9.0) == Seen(epoch="first", offset=6)

    def test_while_it_is_behind_the_badge_counts(self, current: SalesStore, facts: Any) -> None:
        current.set_looking(True)
        current.authenticated(facts.success(COMPLETE, 9, unread=4, seen=5))
        assert current.badge == 4
        current.event(facts.event(6, "a"))
        assert current.badge == 4
        current.unread(Unread(count=3, seen=6, as_of=9))
        assert current.badge == 3

    def test_looking_clears_what_is_provisional_too(self, current: SalesStore, facts: Any) -> None:
        current.authenticated(facts.success(DEFERRED))
        event = facts.event(None, "a", event_id="p1")
        current.event(event)
        current.set_looking(True)
        assert current.badge == 0
        current.set_looking(False)
        current.event(event)
        assert current.badge == 0, "sent again on a new connection"
        current.event(facts.event(None, "a", event_id="p2"))
        assert current.badge == 1

    def test_a_reset_drops_the_look_and_waits_for_the_list(self, current: SalesStore, facts: Any) -> None:
        current.event(facts.event(6, "a"))
        current.set_looking(True)
        current.authenticated(facts.success(RESET, 9, unread=3, seen=2, epoch="second"))
        assert current.badge == 3
        assert current.seen_due() is None
        current.loaded(facts.page(offset=9, epoch="second"))
        assert current.badge == 0
        assert current.take_seen(1.0) == Seen(epoch="second", offset=9)

    def test_before_any_position_there_is_nothing_to_look_at(self, facts: Any) -> None:
        store = SalesStore("main", Snapshot(whole=True))
        store.set_looking(True)
        assert store.seen_due() is None


class TestAnnouncing:
    def test_every_new_sale_once(self, current: SalesStore, announced: list[Announcement], facts: Any) -> None:
        event = facts.event(6, "a")
        current.event(event)
        current.event(event)
        assert announced == [Announcement(store="main", event=event, missed=False)]

    def test_what_was_missed_says_so(self, current: SalesStore, announced: list[Announcement], facts: Any) -> None:
        current.set_link(CONNECTING)
        current.authenticated(facts.success(COMPLETE, 6, unread=1, seen=5))
        current.event(facts.event(6, "a"))
        current.event(facts.event(7, "b"))
        assert [announcement.missed for announcement in announced] == [True, False]

    def test_a_renewal_makes_nothing_missed(
        self, current: SalesStore, announced: list[Announcement], facts: Any
    ) -> None:
        current.authenticated(facts.success(COMPLETE, 6, unread=1, seen=5))
        current.event(facts.event(6, "a"))
        assert not announced[0].missed

    def test_a_reset_announces_nothing_and_forgets_no_id(
        self, current: SalesStore, announced: list[Announcement], facts: Any
    ) -> None:
        current.event(facts.event(6, "a"))
        announced.clear()
        current.authenticated(facts.success(RESET, 0, epoch="second"))
        current.loaded(facts.page(facts.sale("z"), epoch="second"))
        current.event(facts.event(1, "a", event_id="e6"))
        assert announced == []

    def test_the_position_is_saved_when_everything_up_to_it_was_shown(
        self, current: SalesStore, announced: list[Announcement], facts: Any
    ) -> None:
        current.event(facts.event(6, "a"))
        current.event(facts.event(7, "b"))
        unsaved = current.take_unsaved()
        assert unsaved is not None
        assert unsaved.position == facts.position(5)
        assert unsaved.shown == ()
        current.shown(["e7", "unknown"])
        assert current.settled == facts.position(5)
        current.shown(["e6"])
        unsaved = current.take_unsaved()
        assert unsaved is not None
        assert unsaved.position == facts.position(7)
        assert unsaved.shown == ("e7", "e6")
        assert len(announced) == 2

    def test_the_first_event_of_a_log_has_a_place_before_it(
        self, store: SalesStore, announced: list[Announcement], facts: Any
    ) -> None:
        store.authenticated(facts.success(FRESH, 0))
        store.event(facts.event(1, "a"))
        assert store.settled == facts.position(0)

    def test_without_an_announcer_it_counts_as_shown(self, current: SalesStore, facts: Any) -> None:
        current.event(facts.event(6, "a"))
        unsaved = current.take_unsaved()
        assert unsaved is not None
        assert unsaved.position == facts.position(6)
        assert unsaved.shown == ("e6",)

    def test_a_provisional_sale_that_waits_holds_its_place_once_it_has_one(
        self, current: SalesStore, announced: list[Announcement], facts: Any
    ) -> None:
        current.event(facts.event(None, "a", event_id="p1"))
        assert current.settled == facts.position(5)
        current.event(facts.event(6, "a", event_id="p1"))
        assert current.settled == facts.position(5)
        current.event(facts.event(7, "b", event_id="e7", previous="p1", type=EventType.SALE_UPDATED))
        assert current.settled == facts.position(5)
        current.shown(["p1"])
        assert current.settled is not None
        assert current.settled.offset == 7

    def test_in_another_log_what_waits_has_no_place(
        self, current: SalesStore, announced: list[Announcement], facts: Any
    ) -> None:
        current.event(facts.event(6, "a"))
        current.authenticated(facts.success(RESET, 2, epoch="second"))
        assert current.settled == facts.position(2, "second")
