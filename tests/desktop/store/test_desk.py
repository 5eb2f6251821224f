from typing import Any

import pytest

from salebell_desktop.store import (
    Account,
    AccountChanged,
    Announcement,
    BadgeChanged,
    Change,
    Desk,
    Link,
    LinkChanged,
    LinkState,
    Reading,
    SalesReset,
    ServerChanged,
    Snapshot,
    StoreClosed,
    StoreOpened,
)
from salebell_protocol.messages import Recovery

ANA = Account(server="ws://localhost:3001", uid="u1", email="ana@example.com", name="Ana")


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def told(desk: Desk) -> list[Change]:
    changes: list[Change] = []
    desk.observe(changes.append)
    return changes


def link(state: LinkState) -> Link:
    return Link(state=state, since=1.0)


def counting(count: int) -> Snapshot:
    return Snapshot(reading=Reading(count, 0, count))


def test_at_first_there_is_nobody(desk: Desk) -> None:
    assert desk.account is None
    assert desk.sign_in_reason == ""
    assert desk.stores == ()
    assert desk.badge == 0
    assert desk.link.state is LinkState.SIGNED_OUT
    assert not desk.delayed


def test_signing_in_and_out(desk: Desk, told: list[Change]) -> None:
    desk.sign_in(ANA)
    assert desk.account == ANA
    desk.open("main", counting(2))
    told.clear()
    desk.sign_out("This account is disabled.", 50.0)
    assert desk.account is None
    assert desk.sign_in_reason == "This account is disabled."
    assert desk.stores == ()
    assert desk.link == Link(state=LinkState.SIGNED_OUT, since=50.0)
    assert told == [
        BadgeChanged(store="main", count=0),
        StoreClosed(store="main"),
        AccountChanged(),
        LinkChanged(),
    ]
    desk.sign_in(ANA)
    assert desk.sign_in_reason == ""


def test_amending_the_account(desk: Desk, told: list[Change]) -> None:
    desk.amend(ANA)
    assert desk.account is None
    desk.sign_in(ANA)
    told.clear()
    desk.amend(ANA)
    assert told == []
    kept = Account(server=ANA.server, uid="u1", email=ANA.email, name="Ana", session_only=True)
    desk.amend(kept)
    assert desk.account == kept
    assert told == [AccountChanged()]


def test_the_badges_are_added_up(desk: Desk, told: list[Change]) -> None:
    desk.open("main", counting(2))
    desk.open("outlet", counting(3))
    assert desk.badge == 5
    desk.close("main")
    assert desk.badge == 3
    assert [change for change in told if isinstance(change, BadgeChanged)] == [
        BadgeChanged(store="main", count=2),
        BadgeChanged(store="outlet", count=3),
        BadgeChanged(store="main", count=0),
    ]


def test_a_store_opens_with_what_was_kept(desk: Desk, told: list[Change], facts: Any) -> None:
    store = desk.open("main", Snapshot(sales=(facts.sale("a"),)))
    assert desk.store("main") is store
    assert told == [StoreOpened(store="main"), SalesReset(store="main", sales=(facts.sale("a"),))]


def test_an_empty_one_just_opens(desk: Desk, told: list[Change]) -> None:
    desk.open("main")
    desk.close("main")
    assert told == [StoreOpened(store="main"), StoreClosed(store="main")]


def test_a_closed_store_is_silent_also_when_another_of_its_name_is_open(
    desk: Desk, told: list[Change], facts: Any
) -> None:
    """A page of its sales may have been under way when the account was switched."""
    old = desk.open("main")
    old.authenticated(facts.success(Recovery.FRESH, 1, seen=1))
    old.loaded(facts.page(facts.sale("a"), offset=1, next_before="a"))
    desk.close("main")
    new = desk.open("main")
    told.clear()
    old.loaded(facts.page(facts.sale("b"), offset=1))
    old.set_link(link(LinkState.DISCONNECTED))
    assert told == []
    new.set_link(link(LinkState.CONNECTED))
    assert told == [LinkChanged(store="main")]


def test_a_store_is_open_once(desk: Desk) -> None:
    desk.open("main")
    with pytest.raises(ValueError, match="main is open already"):
        desk.open("main")
    with pytest.raises(KeyError):
        desk.store("other")
    with pytest.raises(KeyError):
        desk.close("other")


def test_the_worst_connection_is_told(desk: Desk, told: list[Change]) -> None:
    desk.set_first_link(link(LinkState.CONNECTING))
    desk.set_first_link(link(LinkState.CONNECTING))
    assert told == [LinkChanged()]
    assert desk.link.state is LinkState.CONNECTING
    desk.open("main").set_link(link(LinkState.CONNECTED))
    assert desk.link.state is LinkState.CONNECTED
    desk.open("outlet").set_link(link(LinkState.DISCONNECTED))
    assert desk.link.state is LinkState.DISCONNECTED
    assert told[-1] == LinkChanged(store="outlet")


def test_one_delayed_store_is_told(desk: Desk, facts: Any) -> None:
    desk.open("outlet")
    desk.open("main").authenticated(facts.success(Recovery.DEFERRED))
    assert desk.delayed


def test_looking_at_some_stores_also_those_that_open_later(desk: Desk, facts: Any) -> None:
    main = desk.open("main", Snapshot(position=facts.position(2), reading=Reading(2, 0, 2), whole=True))
    desk.look_at(["main", "outlet"])
    outlet = desk.open("outlet", Snapshot(position=facts.position(3), reading=Reading(3, 0, 3), whole=True))
    third = desk.open("third", Snapshot(position=facts.position(1), reading=Reading(1, 0, 1), whole=True))
    assert (main.badge, outlet.badge, third.badge) == (0, 0, 1)
    desk.look_at(["third"])
    assert desk.badge == 0
    main.event(facts.event(3, "a"))
    assert desk.badge == 1


def test_an_observer_of_one_store_hears_of_no_other(desk: Desk) -> None:
    told: list[Change] = []
    desk.open("main").observe(told.append)
    desk.open("outlet").set_link(link(LinkState.CONNECTED))
    desk.store("main").set_link(link(LinkState.CONNECTED))
    assert told == [LinkChanged(store="main")]


def test_announcements_of_all_stores(desk: Desk, facts: Any) -> None:
    announced: list[Announcement] = []
    end = desk.announce_to(announced.append)
    main = desk.open("main")
    main.authenticated(facts.success(Recovery.FRESH, 5))
    main.event(facts.event(6, "a"))
    main.event(facts.event(7, "b"))
    assert main.settled == facts.position(5)
    gone = Announcement(store="closed", event=announced[0].event, missed=False)
    desk.shown([*announced, gone])
    assert main.settled == facts.position(7)
    end()
    main.event(facts.event(8, "c"))
    assert len(announced) == 2
    assert main.settled == facts.position(8)


def test_what_the_server_calls_itself(desk: Desk, told: list[Change]) -> None:
    assert desk.server_version == ""
    desk.set_server_version("salebell/1.2.0")
    desk.set_server_version("salebell/1.2.0")
    assert desk.server_version == "salebell/1.2.0"
    assert told == [ServerChanged()]


def test_views_that_fail(desk: Desk) -> None:
    failures: list[Exception] = []

    def fail(_: Change) -> None:
        raise ValueError("broken")

    desk.observe(fail)
    desk.report_failures_to(failures.append)
    desk.sign_in(ANA)
    assert len(failures) == 1
