"""The main job, with the real programs: a sale posted on one side rings on the other."""

import itertools
from pathlib import Path

import httpx

from tests.e2e.programs import Desktop, Server, eventually

_numbers = itertools.count(1)


def sale(**fields: str) -> dict[str, str]:
    """A sale that is like no other."""
    return {"id": f"s-{next(_numbers)}", "total": "15999.00", "currency": "ARS", **fields}


async def post(producer: httpx.AsyncClient, path: str, body: object) -> dict[str, object]:
    """Post, and insist on the acknowledgement."""
    answer = await producer.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_sale_rings(server: Server, tmp_path: Path) -> None:
    await server.new_admin("ana@shop.example")
    desktop = Desktop(server, tmp_path / "desktop")
    await desktop.start("ana@shop.example", "--hidden")
    async with server.producer(await server.new_key()) as producer:
        await post(producer, "/v1/sales", {"sale": sale()})
        await desktop.shows(1)
        await post(producer, "/v1/sales", {"sale": sale()})
        await desktop.shows(2)
    assert await desktop.stop() == 0


async def test_a_confirmed_payment_rings_and_a_sale_counts_once(server: Server, tmp_path: Path) -> None:
    await server.new_admin("ana@shop.example")
    desktop = Desktop(server, tmp_path / "desktop")
    await desktop.start("ana@shop.example")
    async with server.producer(await server.new_key()) as producer:
        cart = sale()
        await post(producer, "/v1/checkouts", {"sale": cart})
        await desktop.shows(1)
        await desktop.activate()
        await desktop.shows(0)
        # The window now shows the sales; only a look that ends lets the next one count.
        await desktop.stop()
        await desktop.start("ana@shop.example", "--hidden")
        await desktop.shows(0)
        await post(producer, f"/v1/sales/{cart['id']}/payment", {})
        await desktop.shows(1)
        retry = await post(producer, f"/v1/sales/{cart['id']}/payment", {})
        assert retry["duplicate"] is True
        await post(producer, "/v1/sales", {"sale": sale()})
        await desktop.shows(2)
        assert 3 not in desktop.badges()
    await desktop.stop()


async def test_every_admin_of_the_store_and_nobody_else(server: Server, tmp_path: Path) -> None:
    for email, *stores in [("ana@shop.example",), ("bob@shop.example", "main"), ("eva@other.example", "other")]:
        await server.new_admin(email, *stores)
    keys = [await server.new_key(store) for store in ("main", "other")]
    desktops = {email: Desktop(server, tmp_path / email) for email in ("ana", "bob", "eva")}
    await desktops["ana"].start("ana@shop.example", "--hidden")
    await desktops["bob"].start("bob@shop.example", "--hidden")
    await desktops["eva"].start("eva@other.example", "--hidden")
    await server.open_sockets(4)
    async with server.producer(keys[0]) as main, server.producer(keys[1]) as other:
        for _ in range(3):
            await post(main, "/v1/sales", {"sale": sale()})
        await desktops["bob"].shows(3)
        await post(other, "/v1/sales", {"sale": sale()})
        await desktops["eva"].shows(1)
    await desktops["ana"].shows(4)
    assert max(desktops["bob"].badges()) == 3
    assert max(desktops["eva"].badges()) == 1
    for desktop in desktops.values():
        assert await desktop.stop() == 0


async def test_the_client_comes_back_by_itself_and_shows_what_it_missed(server: Server, tmp_path: Path) -> None:
    await server.new_admin("ana@shop.example")
    desktop = Desktop(server, tmp_path / "desktop")
    await desktop.start("ana@shop.example", "--hidden")
    key = await server.new_key()
    async with server.producer(key) as producer:
        await post(producer, "/v1/sales", {"sale": sale()})
    await desktop.shows(1)
    assert await server.stop() == 0
    # A neighbour's desktop is not connected either, so that this sale is missed for sure.
    await server.start()
    async with server.producer(key) as producer:
        await post(producer, "/v1/sales", {"sale": sale()})
        await post(producer, "/v1/sales", {"sale": sale()})
    await desktop.shows(3)
    await server.kill()
    await server.start()
    async with server.producer(key) as producer:
        await post(producer, "/v1/sales", {"sale": sale()})
    await desktop.shows(4)
    assert await desktop.stop() == 0


async def test_a_desktop_that_was_off_counts_what_it_missed(server: Server, tmp_path: Path) -> None:
    await server.new_admin("ana@shop.example")
    desktop = Desktop(server, tmp_path / "desktop")
    await desktop.start("ana@shop.example", "--hidden")
    assert await desktop.stop() == 0
    async with server.producer(await server.new_key()) as producer:
        for _ in range(5):
            await post(producer, "/v1/sales", {"sale": sale()})
    await desktop.start("ana@shop.example", "--hidden")
    await desktop.shows(5)
    assert await desktop.stop() == 0


async def test_looking_on_one_desktop_clears_the_other(server: Server, tmp_path: Path) -> None:
    await server.new_admin("ana@shop.example")
    shop, home = Desktop(server, tmp_path / "shop"), Desktop(server, tmp_path / "home")
    await shop.start("ana@shop.example", "--hidden")
    await home.start("ana@shop.example", "--hidden")
    async with server.producer(await server.new_key()) as producer:
        for _ in range(4):
            await post(producer, "/v1/sales", {"sale": sale()})
        await shop.shows(4)
        await home.shows(4)
        await shop.activate()
        await shop.shows(0)
        await home.shows(0)
        await post(producer, "/v1/sales", {"sale": sale()})
        await eventually(lambda: len(home.badges()) > 2, "the other one rings again")
        await shop.shows(0)
        await home.shows(0)
    assert await shop.stop() == 0
    assert await home.stop() == 0


async def test_signed_out_by_the_operator(server: Server, tmp_path: Path) -> None:
    """A removed account loses its open socket within the minute that a verdict may be old."""
    await server.new_admin("ana@shop.example")
    desktop = Desktop(server, tmp_path / "desktop")
    await desktop.start("ana@shop.example", "--hidden")
    key = await server.new_key()
    async with server.producer(key) as producer:
        await post(producer, "/v1/sales", {"sale": sale()})
        await desktop.shows(1)
        await server.command("admins", "remove", "ana@shop.example")
        await eventually(lambda: desktop.badges()[-1:] == [0], "the desktop is signed out", seconds=75)
        await post(producer, "/v1/sales", {"sale": sale()})
    assert await desktop.stop() == 0
    assert desktop.badges()[-1] == 0
