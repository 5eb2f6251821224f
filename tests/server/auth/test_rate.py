"""Failures by address: honest use is never limited, guessing is."""

import pytest

from salebell_server.auth.rate import FailureLimit, network
from tests.server.auth.stand import Time


def test_thirty_failures_a_minute_are_allowed_for_ever() -> None:
    time = Time()
    limit = FailureLimit(time.monotonic)
    for _ in range(20):
        for _ in range(30):
            assert limit.allowed("192.0.2.7")
            limit.failed("192.0.2.7")
        time.passes(minutes=1)


def test_more_are_not_and_the_wait_is_told_exactly() -> None:
    time = Time()
    limit = FailureLimit(time.monotonic, burst=3, per_minute=6)
    for _ in range(3):
        assert limit.allowed("192.0.2.7")
        assert limit.retry_after("192.0.2.7") == 0
        limit.failed("192.0.2.7")
    assert not limit.allowed("192.0.2.7")
    assert limit.retry_after("192.0.2.7") == 10
    time.passes(seconds=9.5)
    assert limit.retry_after("192.0.2.7") == 1
    assert not limit.allowed("192.0.2.7")
    time.passes(seconds=0.5)
    assert limit.allowed("192.0.2.7")
    limit.failed("192.0.2.7")
    assert not limit.allowed("192.0.2.7")


def test_failures_beyond_the_limit_do_not_lengthen_the_wait() -> None:
    time = Time()
    limit = FailureLimit(time.monotonic, burst=3, per_minute=6)
    for _ in range(1000):
        limit.failed("192.0.2.7")
    assert limit.retry_after("192.0.2.7") == 10


def test_addresses_and_subjects_are_counted_apart() -> None:
    limit = FailureLimit(Time().monotonic, burst=1)
    limit.failed("192.0.2.7", "ana")
    assert not limit.allowed("192.0.2.7", "ana")
    assert limit.allowed("192.0.2.7", "ben")
    assert limit.allowed("192.0.2.7")
    assert limit.allowed("192.0.2.8", "ana")


def test_memory_is_bounded_and_the_oldest_failure_is_forgotten_first() -> None:
    limit = FailureLimit(Time().monotonic, burst=1, tracked=100)
    limit.failed("first")
    limit.failed("second")
    limit.failed("first")
    for number in range(99):
        limit.failed(f"other {number}")
    assert not limit.allowed("first")
    assert limit.allowed("second")


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("unix:/run/salebell.sock", "unix:/run/salebell.sock"),
    ],
)
def test_one_customer_of_a_provider_is_one_address(address: str, counted_as: str) -> None:
    assert network(address) == counted_as


def test_a_machine_does_not_get_another_try_from_the_next_address_of_its_network() -> None:
    limit = FailureLimit(Time().monotonic, burst=1)
    limit.failed("2001:db8:1:2::1")
    assert not limit.allowed("2001:db8:1:2::2")
    assert limit.allowed("2001:db8:1:3::1")
