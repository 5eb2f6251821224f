"""The sales window: header, what is wrong if anything, figures, the list with its filters, and the selected sale."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from salebell_desktop.settings import SettingsStore
from salebell_desktop.store import Change, Desk, LinkChanged, LinkState, SalesStore, StoreClosed, StoreOpened
from salebell_desktop.ui.actions import Actions, Told
from salebell_desktop.ui.clock import Clock
from salebell_desktop.ui.geometry import Geometry
from salebell_desktop.ui.reasons import translated
from salebell_desktop.ui.sales.details import SaleDetails, open_in_browser
from salebell_desktop.ui.sales.exporting import Exporting
from salebell_desktop.ui.sales.figures import FiguresStrip
from salebell_desktop.ui.sales.header import Header
from salebell_desktop.ui.sales.notices import Notices, Situation, situation
from salebell_desktop.ui.sales.pane import ListPane
from salebell_desktop.ui.sales.remembered import RememberedView
from salebell_desktop.ui.tasks import Tasks
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.throttle import Throttle
from salebell_desktop.ui.words import Words
from salebell_protocol.sales import Sale

_NAME = "sales_window"
_FILE = "windows.ini"
_SIZE = (1160, 760)
_LEAST = (640, 460)
_NARROW = 820
"""Pixels of width below which the details take the list's place."""
_REFRESH_MS = 50
_SECOND_MS = 1000
_JUST_NOW = 0.4
"""Seconds. A click on the tray icon may take the focus from the window before it is heard of."""


