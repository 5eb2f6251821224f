"""Real processes: each start is one, and they are killed as a user's machine kills them."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from salebell_desktop.platform.directories import DirectoryRefused
from salebell_desktop.platform.single_instance import ACTIVATE, SingleInstance, Start, socket_address

PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
from salebell_desktop.platform.single_instance import SingleInstance, Start

application = QCoreApplication([])
instance = SingleInstance(Path(sys.argv[1]), Path(sys.argv[2]))
start = instance.start(10.0)
print(start.name, flush=True)
if start is Start.FIRST:
    instance.activated.connect(lambda: print("activated", flush=True))
    QTimer.singleShot(30_000, application.quit)
    application.exec()
"""

Started = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def runtime() -> Iterator[Path]:
    """As short as a session's own."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="s-") as made:
        yield Path(made)


@pytest.fixture
def places(runtime: Path) -> tuple[Path, Path]:
    return runtime / "run", runtime / "runtime"


@pytest.fixture
def start(places: tuple[Path, Path]) -> Iterator[Started]:
    running: list[subprocess.Popen[str]] = []

    def begin() -> "subprocess.Popen[str]":
        arguments = [sys.executable, "-c", PROGRAM, *map(str, places)]
        running.append(subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def says(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_second_start_brings_the_first_to_the_front(start: Started) -> None:
    first = start()
    assert says(first) == "FIRST"

    second = start()

    assert says(second) == "SECOND"
    assert second.wait(10) == 0
    assert says(first) == "activated"


def test_a_killed_instance_leaves_nothing_in_the_way(start: Started) -> None:
    for _ in range(2):
        first = start()
        assert says(first) == "FIRST"
        first.send_signal(signal.SIGKILL)
        first.wait()

    assert says(start()) == "FIRST"


def test_of_three_starts_at_once_one_is_the_first(start: Started) -> None:
    three = [start() for _ in range(3)]

    said = sorted(says(process) for process in three)

    assert said == ["FIRST", "SECOND", "SECOND"]


def test_a_lock_left_under_another_host_name_is_taken_over(start: Started, places: tuple[Path, Path]) -> None:
    first = start()
    assert says(first) == "FIRST"
    first.kill()
    first.wait()
    lock = places[0] / "lock"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([*lines[:2], "elsewhere", *lines[3:]]) + "\n")
    os.utime(lock, (1_000_000_000, 1_000_000_000))

    assert says(start()) == "FIRST"


def test_a_lock_that_is_held_is_not_taken_over_however_old(start: Started, places: tuple[Path, Path]) -> None:
    first = start()
    assert says(first) == "FIRST"
    os.utime(places[0] / "lock", (1_000_000_000, 1_000_000_000))

    assert says(start()) == "SECOND"


def test_a_holder_that_does_not_answer_is_told(places: tuple[Path, Path]) -> None:
    first = SingleInstance(*places)
    assert first.start() is Start.FIRST
    second = SingleInstance(*places)

    # In one process, the first cannot answer while the second waits.
    assert second.start(patience=0) is Start.UNANSWERED
    first.release()
    assert second.start() is Start.FIRST
    second.release()


@pytest.mark.parametrize("said", [b"activated", b"quit now", b"activate\n", b"x" * 100_000])
def test_nothing_but_the_one_word_is_accepted(qtbot: QtBot, places: tuple[Path, Path], said: bytes) -> None:
    instance = SingleInstance(*places)
    instance.start()
    caller = QLocalSocket()

    with qtbot.assertNotEmitted(instance.activated):
        caller.connectToServer(instance.address)
        assert caller.waitForConnected(1000)
        caller.write(said)
        caller.flush()
        qtbot.waitUntil(lambda: caller.state() is QLocalSocket.LocalSocketState.UnconnectedState)
    instance.release()


def test_a_word_in_two_parts_is_one_word(qtbot: QtBot, places: tuple[Path, Path]) -> None:
    instance = SingleInstance(*places)
    instance.start()
    caller = QLocalSocket()

    with qtbot.waitSignal(instance.activated):
        caller.connectToServer(instance.address)
        assert caller.waitForConnected(1000)
        caller.write(ACTIVATE[:3])
        caller.flush()
        qtbot.wait(20)
        caller.write(ACTIVATE[3:])
        caller.flush()
    instance.release()


def test_the_socket_is_the_users_alone(places: tuple[Path, Path]) -> None:
    instance = SingleInstance(*places)
    instance.start()

    assert places[0].stat().st_mode & 0o077 == 0
    assert Path(instance.address).stat().st_mode & 0o077 == 0
    instance.release()


def test_a_path_of_any_length_works(tmp_path: Path, runtime: Path) -> None:
    for length in range(len(str(tmp_path)) + 2, 230, 3):
        directory = tmp_path / ("d" * max(1, length - len(str(tmp_path)) - 1))
        instance = SingleInstance(directory, runtime)

        assert instance.start() is Start.FIRST, length
        assert len(os.fsencode(instance.address)) < 100
        instance.release()


def test_two_long_directories_have_two_sockets(tmp_path: Path, runtime: Path) -> None:
    one, other = (tmp_path / ("d" * 120 + name) for name in "ab")

    assert socket_address(one, runtime) != socket_address(other, runtime)


def test_a_runtime_directory_that_is_too_long_as_well_is_told(tmp_path: Path) -> None:
    with pytest.raises(DirectoryRefused, match="too long a path"):
        socket_address(tmp_path / ("d" * 120), tmp_path / ("r" * 120))
