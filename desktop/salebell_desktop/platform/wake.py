"""Noticing that the computer woke, or that the network came back, so that the connection is tried at once.

Every source is a hint, and none is there on every system. A hint too many costs one attempt to connect.
"""

import sys
from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import SLOT, QObject, QTimer, Signal, Slot
from PySide6.QtNetwork import QNetworkInformation

_LOGIN1 = ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForSleep")
_PRESENT, _FEATURE = QNetworkInformation.Reachability, QNetworkInformation.Feature

CHECK_SECONDS = 20.0
"""How often the clock is looked at."""
JUMP_SECONDS = 20.0
"""A clock that went on this much further than it should have was asleep, or was set."""


class WakeSource(QObject):
    """One way to notice. This one notices nothing: it stands in where a system has no better."""

    woke = Signal()

    def start(self) -> None:
        """Begin to watch. Never fails: a source that cannot watch stays silent."""

    def stop(self) -> None:
        """Watch no more."""


class LogindSource(WakeSource):
    """systemd-logind's `PrepareForSleep(false)`, sent after a suspension (org.freedesktop.login1(5)).

    Args:
        address: of the bus, for tests; None is the system bus.
    """

    def __init__(self, address: str | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._address = address
        self._listening = False

    def start(self) -> None:
        """Listen on the system bus, if there is one."""
        self._listening = self._bus_call("connect")

    def stop(self) -> None:
        """Listen no more."""
        if self._listening:
            self._listening = not self._bus_call("disconnect")

    def _bus_call(self, what: str) -> bool:
        # Imported here: it is missing from Qt on Windows and macOS.
        from PySide6.QtDBus import QDBusConnection

        if self._address is None:
            bus = QDBusConnection.systemBus()
        else:
            bus = QDBusConnection.connectToBus(self._address, f"salebell-wake-{id(self)}")
        if not bus.isConnected():
            return False
        # The stubs ask for bytes, which the binding then refuses: it wants what `SLOT` gives.
        slot: Any = SLOT("prepare_for_sleep(bool)")
        call = bus.connect if what == "connect" else bus.disconnect
        return call(*_LOGIN1, self, slot)

    @Slot(bool)
    def prepare_for_sleep(self, asleep: bool) -> None:
        """The computer goes to sleep (True), or is back (False)."""
        if not asleep:
            self.woke.emit()


class NetworkSource(WakeSource):
    """The network became reachable again, as the system tells Qt."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._online = True
        self._information: QNetworkInformation | None = None

    def start(self) -> None:
        """Listen to Qt, if it has a back end for this system."""
        if self._information is not None or not QNetworkInformation.loadBackendByFeatures(_FEATURE.Reachability):
            return
        self._information = QNetworkInformation.instance()
        self._online = self._information.reachability() is not _PRESENT.Disconnected
        self._information.reachabilityChanged.connect(self.changed)

    def stop(self) -> None:
        """Listen no more."""
        if self._information is not None:
            self._information.reachabilityChanged.disconnect(self.changed)
            self._information = None

    @Slot(QNetworkInformation.Reachability)
    def changed(self, reachability: QNetworkInformation.Reachability) -> None:
        """The system thinks otherwise of the network now; unknown is taken as present."""
        online = reachability is not _PRESENT.Disconnected
        if online and not self._online:
            self.woke.emit()
        self._online = online


class ClockSource(WakeSource):
    """A clock that jumped: timers stand still while a computer sleeps, the time of day does not.

    Args:
        clock: the time of day in unix seconds.
    """

    def __init__(self, clock: Callable[[], float], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._expected = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(int(CHECK_SECONDS * 1000))
        self._timer.timeout.connect(self.check)

    def start(self) -> None:
        """Look at the clock from now on."""
        self._expected = self._clock() + CHECK_SECONDS
        self._timer.start()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def check(self) -> None:
        """Compare the clock with what it should show now, `CHECK_SECONDS` after the last time."""
        now = self._clock()
        jumped = now - self._expected > JUMP_SECONDS
        self._expected = now + CHECK_SECONDS
        if jumped:
            self.woke.emit()


class WakeWatch(WakeSource):
    """Several sources as one."""

    def __init__(self, sources: Iterable[WakeSource]) -> None:
        super().__init__()
        self._sources = tuple(sources)
        for source in self._sources:
            source.woke.connect(self.woke)

    def start(self) -> None:
        """Start all of them."""
        for source in self._sources:
            source.start()

    def stop(self) -> None:
        """Stop all of them."""
        for source in self._sources:
            source.stop()


def wake_watch(clock: Callable[[], float]) -> WakeWatch:
    """What this system has. `start` it once the tray is up: loading Qt's network back end takes a moment."""
    sleep = LogindSource() if sys.platform == "linux" else WakeSource()
    return WakeWatch([sleep, NetworkSource(), ClockSource(clock)])