class SalesWindow(QWidget):
    """Shows the sales of one store at a time, and tells the desk while the admin is looking at them.

    Args:
        desk: what to show.
        actions: what the user may want.
        settings: what the user chose.
        theme: how it looks.
        words: in which words.
        clock: the time.
        menu: the application's menu, for who has no tray.
        directory: for the file that remembers the window's place, columns and order.
        open_url: opens a sale's page.
    """

    looking_changed = Signal()
    """`looking_at` changed."""
    sign_in_wanted = Signal()
    settings_wanted = Signal()

    def __init__(
        self,
        desk: Desk,
        actions: Actions,
        settings: SettingsStore,
        theme: Theme,
        words: Words,
        clock: Clock,
        menu: QMenu,
        directory: Path,
        open_url: Callable[[str], None] = open_in_browser,
    ) -> None:
        super().__init__()
        self._desk = desk
        self._actions = actions
        self._clock = clock
        self._theme = theme
        self._store_name: str | None = None
        self._looking_at: str | None = None
        self._left_at = float("-inf")
        self._tasks = Tasks()
        self.stays_in_taskbar = False
        """Closing it only minimises it: there is no tray to bring it back from."""
        file = QSettings(str(directory / _FILE), QSettings.Format.IniFormat)
        self._geometry = Geometry(file, _NAME)
        self.header = Header(desk, actions.accounts, theme, words, menu)
        self.notices = Notices(theme, words, settings, open_url)
        self.exporting = Exporting(actions, theme, words)
        self.figures = FiguresStrip(actions, theme, words, clock)
        self.pane = ListPane(actions, theme, words, clock, RememberedView(file))
        self.details = SaleDetails(theme, words, actions, open_url)
        self.model, self.table, self.filters, self.empty = (
            self.pane.model, self.pane.table, self.pane.filters, self.pane.empty,
        )  # fmt: skip
        self._countdown = QTimer(self)
        self._countdown.setInterval(_SECOND_MS)
        self._countdown.timeout.connect(self._show_situation)
        self._throttle = Throttle(self._show_situation, _REFRESH_MS, self)
        self._lay_out(theme)
        self._connect()
        if not self._geometry.restore(self):
            self.resize(theme.px(_SIZE[0]), theme.px(_SIZE[1]))
        self._choose_store()
        self._end = desk.observe(self._changed)

    @property
    def store_name(self) -> str:
        """The store shown; "" is none."""
        return self._store_name or ""

    @property
    def looking_at(self) -> str | None:
        """The store that the admin is looking at: shown in a window that is visible and active. None: none."""
        return self._looking_at

    def present(self, store: str = "", sale: str = "") -> None:
        """Come to the front, with `store` or else one that has unseen sales, or the one shown before.

        Args:
            store: its name.
            sale: the id of one of its sales, to be selected.
        """
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
        if sale:
            self._find(store or self.store_name, sale)

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
        self._geometry.save(self)
        self._tasks.cancel()
        self.exporting.stop()
        self.hide()
        self._let_go()
        self.figures.stop()

    # What Qt tells.

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Fill up, and look."""
        super().showEvent(event)
        # Back from the taskbar or another desktop it has its rows already.
        if self.pane.listing is None:
            self._list()
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self._update_looking()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Look no more, and let the rows go."""
        super().hideEvent(event)
        self._update_looking()
        if not self.isVisible():
            self._let_go()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Another window has become active, or this one has."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.ActivationChange, QEvent.Type.WindowStateChange):
            if event.type() is QEvent.Type.ActivationChange and not self.isActiveWindow():
                self._left_at = self._clock.steady()
            self._update_looking()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Go away, or only down to the taskbar where that is the one way back."""
        self._geometry.save(self)
        if self.stays_in_taskbar:
            event.ignore()
            self.showMinimized()
        else:
            event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Where there is no room for both, the selected sale takes the list's place."""
        super().resizeEvent(event)
        self._share_room()

    # Building.

    def _lay_out(self, theme: Theme) -> None:
        px = theme.px
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumSize(px(_LEAST[0]), px(_LEAST[1]))
        panes = QHBoxLayout()
        panes.setSpacing(px(12))
        panes.addWidget(self.pane, 1)
        panes.addWidget(self.details)
        body = QVBoxLayout()
        body.setContentsMargins(px(20), px(16), px(20), px(16))
        body.setSpacing(px(12))
        body.addWidget(self.notices)
        body.addWidget(self.exporting)
        body.addWidget(self.figures)
        body.addLayout(panes, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        whole.addLayout(body, 1)

    def _connect(self) -> None:
        self.pane.picked.connect(self._show_details)
        self.pane.changed.connect(self._throttle.ask)
        self.details.closed.connect(self._back_to_list)
        self.header.store_wanted.connect(self._show_store)
        self.header.export_wanted.connect(self._export)
        self.header.settings_wanted.connect(self.settings_wanted)
        self.notices.reconnect_wanted.connect(self._actions.reconnect_now)
        self.notices.again_wanted.connect(self.pane.read_on)
        self.exporting.changed.connect(self._throttle.ask)
        self.empty.action.clicked.connect(self._help)
        for keys, what in (
            (QKeySequence("Escape"), self._escape),
            (QKeySequence("Ctrl+W"), self.close),
            (QKeySequence("Ctrl+F"), self._search),
            (QKeySequence("Ctrl+E"), self._export),
            (QKeySequence("Ctrl+,"), self.settings_wanted.emit),
            (QKeySequence("F5"), self._actions.reconnect_now),
            (QKeySequence("Ctrl+Q"), self._actions.quit),
        ):
            QShortcut(keys, self).activated.connect(what)
        for keys, what in (
            (QKeySequence(QKeySequence.StandardKey.Copy), self._copy_row),
            (QKeySequence("Return"), self._go_to_details),
            (QKeySequence("Enter"), self._go_to_details),
        ):
            on_row = QShortcut(keys, self.table)
            on_row.setContext(Qt.ShortcutContext.WidgetShortcut)
            on_row.activated.connect(what)

    def _search(self) -> None:
        if self.pane.isHidden():
            self._back_to_list()
        self.filters.begin_search()

    def _go_to_details(self) -> None:
        self.details.copy.setFocus(Qt.FocusReason.OtherFocusReason)

    def _back_to_list(self) -> None:
        self.table.clearSelection()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _escape(self) -> None:
        """Step back: out of the details of a narrow window, out of what is searched, out of the window."""
        if self.pane.isHidden():
            self._back_to_list()
        elif self.filters.search.text():
            self.filters.clear_search()
        else:
            self.close()

    def _help(self) -> None:
        if self._desk.account is None:
            self.sign_in_wanted.emit()
        else:
            self.filters.clear()

    def _export(self) -> None:
        listing = self.pane.listing
        if listing is not None and len(listing.rows) and not self.exporting.busy:
            self.exporting.ask(listing, self._clock.now().astimezone(), self)

    def _copy_row(self) -> None:
        sale = self.table.selected
        if sale is not None:
            shown = [column for column in self.table.arrangement.places if not self.table.isColumnHidden(column)]
            QGuiApplication.clipboard().setText("\t".join(self.model.text(sale, column) for column in shown))

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
            self._list()
        self._show_situation()
        self._update_looking()

    def _list(self) -> None:
        store = self._store()
        self.figures.show_store(store)
        self.pane.show_store(store)
        self._show_situation()

    def _let_go(self) -> None:
        """A hidden window costs nothing: neither memory for its rows nor time for what changes in them."""
        self.pane.show_store(None)
        self.figures.show_store(None)
        self.notices.say_lost("")
        self._countdown.stop()
        self._throttle.stop()

    # One sale that is asked for.

    def _find(self, store: str, sale_id: str) -> None:
        self.notices.say_lost("")
        shown = self._store()
        if shown is None or shown.name != store:
            self.notices.say_lost(self.tr("The sale cannot be shown: its store is not among yours any more."))
        elif not self.pane.select(sale_id):
            known = shown.sales.get(sale_id)
            if known is not None:
                self._reveal(known)
            else:
                self._tasks.start(self._fetch(store, sale_id))

    async def _fetch(self, store: str, sale_id: str) -> None:
        found = await self._actions.find_sale(store, sale_id)
        if store != self._store_name or not self.isVisible():
            return
        if isinstance(found, Told):
            text = self.tr("The sale cannot be shown: {problem}").format(problem=translated(found.sentence))
            self.notices.say_lost(text)
        else:
            self._reveal(found)

    def _reveal(self, sale: Sale) -> None:
        if self.pane.reveal(sale):
            self.notices.say_lost(self.tr("The filters were cleared to show this sale."))
        selected = self.table.selected
        if selected is None or selected.id != sale.id:
            # The list is as long as it may be, and this sale older than its last one.
            self.details.show_sale(self.store_name, sale)
            self._share_room()

    # What changed.

    def _changed(self, change: Change) -> None:
        if isinstance(change, StoreOpened | StoreClosed):
            self._choose_store()
        if not self.isVisible():
            return
        self.figures.changed(change)
        store = self._store()
        ours = store is not None and change.store == store.name and store.link.state is LinkState.CONNECTED
        if ours and isinstance(change, LinkChanged):
            self.pane.read_on()
        self._throttle.ask()

    def _show_situation(self) -> None:
        """Everything but the rows, which the model brings."""
        if not self.isVisible():
            return
        self._show_title()
        store = self._store()
        now = self._clock.unix()
        listing = self.pane.listing
        rows = self.model.rowCount()
        what = situation(self._desk, store, listing, rows)
        self.pane.show_list(what is Situation.LIST)
        self.pane.show_progress()
        self.notices.show_for(self._desk, store, listing, now)
        self.notices.describe(what, self._desk, self.empty)
        self.filters.setVisible(self._desk.account is not None)
        self.figures.setVisible(store is not None and what is not Situation.SIGNED_OUT)
        self.header.export.setEnabled(bool(rows) and not self.exporting.busy)
        link = self._desk.link if store is None else store.link
        self.header.show_stores(self._store_name)
        self.header.show_account()
        self.header.show_link(link, now, delayed=store is not None and store.delayed)
        if link.next_try is None:
            self._countdown.stop()
        elif not self._countdown.isActive():
            self._countdown.start()

    def _show_title(self) -> None:
        badge = self._desk.badge
        self.setWindowTitle(f"({badge}) Salebell" if badge else "Salebell")

    def _show_details(self) -> None:
        self.details.show_sale(self.store_name, self.table.selected)
        self._share_room()

    def _share_room(self) -> None:
        alone = self.details.sale is not None and self.width() < self._theme.px(_NARROW)
        self.pane.setVisible(not alone)
        self.details.fill_width(alone)

    # Looking.

    def _update_looking(self) -> None:
        looks = self.isVisible() and not self.isMinimized() and self.isActiveWindow()
        looking_at = self._store_name if looks else None
        if looking_at != self._looking_at:
            self._looking_at = looking_at
            self._desk.look_at(() if looking_at is None else (looking_at,))
            self.looking_changed.emit()
