from salebell_desktop.store.looks import Look, Looks
from salebell_protocol.messages import Seen


def test_nothing_to_tell() -> None:
    looks = Looks()
    assert looks.due() is None
    assert looks.take(5.0) is None


def test_the_first_look_is_told_at_once() -> None:
    looks = Looks()
    looks.add(Look("e", 7))
    assert looks.due() == 0.0
    assert looks.take(100.0) == Seen(epoch="e", offset=7)
    assert looks.due() is None


def test_two_a_second_at_most_and_the_latest_counts() -> None:
    looks = Looks()
    looks.add(Look("e", 1))
    looks.take(100.0)
    looks.add(Look("e", 2))
    looks.add(Look("e", 3))
    assert looks.due() == 100.5
    assert looks.take(100.4) is None
    assert looks.take(100.5) == Seen(epoch="e", offset=3)


def test_a_look_that_came_back_is_over() -> None:
    looks = Looks()
    looks.acknowledge(9)
    looks.add(Look("e", 4))
    looks.acknowledge(3)
    assert looks.pending == Look("e", 4)
    looks.acknowledge(4)
    assert looks.pending is None


def test_it_is_told_again_on_the_next_connection() -> None:
    looks = Looks(Look("e", 4))
    assert looks.take(1.0) == Seen(epoch="e", offset=4)
    assert looks.take(2.0) is None
    looks.send_again()
    assert looks.take(2.0) == Seen(epoch="e", offset=4)


def test_a_look_of_another_log_is_dropped() -> None:
    looks = Looks(Look("e", 4))
    looks.drop()
    assert looks.due() is None
