"""Draw the windows with made-up sales, for the README: docs/img/WINDOW-SCHEME-LANGUAGE.png.

    scripts/screenshots [--font FAMILY] [--out DIRECTORY]

It needs no display. `--font` stands in for the system's font: a machine without a desktop may have no good one.
"""

import argparse
import asyncio
import os
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from unicodedata import normalize

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_SCALE_FACTOR", "2")  # as a sharp screen shows it

import qasync
from PySide6.QtCore import QLocale, QPoint, QRect
from PySide6.QtGui import QColor, QFont, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from salebell_desktop.identity import Means
from salebell_desktop.platform.notifier import NullNotifier
from salebell_desktop.platform.sound import NullSound
from salebell_desktop.settings import SettingsStore
from salebell_desktop.store import Account, Desk, Link, LinkState, Listing, SalesStore
from salebell_desktop.ui.actions import KnownAccount, ServerFound, Told
from salebell_desktop.ui.clock import Clock
from salebell_desktop.ui.sales.window import SalesWindow
from salebell_desktop.ui.shell import Places, Preferences, Shell
from salebell_desktop.ui.tokens import Scheme
from salebell_desktop.ui.tray.icon import Look, draw, face
from salebell_desktop.ui.tray.menu import ApplicationMenu
from salebell_protocol.events import Event, EventType, Position
from salebell_protocol.http import Bucket, Revenue, SaleHistory, SalesPage, Stats
from salebell_protocol.messages import AdminIdentity, AuthSuccess, Recovery
from salebell_protocol.sales import Customer, Item, Sale, SaleStatus

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 24, 17, 34, tzinfo=UTC)
SCALE = 2

PEOPLE = [
    "Lucía Gómez", "María Pérez", "Juan Ortiz", "Ana Silva", "Pedro Ruiz", "Sofía Díaz", "Marcos Vega", "Elena Soto",
    "Diego Luna", "Carla Ríos", "Iván Mora", "Paula Rey", "Tomás Ibáñez", "Julia Paz", "Bruno Castro", "Inés Molina",
]  # fmt: skip
GOODS = [("Mate imperial", "5500.00"), ("Bombilla alpaca", "4999.00"), ("Yerba orgánica 1 kg", "6240.00"),
         ("Termo de acero 1 l", "38900.00"), ("Delantal de lino", "17350.00")]  # fmt: skip
CHANNELS = ["checkout", "checkout", "shopify", "admin"]


SERVER = "wss://bell.example.com"
ANA = KnownAccount(server=SERVER, uid="u1", email="ana@example.com", name="Ana", active=True, signed_in=True)
OTHERS = (
    KnownAccount(
        server="wss://outlet.example.com", uid="u2", email="ana@example.com", name="Ana", active=False, signed_in=True
    ),
    KnownAccount(server=SERVER, uid="u3", email="till@example.com", name="Till", active=False, signed_in=True),
)


class NoActions:
    """Nothing happens here but looking.

    Attributes:
        kept: the accounts that there are.
        past: what happened to any sale.
        figures: of any store.
    """

    def __init__(self) -> None:
        self.kept: tuple[KnownAccount, ...] = ()
        self.past = SaleHistory(events=())
        self.figures = made_up_figures(Random(7))

    async def check_server(self, address: str) -> ServerFound | Told:
        """It is always there, and offers everything."""
        return ServerFound(address=SERVER, means=frozenset(Means))

    async def sign_in(self, server: str, email: str, password: str) -> Told | None:
        """Nobody signs in."""
        return Told("E-mail or password is wrong.")

    async def sign_in_with_google(self, server: str) -> Told | None:
        """Nobody comes back from the browser."""
        await asyncio.Event().wait()
        return None

    async def reset_password(self, server: str, email: str) -> Told | None:
        """Nothing is sent."""

    async def trust_authority(self, path: Path) -> Told | None:
        """Nobody is trusted."""

    def accounts(self) -> Sequence[KnownAccount]:
        """Those that a picture needs."""
        return self.kept

    def switch_account(self, server: str, uid: str) -> None:
        """Nothing."""

    def reconnect_now(self) -> None:
        """Nothing."""

    def load_more(self, listing: Listing) -> None:
        """Nothing."""

    async def find_sale(self, store: str, sale_id: str) -> Sale | Told:
        """There is none."""
        return Told("This sale is not on the server any more.")

    async def history(self, store: str, sale_id: str) -> SaleHistory | Told:
        """What usually happens."""
        return self.past

    async def statistics(self, store: str, tz: str) -> Stats | Told:
        """A day like many."""
        return self.figures

    async def export(self, listing: Listing, path: Path, progress: Callable[[int], None]) -> int | Told:
        """Nothing is written."""
        return 0

    def sign_out(self) -> None:
        """Nothing."""

    def quit(self) -> None:
        """Nothing."""


