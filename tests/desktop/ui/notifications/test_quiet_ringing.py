import asyncio

from msgspec.structs import replace
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from salebell_desktop.platform.notifier import Note
from salebell_desktop.settings import Minimum, Quiet
from salebell_desktop.store import Desk
from salebell_desktop.ui.format import Format
from salebell_desktop.ui.notifications.held import LIMIT
from salebell_desktop.ui.notifications.ringing import CHECK_SECONDS
from salebell_desktop.ui.words import Words
from tests.desktop.conftest import Until
from tests.desktop.ui.notifications.conftest import HOUR, LABELS, NB, Stage, shown
from tests.desktop.ui.stage import sale

# Do not disturb.


async def test_while_it_is_quiet_the_badge_counts_and_a_digest_follows(desk: Desk, stage: Stage, until: Until) -> None:
    stage.be_quiet(HOUR)
    for number in range(6, 11):
        stage.shop.ring(sale(number))
        await stage.pass_time(60)

    assert (stage.screen.notes, stage.loudspeaker.heard) == ([], [])
    assert desk.badge == 5
    assert stage.unsettled()

    await stage.pass_time(HOUR)
    assert stage.screen.notes == [shown(f"While you were away: 5 sale(s), ${NB}79.995,00")]
    assert stage.loudspeaker.heard == [("register", 70)]
    await until(lambda: not stage.unsettled())


async def test_a_digest_of_one_sale_leads_to_it(stage: Stage) -> None:
    stage.be_quiet(HOUR)
    stage.shop.ring(sale(6))
    await stage.pass_time(HOUR)

    title = f"While you were away: 1 sale(s), ${NB}15.999,00"
    assert stage.screen.notes == [shown(title, "María Pérez · checkout", "s6")]


async def test_after_the_digest_sales_ring_as_ever(stage: Stage) -> None:
    stage.be_quiet(HOUR)
    stage.shop.ring(sale(6))
    stage.times.go_on(HOUR)
    stage.shop.ring(sale(7))
    await stage.pass_time(10)

    assert [note.sale for note in stage.screen.notes] == ["s6", "s7"]


async def test_ending_the_quiet_gives_the_digest_at_once(stage: Stage) -> None:
    stage.be_quiet(HOUR)
    stage.shop.ring(sale(6))
    stage.settings.change(quiet=Quiet())
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert len(stage.screen.notes) == 1


async def test_the_end_of_the_quiet_needs_nobody(stage: Stage, until: Until) -> None:
    stage.be_quiet(0.05)
    stage.shop.ring(sale(6))
    stage.times.go_on(0.05)

    await until(lambda: stage.screen.notes)


async def test_a_clock_that_is_set_ends_the_quiet_too(stage: Stage) -> None:
    stage.be_quiet(1_000 * HOUR)
    stage.shop.ring(sale(6))
    stage.times.unix += 1_000 * HOUR
    await stage.pass_time(CHECK_SECONDS)

    assert len(stage.screen.notes) == 1


async def test_what_waits_to_ring_when_the_quiet_begins_is_held_back(stage: Stage) -> None:
    stage.shop.ring(sale(6))
    stage.be_quiet(HOUR)
    stage.shop.ring(sale(7))
    await stage.pass_time(10)
    assert stage.screen.notes == []

    await stage.pass_time(HOUR)
    assert stage.titles() == [f"While you were away: 2 sale(s), ${NB}31.998,00"]


async def test_a_schedule_that_begins_holds_back_what_waits(stage: Stage) -> None:
    # The words' zone is UTC, and it is noon.
    stage.settings.change(quiet=Quiet(scheduled=True, start=12 * 60 + 1, end=13 * 60))
    stage.times.go_on(59.9)
    stage.shop.ring(sale(6))
    await stage.pass_time(1)
    assert stage.screen.notes == []

    await stage.pass_time(HOUR)
    assert len(stage.screen.notes) == 1


