"""Silence is counted while this process is awake to hear, and from the last thing heard."""

from salebell_server.bus.redis.silence import LOOKS, Silence

LIMIT_SECONDS = 0.05
LOOK_SECONDS = LIMIT_SECONDS / LOOKS


class Clock:
    """Goes on by so much with each look; something is heard before one of them."""

    def __init__(self, step: float, heard_at: int | None = None) -> None:
        self.looks = -1
        self._step = step
        self._heard_at = heard_at
        self.silence = Silence(LIMIT_SECONDS, self)

    def __call__(self) -> float:
        self.looks += 1
        if self.looks == self._heard_at:
            self.silence.broken()
        return self.looks * self._step


async def test_it_is_reached_when_nothing_was_heard_for_as_long() -> None:
    clock = Clock(LOOK_SECONDS * 1.01)
    await clock.silence.reached()
    assert clock.looks == LOOKS


async def test_what_is_heard_begins_it_anew() -> None:
    clock = Clock(LOOK_SECONDS * 1.01, heard_at=6)
    await clock.silence.reached()
    assert clock.looks == LOOKS + 5


async def test_a_process_that_was_held_up_for_an_hour_listens_first() -> None:
    clock = Clock(3600)
    await clock.silence.reached()
    assert clock.looks >= LOOKS // 2


async def test_it_begins_anew_once_it_was_reached() -> None:
    clock = Clock(LOOK_SECONDS * 1.01)
    await clock.silence.reached()
    await clock.silence.reached()
    assert clock.looks == 2 * LOOKS + 1
