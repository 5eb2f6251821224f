"""The demo, as a newcomer sees it on a machine without a display."""

import signal
import sys
from pathlib import Path

import psutil

from tests.e2e.programs import Program, environ_of, eventually

DEMO = Path(__file__).parents[2] / "scripts" / "demo.py"


async def start_demo(directory: Path, *options: str) -> Program:
    return await Program.start(sys.executable, str(DEMO), *options, environ=environ_of(TMPDIR=str(directory)))


async def test_it_rings_until_ctrl_c_and_leaves_nothing_behind(tmp_path: Path) -> None:
    demo = await start_demo(tmp_path)
    await eventually(lambda: "badge: 2" in demo.out or demo.process.returncode is not None, "the demo rings", 60)
    assert "badge: 2" in demo.out, demo.said()
    started = psutil.Process(demo.pid).children(recursive=True)
    assert len(started) >= 2
    assert await demo.stop(signal.SIGINT) == 0
    assert not [process for process in started if process.is_running()]
    assert list(tmp_path.iterdir()) == []
    assert "Traceback" not in demo.said()


async def test_it_may_be_ended_while_it_starts(tmp_path: Path) -> None:
    demo = await start_demo(tmp_path)
    await eventually(lambda: list(tmp_path.iterdir()), "the demo has begun")
    assert await demo.stop(signal.SIGTERM) == 0
    assert list(tmp_path.iterdir()) == []


async def test_it_ends_by_itself(tmp_path: Path) -> None:
    demo = await start_demo(tmp_path, "--seconds", "3")
    await eventually(lambda: demo.process.returncode is not None, "the demo ends")
    assert demo.process.returncode == 0, demo.said()
    assert list(tmp_path.iterdir()) == []
