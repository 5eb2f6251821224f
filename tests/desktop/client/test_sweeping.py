"""Deleting what is left of an account, while somebody signs in to it again."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from salebell_desktop.cache import CacheKey
from salebell_desktop.cache.sqlite import SqliteCache
from salebell_desktop.client.accounts import Accounts
from salebell_desktop.credentials import CredentialKey
from salebell_desktop.identity.saved import Pin, SavedAccount, SavedSignIns
from salebell_protocol.http import Provider

pytestmark = pytest.mark.plain_asyncio

LOCAL = Pin(provider=Provider.LOCAL)
ANA = SavedAccount(
    server="wss://api.example.com", provider=Provider.LOCAL, uid="u1", email="ana@example.com", name="Ana"
)
KEY = CredentialKey(ANA.server, ANA.uid)


class SlowCache(SqliteCache):
    """Forgets accounts when it is told to go on."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, lambda _notice: None)
        self.asked: list[CacheKey] = []
        self.going = threading.Event()

    def forget(self, key: CacheKey) -> None:
        self.asked.append(key)
        self.going.wait(10)
        super().forget(key)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[SlowCache]:
    cache = SlowCache(tmp_path / "cache.db")
    yield cache
    cache.close()


@pytest.fixture
def accounts(tmp_path: Path, keyring: Any, cache: SlowCache) -> Accounts:
    """With Ana's account, which was forgotten just now."""
    keyring.tokens[KEY] = "old"
    accounts = Accounts(SavedSignIns(tmp_path / "sign-in.json"), keyring, cache)
    accounts.signed_in(ANA, LOCAL)
    accounts.forget(KEY)
    return accounts


async def test_a_token_that_comes_while_the_sales_are_deleted_stays(
    accounts: Accounts, keyring: Any, cache: SlowCache, until: Any
) -> None:
    sweeping = asyncio.create_task(accounts.sweep(KEY))
    await until(lambda: cache.asked)
    accounts.signed_in(ANA, LOCAL)
    await keyring.save(KEY, "new")
    cache.going.set()
    await sweeping
    assert keyring.tokens == {KEY: "new"}


async def test_sales_of_whoever_comes_back_while_the_token_is_deleted_stay(
    accounts: Accounts, keyring: Any, cache: SlowCache
) -> None:
    cache.going.set()
    keyring.slow()
    sweeping = asyncio.create_task(accounts.sweep(KEY))
    await asyncio.sleep(0)
    accounts.signed_in(ANA, LOCAL)
    keyring.go_on()
    await sweeping
    assert cache.asked == []


async def test_nobody_comes_back(accounts: Accounts, keyring: Any, cache: SlowCache, tmp_path: Path) -> None:
    cache.going.set()
    await accounts.sweep(KEY)
    assert keyring.tokens == {}
    assert cache.asked == [CacheKey(ANA.server, ANA.uid)]
    assert SavedSignIns(tmp_path / "sign-in.json").leftovers == ()
