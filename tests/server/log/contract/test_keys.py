"""What every `KeyStore` promises."""

from datetime import timedelta

import pytest

from salebell_server.log.keys import IngestKey, KeyNameTaken, KeyStore, key_hash, new_key
from tests.server.log.shop import NOON
from tests.server.log.stand import Opener, Stand


@pytest.fixture
def keys(stand: Stand) -> KeyStore:
    return stand.keys


async def test_a_key_is_found_by_its_hash(keys: KeyStore) -> None:
    secret = new_key()
    at = NOON + timedelta(microseconds=1)
    await keys.create("back end", "main", key_hash(secret), at)
    assert await keys.find(key_hash(secret)) == IngestKey(name="back end", store="main", created_at=at)
    assert await keys.find(key_hash(new_key())) is None


async def test_names_are_unique_over_all_stores(keys: KeyStore) -> None:
    await keys.create("back end", "main", key_hash("a"), NOON)
    with pytest.raises(KeyNameTaken):
        await keys.create("back end", "other", key_hash("b"), NOON)
    assert await keys.find(key_hash("b")) is None


async def test_the_list_is_by_name(keys: KeyStore) -> None:
    assert await keys.list() == ()
    for name in ("c", "a", "b"):
        await keys.create(name, "main", key_hash(name), NOON)
    assert [key.name for key in await keys.list()] == ["a", "b", "c"]


async def test_a_revoked_key_is_forgotten_and_its_name_free(keys: KeyStore) -> None:
    await keys.create("back end", "main", key_hash("a"), NOON)
    assert await keys.revoke("back end")
    assert await keys.find(key_hash("a")) is None
    assert not await keys.revoke("back end")
    await keys.create("back end", "main", key_hash("b"), NOON)
    assert await keys.find(key_hash("b")) is not None


async def test_keys_are_there_after_a_restart(opener: Opener) -> None:
    async with opener() as first:
        await first.keys.create("back end", "main", key_hash("a"), NOON)
    async with opener() as second:
        assert await second.keys.find(key_hash("a")) is not None
