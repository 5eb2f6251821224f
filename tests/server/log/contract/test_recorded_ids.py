"""What was recorded stays readable, also under ids that producers may not give any more."""

import pytest

from salebell_server.log import SaleLog, SalesQuery
from tests.server.log.shop import created
from tests.server.log.stand import append_all


@pytest.mark.parametrize("name", [".", ".."])
async def test_steps_in_a_path(log: SaleLog, name: str) -> None:
    await append_all(log, created("before"), created(name, event_id=name), created("zz"))
    assert (await log.lookup("main", name, name)).known is not None
    history = await log.history("main", name)
    assert [(event.id, event.sale.id) for event in history] == [(name, name)]
    found: list[str] = []
    before: str | None = None
    for _ in range(3):
        page = await log.sales(SalesQuery(store="main", limit=1, before=before), "ana")
        found += [sale.id for sale in page.sales]
        before = page.next_before
    assert sorted(found) == sorted(("before", name, "zz"))
