from typing import Any

import pytest

from salebell_desktop.connection import reasons
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
    StopWaiting,
)
from salebell_desktop.connection.facts import Facts, State
from salebell_desktop.connection.inputs import (
    Authenticated,
    AuthPostponed,
    Closed,
    DialFailed,
    Dialled,
    Heard,
    Input,
    NetworkReturned,
    OutOfPlace,
    ReconnectNow,
    RefreshFailed,
    SignedIn,
    SignedOut,
    TimerFired,
    TokenExpiring,
    TokenRefreshed,
    Welcomed,
    Woke,
)
from salebell_protocol.messages import AuthErrorCode


class TestConnecting:
    def test_the_ordinary_way(self, run: Any) -> None:
        assert run(SignedIn()) == [Dial()]
        assert run(Dialled()) == [SendAuth(resume=True)]
        assert run(Welcomed(1)) == []
        assert run(Authenticated()) == []
        assert run.state is State.CONNECTED
        assert run.facts.reason == ""
        assert run.wait == 30

    def test_a_server_of_another_protocol_is_refused(self, in_state: Any) -> None:
        run = in_state(State.AUTHENTICATING)
        assert run(Welcomed(2)) == [CloseSocket()]
        assert run.state is State.REFUSED
        assert run.facts.reason == reasons.NEWER_SERVER

    def test_a_dial_that_hangs_is_given_up(self, in_state: Any) -> None:
        run = in_state(State.DIALLING)
        assert run.facts.due == run.now + 20
        assert run.due() == [CancelDial()]
        assert run.state is State.WAITING
        assert run.facts.reason == reasons.UNREACHABLE

    def test_a_server_that_does_not_answer_is_given_up(self, in_state: Any) -> None:
        run = in_state(State.AUTHENTICATING)
        assert run.due() == [CloseSocket()]
        assert run.state is State.WAITING
        assert run.facts.reason == reasons.SILENT

    def test_no_token_for_now(self, in_state: Any) -> None:
        run = in_state(State.DIALLING)
        assert run(RefreshFailed(final=False, reason="Later.")) == []
        assert (run.state, run.facts.reason) == (State.WAITING, "Later.")
        run = in_state(State.DIALLING)
        run(RefreshFailed(final=False))
        assert run.facts.reason == reasons.UNREACHABLE

    @pytest.mark.parametrize("reason", ["Signed out elsewhere.", ""])
    def test_no_token_ever_again(self, in_state: Any, reason: str) -> None:
        run = in_state(State.DIALLING)
        shown = reason or reasons.SIGN_IN_AGAIN
        assert run(RefreshFailed(final=True, reason=reason)) == [ForgetCredentials(), ShowSignIn(shown)]
        assert run.state is State.SIGNED_OUT

    def test_signing_out_gives_up_what_is_under_way(self, in_state: Any) -> None:
        assert in_state(State.DIALLING)(SignedOut()) == [CancelDial()]
        assert in_state(State.AUTHENTICATING)(SignedOut()) == [CloseSocket()]
        assert in_state(State.CONNECTED)(SignedOut()) == [CloseSocket()]
        assert in_state(State.RENEWING)(SignedOut()) == [CancelRefresh(), CloseSocket()]
        assert in_state(State.REFRESHING)(SignedOut()) == [CancelRefresh()]
        for state in (State.WAITING, State.DISCONNECTED, State.REFUSED):
            run = in_state(state)
            assert run(SignedOut()) == []
            assert run.facts == Facts()


