from salebell_desktop.store import Announcement
from salebell_desktop.ui.notifications.bursts import Sum
from salebell_desktop.ui.notifications.held import Held
from salebell_protocol.sales import SaleStatus
from tests.desktop.ui.notifications.test_bursts import announcement
from tests.desktop.ui.stage import sale


def held(*announcements: Announcement, limit: int = 100) -> Held:
    made = Held(limit)
    for each in announcements:
        made.hold(each)
    return made


def test_nothing_held_is_nothing_to_tell() -> None:
    nothing = Held()

    assert not nothing
    assert nothing.take({"main": 5}).rings == ()
    assert nothing.drop() == ()


def test_what_was_held_is_told_as_one_thing() -> None:
    waiting = [announcement(sale(number)) for number in range(5)]
    made = held(*waiting)
    assert made

    digest = made.take({"main": 5})

    assert digest.looked_at == ()
    (ring,) = digest.rings
    assert [sold.id for sold in ring.sales] == ["s0", "s1", "s2", "s3", "s4"]
    assert list(ring.announcements) == waiting
    assert ring.away
    assert not made


def test_of_a_store_the_newest_are_not_looked_at_yet() -> None:
    waiting = [announcement(sale(number)) for number in range(5)]
    other = [announcement(sale(number), store="other") for number in range(2)]

    digest = held(*waiting, *other).take({"main": 2})

    (ring,) = digest.rings
    assert list(ring.announcements) == waiting[3:]
    assert list(digest.looked_at) == [*waiting[:3], *other]


def test_what_was_looked_at_altogether_is_not_told() -> None:
    digest = held(announcement(sale(1))).take({"main": 0})

    assert digest.rings == ()
    assert len(digest.looked_at) == 1


def test_a_sale_that_comes_again_is_told_once_as_it_is_now_and_is_the_newest() -> None:
    first = announcement(sale(1, status=SaleStatus.PENDING), 5)
    again = announcement(sale(1), 7, before=5)

    digest = held(first, announcement(sale(2), 6), again).take({"main": 1})

    (ring,) = digest.rings
    assert [sold.status for sold in ring.sales] == [SaleStatus.APPROVED]
    assert ring.announcements == (first, again)
    assert [each.event.sale.id for each in digest.looked_at] == ["s2"]


def test_beyond_the_limit_the_oldest_are_only_added_up() -> None:
    made = Held(limit=2)
    waiting = [announcement(sale(number, total=f"{number}.50")) for number in range(4)]
    summed = [made.hold(each) for each in waiting]

    assert summed == [(), (), (waiting[0],), (waiting[1],)]
    digest = made.take({"main": 4})
    (ring,) = digest.rings
    assert list(ring.announcements) == waiting[2:]
    assert ring.sums == (Sum(store="main", currency="ARS", count=2, amount="2.00"),)
    assert not made


def test_sums_are_kept_by_store_and_currency() -> None:
    made = Held(limit=0)
    for store, currency in (("main", "ARS"), ("main", "USD"), ("other", "ARS"), ("main", "USD")):
        made.hold(announcement(sale(1, currency=currency, total="1.10"), store=store))
    assert made

    assert made.drop("other") == ()
    (ring,) = made.take({"main": 4, "other": 1}).rings

    assert ring.stores == {"main"}
    assert [(each.currency, each.count, each.amount) for each in ring.sums] == [("ARS", 1, "1.10"), ("USD", 2, "2.20")]


def test_what_was_added_up_was_looked_at_before_what_is_kept() -> None:
    made = held(*(announcement(sale(number)) for number in range(5)), limit=3)

    (ring,) = made.take({"main": 3}).rings

    assert len(ring.sales) == 3
    assert ring.sums == ()


def test_what_is_dropped_is_told_no_more() -> None:
    waiting = [announcement(sale(number), store=store) for number in range(2) for store in ("main", "other")]
    made = held(*waiting)

    assert [each.store for each in made.drop("main")] == ["main", "main"]
    assert [each.store for each in made.drop()] == ["other", "other"]
    assert not made


def test_memory_is_bounded_whatever_comes() -> None:
    made = Held(limit=10)
    same = [announcement(sale(1), number) for number in range(2, 32)]
    kept = sum(1 for each in same if not made.hold(each))

    assert kept == 28  # every eleventh time all of them at once
    assert len(made.drop()) <= 10
