"""The private desktop itself: what it gives a command, and that it leaves nothing behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.needs import DESKTOP_SESSION, need

SESSION = str(Path(__file__).parents[3] / "scripts" / "desktop-session")


@pytest.fixture(autouse=True)
def _session_can_run() -> None:
    need(*DESKTOP_SESSION, "gnome-keyring-daemon")


def processes_with(text: str) -> list[int]:
    """The processes whose environment has `text`."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if text.encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def session(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([SESSION, *arguments], capture_output=True, text=True, timeout=60, check=False)


def test_the_command_has_all_that_was_asked_for_and_its_status_is_passed_on() -> None:
    names = "for name in Notifications secrets; do dbus-send --session --print-reply --dest=org.freedesktop.DBus / "
    names += "org.freedesktop.DBus.GetNameOwner string:org.freedesktop.$name >/dev/null && echo $name; done"

    done = session("--keyring", "sh", "-c", f'{names}; xdotool getdisplaygeometry; echo "$HOME"; exit 7')

    assert done.returncode == 7
    *facts, home = done.stdout.split("\n")[:-1]
    assert facts == ["Notifications", "secrets", "1280 800"]
    assert not Path(home).exists()
    assert not processes_with(home)


def test_what_the_command_leaves_behind_is_ended() -> None:
    done = session(
        "--tray", "none", "--no-notifications", "sh", "-c", 'setsid sleep 1000 >/dev/null 2>&1 & echo "$HOME"'
    )

    home = done.stdout.strip()
    assert done.returncode == 0
    assert not processes_with(home)


def test_two_desktops_do_not_meet() -> None:
    with subprocess.Popen([SESSION, "--tray", "none", "sh", "-c", "echo $DISPLAY; read line"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as first:  # fmt: skip
        assert first.stdout is not None
        display = first.stdout.readline().strip()
        other = session("--tray", "none", "sh", "-c", "echo $DISPLAY")
        first.communicate("go on\n", timeout=30)

    assert first.returncode == 0
    assert other.returncode == 0
    assert display != other.stdout.strip()


def test_told_to_end_it_ends_everything() -> None:
    process = subprocess.Popen(
        [SESSION, "sh", "-c", 'echo "$HOME"; exec sleep 1000'], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    home = process.stdout.readline().strip()
    assert len(processes_with(home)) > 3

    process.send_signal(signal.SIGTERM)

    assert process.wait(15) == 128 + signal.SIGTERM
    assert not processes_with(home)
    assert not Path(home).parent.exists()
    process.stdout.close()


def test_killed_it_takes_its_programs_along() -> None:
    process = subprocess.Popen(
        [SESSION, "--no-notifications", "sh", "-c", 'echo "$HOME"; exec sleep 1000'], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    home = process.stdout.readline().strip()

    process.kill()
    process.wait()

    deadline = time.monotonic() + 10
    while processes_with(home):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    shutil.rmtree(Path(home).parent)
    process.stdout.close()


def test_a_command_that_is_not_there_is_told_as_a_shell_does(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no program")

    assert session("--tray", "none", "nothing-of-that-name").returncode == 127
    assert session("--tray", "none", str(tmp_path / "text")).returncode == 126


def test_a_program_that_is_missing_is_named() -> None:
    done = subprocess.run(
        [sys.executable, SESSION, "true"], capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PATH": "/nonexistent"},
    )  # fmt: skip

    assert done.returncode == 125
    assert "Xvfb is not installed" in done.stderr


def test_without_a_command_it_says_what_it_wants() -> None:
    done = session("--tray", "none")

    assert done.returncode == 2
    assert "which command" in done.stderr
