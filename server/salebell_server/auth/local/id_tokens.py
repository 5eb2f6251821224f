"""ID tokens: signed statements of who somebody is, JSON Web Tokens (RFC 7519) under a key of this server's own."""

import base64
from collections.abc import Callable
from datetime import datetime, timedelta

import jwt
import msgspec

from salebell_server.auth.judging import MAX_TOKEN_CHARACTERS
from salebell_server.log.accounts import Account, AccountStore, SigningKey

ALGORITHM = "HS256"
"""The only one there is. What a token's header says is never asked (RFC 8725, section 3.1)."""

ISSUER = "salebell-server"
AUDIENCE = "salebell"

LIFETIME = timedelta(hours=1)
KEY_LIFETIME = timedelta(days=90)
"""A key older than this signs no more: another takes its place."""

KEYS_READ_EVERY = timedelta(minutes=1)
"""How old a process's knowledge of the newest key may be when it signs."""

_SECRET_BYTES = 32
_KID_BYTES = 9


class InvalidToken(Exception):
    """Not a token that this server issued. The text says why, without a part of the token."""


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What an ID token says. Times are in unix seconds."""

    iss: str
    aud: str
    sub: str
    email: str
    name: str
    iat: int
    exp: int


class _Header(msgspec.Struct):
    kid: str


_claims = msgspec.json.Decoder(Claims)
_header = msgspec.json.Decoder(_Header)
_signatures = jwt.PyJWS(algorithms=[ALGORITHM])


class IdTokens:
    """Issues and verifies ID tokens. The keys lie in the store; the first is made when one is needed.

    A verifier elsewhere learns of a new key when it meets it. The key before the newest is accepted as long as
    tokens that it signed may live.

    Args:
        store: where the keys are.
        clock: the time, in UTC.
        random: so many random bytes.
    """

    def __init__(self, store: AccountStore, clock: Callable[[], datetime], random: Callable[[int], bytes]) -> None:
        self._store = store
        self._clock = clock
        self._random = random
        self._keys: tuple[SigningKey, ...] = ()
        self._read_at: datetime | None = None

    async def issue(self, account: Account, now: datetime) -> tuple[str, int]:
        """A token for `account`, and the seconds that it lives.

        Args:
            account: as the store had it at `now` or later.
            now: when it is issued; the token says `valid_after` where that lies ahead.

        Raises:
            LogUnavailable: the keys cannot be read.
        """
        key = await self._signing_key()
        issued = int(now.timestamp())
        lifetime = int(LIFETIME.total_seconds())
        claims = Claims(
            iss=ISSUER,
            aud=AUDIENCE,
            sub=account.uid,
            email=account.email,
            name=account.name,
            iat=max(issued, account.valid_after),
            exp=issued + lifetime,
        )
        token = _signatures.encode(msgspec.json.encode(claims), key.secret, ALGORITHM, {"kid": key.kid})
        return token, lifetime

    async def verify(self, token: str) -> Claims:
        """What `token` says, if this server signed it. Whether it has expired is for the caller to look at.

        Raises:
            InvalidToken: it did not.
            LogUnavailable: the keys cannot be read.
        """
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise InvalidToken("it is too long")
        if not token.isascii():
            raise InvalidToken("it is not in ASCII")
        key = await self._key(_kid(token))
        try:
            payload: bytes = _signatures.decode(token, key.secret, [ALGORITHM])
        except jwt.PyJWTError:
            raise InvalidToken("its signature or its form is wrong") from None
        return _checked(payload)

    async def rotate(self) -> None:
        """Sign with a new key from now on."""
        self._remember(await self._store.signing_keys())
        await self._add_key()

    async def _signing_key(self) -> SigningKey:
        """The newest key; made when there is none, or the newest has become old."""
        now = self._clock()
        if self._read_at is None or not timedelta(0) <= now - self._read_at < KEYS_READ_EVERY:
            self._remember(await self._store.signing_keys())
        if not self._keys or now - self._keys[0].created_at >= KEY_LIFETIME:
            await self._add_key()
        return self._keys[0]

    async def _add_key(self) -> None:
        kid = base64.urlsafe_b64encode(self._random(_KID_BYTES)).decode("ascii")
        key = SigningKey(kid=kid, secret=self._random(_SECRET_BYTES), created_at=self._clock())
        self._remember(await self._store.add_signing_key(key, self._keys[0].kid if self._keys else None))

    def _remember(self, keys: tuple[SigningKey, ...]) -> None:
        self._keys = keys
        self._read_at = self._clock()

    async def _key(self, kid: str) -> SigningKey:
        """The key of that name; reads the keys again when there is none, for another process may have made it."""
        found = self._known(kid)
        if found is None:
            self._remember(await self._store.signing_keys())
            found = self._known(kid)
        if found is None:
            raise InvalidToken("its key is none of this server's")
        return found

    def _known(self, kid: str) -> SigningKey | None:
        for place, key in enumerate(self._keys):
            if key.kid == kid:
                return key if place == 0 or self._outlives(self._keys[place - 1]) else None
        return None

    def _outlives(self, newer: SigningKey) -> bool:
        """Whether tokens may be alive that were signed before everybody knew of `newer`."""
        return self._clock() - newer.created_at < LIFETIME + KEYS_READ_EVERY


def _kid(token: str) -> str:
    try:
        segment = token.split(".", 1)[0]
        return _header.decode(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))).kid
    except (ValueError, msgspec.DecodeError, RecursionError):
        raise InvalidToken("its header is wrong") from None


def _checked(payload: bytes) -> Claims:
    try:
        claims = _claims.decode(payload)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise InvalidToken("its claims are wrong") from None
    if claims.iss != ISSUER or claims.aud != AUDIENCE:
        raise InvalidToken("it was issued by or for somebody else")
    return claims
