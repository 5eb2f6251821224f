"""The settings as facts. The defaults are right for somebody who never opens the window."""

from enum import StrEnum
from typing import Annotated

import msgspec

from salebell_protocol.money import Amount, check_currency

DAYS = frozenset(range(7))
"""Monday is 0."""

SYSTEM_LANGUAGE = ""
"""Speak as the system does."""

Language = Annotated[str, msgspec.Meta(pattern="^([a-z]{2})?$")]
Minute = Annotated[int, msgspec.Meta(ge=0, lt=24 * 60)]
Day = Annotated[int, msgspec.Meta(ge=0, le=6)]
Until = Annotated[float, msgspec.Meta(ge=0, le=1e11)]
Volume = Annotated[int, msgspec.Meta(ge=0, le=100)]


class ThemeChoice(StrEnum):
    """Light or dark."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Sound(StrEnum):
    """What is heard."""

    REGISTER = "register"
    """A cash register opens."""
    BELL = "bell"
    """One soft stroke."""
    NONE = "none"


class Minimum(msgspec.Struct, frozen=True):
    """Sales of this currency below this amount are silent. Those of other currencies always ring."""

    amount: Amount
    currency: str

    def __post_init__(self) -> None:
        check_currency(self.currency)


class Quiet(msgspec.Struct, frozen=True, kw_only=True):
    """When not to disturb, by the wall clock.

    Attributes:
        scheduled: whether the hours below hold.
        start, end: minutes after midnight; an end at or before the start is of the next day.
        days: on which the quiet begins; Monday is 0.
        until: quiet until then whatever the schedule says, in unix seconds; 0: not.
    """

    scheduled: bool = False
    start: Minute = 22 * 60
    end: Minute = 8 * 60
    days: frozenset[Day] = DAYS
    until: Until = 0.0


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the settings window offers, and that is kept in our own file.

    Attributes:
        language: two letters of an available language, from the next start on; `SYSTEM_LANGUAGE` is the system's.
        notify: whether notifications are shown at all; the badge counts in any case.
        minimum: None: every sale rings.
        pending_sound, approved_sound: what is heard of a sale of that status.
        volume: 0 to 100.
        update_dismissed: the server's version whose notice was put away; "" is none.
    """

    language: Language = SYSTEM_LANGUAGE
    theme: ThemeChoice = ThemeChoice.SYSTEM
    notify: bool = True
    minimum: Minimum | None = None
    pending_sound: Sound = Sound.BELL
    approved_sound: Sound = Sound.REGISTER
    volume: Volume = 70
    quiet: Quiet = Quiet()
    update_dismissed: str = ""
