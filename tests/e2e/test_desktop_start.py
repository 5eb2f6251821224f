"""Starting the tray application: once a user, anew, and wrongly."""

import asyncio
import json
from pathlib import Path

from tests.e2e.programs import Desktop, Server, environ_of, run


async def test_a_wrong_address_is_refused_in_a_sentence(tmp_path: Path) -> None:
    environ = environ_of(SALEBELL_DESKTOP_DIR=str(tmp_path), QT_QPA_PLATFORM="offscreen")
    status, out, err = await run("salebell", "--server", "ws://shop.example", environ=environ)
    assert status == 2
    assert out == ""
    (line,) = err.splitlines()
    assert "wss://shop.example" in line


async def test_a_directory_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    environ = environ_of(SALEBELL_DESKTOP_DIR=str(tmp_path / "file"), QT_QPA_PLATFORM="offscreen")
    status, _, err = await run("salebell", environ=environ)
    assert status == 2
    assert str(tmp_path / "file") in err
    assert "Traceback" not in err


async def test_many_starts_at_once_are_one_program(server: Server, tmp_path: Path) -> None:
    await server.new_admin("ana@shop.example")
    desktop = Desktop(server, tmp_path / "desktop")
    await desktop.start("ana@shop.example", "--hidden")
    ends = await asyncio.gather(*(run("salebell", environ=desktop.environ) for _ in range(3)))
    assert [status for status, _, _ in ends] == [0, 0, 0]
    status, _, err = await run("salebell", "--reset", environ=desktop.environ)
    assert status == 1
    assert "quit" in err
    await server.open_sockets(1)
    await desktop.kill_and_restart("ana@shop.example", "--hidden")
    assert await desktop.stop() == 0


async def test_reset_forgets_everything_on_this_computer(server: Server, tmp_path: Path) -> None:
    await server.new_admin("ana@shop.example")
    desktop = Desktop(server, tmp_path / "desktop")
    await desktop.start("ana@shop.example", "--hidden")
    assert await desktop.stop() == 0
    saved = tmp_path / "desktop" / "settings" / "account.json"
    assert json.loads(saved.read_text())["accounts"][0]["email"] == "ana@shop.example"
    fresh = Desktop(server, tmp_path / "desktop")
    await fresh.begin("--reset", "--hidden", environ=fresh.environ)
    await fresh.until(lambda: not saved.exists(), "the settings are gone")
    assert await fresh.stop() == 0
    assert not saved.exists()
