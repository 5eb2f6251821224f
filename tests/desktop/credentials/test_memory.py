import pytest

from salebell_desktop.credentials import CredentialKey
from salebell_desktop.credentials.memory import MemoryCredentials

pytestmark = pytest.mark.plain_asyncio


async def test_it_remembers_for_this_run_only() -> None:
    ana, bea = CredentialKey("wss://a", "u1"), CredentialKey("wss://a", "u2")
    store = MemoryCredentials()
    await store.save(ana, "one")
    assert await store.load(ana) == "one"
    assert await store.load(bea) is None
    await store.forget(ana)
    await store.forget(ana)
    assert await store.load(ana) is None
    assert not store.lasting
