"""`salebell-server admins`: the local accounts, also while a server runs."""

import asyncio
import secrets
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import TypeVar

import click
import msgspec

from salebell_protocol.sales import Instant
from salebell_server.auth.local.administration import (
    Administration,
    AdministrationError,
    InvalidAccount,
    checked_email,
    checked_name,
    checked_stores,
)
from salebell_server.auth.local.passwords import Passwords
from salebell_server.cli.context import Context
from salebell_server.cli.errors import Refused
from salebell_server.log import LogUnavailable
from salebell_server.log.accounts import Account

T = TypeVar("T")


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of an account. `stores` is null for all."""

    uid: str
    email: str
    name: str
    stores: tuple[str, ...] | None
    disabled: bool
    created_at: Instant


def facts(account: Account) -> Facts:
    """The account without what is nobody's business."""
    return Facts(
        uid=account.uid,
        email=account.email,
        name=account.name,
        stores=None if account.stores is None else tuple(sorted(account.stores)),
        disabled=account.disabled,
        created_at=account.created_at,
    )


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


def _example(text: str) -> str:
    return f"\b\nExample:\n  {text}"


_email_argument = click.argument("email", callback=_email)
_stores_option = click.option(
    "--store", "stores", metavar="S", multiple=True, callback=_stores, help="A store; may be given several times."
)
_stdin_option = click.option(
    "--password-stdin", "from_stdin", is_flag=True, help="Read the password, one line, from standard input."
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(epilog="\b\nExample:\n  salebell-server admins add ana@shop.example --name Ana")
def admins() -> None:
    """Say who may see the sales: the admins with local accounts.

    A running server acts on a change within a minute, and on sign-ins at once.
    """


@admins.command(epilog=_example("salebell-server admins add ana@example.com --name Ana --store main"))
@_email_argument
@click.option("--name", default="", metavar="N", callback=_name, help="What the admin is called.")
@_stores_option
@_stdin_option
@_json_option
@click.pass_obj
def add(
    context: Context, email: str, name: str, stores: frozenset[str] | None, *, from_stdin: bool, as_json: bool
) -> None:
    """Add an admin with a password; without --store, of all stores."""
    ask = _asking(from_stdin=from_stdin)

    async def work(administration: Administration) -> Account:
        await administration.check_free(email)
        return await administration.add(email, name, ask(), stores)

    _tell("Added", _run(context, work), as_json=as_json)


@admins.command(epilog=_example("salebell-server admins passwd ana@example.com"))
@_email_argument
@_stdin_option
@click.pass_obj
def passwd(context: Context, email: str, *, from_stdin: bool) -> None:
    """Give an admin a new password, and end all sessions."""
    ask = _asking(from_stdin=from_stdin)

    async def work(administration: Administration) -> Account:
        await administration.show(email)
        return await administration.passwd(email, ask())

    account = _run(context, work)
    click.echo(f"{account.email} has a new password; all sessions have ended.")


@admins.command(epilog=_example("salebell-server admins remove ana@example.com"))
@_email_argument
@click.pass_obj
def remove(context: Context, email: str) -> None:
    """Remove an account, and end all its sessions."""
    _run(context, lambda administration: administration.remove(email))
    click.echo(f"{email} was removed; all sessions have ended.")


@admins.command(epilog=_example("salebell-server admins grant ana@example.com --store outlet"))
@_email_argument
@_stores_option
@_json_option
@click.pass_obj
def grant(context: Context, email: str, stores: frozenset[str] | None, *, as_json: bool) -> None:
    """Make an account an admin of further stores; without --store, of all there are and will be."""
    account = _run(context, lambda administration: administration.grant(email, stores))
    _tell("Granted:", account, as_json=as_json)


@admins.command(epilog=_example("salebell-server admins revoke ana@example.com --store outlet"))
@_email_argument
@_stores_option
@_json_option
@click.pass_obj
def revoke(context: Context, email: str, stores: frozenset[str] | None, *, as_json: bool) -> None:
    """Take stores from an admin; without --store, the role altogether, which ends all sessions.

    The account stays: `grant` gives the role back, `remove` forgets the account.
    """
    account = _run(context, lambda administration: administration.revoke(email, stores))
    _tell("Revoked:", account, as_json=as_json)


@admins.command(epilog=_example("salebell-server admins disable ana@example.com"))
@_email_argument
@_json_option
@click.pass_obj
def disable(context: Context, email: str, *, as_json: bool) -> None:
    """Keep an account from signing in, and end all its sessions; its stores stay as they are."""
    _tell("Disabled:", _run(context, lambda administration: administration.disable(email)), as_json=as_json)


@admins.command(epilog=_example("salebell-server admins enable ana@example.com"))
@_email_argument
@_json_option
@click.pass_obj
def enable(context: Context, email: str, *, as_json: bool) -> None:
    """Let a disabled account sign in again."""
    _tell("Enabled:", _run(context, lambda administration: administration.enable(email)), as_json=as_json)


@admins.command(epilog=_example("salebell-server admins show ana@example.com --json"))
@_email_argument
@_json_option
@click.pass_obj
def show(context: Context, email: str, *, as_json: bool) -> None:
    """Print what is known of an account."""
    account = _run(context, lambda administration: administration.show(email))
    if as_json:
        _print_json(facts(account))
        return
    rows = {
        "email": account.email,
        "name": account.name,
        "stores": _named(account),
        "state": "disabled" if account.disabled else "may sign in" if account.is_admin else "not an admin",
        "uid": account.uid,
        "created": f"{account.created_at:%Y-%m-%d %H:%M:%S} UTC",
    }
    for label, text in rows.items():
        click.echo(f"{label:<8} {text}".rstrip())


@admins.command("list", epilog=_example("salebell-server admins list"))
@_json_option
@click.pass_obj
def list_accounts(context: Context, *, as_json: bool) -> None:
    """List all accounts."""
    accounts = _run(context, lambda administration: administration.list())
    if as_json:
        _print_json([facts(account) for account in accounts])
        return
    width = max((len(account.email) for account in accounts), default=0)
    for account in accounts:
        click.echo(f"{account.email:<{width}}  {_standing(account)}")


def _run(context: Context, work: Callable[[Administration], Awaitable[T]]) -> T:
    """Do `work` on the accounts of the data directory; what is refused becomes one line and exit status 1."""

    async def open_and_work() -> T:
        async with context.open_storage() as stored:
            with closing(Passwords()) as passwords:
                return await work(
                    Administration(
                        stored.accounts, passwords, clock=lambda: datetime.now(UTC), random=secrets.token_bytes
                    )
                )

    try:
        return asyncio.run(open_and_work())
    except AdministrationError as error:
        raise Refused(f"{error}.") from None
    except LogUnavailable as error:
        raise Refused(f"The accounts cannot be reached: {error}.") from None


def _asking(*, from_stdin: bool) -> Callable[[], str]:
    """What gets the password once it is known to be needed."""
    if from_stdin:
        return _read_password
    if not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask for the password: use --password-stdin.")
    return _prompt_password


def _prompt_password() -> str:
    """Ask twice, without echo."""
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt="Once more", err=True)
    return password


def _read_password() -> str:
    """The line on standard input, without its end."""
    try:
        text = sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise Refused("The password on standard input is not in UTF-8.") from None
    line = text.removesuffix("\n").removesuffix("\r")
    if "\n" in line:
        raise Refused("Standard input has more than one line: the password must be alone.")
    return line


def _tell(done: str, account: Account, *, as_json: bool) -> None:
    if as_json:
        _print_json(facts(account))
    else:
        click.echo(f"{done} {account.email} ({_standing(account)})")


def _standing(account: Account) -> str:
    return f"{_named(account)}, disabled" if account.disabled else _named(account)


def _named(account: Account) -> str:
    if account.stores is None:
        return "all stores"
    return ", ".join(sorted(account.stores)) or "no store: not an admin"


def _print_json(value: Facts | list[Facts]) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value).decode(), indent=2))
