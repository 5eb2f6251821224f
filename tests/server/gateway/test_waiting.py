"""Who has to go when too many wait."""

import random

import pytest

from salebell_server.gateway.waiting import SHARES, Waiting

ROOM = 10 * SHARES
SHARE = 10


def full(waiting: Waiting[str], *crowds: tuple[str, int]) -> None:
    """So many of each address, one after the other in turns, each as `address/number`."""
    for number in range(max(size for _, size in crowds)):
        for address, size in crowds:
            if number < size:
                waiting.add(f"{address}/{number}", address)


def come(waiting: Waiting[str], who: str) -> str | None:
    """One more of its address comes; who has to go for it."""
    gone = waiting.one_too_many()
    if gone is not None:
        waiting.remove(gone, gone.rpartition("/")[0])
    waiting.add(who, who.rpartition("/")[0])
    return gone


def test_while_there_is_room_nobody_has_to_go() -> None:
    waiting = Waiting[str](3)
    assert [come(waiting, f"192.0.2.7/{number}") for number in range(5)] == [
        None,
        None,
        None,
        "192.0.2.7/0",
        "192.0.2.7/1",
    ]
    assert len(waiting) == 3
    waiting.remove("192.0.2.7/3", "192.0.2.7")
    assert come(waiting, "192.0.2.7/5") is None


def test_a_client_that_opens_one_after_the_other_ends_its_own() -> None:
    waiting = Waiting[str](ROOM)
    full(waiting, ("192.0.2.7", 2), ("192.0.2.8", SHARE), ("203.0.113.9", ROOM - SHARE - 2))
    gone = [come(waiting, f"203.0.113.9/{number}") for number in range(1000, 1000 + 5 * ROOM)]
    assert all(who is not None and who.startswith("203.0.113.9/") for who in gone)
    assert come(waiting, "192.0.2.8/late") == f"203.0.113.9/{1000 + 4 * ROOM + SHARE + 2}"


def test_all_addresses_of_a_network_are_one_client() -> None:
    waiting = Waiting[str](ROOM)
    waiting.add("2001:db8:1::1/honest", "2001:db8:1::1")
    for number in range(ROOM - 1):
        waiting.add(f"2001:db8:2::{number:x}/0", f"2001:db8:2::{number:x}")
    assert [come(waiting, f"2001:db8:2::f{number:x}/0") for number in range(3)] == [
        "2001:db8:2::0/0", "2001:db8:2::1/0", "2001:db8:2::2/0",
    ]  # fmt: skip


def test_an_office_is_not_driven_out_by_many_who_have_one_each() -> None:
    waiting = Waiting[str](ROOM)
    strangers = [f"203.0.{number // 256}.{number % 256}/0" for number in range(10 * ROOM)]
    for stranger in strangers[: ROOM - SHARE]:
        come(waiting, stranger)
    for number in range(SHARE):
        come(waiting, f"192.0.2.7/{number}")
    # The office has most, and not more than its share: it goes in its turn, after all who came before.
    gone = [come(waiting, stranger) for stranger in strangers[ROOM - SHARE :][: ROOM - SHARE]]
    assert gone == strangers[: ROOM - SHARE]


def test_the_oldest_goes_of_those_who_have_most() -> None:
    waiting = Waiting[str](ROOM)
    full(waiting, ("a", ROOM // 2 - 1), ("b", ROOM // 2 + 1))
    assert [come(waiting, f"c/{number}") for number in range(4)] == ["b/0", "b/1", "a/0", "b/2"]


@pytest.mark.parametrize("seed", range(5))
def test_the_count_of_each_address_is_kept(seed: int) -> None:
    """Against a plain list, in which the one who has to go is looked for."""
    draw = random.Random(seed)
    waiting, plain = Waiting[str](ROOM), list[str]()
    for number in range(5000):
        address = draw.choice("aaaaaabbbcd") if draw.random() < 0.8 else f"other {draw.randrange(50)}"
        if plain and draw.random() < 0.4:
            who = draw.choice(plain)
            plain.remove(who)
            waiting.remove(who, who.rpartition("/")[0])
            continue
        gone = come(waiting, f"{address}/{number}")
        if gone is None:
            assert len(plain) < ROOM
        else:
            sizes: dict[str, int] = {}
            for who in plain:
                sizes[who.rpartition("/")[0]] = sizes.get(who.rpartition("/")[0], 0) + 1
            most = max(sizes.values())
            if most > SHARE:
                assert sizes[gone.rpartition("/")[0]] == most
                assert gone == next(who for who in plain if who.rpartition("/")[0] == gone.rpartition("/")[0])
            else:
                assert gone == plain[0]
            plain.remove(gone)
        plain.append(f"{address}/{number}")
        assert len(waiting) == len(plain)
