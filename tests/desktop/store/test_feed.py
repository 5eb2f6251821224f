import pytest

from salebell_desktop.store.changes import BadgeChanged, Change
from salebell_desktop.store.feed import Feed


def change(count: int) -> BadgeChanged:
    return BadgeChanged(store="main", count=count)


def test_everybody_is_told_in_order() -> None:
    feed, first, second = Feed(), list[Change](), list[Change]()
    feed.observe(first.append)
    feed.observe(second.append)
    feed.tell([change(1), change(2)])
    assert first == second == [change(1), change(2)]


def test_ending_twice_does_no_harm() -> None:
    feed, told = Feed(), list[Change]()
    end = feed.observe(told.append)
    end()
    end()
    feed.tell([change(1)])
    assert told == []


def test_the_same_callable_may_observe_twice() -> None:
    feed, told = Feed(), list[Change]()
    end = feed.observe(told.append)
    feed.observe(told.append)
    end()
    feed.tell([change(1)])
    assert told == [change(1)]


def test_what_an_observer_causes_comes_after_its_cause() -> None:
    feed, told = Feed(), list[Change]()

    def cause(cause: Change) -> None:
        if cause == change(1):
            feed.tell([change(2)])

    feed.observe(cause)
    feed.observe(told.append)
    feed.tell([change(1), change(3)])
    assert told == [change(1), change(3), change(2)]


def test_an_observer_that_another_one_ended_is_not_told() -> None:
    feed, told = Feed(), list[Change]()
    feed.observe(lambda _: end())
    end = feed.observe(told.append)
    feed.tell([change(1)])
    assert told == []


def test_one_that_fails_keeps_nobody_from_being_told() -> None:
    feed, told = Feed(), list[Change]()

    def fail(_: Change) -> None:
        raise ValueError("broken")

    feed.observe(fail)
    feed.observe(told.append)
    with pytest.raises(ExceptionGroup) as caught:
        feed.tell([change(1), change(2)])
    assert len(caught.value.exceptions) == 2
    assert told == [change(1), change(2)]
    with pytest.raises(ExceptionGroup):
        feed.tell([change(3)])
    assert told[-1] == change(3)


def test_failures_are_reported_to_whoever_wants_them() -> None:
    feed, failures, given = Feed(), list[Exception](), list[int]()

    def fail(_: object) -> None:
        raise ValueError("broken")

    feed.observe(fail)
    with pytest.raises(ExceptionGroup):
        feed.give(7, fail)
    feed.report_failures_to(failures.append)
    feed.tell([change(1)])
    feed.give(7, fail)
    feed.give(7, given.append)
    assert [str(failure) for failure in failures] == ["broken", "broken"]
    assert given == [7]
