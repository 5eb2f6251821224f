"""Verifying the ID tokens that this server issued."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from salebell_protocol.messages import AuthErrorCode
from salebell_server.auth import Admin, AuthFailure, Verdict
from salebell_server.auth.cache import Verdicts, VerifiedTokens
from salebell_server.auth.local.id_tokens import MAX_TOKEN_CHARACTERS, Claims, IdTokens, InvalidToken
from salebell_server.log import LogUnavailable
from salebell_server.log.accounts import Account, AccountStore

LIMITING_SECONDS = 2.0
"""How long a verdict is believed that keeps an admin out, of everything or of some stores. Whoever was let in again
would otherwise be told for a minute to give up; and it bounds how often the refused can make us read."""

_SENTENCES = {
    AuthErrorCode.TOKEN_EXPIRED: "The token has expired.",
    AuthErrorCode.NOT_ADMIN: "This account is not an admin of any store.",
    AuthErrorCode.REVOKED: "This session has ended: the account was changed, disabled or removed.",
    AuthErrorCode.AUTH_UNAVAILABLE: "The token cannot be judged right now. Try again in a moment.",
}


class LocalVerifier:
    """`TokenVerifier` for the accounts of a store.

    A signature takes microseconds, and is verified on the event loop; what is read is read elsewhere. The stores of
    an admin are those of the verdict: an ID token names none.

    Args:
        store: the accounts.
        id_tokens: verifies signatures.
        clock: the time, in UTC.
        monotonic: seconds, from any start, never backwards; the age of verdicts is counted by it.
    """

    def __init__(
        self,
        store: AccountStore,
        id_tokens: IdTokens,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._store = store
        self._id_tokens = id_tokens
        self._clock = clock
        self._tokens: VerifiedTokens[Claims] = VerifiedTokens()
        self._verdicts = Verdicts(self._read, monotonic)

    async def verify(self, token: str) -> Admin:
        """See `TokenVerifier.verify`."""
        try:
            claims = await self._claims(token)
            if self._clock().timestamp() >= claims.exp:
                self._tokens.forget(token)
                raise _failure(AuthErrorCode.TOKEN_EXPIRED)
            verdict = await self._verdict(claims)
        except LogUnavailable as error:
            raise _failure(AuthErrorCode.AUTH_UNAVAILABLE) from error
        admin = _admin(claims, verdict)
        refusal = verdict.on(admin)
        if refusal is not None:
            raise _failure(refusal)
        return admin

    async def verdicts(self, uids: Collection[str]) -> Mapping[str, Verdict]:
        """See `TokenVerifier.verdicts`."""
        try:
            return await self._verdicts.afresh(uids)
        except LogUnavailable as error:
            raise _failure(AuthErrorCode.AUTH_UNAVAILABLE) from error

    async def _verdict(self, claims: Claims) -> Verdict:
        verdict = await self._verdicts.of(claims.sub)
        refused = verdict.on(_admin(claims, verdict)) is not None
        if not refused and verdict.stores is None:
            return verdict
        try:
            return await self._verdicts.of(claims.sub, LIMITING_SECONDS)
        except LogUnavailable:
            if refused:
                raise
            return verdict

    async def _claims(self, token: str) -> Claims:
        known = self._tokens.get(token) if len(token) <= MAX_TOKEN_CHARACTERS else None
        if known is not None:
            return known
        try:
            claims = await self._id_tokens.verify(token)
        except InvalidToken as error:
            raise AuthFailure(AuthErrorCode.TOKEN_INVALID, f"The token is not valid: {error}.") from None
        self._tokens.put(token, claims)
        return claims

    async def _read(self, uids: Collection[str]) -> Mapping[str, Verdict]:
        accounts = await self._store.get(uids)
        return {uid: verdict_on(accounts.get(uid)) for uid in uids}


def verdict_on(account: Account | None) -> Verdict:
    """What is true of an account; None stands for one that was removed."""
    if account is None or account.disabled:
        return Verdict(AuthErrorCode.REVOKED, frozenset())
    if not account.is_admin:
        return Verdict(AuthErrorCode.NOT_ADMIN, frozenset())
    return Verdict(None, account.stores, account.valid_after)


def _admin(claims: Claims, verdict: Verdict) -> Admin:
    return Admin(
        uid=claims.sub,
        email=claims.email,
        name=claims.name,
        stores=verdict.stores,
        expires_at=claims.exp,
        issued_at=claims.iat,
    )


def _failure(code: AuthErrorCode) -> AuthFailure:
    return AuthFailure(code, _SENTENCES[code])
