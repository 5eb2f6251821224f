import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from salebell_desktop.platform import system_notifier
from salebell_desktop.platform.notifier import Labels, Note, Notifier
from salebell_desktop.platform.system_notifier import ALL_SEEN, OPEN, REMEMBERED, SystemNotifier
from tests.desktop.conftest import Until
from tests.notification_service import NotificationService, notification_service

NOTE = Note(
    title="$ 15.999,00 · sale 1",
    body="<b>Bobby</b> & Co · web",
    store="main",
    sale="s1",
    offers_seen=True,
    labels=Labels(open="Open", all_seen="Mark all seen"),
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the desktop notifications of D-Bus")


def note(number: int, store: str = "main") -> Note:
    return Note(title=f"sale {number}", store=store, sale=f"s{number}")


@pytest.fixture
async def service(bus: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[NotificationService]:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    async with notification_service(bus) as made:
        yield made


@pytest.fixture
async def notifier() -> AsyncIterator[SystemNotifier]:
    made = SystemNotifier("Salebell", lambda: None)
    yield made
    await closed(made)


async def closed(notifier: Notifier) -> None:
    """Close it, and let the bus hear of it: what is left open fails the test."""
    notifier.close()
    await asyncio.sleep(0.05)


async def test_a_note_is_shown_as_plain_text_with_buttons(service: NotificationService, tmp_path: Path) -> None:
    notifier = SystemNotifier("Salebell", lambda: tmp_path / "icon.png")

    assert await notifier.show(NOTE)

    await service.until(service.shown)
    assert service.shown() == [
        {
            "app": "Salebell",
            "icon": (tmp_path / "icon.png").as_uri(),
            "title": "$ 15.999,00 · sale 1",
            "body": "&lt;b&gt;Bobby&lt;/b&gt; &amp; Co · web",
            "actions": ["default", "", OPEN, "Open", ALL_SEEN, "Mark all seen"],
            "number": 1,
        }
    ]
    await closed(notifier)


async def test_what_the_user_does_with_notes_is_told(
    service: NotificationService, notifier: SystemNotifier, until: Until
) -> None:
    told: list[Note | str] = []
    notifier.answer_to(told.append, lambda: told.append("all seen"))
    for each in (note(8), NOTE, note(9)):
        assert await notifier.show(each)

    service.press(1)
    await until(lambda: told == [note(8)])
    service.press(2, OPEN)
    await until(lambda: told == [note(8), NOTE])
    service.expire(3)
    assert await notifier.show(NOTE)
    service.press(4, ALL_SEEN)
    await until(lambda: told == [note(8), NOTE, "all seen"])


async def test_a_note_may_have_one_button_or_none(service: NotificationService, notifier: SystemNotifier) -> None:
    assert await notifier.show(Note(title="a test", labels=NOTE.labels))
    assert await notifier.show(Note(title="nothing to press"))

    await service.until(lambda: len(service.shown()) == 2)
    assert [call["actions"] for call in service.shown()] == [["default", "", OPEN, "Open"], ["default", ""]]


async def test_a_service_without_buttons_is_asked_for_none(
    bus: str, monkeypatch: pytest.MonkeyPatch, notifier: SystemNotifier, until: Until
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    clicked: list[Note] = []
    notifier.answer_to(clicked.append, lambda: None)
    async with notification_service(bus, "--no-actions") as service:
        assert await notifier.show(NOTE)

        await service.until(service.shown)
        assert service.shown()[0]["actions"] == ["default", ""]
        service.press(1)
        await until(lambda: clicked == [NOTE])


async def test_all_that_is_shown_is_taken_back(service: NotificationService, notifier: SystemNotifier) -> None:
    await notifier.clear()
    for number in (1, 2, 3):
        assert await notifier.show(note(number))
    service.expire(2)
    await asyncio.sleep(0.05)

    await notifier.clear()
    await notifier.clear()

    await service.until(lambda: len(service.taken_back()) == 2)
    assert service.taken_back() == [1, 3]


async def test_what_is_shown_of_one_store_is_taken_back(service: NotificationService, notifier: SystemNotifier) -> None:
    for number, store in enumerate(("main", "other", "", "main"), 1):
        assert await notifier.show(note(number, store))

    await notifier.clear("main")
    await service.until(lambda: service.taken_back() == [1, 4])

    await notifier.clear()
    await service.until(lambda: service.taken_back() == [1, 4, 2, 3])


async def test_of_one_sale_the_latest_note_is_shown(service: NotificationService, notifier: SystemNotifier) -> None:
    other = Note(title="not of a sale", store="main")
    for each in (note(1), note(1, "other"), other, note(2), other, note(1)):
        assert await notifier.show(each)

    await service.until(service.taken_back)
    assert service.taken_back() == [1]
    assert "closed" in service.calls[-1]


async def test_of_many_notes_the_newest_are_remembered(service: NotificationService, notifier: SystemNotifier) -> None:
    for number in range(REMEMBERED + 1):
        assert await notifier.show(note(number))

    await notifier.clear()

    await service.until(lambda: len(service.taken_back()) == REMEMBERED)
    assert service.taken_back()[0] == 2


async def test_a_service_that_went_takes_nothing_back(
    bus: str, monkeypatch: pytest.MonkeyPatch, notifier: SystemNotifier
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    async with notification_service(bus):
        assert await notifier.show(note(1))

    await notifier.clear()
    assert not await notifier.show(note(2))


async def test_a_service_that_does_not_answer_keeps_nobody_waiting(
    service: NotificationService, notifier: SystemNotifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await notifier.show(note(1))
    monkeypatch.setattr(system_notifier, "SHOW_SECONDS", 0.0)

    await notifier.clear()
    assert not await notifier.show(note(2))


async def test_without_a_service_that_is_said_and_nothing_breaks(
    bus: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, notifier: SystemNotifier
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)

    assert not await notifier.show(NOTE)
    await notifier.clear()

    assert "Bobby" not in caplog.text


async def test_without_a_bus_that_is_said_too(monkeypatch: pytest.MonkeyPatch, notifier: SystemNotifier) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")

    async with asyncio.timeout(10):
        assert not await notifier.show(NOTE)
