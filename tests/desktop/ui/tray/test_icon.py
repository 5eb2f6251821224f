"""The bell is rendered and looked at: colours by place, differences by pixel."""

import itertools

import pytest
from PySide6.QtGui import QColor, QImage, QPixmap

from salebell_desktop.ui.tokens import BADGE, BRAND, BRAND_MUTED, CLOCK, ON_BADGE
from salebell_desktop.ui.tray.icon import (
    APPLICATION_SIZES,
    TRAY_SIZES,
    Face,
    Look,
    application_icon,
    draw,
    draw_application,
    face,
    sharp,
    tray_icon,
)

SMALL_AND_LARGE = [16, 22, 64]


def image(look: Look, count: str, size: int) -> QImage:
    return draw(Face(look, count), size).toImage().convertToFormat(QImage.Format.Format_ARGB32)


def share(picture: QImage, colour: str) -> float:
    """Which part of the picture has this colour, or nearly, and covers what is behind it."""
    wanted = QColor(colour)
    size = picture.width()

    def near(x: int, y: int) -> bool:
        found = picture.pixelColor(x, y)
        return found.alpha() > 200 and all(
            abs(a - b) < 40
            for a, b in zip(
                (found.red(), found.green(), found.blue()),
                (wanted.red(), wanted.green(), wanted.blue()),
                strict=True,
            )
        )

    return sum(near(x, y) for x in range(size) for y in range(size)) / size**2


def differing(one: QImage, other: QImage) -> float:
    """Which part of two pictures differs so that one sees it."""
    size = one.width()

    def differs(x: int, y: int) -> bool:
        a, b = one.pixelColor(x, y), other.pixelColor(x, y)
        if a.alpha() < 40 and b.alpha() < 40:
            return False
        return (
            max(
                abs(a.red() - b.red()), abs(a.green() - b.green()), abs(a.blue() - b.blue()), abs(a.alpha() - b.alpha())
            )
            > 60
        )

    return sum(differs(x, y) for x in range(size) for y in range(size)) / size**2


@pytest.mark.parametrize("size", TRAY_SIZES)
def test_every_look_differs_from_every_other(size: int) -> None:
    pictures = {look: image(look, "", size) for look in Look}

    for one, other in itertools.combinations(Look, 2):
        assert differing(pictures[one], pictures[other]) > 0.07, (one, other)


@pytest.mark.parametrize("size", SMALL_AND_LARGE)
def test_looks_are_what_they_should_be(size: int) -> None:
    connected, connecting = image(Look.CONNECTED, "", size), image(Look.CONNECTING, "", size)
    middle = size // 2

    assert connected.pixelColor(middle, middle).name() == BRAND
    assert connecting.pixelColor(middle, middle).alpha() == 0
    assert share(connecting, BRAND) > 0.05
    assert share(connected, BRAND) > 1.8 * share(connecting, BRAND)
    for muted in (Look.DISCONNECTED, Look.SIGNED_OUT):
        assert share(image(muted, "", size), BRAND) == 0
        assert share(image(muted, "", size), BRAND_MUTED) > 0.15
    assert share(image(Look.DELAYED, "", size), CLOCK) > 0.05
    assert share(connected, CLOCK) == 0


@pytest.mark.parametrize("size", TRAY_SIZES)
@pytest.mark.parametrize("look", Look)
def test_the_badge_is_there_with_a_count_and_only_then(look: Look, size: int) -> None:
    assert share(image(look, "", size), BADGE) == 0
    for count in ("1", "42", "99+"):
        picture = image(look, count, size)
        assert share(picture, BADGE) > 0.1
        assert share(picture, ON_BADGE) > 0.015


@pytest.mark.parametrize("size", TRAY_SIZES)
def test_every_count_can_be_told_from_every_other(size: int) -> None:
    ones = [image(Look.CONNECTED, str(count), size) for count in range(1, 10)]
    tens = [image(Look.CONNECTED, str(count), size) for count in (10, 11, 16, 18, 36, 38, 69, 88, 89, 98, 99)]

    for group in (ones, tens):
        for one, other in itertools.combinations(group, 2):
            assert differing(one, other) * size**2 >= 3


@pytest.mark.parametrize("size", TRAY_SIZES)
def test_few_sales_are_shown_larger_than_many(size: int) -> None:
    def digit_height(count: str) -> int:
        picture = image(Look.CONNECTED, count, size)
        white = [
            y
            for y in range(size)
            if any(
                picture.pixelColor(x, y).lightness() > 200 and picture.pixelColor(x, y).alpha() > 200
                for x in range(size)
            )
        ]
        return white[-1] - white[0] + 1

    assert digit_height("8") >= digit_height("88") >= digit_height("99+")
    assert digit_height("99+") >= 0.3 * size
    assert digit_height("8") >= 7


@pytest.mark.parametrize("size", TRAY_SIZES)
def test_the_state_shows_beside_a_count_too(size: int) -> None:
    pictures = {look: image(look, "7", size) for look in Look}

    for one, other in itertools.combinations(Look, 2):
        assert differing(pictures[one], pictures[other]) > 0.02, (one, other)


@pytest.mark.parametrize("size", TRAY_SIZES)
def test_nothing_is_cut_off(size: int) -> None:
    """The badge touches the edges that it belongs to; the bell keeps within."""
    picture = image(Look.CONNECTED, "", size)
    corners = [(0, 0), (size - 1, 0), (0, size - 1), (size - 1, size - 1)]

    assert all(picture.pixelColor(x, y).alpha() < 30 for x, y in corners)


@pytest.mark.parametrize(
    ("unread", "count"), [(-1, ""), (0, ""), (1, "1"), (9, "9"), (10, "10"), (99, "99"), (100, "99+"), (10**6, "99+")]
)
def test_the_count_goes_to_99(unread: int, count: str) -> None:
    assert face(Look.CONNECTED, unread) == Face(Look.CONNECTED, count)


def test_an_icon_is_drawn_once_and_at_every_size() -> None:
    icon = tray_icon(Face(Look.CONNECTED, "3"))

    assert tray_icon(Face(Look.CONNECTED, "3")) is icon
    assert sorted(size.width() for size in icon.availableSizes()) == sorted(TRAY_SIZES)


def test_the_application_has_the_same_bell() -> None:
    assert sorted(size.width() for size in application_icon().availableSizes()) == sorted(APPLICATION_SIZES)
    picture = draw_application(64).toImage()
    assert picture.pixelColor(32, 32).name() == ON_BADGE
    assert picture.pixelColor(6, 32).name() == BRAND
    assert picture.pixelColor(0, 0).alpha() == 0


def test_a_sharp_picture_has_twice_the_pixels() -> None:
    picture: QPixmap = sharp(draw_application, 40)

    assert (picture.width(), picture.devicePixelRatio(), picture.deviceIndependentSize().width()) == (80, 2, 40)