def made_up_sales(random: Random, count: int, currency: str = "ARS") -> list[Sale]:
    """The newest first. One or two are in another currency than most."""
    sales: list[Sale] = []
    when = NOW - timedelta(seconds=40)
    for index in range(count):
        goods = random.sample(GOODS, random.choice([1, 1, 2, 3]))
        items = tuple(Item(name, random.choice([1, 1, 2]), price) for name, price in goods)
        if currency == "USD":
            items = tuple(Item(item.name, item.quantity, f"{Decimal(item.unit_price) / 400:.2f}") for item in items)
        cents = sum(item.quantity * int(item.unit_price.replace(".", "")) for item in items)
        status = random.choices(list(SaleStatus), [3, 12, 1, 0.6])[0]
        name = PEOPLE[index % len(PEOPLE)]
        number = str(100235 - index)
        first = normalize("NFD", name.split()[0].lower()).encode("ascii", "ignore").decode()
        sales.append(
            Sale(
                id=f"s-{number}",
                number=number,
                status=status,
                total=f"{cents // 100}.{cents % 100:02d}",
                currency="EUR" if index in (4, 11) else currency,
                channel=random.choice(CHANNELS),
                customer=Customer(name, f"{first}@example.com"),
                items=items,
                created_at=when,
                updated_at=when,
                url=f"https://shop.example.com/sales/{number}",
            )
        )
        when -= timedelta(seconds=random.randint(60, 240))
    return sales


