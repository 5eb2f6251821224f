"""What each input does: pure functions of what is known, the input, the time and a random number."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from salebell_desktop.connection import backoff, reasons
from salebell_desktop.connection.effects import (
    CancelDial,
    CancelRefresh,
    CloseSocket,
    Dial,
    Effect,
    ForceRefresh,
    ForgetCredentials,
    SendAuth,
    SendPing,
    ShowSignIn,
)
from salebell_desktop.connection.facts import (
    AUTH_TIMEOUT,
    DIAL_TIMEOUT,
    EARLY,
    LATE,
    PROBE_TIMEOUT,
    SILENT_INTERVALS,
    STABLE,
    Facts,
    Moment,
    State,
)
from salebell_desktop.connection.inputs import Closed, DialFailed, Input, RefreshFailed, Welcomed
from salebell_protocol import HEARTBEAT_SECONDS, PROTOCOL_VERSION
from salebell_protocol.close_codes import CloseCode
from salebell_protocol.messages import AuthErrorCode

Step = tuple[Facts, tuple[Effect, ...]]
Transition = Callable[[Facts, Any, Moment], Step]

_SILENCE = SILENT_INTERVALS * HEARTBEAT_SECONDS
_SIGNED_IN = (State.CONNECTED, State.RENEWING)


def stay(facts: Facts, _event: Input, _moment: Moment) -> Step:
    """It changes nothing."""
    return facts, ()


# Ways on: what every transition ends in.


def _dial(facts: Facts, moment: Moment, *before: Effect) -> Step:
    due = moment.now + DIAL_TIMEOUT
    if facts.token_stale:
        return replace(facts, state=State.REFRESHING, due=due), (*before, ForceRefresh())
    return replace(facts, state=State.DIALLING, due=due), (*before, Dial())


def _wait(facts: Facts, seconds: float, reason: str, moment: Moment, *before: Effect) -> Step:
    state = State.DISCONNECTED if facts.failures >= backoff.ATTEMPTS else State.WAITING
    return replace(facts, state=state, due=moment.now + seconds, reason=reason), before


def _back_off(facts: Facts, reason: str, moment: Moment, *before: Effect) -> Step:
    return _wait(facts, backoff.delay(facts.failures, moment.jitter), reason, moment, *before)


def _refuse(facts: Facts, reason: str, *before: Effect) -> Step:
    return replace(facts, state=State.REFUSED, due=None, reason=reason), before


def _end(reason: str, *before: Effect) -> Step:
    return Facts(reason=reason), (*before, ShowSignIn(reason))


def _failed(facts: Facts) -> Facts:
    return replace(facts, failures=facts.failures + 1)


def _settled(facts: Facts, moment: Moment) -> Facts:
    """With the failures of the past forgotten, if this connection has been stable."""
    if moment.now - facts.authenticated_at < STABLE:
        return facts
    return replace(facts, failures=0, token_stale=False, retried=frozenset())


def _lost(facts: Facts, moment: Moment) -> Facts:
    """The socket is gone: a failed attempt, unless the connection was stable."""
    stable = facts.state in _SIGNED_IN and moment.now - facts.authenticated_at >= STABLE
    facts = replace(facts, probing=False, renew=False, resend=False)
    return _settled(facts, moment) if stable else _failed(facts)


def _open_ends(facts: Facts) -> tuple[Effect, ...]:
    """What to give up when an open socket is left."""
    return (CancelRefresh(), CloseSocket()) if facts.state is State.RENEWING else (CloseSocket(),)


# Signing in and out.


def sign_in(_facts: Facts, _event: Input, moment: Moment) -> Step:
    """Somebody signed in."""
    return _dial(Facts(), moment)


def sign_out(_facts: Facts, _event: Input, _moment: Moment) -> Step:
    """Nobody is signed in any more, and nothing is under way."""
    return Facts(), ()


def sign_out_dialling(_facts: Facts, _event: Input, _moment: Moment) -> Step:
    """The same, while dialling."""
    return Facts(), (CancelDial(),)


def sign_out_refreshing(_facts: Facts, _event: Input, _moment: Moment) -> Step:
    """The same, while another token is fetched."""
    return Facts(), (CancelRefresh(),)


def sign_out_open(facts: Facts, _event: Input, _moment: Moment) -> Step:
    """The same, on an open socket."""
    return Facts(), _open_ends(facts)


# Dialling.


def dialled(facts: Facts, _event: Input, moment: Moment) -> Step:
    """The socket is open."""
    opened = replace(facts, state=State.AUTHENTICATING, due=moment.now + AUTH_TIMEOUT, heard_at=moment.now)
    return opened, (SendAuth(resume=True),)


def dial_failed(facts: Facts, event: DialFailed, moment: Moment) -> Step:
    """The server was not reached."""
    return _back_off(_failed(facts), event.reason or reasons.UNREACHABLE, moment)


def dial_timed_out(facts: Facts, _event: Input, moment: Moment) -> Step:
    """The dial hangs."""
    return _back_off(_failed(facts), reasons.UNREACHABLE, moment, CancelDial())


def no_token(facts: Facts, event: RefreshFailed, moment: Moment) -> Step:
    """There is no token to dial with."""
    if event.final:
        return _end(event.reason or reasons.SIGN_IN_AGAIN, ForgetCredentials())
    return _back_off(_failed(facts), event.reason or reasons.UNREACHABLE, moment)


def token_at_hand(facts: Facts, _event: Input, moment: Moment) -> Step:
    """Another token was fetched after the last one was not accepted."""
    return _dial(replace(facts, token_stale=False), moment)


def refresh_timed_out(facts: Facts, _event: Input, moment: Moment) -> Step:
    """Fetching another token hangs."""
    return _back_off(_failed(facts), reasons.UNREACHABLE, moment, CancelRefresh())


def attempt_due(facts: Facts, _event: Input, moment: Moment) -> Step:
    """The wait is over."""
    return _dial(facts, moment)


def at_once(facts: Facts, _event: Input, moment: Moment) -> Step:
    """No more waiting: something changed, or somebody asks."""
    return _dial(replace(facts, failures=0), moment)


def dial_again(facts: Facts, _event: Input, moment: Moment) -> Step:
    """The same while a dial is under way, which may hang in a network that is gone."""
    return _dial(replace(facts, failures=0), moment, CancelDial())


def start_over(facts: Facts, _event: Input, moment: Moment) -> Step:
    """The same on an open socket, which may be dead."""
    return _dial(replace(facts, failures=0, probing=False, renew=False, resend=False), moment, *_open_ends(facts))


# On an open socket.


def welcomed(facts: Facts, event: Welcomed, moment: Moment) -> Step:
    """The server said which protocol it speaks."""
    if event.protocol != PROTOCOL_VERSION:
        return _refuse(facts, reasons.NEWER_SERVER, *_open_ends(facts))
    return heard(facts, event, moment)


def authenticated(facts: Facts, _event: Input, moment: Moment) -> Step:
    """Signed in."""
    connected = replace(
        facts, state=State.CONNECTED, reason="", heard_at=moment.now, authenticated_at=moment.now, renew=False
    )
    return _beat_next(replace(connected, ping_at=moment.now + HEARTBEAT_SECONDS)), ()


def heard(facts: Facts, _event: Input, moment: Moment) -> Step:
    """A message came."""
    facts = replace(facts, heard_at=moment.now)
    return (_beat_next(replace(facts, probing=False)) if facts.probing else facts), ()


def answer_overdue(facts: Facts, _event: Input, moment: Moment) -> Step:
    """No answer to the first `auth`."""
    return _back_off(_lost(facts, moment), reasons.SILENT, moment, CloseSocket())


def out_of_place(facts: Facts, _event: Input, moment: Moment) -> Step:
    """Events are missing: only a new connection resumes."""
    return _back_off(_lost(facts, moment), reasons.GAP, moment, *_open_ends(facts))


def heartbeat(facts: Facts, _event: Input, moment: Moment) -> Step:
    """It is time for a `ping`, or nothing was heard for too long."""
    due = moment.now if facts.due is None else facts.due
    if facts.probing:
        return start_over(replace(facts, reason=reasons.SILENT), _event, moment)
    if moment.now - due > LATE:
        return probe(facts, _event, moment)
    if moment.now >= facts.heard_at + _SILENCE - EARLY:
        return _back_off(_lost(facts, moment), reasons.SILENT, moment, *_open_ends(facts))
    facts = _beat_next(replace(_settled(facts, moment), ping_at=moment.now + HEARTBEAT_SECONDS))
    if facts.renew and facts.state is State.CONNECTED:
        return replace(facts, state=State.RENEWING, renew=False), (SendPing(), ForceRefresh())
    if facts.resend and facts.state is State.CONNECTED:
        return replace(facts, resend=False), (SendPing(), SendAuth(resume=False))
    return facts, (SendPing(),)


def probe(facts: Facts, _event: Input, moment: Moment) -> Step:
    """The link may be dead after a sleep or a change of network: ask."""
    return replace(facts, probing=True, due=moment.now + PROBE_TIMEOUT), (SendPing(),)


def _beat_next(facts: Facts) -> Facts:
    return replace(facts, due=min(facts.ping_at, facts.heard_at + _SILENCE))


# Renewing the sign-in on the open socket.


def expiring(facts: Facts, event: Input, moment: Moment) -> Step:
    """The token runs out soon."""
    facts, _ = heard(facts, event, moment)
    return replace(facts, state=State.RENEWING), (ForceRefresh(),)


def postponed(facts: Facts, event: Input, moment: Moment) -> Step:
    """The server could not check the fresh token, which may be good all the same: the next heartbeat sends it again."""
    facts, _ = heard(facts, event, moment)
    return replace(facts, resend=True), ()


def renew(facts: Facts, _event: Input, _moment: Moment) -> Step:
    """A fresh token is at hand."""
    return replace(facts, state=State.CONNECTED, resend=False), (SendAuth(resume=False),)


def not_renewed(facts: Facts, event: RefreshFailed, _moment: Moment) -> Step:
    """No fresh token. The socket stays open as long as the server lets it, and the next heartbeat tries again."""
    if event.final:
        return _end(event.reason or reasons.SIGN_IN_AGAIN, CloseSocket(), ForgetCredentials())
    return replace(facts, state=State.CONNECTED, renew=True), ()


# The table of close codes, docs/protocol.md.


def closed(facts: Facts, event: Closed, moment: Moment) -> Step:
    """The server, or the network, ended the connection."""
    before: tuple[Effect, ...] = (CancelRefresh(),) if facts.state is State.RENEWING else ()
    reason = reasons.closed(event.code, event.error)
    lost = _lost(facts, moment)
    match event.code:
        case CloseCode.NOT_ADMIN if event.error is AuthErrorCode.NOT_ADMIN:
            # Whatever the store: the role is gone, and only signing in afresh brings a token that has it again.
            return _end(reason, *before, ForgetCredentials())
        case CloseCode.PROTOCOL_ERROR | CloseCode.TOO_BIG | CloseCode.NOT_ADMIN:
            return _refuse(lost, reason, *before)
        case CloseCode.REVOKED:
            return _end(reason, *before, ForgetCredentials())
        case CloseCode.TOKEN_INVALID if CloseCode.TOKEN_INVALID in lost.retried:
            return _end(reason, *before)
        case CloseCode.TOKEN_EXPIRED if CloseCode.TOKEN_EXPIRED in lost.retried:
            return _back_off(replace(lost, token_stale=True), reason, moment, *before)
        case CloseCode.TOKEN_INVALID | CloseCode.TOKEN_EXPIRED:
            retried = lost.retried | {int(event.code)}
            return _dial(replace(lost, token_stale=True, retried=retried, reason=reason), moment, *before)
        case CloseCode.TOO_MANY:
            return _wait(lost, backoff.long_delay(lost.failures, moment.jitter), reason, moment, *before)
        case CloseCode.GOING_AWAY | CloseCode.SERVICE_RESTART:
            return _wait(lost, backoff.restart_delay(lost.failures, moment.jitter), reason, moment, *before)
        case _:
            return _back_off(lost, reason, moment, *before)
