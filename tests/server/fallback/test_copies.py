"""What a server knows of keys and accounts while the shared log is away, and how it gives them back to an empty one."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Generator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
import structlog
from msgspec.structs import replace
from structlog.typing import EventDict

from salebell_protocol.messages import AuthErrorCode
from salebell_server import logs
from salebell_server.auth import AuthFailure
from salebell_server.auth.local.administration import Administration
from salebell_server.auth.local.id_tokens import KEY_LIFETIME, IdTokens
from salebell_server.auth.local.passwords import Passwords
from salebell_server.auth.local.service import LocalSignIn
from salebell_server.auth.local.verifier import LocalVerifier
from salebell_server.auth.rate import FailureLimit
from salebell_server.auth.sign_in import SessionRevoked, SignInUnavailable
from salebell_server.fallback.copied_file import CopyFile
from salebell_server.fallback.copied_stores import CopiedAccountStore, CopiedKeyStore
from salebell_server.fallback.copies import LocalCopies
from salebell_server.log import LogUnavailable
from salebell_server.log.accounts import Account
from salebell_server.log.keys import key_hash
from salebell_server.log.redis.accounts import RedisAccountStore
from salebell_server.log.redis.keys import RedisKeyStore
from salebell_server.log.redis.lane import Lane
from salebell_server.log.redis.sale_log import RedisSaleLog
from salebell_server.log.redis.snapshot import RedisSnapshots
from salebell_server.log.snapshot import NewerSchema
from tests.redis_server import RedisServer, redis_server
from tests.server.auth.stand import EMAIL, HOME, PASSWORD, Draws, Hasher, Time
from tests.server.log.shop import created
from tests.server.log.stand import redis_lane

_ids = itertools.count(1)


class Gate:
    """A guard in the test's hands."""

    def __init__(self) -> None:
        self.away: str | None = None
        self.failures: list[str] = []

    def failed(self, reason: str) -> None:
        self.failures.append(reason)


class Site:
    """What one server has for authentication, put together as the composition root does it."""

    def __init__(self, lane: Lane, directory: Path, time: Time) -> None:
        directory.mkdir(exist_ok=True)
        self.time = time
        self.gate = Gate()
        self.snapshots = RedisSnapshots(lane)
        self.copies = LocalCopies(CopyFile(directory), self.snapshots, lambda: f"id{next(_ids)}")
        self.plain_keys, self.plain_accounts = RedisKeyStore(lane), RedisAccountStore(lane)
        self.keys = CopiedKeyStore(self.plain_keys, self.gate, self.copies)
        self.accounts = CopiedAccountStore(self.plain_accounts, self.gate, self.copies)
        draws = Draws()
        self.passwords = Passwords(Hasher(), at_once=2, waiting=8)
        self.id_tokens = IdTokens(self.accounts, time.clock, draws)
        self.administration = Administration(self.plain_accounts, self.passwords, clock=time.clock, random=draws)
        self.verifier = LocalVerifier(self.accounts, self.id_tokens, clock=time.clock, monotonic=time.monotonic)
        limit = FailureLimit(time.monotonic)
        self.service = LocalSignIn(
            self.accounts,
            passwords=self.passwords,
            id_tokens=self.id_tokens,
            addresses=limit,
            accounts=limit,
            clock=time.clock,
            random=draws,
        )

    async def populate(self) -> Account:
        """A key and an account, both copied."""
        await self.copies.refresh()
        await self.plain_keys.create("back end", "hats", key_hash("sbk_a"), self.time.clock())
        account = await self.administration.add(EMAIL, "Ana", PASSWORD, None)
        await self.copies.refresh()
        return account


@pytest.fixture
def server(tmp_path: Path) -> Generator[RedisServer, None, None]:
    with redis_server(tmp_path / "valkey") as started:
        yield started


@pytest.fixture
def time() -> Time:
    return Time()


@pytest_asyncio.fixture
async def site(server: RedisServer, tmp_path: Path, time: Time) -> AsyncGenerator[Site, None]:
    async with redis_lane(server.address) as lane:
        made = Site(lane, tmp_path / "here", time)
        with closing(made.passwords):
            yield made


@pytest_asyncio.fixture
async def elsewhere(server: RedisServer, tmp_path: Path, time: Time) -> AsyncGenerator[Site, None]:
    """Another server, with a disk of its own."""
    async with redis_lane(server.address) as lane:
        made = Site(lane, tmp_path / "elsewhere", time)
        with closing(made.passwords):
            yield made


