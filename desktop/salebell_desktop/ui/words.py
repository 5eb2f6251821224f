"""The sentences that several views share, in the user's language."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QObject

from salebell_desktop.connection.backoff import ATTEMPTS
from salebell_desktop.store import Account, Link, LinkState
from salebell_desktop.ui.actions import KnownAccount
from salebell_desktop.ui.format import Format
from salebell_desktop.ui.reasons import translated
from salebell_protocol.money import add
from salebell_protocol.sales import Sale, SaleStatus

_SECONDS_UPTO = 90.0
"""Longer waits are told in minutes."""
_CURRENCIES_IN_TITLE = 3


class Words(QObject):
    """Says what the views have to say. Times are in unix seconds.

    Args:
        written: how amounts and times look to this user.
    """

    def __init__(self, written: Format) -> None:
        super().__init__()
        self.format = written

    def status(self, status: SaleStatus) -> str:
        """The name of a sale's status."""
        match status:
            case SaleStatus.PENDING:
                return self.tr("Pending")
            case SaleStatus.APPROVED:
                return self.tr("Approved")
            case SaleStatus.CANCELLED:
                return self.tr("Cancelled")
            case SaleStatus.REFUNDED:
                return self.tr("Refunded")

    def new_sales(self, count: int) -> str:
        """`3 new sales`."""
        if count == 0:
            return self.tr("No new sales")
        # Not %n: it would write the number without the user's grouping.
        return self.tr("{count} new sale(s)", None, count).format(count=self.format.number(count))

    def wait(self, seconds: float) -> str:
        """A wait, rounded up: `20 s`, `5 min`."""
        if seconds <= _SECONDS_UPTO:
            return self.tr("{seconds} s").format(seconds=max(0, math.ceil(seconds)))
        return self.tr("{minutes} min").format(minutes=math.ceil(seconds / 60))

    def clock(self, unix: float) -> str:
        """The time of day, such as `10:42`."""
        return self.format.time(datetime.fromtimestamp(unix, UTC))

    def link_name(self, state: LinkState, *, delayed: bool) -> str:
        """The connection in one or two words, as a label."""
        match state:
            case LinkState.CONNECTED:
                return self.tr("Delayed") if delayed else self.tr("Connected")
            case LinkState.CONNECTING:
                return self.tr("Connecting…")
            case LinkState.DISCONNECTED:
                return self.tr("Disconnected")
            case LinkState.REFUSED:
                return self.tr("Not connected")
            case LinkState.SIGNED_OUT:
                return self.tr("Signed out")

    def link_phrase(self, link: Link, now: float, *, delayed: bool) -> str:
        """The connection with what one wants to know next: `disconnected since 10:42 · next try in 20 s`.

        It begins with a small letter; `sentence` makes it stand alone.
        """
        match link.state:
            case LinkState.CONNECTED:
                return self.tr("connected, counts may lag") if delayed else self.tr("connected")
            case LinkState.CONNECTING:
                phrase = self.tr("reconnecting…") if link.attempt else self.tr("connecting…")
            case LinkState.DISCONNECTED:
                phrase = self.tr("disconnected since {time}").format(time=self.clock(link.since))
            case LinkState.REFUSED:
                phrase = self.tr("not connected")
            case LinkState.SIGNED_OUT:
                phrase = self.tr("signed out")
        if link.next_try is None:
            return phrase
        return f"{phrase.removesuffix('…')} · {self.next_try(link.next_try, now)}"

    def next_try(self, due: float, now: float) -> str:
        """`next try in 20 s`."""
        return self.tr("next try in {wait}").format(wait=self.wait(due - now))

    def tooltip(self, unread: int, link: Link, now: float, *, delayed: bool) -> str:
        """What the tray icon tells: `3 new sales · connected`. It holds no text of a producer."""
        phrase = self.link_phrase(link, now, delayed=delayed)
        if unread or link.state is LinkState.CONNECTED:
            return f"{self.new_sales(unread)} · {phrase}"
        return sentence(phrase)

    def offline(self, link: Link, now: float, *, current: bool) -> str:
        """The strip above a list that nobody keeps up to date: `Showing sales as of 10:42. Reconnecting in 12 s`.

        Args:
            link: the connection that is missing.
            now: the time.
            current: the list was up to date when the connection was lost; else it is older than that.
        """
        if current:
            # A time may end in a full stop of its own: "5:33 p. m."
            shown = self.tr("Showing sales as of {time}.").format(time=self.clock(link.since).removesuffix("."))
        else:
            shown = self.tr("Showing the last known sales.")
        if link.state is LinkState.REFUSED:
            return f"{shown} {translated(link.reason)}".rstrip()
        if link.next_try is None:
            trying = self.tr("Reconnecting…")
        else:
            trying = self.tr("Reconnecting in {wait}").format(wait=self.wait(link.next_try - now))
        if link.state is LinkState.CONNECTING and 0 < link.attempt < ATTEMPTS:
            number = self.format.number(link.attempt + 1)
            which = self.tr("attempt {number} of {all}").format(number=number, all=self.format.number(ATTEMPTS))
            trying = f"{trying} · {which}"
        return f"{shown} {trying}"

    def sale_title(self, sale: Sale) -> str:
        """A notification's title: `$ 15.999,00 · sale 100234`."""
        money = self.format.money(sale.total, sale.currency)
        return self.tr("{money} · sale {number}").format(money=money, number=sale.number)

    def sale_body(self, sale: Sale) -> str:
        """A notification's text: customer and channel."""
        customer = sale.customer
        who = "" if customer is None else customer.name or customer.email
        return " · ".join(part for part in (who, sale.channel) if part)

    def burst_title(self, sales: Iterable[Sale]) -> str:
        """Many sales in one title: `12 new sales · $ 184.300,00`, with a sum for each currency."""
        amounts: dict[str, list[str]] = {}
        for sale in sales:
            amounts.setdefault(sale.currency, []).append(sale.total)
        count = sum(len(totals) for totals in amounts.values())
        return f"{self.new_sales(count)} · {self.sums(amounts)}"

    def sums(self, amounts: Mapping[str, Sequence[str]]) -> str:
        """What amounts come to, for each currency, the most frequent first: `$ 184.300,00 + US$ 210,00`."""
        largest = sorted(amounts, key=lambda code: (-len(amounts[code]), code))
        sums = [self.format.money(add(amounts[code]), code) for code in largest[:_CURRENCIES_IN_TITLE]]
        if len(largest) > _CURRENCIES_IN_TITLE:
            sums.append("…")
        return " + ".join(sums)


def account_name(account: Account | KnownAccount) -> str:
    """Who it is: the e-mail, or what there is instead."""
    return account.email or account.name or account.uid


def server_name(address: str) -> str:
    """A server as people call it: its address without the scheme, such as `api.example.com`."""
    return (address.partition("://")[2] or address).rstrip("/")


def sentence(phrase: str) -> str:
    """`phrase` with a capital letter at the beginning."""
    return phrase[:1].upper() + phrase[1:]
