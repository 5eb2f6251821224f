"""Which stores there are, and whether the log can be written to."""

from salebell_server.log import SaleLog
from salebell_server.log.keys import key_hash
from tests.server.log.shop import NOON, created
from tests.server.log.stand import Stand, append_all


async def test_main_is_always_there(log: SaleLog) -> None:
    assert await log.stores() == ("main",)


async def test_stores_with_an_event_or_a_key(stand: Stand) -> None:
    await append_all(stand.log, created("a", store="shoes"))
    await stand.keys.create("hats back end", "hats", key_hash("sbk_hats"), NOON)
    assert await stand.log.stores() == ("hats", "main", "shoes")


async def test_asking_does_not_make_a_store(log: SaleLog) -> None:
    await log.position("asked")
    await log.open("opened", "ana", None)
    assert await log.stores() == ("main",)


async def test_a_store_whose_only_key_is_revoked_is_gone(stand: Stand) -> None:
    await stand.keys.create("hats back end", "hats", key_hash("sbk_hats"), NOON)
    await stand.keys.revoke("hats back end")
    assert await stand.log.stores() == ("main",)


async def test_check_returns_when_it_can_be_written_to(log: SaleLog) -> None:
    await log.check()
    await log.check()
