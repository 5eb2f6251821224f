"""The real programs and a notification service that is told what its user does: rings, clicks, bursts."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.e2e.programs import Desktop, Server
from tests.e2e.screen import command, desktop_session, press, until_window
from tests.needs import DESKTOP_SESSION, need
from tests.notification_service import NotificationService, notification_service

WINDOW = r"^(\([0-9]+\) )?Salebell$"
ALL_SEEN = "all-seen"
CLIPBOARD = """
from PySide6.QtWidgets import QApplication
application = QApplication([])
print(application.clipboard().text())
"""


class Counter:
    """A shop that sells, the tray application of its admin, and what that one shows."""

    def __init__(
        self, environ: dict[str, str], producer: httpx.AsyncClient, desktop: Desktop, service: NotificationService
    ) -> None:
        self.environ = environ
        self.producer = producer
        self.desktop = desktop
        self.service = service

    async def sell(self, number: int, total: str = "15999.00") -> None:
        sale = {
            "id": f"s-{number}",
            "number": str(number),
            "total": total,
            "currency": "ARS",
            "status": "approved",
            "channel": "web",
            "customer": {"name": "María <b>Pérez</b>"},
        }
        assert (await self.producer.post("/v1/sales", json={"sale": sale})).status_code == 201

    async def shown(self, count: int) -> None:
        await self.service.until(lambda: len(self.service.shown()) >= count)

    async def selected(self, text: str) -> None:
        """Wait until what is selected in the window, copied, has `text` in it."""
        copied = ""
        async with asyncio.timeout(30):
            while text not in copied.split("\t"):
                await press(self.environ, "ctrl+c")
                copied = await command(self.environ, sys.executable, "-c", CLIPBOARD)


@asynccontextmanager
async def counter(server: Server, directory: Path) -> AsyncGenerator[Counter, None]:
    need(*DESKTOP_SESSION)
    await server.new_admin("ana@shop.example")
    async with (
        desktop_session("--tray", "none", "--no-notifications") as environ,
        server.producer(await server.new_key()) as producer,
        notification_service(environ["DBUS_SESSION_BUS_ADDRESS"]) as service,
    ):
        desktop = Desktop(server, directory, **{**environ, "LC_ALL": "en_GB.UTF-8"})
        await desktop.start("ana@shop.example", "--hidden")
        yield Counter(environ, producer, desktop, service)
        assert await desktop.stop() == 0


async def test_each_sale_is_told_and_a_click_opens_that_sale(server: Server, tmp_path: Path) -> None:
    async with counter(server, tmp_path / "desktop") as shop:
        for number in (100_001, 100_002, 100_003):
            await shop.sell(number)
            await shop.shown(number - 100_000)
        await shop.desktop.shows(3)

        note = shop.service.shown()[1]
        assert note["app"] == "Salebell"
        assert "15,999.00 · sale 100002" in note["title"]
        assert note["body"] == "María &lt;b&gt;Pérez&lt;/b&gt; · web"
        assert note["actions"] == ["default", "", "open", "Open", ALL_SEEN, "Mark all seen"]

        shop.service.press(note["number"])
        await until_window(shop.environ, WINDOW)
        await shop.desktop.shows(0)
        await shop.service.until(lambda: sorted(shop.service.taken_back()) == [1, 3])
        await shop.selected("100002")


async def test_the_button_opens_that_sale_too(server: Server, tmp_path: Path) -> None:
    async with counter(server, tmp_path / "desktop") as shop:
        for number in (100_001, 100_002):
            await shop.sell(number)
            await shop.shown(number - 100_000)

        shop.service.press(1, "open")
        await until_window(shop.environ, WINDOW)
        await shop.selected("100001")


async def test_mark_all_seen_clears_the_badge_and_the_screen_without_a_window(server: Server, tmp_path: Path) -> None:
    async with counter(server, tmp_path / "desktop") as shop:
        for number in (100_001, 100_002):
            await shop.sell(number)
            await shop.shown(number - 100_000)
        await shop.desktop.shows(2)

        shop.service.press(2, ALL_SEEN)
        await shop.desktop.shows(0)
        await shop.service.until(lambda: shop.service.taken_back() == [1])

        # The server knows it: another start begins with nothing new.
        await shop.desktop.kill_and_restart("ana@shop.example", "--hidden")
        await shop.desktop.shows(0)
        assert set(shop.desktop.badges()) == {0}


async def test_a_burst_is_one_summary_that_opens_the_window(server: Server, tmp_path: Path) -> None:
    async with counter(server, tmp_path / "desktop") as shop:
        await asyncio.gather(*(shop.sell(number, "10.50") for number in range(100_001, 100_013)))
        await shop.shown(1)
        await shop.desktop.shows(12)

        (note,) = shop.service.shown()
        assert note["title"].startswith("12 new sales · ")
        assert note["title"].endswith("126.00")

        shop.service.press(note["number"])
        await until_window(shop.environ, WINDOW)
        await shop.desktop.shows(0)
