"""Python's cyclic garbage is collected on Qt's thread alone.

The interpreter collects in whatever thread happens to allocate. A widget or timer that dies elsewhere than on Qt's
thread takes its timers not with it, and the next one that fires brings the program down (doc.qt.io, "Threads and
QObjects": an object must not be deleted while its thread may be delivering events to it).
"""

import gc

from PySide6.QtCore import QObject, QTimer

CHECK_MS = 5_000
"""How often to look whether there is enough to collect; looking costs a microsecond."""


class GarbageCollector(QObject):
    """Takes the place of the automatic collection, from `start` to `stop`, with the same thresholds.

    To be made, started and stopped on Qt's thread.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(CHECK_MS)
        self._timer.timeout.connect(self.check)

    def start(self) -> None:
        """No thread but this one collects from now on. What there is already stays: most of it are modules."""
        gc.disable()
        gc.freeze()
        self._timer.start()

    def stop(self) -> None:
        """Leave it to the interpreter again."""
        self._timer.stop()
        gc.enable()

    def check(self) -> int:
        """Collect the generations that are due (docs.python.org, `gc.set_threshold`), and say how many objects went."""
        due = [generation for generation in range(3) if gc.get_count()[generation] > gc.get_threshold()[generation] > 0]
        return gc.collect(max(due)) if due else 0
