"""How a process learns that it is to end."""

import signal
from collections.abc import Callable

SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""What a terminal sends, and what a supervisor does."""


class Stop:
    """Whether this process was told to end. Once told, it stays so; being told again changes nothing."""

    def __init__(self) -> None:
        self._told = False
        self._callbacks: list[Callable[[], None]] = []

    @property
    def told(self) -> bool:
        """Whether it is to end."""
        return self._told

    def watch(self) -> None:
        """From here on, SIGINT and SIGTERM tell. On the main thread."""
        for number in SIGNALS:
            signal.signal(number, self._signalled)

    def then(self, callback: Callable[[], None]) -> None:
        """Have `callback` called when it is told, at once if it was. It may interrupt anything, so it must be brief."""
        self._callbacks.append(callback)
        if self._told:
            self._call()

    def _signalled(self, _number: int, _frame: object) -> None:
        self._told = True
        self._call()

    def _call(self) -> None:
        while self._callbacks:
            self._callbacks.pop()()