class TestBackoff:
    def test_ten_attempts_then_slowly(self, in_state: Any) -> None:
        run = in_state(State.CONNECTED)
        run(Heard(), after=61)
        assert run(Closed(None)) == []
        waits = [run.wait]
        while run.state is State.WAITING:
            assert run.due() == [Dial()]
            assert run(DialFailed("No network.")) == []
            waits.append(run.wait)
        assert waits == [0.5, 0.5, 1, 2, 4, 8, 16, 30, 30, 30, 300]
        assert run.state is State.DISCONNECTED
        assert run.facts.failures == 10
        assert run.facts.reason == "No network."
        for _ in range(3):
            assert run.due() == [Dial()]
            run(DialFailed())
            assert (run.state, run.wait) == (State.DISCONNECTED, 300)

    def test_connecting_alone_forgets_no_failure(self, in_state: Any) -> None:
        run = in_state(State.WAITING)
        for failures in (2, 3, 4):
            run.due()
            run(Dialled(), Authenticated())
            run(Closed(None), after=59)
            assert run.facts.failures == failures

    def test_a_minute_signed_in_does(self, in_state: Any) -> None:
        run = in_state(State.WAITING)
        run.due()
        run(Dialled(), Authenticated())
        run(Heard(), after=59)
        run(Closed(None), after=1)
        assert run.facts.failures == 0

    def test_so_does_the_heartbeat_after_it(self, in_state: Any) -> None:
        run = in_state(State.WAITING)
        run.due()
        run(Dialled(), Authenticated())
        run.due()
        assert run.facts.failures == 1
        run(Heard())
        run.due()
        assert run.facts.failures == 0

    def test_time_spent_signing_in_is_not_time_signed_in(self, run: Any) -> None:
        run.now = 1e6
        run(SignedIn(), Dialled(), Closed(None))
        assert run.facts.failures == 1

    def test_a_timer_that_fires_early_is_set_again(self, in_state: Any) -> None:
        run = in_state(State.WAITING)
        assert run(TimerFired(), after=0.2) == []
        assert run.state is State.WAITING
        assert run.wait == pytest.approx(0.3)

    @pytest.mark.parametrize("event", [Woke(), NetworkReturned(), ReconnectNow()])
    @pytest.mark.parametrize("state", [State.WAITING, State.DISCONNECTED])
    def test_no_more_waiting(self, in_state: Any, state: State, event: Input) -> None:
        run = in_state(state)
        assert run(event) == [Dial()]
        assert run.facts.failures == 0

    @pytest.mark.parametrize("event", [Woke(), NetworkReturned(), ReconnectNow()])
    def test_what_hangs_is_dialled_again(self, in_state: Any, event: Input) -> None:
        assert in_state(State.DIALLING)(event) == [CancelDial(), Dial()]
        assert in_state(State.AUTHENTICATING)(event) == [CloseSocket(), Dial()]

    def test_a_click_starts_over_even_when_connected(self, in_state: Any) -> None:
        assert in_state(State.CONNECTED)(ReconnectNow()) == [CloseSocket(), Dial()]
        assert in_state(State.RENEWING)(ReconnectNow()) == [CancelRefresh(), CloseSocket(), Dial()]
        assert in_state(State.REFUSED)(ReconnectNow()) == [Dial()]

    @pytest.mark.parametrize("event", [Woke(), NetworkReturned()])
    def test_what_was_refused_stays_so(self, in_state: Any, event: Input) -> None:
        run = in_state(State.REFUSED)
        assert run(event) == []
        assert run.state is State.REFUSED


