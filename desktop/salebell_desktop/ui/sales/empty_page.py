"""What stands in place of an empty list: one sentence, and the one thing to do."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from salebell_desktop.ui.parts import button, label
from salebell_desktop.ui.theme import Text, Theme
from salebell_desktop.ui.tray.icon import Face, Look, draw, sharp

TEST_COMMAND = "salebell-server emit --total 15999.00 --currency ARS"
_BELL = 64
_ROOMY = 280
"""Pixels of height that leave room for the bell."""


class EmptyPage(QWidget):
    """Says why there is nothing, and offers what helps."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._bell = label(theme)
        self._title = label(theme, size=Text.TITLE, bold=True)
        self._text = label(theme, kind="muted")
        for text in (self._bell, self._title, self._text):
            text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text.setWordWrap(True)
        self._command = label(theme, TEST_COMMAND)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPixelSize(theme.px(Text.BODY.value))
        fixed.setWeight(QFont.Weight.Normal)
        self._command.setFont(fixed)
        self._command.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._copy = button(theme, self.tr("Copy"))
        self._copy.clicked.connect(self._copy_command)
        self._test = self._command_box()
        self.action = button(theme, "", kind="primary")
        self._lay_out()

    def say(self, title: str, text: str, look: Look, *, action: str = "", test: bool = False) -> None:
        """Show a title and a sentence; with a button named `action`, or with the command that rings a test."""
        self._bell.setPixmap(sharp(partial(draw, Face(look, "")), self._theme.px(_BELL)))
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self._test.setVisible(test)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Where there is little room the words come first."""
        super().resizeEvent(event)
        self._bell.setVisible(self.height() >= self._theme.px(_ROOMY))

    @property
    def title(self) -> str:
        """What it says, in short."""
        return self._title.text()

    def _command_box(self) -> QFrame:
        box = QFrame()
        box.setProperty("kind", "card")
        row = QHBoxLayout(box)
        row.setContentsMargins(self._theme.px(12), self._theme.px(8), self._theme.px(8), self._theme.px(8))
        row.setSpacing(self._theme.px(12))
        row.addWidget(self._command)
        row.addWidget(self._copy)
        box.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        return box

    def _lay_out(self) -> None:
        px = self._theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(px(24), px(24), px(24), px(24))
        column.setSpacing(px(8))
        column.addStretch(2)
        column.addWidget(self._bell)
        column.addSpacing(px(8))
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addSpacing(px(8))
        column.addWidget(self._test, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.action, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def _copy_command(self) -> None:
        QGuiApplication.clipboard().setText(TEST_COMMAND)
