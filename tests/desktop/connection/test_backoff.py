from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salebell_desktop.connection import backoff

JITTER = st.floats(0.0, 1.0, exclude_max=True)


def test_the_ceilings_double_up_to_a_minute() -> None:
    assert [backoff.ceiling(failures) for failures in range(10)] == [1, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert backoff.ceiling(10_000) == 60


@given(failures=st.integers(0, 9), jitter=JITTER)
def test_a_delay_lies_anywhere_below_its_ceiling(failures: int, jitter: float) -> None:
    assert backoff.delay(failures, jitter) == backoff.ceiling(failures) * jitter


@pytest.mark.parametrize("how", [backoff.delay, backoff.restart_delay, backoff.long_delay])
@given(failures=st.integers(10, 10_000), jitter=JITTER)
def test_after_ten_failures_it_goes_on_slowly(how: Callable[[int, float], float], failures: int, jitter: float) -> None:
    assert how(failures, jitter) == 300


@given(failures=st.integers(0, 9), jitter=JITTER)
def test_a_server_that_restarts_is_not_dialled_by_all_at_once(failures: int, jitter: float) -> None:
    assert backoff.restart_delay(failures, jitter) == max(5, backoff.ceiling(failures)) * jitter


@given(failures=st.integers(0, 9), jitter=JITTER)
def test_a_server_that_has_too_many_is_left_alone(failures: int, jitter: float) -> None:
    assert 60 <= backoff.long_delay(failures, jitter) <= 120
