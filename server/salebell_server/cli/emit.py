"""`salebell-server emit`: a sale through the HTTP API, as a shop would send it."""

import uuid
from collections.abc import Mapping

import click

from salebell_protocol import codec
from salebell_server.cli.context import Context
from salebell_server.cli.errors import Misconfigured


@click.command(
    epilog="\b\nExample:\n  export SALEBELL_INGEST_KEY=$(salebell-server keys create --store main --name try)\n"
    "  salebell-server emit --total 15999.00 --currency ARS --customer 'Ana Gómez'"
)
@click.option("--total", required=True, metavar="T", help="What was paid, a decimal number.")
@click.option("--currency", required=True, metavar="C", help="Its currency, a code of ISO 4217.")
@click.option("--number", metavar="N", help="What people call the sale; default: its id, which is random.")
@click.option("--customer", metavar="NAME", help="Who bought.")
@click.option("--status", metavar="S", help="pending (default) or approved.")
@click.option("--url", "base", metavar="BASE", help="Address of the server; default: that of SALEBELL_HOST and _PORT.")
@click.option("--json", "as_json", is_flag=True, help="Print {event_id, offset, duplicate}.")
@click.pass_obj
def emit(
    context: Context,
    *,
    total: str,
    currency: str,
    number: str | None,
    customer: str | None,
    status: str | None,
    base: str | None,
    as_json: bool,
) -> None:
    """Send a sale to a running server, with the key in SALEBELL_INGEST_KEY; prints its event id and offset."""
    # Imported here: the HTTP client takes as long to import as the rest of the commands together.
    from salebell_server.cli.sending import KEY_VARIABLE, send

    key = context.environ.get(KEY_VARIABLE, "").strip()
    if not key.isascii() or not key.isprintable() or not key:
        raise Misconfigured(f"{KEY_VARIABLE} must hold an ingest key: make one with salebell-server keys create")
    sale: dict[str, object] = {"id": f"emit-{uuid.uuid4().hex}", "total": total, "currency": currency}
    sale.update(_given(number=number, status=status))
    if customer is not None:
        sale["customer"] = {"name": customer}
    receipt = send(context.settings.local_url if base is None else base, key, sale)
    if as_json:
        click.echo(codec.encode(receipt))
    elif receipt.offset is None:
        click.echo(f"{receipt.event_id} is kept by the server until it reaches its log")
    else:
        click.echo(f"{receipt.event_id} at offset {receipt.offset}")


def _given(**texts: str | None) -> Mapping[str, str]:
    return {name: text for name, text in texts.items() if text is not None}
