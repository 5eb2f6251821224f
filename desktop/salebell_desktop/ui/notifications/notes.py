"""Rings in words."""

from datetime import UTC, datetime

from PySide6.QtCore import QLocale, QObject

from salebell_desktop.platform.notifier import Labels, Note
from salebell_desktop.ui.notifications.bursts import Ring
from salebell_desktop.ui.words import Words
from salebell_protocol.currencies import MINOR_UNITS
from salebell_protocol.sales import Customer, Sale, SaleStatus

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Notes(QObject):
    """Says what notifications say.

    Args:
        words: in which words.
    """

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words

    def of(self, ring: Ring) -> Note:
        """`ring` in words. A click on what is of one sale leads to that sale, on what is of one store to that store."""
        words = self._words
        store = next(iter(ring.stores)) if len(ring.stores) == 1 else ""
        labels = Labels(open=self.tr("Open"), all_seen=self.tr("Mark all seen"))
        if len(ring.sales) != 1 or ring.sums:
            title = self._away(ring) if ring.away else words.burst_title(ring.sales)
            return Note(title=title, store=store, offers_seen=True, labels=labels)
        sale = ring.sales[0]
        body = words.sale_body(sale)
        if ring.paid:
            body = " · ".join(part for part in (self.tr("Payment confirmed"), body) if part)
        title = self._away(ring) if ring.away else words.sale_title(sale)
        return Note(title=title, body=body, store=store, sale=sale.id, offers_seen=True, labels=labels)

    def sample(self) -> Note:
        """A note of no sale, to see and hear what one is like."""
        own = self._words.format.locale.currencySymbol(QLocale.CurrencySymbolFormat.CurrencyIsoCode)
        sale = Sale(
            id="sample",
            number="100234",
            status=SaleStatus.APPROVED,
            total="15999.00",
            currency=own if own in MINOR_UNITS else "USD",
            channel="checkout",
            customer=Customer("María Pérez", ""),
            created_at=_EPOCH,
            updated_at=_EPOCH,
        )
        body = self.tr("This is a test. {sale}").format(sale=self._words.sale_body(sale))
        return Note(title=self._words.sale_title(sale), body=body, labels=Labels(open=self.tr("Open"), all_seen=""))

    def _away(self, ring: Ring) -> str:
        amounts: dict[str, list[str]] = {}
        for sale in ring.sales:
            amounts.setdefault(sale.currency, []).append(sale.total)
        for each in ring.sums:
            amounts.setdefault(each.currency, []).append(each.amount)
        count = len(ring.sales) + sum(each.count for each in ring.sums)
        sales = self.tr("{count} sale(s)", None, count).format(count=self._words.format.number(count))
        return self.tr("While you were away: {sales}, {amounts}").format(sales=sales, amounts=self._words.sums(amounts))
