"""Showing and listing accounts."""

import sys
from collections.abc import Generator
from contextlib import contextmanager

import click

from salebell_server.cli.admins.arguments import email_argument, example, json_option
from salebell_server.cli.admins.facts import tell_all, tell_each
from salebell_server.cli.admins.kinds import run
from salebell_server.cli.context import Context


@click.command(epilog=example("salebell-server admins show ana@example.com --json"))
@email_argument
@json_option
@click.pass_obj
def show(context: Context, email: str, *, as_json: bool) -> None:
    """Print what is known of an account."""
    tell_all(run(context, lambda administration: administration.show(email)), as_json=as_json)


@click.command("list", epilog=example("salebell-server admins list"))
@json_option
@click.pass_obj
def list_accounts(context: Context, *, as_json: bool) -> None:
    """List all local accounts, or the admins among the users of a Firebase project."""
    with _progress() as progress:
        accounts = run(context, lambda administration: administration.list(progress.show))
    tell_each(accounts, as_json=as_json)


class _Progress:
    """A line on the terminal's stderr, if there is one, that says how far it is."""

    def __init__(self) -> None:
        self._wanted = sys.stderr.isatty()
        self._width = 0

    def show(self, looked_at: int) -> None:
        """Say that so many were looked at."""
        if self._wanted:
            line = f"{looked_at:,} users looked at …"
            self._width = len(line)
            click.echo(f"\r{line}", err=True, nl=False)

    def wipe(self) -> None:
        """Leave an empty line, at its start."""
        if self._width:
            click.echo(f"\r{' ' * self._width}\r", err=True, nl=False)


@contextmanager
def _progress() -> Generator[_Progress, None, None]:
    progress = _Progress()
    try:
        yield progress
    finally:
        progress.wipe()