async def test_what_is_looked_at_meanwhile_falls_out_of_the_digest(desk: Desk, stage: Stage) -> None:
    stage.be_quiet(HOUR)
    stage.shop.ring(sale(6))
    stage.shop.ring(sale(7))
    desk.look_at(["main"])
    desk.look_at([])
    assert not stage.unsettled()
    stage.shop.ring(sale(8, total="5"))
    await stage.pass_time(HOUR)

    assert stage.titles() == [f"While you were away: 1 sale(s), ${NB}5,00"]


async def test_a_digest_of_nothing_is_none(desk: Desk, stage: Stage) -> None:
    stage.be_quiet(HOUR)
    stage.shop.ring(sale(6))
    desk.mark_all_seen()
    await stage.pass_time(HOUR)

    assert (stage.screen.notes, stage.loudspeaker.heard) == ([], [])


async def test_a_quiet_without_end_takes_bounded_memory_and_loses_no_sum(stage: Stage, until: Until) -> None:
    stage.settings.change(quiet=Quiet(scheduled=True, start=0, end=0))
    for number in range(6, 6 + LIMIT + 100):
        stage.shop.ring(sale(number, total="1.10"))
    settled = stage.shop.store.settled
    assert settled is not None
    assert settled.offset == 100

    stage.settings.change(quiet=Quiet())
    await until(lambda: not stage.unsettled())
    assert stage.titles() == [f"While you were away: 5.100 sale(s), ${NB}5.610,00"]


async def test_sales_of_several_currencies_are_summed_up_apart(stage: Stage) -> None:
    stage.be_quiet(HOUR)
    for number, currency in enumerate(("USD", "ARS", "ARS"), 6):
        stage.shop.ring(sale(number, total="10", currency=currency))
    await stage.pass_time(HOUR)

    assert stage.titles() == [f"While you were away: 3 sale(s), ${NB}20,00 + US${NB}10,00"]


async def test_closing_leaves_what_is_held_back_for_the_next_start(stage: Stage) -> None:
    stage.be_quiet(HOUR)
    stage.shop.ring(sale(6))

    stage.notifications.close()

    assert stage.unsettled()
    assert stage.loudspeaker.closed


async def test_turning_notifications_off_forgets_what_is_held_back(stage: Stage) -> None:
    stage.be_quiet(HOUR)
    stage.shop.ring(sale(6))
    stage.settings.change(notify=False)
    await stage.pass_time(HOUR)

    assert stage.screen.notes == []
    assert not stage.unsettled()


async def test_a_store_that_closes_takes_what_is_held_with_it(desk: Desk, stage: Stage) -> None:
    stage.be_quiet(HOUR)
    stage.shop.ring(sale(6))
    desk.close("main")
    await stage.pass_time(HOUR)

    assert stage.screen.notes == []


# A test.


async def test_a_test_rings_in_any_case_and_changes_nothing(desk: Desk, stage: Stage, until: Until) -> None:
    stage.settings.change(notify=False, minimum=Minimum("100000", "ARS"), volume=40)
    stage.be_quiet(HOUR)
    before = (desk.badge, stage.shop.store.resume, len(stage.shop.store.sales))

    stage.notifications.test()

    await until(lambda: stage.screen.notes)
    (note,) = stage.screen.notes
    assert note == Note(
        title=f"${NB}15.999,00 · sale 100234",
        body="This is a test. María Pérez · checkout",
        labels=replace(LABELS, all_seen=""),
    )
    assert stage.loudspeaker.heard == [("register", 40)]
    assert (desk.badge, stage.shop.store.resume, len(stage.shop.store.sales)) == before
    stage.screen.click(note)
    assert stage.opened == [("", "")]


async def test_a_test_where_money_has_no_currency_is_in_dollars(stage: Stage, until: Until) -> None:
    stage.notifications.speak(Words(Format(QLocale(QLocale.Language.Esperanto))))

    stage.notifications.test()

    await until(lambda: stage.screen.notes)
    assert "US$" in stage.screen.notes[0].title


async def test_another_language_is_spoken_at_once(stage: Stage, qapp: QApplication) -> None:
    stage.notifications.speak(Words(Format(QLocale("en_GB"))))
    stage.shop.ring(sale(6, total="1234.5"))
    await stage.pass_time(1)

    assert "ARS" in stage.titles()[0]
    assert "1,234.50" in stage.titles()[0]
