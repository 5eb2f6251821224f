"""What all verifiers do once they know that a token is genuine: is it still good, and is its bearer still an admin?"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime

import msgspec

from salebell_protocol.messages import AuthErrorCode
from salebell_server.auth import Admin, AuthFailure, Verdict
from salebell_server.auth.batches import Crowded
from salebell_server.auth.cache import Verdicts, VerifiedTokens

MAX_TOKEN_CHARACTERS = 8192

LIMITING_SECONDS = 2.0
"""How long a verdict is believed that keeps an admin out, of everything or of some stores. Whoever was let in again
would otherwise be told for a minute to give up; and it bounds how often the refused can make us read."""

SPARED_SECONDS = 5.0
"""How long nothing is read for the sake of a limit alone, after that could not be read."""

_SENTENCES = {
    AuthErrorCode.TOKEN_EXPIRED: "The token has expired.",
    AuthErrorCode.NOT_ADMIN: "This account is not an admin of any store.",
    AuthErrorCode.REVOKED: "This session has ended: the account was changed, disabled or removed.",
    AuthErrorCode.AUTH_UNAVAILABLE: "The token cannot be judged right now. Try again in a moment.",
}

NO_ADMIN = Verdict(AuthErrorCode.NOT_ADMIN, frozenset())
GONE = Verdict(AuthErrorCode.REVOKED, frozenset())
NOTHING_AGAINST = Verdict(None, None)


def failure(code: AuthErrorCode, subject: str = "") -> AuthFailure:
    """A refusal, in the words that all verifiers have for it."""
    return AuthFailure(code, _SENTENCES[code], subject)


def invalid(reason: str) -> AuthFailure:
    """The refusal of a token that is none.

    Args:
        reason: without any part of the token, such as "it is too long".
    """
    return AuthFailure(AuthErrorCode.TOKEN_INVALID, f"The token is not valid: {reason}.")


class Bearer(msgspec.Struct, frozen=True, kw_only=True):
    """Who a genuine token says that its bearer is.

    Attributes:
        issued_at: in unix seconds.
        expires_at: in unix seconds.
        claimed: what they may do by the word of the token. It counts only where accounts cannot be looked at.
    """

    uid: str
    email: str
    name: str
    issued_at: int
    expires_at: int
    claimed: Verdict = NO_ADMIN


class Judge:
    """A `TokenVerifier`, given somebody who tells genuine tokens from others, and somebody who looks at accounts.

    The stores of an admin are those of the verdict on the account, not those of the token.

    Args:
        prove: who a token is of. Raises `AuthFailure` when it is not genuine, or that cannot be found out. Genuine
            tokens are remembered until they expire.
        read: the verdicts on accounts, read now, none left out. Raises `AuthFailure` when they cannot be read. None
            where accounts cannot be looked at.
        clock: the time, in UTC.
        monotonic: seconds, from any start, never backwards; the age of verdicts is counted by it.
        leeway: seconds for which a token is good after it has expired, for the sake of clocks that differ.
    """

    def __init__(
        self,
        prove: Callable[[str], Awaitable[Bearer]],
        read: Callable[[Collection[str]], Awaitable[Mapping[str, Verdict]]] | None,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        leeway: int = 0,
    ) -> None:
        self._prove = prove
        self._clock = clock
        self._monotonic = monotonic
        self._leeway = leeway
        self._tokens: VerifiedTokens[Bearer] = VerifiedTokens()
        self._verdicts = None if read is None else Verdicts(read, monotonic)
        self._spared_until = monotonic()

    async def verify(self, token: str) -> Admin:
        """See `TokenVerifier.verify`."""
        bearer = await self._bearer(token)
        if self._clock().timestamp() >= bearer.expires_at + self._leeway:
            self._tokens.forget(token)
            raise failure(AuthErrorCode.TOKEN_EXPIRED, bearer.uid)
        verdict = bearer.claimed if self._verdicts is None else await self._verdict(bearer, self._verdicts)
        admin = _admin(bearer, verdict)
        refusal = verdict.on(admin)
        if refusal is not None:
            raise failure(refusal, bearer.uid)
        return admin

    async def verdicts(self, uids: Collection[str]) -> Mapping[str, Verdict]:
        """See `TokenVerifier.verdicts`. Where accounts cannot be looked at, nothing is ever held against one."""
        if self._verdicts is None:
            return dict.fromkeys(uids, NOTHING_AGAINST)
        return await self._verdicts.afresh(uids)

    async def _bearer(self, token: str) -> Bearer:
        known = self._tokens.get(token) if len(token) <= MAX_TOKEN_CHARACTERS else None
        if known is None:
            known = await self._prove(token)
            self._tokens.put(token, known)
        return known

    async def _verdict(self, bearer: Bearer, verdicts: Verdicts) -> Verdict:
        try:
            verdict = await verdicts.of(bearer.uid)
            refused = verdict.on(_admin(bearer, verdict)) is not None
            if not refused and (verdict.stores is None or self._monotonic() < self._spared_until):
                return verdict
            try:
                return await verdicts.of(bearer.uid, LIMITING_SECONDS)
            except (AuthFailure, Crowded):
                self._spared_until = self._monotonic() + SPARED_SECONDS
                if refused:
                    raise
                return await verdicts.of(bearer.uid)  # what was young enough before may have aged meanwhile
        except (AuthFailure, Crowded):
            # Not the same exception for all who waited.
            raise failure(AuthErrorCode.AUTH_UNAVAILABLE, bearer.uid) from None


def _admin(bearer: Bearer, verdict: Verdict) -> Admin:
    return Admin(
        uid=bearer.uid,
        email=bearer.email,
        name=bearer.name,
        stores=verdict.stores,
        expires_at=bearer.expires_at,
        issued_at=bearer.issued_at,
    )
