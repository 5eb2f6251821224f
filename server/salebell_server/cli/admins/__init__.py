"""`salebell-server admins`: who may see the sales, also while a server runs.

arguments   what the commands are given
facts       what they tell
kinds       which accounts they work on: local ones, or the users of a Firebase project
roles       making accounts admins, and no admins
looking     showing and listing them
accounts    adding and removing local accounts, and their passwords
"""

import click

from salebell_server.cli.admins.accounts import add, passwd, remove
from salebell_server.cli.admins.looking import list_accounts, show
from salebell_server.cli.admins.roles import disable, enable, grant, revoke


@click.group(
    epilog="\b\nExample:\n  salebell-server admins add ana@shop.example --name Ana\n"
    "  salebell-server admins grant ana@shop.example --store main"
)
def admins() -> None:
    """Say who may see the sales.

    With local accounts, which the server keeps itself, `add` makes an admin. With Firebase (FIREBASE_PROJECT_ID), the
    users of the project sign in, and `grant` makes them admins; this needs FIREBASE_CLIENT_EMAIL and
    FIREBASE_PRIVATE_KEY.

    A running server acts on a change within a minute, and on sign-ins at once.
    """


for _command in (grant, revoke, show, list_accounts, disable, enable, add, passwd, remove):
    admins.add_command(_command)
