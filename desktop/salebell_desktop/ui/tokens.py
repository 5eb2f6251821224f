"""Colours and sizes, named for what they are used for, in one place. Pure."""

from enum import Enum, auto

import msgspec

GRID = 4
"""Every distance is a multiple of this many pixels."""

RADIUS = 8
"""Corners of cards and strips, in pixels."""


class Scheme(Enum):
    """Which of the two sets of colours is shown."""

    LIGHT = auto()
    DARK = auto()


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """Colours as `#rrggbb`. Texts reach a contrast of 4.5 : 1 on what they stand on (WCAG 2.2, 1.4.3).

    Attributes:
        background: the window.
        card: panels on it.
        line: borders and rules, 1 px.
        field: the inside of an input.
        text: what is read.
        muted: what is read second.
        accent: primary button, selection bar, *approved*, focus.
        on_accent: text on `accent`.
        accent_soft: the pill around *approved*.
        selection: the selected row.
        warn: *pending*, *delayed*.
        bad: *cancelled*, *disconnected*.
        new_row: a sale that just came.
        hover: a row or button under the pointer.
    """

    background: str
    card: str
    line: str
    field: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_soft: str
    selection: str
    warn: str
    warn_soft: str
    bad: str
    bad_soft: str
    neutral_soft: str
    new_row: str
    hover: str


LIGHT = Tokens(
    background="#f6f7f9",
    card="#ffffff",
    line="#e3e6eb",
    field="#f6f7f9",
    text="#1b2330",
    muted="#606a79",
    accent="#0d7465",
    on_accent="#ffffff",
    accent_soft="#d9f0ec",
    selection="#e4f2f0",
    warn="#a94d08",
    warn_soft="#fdf1dd",
    bad="#b3261e",
    bad_soft="#fbe4e2",
    neutral_soft="#eceef2",
    new_row="#fff8e1",
    hover="#f1f3f6",
)
DARK = Tokens(
    background="#14181e",
    card="#1b2129",
    line="#2c3440",
    field="#14181e",
    text="#e7ebf0",
    muted="#95a0af",
    accent="#4cc3ae",
    on_accent="#0e1a18",
    accent_soft="#17393a",
    selection="#1b3135",
    warn="#f0b45b",
    warn_soft="#3a2c12",
    bad="#f28b82",
    bad_soft="#3d1f1e",
    neutral_soft="#29313c",
    new_row="#2c2a1a",
    hover="#222a34",
)

TOKENS = {Scheme.LIGHT: LIGHT, Scheme.DARK: DARK}

BRAND = "#17937f"
"""The bell in a tray, which must stand out (3 : 1, WCAG 2.2, 1.4.11) from light and dark panels alike."""
BRAND_MUTED = "#808a98"
BADGE = "#d92d20"
ON_BADGE = "#ffffff"
CLOCK = "#c2740a"


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, 0 to 1 (WCAG 2.2, "relative luminance")."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """`one` with `share` (0 to 1) of `other` mixed in."""
    pairs = [(int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