@pytest.fixture
def told() -> Generator[list[EventDict], None, None]:
    with structlog.testing.capture_logs() as captured:
        yield captured


def warnings(told: list[EventDict]) -> list[str]:
    return [str(event["event"]) for event in told if event["log_level"] == "warning"]


async def away(site: Site, server: RedisServer) -> None:
    server.kill()
    site.gate.away = "Redis cannot be reached"


async def found(site: Site) -> str | None:
    key = await site.keys.find(key_hash("sbk_a"))
    return None if key is None else key.store


# Refreshing.


async def test_a_new_database_is_begun(site: Site, told: list[EventDict]) -> None:
    await site.copies.refresh()
    begun = await site.snapshots.read()
    assert begun is not None
    assert begun == site.copies.latest.snapshot
    await site.copies.refresh()
    assert await site.snapshots.read() == begun
    assert warnings(told) == []


async def test_an_emptied_database_gets_everything_back(site: Site, server: RedisServer, told: list[EventDict]) -> None:
    account = await site.populate()
    tokens = await site.service.sign_in(EMAIL, PASSWORD, HOME)
    before = site.copies.latest.snapshot
    server.command("FLUSHALL")
    await site.copies.refresh()
    after = await site.snapshots.read()
    assert after is not None
    assert after == replace(before, id=after.id, replaces=before.id)
    assert after.id != before.id
    assert await site.plain_keys.find(key_hash("sbk_a")) is not None
    assert await site.plain_accounts.list() == (account,)
    assert (await site.verifier.verify(tokens.id_token)).uid == account.uid
    [warning] = warnings(told)
    assert warning.startswith(
        "the shared database was found empty: this server's copy of keys and accounts was written"
    )
    with pytest.raises(SessionRevoked):
        await site.service.refresh(tokens.refresh_token, HOME)
    assert (await site.service.sign_in(EMAIL, PASSWORD, HOME)).uid == account.uid


async def test_a_server_that_was_restarted_gives_it_back_from_its_disk(
    site: Site, server: RedisServer, tmp_path: Path
) -> None:
    account = await site.populate()
    server.kill()
    server.empty()
    server.start()
    async with redis_lane(server.address) as lane:
        again = Site(lane, tmp_path / "here", site.time)
        with closing(again.passwords):
            await again.copies.open()
            await again.copies.refresh()
            assert await found(again) == "hats"
            assert await again.accounts.list() == (account,)


async def test_of_two_servers_that_find_it_empty_one_gives_it_back(
    site: Site, elsewhere: Site, server: RedisServer, told: list[EventDict]
) -> None:
    account = await site.populate()
    for round_ in range(10):
        await elsewhere.copies.refresh()
        await site.copies.refresh()
        told.clear()
        server.command("FLUSHALL")
        await asyncio.gather(site.copies.refresh(), elsewhere.copies.refresh())
        assert site.copies.latest.snapshot == elsewhere.copies.latest.snapshot == await site.snapshots.read(), round_
        assert len(await site.plain_keys.list()) == 1
        assert await site.plain_accounts.list() == (account,)
        assert sorted(" ".join(one.split(" ", 9)[:9]) for one in warnings(told)) == [
            "the shared database was found empty: another process has",
            "the shared database was found empty: this server's copy",
        ]


async def test_a_server_without_a_copy_does_not_keep_another_from_giving_it_back(
    site: Site, elsewhere: Site, server: RedisServer
) -> None:
    """It begins the emptied database with nothing; whoever knows more may still tell."""
    account = await site.populate()
    server.command("FLUSHALL")
    await elsewhere.copies.refresh()
    await site.copies.refresh()
    await elsewhere.copies.refresh()
    assert elsewhere.copies.latest.snapshot == site.copies.latest.snapshot
    assert await elsewhere.plain_accounts.list() == (account,)
    assert await found(elsewhere) == "hats"


async def test_another_database_is_believed_and_nothing_written_into_it(
    site: Site, tmp_path: Path, told: list[EventDict]
) -> None:
    await site.populate()
    with redis_server(tmp_path / "other") as other:
        async with redis_lane(other.address) as lane:
            theirs = Site(lane, tmp_path / "theirs", site.time)
            with closing(theirs.passwords):
                await theirs.copies.refresh()
                await theirs.plain_keys.create("shop", "shoes", key_hash("sbk_b"), site.time.clock())
            moved = LocalCopies(CopyFile(tmp_path / "here"), theirs.snapshots, lambda: "never")
            await moved.open()
            before = await theirs.snapshots.read()
            await moved.refresh()
            assert await theirs.snapshots.read() == before == moved.latest.snapshot
    assert warnings(told) == [
        "the shared log is in another database than before: its keys and accounts are used from now on"
    ]


