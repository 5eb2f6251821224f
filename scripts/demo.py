"""The whole of Salebell on this machine: a server, a shop that sells, and the tray application of its admin.

Everything lives in a throw-away directory and ends with this script: on Ctrl-C, after --seconds, or when the tray
application quits.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import secrets
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path

import httpx

BIN = Path(sys.executable).parent
EMAIL = "demo@salebell.example"
START_SECONDS = 20
STOP_SECONDS = 2.0
EVERY_SECONDS = (1.5, 4.0)

NAMES = [
    "Lucía Gómez", "María Pérez", "Juan Ortiz", "Ana Silva", "Pedro Ruiz", "Sofía Díaz", "Marcos Vega", "Elena Soto",
    "Diego Luna", "Carla Ríos", "Iván Mora", "Paula Rey", "Martín Acosta", "Valentina Cruz", "Tomás Herrera",
]  # fmt: skip
PRODUCTS = [
    ("Mate imperial", "5500.00"), ("Bombilla de alpaca", "4999.00"), ("Yerba orgánica 1 kg", "3250.50"),
    ("Termo de acero", "28900.00"), ("Poncho de llama", "64740.00"), ("Cuchillo criollo", "31870.00"),
    ("Alfajores, caja de 12", "8790.00"), ("Dulce de leche 450 g", "2990.00"),
]  # fmt: skip


class DemoError(Exception):
    """A program did not do what it should; the text says which and what it printed."""


async def output_of(*command: str, environ: dict[str, str], text: str = "") -> str:
    """Run a command of ours to its end and return what it printed."""
    process = await asyncio.create_subprocess_exec(
        *command, env=environ, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True
    )
    out, err = await process.communicate(text.encode())
    if process.returncode:
        raise DemoError(f"{Path(command[0]).name} failed:\n{err.decode()}")
    return out.decode().strip()


@contextlib.asynccontextmanager
async def running(
    *command: str, environ: dict[str, str], stdout: int | None = None, stderr: int | None = None
) -> AsyncGenerator[Process, None]:
    """A program of ours, ended when the block is left. Its own session keeps Ctrl-C for this script alone."""
    process = await asyncio.create_subprocess_exec(
        *command, env=environ, stdin=DEVNULL, stdout=stdout, stderr=stderr, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()


async def address_of(server: Process) -> str:
    """Wait until the server says where it listens."""
    assert server.stderr is not None
    said: list[str] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(START_SECONDS):
            async for line in server.stderr:
                said.append(line.decode())
                record: dict[str, object] = json.loads(line) if line.startswith(b"{") else {}
                if record.get("event") == "listening":
                    return str(record["url"])
    raise DemoError("the server did not start:\n" + "".join(said))


async def drain(stream: asyncio.StreamReader, *, show: bool) -> None:
    """Read a program's output, so that it never waits for us."""
    async for line in stream:
        if show:
            print(line.decode().rstrip(), flush=True)


def believable_sale(number: int) -> dict[str, object]:
    """What somebody could have bought."""
    name = random.choice(NAMES)
    items = [
        {"name": product, "quantity": random.choice([1, 1, 1, 2, 3]), "unit_price": price}
        for product, price in random.sample(PRODUCTS, random.choice([1, 1, 2, 3]))
    ]
    total = sum(Decimal(str(item["unit_price"])) * Decimal(str(item["quantity"])) for item in items)
    first = name.split()[0].lower().translate(str.maketrans("áéíóúñ", "aeioun"))
    return {
        "id": f"demo-{number}",
        "number": str(number),
        "total": str(total),
        "currency": "ARS",
        "channel": random.choice(["web", "web", "shopify", "admin"]),
        "customer": {"name": name, "email": f"{first}@example.com"},
        "items": items,
        "url": f"https://shop.example.com/admin/sales/{number}",
    }


async def sell(http: httpx.AsyncClient) -> None:
    """Post a sale every few seconds; some are paid a little later, a few cancelled."""
    number = 100_200
    while True:
        number += 1
        sale = believable_sale(number)
        if random.random() < 0.5:
            await post(http, "/v1/sales", {"sale": {**sale, "status": "approved"}})
        else:
            await post(http, "/v1/checkouts", {"sale": sale})
            await asyncio.sleep(1)
            after = "payment" if random.random() < 0.8 else "cancel"
            await post(http, f"/v1/sales/{sale['id']}/{after}", {})
        await asyncio.sleep(random.uniform(*EVERY_SECONDS))