def made_up_figures(random: Random, currency: str = "ARS") -> Stats:
    """A week of hours and a month of days, the busier the later in the day."""

    def bucket(start: datetime, sales: int) -> Bucket:
        total = f"{sales * random.randint(*(70, 95) if currency == 'USD' else (28_000, 39_000))}.00"
        more = (Revenue("USD", "210.00", 1),) if sales > 30 and currency != "USD" else ()
        return Bucket(start=start, sales=sales, approved=sales, revenue=(Revenue(currency, total, sales), *more))

    midnight = NOW.astimezone().replace(hour=0, minute=0, second=0)
    begin = midnight - timedelta(days=7)
    passed = 7 * 24 + NOW.astimezone().hour + 1
    hours = [bucket(begin + timedelta(hours=n), max(0, n % 24 - 6 + random.randint(-2, 2)) // 2) for n in range(passed)]
    days = [bucket(midnight - timedelta(days=n), random.randint(24, 58)) for n in range(30, 0, -1)]
    today = bucket(midnight, sum(hour.sales for hour in hours[7 * 24 :]))
    return Stats(store="main", tz="UTC", hours=tuple(hours), days=(*days, today))


def made_up_events(sale: Sale) -> tuple[Event, ...]:
    """A checkout that was paid soon after."""
    paid = sale.created_at + timedelta(seconds=137)
    return tuple(
        Event(
            id=f"e{offset}", type=EventType.SALE_CREATED, store="main", occurred_at=when, sale=sale, offset=offset,
            previous="e1" if before else "", created_before=before,
        )
        for offset, when, before in ((1, sale.created_at, 0), (2, paid, 1))
    )  # fmt: skip


def signed_in(desk: Desk, sales: list[Sale]) -> SalesStore:
    """A desk with one store, whose newest sale has just come."""
    desk.sign_in(Account(server="wss://bell.example.com", uid="u1", email="ana@example.com", name="Ana"))
    store = desk.open("main")
    store.set_link(Link(state=LinkState.CONNECTED, since=NOW.timestamp()))
    top = Position("e", len(sales), "before")
    admin = AdminIdentity("u1", "ana@example.com", "Ana")
    store.authenticated(
        AuthSuccess(
            admin=admin,
            store="main",
            stores=("main",),
            position=top,
            unread=2,
            seen=len(sales) - 2,
            expires_at=2_000_000_000,
            server_time=1_900_000_000,
            recovery=Recovery.FRESH,
        )
    )
    store.loaded(SalesPage(sales=tuple(sales[1:]), next_before=None, unread=2, position=top))
    return store


def ring(store: SalesStore, sale: Sale, offset: int) -> None:
    """A sale comes in."""
    event = Event(
        id=f"created:{sale.id}", type=EventType.SALE_CREATED, store="main", occurred_at=sale.created_at, sale=sale,
        offset=offset, previous="before", created_before=0,
    )  # fmt: skip
    store.event(event)


async def settle() -> None:
    """Let everything that waits happen."""
    await asyncio.sleep(0.15)


def grab(widget: QWidget, path: Path) -> None:
    """Save what `widget` shows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    keep(widget.grab(), path)


def keep(picture: QPixmap, path: Path) -> None:
    """Save a picture."""
    if not picture.save(str(path)):
        raise SystemExit(f"{path} cannot be written")
    print(path)


async def draw_sign_in(shell: Shell, actions: NoActions, name: str, out: Path) -> None:
    """The address; e-mail and password; a wrong one; Google; and with accounts that were kept."""
    window = shell.sign_in
    window.server.setText("bell.example.com")
    shell.ask_to_sign_in()
    window.check.look("bell.example.com")
    window.server.deselect()
    await settle()
    grab(window, out / f"sign-in-address-{name}.png")
    window.card.address.submit.click()
    window.card.form.email.setText("ana@example.com")
    window.card.form.focus()
    await settle()
    grab(window, out / f"sign-in-{name}.png")
    window.card.form.password.setText("not this one")
    window.card.form.submit.click()
    await settle()
    grab(window, out / f"sign-in-error-{name}.png")
    window.card.form.google.click()
    await settle()
    grab(window, out / f"sign-in-google-{name}.png")
    window.reject()
    actions.kept = OTHERS
    shell.ask_to_sign_in()
    await settle()
    grab(window, out / f"sign-in-accounts-{name}.png")
    window.reject()


async def draw_windows(application: QApplication, scheme: Scheme, locale: QLocale, out: Path) -> None:
    """Sign-in, sales, sales without a connection, and the menu of accounts."""
    clock = Clock(unix=NOW.timestamp, steady=lambda: 0.0)
    desk = Desk()
    actions = NoActions()
    with tempfile.TemporaryDirectory() as directory:
        places = Places(settings=Path(directory), cache=Path(directory))
        preferences = Preferences(locale=locale, scheme=scheme, notifier=NullNotifier(), sounds=NullSound())
        shell = Shell(
            application, desk, actions, SettingsStore(), places, preferences, clock, open_url=lambda _url: None
        )
        name = f"{scheme.name.lower()}-{shell.language.code}"
        await draw_sign_in(shell, actions, name, out)
        actions.kept = (ANA,)
        currency = locale.currencySymbol(QLocale.CurrencySymbolFormat.CurrencyIsoCode)
        actions.figures = made_up_figures(Random(7), currency)
        sales = made_up_sales(Random(11), 40, currency)
        actions.past = SaleHistory(events=made_up_events(sales[5]))
        store = signed_in(desk, sales)
        shell.window.resize(1180, 760)
        shell.open_sales()
        await settle()
        ring(store, sales[0], len(sales) + 1)
        shell.window.model.flush()
        shell.window.table.selectRow(5)
        await settle()
        grab(shell.window, out / f"sales-{name}.png")
        shell.settings.present()
        await settle()
        grab(shell.settings, out / f"settings-{name}.png")
        shell.settings.close()
        if shell.language.code == "en":
            store.set_link(
                Link(state=LinkState.CONNECTING, since=NOW.timestamp() - 90, next_try=NOW.timestamp() + 12, attempt=3)
            )
            await settle()
            grab(shell.window, out / f"offline-{name}.png")
        actions.kept = (ANA, *OTHERS)
        store.set_link(Link(state=LinkState.CONNECTED, since=NOW.timestamp()))
        shell.window.hide()
        shell.open_sales()
        await settle()
        await draw_menu(shell.window, out / f"accounts-{name}.png")
        shell.close()
        shell.language.remove()


async def draw_menu(window: SalesWindow, path: Path) -> None:
    """The corner of the sales window with its menu, and in that the menu of accounts, open."""
    button = window.header.menu
    menu = button.menu()
    assert isinstance(menu, ApplicationMenu)
    menu.popup(button.mapToGlobal(QPoint(0, button.height())))
    menu.setActiveAction(menu.accounts.menuAction())
    menu.accounts.setActiveAction(menu.accounts.actions()[1])
    await settle()
    picture = window.grab()
    below = button.mapTo(window, QPoint(button.width() - menu.width(), button.height() + 4))
    beside = below + QPoint(2 - menu.accounts.width(), menu.actionGeometry(menu.accounts.menuAction()).top() - 4)
    painter = QPainter(picture)
    painter.drawPixmap(below, menu.grab())
    painter.drawPixmap(beside, menu.accounts.grab())
    painter.end()
    menu.close()
    corner = QRect((window.width() - 720) * SCALE, 0, 720 * SCALE, 320 * SCALE)
    keep(picture.copy(corner), path)


def draw_tray(out: Path) -> None:
    """The bell in all its states, on a light and a dark panel."""
    shown = [(each, 0) for each in Look] + [(Look.CONNECTED, count) for count in (3, 12, 140)] + [(Look.DELAYED, 7)]
    step, size = 36, 22
    sheet = QPixmap(step * len(shown) * SCALE, 2 * step * SCALE)
    sheet.setDevicePixelRatio(SCALE)
    painter = QPainter(sheet)
    for row, panel in enumerate(("#f0f0f0", "#202020")):
        painter.fillRect(0, row * step, step * len(shown), step, QColor(panel))
        for column, (look, count) in enumerate(shown):
            icon = draw(face(look, count), size * SCALE)
            icon.setDevicePixelRatio(SCALE)
            painter.drawPixmap(column * step + (step - size) // 2, row * step + (step - size) // 2, icon)
    painter.end()
    sheet.save(str(out / "tray.png"))
    print(out / "tray.png")


async def draw_all(application: QApplication, family: str | None, out: Path) -> None:
    """Everything, in both schemes and languages."""
    font = QFont(application.font())
    if family:
        font.setFamily(family)
    for scheme in Scheme:
        for locale in (QLocale("en_US"), QLocale("es_AR")):
            application.setFont(font)
            await draw_windows(application, scheme, locale, out)
    draw_tray(out)


def main() -> None:
    """Draw what the command line asks for."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--font", help="family to draw with instead of the system's")
    options.add_argument("--out", type=Path, default=ROOT / "docs" / "img", help="where to; default: docs/img")
    chosen = options.parse_args()
    application = QApplication([])
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
        runner.run(draw_all(application, chosen.font, chosen.out))


if __name__ == "__main__":
    main()
