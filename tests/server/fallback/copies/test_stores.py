"""Who is let in by the copy of keys and accounts, while the shared log is away and while it is there."""

import asyncio
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from structlog.typing import EventDict

from salebell_protocol.messages import AuthErrorCode
from salebell_server import logs
from salebell_server.auth import AuthFailure
from salebell_server.auth.local.id_tokens import KEY_LIFETIME, IdTokens
from salebell_server.auth.sign_in import SignInUnavailable
from salebell_server.log import LogUnavailable
from salebell_server.log.keys import key_hash
from salebell_server.log.redis.sale_log import RedisSaleLog
from tests.redis_server import RedisServer
from tests.server.auth.stand import EMAIL, HOME, PASSWORD, Draws, Time
from tests.server.fallback.copies.site import Site, away, found
from tests.server.log.shop import created
from tests.server.log.stand import redis_lane

# While the log is away.


async def test_keys_are_found_and_nothing_else_can_be_done_with_them(site: Site, server: RedisServer) -> None:
    await site.populate()
    await away(site, server)
    assert await found(site) == "hats"
    for command in (
        site.keys.create("n", "main", key_hash("n"), site.time.clock()),
        site.keys.list(),
        site.keys.revoke("back end"),
    ):
        with pytest.raises(LogUnavailable, match="Redis cannot be reached"):
            await command
    assert site.gate.failures == []


async def test_the_first_failure_is_answered_from_the_copy_and_told_to_the_guard(
    site: Site, server: RedisServer
) -> None:
    account = await site.populate()
    server.kill()
    assert await found(site) == "hats"
    assert await site.accounts.get([account.uid]) == {account.uid: account}
    assert len(site.gate.failures) == 2


async def test_the_copy_is_looked_up_in_memory(site: Site, server: RedisServer, tmp_path: Path) -> None:
    account = await site.populate()
    await away(site, server)
    (tmp_path / "here" / "copies.db").unlink()
    assert await found(site) == "hats"
    assert await site.accounts.get([account.uid]) == {account.uid: account}


async def test_tokens_verify_verdicts_come_and_nobody_signs_in(site: Site, server: RedisServer, time: Time) -> None:
    account = await site.populate()
    tokens = await site.service.sign_in(EMAIL, PASSWORD, HOME)
    await away(site, server)
    time.passes(minutes=2)
    admin = await site.verifier.verify(tokens.id_token)
    assert admin.uid == account.uid
    assert (await site.verifier.verdicts([account.uid]))[account.uid].refusal is None
    for attempt in (
        site.service.sign_in(EMAIL, PASSWORD, HOME),
        site.service.sign_in("nobody@example.com", PASSWORD, HOME),
        site.service.refresh(tokens.refresh_token, HOME),
        site.service.sign_out(tokens.refresh_token, HOME),
    ):
        with pytest.raises(SignInUnavailable):
            await attempt
    site.gate.away = None
    server.start()
    assert (await site.service.refresh(tokens.refresh_token, HOME)).uid == account.uid


async def test_a_server_that_starts_while_the_log_is_away_verifies_by_its_disk(
    site: Site, server: RedisServer, tmp_path: Path, time: Time
) -> None:
    account = await site.populate()
    tokens = await site.service.sign_in(EMAIL, PASSWORD, HOME)
    server.kill()
    async with redis_lane(server.address) as lane:
        again = Site(lane, tmp_path / "here", time)
        with closing(again.passwords):
            await again.copies.open()
            again.gate.away = "it has not been reached yet"
            assert (await again.verifier.verify(tokens.id_token)).uid == account.uid
            assert await found(again) == "hats"


async def test_what_the_copy_lacks_may_be_new_and_is_not_refused(site: Site, server: RedisServer) -> None:
    await site.populate()
    await away(site, server)
    with pytest.raises(LogUnavailable, match="no copy of that"):
        await site.keys.find(key_hash("sbk_new"))
    with pytest.raises(AuthFailure) as caught:
        await site.verifier.verdicts(["new"])
    assert caught.value.code is AuthErrorCode.AUTH_UNAVAILABLE


async def test_a_server_that_has_never_seen_the_log_judges_nobody(site: Site, server: RedisServer) -> None:
    await away(site, server)
    with pytest.raises(LogUnavailable, match="no copy"):
        await found(site)
    with pytest.raises(AuthFailure) as caught:
        await site.verifier.verdicts(["ana"])
    assert caught.value.code is AuthErrorCode.AUTH_UNAVAILABLE
    assert site.copies.known_stores() == ("main",)


async def test_no_signing_key_is_made_while_the_log_is_away(site: Site, server: RedisServer, time: Time) -> None:
    account = await site.populate()
    await site.id_tokens.issue(account, time.clock())
    before = site.copies.latest.signing_keys
    await away(site, server)
    time.passes(seconds=KEY_LIFETIME.total_seconds())
    with pytest.raises(LogUnavailable):
        await site.id_tokens.issue(account, time.clock())
    with pytest.raises(LogUnavailable):
        await site.id_tokens.rotate()
    assert await site.accounts.signing_keys() == before


async def test_the_stores_are_known(site: Site, server: RedisServer) -> None:
    async with RedisSaleLog(server.address, site.time.clock) as log:
        await log.append(created("a", store="shoes"))
    await site.populate()
    await away(site, server)
    assert site.copies.known_stores() == ("hats", "main", "shoes")


# While the log is there.


