"""Signing in over the socket: who gets in, who is sent away, and with what words."""

import asyncio
from contextlib import AsyncExitStack
from ipaddress import ip_network
from pathlib import Path

import pytest

from salebell_protocol.events import Position
from salebell_protocol.messages import (
    Auth,
    AuthError,
    AuthErrorCode,
    AuthSuccess,
    ErrorCode,
    ErrorMessage,
    Ping,
    Pong,
    Recovery,
    Seen,
)
from salebell_server.auth.rate import ACCOUNT_BURST
from salebell_server.gateway.services import GatewaySettings
from salebell_server.hub.hub import MAX_SOCKETS
from tests.server.gateway.stand import Client, Stand, running, until


async def test_an_admin_signs_in(stand: Stand) -> None:
    ids = await stand.sell(3)
    token = stand.verifier.knows("good", "ana", "main", "north")
    async with stand.client() as client:
        success = await client.sign_in(token)
        assert success.admin.uid == "ana"
        assert success.store == "main"
        assert success.stores == ("main", "north")
        assert success.position is not None
        assert (success.position.offset, success.position.event_id) == (3, ids[-1])
        assert (success.unread, success.seen) == (0, 3)
        assert success.expires_at == stand.verifier.admins[token].expires_at
        assert abs(success.server_time - stand.clocks.unix()) < 60
        assert success.recovery is Recovery.FRESH
    assert stand.figures.results == ["success"]


async def test_an_admin_of_all_stores_is_told_which_there_are(stand: Stand) -> None:
    await stand.sell(1, "south")
    async with stand.signed_in() as client:
        assert client.success is not None
        assert client.success.stores == ("main", "south")


async def test_without_main_the_first_store_is_opened(stand: Stand) -> None:
    token = stand.verifier.knows("good", "ana", "south", "north")
    async with stand.client() as client:
        assert (await client.sign_in(token)).store == "north"


@pytest.mark.parametrize(
    ("code", "close"),
    [
        (AuthErrorCode.TOKEN_INVALID, 4401),
        (AuthErrorCode.TOKEN_EXPIRED, 4419),
        (AuthErrorCode.NOT_ADMIN, 4403),
        (AuthErrorCode.REVOKED, 4423),
        (AuthErrorCode.AUTH_UNAVAILABLE, 4503),
    ],
)
async def test_a_bad_token(stand: Stand, code: AuthErrorCode, close: int) -> None:
    stand.verifier.failures["bad"] = code
    async with stand.client() as client:
        await client.say(Auth(token="bad"))
        assert await client.last_words() == ([AuthError(code=code, message="it says so here")], close)
    assert stand.figures.results == [code]


async def test_a_store_of_others(stand: Stand) -> None:
    token = stand.verifier.knows("good", "ana", "north")
    async with stand.client() as client:
        await client.say(Auth(token=token, store="main"))
        (error,), code = await client.last_words()
        assert isinstance(error, AuthError)
        assert (error.code, code) == (AuthErrorCode.STORE_FORBIDDEN, 4403)


async def test_before_the_sign_in_only_auth_and_ping_are_understood(stand: Stand) -> None:
    async with stand.client() as client:
        await client.say(Seen(epoch="e", offset=1))
        error = await client.hear()
        assert isinstance(error, ErrorMessage)
        assert error.code is ErrorCode.NOT_AUTHENTICATED
        await client.say(Ping(id=7))
        assert await client.hear() == Pong(id=7)


async def test_failures_from_an_address_come_to_an_end_and_good_tokens_are_always_good(tmp_path: Path) -> None:
    async with running(tmp_path / "data", failures_at_once=30) as stand:
        good = stand.verifier.knows("good", "ana")
        stand.verifier.failures |= {"old": AuthErrorCode.TOKEN_EXPIRED, "later": AuthErrorCode.AUTH_UNAVAILABLE}
        for token in ["old", "later"] * 20:
            async with stand.client() as client:
                await client.say(Auth(token=token))
                await client.last_words()
        for _ in range(30):
            async with stand.client() as client:
                await client.sign_in(good)
            async with stand.client() as client:
                await client.say(Auth(token="wrong"))
                assert (await client.last_words())[1] == 4401
        async with stand.client() as client:
            await client.say(Auth(token="wrong"))
            (error,), code = await client.last_words()
            assert isinstance(error, ErrorMessage)
            assert (error.code, code) == (ErrorCode.RATE_LIMITED, 4429)
        async with stand.client() as client:
            await client.sign_in(good)
        stand.clocks.skew += 60
        async with stand.client() as client:
            await client.say(Auth(token="wrong"))
            assert (await client.last_words())[1] == 4401


