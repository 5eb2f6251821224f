"""Whatever Pub/Sub loses of a store is noticed, and what was only late is not taken for lost."""

from hypothesis import given
from hypothesis import strategies as st

from salebell_server.bus.redis.hearing import UNBEGUN, Hearing, Mark


def at(change: int, epoch: str = "e") -> Mark:
    return Mark(epoch, change)


def begun(change: int) -> Hearing:
    hearing = Hearing()
    hearing.begin(at(change))
    return hearing


def compare(hearing: Hearing, read: Mark) -> bool:
    """Nothing came while it was read."""
    return hearing.compare(hearing.heard, read)


def test_messages_that_count_on_are_no_loss() -> None:
    hearing = begun(3)
    assert [hearing.hear(at(change)) for change in (4, 5, 6)] == [False] * 3
    assert [compare(hearing, at(6)) for _ in range(3)] == [False] * 3


def test_a_gap_is_seen_with_the_next_message_and_told_once() -> None:
    hearing = begun(3)
    assert hearing.hear(at(5))
    assert not hearing.hear(at(6))
    assert not compare(hearing, at(6))


def test_a_gap_before_the_first_message_is_seen() -> None:
    assert begun(3).hear(at(5))


def test_silence_is_found_at_the_second_reading_and_told_once() -> None:
    hearing = begun(3)
    assert not compare(hearing, at(4)), "it may still be on its way"
    assert compare(hearing, at(4))
    assert [compare(hearing, at(4)) for _ in range(3)] == [False] * 3
    assert not hearing.hear(at(5))


def test_what_was_on_its_way_is_no_loss() -> None:
    hearing = begun(3)
    assert not compare(hearing, at(5))
    assert not hearing.hear(at(4))
    assert not hearing.hear(at(5))
    assert not compare(hearing, at(6))


def test_a_message_that_comes_while_the_counter_is_read_is_no_set_back() -> None:
    hearing = begun(3)
    before = hearing.heard
    assert not hearing.hear(at(4))
    assert not hearing.hear(at(5))
    assert not hearing.compare(before, at(4))


def test_messages_that_came_before_the_first_reading_was_known_are_no_loss() -> None:
    hearing = Hearing()
    assert not hearing.hear(at(4))
    assert not hearing.hear(at(5))
    hearing.begin(at(4))
    assert not hearing.hear(at(6))
    hearing = Hearing()
    assert not hearing.hear(at(4))
    hearing.begin(at(6))
    assert not hearing.hear(at(5))
    assert not hearing.hear(at(6))
    assert not hearing.hear(at(7))


def test_a_counter_that_was_set_back_is_a_loss_at_once() -> None:
    hearing = begun(5)
    assert compare(hearing, at(2))
    assert not compare(hearing, at(2))
    assert not hearing.hear(at(3))
    assert hearing.hear(at(2)), "a message has it set back, too"


def test_another_epoch_is_a_loss() -> None:
    assert begun(3).hear(at(4, "f"))
    hearing = begun(3)
    assert not compare(hearing, at(1, "f")), "its message may still be on its way"
    assert compare(hearing, at(1, "f"))
    assert not hearing.hear(at(2, "f"))


def test_a_store_that_begins_is_no_loss() -> None:
    hearing = Hearing()
    hearing.begin(UNBEGUN)
    assert not compare(hearing, UNBEGUN)
    assert not hearing.hear(at(1))
    hearing = Hearing()
    hearing.begin(UNBEGUN)
    assert not compare(hearing, at(0))
    assert not compare(hearing, at(0))
    assert not hearing.hear(at(1))


def test_a_store_that_ends_is_a_loss() -> None:
    hearing = begun(3)
    assert [compare(hearing, UNBEGUN) for _ in range(2)] == [False, True]


def test_before_the_first_reading_there_is_nothing_to_compare() -> None:
    assert not compare(Hearing(), at(7))


ACTS = st.lists(st.sampled_from(["publish", "lose", "deliver", "read", "answer"]), max_size=60)


@given(st.integers(0, 5), ACTS)
def test_every_loss_is_told_after_it_happened_and_nothing_else_is(base: int, acts: list[str]) -> None:
    """A server that publishes, a wire that loses and delays, and readings that take their time."""
    hearing = Hearing()
    change, read_before = base, base
    on_the_way: list[int] = []
    lost: list[int] = []
    reading: tuple[Mark | None, Mark] | None = None
    told_at = -1
    losses = 0

    def deliver(up_to: int) -> None:
        nonlocal told_at
        while on_the_way and on_the_way[0] <= up_to:
            if hearing.hear(at(on_the_way.pop(0))):
                told_at = change

    def answer() -> None:
        nonlocal reading, read_before, told_at
        if reading is None:
            return
        before, read = reading
        deliver(read_before)  # what was published before the last reading has had the time
        if hearing.compare(before, read):
            told_at = change
        reading, read_before = None, read.change

    hearing.begin(at(base))
    for act in [*acts, "answer", "read", "answer", "read", "answer"]:
        match act:
            case "publish" | "lose":
                change += 1
                (on_the_way if act == "publish" else lost).append(change)
                losses += act == "lose"
            case "deliver":
                deliver(on_the_way[0] if on_the_way else 0)
            case "read" if reading is None:
                reading = (hearing.heard, at(change))
            case "answer":
                answer()
            case _:
                pass
    deliver(change)
    assert (told_at >= max(lost)) if losses else (told_at == -1)
