"""Finds out what a session asks: whose token it is, and what the log says."""

from salebell_protocol.events import Position
from salebell_protocol.messages import ErrorCode
from salebell_protocol.names import DEFAULT_STORE
from salebell_server.auth import Admin, AuthFailure, TokenVerifier
from salebell_server.auth.rate import FailureLimit
from salebell_server.log import LogUnavailable, PositionAhead, Reading, SaleLog
from salebell_server.session.effects import See, Verify
from salebell_server.session.inputs import Crowded, Input, LogFailed, Refused, Verified

TOO_MANY_FAILURES = "too many failed sign-ins from this address, or for this account; wait before the next one"


class Answers:
    """Answers the questions of all sessions.

    Args:
        log: what is asked for stores, counts and cursors.
        verifier: what is asked for tokens.
        failures: who failed too often is told to wait when failing again.
        defers: whether admins may sign in while the log cannot be read.
    """

    def __init__(self, *, log: SaleLog, verifier: TokenVerifier, failures: FailureLimit, defers: bool) -> None:
        self._log = log
        self._defers = defers
        self._known: tuple[str, ...] = (DEFAULT_STORE,)
        self._verifier = verifier
        self._failures = failures

    async def verify(self, question: Verify, address: str) -> Input:
        """Whose token it is, and which stores that admin may open.

        A good token is good whatever others at its address did: only what fails is counted, and told to wait.
        """
        try:
            admin = await self._verifier.verify(question.token)
        except AuthFailure as failure:
            if not failure.is_innocent and await self._failures.failed(address, failure.subject):
                return Crowded(TOO_MANY_FAILURES)
            return Refused(failure.code, str(failure))
        try:
            return Verified(admin, await self.stores(admin))
        except LogUnavailable:
            return LogFailed()

    async def stores(self, admin: Admin) -> tuple[str, ...]:
        """All stores that an admin may open, sorted; for one of all stores, those that there are.

        Where admins may sign in while the log cannot be read, those that there were when it was read last.

        Raises:
            LogUnavailable: the log cannot be read.
        """
        if admin.stores is not None:
            return tuple(sorted(admin.stores))
        try:
            self._known = await self._log.stores()
        except LogUnavailable:
            if not self._defers:
                raise
        return self._known

    async def read(self, store: str, uid: str, resume: Position | None) -> Reading:
        """The position and the counts as they are now.

        Raises:
            LogUnavailable: the log cannot be read.
        """
        return await self._log.open(store, uid, resume)

    async def see(self, effect: See) -> ErrorCode | None:
        """Move a cursor; the error to tell, if any. Success is told by the log, through the bus."""
        try:
            await self._log.see(effect.store, effect.uid, effect.epoch, effect.offset)
        except PositionAhead:
            return ErrorCode.POSITION_AHEAD
        except LogUnavailable:
            return ErrorCode.LOG_UNAVAILABLE
        return None
