import subprocess
import sys
from collections.abc import Iterator

import pytest
from PySide6.QtNetwork import QNetworkInformation
from pytestqt.qtbot import QtBot

from salebell_desktop.platform.wake import (
    CHECK_SECONDS,
    JUMP_SECONDS,
    ClockSource,
    LogindSource,
    NetworkSource,
    WakeSource,
    WakeWatch,
    wake_watch,
)

LOGIND = """
import asyncio, sys
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_signal

class Manager(ServiceInterface):
    def __init__(self):
        super().__init__("org.freedesktop.login1.Manager")

    @dbus_signal()
    def PrepareForSleep(self, asleep) -> "b":
        return asleep

async def main():
    bus = await MessageBus(sys.argv[1]).connect()
    manager = Manager()
    bus.export("/org/freedesktop/login1", manager)
    await bus.request_name("org.freedesktop.login1")
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while line := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        manager.PrepareForSleep(line == "sleep")

asyncio.run(main())
"""


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def logind(bus: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-c", LOGIND, bus], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.communicate()


def tell(logind: "subprocess.Popen[str]", what: str) -> None:
    assert logind.stdin is not None
    logind.stdin.write(f"{what}\n")
    logind.stdin.flush()


@pytest.mark.skipif(sys.platform != "linux", reason="systemd-logind")
def test_waking_up_is_told_by_logind(qtbot: QtBot, bus: str, logind: "subprocess.Popen[str]") -> None:
    source = LogindSource(bus)
    source.start()
    woke: list[str] = []
    source.woke.connect(lambda: woke.append("woke"))

    tell(logind, "sleep")
    tell(logind, "wake")
    qtbot.waitUntil(lambda: woke == ["woke"])

    source.stop()
    tell(logind, "wake")
    other = LogindSource(bus)
    other.start()
    with qtbot.waitSignal(other.woke):
        tell(logind, "wake")
    assert woke == ["woke"]
    other.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="systemd-logind")
def test_without_a_system_bus_logind_is_silent() -> None:
    source = LogindSource("unix:path=/nonexistent/bus")

    source.start()
    source.stop()


def test_a_clock_that_jumped_was_asleep(qtbot: QtBot) -> None:
    clock = Clock()
    source = ClockSource(clock)
    source.start()

    clock.now += CHECK_SECONDS + JUMP_SECONDS - 1
    with qtbot.assertNotEmitted(source.woke):
        source.check()
    clock.now += 3600
    with qtbot.waitSignal(source.woke):
        source.check()
    clock.now += CHECK_SECONDS
    with qtbot.assertNotEmitted(source.woke):
        source.check()
    source.stop()


def test_a_clock_that_is_set_back_is_no_wake_up(qtbot: QtBot) -> None:
    clock = Clock()
    source = ClockSource(clock)
    source.start()

    clock.now -= 7200
    with qtbot.assertNotEmitted(source.woke):
        source.check()
    clock.now += CHECK_SECONDS
    with qtbot.assertNotEmitted(source.woke):
        source.check()
    source.stop()


def test_only_the_networks_return_counts(qtbot: QtBot) -> None:
    source = NetworkSource()
    reach = QNetworkInformation.Reachability

    for quiet in (reach.Online, reach.Unknown, reach.Disconnected, reach.Disconnected):
        with qtbot.assertNotEmitted(source.woke):
            source.changed(quiet)
    with qtbot.waitSignal(source.woke):
        source.changed(reach.Site)
    with qtbot.assertNotEmitted(source.woke):
        source.changed(reach.Online)


def test_several_sources_are_one(qtbot: QtBot) -> None:
    one, other = WakeSource(), WakeSource()
    watch = WakeWatch([one, other])

    for source in (one, other):
        with qtbot.waitSignal(watch.woke):
            source.woke.emit()


def test_this_systems_watch_starts_and_stops_with_what_there_is() -> None:
    watch = wake_watch(Clock())

    watch.start()
    watch.start()
    watch.stop()
    watch.stop()
