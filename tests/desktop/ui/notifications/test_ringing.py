import pytest

from salebell_desktop.settings import Minimum, Sound
from salebell_desktop.store import Desk
from salebell_desktop.ui.notifications.bursts import GATHER, PAUSE
from salebell_protocol.sales import SaleStatus
from tests.desktop.conftest import Until
from tests.desktop.ui.notifications.conftest import NB, Stage, shown
from tests.desktop.ui.stage import Shop, sale


async def test_a_sale_rings_with_amount_number_customer_and_channel(stage: Stage, until: Until) -> None:
    stage.shop.ring(sale(6, total="15999"))
    assert stage.unsettled()

    await stage.pass_time(GATHER * 2)

    title = f"${NB}15.999,00 · sale 100006"
    assert stage.screen.notes == [shown(title, "María Pérez · checkout", "s6")]
    await until(lambda: not stage.unsettled())


async def test_it_rings_by_itself(stage: Stage, until: Until) -> None:
    stage.shop.ring(sale(6))
    stage.times.go_on(GATHER * 2)

    await until(lambda: len(stage.screen.notes) == 1)


async def test_the_position_waits_until_a_note_was_shown(stage: Stage, until: Until) -> None:
    stage.screen.answers.clear()
    stage.shop.ring(sale(6))
    await stage.pass_time(1)
    assert stage.screen.notes
    assert stage.unsettled()

    stage.screen.answers.set()
    await until(lambda: not stage.unsettled())


async def test_ten_thousand_at_once_are_one_note(stage: Stage, until: Until) -> None:
    for number in range(6, 10_006):
        stage.shop.ring(sale(number, total="1.10"))
    await stage.pass_time(PAUSE + 1)

    (note,) = stage.screen.notes
    assert note == shown(f"10.000 new sale(s) · ${NB}11.000,00")
    assert stage.loudspeaker.heard == [("register", 70)]
    await until(lambda: not stage.unsettled())


async def test_what_was_missed_is_told_as_that(stage: Stage) -> None:
    stage.shop.miss([sale(number) for number in range(6, 11)])
    await stage.pass_time(PAUSE + 1)

    assert stage.screen.notes == [shown(f"While you were away: 5 sale(s), ${NB}79.995,00")]


async def test_what_was_looked_at_elsewhere_meanwhile_does_not_ring(stage: Stage) -> None:
    stage.shop.miss([sale(number) for number in range(6, 11)], unread=0)
    await stage.pass_time(PAUSE + 1)

    assert stage.screen.notes == []
    assert not stage.unsettled()


async def test_a_confirmed_payment_is_told_as_that(stage: Stage) -> None:
    stage.shop.ring(sale(6, status=SaleStatus.PENDING))
    await stage.pass_time(10)

    stage.shop.ring(sale(6), before=1)
    await stage.pass_time(10)

    assert [note.body for note in stage.screen.notes] == [
        "María Pérez · checkout",
        "Payment confirmed · María Pérez · checkout",
    ]


async def test_who_is_looking_is_not_rung_for(stage: Stage) -> None:
    stage.looking_at = "main"
    stage.shop.ring(sale(6))
    await stage.pass_time(1)

    assert stage.screen.notes == []
    assert not stage.unsettled()


async def test_looking_takes_back_what_waits_and_what_is_shown(desk: Desk, stage: Stage, until: Until) -> None:
    stage.shop.ring(sale(6))
    await stage.pass_time(1)
    stage.shop.ring(sale(7))

    desk.look_at(["main"])
    await stage.pass_time(1)

    assert len(stage.screen.notes) == 1
    await until(lambda: stage.screen.cleared == [None])
    assert not stage.unsettled()


async def test_nothing_is_taken_back_that_was_not_shown(desk: Desk, stage: Stage) -> None:
    stage.shop.ring(sale(6))
    desk.look_at(["main"])
    await stage.pass_time(1)

    assert stage.screen.cleared == []
    assert stage.screen.notes == []


async def test_after_signing_out_nothing_rings(desk: Desk, stage: Stage) -> None:
    stage.shop.ring(sale(6))

    desk.sign_out()
    await stage.pass_time(1)

    assert stage.screen.notes == []


async def test_a_burst_of_two_stores_leads_to_neither(desk: Desk, stage: Stage) -> None:
    other = Shop(desk, "other")
    other.connect()
    other.load([])
    for number in range(6, 9):
        stage.shop.ring(sale(number))
        other.ring(sale(number))
    await stage.pass_time(PAUSE + 1)

    (note,) = stage.screen.notes
    assert note.store == ""
    assert note.title.startswith("6 new sale(s)")


async def test_a_click_opens_that_sale_and_a_summary_its_store(stage: Stage) -> None:
    stage.shop.ring(sale(6))
    await stage.pass_time(10)
    for number in range(7, 12):
        stage.shop.ring(sale(number))
    await stage.pass_time(10)

    for note in stage.screen.notes:
        stage.screen.click(note)

    assert stage.opened == [("main", "s6"), ("main", "")]


