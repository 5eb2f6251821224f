"""Signing in, renewing, and losing the right to be there."""

import pytest

from salebell_protocol.events import Position
from salebell_protocol.messages import (
    AdminIdentity,
    Auth,
    AuthError,
    AuthErrorCode,
    AuthSuccess,
    ErrorCode,
    ErrorMessage,
    Recovery,
)
from salebell_server.auth import Verdict
from salebell_server.session.effects import Answer, Attach, Enter, Open, Reread, Send, Verify
from salebell_server.session.grants import NOBODY
from salebell_server.session.inputs import Crowded, Judged, LogFailed, Opened, Refused, Verified
from salebell_server.session.states import SIGNED_IN, State
from tests.server.session.desk import TOKEN, TOP, UNIX, Desk, admin, closed, reading, sent

STORES = ("main", "north")
CODES = [
    (AuthErrorCode.TOKEN_INVALID, 4401),
    (AuthErrorCode.TOKEN_EXPIRED, 4419),
    (AuthErrorCode.NOT_ADMIN, 4403),
    (AuthErrorCode.REVOKED, 4423),
    (AuthErrorCode.STORE_FORBIDDEN, 4403),
    (AuthErrorCode.AUTH_UNAVAILABLE, 4503),
]


def test_a_sign_in_from_auth_to_events() -> None:
    desk = Desk()
    assert desk.session.grant is NOBODY
    assert desk.say(Auth(token=TOKEN, store="north", device="till\n3")) == (Verify(TOKEN),)
    assert desk.feed(Verified(admin(), STORES)) == (Open("north", "u1", None),)
    assert desk.feed(Opened(reading())) == (
        Answer(
            AuthSuccess(
                admin=AdminIdentity("u1", "ana@example.com", "Ana"),
                store="north",
                stores=STORES,
                position=TOP,
                unread=2,
                seen=3,
                expires_at=int(UNIX) + 3600,
                server_time=int(UNIX),
                recovery=Recovery.FRESH,
            )
        ),
        Enter(),
        Attach(TOP, TOP),
    )
    assert desk.session.grant.device == "till 3"


@pytest.mark.parametrize(
    ("stores", "listed", "asked", "opened"),
    [
        (frozenset({"main", "north"}), ("main", "north"), None, "main"),
        (frozenset({"north", "south"}), ("north", "south"), None, "north"),
        (frozenset({"north", "south"}), ("north", "south"), "south", "south"),
        (None, ("main", "north"), None, "main"),
        (None, ("main", "north"), "brand-new", "brand-new"),
    ],
)
def test_which_store_is_opened(
    stores: frozenset[str] | None, listed: tuple[str, ...], asked: str | None, opened: str
) -> None:
    desk = Desk()
    desk.say(Auth(token=TOKEN, store=asked))
    assert desk.feed(Verified(admin(stores=stores), listed)) == (Open(opened, "u1", None),)


@pytest.mark.parametrize(
    ("stores", "listed", "asked"),
    [(frozenset({"north"}), ("north",), "main"), (frozenset[str](), (), None), (frozenset[str](), (), "main")],
)
def test_a_store_of_somebody_else_is_forbidden(
    stores: frozenset[str], listed: tuple[str, ...], asked: str | None
) -> None:
    desk = Desk()
    desk.say(Auth(token=TOKEN, store=asked))
    effects = desk.feed(Verified(admin(stores=stores), listed))
    (error,) = sent(effects)
    assert isinstance(error, AuthError)
    assert error.code is AuthErrorCode.STORE_FORBIDDEN
    assert closed(effects) == 4403


