"""Doing something at most so often, and never missing the last time."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class Throttle(QObject):
    """Calls `what` at once, and then at most once in `interval_ms` however often it is asked to.

    The last request is always carried out.
    """

    def __init__(self, what: Callable[[], None], interval_ms: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._what = what
        self._wanted = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(self._over)

    def ask(self) -> None:
        """Something changed."""
        if self._timer.isActive():
            self._wanted = True
        else:
            self._do()

    def stop(self) -> None:
        """Do nothing more, not even what was asked for."""
        self._wanted = False
        self._timer.stop()

    def _over(self) -> None:
        if self._wanted:
            self._do()

    def _do(self) -> None:
        self._wanted = False
        self._timer.start()
        self._what()
