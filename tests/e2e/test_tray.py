"""In a real tray: the badge is to be seen, a click opens the window, and the badge is gone."""

import asyncio
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from salebell_desktop.ui.tokens import BADGE
from tests.e2e.programs import Desktop, Server
from tests.e2e.screen import command, desktop_session
from tests.needs import DESKTOP_SESSION, need


async def badge_on(environ: dict[str, str], picture: Path) -> tuple[int, int] | None:
    """Take a screenshot; the middle of the red badge in the panel at the lower edge, if it is there."""
    await command(environ, "import", "-window", "root", str(picture))
    image, red = QImage(str(picture)), QColor(BADGE)
    found = [
        (x, y)
        for y in range(image.height() - 34, image.height())
        for x in range(image.width())
        if image.pixelColor(x, y) == red
    ]
    if len(found) < 20:
        return None
    return sum(x for x, _ in found) // len(found), sum(y for _, y in found) // len(found)


async def until_badge(environ: dict[str, str], picture: Path, *, there: bool) -> tuple[int, int] | None:
    """Wait until the badge is in the tray, or gone from it."""
    async with asyncio.timeout(20):
        while ((place := await badge_on(environ, picture)) is not None) is not there:
            await asyncio.sleep(0.1)
    return place


@pytest.mark.parametrize("tray", ["trayer", "xfce4-panel"])
async def test_a_sale_is_seen_in_the_tray_and_a_click_looks_at_it(server: Server, tmp_path: Path, tray: str) -> None:
    need(*DESKTOP_SESSION)
    await server.new_admin("ana@shop.example")
    async with desktop_session("--tray", tray) as environ, server.producer(await server.new_key()) as producer:
        desktop = Desktop(server, tmp_path / "desktop", **{**environ, "QT_QPA_PLATFORM": "xcb"})
        await desktop.start("ana@shop.example", "--hidden")
        assert await until_badge(environ, tmp_path / "before.png", there=False) is None
        for number in range(3):
            sale = {"id": f"s-{number}", "total": "15999.00", "currency": "ARS", "customer": {"name": "María Pérez"}}
            assert (await producer.post("/v1/sales", json={"sale": sale})).status_code == 201
        await desktop.shows(3)
        place = await until_badge(environ, tmp_path / "badge.png", there=True)
        assert place is not None
        await command(environ, "xdotool", "mousemove", *map(str, place), "click", "1")
        await desktop.shows(0)
        assert await command(environ, "xdotool", "search", "--onlyvisible", "--name", "^Salebell$")
        await until_badge(environ, tmp_path / "looked.png", there=False)
        assert await desktop.stop() == 0
