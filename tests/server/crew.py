"""A server of several workers for tests, with a port of its own: `python -m tests.server.crew DIRECTORY WORKERS MODE`.

It prints its port. What it answers says which worker it was; POST lets that worker count an event.
"""

import asyncio
import json
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from salebell_protocol.events import EventType
from salebell_server import logs, serving, workers
from salebell_server.metrics import Across, Metrics, forget, share
from salebell_server.stopping import Stop
from salebell_server.workers import Worker

GRACE_SECONDS = 20.0
SHORT_GRACE_SECONDS = 1.0
"""For workers that will not end."""


def work(directory: Path, mode: str, worker: Worker) -> None:
    """A worker: `serve`, `fail` at the start, be `deaf` to being stopped, or `hasty`: with little time for that."""
    logs.configure("info", "json", worker=worker.number)
    if mode == "fail":
        sys.exit(7)
    asyncio.run(serve(Metrics(directory), worker))
    while mode == "deaf":
        time.sleep(1)


async def serve(metrics: Metrics, worker: Worker) -> None:
    for across in Across:
        metrics.gauge(across.name.lower(), "The numbers of the workers.", lambda: worker.number, across)

    async def application(scope: Any, _receive: Any, send: Any) -> None:
        if scope["method"] == "POST":
            metrics.appended(EventType.SALE_CREATED)
        told = {"worker": worker.number, "pid": os.getpid(), "figures": metrics.render().decode()}
        head = [(b"content-type", b"application/json"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": json.dumps(told).encode()})

    metrics.refresh()
    worker.ready()
    await serving.run(application, worker.sockets, worker.stop)


def main(directory: Path, count: int, mode: str) -> int:
    logs.configure("info", "json")
    stop = Stop()
    stop.watch()
    share(directory)
    sockets = serving.bind_each("127.0.0.1", 0, count)
    sys.stdout.write(f"{sockets[0][0].getsockname()[1]}\n")
    sys.stdout.flush()
    duty = partial(work, directory, mode)
    grace = SHORT_GRACE_SECONDS if mode in ("deaf", "hasty") else GRACE_SECONDS
    return workers.supervise(duty, sockets, stop, ended=partial(forget, directory), grace=grace)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
