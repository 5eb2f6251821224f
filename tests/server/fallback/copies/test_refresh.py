"""What a server keeps of keys and accounts, and how it gives them back to an empty database."""

import asyncio
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace
from structlog.typing import EventDict

from salebell_server.auth.sign_in import SessionRevoked
from salebell_server.fallback.copied_file import CopyFile
from salebell_server.fallback.copies import LocalCopies
from salebell_server.log import LogUnavailable
from salebell_server.log.keys import key_hash
from salebell_server.log.snapshot import NewerSchema
from tests.redis_server import RedisServer, redis_server
from tests.server.auth.stand import EMAIL, HOME, PASSWORD
from tests.server.fallback.copies.site import Site, found, warnings
from tests.server.log.stand import redis_lane


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
