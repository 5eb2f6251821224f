import asyncio
from collections.abc import AsyncIterator

import pytest

from salebell_desktop.platform.notifier import Note, Notifier
from salebell_desktop.store import Desk
from salebell_desktop.ui.notifications.bursts import GATHER, QUIET
from salebell_desktop.ui.notifications.ringing import Notifications
from salebell_desktop.ui.words import Words
from salebell_protocol.sales import SaleStatus
from tests.desktop.conftest import Until
from tests.desktop.ui.stage import Shop, Times, sale

NB = "\u00a0"


class Screen(Notifier):
    """Shows notes to a test; while `answers` is unset, a note is on its way."""

    def __init__(self) -> None:
        super().__init__(lambda _note: None)
        self.notes: list[Note] = []
        self.cleared = 0
        self.answers = asyncio.Event()
        self.answers.set()

    async def show(self, note: Note) -> bool:
        self.notes.append(note)
        await self.answers.wait()
        return True

    async def clear(self) -> None:
        self.cleared += 1


class Stage:
    """Notifications of a desk, with what is waiting to be shown."""

    def __init__(self, desk: Desk, shop: Shop, words: Words, times: Times) -> None:
        self.screen = Screen()
        self.times = times
        self.shop = shop
        self.looking_at: str | None = None
        self.notifications = Notifications(desk, self.screen, words, lambda: self.looking_at, times.clock.steady)

    def unsettled(self) -> bool:
        """Whether the position on disk would still be before an announcement."""
        return self.shop.store.settled != self.shop.store.resume

    async def pass_time(self, seconds: float) -> None:
        """Time goes on, and the timer notices."""
        self.times.go_on(seconds)
        self.notifications.tell_due()
        await asyncio.sleep(0)
        await asyncio.sleep(0)


@pytest.fixture
async def stage(desk: Desk, shop: Shop, words: Words, times: Times) -> AsyncIterator[Stage]:
    made = Stage(desk, shop, words, times)
    yield made
    made.notifications.close()


async def test_a_sale_rings_with_amount_number_customer_and_channel(stage: Stage, until: Until) -> None:
    stage.shop.ring(sale(6, total="15999"))
    assert stage.unsettled()

    await stage.pass_time(GATHER * 2)

    title = f"${NB}15.999,00 · sale 100006"
    assert stage.screen.notes == [Note(title=title, body="María Pérez · checkout", store="main")]
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
    await stage.pass_time(QUIET + 1)

    (note,) = stage.screen.notes
    assert note == Note(title=f"10.000 new sale(s) · ${NB}11.000,00", store="main")
    await until(lambda: not stage.unsettled())


async def test_what_was_missed_is_told_as_that(stage: Stage) -> None:
    stage.shop.miss([sale(number) for number in range(6, 11)])
    await stage.pass_time(QUIET + 1)

    title = f"5 new sale(s) · ${NB}79.995,00"
    assert stage.screen.notes == [Note(title="While you were away", body=title, store="main")]


async def test_what_was_looked_at_elsewhere_meanwhile_does_not_ring(stage: Stage) -> None:
    stage.shop.miss([sale(number) for number in range(6, 11)], unread=0)
    await stage.pass_time(QUIET + 1)

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
    await until(lambda: stage.screen.cleared == 1)
    assert not stage.unsettled()


async def test_nothing_is_taken_back_that_was_not_shown(desk: Desk, stage: Stage) -> None:
    stage.shop.ring(sale(6))
    desk.look_at(["main"])
    await stage.pass_time(1)

    assert stage.screen.cleared == 0
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
    await stage.pass_time(QUIET + 1)

    (note,) = stage.screen.notes
    assert note.store == ""
    assert note.title.startswith("6 new sale(s)")
