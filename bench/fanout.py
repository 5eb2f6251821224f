"""What it costs the server to deliver one event of about 300 bytes to one of a thousand admins, in CPU microseconds.

    python -m bench.fanout [--connections 1000] [--events 100] [--rounds 3]

In one run, so that the figures can be compared: our gateway; a C loop of write(), which is the floor that the kernel
sets; websockets' `broadcast`; and Node's `ws`, when npm can install it. Each is a process of its own that writes an
event every 10 ms to clients which keep up. Bars: at most 1.25 of the C loop, and 0.72 of `ws`.
"""

import argparse
import json
import select
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path

from bench.connections import HANDSHAKE, Server, connect, raise_limit, wait_for

PAUSE_MS = 10
C_BAR = 1.25
NODE_BAR = 0.72

C_LOOP = r"""
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static double cpu(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv) {
    int clients = atoi(argv[1]), events = atoi(argv[2]), bytes = atoi(argv[3]), pause = atoi(argv[4]), one = 1;
    int *fds = malloc(clients * sizeof(int));
    char *frame = malloc(bytes);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    memset(frame, 'x', bytes);
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 4096)) return 1;
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("{\"port\": %d}\n", ntohs(address.sin_port));
    fflush(stdout);
    for (int i = 0; i < clients; i++) {
        fds[i] = accept(listener, NULL, NULL);
        setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    }
    getchar();
    double before = cpu();
    for (int e = 0; e < events; e++) {
        for (int i = 0; i < clients; i++)
            if (write(fds[i], frame, bytes) != bytes) return 2;
        usleep(pause * 1000);
    }
    printf("{\"cpu\": %f}\n", cpu() - before);
    return 0;
}
"""

BROADCAST = """
import asyncio, json, resource, sys
from websockets.asyncio.server import broadcast, serve

clients, events, size, pause = map(int, sys.argv[1:])

def cpu():
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime

async def stay(connection):
    await connection.send('"welcome"')
    await connection.wait_closed()

async def main():
    async with serve(stay, "127.0.0.1", 0, compression=None, ping_interval=None, backlog=4096) as server:
        print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        message = "x" * size
        before = cpu()
        for _ in range(events):
            broadcast(server.connections, message)
            await asyncio.sleep(pause / 1000)
        print(json.dumps({"cpu": cpu() - before}), flush=True)
        for connection in server.connections:
            connection.transport.abort()

asyncio.run(main())
"""

NODE = """
const { WebSocketServer } = require("ws");
const [clients, events, size, pause] = process.argv.slice(2).map(Number);
const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", backlog: 4096, perMessageDeflate: false });
server.on("connection", (socket) => socket.send('"welcome"'));
server.on("listening", () => console.log(JSON.stringify({ port: server.address().port })));
process.stdin.once("data", async () => {
  const message = Buffer.from("x".repeat(size));
  const before = cpu();
  for (let e = 0; e < events; e++) {
    for (const socket of server.clients) socket.send(message, { binary: false });
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  console.log(JSON.stringify({ cpu: cpu() - before }));
  process.exit(0);
});
"""


class Clients:
    """Sockets that read whatever comes, in this process."""

    def __init__(self, sockets: list[socket.socket]) -> None:
        self._sockets = {each.fileno(): each for each in sockets}
        self._poll = select.epoll()
        for each in sockets:
            each.setblocking(False)
            self._poll.register(each, select.EPOLLIN)

    def drain_until(self, ready: int) -> None:
        """Read until there is something to read in the file descriptor `ready`."""
        self._poll.register(ready, select.EPOLLIN)
        while True:
            for number, _ in self._poll.poll(20):
                if number == ready:
                    return
                self._sockets[number].recv(65536)

    def close(self) -> None:
        self._poll.close()
        for each in self._sockets.values():
            each.close()


class Subject(ABC):
    """Something that delivers events."""

    name: str

    def __init__(self, clients: int, events: int, size: int) -> None:
        self.clients = clients
        self.events = events
        self.size = size

    @abstractmethod
    def measure(self) -> float:
        """CPU seconds for all the deliveries."""


