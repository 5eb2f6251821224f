"""The look of all windows: the tokens as a palette, fonts and one stylesheet, following the system."""

from collections.abc import Callable
from enum import Enum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication, QStyle

from salebell_desktop.ui.stylesheet import stylesheet
from salebell_desktop.ui.tokens import TOKENS, Scheme, Tokens

_BODY = 13
_LARGEST_SCALE = 2.0


class Text(Enum):
    """Sizes of text, in pixels at a system font of ordinary size."""

    LABEL = 12
    BODY = 13
    HEADING = 15
    TITLE = 18
    FIGURE = 22


class Theme(QObject):
    """Applies the tokens to the whole application, and again when the system turns light or dark.

    Sizes grow with the system's font (a user who enlarged it gets larger rows too), by at most a factor of two.

    Args:
        application: the one there is.
        scheme: hold this one; None follows the system.
        system: tells what the system wants, in place of Qt.
    """

    changed = Signal()
    """The tokens are others now; what paints for itself repaints."""

    def __init__(
        self,
        application: QApplication,
        scheme: Scheme | None = None,
        system: Callable[[], Qt.ColorScheme] | None = None,
    ) -> None:
        super().__init__(application)
        self._application = application
        self._system = system or application.styleHints().colorScheme
        self._held = scheme
        self._system_font = QFont(application.font())
        self.scale = min(max(QFontInfo(self._system_font).pixelSize() / _BODY, 1.0), _LARGEST_SCALE)
        self._scheme = Scheme.LIGHT
        application.setStyle("Fusion")
        application.styleHints().colorSchemeChanged.connect(self._follow)
        self._apply(self._wanted())

    @property
    def scheme(self) -> Scheme:
        """What is shown now."""
        return self._scheme

    @property
    def tokens(self) -> Tokens:
        """The colours of now. Ask again after `changed`."""
        return TOKENS[self._scheme]

    @property
    def calm(self) -> bool:
        """Whether the system asks for less motion, as far as Qt tells."""
        return self._application.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) == 0

    def hold(self, scheme: Scheme | None) -> None:
        """Show `scheme` whatever the system says; None follows it again."""
        self._held = scheme
        self._follow()

    def px(self, size: int) -> int:
        """A distance of `size` pixels, grown with the system's font."""
        return round(size * self.scale)

    def font(self, text: Text = Text.BODY, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """The system's font in one of our sizes, with figures of one width so that numbers line up."""
        font = QFont(self._system_font)
        font.setPixelSize(self.px(text.value))
        font.setWeight(weight)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def _wanted(self) -> Scheme:
        if self._held is not None:
            return self._held
        return Scheme.DARK if self._system() is Qt.ColorScheme.Dark else Scheme.LIGHT

    def _follow(self) -> None:
        wanted = self._wanted()
        if wanted is not self._scheme:
            self._apply(wanted)
            self.changed.emit()

    def _apply(self, scheme: Scheme) -> None:
        self._scheme = scheme
        self._application.setFont(self.font())
        self._application.setPalette(palette(self.tokens))
        self._application.setStyleSheet(stylesheet(self.tokens, self.px))


def palette(tokens: Tokens) -> QPalette:
    """The tokens in the roles that Qt's own widgets, menus and dialogs paint with."""
    role = QPalette.ColorRole
    roles = {
        role.Window: tokens.background,
        role.WindowText: tokens.text,
        role.Base: tokens.card,
        role.AlternateBase: tokens.background,
        role.Text: tokens.text,
        role.Button: tokens.card,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.bad,
        role.Highlight: tokens.accent,
        role.HighlightedText: tokens.on_accent,
        role.Accent: tokens.accent,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.PlaceholderText: tokens.muted,
        role.ToolTipBase: tokens.card,
        role.ToolTipText: tokens.text,
        role.Light: tokens.card,
        role.Midlight: tokens.hover,
        role.Mid: tokens.line,
        role.Dark: tokens.line,
    }
    made = QPalette()
    for which, colour in roles.items():
        made.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(tokens.muted))
    return made
