"""Firebase's admins on real programs: signing in at a real desktop, and losing the right to."""

import asyncio
import json
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.e2e.programs import BIN, Desktop, Server, eventually, run
from tests.e2e.screen import command, desktop_session, press, type_text, until_window, windows
from tests.firebase.emulator import API_KEY, AuthEmulator, auth_emulator
from tests.firebase.oauth import CLIENT_ID
from tests.needs import DESKTOP_SESSION, need

VERDICT_SECONDS = 60.0
"""What is true of an account is known within a minute."""

ASKING_FOR_A_PASSWORD = 480
"""Pixels: the sign-in window is lower while it asks for a server alone."""

KEPT = """
import keyring, sys
from keyring.backends.SecretService import Keyring
kept = Keyring().get_password("Salebell", sys.argv[1])
print("kept" if kept else "nothing")
"""


@pytest.fixture
def emulator() -> Generator[AuthEmulator, None, None]:
    with auth_emulator() as emulator:
        yield emulator


def project(emulator: AuthEmulator) -> dict[str, str]:
    """What a server is told of the emulator's project."""
    return {
        "FIREBASE_PROJECT_ID": emulator.project,
        "FIREBASE_WEB_API_KEY": API_KEY,
        "FIREBASE_GOOGLE_CLIENT_ID": CLIENT_ID,
        "FIREBASE_AUTH_EMULATOR_HOST": emulator.host,
        "SALEBELL_ALLOW_EMULATOR": "1",
    }


@pytest.fixture
async def server(tmp_path: Path, emulator: AuthEmulator) -> AsyncGenerator[Server, None]:
    server = Server(tmp_path / "server", **project(emulator))
    await server.start()
    yield server
    await server.stop()


async def sign_in(server: Server, token: str) -> tuple[ClientConnection, dict[str, Any]]:
    """A socket, and the answer to its `auth`."""
    socket = await connect(server.url.replace("http", "ws") + "/ws", proxy=None)
    await socket.recv()
    await socket.send(json.dumps({"type": "auth", "token": token}))
    return socket, json.loads(await socket.recv())


async def end_of(socket: ClientConnection) -> tuple[str, int]:
    """The code of the `auth_error` before the end of a socket, and the close code."""
    code = ""
    try:
        async with asyncio.timeout(VERDICT_SECONDS + 5):
            async for frame in socket:
                message = json.loads(frame)
                code = message.get("code", code)
    except ConnectionClosed:
        pass
    assert socket.close_code is not None
    return code, socket.close_code


async def test_a_socket_ends_within_a_minute_of_what_its_admin_lost(server: Server, emulator: AuthEmulator) -> None:
    uids = {who: emulator.add(f"{who}@shop.example") for who in ("role", "disabled", "revoked", "store", "stays")}
    for who in uids:
        stores = ["--store", "main", "--store", "outlet"] if who == "store" else []
        await server.command("admins", "grant", f"{who}@shop.example", *stores)
    sockets: dict[str, ClientConnection] = {}
    for who in uids:
        sockets[who], answer = await sign_in(server, emulator.sign_in(f"{who}@shop.example").id_token)
        assert answer["type"] == "auth_success", answer
        assert answer["admin"]["uid"] == uids[who]

    emulator.set_claims(uids["role"], {})
    await server.command("admins", "disable", "disabled@shop.example")
    emulator.revoke(uids["revoked"], valid_since=2_000_000_000)
    await server.command("admins", "revoke", "store@shop.example", "--store", "main")
    async with asyncio.TaskGroup() as group:
        ends = {who: group.create_task(end_of(socket)) for who, socket in sockets.items() if who != "stays"}

    assert {who: end.result() for who, end in ends.items()} == {
        "role": ("not_admin", 4403),
        "disabled": ("revoked", 4423),
        "revoked": ("revoked", 4423),
        "store": ("store_forbidden", 4403),
    }
    assert sockets["stays"].close_code is None
    await sockets["stays"].close()


