"""When the shared log is used, and when not: every input in every state, and what must hold after any of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salebell_server.fallback.machine import (
    UNKNOWN,
    Drained,
    Effect,
    Failed,
    Input,
    LinkDown,
    LinkUp,
    Machine,
    State,
    Written,
)

FAILED, DOWN = Failed("refused"), LinkDown("silent")


def machine_in(state: State) -> Machine:
    machine = Machine(0.0)
    if state is not State.DEGRADED:
        machine.feed(LinkUp(), 1.0)
        machine.feed(Written(), 2.0)
    if state is State.NORMAL:
        machine.feed(Drained(), 3.0)
    assert machine.state is state
    return machine


@pytest.mark.parametrize(
    ("state", "happened", "becomes", "effects"),
    [
        (State.NORMAL, FAILED, State.DEGRADED, (Effect.DEFER,)),
        (State.NORMAL, DOWN, State.DEGRADED, (Effect.DEFER,)),
        (State.NORMAL, LinkUp(), State.NORMAL, ()),
        (State.NORMAL, Written(), State.NORMAL, ()),
        (State.NORMAL, Drained(), State.NORMAL, ()),
        (State.DEGRADED, FAILED, State.DEGRADED, ()),
        (State.DEGRADED, DOWN, State.DEGRADED, ()),
        (State.DEGRADED, LinkUp(), State.DEGRADED, ()),
        (State.DEGRADED, Written(), State.DEGRADED, ()),
        (State.DEGRADED, Drained(), State.DEGRADED, ()),
        (State.RECOVERING, FAILED, State.DEGRADED, (Effect.HALT,)),
        (State.RECOVERING, DOWN, State.DEGRADED, (Effect.HALT,)),
        (State.RECOVERING, LinkUp(), State.RECOVERING, ()),
        (State.RECOVERING, Written(), State.RECOVERING, ()),
        (State.RECOVERING, Drained(), State.NORMAL, (Effect.RESTORE,)),
    ],
)
def test_each_input_in_each_state(state: State, happened: Input, becomes: State, effects: tuple[Effect, ...]) -> None:
    machine = machine_in(state)
    assert machine.feed(happened, 9.0) == effects
    assert machine.state is becomes


@pytest.mark.parametrize("order", [(LinkUp(), Written()), (Written(), LinkUp())])
def test_a_write_and_the_bus_bring_it_back_whichever_comes_first(order: tuple[Input, Input]) -> None:
    machine = Machine(0.0)
    assert machine.feed(order[0], 1.0) == ()
    assert machine.feed(order[1], 2.0) == (Effect.DRAIN,)
    assert machine.state is State.RECOVERING


@pytest.mark.parametrize("failure", [FAILED, DOWN])
def test_a_write_before_a_failure_shows_nothing(failure: Input) -> None:
    machine = Machine(0.0)
    machine.feed(Written(), 1.0)
    machine.feed(failure, 2.0)
    assert machine.feed(LinkUp(), 3.0) == ()
    assert machine.feed(Written(), 4.0) == (Effect.DRAIN,)


def test_after_a_failed_command_the_bus_need_not_say_again_that_it_is_connected() -> None:
    machine = machine_in(State.NORMAL)
    machine.feed(FAILED, 4.0)
    assert machine.feed(Written(), 5.0) == (Effect.DRAIN,)


def test_it_says_since_when_and_why() -> None:
    machine = Machine(5.0)
    assert (machine.since, machine.reason) == (5.0, UNKNOWN)
    machine.feed(LinkUp(), 6.0)
    machine.feed(Written(), 7.0)
    machine.feed(FAILED, 8.0)
    assert (machine.since, machine.reason) == (5.0, "refused"), "it was away all the time"
    machine.feed(Written(), 9.0)
    machine.feed(Drained(), 10.0)
    assert (machine.since, machine.reason) == (10.0, "")
    machine.feed(DOWN, 11.0)
    assert (machine.since, machine.reason) == (11.0, "silent")


@given(st.lists(st.sampled_from([FAILED, DOWN, LinkUp(), Written(), Drained()])))
def test_whatever_happens_the_log_is_used_only_when_it_is_whole(history: list[Input]) -> None:
    machine = Machine(0.0)
    linked = False
    written = False
    deferred = True
    draining = False
    for number, happened in enumerate(history):
        linked = (linked or isinstance(happened, LinkUp)) and not isinstance(happened, LinkDown)
        written = (written or isinstance(happened, Written)) and not isinstance(happened, Failed | LinkDown)
        was_draining = draining
        for effect in machine.feed(happened, float(number)):
            match effect:
                case Effect.DEFER:
                    assert not deferred, "told twice"
                    deferred = True
                case Effect.DRAIN:
                    assert linked
                    assert written
                    draining = True
                case Effect.HALT:
                    assert draining
                    draining = False
                case Effect.RESTORE:
                    assert was_draining
                    assert isinstance(happened, Drained)
                    deferred = draining = False
        assert (machine.state is State.NORMAL) == (not deferred)
        assert (machine.state is State.RECOVERING) == draining
        assert linked or machine.state is State.DEGRADED
        assert (machine.reason == "") == (machine.state is State.NORMAL)
