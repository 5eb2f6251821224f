from itertools import pairwise

import pytest

from salebell_desktop.store import Announcement
from salebell_desktop.ui.notifications.bursts import GATHER, PAUSE, SINGLES, WINDOW, Bursts, Ring
from salebell_protocol.events import Event, EventType
from salebell_protocol.sales import Sale, SaleStatus
from tests.desktop.ui.stage import sale


def announcement(
    sold: Sale, offset: int = 9, *, store: str = "main", before: int = 0, missed: bool = False
) -> Announcement:
    event = Event(
        id=f"e{offset}-{sold.id}",
        type=EventType.SALE_CREATED,
        store=store,
        occurred_at=sold.created_at,
        sale=sold,
        offset=offset,
        previous="before",
        created_before=before,
    )
    return Announcement(store=store, event=event, missed=missed)


def numbers(ring: Ring) -> list[str]:
    return [sold.id for sold in ring.sales]


def test_nothing_waits_and_nothing_is_due() -> None:
    bursts = Bursts()

    assert bursts.due() is None
    assert bursts.take(10.0) == ()


def test_a_sale_rings_after_a_moment_for_others_to_join() -> None:
    bursts = Bursts()
    bursts.add(announcement(sale(1)), 10.0)

    assert bursts.due() == 10.0 + GATHER
    assert bursts.take(10.0) == ()
    assert [numbers(ring) for ring in bursts.take(10.0 + GATHER)] == [["s1"]]
    assert bursts.due() is None


def test_a_few_at_once_ring_one_by_one() -> None:
    bursts = Bursts()
    for number in range(SINGLES):
        bursts.add(announcement(sale(number)), 10.0)

    assert [numbers(ring) for ring in bursts.take(11.0)] == [["s0"], ["s1"], ["s2"]]


def test_more_are_summed_up_once_it_is_quiet() -> None:
    bursts = Bursts()
    for number in range(12):
        bursts.add(announcement(sale(number)), 10.0 + number / 10)

    assert bursts.due() == 11.1 + PAUSE
    assert bursts.take(12.0) == ()
    (ring,) = bursts.take(12.2)
    assert len(ring.sales) == 12
    assert len(ring.announcements) == 12


def test_a_stream_without_a_pause_is_told_after_a_window() -> None:
    bursts = Bursts()
    for number in range(SINGLES):
        bursts.add(announcement(sale(number)), 10.0)
    now = 10.0
    while now < 10.0 + WINDOW:
        bursts.add(announcement(sale(round(now * 10))), now)
        assert bursts.take(now) == ()
        now += 0.1

    assert bursts.due() == 10.0 + WINDOW
    (ring,) = bursts.take(now)
    assert len(ring.sales) >= 49


def test_sales_that_rang_a_moment_ago_count_too() -> None:
    bursts = Bursts()
    for number in range(SINGLES):
        bursts.add(announcement(sale(number)), 10.0 + number)
        assert len(bursts.take(10.5 + number)) == 1

    bursts.add(announcement(sale(8)), 13.0)
    bursts.add(announcement(sale(9)), 13.5)
    assert bursts.due() == 12.5 + WINDOW
    assert bursts.take(17.4) == ()
    (ring,) = bursts.take(17.5)
    assert numbers(ring) == ["s8", "s9"]


@pytest.mark.parametrize("apart", [0.2, 0.9, 1.1, 1.6])
def test_a_stream_of_sales_is_three_singles_and_then_a_sum_each_window(apart: float) -> None:
    bursts = Bursts()
    told: list[tuple[float, int]] = []
    for step in range(600):
        now = 10.0 + step / 10
        if step % round(apart * 10) == 0:
            bursts.add(announcement(sale(step)), now)
        told += [(now, len(ring.sales)) for ring in bursts.take(now)]

    sums = [(when, count) for when, count in told if count > 1]
    assert len(told) - len(sums) <= SINGLES
    assert all(later - earlier >= WINDOW - 0.2 for (earlier, _), (later, _) in pairwise(sums))
    assert sum(count for _, count in told) >= 50 / apart


def test_after_a_quiet_window_sales_ring_one_by_one_again() -> None:
    bursts = Bursts()
    for number in range(10):
        bursts.add(announcement(sale(number)), 10.0)
    assert len(bursts.take(11.0)) == 1

    bursts.add(announcement(sale(20)), 11.0 + WINDOW)

    assert [numbers(ring) for ring in bursts.take(12.0 + WINDOW)] == [["s20"]]


def test_ten_thousand_at_once_are_one_ring() -> None:
    bursts = Bursts()
    for number in range(10_000):
        bursts.add(announcement(sale(number)), 10.0 + number / 10_000)

    (ring,) = bursts.take(12.0)
    assert len(ring.sales) == 10_000
    assert bursts.due() is None


def test_one_sale_that_rings_twice_is_told_once_as_it_is_now() -> None:
    bursts = Bursts()
    bursts.add(announcement(sale(1, status=SaleStatus.PENDING), 5), 10.0)
    bursts.add(announcement(sale(1), 6, before=5), 10.1)

    (ring,) = bursts.take(11.0)
    assert [sold.status for sold in ring.sales] == [SaleStatus.APPROVED]
    assert len(ring.announcements) == 2
    assert not ring.paid


def test_a_payment_of_a_known_sale_is_told_as_such() -> None:
    bursts = Bursts()
    bursts.add(announcement(sale(1), 6, before=5), 10.0)

    (ring,) = bursts.take(11.0)
    assert ring.paid


def test_the_same_id_in_two_stores_is_two_sales() -> None:
    bursts = Bursts()
    for store in ("main", "other"):
        bursts.add(announcement(sale(1), store=store), 10.0)

    assert len(bursts.take(11.0)) == 2


def test_what_was_missed_is_summed_up_as_that_when_all_of_it_was() -> None:
    bursts = Bursts()
    for number in range(5):
        bursts.add(announcement(sale(number), missed=True), 10.0)
    (missed,) = bursts.take(12.0)
    bursts.add(announcement(sale(10), missed=True), 12.0)
    bursts.add(announcement(sale(11)), 12.0)
    (mixed,) = bursts.take(20.0)
    bursts.add(announcement(sale(12), missed=True), 30.0)
    (single,) = bursts.take(40.0)

    assert missed.away
    assert not mixed.away
    assert not single.away


def test_what_is_dropped_is_told_no_more() -> None:
    bursts = Bursts()
    waiting = [announcement(sale(number)) for number in range(2)]
    for each in waiting:
        bursts.add(each, 10.0)

    assert list(bursts.drop()) == waiting
    assert bursts.take(20.0) == ()
    assert bursts.drop() == ()


def test_what_is_dropped_may_be_of_one_store() -> None:
    bursts = Bursts()
    for store in ("main", "other", "main"):
        bursts.add(announcement(sale(1), store=store), 10.0)

    assert [each.store for each in bursts.drop("main")] == ["main", "main"]

    (ring,) = bursts.take(20.0)
    assert ring.stores == {"other"}
