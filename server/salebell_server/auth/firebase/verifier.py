"""Verifying the ID tokens of a Firebase project, and knowing what is true of its users."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

import structlog

from salebell_protocol.messages import AuthErrorCode
from salebell_server.auth import Admin, Verdict
from salebell_server.auth.firebase import FirebaseUnavailable, FirebaseUser, UserLookup
from salebell_server.auth.firebase.rights import rights
from salebell_server.auth.firebase.tokens import SKEW_SECONDS, Tokens
from salebell_server.auth.judging import GONE, NO_ADMIN, Bearer, Judge, failure
from salebell_server.auth.project import FirebaseProject

_logger = structlog.get_logger(__name__)


class FirebaseVerifier:
    """`TokenVerifier` for a Firebase project.

    With `users`, the role, the stores, and whether an account is disabled or revoked are what Firebase says now, at
    most a minute ago; a token says only who its bearer is. Without, the role and the stores are those of the token,
    and nothing else is known of an account until the token runs out.

    Args:
        tokens: tells genuine tokens from others.
        users: of the project; None for a server without credentials to look them up with.
        project: says which claims make an admin.
        clock: the time, in UTC.
        monotonic: seconds, from any start, never backwards; the age of verdicts is counted by it.
    """

    def __init__(
        self,
        tokens: Tokens,
        users: UserLookup | None,
        project: FirebaseProject,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._tokens = tokens
        self._project = project
        self._judge = Judge(
            self._prove,
            None if users is None else _Reader(users, project).read,
            clock=clock,
            monotonic=monotonic,
            leeway=SKEW_SECONDS,
        )

    async def verify(self, token: str) -> Admin:
        """See `TokenVerifier.verify`."""
        return await self._judge.verify(token)

    async def verdicts(self, uids: Collection[str]) -> Mapping[str, Verdict]:
        """See `TokenVerifier.verdicts`."""
        return await self._judge.verdicts(uids)

    async def _prove(self, token: str) -> Bearer:
        said = await self._tokens.verify(token)
        return Bearer(
            uid=said.uid,
            email=said.email,
            name=said.name,
            issued_at=said.issued_at,
            expires_at=said.expires_at,
            claimed=verdict_by(said.claims, self._project),
        )


class _Reader:
    """Reads verdicts, and tells the log when that begins to fail, and when it succeeds again."""

    def __init__(self, users: UserLookup, project: FirebaseProject) -> None:
        self._users = users
        self._project = project
        self._failing = False

    async def read(self, uids: Collection[str]) -> Mapping[str, Verdict]:
        try:
            users = await self._users.get(uids)
        except FirebaseUnavailable as error:
            if not self._failing:
                self._failing = True
                _logger.warning("users of Firebase cannot be looked up", cause=error.cause.name, reason=str(error))
            raise failure(AuthErrorCode.AUTH_UNAVAILABLE) from None
        if self._failing:
            self._failing = False
            _logger.info("users of Firebase are looked up again")
        return {uid: verdict_on(users.get(uid), self._project) for uid in uids}


def verdict_on(user: FirebaseUser | None, project: FirebaseProject) -> Verdict:
    """What is true of a user; None stands for one that was deleted."""
    if user is None or user.disabled:
        return GONE
    return verdict_by(user.claims, project, user.valid_after)


def verdict_by(claims: Mapping[str, object], project: FirebaseProject, valid_after: int = 0) -> Verdict:
    """What claims make of somebody: an admin, of some stores at least, or none."""
    given = rights(claims, project)
    if not given.is_admin or given.stores == frozenset():
        return NO_ADMIN
    return Verdict(None, given.stores, valid_after)
