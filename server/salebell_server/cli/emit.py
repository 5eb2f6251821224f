"""`salebell-server emit`: a sale through the HTTP API, as a shop would send it."""

import uuid
from collections.abc import Mapping
from http import HTTPStatus

import click
import httpx

from salebell_protocol import codec
from salebell_protocol.errors import ProtocolError
from salebell_protocol.http import Problem
from salebell_server.cli.context import Context
from salebell_server.cli.errors import Misconfigured, Refused
from salebell_server.sales.requests import Receipt

KEY_VARIABLE = "SALEBELL_INGEST_KEY"

_TIMEOUT_SECONDS = 10.0
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


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
    key = context.environ.get(KEY_VARIABLE, "").strip()
    if not key.isascii() or not key.isprintable() or not key:
        raise Misconfigured(f"{KEY_VARIABLE} must hold an ingest key: make one with salebell-server keys create")
    sale: dict[str, object] = {"id": f"emit-{uuid.uuid4().hex}", "total": total, "currency": currency}
    sale.update(_given(number=number, status=status))
    if customer is not None:
        sale["customer"] = {"name": customer}
    receipt = _send(context.settings.local_url if base is None else base, key, sale)
    if as_json:
        click.echo(codec.encode(receipt))
    else:
        click.echo(f"{receipt.event_id} at offset {receipt.offset}")


def _given(**texts: str | None) -> Mapping[str, str]:
    return {name: text for name, text in texts.items() if text is not None}


def _send(base: str, key: str, sale: dict[str, object]) -> Receipt:
    """Post the sale.

    Raises:
        Misconfigured: `base` is no address.
        Refused: nobody answers there, or the answer is no.
    """
    url = _address(base)
    proxies = url.host not in _LOOPBACK
    try:
        answer = httpx.post(
            url.copy_with(path=url.path.rstrip("/") + "/v1/sales"),
            content=codec.encode({"sale": sale}),
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
            timeout=_TIMEOUT_SECONDS,
            trust_env=proxies,
        )
    except httpx.TimeoutException:
        raise Refused(f"The server at {base} did not answer within {_TIMEOUT_SECONDS:.0f} seconds.") from None
    except httpx.HTTPError as error:
        raise Refused(f"No server can be reached at {base} ({error}). Start one with: salebell-server serve") from None
    try:
        if answer.status_code == HTTPStatus.CREATED:
            return codec.decode(answer.content, Receipt)
        problem = codec.decode(answer.content, Problem)
    except ProtocolError:
        raise Refused(f"{base} answers {answer.status_code}, and not as a Salebell server does.") from None
    raise Refused(_refusal(problem))


def _address(base: str) -> httpx.URL:
    try:
        url = httpx.URL(base)
    except (httpx.InvalidURL, TypeError):
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host or url.userinfo:
        raise Misconfigured("--url must be the address of a server, such as https://sales.example.com")
    return url


def _refusal(problem: Problem) -> str:
    if problem.status == HTTPStatus.UNAUTHORIZED:
        return f"The server refused the key in {KEY_VARIABLE}: {problem.detail}"
    if problem.field is not None:
        option = f"--{problem.field.removeprefix('sale.').partition('.')[0]}"
        return f"The server refused {option}: {problem.detail}"
    return f"The server refused the sale: {problem.detail}"
