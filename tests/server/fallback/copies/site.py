"""A server that keeps a copy of keys and accounts, put together as the composition root does it."""

import itertools
from pathlib import Path

from structlog.typing import EventDict

from salebell_server.auth.counting import FailureCounts
from salebell_server.auth.local.administration import LocalAdministration
from salebell_server.auth.local.id_tokens import IdTokens
from salebell_server.auth.local.passwords import Passwords
from salebell_server.auth.local.service import LocalSignIn
from salebell_server.auth.local.verifier import LocalVerifier
from salebell_server.fallback.copied_file import CopyFile
from salebell_server.fallback.copied_stores import CopiedAccountStore, CopiedKeyStore
from salebell_server.fallback.copies import LocalCopies
from salebell_server.log.accounts import Account
from salebell_server.log.keys import key_hash
from salebell_server.log.redis.accounts import RedisAccountStore
from salebell_server.log.redis.keys import RedisKeyStore
from salebell_server.log.redis.lane import Lane
from salebell_server.log.redis.snapshot import RedisSnapshots
from tests.redis_server import RedisServer
from tests.server.auth.stand import EMAIL, PASSWORD, Draws, Hasher, Time

_ids = itertools.count(1)


class Gate:
    """A guard in the test's hands."""

    def __init__(self) -> None:
        self.away: str | None = None
        self.failures: list[str] = []

    def failed(self, reason: str) -> None:
        self.failures.append(reason)


class Site:
    """What one server has for authentication, put together as the composition root does it."""

    def __init__(self, lane: Lane, directory: Path, time: Time) -> None:
        directory.mkdir(exist_ok=True)
        self.time = time
        self.gate = Gate()
        self.snapshots = RedisSnapshots(lane)
        self.copies = LocalCopies(CopyFile(directory), self.snapshots, lambda: f"id{next(_ids)}")
        self.plain_keys, self.plain_accounts = RedisKeyStore(lane), RedisAccountStore(lane)
        self.keys = CopiedKeyStore(self.plain_keys, self.gate, self.copies)
        self.accounts = CopiedAccountStore(self.plain_accounts, self.gate, self.copies)
        draws = Draws()
        self.passwords = Passwords(Hasher(), at_once=2, waiting=8)
        self.id_tokens = IdTokens(self.accounts, time.clock, draws)
        self.administration = LocalAdministration(self.plain_accounts, self.passwords, clock=time.clock, random=draws)
        self.verifier = LocalVerifier(self.accounts, self.id_tokens, clock=time.clock, monotonic=time.monotonic)
        self.service = LocalSignIn(
            self.accounts,
            passwords=self.passwords,
            id_tokens=self.id_tokens,
            failures=FailureCounts(time.monotonic),
            clock=time.clock,
            random=draws,
        )

    async def populate(self) -> Account:
        """A key and an account, both copied."""
        await self.copies.refresh()
        await self.plain_keys.create("back end", "hats", key_hash("sbk_a"), self.time.clock())
        account = await self.administration.add(EMAIL, "Ana", PASSWORD, None)
        await self.copies.refresh()
        return account


def warnings(told: list[EventDict]) -> list[str]:
    return [str(event["event"]) for event in told if event["log_level"] == "warning"]


async def away(site: Site, server: RedisServer) -> None:
    server.kill()
    site.gate.away = "Redis cannot be reached"


async def found(site: Site) -> str | None:
    key = await site.keys.find(key_hash("sbk_a"))
    return None if key is None else key.store
