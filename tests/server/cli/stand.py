"""The commands as people and scripts call them."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from click.testing import CliRunner

from salebell_server import embedded
from salebell_server.cli.context import Commands, Context, OpenStorage
from salebell_server.cli.main import cli
from salebell_server.settings import Settings


class Done(NamedTuple):
    status: int
    out: str
    error: str


class Run(Protocol):
    def __call__(self, *arguments: str, **variables: str) -> Done: ...


def commands_environment(directory: Path) -> dict[str, str]:
    """This process's environment, without what concerns a server, for commands on a data directory."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("FIREBASE_", "SALEBELL_"))}
    return {**inherited, "SALEBELL_DATA_DIR": str(directory), "PYTHONIOENCODING": "utf-8"}


def unserved(_settings: Settings, _workers: int) -> None:
    """Of commands that start no server."""
    raise AssertionError


def caller(
    environment: Mapping[str, str],
    open_storage: OpenStorage = embedded.for_commands,
    serve: Callable[[Settings, int], None] = unserved,
) -> Run:
    def call(*arguments: str, **variables: str) -> Done:
        context = Context({**environment, **variables}, Commands(open_storage=open_storage, serve=serve))
        done = CliRunner().invoke(cli, arguments, obj=context)
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return Done(done.exit_code, done.stdout, done.stderr)

    return call


def told(done: Done, status: int, *words: str) -> None:
    """The command failed with one clear line on stderr, after click's usage when it was called wrongly."""
    assert (done.status, done.out) == (status, "")
    *usage, line = done.error.splitlines()
    assert line.startswith("Error: ")
    assert not usage or status == 2
    for word in words:
        assert word in line
