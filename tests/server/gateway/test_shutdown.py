"""Stopping: everybody is told to come back, and nobody can hold it up."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from salebell_protocol.messages import Auth
from tests.server.gateway.raw import TEXT, frame, raw
from tests.server.gateway.stand import Stand, running, until

pytestmark = pytest.mark.every_loop


async def test_everybody_is_told_to_come_back(stand: Stand) -> None:
    stand.verifier.gate = asyncio.Event()
    stand.verifier.gate.set()
    async with (
        stand.signed_in("ana") as ana,
        stand.signed_in("eva", "north") as eva,
        stand.client() as stranger,
        stand.client() as verifying,
    ):
        stand.verifier.gate.clear()
        await verifying.say(Auth(token="token-of-ana"))
        await until(lambda: stand.verifier.waiting == 1)
        stopping = asyncio.create_task(stand.stop())
        for client in (ana, eva, stranger, verifying):
            assert await client.last_words() == ([], 1012)
        assert await stopping < 5
    assert sorted(stand.figures.codes) == [1012] * 4
    assert set(stand.figures.sockets.values()) == {0}


async def test_clients_that_neither_read_nor_answer_do_not_hold_it_up(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as stand:
        token = stand.verifier.knows("t", "ana", "main")
        async with raw(stand.port) as stuck, raw(stand.port) as rude, raw(stand.port) as refused:
            for client in (stuck, rude):
                await client.send(frame(TEXT, b'{"type":"auth","token":"%b"}' % token.encode()))
                await client.hear()
            await refused.send(frame(TEXT, b'{"type":"auth","token":"wrong"}'))
            assert (await refused.hear_close())[1] == 4401
            stuck.stop_reading()
            await stand.sell(300, size=30_000)
            async with asyncio.timeout(10):
                assert await stand.stop() < 5
            with contextlib.suppress(ConnectionResetError, asyncio.IncompleteReadError):
                while (await rude.hear())[0] == TEXT:
                    pass
        assert set(stand.figures.sockets.values()) == {0}


async def test_nobody_gets_in_any_more(stand: Stand) -> None:
    await stand.stop()
    with pytest.raises(ConnectionRefusedError):
        async with raw(stand.port):
            pass
