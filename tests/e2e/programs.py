"""The real programs as processes, for tests to start, talk to and kill."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

T = TypeVar("T")

BIN = Path(sys.executable).parent
PASSWORD = "correct horse battery"
PATIENCE_SECONDS = 30.0


async def eventually(condition: Callable[[], T | None], what: str, seconds: float = PATIENCE_SECONDS) -> T:
    """Wait until `condition` answers something true, and return it."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                if answer := condition():
                    return answer
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"{what}: not within {seconds:g} s") from None


def environ_of(**variables: str) -> dict[str, str]:
    """The environment of a program: this one's without what concerns Salebell, and `variables`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SALEBELL_", "FIREBASE_"))}
    return inherited | variables


async def run(*command: str, environ: dict[str, str], text: str = "") -> tuple[int, str, str]:
    """Run a program to its end: exit status, stdout, stderr."""
    process = await asyncio.create_subprocess_exec(
        str(BIN / command[0]), *command[1:], env=environ, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(text.encode()), PATIENCE_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


class Program:
    """A process whose lines are kept as they come."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.out: list[str] = []
        self.err: list[str] = []
        self._readers = [
            asyncio.create_task(self._read(process.stdout, self.out)),
            asyncio.create_task(self._read(process.stderr, self.err)),
        ]

    @classmethod
    async def start(cls, *command: str, environ: dict[str, str]) -> Self:
        """Start it; its command is one of ours, or a path."""
        process = await asyncio.create_subprocess_exec(
            str(BIN / command[0]), *command[1:], env=environ, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, limit=2**20
        )
        return cls(process)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    async def stop(self, sign: int = signal.SIGTERM) -> int:
        """Send a signal, if it still runs, and wait for its end: the exit status."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(sign)
        try:
            status = await asyncio.wait_for(self.process.wait(), PATIENCE_SECONDS)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
            raise AssertionError(f"did not end; it said:\n{self.said()}") from None
        await asyncio.gather(*self._readers)
        return status

    def said(self) -> str:
        """All that it printed."""
        return "\n".join([*self.out, *self.err])

    @staticmethod
    async def _read(stream: asyncio.StreamReader | None, lines: list[str]) -> None:
        assert stream is not None
        async for line in stream:
            lines.append(line.decode().rstrip())  # noqa: PERF401 - as they come


class Server:
    """A `salebell-server serve` on a data directory, that can be killed and started again on the same port.

    Args:
        directory: its data directory.
        program: what starts it, before the arguments.
        options: of `serve`.
        variables: of its environment.

    Attributes:
        listening: what its log says once it can be connected to.
    """

    def __init__(
        self,
        directory: Path,
        *,
        program: Sequence[str] = ("salebell-server",),
        options: Sequence[str] = (),
        **variables: str,
    ) -> None:
        self.directory = directory
        self._serve = (*program, "serve", *options)
        self.listening = "listening"
        self.environ = environ_of(SALEBELL_DATA_DIR=str(directory), SALEBELL_LOG_FORMAT="json", **variables)
        self.port = 0
        self.program: Program | None = None

    @property
    def url(self) -> str:
        """Its HTTP address."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        self.program = await Program.start(*self._serve, "--port", str(self.port), environ=self.environ)
        record = await eventually(self._listening, "the server listens")
        self.port = int(record["url"].rsplit(":", 1)[1])
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.get(f"{self.url}/readyz")).status_code == 200

    def _listening(self) -> dict[str, Any] | None:
        assert self.program is not None
        if self.program.process.returncode is not None:
            raise AssertionError(f"the server ended:\n{self.program.said()}")
        records = [json.loads(line) for line in self.program.err if line.startswith("{")]
        return next((record for record in records if record["event"] == self.listening), None)

    async def stop(self) -> int:
        """SIGTERM: the exit status."""
        assert self.program is not None
        return await self.program.stop()

    async def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        assert self.program is not None
        await self.program.stop(signal.SIGKILL)

    async def command(self, *arguments: str, text: str = "") -> str:
        """Run a `salebell-server` command on the same data; what it printed."""
        status, out, err = await run("salebell-server", *arguments, environ=self.environ, text=text)
        assert status == 0, err
        return out.strip()

    async def new_key(self, store: str = "main") -> str:
        """A new ingest key."""
        return await self.command("keys", "create", "--store", store, "--name", f"key-{os.urandom(4).hex()}")

    async def new_admin(self, email: str, *stores: str) -> None:
        """A new account, of all stores or of these."""
        options = [part for store in stores for part in ("--store", store)]
        await self.command("admins", "add", email, *options, "--password-stdin", text=PASSWORD + "\n")

    async def sign_in(self, email: str) -> dict[str, Any]:
        """Tokens of an account."""
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as http:
            answer = await http.post("/v1/auth/sign-in", json={"email": email, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            return dict(answer.json())

    async def open_sockets(self, count: int) -> None:
        """Wait until so many admins' sockets are signed in."""
        wanted = f'salebell_sockets{{state="open"}} {count}.0'
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as http:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while wanted not in (await http.get("/metrics")).text.splitlines():
                    await asyncio.sleep(0.05)

    def producer(self, key: str) -> httpx.AsyncClient:
        """An HTTP client with an ingest key."""
        return httpx.AsyncClient(
            base_url=self.url, headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=10
        )


class Desktop:
    """A `salebell` with a directory of its own, that says its badge as it changes."""

    def __init__(self, server: Server, directory: Path, **variables: str) -> None:
        self.server = server
        self.directory = directory
        self.environ = environ_of(
            SALEBELL_DESKTOP_DIR=str(directory), SALEBELL_CREDENTIALS="memory", QT_QPA_PLATFORM="offscreen"
        ) | dict(variables)
        self.program: Program | None = None

    async def start(self, email: str, *options: str) -> None:
        """Start it, signed in, and wait until it knows its badge: at the first start, until it is connected."""
        signed_in = {"SALEBELL_EMAIL": email, "SALEBELL_PASSWORD": PASSWORD}
        await self.begin("--server", self.server.url, *options, environ=self.environ | signed_in)
        await self.until(lambda: bool(self.badges()), "it knows its badge")

    async def begin(self, *options: str, environ: dict[str, str]) -> None:
        """Start it, as it comes."""
        self.program = await Program.start("salebell", "--print-badge", *options, environ=environ)

    async def kill_and_restart(self, email: str, *options: str) -> None:
        """Kill it, as a crash would, and start it again."""
        await self.stop(signal.SIGKILL)
        await self.start(email, *options)

    def badges(self) -> list[int]:
        """Every badge it showed, in order."""
        assert self.program is not None
        return [int(line.removeprefix("badge: ")) for line in self.program.out if line.startswith("badge: ")]

    async def shows(self, count: int) -> None:
        """Wait until the badge is `count`."""
        await self.until(lambda: self.badges()[-1:] == [count], f"the badge is {count}")

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for `condition`, as long as it runs."""
        assert self.program is not None
        program = self.program

        def met() -> bool:
            if program.process.returncode is not None:
                raise AssertionError(f"the desktop ended:\n{program.said()}")
            return condition()

        try:
            await eventually(met, what)
        except AssertionError as error:
            raise AssertionError(f"{error}; the badges were {self.badges()}, and it said:\n{program.said()}") from None

    async def activate(self) -> None:
        """Start it a second time: the first one opens its sales window."""
        status, _, err = await run("salebell", environ=self.environ)
        assert status == 0, err

    async def stop(self, sign: int = signal.SIGTERM) -> int:
        """End it: the exit status."""
        assert self.program is not None
        return await self.program.stop(sign)
