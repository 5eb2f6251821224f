import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QSystemTrayIcon

from salebell_desktop.platform.notifier import RETRY_SECONDS, FirstThatWorks, Note, Notifier, NullNotifier
from salebell_desktop.platform.system_notifier import SystemNotifier
from salebell_desktop.platform.tray_notifier import TrayNotifier
from tests.desktop.conftest import Until

NOTE = Note(title="$ 15.999,00 · sale 1", body="<b>Bobby</b> & Co · web", store="main")

SERVICE = """
import asyncio, json, sys
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal

class Notifications(ServiceInterface):
    def __init__(self):
        super().__init__("org.freedesktop.Notifications")
        self.shown = 0

    @dbus_method()
    def GetServerInformation(self) -> "ssss":
        return ["test", "test", "1", "1.2"]

    @dbus_method()
    def GetCapabilities(self) -> "as":
        return ["actions", "body", "body-markup"]

    @dbus_method()
    def CloseNotification(self, number: "u"):
        print(json.dumps({"closed": number}), flush=True)

    @dbus_method()
    def Notify(self, app: "s", replaces: "u", icon: "s", title: "s", body: "s", actions: "as", hints: "a{sv}",
               timeout: "i") -> "u":
        self.shown += 1
        print(json.dumps({"app": app, "icon": icon, "title": title, "body": body, "number": self.shown}), flush=True)
        return self.shown

    @dbus_signal()
    def ActionInvoked(self, number, key) -> "us":
        return [number, key]

    @dbus_signal()
    def NotificationClosed(self, number, reason) -> "uu":
        return [number, reason]

async def main():
    bus = await MessageBus(sys.argv[1]).connect()
    service = Notifications()
    bus.export("/org/freedesktop/Notifications", service)
    await bus.request_name("org.freedesktop.Notifications")
    print(json.dumps("ready"), flush=True)
    loop = asyncio.get_running_loop()
    while line := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        service.ActionInvoked(int(line), "default")

asyncio.run(main())
"""


class Way(Notifier):
    """Works, or not."""

    def __init__(self, *, works: bool) -> None:
        super().__init__(lambda _note: None)
        self.works = works
        self.tried = 0
        self.cleared = 0

    async def show(self, note: Note) -> bool:
        self.tried += 1
        return self.works

    async def clear(self) -> None:
        self.cleared += 1


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


async def test_the_first_way_that_works_shows_it() -> None:
    ways = [Way(works=False), Way(works=True), Way(works=True)]
    notifier = FirstThatWorks(ways, Clock(), lambda _note: None)

    assert await notifier.show(NOTE)

    assert [way.tried for way in ways] == [1, 1, 0]


async def test_a_way_that_failed_is_left_alone_for_a_while() -> None:
    clock = Clock()
    ways = [Way(works=False), Way(works=True)]
    notifier = FirstThatWorks(ways, clock, lambda _note: None)
    await notifier.show(NOTE)
    ways[0].works = True

    clock.now += RETRY_SECONDS - 1
    await notifier.show(NOTE)
    assert [way.tried for way in ways] == [1, 2]

    clock.now += 1
    await notifier.show(NOTE)
    await notifier.show(NOTE)
    assert [way.tried for way in ways] == [3, 2]


async def test_when_nothing_works_that_is_said() -> None:
    notifier = FirstThatWorks([Way(works=False)], Clock(), lambda _note: None)

    assert not await notifier.show(NOTE)
    assert not await notifier.show(NOTE)


async def test_all_ways_take_back_what_they_show() -> None:
    ways = [Way(works=True), Way(works=True)]

    await FirstThatWorks(ways, Clock(), lambda _note: None).clear()

    assert [way.cleared for way in ways] == [1, 1]


async def test_the_null_notifier_always_works() -> None:
    notifier = NullNotifier(lambda _note: None)

    assert await notifier.show(NOTE)
    await notifier.clear()


async def test_without_a_tray_its_balloon_does_not_work() -> None:
    icon = QSystemTrayIcon()
    clicked: list[Note] = []
    notifier = TrayNotifier(lambda: icon, clicked.append)

    assert not await notifier.show(NOTE)
    await notifier.clear()
    notifier.message_clicked()
    assert clicked == []


@pytest.fixture
def service(bus: str, monkeypatch: pytest.MonkeyPatch) -> "Iterator[Service]":
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    process = subprocess.Popen(
        [sys.executable, "-c", SERVICE, bus], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    made = Service(process)
    assert made.heard() == "ready"
    yield made
    process.kill()
    process.communicate()


class Service:
    """The notification service of another process."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def heard(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def click(self, number: int) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{number}\n")


async def closed(notifier: Notifier) -> None:
    """Close it, and let the bus hear of it: what is left open fails the test."""
    notifier.close()
    await asyncio.sleep(0.05)


linux = pytest.mark.skipif(sys.platform != "linux", reason="the desktop notifications of D-Bus")


@linux
async def test_the_system_shows_a_note_as_plain_text_and_tells_the_click(
    service: Service, until: Until, tmp_path: Path
) -> None:
    clicked: list[Note] = []
    notifier = SystemNotifier("Salebell", lambda: tmp_path / "icon.png", clicked.append)

    assert await notifier.show(NOTE)

    assert service.heard() == {
        "app": "Salebell",
        "icon": (tmp_path / "icon.png").as_uri(),
        "title": "$ 15.999,00 · sale 1",
        "body": "&lt;b&gt;Bobby&lt;/b&gt; &amp; Co · web",
        "number": 1,
    }
    service.click(1)
    await until(lambda: clicked == [NOTE])
    await closed(notifier)


@linux
async def test_the_system_takes_back_what_it_shows(service: Service) -> None:
    notifier = SystemNotifier("Salebell", lambda: None, lambda _note: None)
    await notifier.clear()
    for number in (1, 2):
        assert await notifier.show(NOTE)
        assert service.heard()["number"] == number

    await notifier.clear()

    assert sorted([service.heard()["closed"], service.heard()["closed"]]) == [1, 2]
    await closed(notifier)


@linux
async def test_without_a_service_that_is_said_and_nothing_breaks(
    bus: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    notifier = SystemNotifier("Salebell", lambda: None, lambda _note: None)

    assert not await notifier.show(NOTE)
    await notifier.clear()

    assert "Bobby" not in caplog.text
    await closed(notifier)


@linux
async def test_without_a_bus_that_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    notifier = SystemNotifier("Salebell", lambda: None, lambda _note: None)

    async with asyncio.timeout(10):
        assert not await notifier.show(NOTE)