async def test_what_was_revoked_does_not_come_back_by_the_copy(
    site: Site, elsewhere: Site, server: RedisServer
) -> None:
    account = await site.populate()
    await elsewhere.plain_keys.revoke("back end")
    await elsewhere.plain_accounts.remove(account.uid)
    assert await found(site) is None
    assert await site.accounts.get([account.uid]) == {}
    assert await site.accounts.find(EMAIL) is None
    await away(site, server)
    with pytest.raises(LogUnavailable, match="no copy of that"):
        await found(site)
    with pytest.raises(LogUnavailable, match="no copy of that"):
        await site.accounts.get([account.uid])


async def test_who_is_disabled_is_so_in_the_copy_after_the_next_refresh(site: Site, server: RedisServer) -> None:
    account = await site.populate()
    token = (await site.service.sign_in(EMAIL, PASSWORD, HOME)).id_token
    await site.administration.disable(EMAIL)
    await site.copies.refresh()
    await away(site, server)
    site.time.passes(minutes=2)
    with pytest.raises(AuthFailure) as caught:
        await site.verifier.verify(token)
    assert caught.value.code is AuthErrorCode.REVOKED
    assert (await site.accounts.get([account.uid]))[account.uid].disabled


async def test_nobody_is_refused_because_the_database_was_emptied(site: Site, server: RedisServer, time: Time) -> None:
    """The first who would be is what brings it back, before the next refresh."""
    account = await site.populate()
    token = (await site.service.sign_in(EMAIL, PASSWORD, HOME)).id_token
    asks = {
        "key": lambda: found(site),
        "verdict": lambda: site.verifier.verdicts([account.uid]),
        "sign-in": lambda: site.service.sign_in(EMAIL, PASSWORD, HOME),
        "signing keys": site.accounts.signing_keys,
    }
    keys = await site.accounts.signing_keys()
    for name, ask in asks.items():
        server.command("FLUSHALL")
        assert await ask(), name
        time.passes(minutes=2)
        assert (await site.verifier.verify(token)).uid == account.uid
        assert await site.accounts.signing_keys() == keys
    server.command("FLUSHALL")
    assert set(await asyncio.gather(*(found(site) for _ in range(300)))) == {"hats"}


async def test_who_is_new_is_copied_when_first_met(site: Site, elsewhere: Site, server: RedisServer) -> None:
    await site.copies.refresh()
    await elsewhere.plain_keys.create("back end", "hats", key_hash("sbk_a"), site.time.clock())
    account = await elsewhere.administration.add(EMAIL, "Ana", PASSWORD, None)
    assert await found(site) == "hats"
    assert await site.accounts.get([account.uid]) == {account.uid: account}
    await away(site, server)
    assert await found(site) == "hats"
    assert await site.accounts.get([account.uid]) == {account.uid: account}


async def test_a_new_signing_key_is_copied_when_it_is_met(site: Site, elsewhere: Site, server: RedisServer) -> None:
    """A token signed by another server is good here, and stays so while the log is away."""
    account = await site.populate()
    token, _ = await elsewhere.id_tokens.issue(account, site.time.clock())
    assert (await site.id_tokens.verify(token)).sub == account.uid
    await away(site, server)
    fresh = IdTokens(site.accounts, site.time.clock, Draws())
    assert (await fresh.verify(token)).sub == account.uid


async def test_a_miss_that_cannot_be_explained_refuses_nobody(site: Site, server: RedisServer) -> None:
    """Redis lost its content and cannot be written to: it is not known who is revoked."""
    account = await site.populate()
    server.command("FLUSHALL")
    server.command("CONFIG", "SET", "maxmemory", "1")
    with pytest.raises(LogUnavailable):
        await found(site)
    with pytest.raises(LogUnavailable):
        await site.accounts.get([account.uid])
    assert len(site.gate.failures) == 2
    assert all("full" in failure for failure in site.gate.failures)


async def test_everything_else_goes_through(site: Site) -> None:
    now = site.time.clock()
    account = await site.populate()
    await site.keys.create("second", "main", key_hash("second"), now)
    assert [key.name for key in await site.keys.list()] == ["back end", "second"]
    assert await site.keys.revoke("second")
    ben = replace(account, uid="ben", email="ben@example.com")
    await site.accounts.add(ben)
    assert await site.accounts.list() == (account, ben)
    assert await site.accounts.revise("ben", lambda now: replace(now, name="Ben")) == replace(ben, name="Ben")
    assert await site.accounts.remove("ben")
    tokens = await site.service.sign_in(EMAIL, PASSWORD, HOME)
    await site.accounts.end_families(now - timedelta(days=90))
    again = await site.service.refresh(tokens.refresh_token, HOME)
    await site.service.sign_out(again.refresh_token, HOME)


async def test_no_secret_reaches_a_log_or_a_repr(site: Site, server: RedisServer, told: list[EventDict]) -> None:
    account = await site.populate()
    await site.service.sign_in(EMAIL, PASSWORD, HOME)
    server.command("FLUSHALL")
    await site.copies.refresh()
    [warning] = [event for event in told if event["log_level"] == "warning"]
    assert logs.hide_secrets(None, "", {**warning}) == warning
    assert (warning["producers"], warning["accounts"]) == (1, 1)
    [signing_key] = site.copies.latest.signing_keys
    for text in (str(told), repr(site.copies.latest), repr(site.copies.latest.snapshot), repr(site.copies)):
        assert account.password_hash not in text
        assert repr(signing_key.secret) not in text
        assert EMAIL not in text