class Ours(Subject):
    name = "salebell"

    def measure(self) -> float:
        server = Server()
        sockets = [connect(server.port, number) for number in range(self.clients)]
        clients = Clients(sockets)
        answers = server.begin(f"burst {self.events} 1")
        clients.drain_until(answers)
        cpu: float = server.finish()["cpu"]
        clients.close()
        server.stop()
        return cpu


class Program(Subject):
    """A program that takes clients, events, bytes and pause, prints its port, waits for a line and prints its CPU."""

    handshake = True

    def __init__(self, clients: int, events: int, size: int, folder: Path) -> None:
        super().__init__(clients, events, size)
        self.folder = folder

    @abstractmethod
    def command(self) -> list[str]:
        """How it is started."""

    def measure(self) -> float:
        arguments = [*self.command(), *map(str, (self.clients, self.events, self.size, PAUSE_MS))]
        with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=self.folder) as process:
            assert process.stdout is not None
            assert process.stdin is not None
            port = json.loads(process.stdout.readline())["port"]
            sockets = [self._connect(port) for _ in range(self.clients)]
            clients = Clients(sockets)
            process.stdin.write(b"go\n")
            process.stdin.flush()
            clients.drain_until(process.stdout.fileno())
            cpu: float = json.loads(process.stdout.readline())["cpu"]
            clients.close()
        return cpu

    def _connect(self, port: int) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", port))
        if self.handshake:
            client.sendall(HANDSHAKE)
            wait_for(client, b'"welcome"')
        return client


class CLoop(Program):
    name = "C loop"
    handshake = False

    def command(self) -> list[str]:
        if not (self.folder / "loop").exists():
            (self.folder / "loop.c").write_text(C_LOOP)
            subprocess.run(["cc", "-O2", "-o", "loop", "loop.c"], cwd=self.folder, check=True)
        return ["./loop"]


class Broadcast(Program):
    name = "websockets.broadcast"

    def command(self) -> list[str]:
        return [sys.executable, "-c", BROADCAST]


class NodeWs(Program):
    name = "Node ws"

    def command(self) -> list[str]:
        (self.folder / "server.js").write_text(NODE)
        return ["node", "server.js"]

    def install(self) -> bool:
        """Fetch `ws` into the folder; False when it cannot be had."""
        if shutil.which("npm") is None or shutil.which("node") is None:
            return False
        quiet = ["--silent", "--no-audit", "--no-fund", "--no-package-lock"]
        try:
            subprocess.run(["npm", "install", *quiet, "ws@8"], cwd=self.folder, check=True, timeout=60)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            return False
        return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    raise_limit()
    probe = Server()
    size = int(probe.ask("size")["bytes"])
    probe.stop()
    with tempfile.TemporaryDirectory() as folder:
        given = options.connections, options.events, size
        ours = Ours(*given)
        floor = CLoop(*given, Path(folder))
        node = NodeWs(*given, Path(folder))
        subjects: list[Subject] = [ours, floor, Broadcast(*given, Path(folder))]
        if node.install():
            subjects.append(node)
        results: dict[str, list[float]] = {each.name: [] for each in subjects}
        for _ in range(options.rounds):
            for each in subjects:
                results[each.name].append(each.measure() * 1e6 / (options.connections * options.events))
    medians = {name: statistics.median(figures) for name, figures in results.items()}
    print(f"{size} bytes to {options.connections} connections, {options.events} events, {options.rounds} rounds")
    for name, figures in results.items():
        print(f"{name:22}{medians[name]:7.2f} µs a delivery   ({', '.join(f'{each:.2f}' for each in figures)})")
    good = judge("C loop", medians[ours.name] / medians[floor.name], C_BAR)
    if node.name in medians:
        good = judge(node.name, medians[ours.name] / medians[node.name], NODE_BAR) and good
    return 0 if good else 1


def judge(name: str, ratio: float, bar: float) -> bool:
    print(f"{ratio:.2f} of {name} (bar {bar})")
    return ratio <= bar


if __name__ == "__main__":
    sys.exit(main())
