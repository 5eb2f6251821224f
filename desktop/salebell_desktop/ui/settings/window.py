"""The settings window: what can be chosen, applied at once, each with a line on what it does."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QSignalBlocker, Qt, QTime, Signal
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QSlider,
    QTimeEdit,
    QVBoxLayout,
    QWidget,
)

from salebell_desktop.settings import SYSTEM_LANGUAGE, Minimum, SettingsStore, Sound, ThemeChoice
from salebell_desktop.ui.language import NAMES, available
from salebell_desktop.ui.parts import button, card, label
from salebell_desktop.ui.theme import Text, Theme
from salebell_desktop.ui.words import Words

_SIZE = (560, 640)
_LOUDEST = 100
_FIELD = 176
_ARROW = 10


class SettingsWindow(QWidget):
    """Shows the settings of now, whoever changes them, and changes them as soon as something is chosen.

    Args:
        settings: what it is about.
        theme: how it looks.
        words: in which words.
    """

    test_wanted = Signal()
    """A notification is to be shown, for a test."""

    def __init__(self, settings: SettingsStore, theme: Theme, words: Words) -> None:
        super().__init__()
        self._settings = settings
        self._theme = theme
        self._words = words
        self.setWindowTitle(self.tr("Settings of Salebell"))
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.resize(theme.px(_SIZE[0]), theme.px(_SIZE[1]))
        self._column = QVBoxLayout()
        self._column.setSpacing(theme.px(12))
        self._add_appearance()
        self._add_notifications()
        self._add_sound()
        self._add_quiet()
        self._column.addStretch()
        self._lay_out()
        for keys in ("Escape", "Ctrl+W"):
            QShortcut(QKeySequence(keys), self).activated.connect(self.close)
        self._end = settings.observe(lambda _before, _now: self.show_settings())
        self.show_settings()

    def present(self) -> None:
        """Come to the front."""
        self.show()
        self.raise_()
        self.activateWindow()

    def end(self) -> None:
        """Close for good."""
        self._end()
        self.hide()

    def show_settings(self) -> None:
        """Show what holds now."""
        now = self._settings.now
        quiet = now.quiet
        _choose(self.language, now.language)
        _choose(self.scheme, now.theme)
        _choose(self.approved, now.approved_sound)
        _choose(self.pending, now.pending_sound)
        for box, on in ((self.notify, now.notify), (self.scheduled, quiet.scheduled)):
            with QSignalBlocker(box):
                box.setChecked(on)
        with QSignalBlocker(self.volume):
            self.volume.setValue(now.volume)
        self._percent.setText(self.tr("{number} %").format(number=self._words.format.number(now.volume)))
        for field, minutes in ((self.start, quiet.start), (self.until, quiet.end)):
            with QSignalBlocker(field):
                field.setTime(QTime(minutes // 60, minutes % 60))
            field.setEnabled(quiet.scheduled)
        if not (self.amount.hasFocus() or self.currency.hasFocus()):
            minimum = now.minimum
            self.amount.setText("" if minimum is None else minimum.amount)
            self.currency.setText("" if minimum is None else minimum.currency)
            self.amount_problem.setVisible(False)

    # Its parts.

    def _add_appearance(self) -> None:
        self.scheme = self._chooser(
            self.tr("Theme"),
            [
                (self.tr("As the system"), ThemeChoice.SYSTEM),
                (self.tr("Light"), ThemeChoice.LIGHT),
                (self.tr("Dark"), ThemeChoice.DARK),
            ],
            "theme",
        )
        part = self._part(self.tr("Appearance"))
        names = [(NAMES.get(code, code), code) for code in available()]
        self.language = self._chooser(
            self.tr("Language"), [(self.tr("As the system"), SYSTEM_LANGUAGE), *names], "language"
        )
        self._row(part, self.language, self.tr("Holds when Salebell starts the next time."))
        self._row(part, self.scheme, self.tr("Light or dark windows."))

    def _add_notifications(self) -> None:
        part = self._part(self.tr("Notifications"))
        self.notify = self._box(self.tr("Show notifications"), lambda on: self._settings.change(notify=on))
        self._row(part, self.notify, self.tr("The badge counts every sale in any case."))
        self.amount = self._line(self.tr("Minimum amount"))
        self.currency = self._line(self.tr("Currency of the minimum"))
        self.currency.setMaxLength(3)
        self.currency.setPlaceholderText("ARS")
        self._row(part, self.amount, self.tr("Sales below this amount stay silent. Empty: every sale rings."))
        self._row(part, self.currency, self.tr("The currency of that amount. Sales in others always ring."))
        self.amount_problem = label(self._theme, self.tr("Write an amount such as 1500.00 and a currency such as ARS."))
        self.amount_problem.setProperty("kind", "problem")
        self.amount_problem.setVisible(False)
        part.addWidget(self.amount_problem)
        test = button(self._theme, self.tr("Test"))
        test.clicked.connect(self.test_wanted)
        self.test = test
        self._row(part, test, self.tr("Rings once, without touching any figure."))

    def _add_sound(self) -> None:
        part = self._part(self.tr("Sound"))
        sounds = [
            (self.tr("Cash register"), Sound.REGISTER),
            (self.tr("Soft bell"), Sound.BELL),
            (self.tr("None"), Sound.NONE),
        ]
        self.approved = self._chooser(self.tr("Approved sale"), sounds, "approved_sound")
        self.pending = self._chooser(self.tr("Pending sale"), sounds, "pending_sound")
        self._row(part, self.approved, self.tr("What is heard when a sale is paid."))
        self._row(part, self.pending, self.tr("What is heard when a sale still waits for its payment."))
        self.volume = QSlider(Qt.Orientation.Horizontal)
        self.volume.setRange(0, _LOUDEST)
        self.volume.setFixedWidth(self._theme.px(_FIELD))
        self.volume.setAccessibleName(self.tr("Volume"))
        self.volume.valueChanged.connect(self._change_volume)
        self._percent = label(self._theme, kind="muted")
        self._row(part, self.volume, self.tr("How loud it is, beside the computer's own volume."), self._percent)

    def _add_quiet(self) -> None:
        part = self._part(self.tr("Do not disturb"))
        self.scheduled = self._box(self.tr("Every day"), lambda on: self._change_quiet(scheduled=on))
        self._row(part, self.scheduled, self.tr("Nothing is shown or heard in these hours; a digest follows."))
        self.start = self._time(self.tr("From"), lambda minutes: self._change_quiet(start=minutes))
        self.until = self._time(self.tr("To"), lambda minutes: self._change_quiet(end=minutes))
        self._row(part, self.start, self.tr("When the quiet begins."))
        self._row(part, self.until, self.tr("When it ends, on the next day if that is earlier."))

    # Changing.

    def _change_volume(self, volume: int) -> None:
        self._settings.change(volume=volume)

    def _change_quiet(self, **fields: Any) -> None:
        self._settings.change(quiet=replace(self._settings.now.quiet, **fields))

    def _change_minimum(self) -> None:
        """Keep what is typed once it makes sense; nothing typed is no minimum."""
        amount, currency = self.amount.text().strip().replace(",", "."), self.currency.text().strip().upper()
        if not amount:
            self.amount_problem.setVisible(False)
            self._settings.change(minimum=None)
            return
        try:
            minimum = msgspec.convert({"amount": amount, "currency": currency}, Minimum)
        except msgspec.ValidationError:
            self.amount_problem.setVisible(True)
            return
        self.amount_problem.setVisible(False)
        self._settings.change(minimum=minimum)

    # Building.

    def _part(self, name: str) -> QVBoxLayout:
        frame: QFrame = card()
        column = QVBoxLayout(frame)
        px = self._theme.px
        column.setContentsMargins(px(16), px(12), px(16), px(12))
        column.setSpacing(px(8))
        column.addWidget(label(self._theme, name, size=Text.HEADING, bold=True))
        self._column.addWidget(frame)
        return column

    def _row(self, part: QVBoxLayout, control: QWidget, about: str, *beside: QWidget) -> None:
        """A control with its name, and beneath them the line on what it does."""
        row = QHBoxLayout()
        row.setSpacing(self._theme.px(12))
        if isinstance(control, QCheckBox):
            row.addWidget(control, 1)
        else:
            row.addWidget(label(self._theme, control.accessibleName()), 1)
            row.addWidget(control)
        for widget in beside:
            row.addWidget(widget)
        said = label(self._theme, about, size=Text.LABEL, kind="muted")
        said.setWordWrap(True)
        control.setAccessibleDescription(about)
        part.addLayout(row)
        part.addWidget(said)

    def _chooser(self, name: str, choices: Sequence[tuple[str, str]], field: str) -> QComboBox:
        made = _Choice(self._theme)
        made.setFont(self._theme.font())
        made.setFixedWidth(self._theme.px(_FIELD))
        made.setAccessibleName(name)
        for text, value in choices:
            made.addItem(text, value)

        def chosen(row: int) -> None:
            self._settings.change(**{field: choices[row][1]})

        made.currentIndexChanged.connect(chosen)
        return made

    def _box(self, name: str, then: Callable[[bool], None]) -> QCheckBox:
        made = QCheckBox(name)
        made.setFont(self._theme.font())
        made.setAccessibleName(name)
        made.toggled.connect(then)
        return made

    def _line(self, name: str) -> QLineEdit:
        made = QLineEdit()
        made.setFont(self._theme.font())
        made.setFixedWidth(self._theme.px(_FIELD))
        made.setMaxLength(20)
        made.setAccessibleName(name)
        made.editingFinished.connect(self._change_minimum)
        return made

    def _time(self, name: str, then: Callable[[int], None]) -> QTimeEdit:
        made = QTimeEdit()
        made.setLocale(self._words.format.locale)
        made.setFont(self._theme.font())
        made.setFixedWidth(self._theme.px(_FIELD))
        made.setAccessibleName(name)

        def changed(time: QTime) -> None:
            then(time.hour() * 60 + time.minute())

        made.timeChanged.connect(changed)
        return made

    def _lay_out(self) -> None:
        inner = QWidget()
        inner.setLayout(self._column)
        px = self._theme.px
        self._column.setContentsMargins(px(20), px(16), px(20), px(16))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll)


class _Choice(QComboBox):
    """A choice whose arrow is as sharp as the screen, and of our colours."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the field, and the arrow."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(QColor(self._theme.tokens.muted))
        box = self.rect().adjusted(0, 0, -self._theme.px(_ARROW), 0)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "\u25be")
        painter.end()


def _choose(box: QComboBox, value: str) -> None:
    with QSignalBlocker(box):
        box.setCurrentIndex(box.findData(value))
