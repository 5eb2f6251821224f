"""`salebell-server admins` as people and scripts call it: in this process, as the program, and at a real terminal."""

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from click.testing import CliRunner

from salebell_server import embedded
from salebell_server.cli.admins import admins
from salebell_server.cli.context import Commands, Context
from tests.server.cli.stand import unserved

PROGRAM = [sys.executable, "-m", "salebell_server", "admins"]
LONG = 30.0
"""Seconds after which something hangs."""


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    error: str


Run = Callable[..., Done]


def in_process(environment: dict[str, str]) -> Run:
    """Calls the command in this process."""

    def call(*arguments: str, given: str | bytes = "") -> Done:
        context = Context(environment, Commands(open_storage=embedded.for_commands, serve=unserved))
        done = CliRunner().invoke(admins, arguments, input=given, obj=context)
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return Done(done.exit_code, done.stdout, done.stderr)

    return call


def as_program(environment: dict[str, str]) -> Run:
    """Calls the installed program."""

    def call(*arguments: str, given: str | bytes = "") -> Done:
        raw = given if isinstance(given, bytes) else given.encode()
        done = subprocess.run(
            [*PROGRAM, *arguments], input=raw, env=environment, capture_output=True, timeout=LONG, check=False
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


def facts(done: Done) -> Any:
    assert (done.status, done.error) == (0, "")
    return json.loads(done.out)


def told(done: Done, status: int, *words: str) -> None:
    """The command failed with one clear line on stderr (after click's usage, when it was called wrongly)."""
    assert done.status == status
    assert done.out == ""
    *usage, line = done.error.splitlines()
    assert line.startswith("Error: ")
    assert not usage or status == 2
    for word in words:
        assert word in line


class Terminal:
    """A command whose three streams are a terminal, and the person before it."""

    def __init__(self, environment: dict[str, str], *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [*PROGRAM, *arguments], env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        self.screen = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def sees(self, text: str) -> None:
        """Wait until `text` is the last thing on the screen."""
        end = time.monotonic() + LONG
        while not self.screen.endswith(text):
            assert self._look(end), self.screen

    def types(self, text: str) -> None:
        """Type, on a screen that has been wiped."""
        self.screen = ""
        os.write(self._ours, text.encode())

    def ends(self) -> int:
        """The exit status, once everything that it wrote was read."""
        end = time.monotonic() + LONG
        while self._look(end):
            pass
        return self._process.wait(LONG)

    def _look(self, end: float) -> bool:
        """Read on; False at the end of what there is to read."""
        assert time.monotonic() < end, self.screen
        ready, _, _ = select.select([self._ours], [], [], max(0.0, end - time.monotonic()))
        try:
            read = os.read(self._ours, 4096) if ready else b""
        except OSError:  # the other side was closed
            return False
        self.screen += read.decode()
        return True
