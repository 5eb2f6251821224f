import pytest

from salebell_desktop.store.badge import Badge, Reading


def test_a_sale_counts_once_however_often_it_rings() -> None:
    badge = Badge(Reading(0, 0, 0))
    badge.confirmed("a", 1, 0)
    badge.confirmed("a", 2, 1)
    assert badge.count == 1


def test_a_looked_at_sale_counts_again_when_its_payment_comes() -> None:
    badge = Badge(Reading(0, 1, 1))
    badge.confirmed("a", 2, 1)
    assert badge.count == 1


def test_an_event_that_the_reading_counts_already_is_not_added() -> None:
    badge = Badge(Reading(1, 0, 3))
    badge.confirmed("a", 3, 0)
    assert badge.count == 1


def test_an_event_is_counted_once_however_often_it_comes() -> None:
    badge = Badge()
    badge.confirmed("a", 1, 0)
    badge.confirmed("a", 1, 0)
    assert badge.count == 1


def test_a_reading_takes_the_place_of_the_events_that_it_counts() -> None:
    badge = Badge()
    for offset in (1, 2, 3):
        badge.confirmed(f"s{offset}", offset, 0)
    badge.update(Reading(2, 0, 2))
    assert badge.count == 3


def test_a_look_elsewhere_uncovers_a_payment_that_did_not_count_before() -> None:
    badge = Badge(Reading(1, 0, 1))
    badge.confirmed("a", 2, 1)
    assert badge.count == 1
    badge.update(Reading(0, 1, 1))
    assert badge.count == 1


@pytest.mark.parametrize("older", [Reading(9, 1, 5), Reading(9, 2, 4)])
def test_an_older_reading_is_ignored(older: Reading) -> None:
    badge = Badge(Reading(1, 2, 5))
    badge.update(older)
    assert badge.count == 1


def test_the_same_reading_with_another_count_is_taken() -> None:
    """What retention takes away is told that way."""
    badge = Badge(Reading(3, 2, 5))
    badge.update(Reading(1, 2, 5))
    assert badge.count == 1


def test_adopting_forgets_everything() -> None:
    badge = Badge(Reading(7, 3, 9))
    badge.confirmed("a", 10, 0)
    badge.provisional("b")
    badge.looked(9)
    badge.adopt(Reading(2, 0, 4))
    assert badge.count == 2
    badge.confirmed("c", 5, 0)
    assert badge.count == 3
    assert badge.seen == 0


def test_each_provisional_sale_counts_once_until_it_is_confirmed() -> None:
    badge = Badge()
    badge.provisional("a")
    badge.provisional("a")
    badge.provisional("b")
    assert badge.count == 2
    badge.confirmed("a", 1, 0)
    assert badge.count == 2
    badge.forget_provisional()
    assert badge.count == 1


def test_a_provisional_payment_of_an_unread_sale_adds_nothing() -> None:
    badge = Badge()
    badge.confirmed("a", 1, 0)
    badge.provisional("a")
    assert badge.count == 1


def test_a_provisional_payment_of_a_looked_at_sale_counts() -> None:
    badge = Badge()
    badge.confirmed("a", 1, 0)
    badge.update(Reading(0, 1, 1))
    badge.provisional("a")
    assert badge.count == 1


def test_a_confirmed_sale_is_not_counted_as_provisional_even_when_it_was_looked_at() -> None:
    badge = Badge()
    badge.provisional("a")
    badge.confirmed("a", 1, 0)
    badge.looked(1)
    assert badge.count == 0


def test_a_look_clears_the_badge_before_the_server_knows_of_it() -> None:
    badge = Badge(Reading(3, 0, 5))
    badge.looked(5)
    assert badge.count == 0
    badge.confirmed("a", 6, 2)
    assert badge.count == 1
    badge.looked(None)
    assert badge.count == 3, "a payment of a sale that was unread all the time"


def test_a_look_behind_what_the_server_counted_does_not_hide_the_rest() -> None:
    badge = Badge(Reading(4, 0, 9))
    badge.looked(5)
    assert badge.count == 4


def test_its_reading_is_what_the_server_would_give() -> None:
    badge = Badge(Reading(1, 1, 2))
    assert badge.reading == Reading(1, 1, 2)
    badge.confirmed("a", 3, 0)
    badge.confirmed("b", 5, 4)
    badge.provisional("c")
    badge.looked(5)
    assert badge.reading == Reading(2, 1, 5)


def test_the_sales_it_remembers_are_bounded() -> None:
    badge = Badge()
    for offset in range(1, 10_003):
        badge.confirmed(f"s{offset}", offset, 0)
    assert badge.count == 10_002
    badge.provisional("s1")
    assert badge.count == 10_003, "forgotten, so that it is taken for a new one"
    badge.provisional("s10002")
    assert badge.count == 10_003
