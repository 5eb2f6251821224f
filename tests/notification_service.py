"""A notification service that does as it is told: what a desktop has, without the desktop."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

DAEMON = Path(__file__).with_name("notification_daemon.py")

Line = dict[str, Any]


class NotificationService:
    """The service, and the hand of its user.

    Attributes:
        calls: what it was asked for, in order.
    """

    def __init__(self, process: Process) -> None:
        self._process = process
        self.calls: list[Line] = []

    def shown(self) -> list[Line]:
        """Every notification that it was asked to show: `number`, `app`, `icon`, `title`, `body`, `actions`."""
        return [call for call in self.calls if "title" in call]

    def taken_back(self) -> list[int]:
        """The numbers of those that it was asked to take back."""
        return [call["closed"] for call in self.calls if "closed" in call]

    def press(self, number: int, key: str = "default") -> None:
        """The user clicks a notification, or one of its buttons; it goes."""
        self._say(f"press {number} {key}")

    def expire(self, number: int) -> None:
        """A notification goes by itself."""
        self._say(f"expire {number}")

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())

    async def read(self) -> None:
        """Keep what it writes, to its end."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.calls.append(json.loads(line))

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for what it is asked for."""
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.02)


@asynccontextmanager
async def notification_service(address: str, *options: str) -> AsyncGenerator[NotificationService, None]:
    """A service on the bus at `address`; `options` are the daemon's."""
    command = (sys.executable, str(DAEMON), address, *options)
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    service = NotificationService(process)
    reading = asyncio.create_task(service.read())
    try:
        await service.until(lambda: service.calls)
        yield service
    finally:
        process.kill()
        await process.wait()
        await reading
