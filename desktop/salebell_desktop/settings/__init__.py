"""What the user chose: `Settings` are the facts, `SettingsStore` keeps them and tells who observes.

    Settings        everything that the settings window offers and that is kept in our own file
    SettingsStore   the settings of now; `change` applies and keeps, at once
    file            reads and writes them

Where the window was, and which columns it shows, is not here: windows remember that for themselves.
"""

from salebell_desktop.settings.model import (
    DAYS,
    SYSTEM_LANGUAGE,
    Minimum,
    Quiet,
    Settings,
    Sound,
    ThemeChoice,
)
from salebell_desktop.settings.store import SettingsStore

__all__ = [
    "DAYS",
    "SYSTEM_LANGUAGE",
    "Minimum",
    "Quiet",
    "Settings",
    "SettingsStore",
    "Sound",
    "ThemeChoice",
]
