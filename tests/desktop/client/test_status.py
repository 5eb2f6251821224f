from salebell_desktop.client.status import Status
from salebell_desktop.connection.facts import Facts, State
from salebell_desktop.store import Link, LinkState


class Clock:
    """Two clocks that went apart by a day."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> float:
        return self.seconds

    def unix(self) -> float:
        return self.seconds + 86_400

    def call_later(self, seconds: float, call: object) -> object:
        raise NotImplementedError

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


def test_the_way_of_a_connection() -> None:
    clock = Clock()
    status = Status(clock)  # type: ignore[arg-type]
    assert status.changed(Facts(state=State.DIALLING, due=120.0)) == Link(state=LinkState.CONNECTING, since=86_500.0)
    assert status.changed(Facts(state=State.AUTHENTICATING, due=125.0)) is None, "nobody needs to know"
    clock.seconds = 110.0
    connected = status.changed(Facts(state=State.CONNECTED, due=140.0, failures=1))
    assert connected == Link(state=LinkState.CONNECTED, since=86_510.0)
    assert status.changed(Facts(state=State.CONNECTED, due=170.0, heard_at=139.0)) is None, "a heartbeat"
    assert status.changed(Facts(state=State.RENEWING, due=170.0)) is None
    clock.seconds = 200.0
    waiting = Facts(state=State.WAITING, due=204.0, failures=3, reason="The server cannot be reached.")
    assert status.changed(waiting) == Link(
        state=LinkState.CONNECTING, since=86_600.0, next_try=86_604.0, attempt=3, reason=waiting.reason
    )


def test_since_is_when_the_connection_was_lost() -> None:
    clock = Clock()
    status = Status(clock)  # type: ignore[arg-type]
    status.changed(Facts(state=State.CONNECTED))
    clock.seconds = 200.0
    status.changed(Facts(state=State.WAITING, due=201.0))
    for state, failures, told in (
        (State.DIALLING, 1, LinkState.CONNECTING),
        (State.DISCONNECTED, 10, LinkState.DISCONNECTED),
        (State.DIALLING, 10, LinkState.DISCONNECTED),
        (State.REFRESHING, 11, LinkState.DISCONNECTED),
        (State.DIALLING, 0, LinkState.CONNECTING),
    ):
        clock.seconds += 50.0
        link = status.changed(Facts(state=state, failures=failures, due=clock.seconds + 300))
        assert link is not None
        assert (link.state, link.since) == (told, 86_600.0)
    clock.seconds = 900.0
    refused = status.changed(Facts(state=State.REFUSED, reason="No."))
    assert refused == Link(state=LinkState.REFUSED, since=87_300.0, reason="No.")


def test_a_time_that_is_past_is_now() -> None:
    clock = Clock()
    link = Status(clock).changed(Facts(state=State.WAITING, due=40.0))  # type: ignore[arg-type]
    assert link is not None
    assert link.next_try == 86_500.0