@pytest.mark.parametrize("recovery", [Recovery.FRESH, Recovery.RESET, Recovery.COMPLETE])
def test_events_follow_the_resume_only_when_it_is_complete(recovery: Recovery) -> None:
    resume = Position("epoch-1", 4, "created:4")
    desk = Desk()
    desk.say(Auth(token=TOKEN, resume=resume))
    assert desk.feed(Verified(admin(), STORES)) == (Open("main", "u1", resume),)
    success, _, attach = desk.feed(Opened(reading(recovery)))
    assert isinstance(success, Answer)
    assert isinstance(success.message, AuthSuccess)
    assert success.message.recovery is recovery
    assert attach == Attach(TOP, resume if recovery is Recovery.COMPLETE else TOP)


@pytest.mark.parametrize(("code", "close"), CODES)
def test_a_refused_sign_in_is_told_and_closed(code: AuthErrorCode, close: int) -> None:
    desk = Desk().bring_to(State.VERIFYING)
    effects = desk.feed(Refused(code, "because"))
    assert sent(effects) == [AuthError(code=code, message="because")]
    assert closed(effects) == close


@pytest.mark.parametrize("state", [State.VERIFYING, State.OPENING, State.RENEWING, State.RENEWING_DEFERRED])
def test_too_many_attempts_or_sockets_are_told_and_closed(state: State) -> None:
    effects = Desk().bring_to(state).feed(Crowded("too many of them"))
    assert sent(effects) == [ErrorMessage(code=ErrorCode.RATE_LIMITED, message="too many of them")]
    assert closed(effects) == 4429


@pytest.mark.parametrize("state", [State.VERIFYING, State.OPENING, State.RENEWING, State.REREADING])
def test_a_log_that_cannot_be_read_sends_the_client_away_for_a_while(state: State) -> None:
    effects = Desk().bring_to(state).feed(LogFailed())
    (error,) = sent(effects)
    assert isinstance(error, ErrorMessage)
    assert error.code is ErrorCode.LOG_UNAVAILABLE
    assert closed(effects) == 1012


def test_a_renewal_is_answered_with_fresh_figures_and_moves_nothing() -> None:
    desk = Desk().bring_to(State.OPEN)
    resume = Position("epoch-0", 1, "x")
    assert desk.say(Auth(token="another", store="main", resume=resume, device="new")) == (Verify("another"),)
    renewed = admin(expires_at=int(UNIX) + 7200, name="Ana María", stores=None)
    assert desk.feed(Verified(renewed, ("main", "south"))) == (Reread("main", "u1"),)
    assert desk.session.grant.admin.expires_at == int(UNIX) + 3600
    later = Position("epoch-1", 9, "created:9")
    (success,) = desk.feed(Opened(reading(Recovery.FRESH, later)))
    assert isinstance(success, Answer)
    assert isinstance(success.message, AuthSuccess)
    assert success.message.recovery is Recovery.COMPLETE
    assert success.message.position == later
    assert success.message.stores == ("main", "south")
    assert success.message.expires_at == int(UNIX) + 7200
    assert success.message.admin.name == "Ana María"
    assert desk.session.grant.admin == renewed
    assert desk.session.grant.store == "main"


def test_a_renewal_for_another_store_is_a_protocol_error() -> None:
    effects = Desk().bring_to(State.OPEN).say(Auth(token=TOKEN, store="north"))
    (error,) = sent(effects)
    assert isinstance(error, ErrorMessage)
    assert closed(effects) == 4400


def test_a_renewal_as_another_admin_is_a_protocol_error() -> None:
    effects = Desk().bring_to(State.RENEWING).feed(Verified(admin(uid="u2"), STORES))
    assert closed(effects) == 4400


def test_a_renewal_that_lost_the_store_is_forbidden() -> None:
    effects = Desk().bring_to(State.RENEWING).feed(Verified(admin(stores=frozenset({"north"})), ("north",)))
    (error,) = sent(effects)
    assert isinstance(error, AuthError)
    assert error.code is AuthErrorCode.STORE_FORBIDDEN
    assert closed(effects) == 4403


