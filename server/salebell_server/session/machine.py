"""One connection as the protocol sees it: inputs in, effects out.

    AWAITING_AUTH ──auth──> VERIFYING ──Verified──> OPENING ──Opened──> OPEN ──auth──> RENEWING ──Verified──> REREADING
                                                                         ^ <──auth_unavailable──┘                 |
                                                                         └──────────────────Opened────────────────┘

While the log is away, where the server can live without it:

    OPENING, REREADING ──LogAway──> DEFERRED ──Restored──> REOPENING ──Opened──> OPEN
    OPEN ──────────────Deferred───────^ ^ ^──────LogAway──────┘
    RENEWING ──Deferred──> RENEWING_DEFERRED: ──Verified, auth_unavailable──> DEFERRED ──auth──> RENEWING_DEFERRED

and from everywhere to CLOSED, where every input is ignored. `Session.TABLE` says what may happen in which state;
anything else is a fault of the caller, raises `IllegalInput` and changes nothing.

Rules that the wire contract leaves open:

- An `auth` that comes while another is still being answered waits, and is answered after it as a renewal. One waits
  at most: a later one takes its place, so that one answer serves both.
- `auth_unavailable` for a renewal is told by `auth_error`, and no close follows until `expires_at`.
- While the log is away no token counts as expired. Whose token then is over, or within a minute, has a minute from the
  moment the log is back, and is told so.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import msgspec

from salebell_protocol import AUTH_TIMEOUT_SECONDS, HEARTBEAT_SECONDS, PROTOCOL_VERSION, SILENCE_SECONDS
from salebell_protocol.close_codes import CloseCode
from salebell_protocol.codec import decode_client
from salebell_protocol.errors import MalformedMessage, UnknownMessageType
from salebell_protocol.events import Position
from salebell_protocol.messages import (
    AdminIdentity,
    Auth,
    AuthError,
    AuthErrorCode,
    AuthExpiring,
    AuthSuccess,
    ErrorCode,
    ErrorMessage,
    Ping,
    Pong,
    Recovery,
    Seen,
    Welcome,
)
from salebell_protocol.text import plain
from salebell_server.log import Reading
from salebell_server.session import refusals
from salebell_server.session.allowance import Allowance
from salebell_server.session.effects import (
    Answer,
    Attach,
    Close,
    Effect,
    Enter,
    Open,
    Postpone,
    Reread,
    See,
    Send,
    Verify,
)
from salebell_server.session.grants import NOBODY, Grant, choose_store
from salebell_server.session.inputs import (
    Binary,
    Crowded,
    Deferred,
    Input,
    Judged,
    LogAway,
    LogFailed,
    Looked,
    Opened,
    Overhead,
    Refused,
    Restored,
    SeeFailed,
    Stopped,
    Text,
    Tick,
    Verified,
)
from salebell_server.session.states import ASKING, AWAY, EVERY, FOLLOWING, NOT_SIGNED_IN, SIGNED_IN, State

EXPIRING_SECONDS = 300
"""How long before `expires_at` the client is told."""

ANSWER_SECONDS = 30
"""How long the verifier and the log together may take for a first sign-in."""

GRACE_SECONDS = 60
"""How long a token lasts at the least after the log is back: it could not be renewed before."""

Effects = tuple[Effect, ...]
Handler = Callable[[Any, Any, float, float], Effects]


def _in(states: tuple[State, ...], handler: Handler) -> dict[State, Handler]:
    return dict.fromkeys(states, handler)


class IllegalInput(Exception):
    """An input that cannot come in this state: a fault of the caller, not of the client."""


def welcome(server: str) -> Welcome:
    """The server's first word.

    Args:
        server: name and version, such as "salebell/1.0.0".
    """
    return Welcome(
        protocol=PROTOCOL_VERSION, server=server, heartbeat=HEARTBEAT_SECONDS, auth_timeout=AUTH_TIMEOUT_SECONDS
    )


class Session:
    """The server's side of one connection.

    Args:
        now: loop seconds.

    Attributes:
        state: read-only.
        deadline: loop seconds at which `Tick` is due, at the latest.
        grant: who is signed in, and to which store, from OPENING on; until then NOBODY.
    """

    __slots__ = (
        "_allowance", "_device", "_epoch", "_grace", "_heard", "_notified", "_requested", "_resume", "_since",
        "_successor", "_waiting", "deadline", "grant", "state",
    )  # fmt: skip

    def __init__(self, now: float) -> None:
        self.state = State.AWAITING_AUTH
        self.grant = NOBODY
        self.deadline = now + AUTH_TIMEOUT_SECONDS
        self._allowance = Allowance(now)
        self._heard = now
        self._since = now
        self._requested: str | None = None
        self._resume: Position | None = None
        self._device = ""
        self._waiting: Auth | None = None
        self._successor = NOBODY
        self._epoch = ""
        self._notified = False
        self._grace = now

    def feed(self, given: Input, now: float, unix: float) -> Effects:
        """Tell the session what happened.

        Args:
            given: what happened.
            now: loop seconds; never goes back.
            unix: seconds since 1970, for the expiry of tokens.

        Raises:
            IllegalInput: it cannot happen in this state.
        """
        if self.state is State.CLOSED:
            return ()
        effects = self._handle(given, now, unix)
        self._set_deadline(now, unix)
        return effects

    def _handle(self, given: Any, now: float, unix: float) -> Effects:
        handler = self.TABLE[type(given)].get(self.state)
        if handler is None:
            raise IllegalInput(f"{type(given).__name__} while {self.state.value}")
        return handler(self, given, now, unix)

    def _set_deadline(self, now: float, unix: float) -> None:
        match self.state:
            case State.AWAITING_AUTH:
                self.deadline = self._since + AUTH_TIMEOUT_SECONDS
            case State.VERIFYING | State.OPENING:
                self.deadline = self._since + ANSWER_SECONDS
            case _:
                self.deadline = min(self._heard + SILENCE_SECONDS, self._expiry(now, unix))

    def _expiry(self, now: float, unix: float) -> float:
        """When the client is to be told that its token runs out, or closed because it has."""
        left = self.grant.admin.expires_at - unix
        if not self._notified:
            return now + max(0.0, left - EXPIRING_SECONDS)
        return float("inf") if self.state in AWAY else max(self._grace, now + left)

    # Frames.

    def _text(self, given: Text, now: float, unix: float) -> Effects:
        if refused := self._count(now):
            return refused
        try:
            message = decode_client(given.payload.decode())
        except UnicodeDecodeError:
            return self._close(refusals.INVALID_TEXT, "text that is not UTF-8")
        except MalformedMessage as malformed:
            return self._malformed(str(malformed))
        except UnknownMessageType as unknown:
            return (Send(ErrorMessage(code=ErrorCode.UNKNOWN_TYPE, message=str(unknown))),)
        if isinstance(message, Seen):
            offset = given.delivered if message.offset is None else message.offset
            return self._handle(Looked(message.epoch, offset), now, unix)
        return self._handle(message, now, unix)

    def _binary(self, _: Binary, now: float, _unix: float) -> Effects:
        return self._count(now) or self._malformed(refusals.BINARY)

    def _overhead(self, _: Overhead, now: float, _unix: float) -> Effects:
        return self._count(now)

    def _count(self, now: float) -> Effects:
        self._heard = now
        return () if self._allowance.take(now) else self._too_many(refusals.FLOOD)

    # The client's messages.

    def _sign_in(self, auth: Auth, now: float, _unix: float) -> Effects:
        self._requested, self._resume = auth.store, auth.resume
        return self._ask(State.VERIFYING, auth, now)

    def _renew(self, auth: Auth, now: float, _unix: float) -> Effects:
        if auth.store not in (None, self.grant.store):
            return self._malformed(refusals.ANOTHER_STORE)
        return self._ask(State.RENEWING if self.state is State.OPEN else State.RENEWING_DEFERRED, auth, now)

    def _ask(self, state: State, auth: Auth, now: float) -> Effects:
        self.state = state
        self._since = now
        self._device = plain(auth.device or "")
        return (Verify(auth.token),)

    def _wait(self, auth: Auth, _now: float, _unix: float) -> Effects:
        self._waiting = auth
        return ()

    def _ping(self, ping: Ping, _now: float, _unix: float) -> Effects:
        return (Send(Pong(id=ping.id)),)

    def _unauthenticated(self, _: Looked, _now: float, _unix: float) -> Effects:
        return (Send(ErrorMessage(code=ErrorCode.NOT_AUTHENTICATED, message=refusals.UNAUTHENTICATED)),)

    def _see(self, looked: Looked, _now: float, _unix: float) -> Effects:
        epoch = self._epoch if looked.epoch is None else looked.epoch
        return (See(self.grant.store, self.grant.admin.uid, epoch, looked.offset),)

    def _cannot_see(self, _: Looked, _now: float, _unix: float) -> Effects:
        return (Send(ErrorMessage(code=ErrorCode.LOG_UNAVAILABLE, message=refusals.LOG_AWAY)),)

    # Answers to questions.

    def _verified(self, given: Verified, _now: float, _unix: float) -> Effects:
        store = choose_store(self._requested, given.admin, given.stores)
        if store is None:
            return self._deny(AuthErrorCode.STORE_FORBIDDEN, refusals.store_forbidden(self._requested))
        self.state = State.OPENING
        self.grant = Grant(given.admin, store, given.stores, self._device)
        return (Open(store, given.admin.uid, self._resume),)

    def _renewed(self, given: Verified, now: float, unix: float) -> Effects:
        store = self.grant.store
        if given.admin.uid != self.grant.admin.uid:
            return self._malformed(refusals.ANOTHER_ADMIN)
        if not given.admin.may_open(store):
            return self._deny(AuthErrorCode.STORE_FORBIDDEN, refusals.store_forbidden(store))
        self._successor = Grant(given.admin, store, given.stores, self._device)
        if self.state is State.RENEWING_DEFERRED:
            return (*self._succeed(State.DEFERRED, None, unix), *self._settle(now, unix))
        self.state = State.REREADING
        return (Reread(store, given.admin.uid),)

    def _succeed(self, state: State, reading: Reading | None, unix: float) -> Effects:
        """The renewal is done: the answer to it."""
        self.state = state
        self.grant, self._successor, self._notified = self._successor, NOBODY, False
        return (Answer(self._success(reading, Recovery.COMPLETE, unix)),)

    def _opened(self, given: Opened, now: float, unix: float) -> Effects:
        attach = self._open(given.reading)
        success = self._success(given.reading, given.reading.recovery, unix)
        return (Answer(success), Enter(), attach, *self._settle(now, unix))

    def _reread(self, given: Opened, now: float, unix: float) -> Effects:
        return (*self._succeed(State.OPEN, given.reading, unix), *self._settle(now, unix))

    def _reopened(self, given: Opened, now: float, unix: float) -> Effects:
        if given.stores is not None:
            self.grant = msgspec.structs.replace(self.grant, stores=given.stores)
        attach = self._open(given.reading)
        success = self._success(given.reading, given.reading.recovery, unix)
        return (Send(success), attach, *self._be_lenient(now, unix), *self._settle(now, unix))

    def _open(self, reading: Reading) -> Attach:
        resume, self._resume = self._resume, None
        self.state = State.OPEN
        self._epoch = reading.position.epoch
        if reading.recovery is Recovery.COMPLETE and resume is not None:
            return Attach(reading.position, resume)
        return Attach(reading.position, reading.position)

    def _be_lenient(self, now: float, unix: float) -> Effects:
        admin = self.grant.admin
        if admin.expires_at >= unix + GRACE_SECONDS:
            return ()
        self._notified = True
        self._grace = now + GRACE_SECONDS
        return (Send(AuthExpiring(expires_at=admin.expires_at)),)

    def _success(self, reading: Reading | None, recovery: Recovery, unix: float) -> AuthSuccess:
        """Without a reading: `deferred`."""
        admin = self.grant.admin
        return AuthSuccess(
            admin=AdminIdentity(uid=admin.uid, email=admin.email, name=admin.name),
            store=self.grant.store,
            stores=self.grant.stores,
            position=None if reading is None else reading.position,
            unread=None if reading is None else reading.unread,
            seen=None if reading is None else reading.seen,
            expires_at=admin.expires_at,
            server_time=int(unix),
            recovery=Recovery.DEFERRED if reading is None else recovery,
        )

    def _settle(self, now: float, unix: float) -> Effects:
        """An `auth` has been answered: take up the one that waits."""
        waiting, self._waiting = self._waiting, None
        return () if waiting is None else self._renew(waiting, now, unix)

    def _refused(self, given: Refused, _now: float, _unix: float) -> Effects:
        return self._deny(given.code, given.message)

    def _not_renewed(self, given: Refused, now: float, unix: float) -> Effects:
        if given.code is not AuthErrorCode.AUTH_UNAVAILABLE:
            return self._deny(given.code, given.message)
        self.state = State.OPEN if self.state is State.RENEWING else State.DEFERRED
        return (Send(AuthError(code=given.code, message=given.message)), *self._settle(now, unix))

    def _crowded(self, given: Crowded, _now: float, _unix: float) -> Effects:
        return self._too_many(given.message)

    def _log_failed(self, _: LogFailed, _now: float, _unix: float) -> Effects:
        error = Send(ErrorMessage(code=ErrorCode.LOG_UNAVAILABLE, message=refusals.LOG_UNAVAILABLE))
        return (error, *self._close(CloseCode.SERVICE_RESTART, refusals.LOG_UNAVAILABLE))

    def _see_failed(self, given: SeeFailed, _now: float, _unix: float) -> Effects:
        ahead = given.code is ErrorCode.POSITION_AHEAD
        message = refusals.AHEAD if ahead else refusals.LOG_UNAVAILABLE
        return (Send(ErrorMessage(code=given.code, message=message)),)

    # The log is away, and back.

    def _not_opened(self, _: LogAway, now: float, unix: float) -> Effects:
        self.state = State.DEFERRED
        return (Answer(self._success(None, Recovery.DEFERRED, unix)), Enter(), Postpone(), *self._settle(now, unix))

    def _not_reread(self, given: LogAway, now: float, unix: float) -> Effects:
        self._resume = Position(self._epoch, given.offset, given.event_id)
        return (*self._succeed(State.DEFERRED, None, unix), Postpone(), *self._settle(now, unix))

    def _not_reopened(self, _: LogAway, now: float, unix: float) -> Effects:
        self.state = State.DEFERRED
        return (Postpone(), *self._settle(now, unix))

    def _defer(self, given: Deferred, _now: float, unix: float) -> Effects:
        self.state = State.DEFERRED if self.state is State.OPEN else State.RENEWING_DEFERRED
        self._resume = Position(self._epoch, given.offset, given.event_id)
        return (Send(self._success(None, Recovery.DEFERRED, unix)), Postpone())

    def _restore(self, _: Restored, _now: float, _unix: float) -> Effects:
        self.state = State.REOPENING
        return (Open(self.grant.store, self.grant.admin.uid, self._resume),)

    def _ignore(self, _: Input, _now: float, _unix: float) -> Effects:
        return ()

    # Time, and what is done to a connection.

    def _late(self, _: Tick, now: float, _unix: float) -> Effects:
        if now < self._since + AUTH_TIMEOUT_SECONDS:
            return ()
        return self._deny(AuthErrorCode.AUTH_TIMEOUT, refusals.NO_TOKEN_IN_TIME)

    def _unanswered(self, _: Tick, now: float, _unix: float) -> Effects:
        if now < self._since + ANSWER_SECONDS:
            return ()
        return self._deny(AuthErrorCode.AUTH_UNAVAILABLE, refusals.NO_ANSWER)

    def _aged(self, _: Tick, now: float, unix: float) -> Effects:
        admin = self.grant.admin
        if unix >= admin.expires_at and now >= self._grace and self.state not in AWAY:
            return self._deny(AuthErrorCode.TOKEN_EXPIRED, refusals.EXPIRED)
        if now >= self._heard + SILENCE_SECONDS:
            return self._close(CloseCode.GOING_AWAY, refusals.SILENT)
        if not self._notified and unix >= admin.expires_at - EXPIRING_SECONDS:
            self._notified = True
            return (Send(AuthExpiring(expires_at=admin.expires_at)),)
        return ()

    def _judged(self, given: Judged, _now: float, _unix: float) -> Effects:
        verdict = given.verdict
        refusal = verdict.on(self.grant.admin)
        if refusal is not None:
            revoked = refusal is AuthErrorCode.REVOKED
            return self._deny(refusal, refusals.REVOKED if revoked else refusals.ROLE_GONE)
        if verdict.stores is not None and self.grant.store not in verdict.stores:
            return self._deny(AuthErrorCode.STORE_FORBIDDEN, refusals.STORE_GONE)
        return ()

    def _stopped(self, _: Stopped, _now: float, _unix: float) -> Effects:
        return self._close(CloseCode.SERVICE_RESTART, refusals.STOPPING)

    # Ends.

    def _deny(self, code: AuthErrorCode, message: str) -> Effects:
        return (Send(AuthError(code=code, message=message)), *self._close(refusals.CLOSES[code], code.value))

    def _malformed(self, message: str) -> Effects:
        error = Send(ErrorMessage(code=ErrorCode.MALFORMED, message=message))
        return (error, *self._close(CloseCode.PROTOCOL_ERROR, ErrorCode.MALFORMED.value))

    def _too_many(self, message: str) -> Effects:
        error = Send(ErrorMessage(code=ErrorCode.RATE_LIMITED, message=message))
        return (error, *self._close(CloseCode.TOO_MANY, ErrorCode.RATE_LIMITED.value))

    def _close(self, code: int, reason: str) -> Effects:
        self.state = State.CLOSED
        self._waiting = None
        return (Close(code, reason),)

    # What may happen in which state, and what it does. In CLOSED everything is ignored.
    TABLE: ClassVar[Mapping[type, Mapping[State, Handler]]] = {
        Text: _in(EVERY, _text),
        Binary: _in(EVERY, _binary),
        Overhead: _in(EVERY, _overhead),
        Auth: {
            State.AWAITING_AUTH: _sign_in,
            **_in((State.OPEN, State.DEFERRED), _renew),
            **_in(ASKING, _wait),
        },
        Ping: _in(EVERY, _ping),
        Looked: _in(NOT_SIGNED_IN, _unauthenticated) | _in(FOLLOWING, _see) | _in(AWAY, _cannot_see),
        Verified: {State.VERIFYING: _verified, **_in((State.RENEWING, State.RENEWING_DEFERRED), _renewed)},
        Refused: {State.VERIFYING: _refused, **_in((State.RENEWING, State.RENEWING_DEFERRED), _not_renewed)},
        Opened: {State.OPENING: _opened, State.REREADING: _reread, State.REOPENING: _reopened},
        Crowded: _in((State.VERIFYING, State.OPENING, State.RENEWING, State.RENEWING_DEFERRED), _crowded),
        LogFailed: _in((State.VERIFYING, State.OPENING, State.RENEWING, State.REREADING), _log_failed),
        LogAway: {State.OPENING: _not_opened, State.REREADING: _not_reread, State.REOPENING: _not_reopened},
        Deferred: _in(EVERY, _ignore) | _in((State.OPEN, State.RENEWING), _defer),
        Restored: _in(EVERY, _ignore) | {State.DEFERRED: _restore},
        SeeFailed: _in(SIGNED_IN, _see_failed),
        Judged: _in(SIGNED_IN, _judged),
        Tick: {
            State.AWAITING_AUTH: _late,
            **_in((State.VERIFYING, State.OPENING), _unanswered),
            **_in(SIGNED_IN, _aged),
        },
        Stopped: _in(EVERY, _stopped),
    }
