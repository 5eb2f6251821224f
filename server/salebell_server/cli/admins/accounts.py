"""Adding and removing local accounts, and their passwords. With Firebase, that is Firebase's."""

import sys
from collections.abc import Callable

import click

from salebell_server.auth.local.administration import LocalAdministration
from salebell_server.cli.admins.arguments import (
    email_argument,
    example,
    json_option,
    name_option,
    stdin_option,
    stores_option,
)
from salebell_server.cli.admins.facts import tell
from salebell_server.cli.admins.kinds import refuse_elsewhere, run_local
from salebell_server.cli.context import Context
from salebell_server.cli.errors import Refused
from salebell_server.log.accounts import Account

_ADD = (
    "Firebase keeps the accounts: let {email} sign in once, or add the user in the Firebase console (Authentication, "
    "Users); then run: salebell-server admins grant {email}"
)
_PASSWD = (
    'Firebase keeps the passwords: {email} can choose another one with "Forgot password?" in the sign-in window, or '
    "you can have the e-mail for it sent in the Firebase console (Authentication, Users)."
)
_REMOVE = (
    "Firebase keeps the accounts: delete {email} in the Firebase console (Authentication, Users). To take the role of "
    "an admin, run: salebell-server admins revoke {email}"
)


@click.command(epilog=example("salebell-server admins add ana@example.com --name Ana --store main"))
@email_argument
@name_option
@stores_option
@stdin_option
@json_option
@click.pass_obj
def add(
    context: Context, email: str, name: str, stores: frozenset[str] | None, *, from_stdin: bool, as_json: bool
) -> None:
    """Add an admin with a password; without --store, of all stores. For local accounts."""
    elsewhere = _ADD.format(email=email)
    refuse_elsewhere(context, elsewhere)
    ask = _asking(from_stdin=from_stdin)

    async def work(administration: LocalAdministration) -> Account:
        await administration.check_free(email)
        return await administration.add(email, name, ask(), stores)

    tell("Added", run_local(context, elsewhere, work), as_json=as_json)


@click.command(epilog=example("salebell-server admins passwd ana@example.com"))
@email_argument
@stdin_option
@click.pass_obj
def passwd(context: Context, email: str, *, from_stdin: bool) -> None:
    """Give an admin a new password, and end all sessions. For local accounts."""
    elsewhere = _PASSWD.format(email=email)
    refuse_elsewhere(context, elsewhere)
    ask = _asking(from_stdin=from_stdin)

    async def work(administration: LocalAdministration) -> Account:
        await administration.show(email)
        return await administration.passwd(email, ask())

    account = run_local(context, elsewhere, work)
    click.echo(f"{account.email} has a new password; all sessions have ended.")


@click.command(epilog=example("salebell-server admins remove ana@example.com"))
@email_argument
@click.pass_obj
def remove(context: Context, email: str) -> None:
    """Remove an account, and end all its sessions. For local accounts."""
    run_local(context, _REMOVE.format(email=email), lambda administration: administration.remove(email))
    click.echo(f"{email} was removed; all sessions have ended.")


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
