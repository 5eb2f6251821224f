"""A sale, sent through the HTTP API."""

from collections.abc import Mapping
from http import HTTPStatus

import httpx

from salebell_protocol import codec
from salebell_protocol.errors import ProtocolError
from salebell_protocol.http import Problem
from salebell_server.cli.errors import Misconfigured, Refused
from salebell_server.sales.requests import Receipt

KEY_VARIABLE = "SALEBELL_INGEST_KEY"

_TIMEOUT_SECONDS = 10.0
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def send(base: str, key: str, sale: Mapping[str, object]) -> Receipt:
    """Post a sale to the server at `base`, with the ingest key `key`.

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
        if answer.status_code in (HTTPStatus.CREATED, HTTPStatus.ACCEPTED):
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
