"""The shared log is gone, and back: what open sockets go through, and those that open meanwhile."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from salebell_protocol.events import Position
from salebell_protocol.messages import (
    Auth,
    AuthError,
    AuthErrorCode,
    AuthExpiring,
    AuthSuccess,
    ErrorCode,
    ErrorMessage,
    EventMessage,
    Ping,
    Pong,
    Recovery,
    Seen,
    Unread,
)
from salebell_server.auth import Verdict
from salebell_server.gateway.metrics import SocketState
from salebell_server.gateway.socket import MAX_BUFFER
from tests.server.gateway.raw import TEXT, frame, raw
from tests.server.gateway.stand import Client, Stand, running, until


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncGenerator[Stand, None]:
    async with running(tmp_path / "data", defers=True) as made:
        yield made


async def hear_deferred(client: Client) -> AuthSuccess:
    success = await client.hear_success()
    assert success.recovery is Recovery.DEFERRED
    assert (success.position, success.unread, success.seen) == (None, None, None)
    return success


async def hear_provisional(client: Client, count: int) -> list[str]:
    messages = [await client.hear() for _ in range(count)]
    assert all(isinstance(message, EventMessage) and not message.event.confirmed for message in messages), messages
    return [message.event.id for message in messages if isinstance(message, EventMessage)]


@pytest.mark.every_loop
async def test_open_sockets_are_told_and_brought_on_from_where_they_were(stand: Stand) -> None:
    async with stand.signed_in("ana") as ana, stand.signed_in("eva", "north") as eva:
        ids = await stand.sell(3)
        assert await ana.hear_events(3) == ids
        stand.go_away()
        success = await hear_deferred(ana)
        assert (success.admin.uid, success.store, success.stores) == ("ana", "main", ("main",))
        await hear_deferred(eva)
        elsewhere = await stand.sell(2)
        kept = stand.keep(2)
        assert await hear_provisional(ana, 2) == kept
        await stand.come_back()
        success = await ana.hear_success()
        assert success.recovery is Recovery.COMPLETE
        assert success.position is not None
        assert (success.position.offset, success.unread, success.seen) == (7, 7, 0)
        assert await ana.hear_events(4) == elsewhere + kept
        assert (await eva.hear_success()).recovery is Recovery.COMPLETE
        assert await ana.hear_events(0) == []
        live = await stand.sell()
        assert await ana.hear_events(1) == live
        await ana.say(Seen())
        assert await ana.hear() == Unread(count=0, seen=8, as_of=8)
        await eva.say(Ping())
        assert isinstance(await eva.hear(), Pong)
    assert stand.figures.results == ["success"] * 2


async def test_who_signs_in_meanwhile_is_shown_what_waits_and_brought_on_later(stand: Stand) -> None:
    ids = await stand.sell(5)
    epoch = (await stand.log.position("main")).epoch
    stand.go_away()
    kept = stand.keep(3)
    north = stand.keep(1, "north")
    resume = Position(epoch, 2, ids[1])
    async with (
        stand.signed_in("ana", resume=resume) as ana,
        stand.signed_in("eva") as eva,
        stand.signed_in("ana", "north") as other,
    ):
        for client in (ana, eva):
            assert client.success is not None
            assert client.success.recovery is Recovery.DEFERRED
            assert await hear_provisional(client, 3) == kept
        assert await hear_provisional(other, 1) == north
        more = stand.keep(2)
        for client in (ana, eva):
            assert await hear_provisional(client, 2) == more
        await stand.come_back()
        assert (await ana.hear_success()).recovery is Recovery.COMPLETE
        assert await ana.hear_events(8) == [*ids[2:], *kept, *more]
        success = await eva.hear_success()
        assert (success.recovery, success.unread) == (Recovery.FRESH, 0)
        live = await stand.sell()
        assert await ana.hear_events(1) == await eva.hear_events(1) == live
    assert stand.figures.results == ["success"] * 3


async def test_an_edge_that_nobody_told_is_found_by_the_sweep(stand: Stand) -> None:
    stand.log.down = True
    async with stand.signed_in() as client:
        assert client.success is not None
        assert client.success.recovery is Recovery.DEFERRED
        await stand.pass_time(1)
        stand.log.down = False
        await stand.pass_time(1)
        assert (await client.hear_success()).recovery is Recovery.FRESH
        ids = await stand.sell()
        assert await client.hear_events(1) == ids


async def test_the_timer_itself_brings_them_on(stand: Stand) -> None:
    stand.log.down = True
    async with stand.signed_in() as client:
        stand.log.down = False
        assert (await client.hear_success()).recovery is Recovery.FRESH


async def test_a_renewal_whose_reading_fails_loses_nothing(stand: Stand) -> None:
    async with stand.signed_in() as client:
        stand.log.down = True
        await client.say(Auth(token="token-of-ana"))
        await hear_deferred(client)
        ids = await stand.sell(2)
        stand.log.down = False
        assert (await client.hear_success()).recovery is Recovery.COMPLETE
        assert await client.hear_events(2) == ids


async def test_a_log_that_fails_when_it_is_said_to_be_back_is_asked_again(stand: Stand) -> None:
    async with stand.signed_in() as client:
        stand.go_away()
        await hear_deferred(client)
        stand.gateway.restore()
        await stand.pass_time(1)
        kept = stand.keep()
        assert await hear_provisional(client, 1) == kept
        await stand.come_back()
        await stand.pass_time(1)
        assert (await client.hear_success()).recovery is Recovery.COMPLETE
        assert await client.hear_events(1) == kept


@pytest.mark.parametrize("renewal", [False, True])
async def test_a_reading_that_was_made_before_the_log_went_away_may_be_answered_after(
    stand: Stand, *, renewal: bool
) -> None:
    token = stand.verifier.knows("token", "ana")
    async with stand.client() as client:
        if renewal:
            await client.sign_in(token)
        stand.log.gate = asyncio.Event()
        await client.say(Auth(token=token))
        await until(lambda: stand.log.waiting == 1)
        stand.go_away()
        stand.log.gate.set()
        if not renewal:
            assert (await client.hear_success()).recovery is Recovery.FRESH
        await hear_deferred(client)
        kept = stand.keep()
        assert await hear_provisional(client, 1) == kept
        await stand.come_back()
        assert (await client.hear_success()).recovery is Recovery.COMPLETE
        assert await client.hear_events(1) == kept


async def test_a_renewal_meanwhile_is_judged_and_answered_deferred(stand: Stand) -> None:
    async with stand.signed_in() as client:
        stand.go_away()
        await hear_deferred(client)
        kept = stand.keep()
        assert await hear_provisional(client, 1) == kept
        stand.verifier.knows("longer", "ana", expires_in=9000)
        await client.say(Auth(token="longer"))
        assert (await hear_deferred(client)).expires_at == stand.verifier.admins["longer"].expires_at
        stand.verifier.failures["later"] = AuthErrorCode.AUTH_UNAVAILABLE
        await client.say(Auth(token="later"))
        error = await client.hear()
        assert isinstance(error, AuthError)
        await stand.come_back()
        assert (await client.hear_success()).recovery is Recovery.COMPLETE
        assert await client.hear_events(1) == kept
        stand.go_away()
        await hear_deferred(client)
        await client.say(Auth(token="unknown"))
        assert (await client.last_words())[1] == 4401


async def test_looks_are_refused_and_pings_answered_meanwhile(stand: Stand) -> None:
    async with stand.signed_in() as client:
        stand.go_away()
        await hear_deferred(client)
        await client.say(Seen())
        error = await client.hear()
        assert isinstance(error, ErrorMessage)
        assert error.code is ErrorCode.LOG_UNAVAILABLE
        await client.say(Ping(id="p"))
        assert await client.hear() == Pong(id="p")


async def keep_alive(stand: Stand, client: Client, seconds: int) -> None:
    for _ in range(seconds // 60):
        await stand.pass_time(60)
        await client.say(Ping())
        assert isinstance(await client.hear(), Pong)


async def test_no_token_expires_meanwhile_and_who_could_not_renew_has_a_minute(stand: Stand) -> None:
    token = stand.verifier.knows("short", "ana", expires_in=330)
    expires_at = stand.verifier.admins[token].expires_at
    async with stand.client() as client:
        await client.sign_in(token)
        stand.go_away()
        await hear_deferred(client)
        await stand.pass_time(31)
        assert await client.hear() == AuthExpiring(expires_at=expires_at)
        await client.say(Ping())
        assert isinstance(await client.hear(), Pong)
        await keep_alive(stand, client, 1200)
        await stand.come_back()
        assert (await client.hear_success()).recovery is Recovery.COMPLETE
        assert await client.hear() == AuthExpiring(expires_at=expires_at)
        await stand.pass_time(58)
        await client.say(Ping())
        assert isinstance(await client.hear(), Pong)
        await stand.pass_time(3)
        (error,), code = await client.last_words()
        assert isinstance(error, AuthError)
        assert (error.code, code) == (AuthErrorCode.TOKEN_EXPIRED, 4419)


async def test_who_is_no_admin_any_more_is_closed_meanwhile(stand: Stand) -> None:
    async with stand.signed_in() as client:
        stand.go_away()
        await hear_deferred(client)
        stand.verifier.unavailable = True
        await keep_alive(stand, client, 120)
        stand.verifier.unavailable = False
        stand.verifier.judged["ana"] = Verdict(AuthErrorCode.REVOKED, None)
        await stand.pass_time(60)
        assert (await client.last_words())[1] == 4423


async def test_the_stores_are_those_that_are_known_and_then_those_that_there_are(stand: Stand) -> None:
    await stand.sell(1, "south")
    async with stand.signed_in("ana") as known:
        stand.go_away()
        assert (await hear_deferred(known)).stores == ("main", "south")
        async with stand.signed_in("eva") as new:
            assert new.success is not None
            assert new.success.stores == ("main", "south")
            await stand.sell(1, "west")
            await stand.come_back()
            for client in (known, new):
                assert (await client.hear_success()).stores == ("main", "south", "west")


async def test_a_log_that_came_back_as_another_one_closes_nobody(stand: Stand) -> None:
    async with stand.signed_in("ana") as ana, stand.signed_in("eva") as eva:
        await stand.sell(2)
        await ana.hear_events(2)
        await eva.hear_events(2)
        stand.go_away()
        stand.log.replaced = True
        await stand.come_back()
        for client in (ana, eva):
            await hear_deferred(client)
            success = await client.hear_success()
            assert (success.recovery, success.position) == (Recovery.RESET, Position("another", 0, ""))
            await client.say(Ping())
            assert isinstance(await client.hear(), Pong)
    assert stand.figures.codes == [1000, 1000]


async def test_thousands_that_wait_come_in_order_while_more_come(stand: Stand) -> None:
    async with stand.signed_in("eva") as witness:
        stand.go_away()
        await hear_deferred(witness)
        kept = stand.keep(3000)
        async with stand.signed_in("ana") as late:
            heard: list[str] = []
            while len(heard) < 3050:
                heard += await hear_provisional(late, 10)
                if len(kept) < 3050:
                    kept += stand.keep()
            assert heard == kept
        assert await hear_provisional(witness, 3050) == kept


async def test_a_client_that_does_not_read_is_waited_for(stand: Stand) -> None:
    """One that was live, and one that signs in meanwhile; what waits is many times what may wait in a buffer."""
    tokens = [stand.verifier.knows(f"slow-{uid}", uid, "main") for uid in ("ana", "eva")]
    async with raw(stand.port) as live, raw(stand.port) as late, stand.signed_in("eve") as witness:
        await live.send(frame(TEXT, b'{"type":"auth","token":"%b"}' % tokens[0].encode()))
        assert b"auth_success" in (await live.hear())[1]
        live.stop_reading()
        stand.go_away()
        await hear_deferred(witness)
        kept = stand.keep(400, size=30_000)
        assert await hear_provisional(witness, 400) == kept
        late.stop_reading()
        await late.send(frame(TEXT, b'{"type":"auth","token":"%b"}' % tokens[1].encode()))
        await until(lambda: stand.figures.sockets.get(SocketState.OPEN) == 3)
        assert 5 * MAX_BUFFER < 400 * 30_000
        kept += stand.keep()
        assert await hear_provisional(witness, 1) == kept[-1:]
        for slow in (live, late):
            slow.read_on()
            assert b'"deferred"' in (await slow.hear())[1]
            texts = [(await slow.hear())[1] for _ in kept]
            assert [text.partition(b'"id":"')[2].partition(b'"')[0].decode() for text in texts] == kept
        await stand.come_back()
        for slow in (live, late):
            assert b"auth_success" in (await slow.hear())[1]


async def test_hundreds_of_sockets_go_through_several_outages(stand: Stand) -> None:
    async with AsyncExitStack() as clients:
        crowd = [await clients.enter_async_context(stand.signed_in(f"u{number}")) for number in range(200)]
        for _ in range(3):
            sold = await stand.sell(2)
            stand.go_away()
            kept = stand.keep(2)
            await stand.come_back()
            live = await stand.sell()
            for client in crowd:
                assert await confirmed(client, 5) == sold + kept + live
    assert set(stand.figures.codes) == {1000}


async def confirmed(client: Client, count: int) -> list[str]:
    """The ids of the next confirmed events, whatever comes between."""
    heard: list[str] = []
    while len(heard) < count:
        message = await client.hear()
        if isinstance(message, EventMessage) and message.event.confirmed:
            heard.append(message.event.id)
    return heard


async def test_a_sign_in_that_was_under_way_is_answered_deferred(stand: Stand) -> None:
    stand.verifier.gate = asyncio.Event()
    token = stand.verifier.knows("token", "ana")
    async with stand.client() as client:
        await client.say(Auth(token=token))
        await until(lambda: stand.verifier.waiting == 1)
        stand.go_away()
        stand.verifier.gate.set()
        await hear_deferred(client)
        await stand.come_back()
        assert (await client.hear_success()).recovery is Recovery.FRESH


async def test_the_server_stops_meanwhile(stand: Stand) -> None:
    async with stand.signed_in() as client:
        stand.go_away()
        await hear_deferred(client)
        assert await stand.stop() < 3
        assert (await client.last_words())[1] == 1012