@pytest.mark.parametrize(("code", "close"), CODES[:-1])
def test_a_refused_renewal_closes(code: AuthErrorCode, close: int) -> None:
    effects = Desk().bring_to(State.RENEWING).feed(Refused(code, "because"))
    assert sent(effects) == [AuthError(code=code, message="because")]
    assert closed(effects) == close


def test_a_renewal_that_cannot_be_judged_leaves_the_socket_open_until_it_expires() -> None:
    desk = Desk().bring_to(State.RENEWING)
    effects = desk.feed(Refused(AuthErrorCode.AUTH_UNAVAILABLE, "later"))
    assert effects == (Send(AuthError(code=AuthErrorCode.AUTH_UNAVAILABLE, message="later")),)
    assert desk.session.state is State.OPEN
    assert desk.session.grant.admin == admin()
    assert desk.say(Auth(token="third")) == (Verify("third"),)


@pytest.mark.parametrize("state", [State.VERIFYING, State.OPENING])
def test_an_auth_that_comes_too_early_is_answered_after_the_first_as_a_renewal(state: State) -> None:
    desk = Desk().bring_to(state)
    assert desk.say(Auth(token="second")) == ()
    assert desk.say(Auth(token="third")) == ()
    if state is State.VERIFYING:
        desk.feed(Verified(admin(), STORES))
    success, _, attach, verify = desk.feed(Opened(reading()))
    assert isinstance(success, Answer)
    assert isinstance(attach, Attach)
    assert verify == Verify("third")
    assert desk.session.state is State.RENEWING


@pytest.mark.parametrize("state", [State.RENEWING, State.REREADING])
def test_an_auth_during_a_renewal_is_answered_after_it(state: State) -> None:
    desk = Desk().bring_to(state)
    assert desk.say(Auth(token="second")) == ()
    if state is State.RENEWING:
        desk.feed(Verified(admin(), STORES))
    success, verify = desk.feed(Opened(reading()))
    assert isinstance(success, Answer)
    assert verify == Verify("second")


def test_an_auth_that_waits_is_taken_up_when_the_renewal_could_not_be_judged() -> None:
    desk = Desk().bring_to(State.RENEWING)
    desk.say(Auth(token="second"))
    error, verify = desk.feed(Refused(AuthErrorCode.AUTH_UNAVAILABLE, "later"))
    assert isinstance(error, Send)
    assert verify == Verify("second")


def test_an_auth_that_waits_is_forgotten_when_the_first_is_refused() -> None:
    desk = Desk().bring_to(State.VERIFYING)
    desk.say(Auth(token="second"))
    assert closed(desk.feed(Refused(AuthErrorCode.TOKEN_INVALID, "no"))) == 4401


@pytest.mark.parametrize(
    ("verdict", "code", "close"),
    [
        (Verdict(AuthErrorCode.REVOKED, None), AuthErrorCode.REVOKED, 4423),
        (Verdict(AuthErrorCode.NOT_ADMIN, None), AuthErrorCode.NOT_ADMIN, 4403),
        (Verdict(None, frozenset({"north"})), AuthErrorCode.STORE_FORBIDDEN, 4403),
        (Verdict(None, None, valid_after=int(UNIX) + 1), AuthErrorCode.REVOKED, 4423),
    ],
)
@pytest.mark.parametrize("state", SIGNED_IN)
def test_a_lost_right_is_told_and_closes(state: State, verdict: Verdict, code: AuthErrorCode, close: int) -> None:
    effects = Desk().bring_to(state).feed(Judged(verdict))
    (error,) = sent(effects)
    assert isinstance(error, AuthError)
    assert error.code is code
    assert closed(effects) == close


@pytest.mark.parametrize(
    "verdict",
    [Verdict(None, None), Verdict(None, frozenset({"main"})), Verdict(None, None, valid_after=int(UNIX))],
)
def test_a_right_that_is_kept_changes_nothing(verdict: Verdict) -> None:
    desk = Desk().bring_to(State.OPEN)
    assert desk.feed(Judged(verdict)) == ()
    assert desk.session.state is State.OPEN
