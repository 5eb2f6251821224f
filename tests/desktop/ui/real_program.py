"""A program for a real desktop: shows a desk that the tests write, and tells what it sees, one JSON line each.

Commands come as lines on standard input: `ring N`, `look`, `shot PATH`, `quit`.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

import qasync
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from salebell_desktop.settings import SettingsStore
from salebell_desktop.store import Account, Desk
from salebell_desktop.ui.shell import Places, Preferences, Shell
from tests.desktop.ui.stage import Shop, Wishes, sale


def tell(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


class Program:
    def __init__(self, application: QApplication, directory: Path) -> None:
        self._application = application
        self._desk = Desk()
        self._desk.sign_in(Account(server="wss://bell.example.com", uid="u", email="ana@example.com", name="Ana"))
        self._shop = Shop(self._desk, "main")
        self._shop.connect()
        self._shop.load([])
        places = Places(settings=directory, cache=directory)
        preferences = Preferences(locale=QLocale("en_GB"), hidden=True)
        self._shell = Shell(application, self._desk, Wishes(), SettingsStore(), places, preferences)
        self._shell.start()
        self._rung = 0

    async def run(self) -> None:
        self._say()
        loop = asyncio.get_running_loop()
        while line := (await loop.run_in_executor(None, sys.stdin.readline)).split():
            command, *arguments = line
            if command == "ring":
                for _ in range(int(arguments[0])):
                    self._rung += 1
                    self._shop.ring(sale(self._rung))
            elif command == "shot":
                await asyncio.sleep(0.2)
                self._application.primaryScreen().grabWindow(0).save(arguments[0])
            elif command == "quit":
                break
            self._say()
        self._shell.close()
        await asyncio.sleep(0.05)

    def _say(self) -> None:
        shell = self._shell
        tell(
            tray=shell.tray.available,
            tooltip=shell.tray.icon.toolTip(),
            badge=self._desk.badge,
            looking=shell.window.looking_at,
            visible=shell.window.isVisible(),
        )


def main() -> None:
    application = QApplication([])
    with (
        tempfile.TemporaryDirectory() as directory,
        asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner,
    ):
        runner.run(Program(application, Path(directory)).run())


if __name__ == "__main__":
    main()
