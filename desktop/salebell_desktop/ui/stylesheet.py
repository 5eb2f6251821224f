"""The one stylesheet, made from the tokens. Widgets take part by their `objectName` or the property `kind`."""

from collections.abc import Callable
from string import Template

import msgspec

from salebell_desktop.ui.tokens import RADIUS, Tokens, mix

_SHEET = Template("""
#page { background: $background; }
#header { background: $card; border: none; border-bottom: 1px solid $line; }
QFrame[kind="card"] { background: $card; border: 1px solid $line; border-radius: ${radius}px; }
QLabel { background: transparent; color: $text; }
QLabel[kind="muted"] { color: $muted; }
QLabel[kind="problem"] { color: $bad; }
QLabel[kind="good"] { color: $accent; }
QLabel[kind="notice"] {
    color: $warn; background: $warn_soft; border-radius: ${small}px; padding: ${p8}px ${p12}px;
}
QFrame[kind="strip"] { border: none; border-radius: ${radius}px; }
QFrame[kind="strip"][tone="warn"] { background: $warn_soft; }
QFrame[kind="strip"][tone="bad"] { background: $bad_soft; }
QFrame[kind="strip"][tone="good"] { background: $accent_soft; }
QFrame[kind="strip"][tone="good"] QLabel { color: $text; }
QFrame[kind="strip"][tone="warn"] QLabel { color: $warn; }
QFrame[kind="strip"][tone="bad"] QLabel { color: $bad; }
QFrame[kind="well"] { background: $field; border: none; border-radius: ${small}px; }
QFrame[kind="rule"] { background: $line; border: none; }
QFrame[kind="chip"] { background: $card; border: 1px solid $line; border-radius: ${chip}px; }
QFrame[kind="progress"] { background: $accent; border: none; }

QPushButton {
    background: $card; color: $text; border: 1px solid $line; border-radius: ${small}px;
    padding: ${p4}px ${p12}px; min-height: ${control}px;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $line; }
QPushButton::menu-indicator { image: none; width: 0; }
QPushButton:focus { border: 2px solid $accent; padding: ${p3}px ${p11}px; }
QPushButton:disabled { color: $muted; background: $background; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border: 1px solid $accent; font-weight: 600; }
QPushButton[kind="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[kind="primary"]:pressed { background: $accent_press; border-color: $accent_press; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; padding: ${p3}px ${p11}px; }
QPushButton[kind="primary"]:disabled { background: $line; color: $muted; border-color: $line; }
QPushButton[kind="link"] {
    background: transparent; border: 1px solid transparent; padding: 0 ${p4}px; min-height: ${p20}px; font-weight: 600;
}
QPushButton[kind="link"]:hover { text-decoration: underline; }
QPushButton[kind="link"]:focus { border: 1px solid $accent; padding: 0 ${p4}px; }
QPushButton[kind="quiet"] {
    background: transparent; color: $accent; border: 1px solid transparent; padding: ${p2}px; min-height: 0;
}
QPushButton[kind="quiet"]:hover { text-decoration: underline; }
QPushButton[kind="quiet"]:focus { border: 1px solid $accent; padding: ${p2}px; }
QPushButton[kind="quiet"]:disabled { color: $muted; background: transparent; text-decoration: none; }
QPushButton[kind="account"] { background: $card; padding: 0; min-height: 0; text-align: left; }
QPushButton[kind="account"]:hover { background: $hover; }
QPushButton[kind="account"]:focus { padding: 0; }
QPushButton[kind="account"] QLabel:disabled { color: $muted; }
QFrame[tone="warn"] QPushButton[kind="link"] { color: $warn; }
QFrame[tone="warn"] QPushButton[kind="link"]:focus { border-color: $warn; }
QFrame[tone="bad"] QPushButton[kind="link"] { color: $bad; }
QFrame[tone="bad"] QPushButton[kind="link"]:focus { border-color: $bad; }

QLineEdit {
    background: $field; color: $text; border: 1px solid $line; border-radius: ${small}px;
    padding: ${p4}px ${p8}px; min-height: ${control}px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit:focus { border: 2px solid $accent; padding: ${p3}px ${p7}px; }
QLineEdit:disabled { color: $muted; }

QDateEdit, QTimeEdit, QComboBox, QSpinBox {
    background: $card; color: $text; border: 1px solid $line; border-radius: ${small}px;
    padding: ${p4}px ${p8}px; min-height: ${control}px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QDateEdit:focus, QTimeEdit:focus, QComboBox:focus, QSpinBox:focus {
    border: 2px solid $accent; padding: ${p3}px ${p7}px;
}
QDateEdit:disabled, QTimeEdit:disabled, QComboBox:disabled, QSpinBox:disabled {
    color: $muted; background: $background;
}
QDateEdit::drop-down { border: none; background: transparent; width: ${p20}px; }
QComboBox::drop-down { border: none; background: transparent; width: ${p20}px; }
QComboBox QAbstractItemView { background: $card; color: $text; border: 1px solid $line; outline: none; }
QListWidget { background: transparent; color: $text; border: none; outline: none; }
QListWidget::item { padding: ${p8}px ${p12}px; border-radius: ${small}px; }
QListWidget::item:hover { background: $hover; }
QListWidget::item:selected { background: $selection; color: $text; }
QListWidget:focus::item:selected { border: 2px solid $accent; }

QTableView {
    background: $card; color: $text; border: none; outline: none;
    border-bottom-left-radius: ${radius}px; border-bottom-right-radius: ${radius}px;
}
QHeaderView { background: transparent; border: none; }
QHeaderView::section {
    background: $card; color: $muted; border: none; border-bottom: 1px solid $line; padding: 0 ${p12}px;
}
QHeaderView::section:first { border-top-left-radius: ${radius}px; }
QHeaderView::section:last { border-top-right-radius: ${radius}px; }

QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: ${p12}px; margin: ${p2}px; }
QScrollBar::handle:vertical { background: $line; border-radius: ${p4}px; min-height: ${p32}px; }
QScrollBar::handle:vertical:hover { background: $muted; }
QScrollBar:horizontal { background: transparent; height: ${p12}px; margin: ${p2}px; }
QScrollBar::handle:horizontal { background: $line; border-radius: ${p4}px; min-width: ${p32}px; }
QScrollBar::handle:horizontal:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { height: 0; width: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QMessageBox QLabel#qt_msgbox_label { font-weight: 600; }
QMessageBox QLabel#qt_msgbox_informativelabel { min-width: ${p320}px; }
QToolTip { background: $card; color: $text; border: 1px solid $line; padding: ${p4}px; }
QMenu { background: $card; color: $text; border: 1px solid $line; padding: ${p4}px 0; }
QMenu::item { padding: ${p4}px ${p20}px; }
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $muted; }
QMenu::indicator { image: none; border: none; background: transparent; width: ${p12}px; height: ${p12}px; }
QMenu::separator { height: 1px; background: $line; margin: ${p4}px 0; }
""")


def stylesheet(tokens: Tokens, px: Callable[[int], int]) -> str:
    """The stylesheet for `tokens`; `px` grows a distance with the system's font."""
    sizes = {f"p{size}": str(px(size)) for size in (2, 3, 4, 7, 8, 11, 12, 20, 32, 320)}
    return _SHEET.substitute(
        msgspec.structs.asdict(tokens),
        radius=RADIUS,
        small=RADIUS - 2,
        chip=px(28) // 2,
        control=px(22),
        accent_hover=mix(tokens.accent, tokens.text, 0.12),
        accent_press=mix(tokens.accent, tokens.text, 0.24),
        **sizes,
    )