async def test_an_unreachable_provider_costs_nobody_their_session(server: Server, emulator: AuthEmulator) -> None:
    emulator.add("ana@shop.example", claims={"role": "ADMIN"})
    emulator.add("bea@shop.example", claims={"role": "ADMIN"})
    ana, bea = emulator.sign_in("ana@shop.example"), emulator.sign_in("bea@shop.example")
    socket, answer = await sign_in(server, ana.id_token)
    assert answer["type"] == "auth_success"
    emulator.stop()

    other, refused = await sign_in(server, bea.id_token)
    assert refused["code"] == "auth_unavailable"
    assert await end_of(other) == ("", 4503)
    await socket.send(json.dumps({"type": "auth", "token": ana.id_token}))
    assert json.loads(await socket.recv())["type"] == "auth_success"  # known for less than a minute
    async with server.producer(await server.new_key()) as producer:
        await producer.post("/v1/sales", json={"sale": {"id": "s-1", "total": "1.00", "currency": "ARS"}})
    assert json.loads(await socket.recv())["event"]["sale"]["id"] == "s-1"
    await socket.close()


async def kept(environ: dict[str, str], user: str) -> bool:
    """Whether the Secret Service has a token of `user`."""
    status, out, err = await run(str(BIN / "python"), "-c", KEPT, user, environ=environ)
    assert status == 0, err
    return out.strip() == "kept"


async def test_signing_in_at_a_desktop_and_losing_the_role(
    server: Server, emulator: AuthEmulator, tmp_path: Path
) -> None:
    need(*DESKTOP_SESSION, "gnome-keyring-daemon")
    uid = emulator.add("ana@shop.example", "correct horse")
    await server.command("admins", "grant", "ana@shop.example")
    async with (
        desktop_session("--tray", "trayer", "--keyring") as environ,
        server.producer(await server.new_key()) as producer,
    ):
        variables = project(emulator) | {"SALEBELL_CREDENTIALS": "", "QT_QPA_PLATFORM": "xcb"}
        desktop = Desktop(server, tmp_path / "desktop", **{**environ, **variables})
        await desktop.begin("--server", server.url, environ=desktop.environ)
        await server_is_found(environ, await until_window(environ, "Sign in"))
        await type_text(environ, "ana@shop.example")
        await press(environ, "Tab")
        await type_text(environ, "correct horse")
        await press(environ, "Return")
        await desktop.until(lambda: bool(desktop.badges()), "it is signed in")
        await server.open_sockets(1)
        assert not await windows(environ, "Sign in")
        user = f"{uid} at ws://{server.url.removeprefix('http://')}"
        async with asyncio.timeout(10):
            while not await kept(environ, user):
                await asyncio.sleep(0.1)

        sold = {"sale": {"id": "s-1", "total": "15999.00", "currency": "ARS"}}
        assert (await producer.post("/v1/sales", json=sold)).status_code == 201
        await desktop.shows(1)

        assert await desktop.stop() == 0
        await desktop.begin(environ=desktop.environ)
        await desktop.shows(1)  # without being asked anything
        await server.open_sockets(1)

        await server.command("admins", "revoke", "ana@shop.example")
        await eventually(
            lambda: [line for line in ended(desktop) if "admin" in line], "the desktop says so", VERDICT_SECONDS
        )
        await until_window(environ, "Sign in")
        await command(environ, "import", "-window", "root", str(tmp_path / "revoked.png"))
        async with asyncio.timeout(10):
            while await kept(environ, user):
                await asyncio.sleep(0.1)

        assert await desktop.stop() == 0
        await desktop.begin(environ=desktop.environ)
        await until_window(environ, "Sign in")
        assert not await kept(environ, user)
        assert desktop.badges() == []
        assert await desktop.stop() == 0


async def server_is_found(environ: dict[str, str], window: str) -> None:
    """Wait until the sign-in window asks for more than the server: it grows."""

    async def height() -> int:
        geometry = await command(environ, "xdotool", "getwindowgeometry", "--shell", window)
        return int(dict(line.split("=") for line in geometry.splitlines())["HEIGHT"])

    async with asyncio.timeout(20):
        while await height() < ASKING_FOR_A_PASSWORD:
            await asyncio.sleep(0.05)


def ended(desktop: Desktop) -> list[str]:
    """What the desktop said of the end of its session."""
    assert desktop.program is not None
    return [line for line in desktop.program.err if "the session ended" in line]
