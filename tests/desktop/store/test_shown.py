from salebell_desktop.store.shown import ShownEvents


def test_an_id_is_new_once() -> None:
    shown = ShownEvents(["a"])
    assert not shown.add("a")
    assert shown.add("b")
    assert not shown.add("b")
    assert "b" in shown
    assert "c" not in shown
    assert list(shown) == ["a", "b"]


def test_the_oldest_are_forgotten() -> None:
    shown = ShownEvents(["a", "b", "c"], limit=2)
    assert list(shown) == ["b", "c"]
    shown.add("d")
    assert list(shown) == ["c", "d"]
    assert len(shown) == 2
