"""The pane beside the list: one sale in full, and the way to its page in the shop."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from salebell_desktop.ui.actions import SalesActions
from salebell_desktop.ui.parts import StatusPill, button, label
from salebell_desktop.ui.sales.history import History
from salebell_desktop.ui.theme import Text, Theme
from salebell_desktop.ui.words import Words
from salebell_protocol.money import times
from salebell_protocol.sales import Item, Sale, check_url

WIDTH = 320
_MOST_ITEMS = 100
_TIMES = "\u00d7"
_UNBOUNDED = 16_777_215
"""QWIDGETSIZE_MAX (doc.qt.io, QWidget)."""


def open_in_browser(url: str) -> None:
    """Open an https address in the user's browser."""
    QDesktopServices.openUrl(QUrl(url, QUrl.ParsingMode.StrictMode))


class SaleDetails(QFrame):
    """Shows a sale until it is told another, or none.

    Args:
        theme: how it looks.
        words: in which words.
        actions: asks for the history of a sale.
        open_url: opens a page. The address is checked again before: the list may have come from a cache.
    """

    closed = Signal()
    """The user wants to see the list alone."""

    def __init__(
        self,
        theme: Theme,
        words: Words,
        actions: SalesActions,
        open_url: Callable[[str], None] = open_in_browser,
    ) -> None:
        super().__init__()
        self._theme = theme
        self._words = words
        self._open_url = open_url
        self._store = ""
        self._sale: Sale | None = None
        self.setProperty("kind", "card")
        self.setFixedWidth(theme.px(WIDTH))
        self.setAccessibleName(self.tr("Selected sale"))
        self._number = _text(label(theme, size=Text.TITLE, bold=True))
        self._pill = StatusPill(theme)
        self._total = label(theme, size=Text.HEADING, bold=True)
        self._customer = _text(label(theme))
        self._email = _text(label(theme, kind="muted"))
        self._items = QGridLayout()
        self._facts = QGridLayout()
        self.history = History(theme, words, actions)
        self.copy = button(theme, self.tr("Copy"))
        self.copy.setMenu(self._copy_menu())
        self._close = button(theme, "✕", kind="link")
        self._close.setAccessibleName(self.tr("Close the details"))
        self._close.clicked.connect(self.closed)
        self.open = button(theme, self.tr("Open in the shop ↗"), kind="primary")
        self.open.clicked.connect(self._open)
        self._lay_out()
        self.hide()

    @property
    def sale(self) -> Sale | None:
        """What is shown."""
        return self._sale

    def fill_width(self, alone: bool) -> None:
        """Take all the room there is, or stand beside the list."""
        self.setMinimumWidth(self._theme.px(WIDTH))
        self.setMaximumWidth(_UNBOUNDED if alone else self._theme.px(WIDTH))

    def show_sale(self, store: str, sale: Sale | None) -> None:
        """Show `sale` of `store`; None hides the pane."""
        if sale == self._sale and store == self._store:
            return
        self._store, self._sale = store, sale
        self.setVisible(sale is not None)
        self.history.show_for(store, sale)
        if sale is None:
            return
        words = self._words
        self._number.setText(sale.number or sale.id)
        self._pill.show_status(sale.status, words.status(sale.status))
        self._total.setText(words.format.money(sale.total, sale.currency))
        customer = sale.customer
        self._say(self._customer, "" if customer is None else customer.name)
        self._say(self._email, "" if customer is None else customer.email)
        self._fill_items(sale)
        self._fill_facts(sale)
        self.open.setVisible(_safe(sale.url))

    def _lay_out(self) -> None:
        px = self._theme.px
        top = QHBoxLayout()
        top.addWidget(label(self._theme, self.tr("Sale"), size=Text.LABEL, kind="muted"))
        top.addStretch()
        top.addWidget(self._close)
        state = QHBoxLayout()
        state.addWidget(self._pill)
        state.addStretch()
        state.addWidget(self._total)
        for grid in (self._items, self._facts):
            grid.setColumnStretch(0, 1)
            grid.setHorizontalSpacing(px(12))
            grid.setVerticalSpacing(px(4))
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(4))
        column.addWidget(self._customer)
        column.addWidget(self._email)
        column.addSpacing(px(12))
        column.addLayout(self._items)
        column.addSpacing(px(12))
        column.addLayout(self._facts)
        column.addSpacing(px(12))
        column.addWidget(self.history)
        column.addStretch()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(px(16), px(12), px(16), px(16))
        whole.setSpacing(px(4))
        whole.addLayout(top)
        whole.addWidget(self._number)
        whole.addSpacing(px(8))
        whole.addLayout(state)
        whole.addSpacing(px(12))
        whole.addWidget(scroll, 1)
        whole.addSpacing(px(8))
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        foot.addWidget(self.copy)
        foot.addWidget(self.open, 1)
        whole.addLayout(foot)

    def _fill_items(self, sale: Sale) -> None:
        _empty(self._items)
        for row, item in enumerate(sale.items[:_MOST_ITEMS]):
            price = label(self._theme, self._price(sale, item))
            self._items.addWidget(_wrapping(label(self._theme, self._item(item))), row, 0)
            self._items.addWidget(price, row, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        if (more := len(sale.items) - _MOST_ITEMS) > 0:
            text = self.tr("and {count} more item(s)", None, more).format(count=self._words.format.number(more))
            self._items.addWidget(label(self._theme, text, kind="muted"), _MOST_ITEMS, 0)

    def _item(self, item: Item) -> str:
        return f"{self._words.format.number(item.quantity)} {_TIMES} {item.name}"

    def _fill_facts(self, sale: Sale) -> None:
        _empty(self._facts)
        written = self._words.format
        facts = [(self.tr("Channel"), sale.channel), (self.tr("Created"), written.moment_in_full(sale.created_at))]
        if sale.updated_at != sale.created_at:
            facts.append((self.tr("Changed"), written.moment_in_full(sale.updated_at)))
        for row, (name, value) in enumerate(fact for fact in facts if fact[1]):
            self._facts.addWidget(label(self._theme, name, size=Text.LABEL, kind="muted"), 2 * row, 0)
            self._facts.addWidget(_wrapping(label(self._theme, value)), 2 * row + 1, 0)

    def _copy_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction(self.tr("Number")).triggered.connect(partial(self._copy, _number))
        menu.addAction(self.tr("E-mail")).triggered.connect(partial(self._copy, _email))
        menu.addAction(self.tr("Everything")).triggered.connect(partial(self._copy, self.as_text))
        return menu

    def _copy(self, what: Callable[[Sale], str]) -> None:
        if self._sale is not None:
            QGuiApplication.clipboard().setText(what(self._sale))

    def as_text(self, sale: Sale) -> str:
        """A sale in lines, to be pasted into a message."""
        written = self._words.format
        customer = sale.customer
        lines = [
            f"{self.tr('Sale')} {sale.number or sale.id} · {self._words.status(sale.status)}",
            written.money(sale.total, sale.currency),
            "" if customer is None else " · ".join(part for part in (customer.name, customer.email) if part),
            *(f"{self._item(item)}  {self._price(sale, item)}" for item in sale.items),
            " · ".join(part for part in (sale.channel, written.moment_in_full(sale.created_at)) if part),
            sale.url or "",
        ]
        return "\n".join(line for line in lines if line)

    def _price(self, sale: Sale, item: Item) -> str:
        return self._words.format.money(times(item.unit_price, item.quantity), sale.currency)

    def _say(self, where: QLabel, text: str) -> None:
        where.setText(text)
        where.setVisible(bool(text))

    def _open(self) -> None:
        if self._sale is not None and self._sale.url is not None and _safe(self._sale.url):
            self._open_url(self._sale.url)


def _number(sale: Sale) -> str:
    return sale.number or sale.id


def _email(sale: Sale) -> str:
    return "" if sale.customer is None else sale.customer.email


def _safe(url: str | None) -> bool:
    if url is None:
        return False
    try:
        check_url(url)
    except ValueError:
        return False
    return True


def _text(made: QLabel) -> QLabel:
    """Text that can be copied, and that never makes the pane wider."""
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return made


def _wrapping(made: QLabel) -> QLabel:
    made.setWordWrap(True)
    return _text(made)


def _empty(grid: QGridLayout) -> None:
    while (item := grid.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
