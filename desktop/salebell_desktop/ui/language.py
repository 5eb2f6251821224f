"""The user's language: our translations and Qt's own, from the package and from Qt."""

from pathlib import Path

import msgspec
from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

TRANSLATIONS = Path(__file__).parent / "translations"
"""`salebell_LANGUAGE.ts` and what `scripts/compile-translations` makes of them."""

DEFAULT = "en"
NAMES = {"en": "English", "es": "Español"}
"""What each language calls itself."""


def available() -> tuple[str, ...]:
    """The languages there are, as two-letter codes."""
    return tuple(sorted(path.stem.removeprefix("salebell_") for path in TRANSLATIONS.glob("salebell_*.qm")))


def chosen(locale: QLocale) -> str:
    """The first of the user's languages that there is; else English."""
    known = available()
    wanted = [tag.replace("_", "-").split("-")[0] for tag in locale.uiLanguages()]
    return next((language for language in wanted if language in known), DEFAULT)


class Language(msgspec.Struct, frozen=True):
    """A language that was installed.

    Attributes:
        code: two letters.
        translators: of Qt, the application's children.
    """

    code: str
    translators: tuple[QTranslator, ...]

    def remove(self) -> None:
        """Speak as the sources do again."""
        for translator in self.translators:
            QCoreApplication.removeTranslator(translator)
            translator.deleteLater()


def install(application: QCoreApplication, locale: QLocale) -> Language:
    """Translate the application. To be called before the first window is made: what is on the screen stays."""
    language = chosen(locale)
    qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    installed: list[QTranslator] = []
    for name, directory in ((f"qtbase_{language}", qt), (f"salebell_{language}", str(TRANSLATIONS))):
        # The application owns it: a translator that is collected translates nothing.
        translator = QTranslator(application)
        if translator.load(name, directory):
            application.installTranslator(translator)
            installed.append(translator)
    return Language(language, tuple(installed))
