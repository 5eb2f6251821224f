"""Verification put together as the composition root does it, with time in the test's hands."""

import asyncio
import traceback
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import firebase_admin
import pytest

from salebell_protocol.messages import AuthErrorCode
from salebell_server.auth import AuthFailure, TokenVerifier
from salebell_server.auth.firebase import FirebaseUnavailable, FirebaseUser, UserLookup
from salebell_server.auth.firebase.application import open_application
from salebell_server.auth.firebase.certificates import Certificates
from salebell_server.auth.firebase.tokens import Tokens
from salebell_server.auth.firebase.verifier import FirebaseVerifier
from salebell_server.auth.project import FirebaseProject
from tests.firebase.emulator import API_KEY, PROJECT
from tests.server.auth.stand import Time

FIREBASE = FirebaseProject(project_id=PROJECT, web_api_key=API_KEY)


class Now(Time):
    """Begins now: firebase-admin compares tokens with the system's clock, which cannot be passed to it."""

    def __init__(self) -> None:
        super().__init__()
        self._now = datetime.now(UTC)


class Sleeps:
    """Waits for as long as the test wants, which then moves the time on to the end of the wait.

    Attributes:
        asked: how long each wait was to be, in seconds.
    """

    def __init__(self, time: Time) -> None:
        self._time = time
        self._begun: asyncio.Queue[tuple[float, asyncio.Event]] = asyncio.Queue()
        self.asked: list[float] = []

    async def __call__(self, seconds: float) -> None:
        over = asyncio.Event()
        self.asked.append(seconds)
        self._begun.put_nowait((self._time.monotonic() + seconds, over))
        await over.wait()

    async def next(self) -> float:
        """How long the wait is that comes next, or is under way."""
        self._begun.put_nowait(await self._begun.get())
        return self.asked[-1]

    async def end(self) -> None:
        """Let the wait end that comes next, or is under way."""
        due, over = await self._begun.get()
        self._time.passes(seconds=due - self._time.monotonic())
        over.set()


class Directory:
    """`UserLookup` in memory.

    Attributes:
        users: by uid.
        fails: Google cannot be reached.
        asked: the uids of each look-up.
        gate: look-ups wait for it.
    """

    def __init__(self, *users: FirebaseUser) -> None:
        self.users = {user.uid: user for user in users}
        self.fails = False
        self.asked: list[tuple[str, ...]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def get(self, uids: Collection[str]) -> Mapping[str, FirebaseUser]:
        self.asked.append(tuple(uids))
        await self.gate.wait()
        if self.fails:
            raise FirebaseUnavailable("Firebase cannot be reached from this machine")
        return {uid: self.users[uid] for uid in uids if uid in self.users}


def user(uid: str = "ana-1", *, disabled: bool = False, valid_after: int = 0, **claims: object) -> FirebaseUser:
    """An admin of all stores, unless there are other claims."""
    return FirebaseUser(
        uid=uid,
        email="ana@example.com",
        name="Ana",
        email_verified=True,
        disabled=disabled,
        claims=claims or {"role": "ADMIN"},
        valid_after=valid_after,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@asynccontextmanager
async def application(project: FirebaseProject = FIREBASE) -> AsyncGenerator[firebase_admin.App, None]:
    app = open_application(project)
    try:
        yield app
    finally:
        firebase_admin.delete_app(app)


@asynccontextmanager
async def tokens_for(certificates: Certificates | None, time: Time) -> AsyncGenerator[Tokens, None]:
    """`Tokens` that are closed, and certificates too."""
    async with application() as app:
        tokens = Tokens(app, certificates, time.clock)
        try:
            yield tokens
        finally:
            tokens.close()
            if certificates is not None:
                await certificates.close()


def verifier_of(
    tokens: Tokens, users: UserLookup | None, time: Time, project: FirebaseProject = FIREBASE
) -> FirebaseVerifier:
    return FirebaseVerifier(tokens, users, project, clock=time.clock, monotonic=time.monotonic)


async def refused(verifier: TokenVerifier | Tokens, token: str) -> AuthErrorCode:
    """The code with which `token` is refused, in words that hold nothing of it."""
    with pytest.raises(AuthFailure) as raised:
        await verifier.verify(token)
    shown = "".join(traceback.format_exception(raised.value))
    assert not any(len(part) > 8 and part in shown for part in token.split("."))
    return raised.value.code