async def post(http: httpx.AsyncClient, path: str, body: dict[str, object]) -> None:
    """Post to the ingest API, as a shop's back end does."""
    answer = await http.post(path, json=body)
    if answer.status_code != HTTPStatus.CREATED:
        raise DemoError(f"POST {path} was answered {answer.status_code}: {answer.text}")


def has_display(environ: dict[str, str]) -> bool:
    """Whether windows can be shown."""
    return sys.platform in ("win32", "darwin") or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


async def demo(directory: Path) -> None:
    """Start all parts in `directory` and sell until the tray application quits, or for ever."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("SALEBELL_", "FIREBASE_"))}
    environ |= {"SALEBELL_DATA_DIR": str(directory / "server"), "SALEBELL_LOG_FORMAT": "json"}
    server_command = str(BIN / "salebell-server")
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            running(server_command, "serve", "--port", "0", environ=environ, stdout=DEVNULL, stderr=PIPE)
        )
        url = await address_of(server)
        password = secrets.token_urlsafe(12)
        add_admin = (server_command, "admins", "add", EMAIL, "--name", "Demo", "--password-stdin")
        await output_of(*add_admin, environ=environ, text=password + "\n")
        key = await output_of(server_command, "keys", "create", "--store", "main", "--name", "demo", environ=environ)
        bearer = {"Authorization": f"Bearer {key}"}
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=url, headers=bearer, trust_env=False))
        shown = has_display(environ)
        environ |= {
            "SALEBELL_DESKTOP_DIR": str(directory / "desktop"),
            "SALEBELL_CREDENTIALS": "memory",
            "SALEBELL_EMAIL": EMAIL,
            "SALEBELL_PASSWORD": password,
        }
        desktop_command = [str(BIN / "salebell"), "--server", url, "--print-badge"]
        if not shown:
            environ["QT_QPA_PLATFORM"] = "offscreen"
            desktop_command.append("--hidden")
        desktop = await stack.enter_async_context(running(*desktop_command, environ=environ, stdout=PIPE))
        print(f"Selling at {url}" + (". Ctrl-C ends it." if shown else ", with no display."), flush=True)
        await follow(server, desktop, http)


async def follow(server: Process, desktop: Process, http: httpx.AsyncClient) -> None:
    """Sell, and show what the tray application prints, until it quits.

    Raises:
        DemoError: a program ended by itself, or a sale was refused.
    """
    assert server.stderr is not None
    assert desktop.stdout is not None
    selling = asyncio.create_task(sell(http))
    ends = [asyncio.create_task(server.wait()), asyncio.create_task(desktop.wait())]
    drains = [
        asyncio.create_task(drain(server.stderr, show=False)),
        asyncio.create_task(drain(desktop.stdout, show=True)),
    ]
    try:
        await asyncio.wait([selling, *ends], return_when=asyncio.FIRST_COMPLETED)
        if selling.done():
            await selling
        if server.returncode is not None or desktop.returncode:
            raise DemoError(f"the {'tray application' if desktop.returncode else 'server'} ended by itself")
    finally:
        for task in (selling, *ends, *drains):
            task.cancel()
        await asyncio.gather(selling, *ends, *drains, return_exceptions=True)


async def main(seconds: float) -> None:
    """Run the demo until a signal, or for so many seconds (0: no end)."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            loop.add_signal_handler(getattr(signal, name), stop.set)
    with tempfile.TemporaryDirectory(prefix="salebell-demo-") as directory:
        showing = asyncio.create_task(demo(Path(directory)))
        stopped = asyncio.create_task(stop.wait())
        if seconds:
            loop.call_later(seconds, stop.set)
        await asyncio.wait({showing, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        showing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await showing


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, epilog="Example: make demo SECONDS=20")
    parser.add_argument("--seconds", type=float, default=0, help="end by itself after so long; default: never")
    try:
        asyncio.run(main(parser.parse_args().seconds))
    except DemoError as error:
        sys.exit(str(error))