class TestCloseCodes:
    @pytest.mark.parametrize("code", [4400, 1009, 4403])
    def test_stop(self, stable: Any, code: int) -> None:
        run = stable
        assert run(Closed(code)) == []
        assert run.state is State.REFUSED
        assert run.waits == [StopWaiting()]
        assert run.facts.reason == reasons.closed(code)

    def test_the_store_that_is_forbidden_is_named(self, in_state: Any) -> None:
        run = in_state(State.AUTHENTICATING)
        run(Closed(4403, AuthErrorCode.STORE_FORBIDDEN))
        assert run.state is State.REFUSED
        assert run.facts.reason == "This account may not open this store."

    @pytest.mark.parametrize("state", [State.AUTHENTICATING, State.CONNECTED, State.RENEWING])
    def test_a_role_that_is_gone_ends_the_session(self, in_state: Any, state: State) -> None:
        run = in_state(state)
        effects = run(Closed(4403, AuthErrorCode.NOT_ADMIN))
        assert [effect for effect in effects if effect != CancelRefresh()] == [
            ForgetCredentials(),
            ShowSignIn(reasons.ROLE_GONE),
        ]
        assert run.state is State.SIGNED_OUT
        assert run.facts.due is None

    def test_4401_refreshes_once_then_asks_to_sign_in(self, in_state: Any) -> None:
        run = in_state(State.AUTHENTICATING)
        assert run(Closed(4401)) == [ForceRefresh()]
        assert run.state is State.REFRESHING
        assert run(TokenRefreshed()) == [Dial()]
        run(Dialled())
        assert run(Closed(4401)) == [ShowSignIn(reasons.closed(4401))]
        assert run.state is State.SIGNED_OUT

    def test_4401_after_a_stable_connection_refreshes_again(self, in_state: Any) -> None:
        run = in_state(State.AUTHENTICATING)
        run(Closed(4401), TokenRefreshed(), Dialled(), Authenticated())
        run(Heard(), after=60)
        assert run(Closed(4401)) == [ForceRefresh()]

    def test_4419_refreshes_and_reconnects_at_once_once(self, stable: Any) -> None:
        run = stable
        assert run(Closed(4419)) == [ForceRefresh()]
        assert run(TokenRefreshed()) == [Dial()]
        run(Dialled())
        assert run(Closed(4419)) == []
        assert run.state is State.WAITING
        assert run.due() == [ForceRefresh()]

    def test_a_refresh_that_failed_is_tried_again_after_a_while(self, in_state: Any) -> None:
        run = in_state(State.REFRESHING)
        assert run(RefreshFailed(final=False, reason="Later.")) == []
        assert (run.state, run.facts.reason) == (State.WAITING, "Later.")
        assert run(ReconnectNow()) == [ForceRefresh()]
        assert run.due() == [CancelRefresh()]
        assert run.state is State.WAITING
        assert run.due() == [ForceRefresh()]
        assert run(TokenRefreshed()) == [Dial()]

    def test_a_refresh_that_is_refused_ends_the_session(self, in_state: Any) -> None:
        run = in_state(State.REFRESHING)
        assert run(RefreshFailed(final=True, reason="Gone.")) == [ForgetCredentials(), ShowSignIn("Gone.")]

    def test_4423_forgets_the_token(self, stable: Any) -> None:
        run = stable
        assert run(Closed(4423)) == [ForgetCredentials(), ShowSignIn(reasons.closed(4423))]
        assert run.state is State.SIGNED_OUT

    def test_4429_waits_long(self, stable: Any) -> None:
        run = stable
        assert run(Closed(4429)) == []
        assert run.wait == 90

    @pytest.mark.parametrize("code", [1001, 1012])
    def test_a_server_that_restarts_is_dialled_with_jitter(self, stable: Any, code: int) -> None:
        run = stable
        assert run(Closed(code)) == []
        assert run.wait == 2.5
        assert run.due() == [Dial()]
        assert run(Dialled()) == [SendAuth(resume=True)]

    @pytest.mark.parametrize("code", [4408, 4413, 4503, 1006, 1000, 4999, None])
    def test_anything_else_backs_off_and_resumes(self, in_state: Any, code: int | None) -> None:
        run = in_state(State.AUTHENTICATING)
        assert run(Closed(code)) == []
        assert (run.state, run.wait) == (State.WAITING, 0.5)
        assert run.due() == [Dial()]
        assert run(Dialled()) == [SendAuth(resume=True)]

    def test_a_refresh_for_the_renewal_is_given_up_with_the_socket(self, in_state: Any) -> None:
        for code in (None, 4400, 4401, 4419, 4423, 4429, 1012):
            run = in_state(State.RENEWING)
            assert run(Closed(code))[0] == CancelRefresh()

    def test_missing_events_are_resumed(self, stable: Any) -> None:
        run = stable
        assert run(OutOfPlace()) == [CloseSocket()]
        assert (run.state, run.facts.reason) == (State.WAITING, reasons.GAP)


