"""Whether the admins of open sockets still are admins: a verdict on each is at most a minute old."""

import asyncio
from collections.abc import Callable

import structlog

from salebell_protocol.messages import AuthErrorCode
from salebell_server.auth import AuthFailure, TokenVerifier, Verdict
from salebell_server.hub.member import Outlet
from salebell_server.hub.tasks import Tasks

AGAIN_SECONDS = 45.0
"""After this long an account is looked at again; with the time a look takes, a verdict gets no older than a minute."""

RETRY_SECONDS = 5.0
"""How long to leave an identity provider alone that could not be reached."""

TIMEOUT_SECONDS = 10.0
"""How long one look may take."""

BATCH = 100
"""Accounts asked for at once; Firebase takes no more (firebase-admin, `auth.get_users`)."""

AT_ONCE = 4
"""Batches that are asked for at the same time: so many accounts take no longer than a few."""

_UNKNOWN = Verdict(AuthErrorCode.REVOKED, frozenset())
_logger = structlog.get_logger(__name__)


class VerdictWatch:
    """Looks at the accounts that have sockets open, and tells the sockets.

    A new admin is looked at by the next `sweep`, since the verdict that the sign-in relied on may have been old.
    When the identity provider cannot be reached, nobody is closed for it.

    Args:
        verifier: who knows.
        clock: loop seconds.
        timeout: seconds that one look may take.
    """

    def __init__(
        self, verifier: TokenVerifier, clock: Callable[[], float], *, timeout: float = TIMEOUT_SECONDS
    ) -> None:
        self._verifier = verifier
        self._clock = clock
        self._timeout = timeout
        self._tasks = Tasks()
        self._outlets: dict[str, set[Outlet]] = {}
        self._new: dict[str, None] = {}
        self._again: dict[str, float] = {}
        self._looking = False
        self._not_before = 0.0

    def add(self, uid: str, outlet: Outlet) -> None:
        """Tell `outlet` from now on."""
        outlets = self._outlets.get(uid)
        if outlets is None:
            outlets = self._outlets[uid] = set()
            self._new[uid] = None
        outlets.add(outlet)

    def discard(self, uid: str, outlet: Outlet) -> None:
        """Tell it no more. Harmless when repeated."""
        outlets = self._outlets.get(uid)
        if outlets is None:
            return
        outlets.discard(outlet)
        if not outlets:
            del self._outlets[uid]
            self._new.pop(uid, None)
            self._again.pop(uid, None)

    def sweep(self) -> None:
        """Look at the accounts that are due, in the background; to be called each second."""
        now = self._clock()
        if self._looking or now < self._not_before:
            return
        due = list(self._new)
        for uid, at in self._again.items():  # in the order in which they were looked at
            if at > now:
                break
            due.append(uid)
        if due:
            self._looking = True
            self._tasks.spawn(self._look(due))

    @property
    def idle(self) -> bool:
        """Whether no look is under way."""
        return not self._looking

    async def close(self) -> None:
        """End what runs in the background."""
        await self._tasks.cancel()

    async def _look(self, due: list[str]) -> None:
        """Look at all that are due, `AT_ONCE` batches at a time: one that fails holds up no other."""
        batches = [due[start : start + BATCH] for start in range(0, len(due), BATCH)]
        try:
            for start in range(0, len(batches), AT_ONCE):
                await asyncio.gather(*map(self._try, batches[start : start + AT_ONCE]))
        finally:
            self._looking = False

    async def _try(self, uids: list[str]) -> None:
        try:
            await self._look_at(uids)
        except (AuthFailure, TimeoutError) as failure:
            self._not_before = self._clock() + RETRY_SECONDS
            _logger.warning("verdicts_unavailable", accounts=len(uids), reason=str(failure) or "no answer in time")

    async def _look_at(self, uids: list[str]) -> None:
        began = self._clock()
        async with asyncio.timeout(self._timeout):
            verdicts = await self._verifier.verdicts(uids)
        for uid in uids:
            if uid not in self._outlets:
                continue
            self._new.pop(uid, None)
            self._again.pop(uid, None)
            self._again[uid] = began + AGAIN_SECONDS
            verdict = verdicts.get(uid, _UNKNOWN)
            for outlet in tuple(self._outlets[uid]):
                outlet.judged(verdict)
