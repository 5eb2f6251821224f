"""Verifying the ID tokens that this server issued."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from salebell_protocol.messages import AuthErrorCode
from salebell_server.auth import Admin, Verdict
from salebell_server.auth.judging import GONE, NO_ADMIN, Bearer, Judge, failure, invalid
from salebell_server.auth.local.id_tokens import IdTokens, InvalidToken
from salebell_server.log import LogUnavailable
from salebell_server.log.accounts import Account, AccountStore


class LocalVerifier:
    """`TokenVerifier` for the accounts of a store.

    A signature takes microseconds, and is verified on the event loop; what is read is read elsewhere.

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
        self._judge = Judge(self._prove, self._read, clock=clock, monotonic=monotonic)

    async def verify(self, token: str) -> Admin:
        """See `TokenVerifier.verify`."""
        return await self._judge.verify(token)

    async def verdicts(self, uids: Collection[str]) -> Mapping[str, Verdict]:
        """See `TokenVerifier.verdicts`."""
        return await self._judge.verdicts(uids)

    async def _prove(self, token: str) -> Bearer:
        try:
            claims = await self._id_tokens.verify(token)
        except InvalidToken as error:
            raise invalid(str(error)) from None
        except LogUnavailable as error:
            raise failure(AuthErrorCode.AUTH_UNAVAILABLE) from error
        return Bearer(uid=claims.sub, email=claims.email, name=claims.name, issued_at=claims.iat, expires_at=claims.exp)

    async def _read(self, uids: Collection[str]) -> Mapping[str, Verdict]:
        try:
            accounts = await self._store.get(uids)
        except LogUnavailable as error:
            raise failure(AuthErrorCode.AUTH_UNAVAILABLE) from error
        return {uid: verdict_on(accounts.get(uid)) for uid in uids}


def verdict_on(account: Account | None) -> Verdict:
    """What is true of an account; None stands for one that was removed."""
    if account is None or account.disabled:
        return GONE
    if not account.is_admin:
        return NO_ADMIN
    return Verdict(None, account.stores, account.valid_after)
