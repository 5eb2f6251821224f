"""Shops that sell and admins who come and go: what the servers must keep up with while they are tormented."""

import asyncio
import itertools
import random
import time
from contextlib import suppress
from http import HTTPStatus

import httpx

from tests.e2e.devices import Device

ACKNOWLEDGED = (HTTPStatus.CREATED, HTTPStatus.ACCEPTED)

PATIENCE_SECONDS = 60.0
"""How long a shop asks again: longer than anything is away."""


class Shop:
    """A producer: sells, and asks again until it is acknowledged, as a careful back end does.

    Args:
        url: of a server, or of what stands before several.
        store: where it sells.
        key: its ingest key.
        number: tells its sales from those of other shops.
        chance: decides about its pace.
        whole: whether its payments carry the sale, so that they are taken in without the log.

    Attributes:
        acknowledged: the offset of each event that was, or None where none was told.
        given_up: the events that never were.
    """

    def __init__(
        self, url: str, store: str, key: str, number: int, chance: random.Random, *, whole: bool = False
    ) -> None:
        self.store = store
        self.number = number
        self.acknowledged: dict[str, int | None] = {}
        self.given_up: list[str] = []
        self._url = url
        self._key = key
        self._chance = chance
        self._whole = whole

    async def sell(self, closing_time: asyncio.Event) -> None:
        """Sell until closing time, and see the last request through."""
        bearer = {"Authorization": f"Bearer {self._key}"}
        async with httpx.AsyncClient(base_url=self._url, headers=bearer, trust_env=False, timeout=10) as http:
            for count in itertools.count():
                if closing_time.is_set():
                    return
                await self._sell_one(http, count)
                await asyncio.sleep(self._chance.uniform(0, 0.05))

    async def _sell_one(self, http: httpx.AsyncClient, count: int) -> None:
        sale_id = f"{self.number}-{count}"
        sale = {"id": sale_id, "total": f"{count}.50", "currency": "ARS", "channel": "web"}
        if count % 3 == 0:
            await self._post(http, "/v1/checkouts", {"sale": sale}, f"created:{sale_id}")
            payment = {"sale": sale} if self._whole else {}
            await self._post(http, f"/v1/sales/{sale_id}/payment", payment, f"paid:{sale_id}")
        else:
            await self._post(http, "/v1/sales", {"sale": sale}, f"created:{sale_id}")
        if count % 7 == 0:
            await self._post(http, f"/v1/sales/{sale_id}/cancel", {}, f"cancelled:{sale_id}")

    async def _post(self, http: httpx.AsyncClient, path: str, body: object, event_id: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                answer = await http.post(path, json=body)
                if answer.status_code in ACKNOWLEDGED:
                    receipt = answer.json()
                    assert receipt["event_id"] == event_id
                    self.acknowledged[event_id] = receipt["offset"]
                    return
                assert self._may_wait(answer), answer.text
            await asyncio.sleep(0.05)
        self.given_up.append(event_id)

    def _may_wait(self, answer: httpx.Response) -> bool:
        """Whether to ask again later: the log is away, or does not have yet what another server keeps for it."""
        waits = None in self.acknowledged.values() and answer.status_code == HTTPStatus.NOT_FOUND
        return waits or answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE


async def come_and_go(device: Device, chance: random.Random, closing_time: asyncio.Event) -> None:
    """An admin who looks now and then, and whose computer is sometimes off."""
    while not closing_time.is_set():
        await asyncio.sleep(chance.uniform(0.2, 1.5))
        if chance.random() < 0.4:
            await device.look()
        if chance.random() < 0.3:
            await device.stop()
            await asyncio.sleep(chance.uniform(0, 1))
            device.start()
