"""Several workers on one port, as real processes: they share the work, come back when killed, and end together."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from salebell_server.workers import (
    FIRST_DELAY_SECONDS,
    LONGEST_DELAY_SECONDS,
    START_ATTEMPTS,
    STEADY_SECONDS,
    Restarts,
)

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 30.0

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there it is refused")


def eventually(condition: Callable[[], T | None]) -> T:
    """Wait until `condition` answers something true, and return it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return answer


class Told(NamedTuple):
    """What a worker answered."""

    worker: int
    pid: int
    figures: dict[tuple[str, ...], float]


class Crew:
    """A running server of several workers."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        self.port = int(process.stdout.readline() or 0)
        self.family: set[psutil.Process] = set()

    def ask(self, method: str = "GET") -> Told:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            request, timeout=PATIENCE_SECONDS
        ) as told:
            answer: dict[str, Any] = json.load(told)
        figures = {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(answer["figures"])
            for sample in family.samples
        }
        return Told(answer["worker"], answer["pid"], figures)

    def reach(self, *numbers: int) -> dict[int, Told]:
        """What each of these workers answers."""
        found: dict[int, Told] = {}

        def all_found() -> bool:
            told = self.ask()
            found[told.worker] = told
            return found.keys() >= set(numbers)

        eventually(all_found)
        return found

    def remember(self) -> None:
        """Note every process that there is of it, before something ends them."""
        self.family = {psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)}

    def leaves_none(self) -> bool:
        """Whether every process of it has ended; one of a dead parent may be left for init to collect."""

        def gone(each: psutil.Process) -> bool:
            try:
                return each.status() == psutil.STATUS_ZOMBIE
            except psutil.NoSuchProcess:
                return True

        return all(map(gone, self.family))

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal and wait for its end: the exit status."""
        self.remember()
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)

    def records(self) -> list[dict[str, Any]]:
        """What it logged; it must have ended."""
        assert self.process.stderr is not None
        return [json.loads(line) for line in self.process.stderr.read().splitlines()]


