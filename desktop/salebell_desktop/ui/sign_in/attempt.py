"""What somebody who signs in waits for: one thing at a time, which can be given up."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum, auto

from PySide6.QtCore import QObject, Signal

from salebell_desktop.identity import Means
from salebell_desktop.ui.actions import Told
from salebell_desktop.ui.sign_in.server_check import ServerCheck
from salebell_desktop.ui.tasks import Tasks


class Doing(Enum):
    """What is under way."""

    NOTHING = auto()
    SIGNING_IN = auto()
    IN_BROWSER = auto()
    """Signing in with Google."""
    SENDING = auto()
    """A message for a forgotten password."""


_NEEDS = {Doing.SIGNING_IN: Means.PASSWORD, Doing.IN_BROWSER: Means.GOOGLE, Doing.SENDING: Means.RESET}

Act = Callable[[str], Awaitable[Told | None]]
"""Does something with the server at an address; None: done."""


class Attempt(QObject):
    """Waits for the server to be found, then for what is done there. Of what was given up nothing is told any more.

    Args:
        check: finds the server.
    """

    changed = Signal(Doing)
    """What is under way."""
    done = Signal(Doing)
    refused = Signal(Doing, Told)
    unable = Signal()
    """The server was not found, or does not offer it any more."""

    def __init__(self, check: ServerCheck) -> None:
        super().__init__()
        self._check = check
        self._tasks = Tasks()
        self._running: asyncio.Task[None] | None = None
        self.doing = Doing.NOTHING

    def start(self, doing: Doing, address: str, act: Act) -> None:
        """Begin, in place of what is under way.

        Args:
            doing: what it is.
            address: of the server, as it was typed.
            act: what to do there.
        """
        self.give_up()
        self._running = self._tasks.start(self._run(doing, address, act))
        self._become(doing)

    def give_up(self) -> None:
        """End what is under way. Harmless when nothing is."""
        running, self._running = self._running, None
        if running is not None:
            self._become(Doing.NOTHING)
            running.cancel()

    async def settle(self) -> None:
        """Wait for the end of what was given up."""
        await self._tasks.settle()

    async def _run(self, doing: Doing, address: str, act: Act) -> None:
        told = None
        able = False
        try:
            found = await self._check.answer(address)
            if found is not None and _NEEDS[doing] in found.means:
                able = True
                told = await act(found.address)
        finally:
            wanted = self._running is asyncio.current_task()
            if wanted:
                self._running = None
                self._become(Doing.NOTHING)
        if not wanted:
            return
        if not able:
            self.unable.emit()
        elif told is not None:
            self.refused.emit(doing, told)
        else:
            self.done.emit(doing)

    def _become(self, doing: Doing) -> None:
        self.doing = doing
        self.changed.emit(doing)
