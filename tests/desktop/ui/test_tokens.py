import pytest

from salebell_desktop.ui.tokens import BADGE, BRAND, BRAND_MUTED, CLOCK, ON_BADGE, TOKENS, Scheme, contrast, mix

PAIRS = [
    ("text", "background"), ("text", "card"), ("text", "field"), ("text", "selection"), ("text", "new_row"),
    ("text", "hover"), ("muted", "background"), ("muted", "card"), ("muted", "field"), ("muted", "selection"),
    ("muted", "new_row"), ("muted", "hover"), ("muted", "neutral_soft"), ("accent", "card"), ("accent", "background"),
    ("accent", "accent_soft"), ("on_accent", "accent"), ("warn", "warn_soft"), ("bad", "bad_soft"), ("bad", "card"),
]  # fmt: skip
PANELS = ("#ffffff", "#f0f0f0", "#202020", "#000000")


@pytest.mark.parametrize("scheme", Scheme)
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_texts_can_be_read_on_what_they_stand_on(scheme: Scheme, text: str, ground: str) -> None:
    tokens = TOKENS[scheme]

    assert contrast(getattr(tokens, text), getattr(tokens, ground)) >= 4.5


@pytest.mark.parametrize("scheme", Scheme)
def test_the_focus_stands_out_from_what_is_around_it(scheme: Scheme) -> None:
    tokens = TOKENS[scheme]

    assert contrast(tokens.accent, tokens.card) >= 3
    assert contrast(tokens.text, tokens.accent) >= 1.5


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("colour", [BRAND, BRAND_MUTED, BADGE, CLOCK])
def test_the_bell_stands_out_from_light_and_dark_panels(colour: str, panel: str) -> None:
    assert contrast(colour, panel) >= 3


@pytest.mark.parametrize("ground", [BADGE, BRAND])
def test_what_is_drawn_on_the_bell_can_be_seen(ground: str) -> None:
    assert contrast(ON_BADGE, ground) >= (4.5 if ground == BADGE else 3)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_mixing_goes_from_one_colour_to_the_other() -> None:
    assert mix("#102030", "#ffffff", 0) == "#102030"
    assert mix("#102030", "#ffffff", 1) == "#ffffff"
    assert mix("#000000", "#ffffff", 0.5) == "#808080"
