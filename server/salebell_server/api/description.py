"""The OpenAPI description (3.1): made from the handlers, and from the very Structs that they decode and answer with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Litestar
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.spec import Components, Operation, RequestBody, SecurityRequirement, SecurityScheme, Tag
from litestar.types import ControllerRouterHandler

from salebell_protocol.http import ClientConfig, Problem, Refresh, SaleHistory, SalesPage, SignIn, Stats, Tokens
from salebell_protocol.sales import Sale
from salebell_server.api import bodies
from salebell_server.api.problems import MEDIA_TYPE
from salebell_server.sales.requests import Cancel, Change, Checkout, CreateSale, Payment, Receipt

PRODUCERS, ADMINS, OPERATORS = "Sending sales in", "Looking at sales", "Operating"
"""Tags."""

INGEST_KEY: Sequence[SecurityRequirement] = [{"ingestKey": []}]
ADMIN_TOKEN: Sequence[SecurityRequirement] = [{"adminToken": []}]

BODY_PROBLEMS = {
    "s408": f"`body_timeout`: the body was not complete after {bodies.SECONDS:.0f} seconds.",
    "s413": f"`body_too_large`: the body is over {bodies.MAX_BYTES // 1024} KiB.",
    "s415": "`unsupported_media_type`: the body is said to be no JSON.",
}
"""What can go wrong with any body, see `bodies`."""

RATE_LIMITED = (
    "`rate_limited`: the key or token is wrong, and so were too many others from this address; `Retry-After` says how "
    "long to wait. One that is right is never refused for it."
)

STRUCTS = (
    CreateSale, Checkout, Payment, Change, Cancel, Receipt, Sale, SalesPage, SaleHistory, Stats, Problem,
    ClientConfig, SignIn, Refresh, Tokens,
)  # fmt: skip
"""What the handlers decode and answer with."""

_REF = "#/components/schemas/{name}"

_ABOUT = """\
Sales go in with an ingest key, and come out with an admin's token. Every error is a problem (RFC 9457) with a `code`
that never changes its meaning; a 400 names the `field` at fault. Events also arrive live over the WebSocket `/ws`.

Every command may be repeated: the same request under the same event id is answered as the first time, with
`duplicate: true`, and emits nothing. The event id may also be given as the header `Idempotency-Key`."""


@dataclass
class OptionalBody(Operation):
    """An operation that can do without its body."""

    def __post_init__(self) -> None:
        if isinstance(self.request_body, RequestBody):
            self.request_body.required = False


def problems(**reasons: str) -> dict[int, ResponseSpec]:
    """What can go wrong on a route: a reason by status, such as `s404="No such sale."`."""
    return {
        int(status.removeprefix("s")): ResponseSpec(
            Problem, description=reason, media_type=MEDIA_TYPE, generate_examples=False
        )
        for status, reason in reasons.items()
    }


def description(version: str, handlers: Sequence[ControllerRouterHandler]) -> bytes:
    """The description of an API that consists of `handlers`, as JSON.

    Litestar finds routes, parameters and answers; the schemas are msgspec's own, which is what checks the bodies.
    """
    described = Litestar(handlers, openapi_config=_config(version), logging_config=None)
    document: dict[str, Any] = described.openapi_schema.to_schema()
    schemas: dict[str, Any] = document["components"]["schemas"]
    _, exact = msgspec.json.schema_components(STRUCTS, ref_template=_REF)
    schemas.update((name, _brief(schema)) for name, schema in exact.items() if name in schemas)
    return msgspec.json.encode(document)


def _config(version: str) -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Salebell",
        version=version,
        description=_ABOUT,
        use_handler_docstrings=True,
        tags=[Tag(name) for name in (PRODUCERS, ADMINS, OPERATORS)],
        components=Components(
            security_schemes={
                "ingestKey": SecurityScheme(
                    type="http", scheme="bearer", description="An ingest key; the store is the key's."
                ),
                "adminToken": SecurityScheme(
                    type="http", scheme="bearer", bearer_format="JWT", description="An admin's ID token."
                ),
            }
        ),
    )


def _brief(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with the first paragraph of its Struct's docstring: the rest is for programmers of this server."""
    text = schema.get("description", "").partition("\n\n")[0]
    return {**schema, "description": " ".join(text.split())} if text else schema
