"""A notification service as a program: `python notification_daemon.py BUS-ADDRESS [--no-actions]`.

It writes one JSON line for each call, and reads what its user does, one line each: `press NUMBER KEY`, `expire NUMBER`.
"""

import asyncio
import json
import sys
from typing import Annotated, Any

from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal

NAME = "org.freedesktop.Notifications"
EXPIRED, DISMISSED, TAKEN_BACK = 1, 2, 3

Strings = Annotated[list[str], DBusSignature("as")]
Hints = Annotated[dict[str, Any], DBusSignature("a{sv}")]
Information = Annotated[tuple[str, str, str, str], DBusSignature("ssss")]
Pressed = Annotated[tuple[int, str], DBusSignature("us")]
Gone = Annotated[tuple[int, int], DBusSignature("uu")]


class Notifications(ServiceInterface):
    """Desktop Notifications Specification 1.2."""

    def __init__(self, *, actions: bool) -> None:
        super().__init__(NAME)
        self._actions = actions
        self._last = 0

    @dbus_method(name="GetServerInformation")
    def information(self) -> Information:
        return ("test", "test", "1", "1.2")

    @dbus_method(name="GetCapabilities")
    def capabilities(self) -> Strings:
        return ["body", "body-markup", "actions"] if self._actions else ["body", "body-markup"]

    @dbus_method(name="CloseNotification")
    def take_back(self, number: DBusUInt32) -> None:
        tell(closed=number)
        self.gone(number, TAKEN_BACK)

    @dbus_method(name="Notify")
    def show(
        self,
        app: DBusStr,
        replaces: DBusUInt32,
        icon: DBusStr,
        title: DBusStr,
        body: DBusStr,
        actions: Strings,
        hints: Hints,
        timeout: DBusInt32,
    ) -> DBusUInt32:
        del replaces, hints, timeout
        self._last += 1
        tell(number=self._last, app=app, icon=icon, title=title, body=body, actions=actions)
        return self._last

    @dbus_signal(name="ActionInvoked")
    def pressed(self, number: int, key: str) -> Pressed:
        return (number, key)

    @dbus_signal(name="NotificationClosed")
    def gone(self, number: int, reason: int) -> Gone:
        return (number, reason)


def tell(**facts: object) -> None:
    """Write a line."""
    print(json.dumps(facts), flush=True)


async def main(address: str, *options: str) -> None:
    """Be the service until the input ends."""
    bus = await MessageBus(address).connect()
    service = Notifications(actions="--no-actions" not in options)
    bus.export("/org/freedesktop/Notifications", service)
    await bus.request_name(NAME)
    tell(ready=True)
    loop = asyncio.get_running_loop()
    while words := (await loop.run_in_executor(None, sys.stdin.readline)).split():
        number = int(words[1])
        if words[0] == "press":
            service.pressed(number, words[2])
        service.gone(number, DISMISSED if words[0] == "press" else EXPIRED)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
