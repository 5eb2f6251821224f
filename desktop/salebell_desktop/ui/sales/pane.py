"""The list: what is looked for, the sales that are found, or what stands in their place."""

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QSizePolicy, QStackedWidget, QVBoxLayout

from salebell_desktop.store import (
    Change,
    LinkState,
    Listing,
    ListingChanged,
    ListState,
    Order,
    Progress,
    Query,
    SaleHeard,
    SalesReset,
    SalesStore,
)
from salebell_desktop.ui.actions import SalesActions
from salebell_desktop.ui.clock import Clock
from salebell_desktop.ui.sales.empty_page import EmptyPage
from salebell_desktop.ui.sales.filters import FilterBar
from salebell_desktop.ui.sales.model import SalesModel
from salebell_desktop.ui.sales.remembered import RememberedView
from salebell_desktop.ui.sales.table import SalesTable
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.words import Words
from salebell_protocol.sales import Sale

_FEW = 30
"""Rows that do not fill a window: more are loaded before anybody scrolls."""
_MINUTE_MS = 60_000


class ListPane(QFrame):
    """Lists the sales of one store as long as it is given one, and nothing that costs anything else.

    Args:
        actions: loads more.
        theme: how it looks.
        words: in which words.
        clock: the time.
        remembered: how the table was set up.
    """

    picked = Signal()
    """Another sale is selected, or none, or the selected one changed: see `table.selected`."""
    changed = Signal()
    """There are more rows or fewer, or it is read further, or another listing is shown."""

    def __init__(
        self, actions: SalesActions, theme: Theme, words: Words, clock: Clock, remembered: RememberedView
    ) -> None:
        super().__init__()
        self._load_more = actions.load_more
        self._words = words
        self._clock = clock
        self._remembered = remembered
        self._store: SalesStore | None = None
        self._listing: Listing | None = None
        self._ends: list[Callable[[], None]] = []
        self._order = remembered.order
        self._asked = False
        self.setProperty("kind", "card")
        self.model = SalesModel(words, clock.now, actions.load_more)
        self.table = SalesTable(self.model, theme, words, clock.steady)
        self.table.arrange(remembered.arrangement)
        self.filters = FilterBar(theme, words, clock.now, self._channels, self.table.menu)
        self.empty = EmptyPage(theme)
        self.progress_line = QFrame()
        self._stack = QStackedWidget()
        self._day = clock.now().astimezone(words.format.zone).date()
        self._minute = QTimer(self)
        self._minute.setInterval(_MINUTE_MS)
        self._minute.timeout.connect(self._minute_over)
        self._lay_out(theme)
        self.table.picked.connect(self.picked)
        self.table.order_wanted.connect(self._sort)
        self.table.arranged.connect(self._keep_view)
        self.table.typed.connect(self.filters.begin_search)
        self.model.changed.connect(self.changed)
        self.filters.changed.connect(self._begin)
        self.filters.left.connect(self._go_to_list)

    @property
    def listing(self) -> Listing | None:
        """What is listed; None: nothing."""
        return self._listing

    @property
    def searching(self) -> bool:
        """Whether only some of the sales are looked for."""
        return self._listing is not None and self._listing.query != Query()

    def show_store(self, store: SalesStore | None) -> None:
        """List this store from now on; None lets everything go."""
        self._store = store
        if store is None:
            self._minute.stop()
            self.filters.stop()
        else:
            self._minute.start()
        self._begin()

    def show_list(self, shown: bool) -> None:
        """Show the table, or the page that says why there is nothing in it."""
        self._stack.setCurrentWidget(self.table if shown else self.empty)

    def show_progress(self) -> None:
        """Say how many sales there are, and whether more are being read."""
        store, listing = self._store, self._listing
        reading = listing is not None and listing.progress is Progress.LOADING
        loading = store is not None and store.list_state is ListState.LOADING
        self.progress_line.setVisible(reading or loading)
        self.filters.say_count("" if listing is None else self._count(listing))

    def read_on(self) -> None:
        """The connection is back: what could not be read may be asked for again."""
        if self._listing is not None and self._listing.progress is Progress.FAILED:
            self._load_more(self._listing)
        else:
            self._asked = False
            self._read()

    def select(self, sale_id: str) -> bool:
        """Select a sale that is listed, also when it is just coming, and bring it into sight. False: it is not."""
        self.model.flush()
        row = self.model.row_of(sale_id)
        if row is not None:
            self.table.select(row)
        return row is not None

    def reveal(self, sale: Sale) -> bool:
        """Select `sale` whatever it takes; the answer is whether filters that hid it had to be cleared."""
        hidden = self._listing is not None and not self._listing.query.matches(sale)
        if hidden:
            self.filters.clear()
        if self._listing is not None:
            self._listing.put_found(sale)
        self.select(sale.id)
        return hidden

    # Listings come and go.

    def _begin(self) -> None:
        """Another store, query or order is another listing. A selected sale that is in it as well stays selected."""
        for end in self._ends:
            end()
        self._ends, self._listing = [], None
        self.table.forget_news()
        if self._store is not None:
            # Heard before the listing hears of it: what comes in by an event is news.
            unhear = self._store.observe(self._hear)
            self._listing = self._store.listing(self.filters.query, self._order)
            self._ends = [unhear, self._listing.observe(self._listing_changed), self._listing.close]
        self.model.show(self._listing)
        self.table.scrollToTop()
        self._asked = False
        self._read()
        self.changed.emit()

    def _hear(self, change: Change) -> None:
        if isinstance(change, SaleHeard):
            self.model.hear(change.sale.id)

    def _listing_changed(self, change: Change) -> None:
        if isinstance(change, SalesReset):
            self._asked = False
        elif isinstance(change, ListingChanged):
            self._read()
        self.changed.emit()

    def _read(self) -> None:
        """Load what is needed before anybody scrolls.

        The newest of all sales are at hand, but what is looked for may be on the server alone: it is asked once, and
        again until there is a windowful. An order of one's own is true only of all there are.
        """
        listing = self._listing
        if listing is None or listing.progress is not Progress.PARTLY:
            return
        if (self.searching and not self._asked) or len(listing.rows) < _FEW or not listing.in_order:
            self._asked = True
            self._load_more(listing)

    def _sort(self, order: Order) -> None:
        self._order = order
        self._keep_view()
        self._begin()

    def _keep_view(self) -> None:
        self._remembered.keep(self.table.arrangement, self._order)

    def _minute_over(self) -> None:
        """At midnight, today is another day."""
        day = self._clock.now().astimezone(self._words.format.zone).date()
        if day == self._day:
            return
        self._day = day
        if self._listing is not None and self.filters.query != self._listing.query:
            self._begin()
        self.model.new_day()

    def _channels(self) -> list[str]:
        sales = () if self._store is None else self._store.sales.newest(len(self._store.sales))
        return list({sale.channel for sale in sales if sale.channel})

    def _count(self, listing: Listing) -> str:
        """How many sales are listed, and whether that is all."""
        rows = self.model.rowCount()
        count = self._words.format.number(rows)
        if listing.progress is Progress.WHOLE:
            return self.tr("{count} sale(s)", None, rows).format(count=count)
        if self.searching and self._store is not None and self._store.link.state is not LinkState.CONNECTED:
            return self.tr("{count} sale(s) on this computer, the only place to search now", None, rows).format(
                count=count
            )
        if not listing.in_order:
            return self.tr("Sorted among {count} sale(s) so far…", None, rows).format(count=count)
        return self.tr("{count} of …").format(count=count)

    def _go_to_list(self) -> None:
        self.table.setFocus()
        if self.table.selected is None and self.model.rowCount():
            self.table.select(0)

    def _lay_out(self, theme: Theme) -> None:
        px = theme.px
        self.progress_line.setFixedHeight(2)
        self.progress_line.setProperty("kind", "progress")
        # Its room is kept: nothing moves when a search begins or ends.
        kept = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        kept.setRetainSizeWhenHidden(True)
        self.progress_line.setSizePolicy(kept)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(1, 1, 1, px(8))
        inside.setSpacing(0)
        inside.addWidget(self.filters)
        inside.addWidget(self.progress_line)
        inside.addWidget(self._stack, 1)
