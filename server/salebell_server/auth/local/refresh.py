"""Refresh tokens, and the rule by which they rotate. Pure.

A token is `sbr_` and the base64url of 16 bytes that name its family and 32 random bytes. The server stores the
SHA-256 of tokens only. Within a family:

    - A successor of the token used last is new: it becomes the one used last, and gets a successor of its own. All
      other successors are dead from then on.
    - The token used last works as well, and gets one more successor: the answer with the first may have been lost,
      or two requests may have crossed. Nobody is signed out by either.
    - Anything else is an older token, which its owner has replaced: it was copied. The family ends for both, whoever
      holds the newer one (RFC 9700, section 4.14.2).

The name of a family is as secret as its tokens: it appears nowhere else.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from salebell_server.log.accounts import RefreshFamily

PREFIX = "sbr_"
IDLE = timedelta(days=90)
"""A session that was not used for this long is over."""

MAX_SUCCESSORS = 32
"""Successors of one token that stay good; the oldest dies first. To lose a session by it, an answer would have to
arrive that 32 later requests with the same token have overtaken."""

_FAMILY_BYTES = 16
_SECRET_BYTES = 32
_LENGTH = len(PREFIX) + (_FAMILY_BYTES + _SECRET_BYTES) * 4 // 3


class RefreshToken(msgspec.Struct, frozen=True):
    """A refresh token in the clear."""

    family: bytes
    secret: bytes

    @property
    def text(self) -> str:
        """As it travels."""
        return PREFIX + base64.urlsafe_b64encode(self.family + self.secret).decode("ascii")

    @property
    def hashed(self) -> bytes:
        """As it is stored. The secret is random, so that a plain SHA-256 is enough."""
        return hashlib.sha256(self.family + self.secret).digest()

    def __repr__(self) -> str:
        """Without the token."""
        return "RefreshToken()"


def first_token(random: Callable[[int], bytes]) -> RefreshToken:
    """The first token of a new family."""
    return RefreshToken(random(_FAMILY_BYTES), random(_SECRET_BYTES))


def next_token(token: RefreshToken, random: Callable[[int], bytes]) -> RefreshToken:
    """A fresh token of the same family."""
    return RefreshToken(token.family, random(_SECRET_BYTES))


def parse_token(text: str) -> RefreshToken | None:
    """The token that `text` is; None for what this server never gave out."""
    if len(text) != _LENGTH or not text.startswith(PREFIX) or not text.isascii():
        return None
    try:
        raw = base64.b64decode(text[len(PREFIX) :], altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    token = RefreshToken(raw[:_FAMILY_BYTES], raw[_FAMILY_BYTES:])
    return token if token.text == text else None


def is_idle(family: RefreshFamily, now: datetime) -> bool:
    """Whether the session was unused for too long."""
    return now - family.used_at >= IDLE


def rotate(family: RefreshFamily, presented: bytes, fresh: bytes, now: datetime) -> RefreshFamily | None:
    """The family after `presented` was used and `fresh` given for it (both hashed); None when that ends it."""
    if presented in family.successors:
        return replace(family, used=presented, successors=(fresh,), used_at=now)
    if presented == family.used:
        return replace(family, successors=(*family.successors, fresh)[-MAX_SUCCESSORS:], used_at=now)
    return None