async def test_whoever_removes_everybody_is_believed(site: Site, told: list[EventDict]) -> None:
    account = await site.populate()
    await site.plain_keys.revoke("back end")
    await site.plain_accounts.remove(account.uid)
    await site.copies.refresh()
    assert site.copies.latest.snapshot.knows_nobody
    assert warnings(told) == []


async def test_a_refresh_that_fails_leaves_the_copy(site: Site, server: RedisServer) -> None:
    await site.populate()
    before = site.copies.latest.snapshot
    server.kill()
    with pytest.raises(LogUnavailable):
        await site.copies.refresh()
    assert site.copies.latest.snapshot == before
    server.start()
    await site.copies.refresh()


async def test_those_who_refresh_at_once_share_it_and_what_comes_of_it(site: Site, server: RedisServer) -> None:
    await site.populate()
    server.command("CONFIG", "RESETSTAT")
    await asyncio.gather(*(site.copies.refresh() for _ in range(200)))
    calls = server.command("INFO", "commandstats").partition(b"cmdstat_evalsha:calls=")[2].partition(b",")[0]
    assert int(calls) == 1
    server.kill()
    async with asyncio.timeout(10):
        outcomes = await asyncio.gather(*(site.copies.refresh() for _ in range(200)), return_exceptions=True)
    assert all(isinstance(outcome, LogUnavailable) for outcome in outcomes)


async def test_a_newer_schema_is_not_touched(site: Site, server: RedisServer) -> None:
    await site.populate()
    server.command("HSET", "salebell:meta", "schema", "99")
    with pytest.raises(NewerSchema):
        await site.copies.refresh()
    assert await found(site) == "hats"


@pytest.mark.parametrize("damage", [b"", b"SQLite format 3\0", b"\0" * 5000, b"text" * 5000])
async def test_a_damaged_file_is_told_of_and_made_anew(
    site: Site, server: RedisServer, tmp_path: Path, told: list[EventDict], damage: bytes
) -> None:
    await site.populate()
    (tmp_path / "here" / "copies.db").write_bytes(damage)
    again = LocalCopies(CopyFile(tmp_path / "here"), site.snapshots, lambda: "never")
    await again.open()
    assert warnings(told) == ["the copy of keys and accounts is damaged; it will be made anew"]
    with pytest.raises(LogUnavailable, match="no copy"):
        again.held()
    await again.refresh()
    server.kill()
    third = LocalCopies(CopyFile(tmp_path / "here"), site.snapshots, lambda: "never")
    await third.open()
    assert third.latest.snapshot == site.copies.latest.snapshot


async def test_a_file_of_another_form_is_told_of_without_quoting_it(
    site: Site, tmp_path: Path, told: list[EventDict]
) -> None:
    (tmp_path / "here").mkdir(exist_ok=True)
    CopyFile(tmp_path / "here").store(b'{"id": "one", "accounts": [{"password_hash": "$secret"}]}')
    await site.copies.open()
    assert len(warnings(told)) == 1
    assert "secret" not in str(told)


async def test_a_disk_that_cannot_be_written_to_is_told_of_and_not_needed(
    site: Site, tmp_path: Path, told: list[EventDict]
) -> None:
    (tmp_path / "here" / "copies.db").mkdir()
    await site.populate()
    assert set(warnings(told)) == {"the copy of keys and accounts cannot be kept"}
    site.gate.away = "away"
    assert await found(site) == "hats"


async def test_the_file_is_not_written_again_while_nothing_changes(site: Site, elsewhere: Site, tmp_path: Path) -> None:
    await site.populate()
    await elsewhere.administration.add("ben@example.com", "", PASSWORD, {f"s{n}" for n in range(50)})
    await site.copies.refresh()
    path = tmp_path / "here" / "copies.db"
    before = path.read_bytes()
    for _ in range(3):
        worker = LocalCopies(CopyFile(tmp_path / "here"), elsewhere.snapshots, lambda: "never")
        await worker.open()
        await worker.refresh()
    assert path.read_bytes() == before


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
