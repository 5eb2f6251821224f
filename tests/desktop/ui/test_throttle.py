from pytestqt.qtbot import QtBot

from salebell_desktop.ui.throttle import Throttle


def test_the_first_request_is_at_once_and_the_last_is_never_lost(qtbot: QtBot) -> None:
    state = {"now": 0}
    seen: list[int] = []
    throttle = Throttle(lambda: seen.append(state["now"]), 30)

    for number in range(1000):
        state["now"] = number
        throttle.ask()

    assert seen == [0]
    qtbot.waitUntil(lambda: seen == [0, 999])
    qtbot.wait(80)
    assert seen == [0, 999]


def test_stopped_it_does_nothing_more(qtbot: QtBot) -> None:
    seen: list[str] = []
    throttle = Throttle(lambda: seen.append("done"), 10)
    throttle.ask()
    throttle.ask()

    throttle.stop()
    qtbot.wait(30)

    assert seen == ["done"]