async def test_all_seen_is_a_look_at_everything(desk: Desk, stage: Stage, until: Until) -> None:
    other = Shop(desk, "other")
    other.connect()
    other.load([])
    stage.shop.ring(sale(6))
    other.ring(sale(6))
    await stage.pass_time(1)
    assert desk.badge == 2

    stage.screen.press_all_seen()

    assert desk.badge == 0
    await until(lambda: stage.screen.cleared[-1:] == [None])


async def test_looking_at_one_store_takes_back_its_notes(desk: Desk, stage: Stage, until: Until) -> None:
    other = Shop(desk, "other")
    other.connect()
    other.load([])
    stage.shop.ring(sale(6))
    other.ring(sale(6))
    await stage.pass_time(1)

    desk.look_at(["other"])

    await until(lambda: stage.screen.cleared == ["other"])
    desk.look_at(["main"])
    await until(lambda: stage.screen.cleared == ["other", None])


async def test_what_is_looked_at_while_a_note_is_on_its_way_is_not_shown_after_it(
    desk: Desk, stage: Stage, until: Until
) -> None:
    stage.screen.answers.clear()
    stage.shop.ring(sale(6))
    stage.shop.ring(sale(7))
    await stage.pass_time(1)
    assert len(stage.screen.notes) == 1

    desk.look_at(["main"])
    stage.screen.answers.set()

    await until(lambda: stage.screen.cleared == [None])
    assert len(stage.screen.notes) == 1
    assert not stage.unsettled()


async def test_after_signing_out_notes_are_taken_back(desk: Desk, stage: Stage, until: Until) -> None:
    stage.shop.ring(sale(6))
    await stage.pass_time(1)

    desk.sign_out()

    await until(lambda: stage.screen.cleared == [None])


# What the user wants.


async def test_without_notifications_nothing_is_shown_or_heard(desk: Desk, stage: Stage) -> None:
    stage.settings.change(notify=False)
    stage.shop.ring(sale(6))
    await stage.pass_time(10)

    assert (stage.screen.notes, stage.loudspeaker.heard) == ([], [])
    assert desk.badge == 1
    assert not stage.unsettled()

    stage.settings.change(notify=True)
    stage.shop.ring(sale(7))
    await stage.pass_time(10)
    assert len(stage.screen.notes) == 1


async def test_what_waits_when_notifications_are_turned_off_is_not_told(stage: Stage) -> None:
    stage.shop.ring(sale(6))
    stage.settings.change(notify=False)
    stage.settings.change(notify=True)
    await stage.pass_time(10)

    assert stage.screen.notes == []
    assert not stage.unsettled()


@pytest.mark.parametrize(
    ("total", "currency", "rings"),
    [
        ("999.999999", "ARS", False),
        ("1000.00", "ARS", True),
        ("1000", "ARS", True),
        ("999999999999999.99", "ARS", True),
        ("0.01", "USD", True),
        ("0", "ARS", False),
    ],
)
async def test_a_sale_below_the_minimum_is_counted_and_silent(
    desk: Desk, stage: Stage, total: str, currency: str, rings: bool
) -> None:
    stage.settings.change(minimum=Minimum("1000.00", "ARS"))
    stage.shop.ring(sale(6, total=total, currency=currency))
    await stage.pass_time(10)

    assert len(stage.screen.notes) == len(stage.loudspeaker.heard) == rings
    assert desk.badge == 1
    assert not stage.unsettled()


async def test_a_burst_sums_up_what_rings(desk: Desk, stage: Stage) -> None:
    stage.settings.change(minimum=Minimum("50", "ARS"))
    for number in range(6, 16):
        stage.shop.ring(sale(number, total="100" if number % 2 else "10"))
    await stage.pass_time(10)

    assert stage.titles() == [f"5 new sale(s) · ${NB}500,00"]
    assert desk.badge == 10


async def test_a_sale_sounds_by_its_status(stage: Stage) -> None:
    stage.shop.ring(sale(6, status=SaleStatus.PENDING))
    await stage.pass_time(10)
    stage.settings.change(volume=30)
    stage.shop.ring(sale(7))
    await stage.pass_time(10)
    stage.settings.change(approved_sound=Sound.NONE)
    stage.shop.ring(sale(8))
    await stage.pass_time(10)

    assert stage.loudspeaker.heard == [("bell", 70), ("register", 30)]
    assert len(stage.screen.notes) == 3


async def test_sales_that_are_told_together_sound_once(stage: Stage) -> None:
    stage.shop.ring(sale(6, status=SaleStatus.PENDING))
    stage.shop.ring(sale(7))
    await stage.pass_time(1)

    assert len(stage.screen.notes) == 2
    assert stage.loudspeaker.heard == [("register", 70)]
