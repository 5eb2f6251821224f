"""A private desktop for programs: a screen to look at, a hand that types and clicks."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.e2e.programs import Program, environ_of, eventually

SESSION = Path(__file__).parents[2] / "scripts" / "desktop-session"
TELL = "import json, os, time; print(json.dumps(dict(os.environ)), flush=True); time.sleep(600)"


@asynccontextmanager
async def desktop_session(*options: str) -> AsyncGenerator[dict[str, str], None]:
    """A private desktop (`scripts/desktop-session --help`); the environment of its programs."""
    session = await Program.start(str(SESSION), *options, "--", sys.executable, "-c", TELL, environ=environ_of())
    try:
        await eventually(lambda: session.out or session.process.returncode is not None, "the desktop session is up")
        assert session.out, session.said()
        yield json.loads(session.out[0])
    finally:
        await session.stop(signal.SIGTERM)


async def command(environ: dict[str, str], *words: str) -> str:
    """Run a program of the system on the private desktop."""
    process = await asyncio.create_subprocess_exec(*words, env=environ, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert process.returncode == 0, words
    return out.decode().strip()


async def windows(environ: dict[str, str], name: str) -> list[str]:
    """The visible windows whose title matches."""
    process = await asyncio.create_subprocess_exec(
        "xdotool", "search", "--onlyvisible", "--name", name, env=environ, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return out.decode().split()


async def until_window(environ: dict[str, str], name: str, seconds: float = 30.0) -> str:
    """Wait for a visible window whose title matches."""
    async with asyncio.timeout(seconds):
        while not (found := await windows(environ, name)):
            await asyncio.sleep(0.1)
    return found[0]


async def type_text(environ: dict[str, str], text: str) -> None:
    """Type, as somebody with a keyboard would."""
    await command(environ, "xdotool", "type", "--delay", "8", text)


async def press(environ: dict[str, str], key: str) -> None:
    """Press a key."""
    await command(environ, "xdotool", "key", key)
