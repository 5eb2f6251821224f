"""What an ID token says, read without verifying it: it came straight from its issuer over TLS."""

import base64
from typing import Annotated

import msgspec


class InvalidToken(Exception):
    """It is no ID token."""


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What the desktop looks at (OpenID Connect Core 1.0, section 2).

    Attributes:
        aud: whom it is for: a Firebase project, or an OAuth client.
        sub: whom it is about.
        exp: until when it is good, in unix seconds.
        nonce: what the request for it said; "" when it said nothing.
    """

    iss: str
    aud: str
    sub: Annotated[str, msgspec.Meta(min_length=1)]
    exp: int
    nonce: str = ""
    email: str = ""
    name: str = ""


_claims = msgspec.json.Decoder(Claims)


def read(token: str) -> Claims:
    """The claims of `token`.

    Raises:
        InvalidToken: it has none that make sense. The text has no part of it.
    """
    try:
        _, payload, _ = token.split(".")
        return _claims.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, msgspec.DecodeError, RecursionError):
        raise InvalidToken("not an ID token") from None