@contextlib.contextmanager
def crew(directory: Path, workers: int = 2, mode: str = "serve") -> Generator[Crew, None, None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.server.crew", str(directory / "metrics"), str(workers), mode],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield Crew(process)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def test_connections_reach_every_worker(tmp_path: Path) -> None:
    with crew(tmp_path, workers=3) as server:
        found = server.reach(1, 2, 3)
        assert len({told.pid for told in found.values()} | {server.process.pid}) == 4
        assert server.end() == 0
        assert server.records() == []


def test_a_killed_worker_comes_back_and_everybody_is_served_meanwhile(tmp_path: Path) -> None:
    with crew(tmp_path) as server:
        before = server.reach(1, 2)
        os.kill(before[1].pid, signal.SIGKILL)
        answers = [server.ask() for _ in range(40)]
        assert {told.pid for told in answers if told.worker == 2} <= {before[2].pid}
        after = server.reach(1, 2)
        assert after[1].pid != before[1].pid
        assert after[2].pid == before[2].pid
        assert server.end() == 0
        (record,) = server.records()
        assert (record["worker"], record["process"], record["status"]) == (1, before[1].pid, "SIGKILL")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_ends_well_and_leaves_no_process(tmp_path: Path, number: int) -> None:
    with crew(tmp_path) as server:
        server.reach(1, 2)
        assert server.end(number) == 0
        eventually(server.leaves_none)
        assert server.records() == []


def test_a_signal_to_all_its_processes_ends_it_well(tmp_path: Path) -> None:
    """As a terminal sends it."""
    with crew(tmp_path) as server:
        server.reach(1, 2)
        server.remember()
        os.killpg(server.process.pid, signal.SIGINT)
        assert server.process.wait(PATIENCE_SECONDS) == 0
        eventually(server.leaves_none)
        assert server.records() == []


@pytest.mark.parametrize("everybody", [False, True])
def test_told_to_end_while_its_workers_start(tmp_path: Path, everybody: bool) -> None:
    with crew(tmp_path) as server:
        eventually(lambda: len(psutil.Process(server.process.pid).children()) == 3)  # one tracks resources
        server.remember()
        (os.killpg if everybody else os.kill)(server.process.pid, signal.SIGTERM)
        assert server.process.wait(PATIENCE_SECONDS) == 0
        eventually(server.leaves_none)
        assert server.records() == []


def test_workers_do_not_outlive_a_killed_supervisor(tmp_path: Path) -> None:
    with crew(tmp_path) as server:
        server.reach(1, 2)
        assert server.end(signal.SIGKILL) == -signal.SIGKILL
        eventually(server.leaves_none)


def test_workers_that_are_deaf_do_not_outlive_a_killed_supervisor(tmp_path: Path) -> None:
    with crew(tmp_path, mode="deaf") as server:
        server.reach(1, 2)
        assert server.end(signal.SIGKILL) == -signal.SIGKILL
        eventually(server.leaves_none)


@pytest.mark.parametrize("frozen", [False, True])
def test_workers_that_do_not_end_in_time_are_killed(tmp_path: Path, frozen: bool) -> None:
    with crew(tmp_path, mode="hasty" if frozen else "deaf") as server:
        found = server.reach(1, 2)
        if frozen:
            os.kill(found[1].pid, signal.SIGSTOP)
        assert server.end() == 0
        eventually(server.leaves_none)
        killed = {record["process"] for record in server.records()}
        assert killed == ({found[1].pid} if frozen else {told.pid for told in found.values()})


def test_a_worker_that_cannot_be_started_ends_it_all_with_its_status(tmp_path: Path) -> None:
    with crew(tmp_path, mode="fail") as server:
        server.remember()
        assert server.process.wait(PATIENCE_SECONDS) == 7
        eventually(server.leaves_none)
        records = server.records()
        assert {record["status"] for record in records} == {"7"}
        assert [record["level"] for record in records].count("error") == 1
        last = records[-1]["worker"]
        assert [record["worker"] for record in records].count(last) == START_ATTEMPTS


def test_a_worker_that_ends_by_itself_is_replaced(tmp_path: Path) -> None:
    with crew(tmp_path) as server:
        before = server.reach(1, 2)
        os.kill(before[2].pid, signal.SIGTERM)
        eventually(lambda: server.reach(2)[2].pid != before[2].pid)
        assert server.end() == 0
        (record,) = server.records()
        assert (record["worker"], record["status"]) == (2, "0")


def test_figures_are_those_of_all_workers_whichever_is_asked(tmp_path: Path) -> None:
    events = ("salebell_events_appended_total", "SALE_CREATED")
    with crew(tmp_path) as server:
        before = server.reach(1, 2)
        counted = 0
        by: set[int] = set()

        def counted_by_both() -> bool:
            nonlocal counted
            counted += 1
            by.add(server.ask("POST").worker)
            return by == {1, 2}

        eventually(counted_by_both)
        for told in server.reach(1, 2).values():
            assert told.figures[events] == counted
            assert told.figures["salebell_sum",] == 3
            assert told.figures["salebell_highest",] == 2
            assert told.figures["salebell_lowest",] == 1
        os.kill(before[2].pid, signal.SIGKILL)
        eventually(lambda: server.reach(2)[2].pid != before[2].pid)
        for told in server.reach(1, 2).values():
            assert told.figures[events] == counted, "what the dead one has counted stays"
            assert told.figures["salebell_sum",] == 3, "what the dead one had does not"
        assert server.end() == 0


def test_figures_of_an_earlier_run_are_gone(tmp_path: Path) -> None:
    events = ("salebell_events_appended_total", "SALE_CREATED")
    for _ in range(2):
        with crew(tmp_path, workers=1) as server:
            assert server.ask("POST").figures[events] == 1
            assert server.end() == 0


def test_a_worker_that_died_once_is_started_again_at_once_and_then_more_slowly() -> None:
    restarts = Restarts()
    delays = [restarts.delay(was_ready=True, lived=1) for _ in range(9)]
    assert delays[:4] == [0, FIRST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2, FIRST_DELAY_SECONDS * 4]
    assert delays[-1] == LONGEST_DELAY_SECONDS
    assert restarts.delay(was_ready=True, lived=STEADY_SECONDS) == 0


def test_only_starts_that_fail_in_a_row_are_too_many() -> None:
    restarts = Restarts()
    lives = [False, False, True, False, False, True]
    assert None not in [restarts.delay(was_ready=was_ready, lived=STEADY_SECONDS) for was_ready in lives]
    delays = [restarts.delay(was_ready=False, lived=STEADY_SECONDS) for _ in range(START_ATTEMPTS)]
    assert delays.index(None) == START_ATTEMPTS - 1
