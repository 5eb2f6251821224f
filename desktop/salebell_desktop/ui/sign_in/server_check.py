"""What is known of the address of a server that somebody types."""

import asyncio
import unicodedata
from collections.abc import Callable, Coroutine
from enum import Enum, auto
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from salebell_desktop.ui.actions import ServerFound, SignInActions, Told
from salebell_desktop.ui.tasks import Tasks


class Check(Enum):
    """How far it is known."""

    UNKNOWN = auto()
    RUNNING = auto()
    FOUND = auto()
    REFUSED = auto()


class ServerCheck(QObject):
    """Looks for one server at a time. What is found out about an address that is not asked for any more is dropped.

    Args:
        actions: does the looking.
    """

    changed = Signal()

    def __init__(self, actions: SignInActions) -> None:
        super().__init__()
        self._actions = actions
        self._tasks = Tasks()
        self._running: asyncio.Task[None] | None = None
        self.address = ""
        self.state = Check.UNKNOWN
        self.found: ServerFound | None = None
        """What is there, while the state is FOUND."""
        self.told: Told | None = None
        """Why it was not found, while the state is REFUSED."""

    def forget(self) -> None:
        """Know nothing, and stop looking."""
        self._give_up()
        self._become(Check.UNKNOWN)

    def look(self, address: str, *, again: bool = False) -> None:
        """Find out what is at `address`, unless it is known or being found out.

        Args:
            address: as it was typed, without blanks.
            again: also if nothing was found there the last time.
        """
        settled = self.state in (Check.RUNNING, Check.FOUND) or (self.state is Check.REFUSED and not again)
        if address != self.address or not settled:
            self._begin(address, partial(self._look, address))

    def trust(self, path: Path) -> None:
        """Trust a certificate authority, and look at the same address again."""
        self._begin(self.address, partial(self._trust, path))

    def refuse(self, told: Told) -> None:
        """Something else found out that the server cannot be used."""
        self._give_up()
        self._become(Check.REFUSED, told=told)

    async def answer(self, address: str) -> ServerFound | None:
        """What is at `address`, looked for again if it was not found before. None: `told` says why."""
        self.look(address, again=True)
        while self._running is not None and self.state is Check.RUNNING:
            await asyncio.wait({self._running})
        return self.found

    async def settle(self) -> None:
        """Wait for the end of what was given up."""
        await self._tasks.settle()

    def _begin(self, address: str, work: Callable[[], Coroutine[None, None, None]]) -> None:
        self._give_up()
        self.address = address
        self._running = self._tasks.start(self._run(work))
        self._become(Check.RUNNING)

    async def _run(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        try:
            await work()
        finally:
            if self._wanted() and self.state is Check.RUNNING:
                self._become(Check.UNKNOWN)

    async def _look(self, address: str) -> None:
        self._settle(await self._actions.check_server(address))

    async def _trust(self, path: Path) -> None:
        refused = await self._actions.trust_authority(path)
        if refused is None:
            await self._look(self.address)
        else:
            # Another file may be the right one.
            self._settle(Told(refused.sentence, untrusted=True))

    def _settle(self, answer: ServerFound | Told) -> None:
        if not self._wanted():
            return
        if isinstance(answer, ServerFound):
            self._become(Check.FOUND, found=answer)
        else:
            self._become(Check.REFUSED, told=answer)

    def _wanted(self) -> bool:
        return self._running is asyncio.current_task()

    def _give_up(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.cancel()

    def _become(self, state: Check, *, found: ServerFound | None = None, told: Told | None = None) -> None:
        self.state, self.found, self.told = state, found, told
        self.changed.emit()


def without_blanks(text: str) -> str:
    """`text` without what a copied address brings along: blanks, line ends, and characters that nobody sees."""
    kept = "".join(text.split())
    return "".join(letter for letter in kept if unicodedata.category(letter) not in ("Cc", "Cf"))
