"""What the commands are given."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from salebell_server.auth.administration import InvalidAccount, checked_email, checked_name, checked_stores

T = TypeVar("T")


def _email(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    return _accepted(lambda: checked_email(value))


def _name(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    return _accepted(lambda: checked_name(value))


def _stores(_context: click.Context, _parameter: click.Parameter, value: Sequence[str]) -> frozenset[str] | None:
    return _accepted(lambda: checked_stores(value or None))


def _accepted(check: Callable[[], T]) -> T:
    try:
        return check()
    except InvalidAccount as error:
        raise click.BadParameter(error.reason) from None


def example(text: str) -> str:
    """The end of a command's help."""
    return f"\b\nExample:\n  {text}"


email_argument = click.argument("email", callback=_email)
name_option = click.option("--name", default="", metavar="N", callback=_name, help="What the admin is called.")
stores_option = click.option(
    "--store", "stores", metavar="S", multiple=True, callback=_stores, help="A store; may be given several times."
)
stdin_option = click.option(
    "--password-stdin", "from_stdin", is_flag=True, help="Read the password, one line, from standard input."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
