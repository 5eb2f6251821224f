"""`salebell-server keys`: who may send sales in."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

import click
import msgspec

from salebell_protocol.names import SENTENCES, STORE_PATTERN, StoreName
from salebell_protocol.text import plain
from salebell_server.cli.context import Context
from salebell_server.cli.errors import Refused
from salebell_server.log import LogUnavailable
from salebell_server.log.keys import KeyNameTaken, KeyStore, key_hash, new_key

T = TypeVar("T")

MAX_NAME = 100


def _store(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    try:
        return msgspec.convert(value, StoreName)
    except msgspec.ValidationError:
        raise click.BadParameter(f"a store's name {SENTENCES[STORE_PATTERN]}.") from None


def _name(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not value or value != plain(value) or len(value) > MAX_NAME:
        raise click.BadParameter(f"a key's name must be 1 to {MAX_NAME} characters on one line.")
    return value


@click.group(epilog="\b\nExample:\n  salebell-server keys create --store main --name website")
def keys() -> None:
    """Say who may send sales in: ingest keys, each for one store.

    Also works while a server runs, which sees a change at once.
    """


@keys.command(epilog="\b\nExample:\n  salebell-server keys create --store main --name website")
@click.option("--store", required=True, metavar="S", callback=_store, help="The store that the key sends sales to.")
@click.option("--name", required=True, metavar="N", callback=_name, help="What to call the key. Names are unique.")
@click.pass_obj
def create(context: Context, store: str, name: str) -> None:
    """Print a new key, alone, on stdout. It is shown this once and stored hashed."""
    key = new_key()
    try:
        _run(context, lambda stored: stored.create(name, store, key_hash(key), datetime.now(UTC)))
    except KeyNameTaken:
        raise Refused(
            f"There is a key named {name} already: choose another --name, or revoke it first with: "
            f"salebell-server keys revoke {name}"
        ) from None
    click.echo(key)


@keys.command("list", epilog="\b\nExample:\n  salebell-server keys list --json")
@click.option("--json", "as_json", is_flag=True, help="Print an array of {name, store, created_at}.")
@click.pass_obj
def list_keys(context: Context, *, as_json: bool) -> None:
    """List the keys: their names, stores and dates. The keys themselves are known to nobody."""
    found = _run(context, lambda stored: stored.list())
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found).decode(), indent=2))
        return
    widths = [
        max((len(text) for text in texts), default=0) for texts in ([k.name for k in found], [k.store for k in found])
    ]
    for key in found:
        click.echo(f"{key.name:<{widths[0]}}  {key.store:<{widths[1]}}  {key.created_at:%Y-%m-%d %H:%M:%S} UTC")


@keys.command(epilog="\b\nExample:\n  salebell-server keys revoke website")
@click.argument("name")
@click.pass_obj
def revoke(context: Context, name: str) -> None:
    """Make a key worthless, at once and for good."""
    if not _run(context, lambda stored: stored.revoke(name)):
        raise Refused(f"There is no key named {name}: see salebell-server keys list")
    click.echo(f"{name} was revoked.")


def _run(context: Context, work: Callable[[KeyStore], Awaitable[T]]) -> T:
    """Do `work` on the keys, wherever they are."""

    async def open_and_work() -> T:
        async with context.open_storage() as stored:
            return await work(stored.keys)

    try:
        return asyncio.run(open_and_work())
    except LogUnavailable as error:
        raise Refused(f"The keys cannot be reached: {error}.") from None
