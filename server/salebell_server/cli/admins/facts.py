"""What is told of an account: the same for all kinds."""

from collections.abc import Iterable

import click
import msgspec

from salebell_protocol.sales import Instant
from salebell_server.auth.administration import AdminAccount


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What scripts are told of an account.

    Attributes:
        stores: null for all; empty for who is no admin.
        email_verified: null where nobody has to show that the address is theirs, as with local accounts.
    """

    uid: str
    email: str
    name: str
    admin: bool
    stores: tuple[str, ...] | None
    disabled: bool
    email_verified: bool | None
    created_at: Instant


def tell(done: str, account: AdminAccount, *, as_json: bool) -> None:
    """Print what was done, and what the account is now."""
    if as_json:
        _print_json(_facts(account))
    else:
        click.echo(f"{done} {account.email} ({_standing(account)})")


def tell_all(account: AdminAccount, *, as_json: bool) -> None:
    """Print all that is known of an account."""
    if as_json:
        _print_json(_facts(account))
        return
    rows = {
        "email": account.email,
        "name": account.name,
        "stores": _named(account),
        "state": "disabled" if account.disabled else "may sign in" if account.is_admin else "not an admin",
        "verified": {None: "", True: "yes", False: "no: somebody else may have registered the address"}[
            account.email_verified
        ],
        "uid": account.uid,
        "created": f"{account.created_at:%Y-%m-%d %H:%M:%S} UTC",
    }
    for label, text in rows.items():
        if text or label != "verified":
            click.echo(f"{label:<8} {text}".rstrip())


def tell_each(accounts: Iterable[AdminAccount], *, as_json: bool) -> None:
    """Print a line for each account."""
    listed = tuple(accounts)
    if as_json:
        _print_json([_facts(account) for account in listed])
        return
    width = max((len(account.email) for account in listed), default=0)
    for account in listed:
        click.echo(f"{account.email:<{width}}  {_standing(account)}")


def _facts(account: AdminAccount) -> Facts:
    """The account without what is nobody's business."""
    return Facts(
        uid=account.uid,
        email=account.email,
        name=account.name,
        admin=account.is_admin,
        stores=None if account.stores is None else tuple(sorted(account.stores)),
        disabled=account.disabled,
        email_verified=account.email_verified,
        created_at=account.created_at,
    )


def _standing(account: AdminAccount) -> str:
    parts = [_named(account)]
    if account.disabled:
        parts.append("disabled")
    if account.is_admin and account.email_verified is False:
        parts.append("e-mail not verified")
    return ", ".join(parts)


def _named(account: AdminAccount) -> str:
    if not account.is_admin:
        return "no store: not an admin"
    if account.stores is None:
        return "all stores"
    return ", ".join(sorted(account.stores)) or "no store: the list of them cannot be read"


def _print_json(value: Facts | list[Facts]) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value).decode(), indent=2))
