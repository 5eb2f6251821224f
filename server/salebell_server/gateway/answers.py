"""Finds out what a session asks: whose token it is, and what the log says."""

from typing import Protocol

from salebell_protocol.events import Position
from salebell_protocol.messages import AuthErrorCode, ErrorCode
from salebell_server.auth import AuthFailure, TokenVerifier
from salebell_server.log import LogUnavailable, PositionAhead, SaleLog
from salebell_server.session.effects import See, Verify
from salebell_server.session.inputs import Crowded, Input, LogFailed, Opened, Refused, Verified

TOO_MANY_FAILURES = "too many failed sign-ins from this address; wait a minute"

_INNOCENT = (AuthErrorCode.AUTH_UNAVAILABLE, AuthErrorCode.TOKEN_EXPIRED)
"""Failures that are no attempt at somebody else's account: an expired token was a good one."""


class Failures(Protocol):
    """How often an address may fail to prove who it is."""

    def allowed(self, address: str) -> bool:
        """Whether it may try."""
        ...

    def failed(self, address: str) -> None:
        """Note that it failed."""
        ...


class Answers:
    """Answers the questions of all sessions.

    Args:
        log: what is asked for stores, counts and cursors.
        verifier: what is asked for tokens.
        failures: addresses that failed too often are told to wait when they fail again.
    """

    def __init__(self, *, log: SaleLog, verifier: TokenVerifier, failures: Failures) -> None:
        self._log = log
        self._verifier = verifier
        self._failures = failures

    async def verify(self, question: Verify, address: str) -> Input:
        """Whose token it is, and which stores that admin may open.

        A good token is good whatever others at its address did: only what fails is counted, and told to wait.
        """
        try:
            admin = await self._verifier.verify(question.token)
        except AuthFailure as failure:
            if failure.code in _INNOCENT:
                return Refused(failure.code, str(failure))
            if not self._failures.allowed(address):
                return Crowded(TOO_MANY_FAILURES)
            self._failures.failed(address)
            return Refused(failure.code, str(failure))
        if admin.stores is not None:
            return Verified(admin, tuple(sorted(admin.stores)))
        try:
            return Verified(admin, await self._log.stores())
        except LogUnavailable:
            return LogFailed()

    async def read(self, store: str, uid: str, resume: Position | None) -> Opened | LogFailed:
        """The position and the counts as they are now."""
        try:
            return Opened(await self._log.open(store, uid, resume))
        except LogUnavailable:
            return LogFailed()

    async def see(self, effect: See) -> ErrorCode | None:
        """Move a cursor; the error to tell, if any. Success is told by the log, through the bus."""
        try:
            await self._log.see(effect.store, effect.uid, effect.epoch, effect.offset)
        except PositionAhead:
            return ErrorCode.POSITION_AHEAD
        except LogUnavailable:
            return ErrorCode.LOG_UNAVAILABLE
        return None
