"""What happened to one sale, as a timeline."""

import asyncio

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from salebell_desktop.ui.actions import SalesActions, Told
from salebell_desktop.ui.parts import label
from salebell_desktop.ui.reasons import translated
from salebell_desktop.ui.tasks import Tasks, running
from salebell_desktop.ui.theme import Text, Theme
from salebell_desktop.ui.words import Words
from salebell_protocol.events import Event, EventType
from salebell_protocol.sales import Sale, SaleStatus

MOST = 50
"""So many events are told, the newest."""
_CHECKOUT = "checkout"


class History(QWidget):
    """The events of the sale that is shown, the newest on top; asked of the server each time the sale changes.

    Args:
        theme: how it looks.
        words: in which words.
        actions: asks the server.
    """

    def __init__(self, theme: Theme, words: Words, actions: SalesActions) -> None:
        super().__init__()
        self._theme = theme
        self._words = words
        self._actions = actions
        self._tasks = Tasks()
        self._asking: asyncio.Task[None] | None = None
        self._shown: tuple[str, str] | None = None
        self._rule = QFrame()
        self._rule.setProperty("kind", "rule")
        self._rule.setFixedWidth(theme.px(2))
        self._entries = QVBoxLayout()
        self._entries.setSpacing(theme.px(8))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(12))
        row.addWidget(self._rule)
        row.addLayout(self._entries, 1)
        self.setAccessibleName(self.tr("What happened"))

    def show_for(self, store: str, sale: Sale | None) -> None:
        """Tell what happened to `sale`, which may have changed; None: nothing is asked or shown."""
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None
        wanted = None if sale is None else (store, sale.id)
        if wanted != self._shown:
            self._say("")
        self._shown = wanted
        if wanted is not None and running():
            self._asking = self._tasks.start(self._read(*wanted))

    async def _read(self, store: str, sale_id: str) -> None:
        answer = await self._actions.history(store, sale_id)
        self._asking = None
        if isinstance(answer, Told):
            self._say(self.tr("The history cannot be shown: {problem}").format(problem=translated(answer.sentence)))
            return
        self._clear()
        befores = (None, *(event.sale for event in answer.events))
        told = list(zip(answer.events, befores, strict=False))
        for event, before in reversed(told[-MOST:]):
            self._entries.addWidget(self._entry(event, before))
        self._rule.setVisible(bool(answer.events))

    def _entry(self, event: Event, before: Sale | None) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        title = label(self._theme, self.told(event, before), bold=True)
        title.setWordWrap(True)
        when = label(self._theme, self._words.format.moment_in_full(event.occurred_at), size=Text.LABEL, kind="muted")
        when.setWordWrap(True)
        column.addWidget(title)
        column.addWidget(when)
        return made

    def told(self, event: Event, before: Sale | None) -> str:
        """An event in words.

        Args:
            event: what happened.
            before: the sale as it was until then, where that is known.
        """
        sale = event.sale
        match event.type:
            case EventType.SALE_CREATED if event.created_before:
                return self.tr("Payment confirmed")
            case EventType.SALE_CREATED if sale.channel == _CHECKOUT and sale.status is SaleStatus.PENDING:
                return self.tr("Checkout created")
            case EventType.SALE_CREATED:
                return self.tr("Sale created")
            case EventType.SALE_CANCELLED:
                return self.tr("Cancelled")
            case _ if sale.status is SaleStatus.REFUNDED and (before is None or before.status is not sale.status):
                return self.tr("Refunded")
            case _:
                return self.tr("Changed")

    def _say(self, text: str) -> None:
        self._clear()
        self._rule.setVisible(False)
        if text:
            said = label(self._theme, text, size=Text.LABEL, kind="muted")
            said.setWordWrap(True)
            self._entries.addWidget(said)

    def _clear(self) -> None:
        while (item := self._entries.takeAt(0)) is not None:
            widget = item.widget()
            if isinstance(widget, QWidget | QLabel):
                widget.hide()
                widget.deleteLater()
