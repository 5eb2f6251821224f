"""The gateway as a process of its own, for the measurements: the real log, bus and sockets, a verifier that knows.

It is told what to do on stdin, one line each, and answers on stdout, one line of JSON each:

    prepare ADMINS          let so many admins have signed in before: each has a cursor
    burst EVENTS BATCH      hand EVENTS ready-made events to the hub, BATCH at a time
    sweep TIMES             let the timer's work be done so often
    size                    bytes of the frame of such an event
    usage                   CPU seconds and resident memory

With `--certificates URL` the verifier is that of a Firebase project, whose users are all admins: it knows nobody's
token yet, and has Google's certificates from there.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import logging
import resource
import socket
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
import uvloop

from salebell_protocol.codec import confirmed, encode
from salebell_protocol.events import Event, EventType
from salebell_protocol.sales import Customer, Sale, SaleStatus
from salebell_server import logs
from salebell_server.auth import Admin, TokenVerifier, Verdict
from salebell_server.auth.counting import FailureCounts
from salebell_server.auth.firebase import FirebaseUser
from salebell_server.auth.project import FirebaseProject
from salebell_server.bus.memory import MemoryBus
from salebell_server.gateway.gateway import Gateway
from salebell_server.gateway.metrics import NoMetrics
from salebell_server.gateway.services import GatewaySettings
from salebell_server.hub.frames import entry_frame
from salebell_server.log import Entry
from salebell_server.log.sqlite.database import Database
from salebell_server.log.sqlite.sale_log import SqliteSaleLog

STORE = "main"
FIREBASE = FirebaseProject(project_id="demo-bench", web_api_key="none")


class KnownTokens:
    """A verifier that verified each token before: the token is the uid."""

    async def verify(self, token: str) -> Admin:
        return Admin(
            uid=token,
            email=f"{token}@example.com",
            name=token,
            stores=frozenset({STORE}),
            expires_at=int(time.time()) + 3600,
            issued_at=int(time.time()),
        )

    async def verdicts(self, uids: Collection[str]) -> Mapping[str, Verdict]:
        return dict.fromkeys(uids, Verdict(None, None))


class Everybody:
    """The users of a Firebase project, all of them admins of one store; what a look-up costs is not measured."""

    async def get(self, uids: Collection[str]) -> Mapping[str, FirebaseUser]:
        claims = {"role": FIREBASE.role, "stores": [STORE]}
        born = datetime.now(UTC)
        return {
            uid: FirebaseUser(
                uid=uid,
                email=f"{uid}@example.com",
                name=uid,
                email_verified=True,
                disabled=False,
                claims=claims,
                valid_after=0,
                created_at=born,
            )
            for uid in uids
        }


@contextlib.asynccontextmanager
async def verifier_for(certificates_url: str | None) -> AsyncGenerator[TokenVerifier, None]:
    """`KnownTokens`, or the verifier of a Firebase project, put together as the composition root does it."""
    if certificates_url is None:
        yield KnownTokens()
        return
    # Imported here: the memory that it takes is not to be measured where it is not needed.
    import firebase_admin

    from salebell_server.auth.firebase.application import open_application
    from salebell_server.auth.firebase.certificates import Certificates
    from salebell_server.auth.firebase.tokens import Tokens
    from salebell_server.auth.firebase.verifier import FirebaseVerifier

    application = open_application(FIREBASE)
    certificates = Certificates(certificates_url, time.monotonic)
    certificates.start()
    tokens = Tokens(application, certificates, now)
    try:
        yield FirebaseVerifier(tokens, Everybody(), FIREBASE, clock=now, monotonic=time.monotonic)
    finally:
        await certificates.close()
        tokens.close()
        firebase_admin.delete_app(application)


def now() -> datetime:
    return datetime.now(UTC)


async def no_http(scope: Any, receive: Any, send: Any) -> None:
    """The HTTP side is not measured."""


def usage() -> dict[str, float]:
    """CPU seconds of this process so far, and its resident memory in KiB."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "user": spent.ru_utime,
        "sys": spent.ru_stime,
        "cpu": spent.ru_utime + spent.ru_stime,
        "rss": pages * resource.getpagesize() / 1024,
    }


def entries(after: int, previous: str, count: int) -> tuple[Entry, ...]:
    """Events of about 300 bytes, as a log would give them."""
    made: list[Entry] = []
    for offset in range(after + 1, after + count + 1):
        event = Event(
            id=f"created:{offset}",
            type=EventType.SALE_CREATED,
            store=STORE,
            occurred_at=datetime.now(UTC),
            sale=Sale(
                id=str(offset),
                number=f"#{offset}",
                status=SaleStatus.APPROVED,
                total="15999.00",
                currency="ARS",
                channel="checkout",
                customer=Customer("Ana"),
                created_at=datetime.now(UTC),
                updated_at=datetime.now(UTC),
            ),
        )
        made.append(Entry(offset, event.id, previous, confirmed(encode(event), offset, previous, 0)))
        previous = event.id
    return tuple(made)


async def lines() -> asyncio.StreamReader:
    """Standard input, line by line."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def burst(bus: MemoryBus, epoch: str, events: int, batch: int) -> dict[str, float]:
    """Hand events to the hub as a log does that has just made them durable."""
    ready = entries(0, "", events)
    before = usage()["cpu"]
    for start in range(0, events, batch):
        bus.published(STORE, epoch, ready[start : start + batch])
        # Let the hub write, and the readers read: what is measured is writing to clients that keep up.
        await asyncio.sleep(0.01)
    return {"cpu": usage()["cpu"] - before}


async def main(certificates_url: str | None) -> None:
    logs.configure("warning", "json")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    bus = MemoryBus()
    with tempfile.TemporaryDirectory() as directory:
        async with Database(Path(directory), serve=True) as database, verifier_for(certificates_url) as verifier:
            log = SqliteSaleLog(database, bus, lambda: datetime.now(UTC))
            gateway = Gateway(
                log=log,
                bus=bus,
                verifier=verifier,
                failures=FailureCounts(time.monotonic),
                metrics=NoMetrics(),
                clock=time.monotonic,
                unix=time.time,
                settings=GatewaySettings(),
            )
            gateway.start()
            config = uvicorn.Config(
                no_http, ws=gateway.protocol(), http="httptools", loop="none", lifespan="off", backlog=4096,
                access_log=False, log_config=None, timeout_graceful_shutdown=3,
            )  # fmt: skip
            listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve([listener]))
            while not server.started:
                await asyncio.sleep(0.01)
            gc.collect()
            gc.freeze()
            epoch = (await log.position(STORE)).epoch
            print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
            commands = await lines()
            while line := await commands.readline():
                match line.decode().split():
                    case ["prepare", admins]:
                        for number in range(int(admins)):
                            await log.open(STORE, f"admin-{number}", None)
                        answer = usage()
                    case ["usage"]:
                        answer = usage()
                    case ["sweep", times]:
                        before = usage()["cpu"]
                        for _ in range(int(times)):
                            gateway.sweep()
                        answer = {"cpu": usage()["cpu"] - before}
                    case ["size"]:
                        answer = {"bytes": float(len(entry_frame(entries(0, "", 1)[0])))}
                    case ["burst", events, batch]:
                        answer = await burst(bus, epoch, int(events), int(batch))
                    case other:
                        raise ValueError(other)
                print(json.dumps(answer), flush=True)
            server.should_exit = True
            await serving
            await gateway.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--certificates", metavar="URL")
    with contextlib.suppress(KeyboardInterrupt):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        uvloop.run(main(parser.parse_args().certificates))
