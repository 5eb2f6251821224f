"""Making accounts admins, and no admins."""

import click

from salebell_server.cli.admins.arguments import email_argument, example, json_option, stores_option
from salebell_server.cli.admins.facts import tell
from salebell_server.cli.admins.kinds import run
from salebell_server.cli.context import Context


@click.command(epilog=example("salebell-server admins grant ana@example.com --store outlet"))
@email_argument
@stores_option
@json_option
@click.pass_obj
def grant(context: Context, email: str, stores: frozenset[str] | None, *, as_json: bool) -> None:
    """Make an account an admin of further stores; without --store, of all there are and will be.

    With Firebase, where anybody may be able to register any address, a warning says when nobody has shown yet that it
    is theirs: by signing in with Google, or by following the link of "Forgot password?".
    """
    account = run(context, lambda administration: administration.grant(email, stores))
    tell("Granted:", account, as_json=as_json)
    if account.email_verified is False:
        click.echo(
            f"Warning: nobody has shown yet that {account.email} is theirs. Where people may sign up by themselves, "
            f"somebody else may have registered it: if you do not know who has this account, admins revoke {email}.",
            err=True,
        )


@click.command(epilog=example("salebell-server admins revoke ana@example.com --store outlet"))
@email_argument
@stores_option
@json_option
@click.pass_obj
def revoke(context: Context, email: str, stores: frozenset[str] | None, *, as_json: bool) -> None:
    """Take stores from an admin; without --store, the role altogether, which ends all sessions.

    The account stays, and `grant` gives the role back.
    """
    account = run(context, lambda administration: administration.revoke(email, stores))
    tell("Revoked:", account, as_json=as_json)


@click.command(epilog=example("salebell-server admins disable ana@example.com"))
@email_argument
@json_option
@click.pass_obj
def disable(context: Context, email: str, *, as_json: bool) -> None:
    """Keep an account from signing in, and end all its sessions; its stores stay as they are.

    A user of a Firebase project cannot sign in to anything that the project is for.
    """
    tell("Disabled:", run(context, lambda administration: administration.disable(email)), as_json=as_json)


@click.command(epilog=example("salebell-server admins enable ana@example.com"))
@email_argument
@json_option
@click.pass_obj
def enable(context: Context, email: str, *, as_json: bool) -> None:
    """Let a disabled account sign in again."""
    tell("Enabled:", run(context, lambda administration: administration.enable(email)), as_json=as_json)
