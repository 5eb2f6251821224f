"""On a desktop with a real window manager, real trays and a real notification service: what people do and see."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QColor, QImage

from salebell_desktop.ui.tokens import BADGE
from tests.needs import DESKTOP_SESSION, need

ROOT = Path(__file__).parents[3]
SESSION = ROOT / "scripts" / "desktop-session"

Facts = dict[str, Any]


class Desktop:
    """The program on its desktop, and a hand with a mouse."""

    def __init__(self, directory: Path, *options: str) -> None:
        self._directory = directory
        self._process = subprocess.Popen(
            [str(SESSION), *options, "--", "sh", "-c", 'echo "$DISPLAY"; exec "$@"', "sh", sys.executable, "-m",
             "tests.desktop.ui.real_program"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        assert self._process.stdout is not None
        self._display = self._process.stdout.readline().strip()
        self.facts = self._heard()

    def say(self, command: str) -> Facts:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n")
        self.facts = self._heard()
        return self.facts

    def until(self, condition: Callable[[Facts], object]) -> Facts:
        deadline = time.monotonic() + 20
        while not condition(self.say("look")):
            assert time.monotonic() < deadline, self.facts
            time.sleep(0.1)
        return self.facts

    def picture(self) -> QImage:
        path = self._directory / "screen.png"
        self.say(f"shot {path}")
        return QImage(str(path))

    def badge(self) -> tuple[int, int] | None:
        """The middle of the red badge at the lower edge of the screen."""
        picture, red = self.picture(), QColor(BADGE)
        found = [
            (x, y)
            for x in range(picture.width())
            for y in range(picture.height() - 34, picture.height())
            if picture.pixelColor(x, y) == red
        ]
        if len(found) < 20:
            return None
        return sum(x for x, _ in found) // len(found), sum(y for _, y in found) // len(found)

    def click(self, x: int, y: int) -> None:
        self.mouse("mousemove", str(x), str(y), "click", "1")

    def mouse(self, *what: str) -> None:
        subprocess.run(["xdotool", *what], env={"DISPLAY": self._display, "PATH": "/usr/bin:/bin"}, check=True)

    def open_tray(self) -> "subprocess.Popen[bytes]":
        command = ["trayer", "--edge", "bottom", "--align", "right", "--widthtype", "request", "--height", "32"]
        return subprocess.Popen(command, env={"DISPLAY": self._display, "PATH": "/usr/bin:/bin"})

    def quit(self) -> int:
        if self._process.poll() is None:
            assert self._process.stdin is not None
            self._process.stdin.write("quit\n")
        self._process.communicate(timeout=30)
        return self._process.returncode

    def _heard(self) -> Facts:
        assert self._process.stdout is not None
        heard: Facts = json.loads(self._process.stdout.readline())
        return heard


Opened = Callable[..., Desktop]


@pytest.fixture(autouse=True)
def _session_can_run() -> None:
    need(*DESKTOP_SESSION)


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Opened]:
    opened: list[Desktop] = []

    def made(*options: str) -> Desktop:
        opened.append(Desktop(tmp_path, *options))
        return opened[-1]

    yield made
    assert [each.quit() for each in opened] == [0] * len(opened)


@pytest.mark.parametrize("tray", ["trayer", "xfce4-panel"])
def test_the_badge_is_in_the_tray_and_a_click_on_it_opens_the_sales(desktop: Opened, tray: str) -> None:
    screen = desktop("--tray", tray)
    screen.until(lambda facts: facts["tray"])
    assert screen.badge() is None

    screen.say("ring 3")
    screen.until(lambda facts: facts["tooltip"] == "3 new sales · connected")
    where = screen.badge()
    assert where is not None

    screen.click(*where)
    facts = screen.until(lambda facts: facts["looking"] == "main")
    assert facts["badge"] == 0
    screen.until(lambda facts: facts["tooltip"] == "No new sales · connected")
    assert screen.badge() is None

    time.sleep(0.6)  # sooner, it is a double click, which opens and does no more
    screen.click(*where)
    screen.until(lambda facts: not facts["visible"])
    screen.say("ring 1")
    assert screen.until(lambda facts: facts["badge"] == 1)["looking"] is None


def test_a_click_on_a_notification_opens_the_sales(desktop: Opened) -> None:
    screen = desktop("--tray", "none")
    before = screen.picture()
    screen.say("ring 1")

    def shown(_facts: Facts) -> bool:
        return screen.picture() != before

    screen.until(shown)
    screen.click(before.width() - 100, 80)

    facts = screen.until(lambda facts: facts["looking"] == "main")
    assert facts["badge"] == 0


def test_a_minimised_window_looks_no_more(desktop: Opened) -> None:
    screen = desktop("--tray", "trayer")
    screen.say("ring 1")
    where = screen.badge()
    assert where is not None
    screen.click(*where)
    screen.until(lambda facts: facts["looking"] == "main")

    screen.mouse("getactivewindow", "windowminimize")
    screen.until(lambda facts: facts["looking"] is None)
    screen.say("ring 2")

    assert screen.until(lambda facts: facts["tooltip"] == "2 new sales · connected")["badge"] == 2
    assert screen.badge() is not None


def test_a_tray_that_comes_later_gets_the_bell(desktop: Opened) -> None:
    screen = desktop("--tray", "none", "--no-notifications")
    screen.say("ring 1")
    assert not screen.facts["tray"]
    tray = screen.open_tray()
    try:
        screen.until(lambda facts: facts["tray"])
        screen.until(lambda _facts: screen.badge() is not None)
    finally:
        tray.terminate()
        tray.wait()
    screen.until(lambda facts: not facts["tray"])
