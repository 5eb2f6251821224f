"""The sales window: header, what is wrong if anything, the list, and the selected sale."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from salebell_desktop.store import Change, Desk, ListState, SalesStore, StoreClosed, StoreOpened
from salebell_desktop.ui.actions import Actions
from salebell_desktop.ui.clock import Clock
from salebell_desktop.ui.parts import card
from salebell_desktop.ui.sales.details import SaleDetails, open_in_browser
from salebell_desktop.ui.sales.empty_page import EmptyPage
from salebell_desktop.ui.sales.header import Header
from salebell_desktop.ui.sales.model import SalesModel
from salebell_desktop.ui.sales.notices import Notices, Situation, situation
from salebell_desktop.ui.sales.table import SalesTable
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.throttle import Throttle
from salebell_desktop.ui.words import Words

_GEOMETRY = "sales_window/geometry"
_SIZE = (1080, 720)
_LEAST = (640, 420)
_REFRESH_MS = 50
_JUST_NOW = 0.4
"""Seconds. A click on the tray icon may take the focus from the window before it is heard of."""


class SalesWindow(QWidget):
    """Shows the sales of one store at a time, and tells the desk while the admin is looking at them.

    Args:
        desk: what to show.
        actions: what the user may want.
        theme: how it looks.
        words: in which words.
        clock: the time.
        menu: the application's menu, for who has no tray.
        settings: a directory, for the file that remembers the window's place.
        open_url: opens a sale's page.
    """

    looking_changed = Signal()
    """`looking_at` changed."""
    sign_in_wanted = Signal()

    def __init__(
        self,
        desk: Desk,
        actions: Actions,
        theme: Theme,
        words: Words,
        clock: Clock,
        menu: QMenu,
        settings: Path,
        open_url: Callable[[str], None] = open_in_browser,
    ) -> None:
        super().__init__()
        self._desk = desk
        self._actions = actions
        self._clock = clock
        self._store_name: str | None = None
        self._looking_at: str | None = None
        self._left_at = float("-inf")
        self.stays_in_taskbar = False
        """Closing it only minimises it: there is no tray to bring it back from."""
        self._settings = QSettings(str(settings / "windows.ini"), QSettings.Format.IniFormat)
        self.model = SalesModel(words, clock.now)
        self.model.load_older = actions.load_older
        self.table = SalesTable(self.model, theme, words, clock.steady)
        self.details = SaleDetails(theme, words, open_url)
        self.header = Header(desk, actions.accounts, theme, words, menu)
        self.notices = Notices(theme, words)
        self.empty = EmptyPage(theme)
        self._stack = QStackedWidget()
        self._loading = QFrame()
        self._countdown = QTimer(self)
        self._countdown.setInterval(1000)
        self._countdown.timeout.connect(self._show_situation)
        self._throttle = Throttle(self._show_situation, _REFRESH_MS, self)
        self._lay_out(theme)
        self._connect()
        self._restore_geometry()
        self._choose_store()
        self._end = desk.observe(self._changed)

    @property
    def looking_at(self) -> str | None:
        """The store that the admin is looking at: shown in a window that is visible and active. None: none."""
        return self._looking_at

    def present(self, store: str = "") -> None:
        """Come to the front, with `store` or else one that has unseen sales, or the one shown before."""
        names = [each.name for each in self._desk.stores]
        if store in names:
            self._show_store(store)
        else:
            self._choose_store()
            shown = self._store()
            if shown is not None and not shown.badge:
                waiting = next((each.name for each in self._desk.stores if each.badge), shown.name)
                self._show_store(waiting)
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    def toggle(self) -> None:
        """Come to the front, or go away when already there."""
        just_left = self._clock.steady() - self._left_at < _JUST_NOW
        if self._looking_at is not None or (self.isVisible() and (self.isActiveWindow() or just_left)):
            self.close()
        else:
            self.present()

    def end(self) -> None:
        """Close for good."""
        self._end()
        self._throttle.stop()
        self._countdown.stop()
        self._save_geometry()
        self.hide()

    # What Qt tells.

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Fill up, and look."""
        super().showEvent(event)
        self._show_rows()
        self._show_situation()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self._update_looking()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Look no more, and let the rows go."""
        super().hideEvent(event)
        self._countdown.stop()
        self._update_looking()
        # A hidden window costs nothing: neither memory for its rows nor time for what changes in them.
        if not self.isVisible():
            self.model.show(None)
            self.table.forget_news()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Another window has become active, or this one has."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.ActivationChange, QEvent.Type.WindowStateChange):
            if event.type() is QEvent.Type.ActivationChange and not self.isActiveWindow():
                self._left_at = self._clock.steady()
            self._update_looking()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Go away, or only down to the taskbar where that is the one way back."""
        self._save_geometry()
        if self.stays_in_taskbar:
            event.ignore()
            self.showMinimized()
        else:
            event.accept()

    # Building.

    def _lay_out(self, theme: Theme) -> None:
        px = theme.px
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumSize(px(_LEAST[0]), px(_LEAST[1]))
        self._loading.setFixedHeight(2)
        self._loading.setProperty("kind", "progress")
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        frame = card()
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(1, 1, 1, px(8))
        inside.setSpacing(0)
        inside.addWidget(self._loading)
        inside.addWidget(self._stack, 1)
        panes = QHBoxLayout()
        panes.setSpacing(px(12))
        panes.addWidget(frame, 1)
        panes.addWidget(self.details)
        body = QVBoxLayout()
        body.setContentsMargins(px(20), px(16), px(20), px(16))
        body.setSpacing(px(12))
        body.addWidget(self.notices)
        body.addLayout(panes, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        whole.addLayout(body, 1)

    def _connect(self) -> None:
        self.table.picked.connect(self._show_details)
        self.model.modelReset.connect(self._show_details)
        self.model.changed.connect(self._show_situation)
        self.details.closed.connect(self.table.clearSelection)
        self.header.store_wanted.connect(self._show_store)
        self.notices.reconnect_wanted.connect(self._actions.reconnect_now)
        self.empty.action.clicked.connect(self.sign_in_wanted)
        for keys, what in (
            (QKeySequence("Escape"), self.close),
            (QKeySequence("Ctrl+W"), self.close),
            (QKeySequence("F5"), self._actions.reconnect_now),
            (QKeySequence("Ctrl+Q"), self._actions.quit),
        ):
            QShortcut(keys, self).activated.connect(what)

    # Which store.

    def _store(self) -> SalesStore | None:
        return next((store for store in self._desk.stores if store.name == self._store_name), None)

    def _choose_store(self) -> None:
        if self._store() is None:
            stores = self._desk.stores
            self._show_store(stores[0].name if stores else "")

    def _show_store(self, name: str) -> None:
        if name == (self._store_name or ""):
            return
        self._store_name = name or None
        if self.isVisible():
            self._show_rows()
        self._show_situation()
        self._update_looking()

    # What changed.

    def _changed(self, change: Change) -> None:
        if isinstance(change, StoreOpened | StoreClosed):
            self._choose_store()
        if self.isVisible():
            self.model.apply(change)
        self._throttle.ask()

    def _show_rows(self) -> None:
        self.table.forget_news()
        self.table.clearSelection()
        self.model.show(self._store())
        self.table.scrollToTop()

    def _show_situation(self) -> None:
        """Everything but the rows, which the model brings."""
        self._show_title()
        if not self.isVisible():
            return
        store = self._store()
        now = self._clock.unix()
        what = situation(self._desk, store, rows=self.model.rowCount())
        self._stack.setCurrentWidget(self.table if what is Situation.LIST else self.empty)
        self.notices.show_for(self._desk, store, now)
        self.notices.describe(what, self._desk, self.empty)
        self._loading.setVisible(store is not None and store.list_state is ListState.LOADING)
        link = self._desk.link if store is None else store.link
        delayed = store is not None and store.delayed
        self.header.show_stores(self._store_name)
        self.header.show_account()
        self.header.show_link(link, now, delayed=delayed)
        if link.next_try is not None:
            self._countdown.start()
        else:
            self._countdown.stop()

    def _show_title(self) -> None:
        badge = self._desk.badge
        self.setWindowTitle(f"({badge}) Salebell" if badge else "Salebell")

    def _show_details(self) -> None:
        self.details.show_sale(self.table.selected)

    # Looking.

    def _update_looking(self) -> None:
        looks = self.isVisible() and not self.isMinimized() and self.isActiveWindow()
        looking_at = self._store_name if looks else None
        if looking_at != self._looking_at:
            self._looking_at = looking_at
            self._desk.look_at(() if looking_at is None else (looking_at,))
            self.looking_changed.emit()

    # Its place on the screen.

    def _restore_geometry(self) -> None:
        kept = self._settings.value(_GEOMETRY)
        if not (isinstance(kept, QByteArray) and self.restoreGeometry(kept)):
            self.resize(*_SIZE)

    def _save_geometry(self) -> None:
        self._settings.setValue(_GEOMETRY, self.saveGeometry())
        self._settings.sync()
