"""Telling observers what changed."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import TypeVar

from salebell_desktop.store.changes import Change

Observer = Callable[[Change], None]
Unsubscribe = Callable[[], None]
T = TypeVar("T")


class Feed:
    """Delivers changes to observers, in order, each change to all of them before the next.

    What an observer changes in turn is delivered after what is under way, so that nobody sees an effect before its
    cause. An observer that raises keeps nobody else from being told.
    """

    def __init__(self) -> None:
        self._observers: dict[object, Observer] = {}
        self._queue: deque[Change] = deque()
        self._delivering = False
        self._report: Callable[[Exception], None] | None = None

    def observe(self, observer: Observer) -> Unsubscribe:
        """Tell `observer` every change from now on. The answer ends it; calling that twice does no harm."""
        key = object()
        self._observers[key] = observer
        return lambda: self._forget(key)

    def report_failures_to(self, report: Callable[[Exception], None]) -> None:
        """Give `report` what observers raise, so that whoever changes something need not mind them."""
        self._report = report

    def tell(self, changes: Iterable[Change]) -> None:
        """Deliver `changes`.

        Raises:
            ExceptionGroup: what observers raised, once everything has been delivered, unless it is reported.
        """
        self._queue.extend(changes)
        if self._delivering:
            return
        self._delivering = True
        failures: list[Exception] = []
        try:
            while self._queue:
                self._deliver(self._queue.popleft(), failures)
        finally:
            self._delivering = False
        self._settle(failures)

    def give(self, what: T, to: Callable[[T], None]) -> None:
        """Call `to` with `what`, as carefully as an observer. Raises as `tell` does."""
        failures: list[Exception] = []
        self._attempt(what, to, failures)
        self._settle(failures)

    def _deliver(self, change: Change, failures: list[Exception]) -> None:
        for key, observer in tuple(self._observers.items()):
            if key in self._observers:
                self._attempt(change, observer, failures)

    def _attempt(self, what: T, to: Callable[[T], None], failures: list[Exception]) -> None:
        try:
            to(what)
        except Exception as failure:  # noqa: BLE001 - it is raised or reported once all have been told
            failures.append(failure)

    def _settle(self, failures: list[Exception]) -> None:
        if self._report is not None:
            for failure in failures:
                self._report(failure)
        elif failures:
            raise ExceptionGroup("observers failed", failures)

    def _forget(self, key: object) -> None:
        self._observers.pop(key, None)
