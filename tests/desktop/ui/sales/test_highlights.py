import pytest

from salebell_desktop.ui.sales.highlights import FADE, FRAME, LIT, Highlights


def lit(*sale_ids: str) -> Highlights:
    highlights = Highlights()
    highlights.add(sale_ids, 100.0)
    return highlights


@pytest.mark.parametrize(
    ("after", "strength", "calm"),
    [(0.0, 1.0, 1.0), (LIT - FADE, 1.0, 1.0), (LIT - FADE / 2, 0.5, 1.0), (LIT, 0.0, 0.0), (LIT + 60, 0.0, 0.0)],
)
def test_a_new_row_is_lit_and_then_fades_or_goes_out_at_once(after: float, strength: float, calm: float) -> None:
    highlights = lit("a")

    assert highlights.strength("a", 100.0 + after, calm=False) == pytest.approx(strength)
    assert highlights.strength("a", 100.0 + after, calm=True) == pytest.approx(calm)
    assert highlights.strength("b", 100.0 + after, calm=False) == 0


def test_nothing_moves_for_longer_than_a_fifth_of_a_second() -> None:
    assert FADE <= 0.2
    assert LIT <= 3.0


def test_it_says_when_to_paint_next() -> None:
    highlights = lit("a")

    assert highlights.next_change(100.0, calm=False) == pytest.approx(LIT - FADE)
    assert highlights.next_change(100.01 + LIT - FADE, calm=False) == pytest.approx(FRAME)
    assert highlights.next_change(100.0, calm=True) == pytest.approx(LIT)
    assert highlights.next_change(100.0 + 60, calm=True) == 0
    assert Highlights().next_change(100.0, calm=False) is None


def test_what_is_over_is_forgotten() -> None:
    highlights = lit("a")
    highlights.add(["b"], 102.0)

    assert highlights.fading(100.01 + LIT - FADE) == ("a",)
    assert highlights.expire(100.0 + LIT) == ("a",)
    assert highlights.expire(100.0 + LIT) == ()
    assert highlights.next_change(100.0 + LIT, calm=True) == pytest.approx(2.0)
    highlights.clear()
    assert highlights.next_change(100.0 + LIT, calm=True) is None


def test_a_sale_that_comes_again_is_lit_again() -> None:
    highlights = lit("a")
    highlights.add(["a"], 102.0)

    assert highlights.strength("a", 104.0, calm=False) == 1.0


def test_of_very_many_the_first_are_lit() -> None:
    highlights = lit(*(f"s{number}" for number in range(10_000)))

    assert highlights.strength("s0", 100.0, calm=False) == 1.0
    assert highlights.strength("s9999", 100.0, calm=False) == 0
    assert len(highlights.expire(200.0)) <= 200
