"""What the sweep finds: silence, expiry, and admins who are none any more."""

import pytest

from salebell_protocol.messages import AuthError, AuthErrorCode, AuthExpiring, Ping, Pong
from salebell_server.auth import Verdict
from tests.server.gateway.raw import PING, PONG, frame, raw
from tests.server.gateway.stand import Stand, until


async def test_no_auth_in_time(stand: Stand) -> None:
    async with stand.client() as client:
        await client.say(Ping())
        await client.hear()
        await stand.pass_time(9)
        await stand.pass_time(1.5)
        (error,), code = await client.last_words()
        assert isinstance(error, AuthError)
        assert (error.code, code) == (AuthErrorCode.AUTH_TIMEOUT, 4408)


async def test_the_timer_itself_sweeps(stand: Stand) -> None:
    async with stand.client() as client:
        stand.clocks.skew += 11
        assert (await client.last_words())[1] == 4408


async def test_a_silent_connection_is_dropped(stand: Stand) -> None:
    async with stand.signed_in("ana") as silent, stand.signed_in("eva") as alive:
        await stand.pass_time(74)
        await alive.say(Ping())
        assert isinstance(await alive.hear(), Pong)
        await stand.pass_time(2)
        assert await silent.last_words() == ([], 1001)
        await alive.say(Ping())
        assert isinstance(await alive.hear(), Pong)


async def test_pings_of_the_transport_are_signs_of_life(stand: Stand) -> None:
    token = stand.verifier.knows("t", "ana")
    async with raw(stand.port) as client:
        await client.send(frame(1, b'{"type":"auth","token":"%b"}' % token.encode()))
        await client.hear()
        for _ in range(3):
            await stand.pass_time(70)
            await client.send(frame(PING))
            assert await client.hear() == (PONG, b"")


async def test_expiry_is_announced_and_then_closes(stand: Stand) -> None:
    token = stand.verifier.knows("short", "ana", expires_in=360)
    async with stand.client() as client:
        await client.sign_in(token)
        expires_at = stand.verifier.admins[token].expires_at
        await stand.pass_time(61)
        assert await client.hear() == AuthExpiring(expires_at=expires_at)
        for _ in range(4):
            await client.say(Ping())
            assert isinstance(await client.hear(), Pong)
            await stand.pass_time(70)
        await stand.pass_time(30)
        (error,), code = await client.last_words()
        assert isinstance(error, AuthError)
        assert (error.code, code) == (AuthErrorCode.TOKEN_EXPIRED, 4419)


@pytest.mark.parametrize(
    ("verdict", "code", "close"),
    [
        (Verdict(AuthErrorCode.REVOKED, None), AuthErrorCode.REVOKED, 4423),
        (Verdict(AuthErrorCode.NOT_ADMIN, None), AuthErrorCode.NOT_ADMIN, 4403),
        (Verdict(None, frozenset({"north"})), AuthErrorCode.STORE_FORBIDDEN, 4403),
        (Verdict(None, None, valid_after=2**40), AuthErrorCode.REVOKED, 4423),
    ],
)
async def test_who_is_no_admin_any_more_is_closed_within_a_minute(
    stand: Stand, verdict: Verdict, code: AuthErrorCode, close: int
) -> None:
    async with stand.signed_in("ana") as ana, stand.signed_in("ana") as ana_too, stand.signed_in("eva") as eva:
        await stand.pass_time(1)
        stand.verifier.judged["ana"] = verdict
        await stand.pass_time(50)
        for client in (ana, ana_too):
            (error,), closed = await client.last_words()
            assert isinstance(error, AuthError)
            assert (error.code, closed) == (code, close)
        ids = await stand.sell()
        assert await eva.hear_events(1) == ids


async def test_who_has_left_is_not_looked_at_any_more(stand: Stand) -> None:
    async with stand.signed_in("ana"):
        await stand.pass_time(1)
        await until(lambda: stand.verifier.asked == ["ana"])
    await until(lambda: stand.figures.codes == [1000])
    async with stand.signed_in("eva"):
        await stand.pass_time(50)
        await until(lambda: stand.verifier.asked == ["ana", "eva"])


async def test_a_provider_that_cannot_be_reached_closes_nobody(stand: Stand) -> None:
    async with stand.signed_in() as client:
        stand.verifier.unavailable = True
        stand.verifier.judged["ana"] = Verdict(AuthErrorCode.REVOKED, None)
        for _ in range(4):
            await stand.pass_time(60)
            await client.say(Ping())
            assert isinstance(await client.hear(), Pong)
        stand.verifier.unavailable = False
        await stand.pass_time(6)
        assert (await client.last_words())[1] == 4423