async def test_a_refused_token_is_counted_at_its_account_too(tmp_path: Path) -> None:
    async with running(tmp_path / "data", failures_at_once=1000) as stand:
        good = stand.verifier.knows("good", "ana")
        stand.verifier.failures |= {"old": AuthErrorCode.REVOKED, "other": AuthErrorCode.NOT_ADMIN}
        stand.verifier.subjects |= {"old": "ana", "other": "eva"}
        for token, code in [("old", 4423)] * ACCOUNT_BURST + [("old", 4429), ("other", 4403), ("wrong", 4401)]:
            async with stand.client() as client:
                await client.say(Auth(token=token))
                assert (await client.last_words())[1] == code
        async with stand.client() as client:
            await client.sign_in(good)


async def test_an_admin_may_have_many_sockets_but_not_any_number(stand: Stand) -> None:
    async with asyncio.timeout(60):
        token = stand.verifier.knows("good", "ana")
        contexts = [stand.client() for _ in range(MAX_SOCKETS)]
        clients = [await context.__aenter__() for context in contexts]
        for client in clients:
            await client.sign_in(token)
        async with stand.client() as one_more:
            await one_more.say(Auth(token=token))
            (error,), code = await one_more.last_words()
            assert isinstance(error, ErrorMessage)
            assert (error.code, code) == (ErrorCode.RATE_LIMITED, 4429)
        async with stand.signed_in("ana", "north"), stand.signed_in("eva"):
            pass
        for context in contexts:
            await context.__aexit__(None, None, None)


async def test_a_log_that_cannot_be_read_sends_the_client_away_and_later_lets_it_in(stand: Stand) -> None:
    stand.log.down = True
    for token in (stand.verifier.knows("all", "ana"), stand.verifier.knows("one", "ana", "main")):
        async with stand.client() as client:
            await client.say(Auth(token=token))
            (error,), code = await client.last_words()
            assert isinstance(error, ErrorMessage)
            assert (error.code, code) == (ErrorCode.LOG_UNAVAILABLE, 1012)
    stand.log.down = False
    async with stand.signed_in() as first:
        stand.log.down = True
        async with stand.client() as client:
            await client.say(Auth(token="one"))
            assert (await client.last_words())[1] == 1012
        stand.log.down = False
        ids = await stand.sell()
        assert await first.hear_events(1) == ids


async def test_who_leaves_while_being_verified_leaves_nothing_behind(stand: Stand) -> None:
    stand.verifier.gate = asyncio.Event()
    token = stand.verifier.knows("good", "ana")
    async with stand.client() as client:
        await client.say(Auth(token=token))
        await until(lambda: stand.verifier.waiting == 1)
    await until(lambda: stand.verifier.waiting == 0)
    await until(lambda: sum(stand.figures.sockets.values()) == 0)
    assert stand.figures.results == []


async def test_a_verifier_that_never_answers_is_given_up(stand: Stand) -> None:
    stand.verifier.gate = asyncio.Event()
    async with stand.client() as client:
        await client.say(Auth(token="any"))
        await until(lambda: stand.verifier.waiting == 1)
        await stand.pass_time(30)
        (error,), code = await client.last_words()
        assert isinstance(error, AuthError)
        assert (error.code, code) == (AuthErrorCode.AUTH_UNAVAILABLE, 4503)
    assert stand.verifier.waiting == 0


async def test_an_auth_too_many_is_answered_after_the_first(stand: Stand) -> None:
    stand.verifier.gate = asyncio.Event()
    first = stand.verifier.knows("first", "ana", expires_in=600)
    second = stand.verifier.knows("second", "ana", expires_in=3600)
    async with stand.client() as client:
        await client.say(Auth(token=first))
        await client.say(Auth(token=second))
        stand.verifier.gate.set()
        answers = [await client.hear(), await client.hear()]
        assert [answer.recovery for answer in answers if isinstance(answer, AuthSuccess)] == ["fresh", "complete"]
        assert [answer.expires_at for answer in answers if isinstance(answer, AuthSuccess)] == [
            stand.verifier.admins[first].expires_at,
            stand.verifier.admins[second].expires_at,
        ]


