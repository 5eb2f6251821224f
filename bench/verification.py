"""What it takes to know an admin by a Firebase ID token: verifications a second, and CPU for those who come back.

    python -m bench.verification [--tokens 2000] [--together 500]

RS256 with a key of our own, whose certificate is served on loopback in Google's place. First one core verifies: with
firebase-admin as it is; with our certificates, for one admin at a time and for many at once; and tokens that were
verified before. Then as many admins as there are tokens connect to the gateway with fresh tokens, and come back with
the same ones, one after the other and in groups. Bars: at most 1.0 ms of CPU for a connection with a fresh token, and
0.6 ms with one that was verified before.
"""

import argparse
import asyncio
import gc
import socket
import sys
import time
from collections.abc import Iterator, Sequence

import firebase_admin
import uvloop
from firebase_admin._token_gen import TokenVerifier as AdminVerifier

from bench.connections import HANDSHAKE, Server, auth, raise_limit, sign_in, wait_for
from bench.gateway_server import FIREBASE, now, verifier_for
from salebell_server.auth import TokenVerifier
from salebell_server.auth.firebase.application import open_application
from salebell_server.auth.firebase.certificates import Certificates
from salebell_server.auth.firebase.tokens import SKEW_SECONDS, Tokens
from tests.firebase.google import CertificateServer, Key, certificate_server, mint

WARM_UP = 300
FRESH_BAR = 1.0
KNOWN_BAR = 0.6


def groups(tokens: Sequence[str], together: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(tokens), together):
        yield tokens[start : start + together]


def as_it_is(tokens: Sequence[str], url: str) -> float:
    """CPU seconds of firebase-admin, which has the certificates in a cache for HTTP."""
    application = firebase_admin.initialize_app(options={"projectId": FIREBASE.project_id}, name="as it is")
    verifier = AdminVerifier(application)
    verifier.id_token_verifier.cert_url = url
    verifier.verify_id_token(tokens[0])
    began = time.process_time()
    for token in tokens:
        verifier.verify_id_token(token, clock_skew_seconds=SKEW_SECONDS)
    spent = time.process_time() - began
    firebase_admin.delete_app(application)
    return spent


async def with_our_certificates(tokens: Sequence[str], url: str, together: int) -> float:
    """The same of what the server has instead, with the thread that does it."""
    application = open_application(FIREBASE)
    certificates = Certificates(url, time.monotonic)
    ours = Tokens(application, certificates, now)
    await ours.verify(tokens[0])
    began = time.process_time()
    for group in groups(tokens, together):
        await asyncio.gather(*(ours.verify(token) for token in group))
    spent = time.process_time() - began
    ours.close()
    await certificates.close()
    firebase_admin.delete_app(application)
    return spent


async def verified_before(tokens: Sequence[str], url: str) -> float:
    """The same for tokens that are remembered, with the verdict on each account."""
    async with verifier_for(url) as verifier:
        await verify_each(verifier, tokens)
        began = time.process_time()
        await verify_each(verifier, tokens)
        return time.process_time() - began


async def verify_each(verifier: TokenVerifier, tokens: Sequence[str]) -> None:
    for token in tokens:
        await verifier.verify(token)


def one_by_one(port: int, tokens: Sequence[str]) -> list[socket.socket]:
    return [sign_in(port, token) for token in tokens]


def all_at_once(port: int, tokens: Sequence[str]) -> list[socket.socket]:
    """Sockets that are signed in: all say who they are before the first is waited for."""
    clients: list[socket.socket] = []
    for _ in tokens:
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(HANDSHAKE)
        clients.append(client)
    for client in clients:
        wait_for(client, b'"welcome"')
    for client, token in zip(clients, tokens, strict=True):
        client.sendall(auth(token))
    for client in clients:
        wait_for(client, b'"auth_success"')
    return clients


def coming_back(tokens: Sequence[str], url: str, together: int) -> tuple[float, float]:
    """Milliseconds of the server's CPU for each connection: with fresh tokens, and with the same again."""
    server = Server("--certificates", url)
    server.ask(f"prepare {len(tokens)}")
    for client in one_by_one(server.port, tokens[:WARM_UP]):
        client.close()
    measured = tokens[WARM_UP:]
    spent: list[float] = []
    for _ in ("fresh", "known"):
        before = server.ask("usage")["cpu"]
        clients: list[socket.socket] = []
        for group in groups(measured, together):
            clients += one_by_one(server.port, group) if together == 1 else all_at_once(server.port, group)
        spent.append((server.ask("usage")["cpu"] - before) * 1000 / len(measured))
        for client in clients:
            client.close()
    server.stop()
    return spent[0], spent[1]


def print_rates(tokens: Sequence[str], url: str, together: int) -> None:
    rows = {
        "firebase-admin as it is": as_it_is(tokens, url),
        "with our certificates, one admin at a time": uvloop.run(with_our_certificates(tokens, url, 1)),
        f"with our certificates, {together} admins at once": uvloop.run(with_our_certificates(tokens, url, together)),
        "verified before": uvloop.run(verified_before(tokens, url)),
    }
    print(f"{'one core verifies':48}{'a second':>10}{'ms each':>10}")
    for name, spent in rows.items():
        print(f"{name:48}{len(tokens) / spent:10,.0f}{spent * 1000 / len(tokens):10.3f}")


def print_connections(tokens: Sequence[str], url: str, together: int) -> bool:
    fresh, known = coming_back(tokens, url, 1)
    many_fresh, many_known = coming_back(tokens, url, together)
    print(f"\n{'ms of CPU for a connection':48}{'one by one':>10}{f'{together} at once':>14}{'bar':>6}")
    print(f"{'with a fresh token':48}{fresh:10.3f}{many_fresh:14.3f}{FRESH_BAR:6.1f}")
    print(f"{'with a token verified before':48}{known:10.3f}{many_known:14.3f}{KNOWN_BAR:6.1f}")
    return max(fresh, many_fresh) <= FRESH_BAR and max(known, many_known) <= KNOWN_BAR


def mint_all(key: Key, count: int) -> list[str]:
    return [mint(key, FIREBASE.project_id, sub=f"admin-{number}") for number in range(count)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=2000)
    parser.add_argument("--together", type=int, default=500)
    asked = parser.parse_args()
    raise_limit()
    keys = [Key(f"key-{number}") for number in range(3)]  # as many as Google has
    tokens = mint_all(keys[1], WARM_UP + asked.tokens)
    gc.disable()
    server: CertificateServer
    with certificate_server(*keys) as server:
        print_rates(tokens[WARM_UP:], server.url, asked.together)
        good = print_connections(tokens, server.url, asked.together)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