class TestHeartbeat:
    def test_a_ping_every_thirty_seconds(self, in_state: Any) -> None:
        run = in_state(State.CONNECTED)
        for _ in range(4):
            assert run.due() == [SendPing()]
            run(Heard(), after=0.1)
        assert run.now == pytest.approx(1000 + 4 * 30 + 0.4, abs=0.5)

    def test_two_silent_intervals_are_a_dead_link(self, in_state: Any) -> None:
        run = in_state(State.CONNECTED)
        run(Heard(), after=5)
        heard = run.now
        effects: list[Effect] = []
        while run.state is State.CONNECTED:
            effects += run.due()
        assert effects == [SendPing(), SendPing(), CloseSocket()]
        assert run.now - heard == pytest.approx(60, abs=0.1)
        assert run.state is State.WAITING
        assert run.facts.reason == reasons.SILENT

    def test_any_message_is_a_sign_of_life(self, in_state: Any) -> None:
        run = in_state(State.CONNECTED)
        for event in (Heard(), Authenticated(), AuthPostponed(), Welcomed(1)) * 3:
            run.due()
            run(event, after=1)
        assert run.state in (State.CONNECTED, State.RENEWING)

    @pytest.mark.parametrize("event", [Woke(), NetworkReturned()])
    @pytest.mark.parametrize("state", [State.CONNECTED, State.RENEWING])
    def test_after_a_sleep_the_link_is_asked(self, in_state: Any, state: State, event: Input) -> None:
        run = in_state(state)
        assert run(event, after=3600) == [SendPing()]
        assert run.wait == 5
        run(Heard(), after=1)
        assert run.state is state
        assert run.wait is not None
        assert 29 <= run.wait <= 60 or run.wait == 0

    def test_a_link_that_does_not_answer_then_is_left_at_once(self, stable: Any) -> None:
        run = stable
        run(Woke())
        assert run.due() == [CloseSocket(), Dial()]

    def test_a_timer_that_fires_much_too_late_was_asleep(self, in_state: Any) -> None:
        run = in_state(State.CONNECTED)
        assert run(TimerFired(), after=30 + 16) == [SendPing()]
        assert run.wait == 5
        run = in_state(State.CONNECTED)
        run(TimerFired(), after=30 + 14)
        assert run.wait != 5


class TestRenewing:
    def test_before_the_token_expires(self, stable: Any) -> None:
        run = stable
        assert run(TokenExpiring()) == [ForceRefresh()]
        assert run.state is State.RENEWING
        assert run(TokenExpiring()) == []
        assert run(TokenRefreshed()) == [SendAuth(resume=False)]
        assert run.state is State.CONNECTED
        assert run(Authenticated()) == []

    def test_a_renewal_does_not_make_the_connection_young_again(self, stable: Any) -> None:
        run = stable
        since = run.facts.authenticated_at
        run(TokenExpiring(), TokenRefreshed(), Authenticated())
        assert run.facts.authenticated_at == since

    def test_the_heartbeat_goes_on_meanwhile(self, in_state: Any) -> None:
        run = in_state(State.RENEWING)
        assert run.due() == [SendPing()]
        assert run.state is State.RENEWING

    def test_no_token_for_now_is_tried_again_at_the_next_heartbeat(self, in_state: Any) -> None:
        run = in_state(State.RENEWING)
        assert run(RefreshFailed(final=False)) == []
        assert run.state is State.CONNECTED
        assert run.due() == [SendPing(), ForceRefresh()]
        assert run.state is State.RENEWING

    def test_a_server_that_cannot_check_it_is_asked_again_at_the_next_heartbeat(self, stable: Any) -> None:
        run = stable
        run(TokenExpiring(), TokenRefreshed())
        assert run(AuthPostponed()) == []
        assert run.due() == [SendPing(), SendAuth(resume=False)]
        run(Heard(), after=1)
        assert run.due() == [SendPing()]

    def test_a_fresher_token_needs_no_sending_again(self, in_state: Any) -> None:
        run = in_state(State.RENEWING)
        run(AuthPostponed())
        assert run(TokenRefreshed()) == [SendAuth(resume=False)]
        assert run.due() == [SendPing()]

    def test_neither_is_sent_again_on_the_next_socket(self, in_state: Any) -> None:
        run = in_state(State.CONNECTED)
        run(AuthPostponed(), ReconnectNow(), Dialled(), Authenticated())
        assert run.due() == [SendPing()]
        run = in_state(State.CONNECTED)
        run(AuthPostponed(), Closed(None))
        run.due()
        run(Dialled(), Authenticated())
        assert run.due() == [SendPing()]

    def test_no_token_ever_again(self, in_state: Any) -> None:
        run = in_state(State.RENEWING)
        assert run(RefreshFailed(final=True, reason="Gone.")) == [
            CloseSocket(),
            ForgetCredentials(),
            ShowSignIn("Gone."),
        ]
        run = in_state(State.RENEWING)
        assert run(RefreshFailed(final=True))[-1] == ShowSignIn(reasons.SIGN_IN_AGAIN)