async def test_a_renewal_answers_with_what_is_true_now(stand: Stand) -> None:
    async with stand.signed_in() as client:
        start = client.position
        ids = await stand.sell(2)
        assert await client.hear_events(2) == ids
        token = stand.verifier.knows("renewed", "ana", expires_in=7200)
        await client.say(Auth(token=token, resume=Position("nonsense", 1, "x")))
        success = await client.hear()
        assert isinstance(success, AuthSuccess)
        assert success.recovery is Recovery.COMPLETE
        assert success.position == Position(start.epoch, 2, ids[-1])
        assert (success.unread, success.seen) == (2, 0)
        assert success.expires_at == stand.verifier.admins[token].expires_at
        ids = await stand.sell()
        assert await client.hear_events(1) == ids


async def test_a_renewal_as_another_admin_or_store(stand: Stand) -> None:
    other = stand.verifier.knows("other", "eva")
    own = stand.verifier.knows("own", "ana")
    for auth in (Auth(token=other), Auth(token=own, store="north")):
        async with stand.signed_in() as client:
            await client.say(auth)
            (error,), code = await client.last_words()
            assert isinstance(error, ErrorMessage)
            assert (error.code, code) == (ErrorCode.MALFORMED, 4400)


async def test_a_renewal_that_cannot_be_judged_leaves_the_socket_open_until_it_expires(stand: Stand) -> None:
    stand.verifier.failures["later"] = AuthErrorCode.AUTH_UNAVAILABLE
    async with stand.signed_in() as client:
        await client.say(Auth(token="later"))
        error = await client.hear()
        assert isinstance(error, AuthError)
        assert error.code is AuthErrorCode.AUTH_UNAVAILABLE
        ids = await stand.sell()
        assert await client.hear_events(1) == ids
        for _ in range(51):
            await stand.pass_time(70)
            await client.say(Ping())
            assert isinstance(await client.hear(), Pong)
            if stand.clocks.skew >= 3290:
                break
        await stand.pass_time(3600 - stand.clocks.skew)
        assert (await client.last_words())[1] == 4419


async def test_a_renewal_while_the_log_cannot_be_read(stand: Stand) -> None:
    async with stand.signed_in() as client:
        stand.verifier.knows("renewed", "ana", "main")
        stand.log.down = True
        await client.say(Auth(token="renewed"))
        (error,), code = await client.last_words()
        assert isinstance(error, ErrorMessage)
        assert (error.code, code) == (ErrorCode.LOG_UNAVAILABLE, 1012)


async def test_a_renewal_that_reads_another_log_shows_that_it_was_replaced(stand: Stand) -> None:
    async with stand.signed_in("ana") as client, stand.signed_in("eva") as other:
        stand.log.replaced = True
        await client.say(Auth(token="token-of-ana"))
        assert await client.last_words() == ([], 1012)
        assert await other.last_words() == ([], 1012)


async def test_idle_sockets_cannot_keep_honest_ones_out(tmp_path: Path) -> None:
    async with running(tmp_path / "data", GatewaySettings(max_unauthenticated=3)) as stand:
        contexts = [stand.client() for _ in range(3)]
        idle = [await context.__aenter__() for context in contexts]
        async with stand.signed_in() as honest:
            assert (await idle[0].last_words())[1] == 4408
            ids = await stand.sell()
            assert await honest.hear_events(1) == ids
            await idle[1].say(Ping())
            assert isinstance(await idle[1].hear(), Pong)
        for context in contexts:
            await context.__aexit__(None, None, None)


async def test_a_client_that_opens_socket_after_socket_ends_its_own(tmp_path: Path) -> None:
    settings = GatewaySettings(max_unauthenticated=3, trusted_proxies=(ip_network("127.0.0.0/8"),))
    async with running(tmp_path / "data", settings) as stand, AsyncExitStack() as stack:

        async def come(address: str) -> Client:
            return await stack.enter_async_context(stand.client(additional_headers={"X-Forwarded-For": address}))

        honest = await come("192.0.2.7")
        greedy = [await come(f"2001:db8::{number}") for number in range(6)]
        for client in greedy[:4]:
            assert (await client.last_words())[1] == 4408
        await honest.sign_in(stand.verifier.knows("good", "ana"))
        for client in greedy[4:]:
            await client.say(Ping())
            assert isinstance(await client.hear(), Pong)
        await come("2001:db8::f")  # the honest one has left a place
        await greedy[4].say(Ping())
        assert isinstance(await greedy[4].hear(), Pong)
