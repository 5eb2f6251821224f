"""Verifying: who a token is of, and how soon a change of the account is felt."""

import asyncio
import base64
import json
from collections.abc import Collection, Mapping

import pytest

from salebell_protocol.messages import AuthErrorCode
from salebell_server.auth import Admin, AuthFailure, Verdict
from salebell_server.auth.cache import Verdicts, VerifiedTokens
from salebell_server.auth.local.verifier import LocalVerifier
from salebell_server.log.accounts import Account
from salebell_server.log.sqlite.accounts import SqliteAccountStore
from tests.server.auth.stand import EMAIL, PASSWORD, Stand


async def token_for(stand: Stand, stores: frozenset[str] | None = None) -> str:
    await stand.add(stores=stores)
    return (await stand.sign_in()).id_token


async def refusal(stand: Stand, token: str) -> AuthErrorCode:
    with pytest.raises(AuthFailure) as raised:
        await stand.verifier.verify(token)
    assert token not in str(raised.value) or not token
    return raised.value.code


async def uid(stand: Stand) -> str:
    return (await stand.administration.show(EMAIL)).uid


@pytest.mark.parametrize("stores", [None, frozenset({"main"}), frozenset({"main", "outlet"})])
async def test_a_token_is_that_of_its_admin(stand: Stand, stores: frozenset[str] | None) -> None:
    token = await token_for(stand, stores)
    for _ in range(2):
        assert await stand.verifier.verify(token) == Admin(
            uid=await uid(stand),
            email=EMAIL,
            name="Ana",
            stores=stores,
            issued_at=stand.time.unix(),
            expires_at=stand.time.unix() + 3600,
        )


async def test_a_forged_token_is_invalid(stand: Stand) -> None:
    token = await token_for(stand)
    for forged in ("", "hunter2", token[:-4] + "AAAA", token + "\ud800", "A" * 100_000):
        with pytest.raises(AuthFailure) as raised:
            await stand.verifier.verify(forged)
        assert raised.value.code is AuthErrorCode.TOKEN_INVALID


async def test_a_remembered_token_helps_nobody_who_changes_it(stand: Stand) -> None:
    token = await token_for(stand)
    await stand.verifier.verify(token)
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    changed = base64.urlsafe_b64encode(json.dumps({**claims, "sub": "ben"}).encode()).rstrip(b"=").decode()
    assert await refusal(stand, f"{head}.{changed}.{signature}") is AuthErrorCode.TOKEN_INVALID


async def test_a_token_expires_to_the_second_also_when_it_is_remembered(stand: Stand) -> None:
    token = await token_for(stand)
    stand.time.passes(seconds=3599)
    assert await stand.verifier.verify(token)
    stand.time.passes(seconds=0.75)  # to the full second that `exp` names
    for _ in range(2):
        with pytest.raises(AuthFailure) as raised:
            await stand.verifier.verify(token)
        assert raised.value.code is AuthErrorCode.TOKEN_EXPIRED


async def test_a_change_is_felt_after_a_minute_at_the_latest(stand: Stand) -> None:
    token = await token_for(stand)
    await stand.verifier.verify(token)
    await stand.administration.disable(EMAIL)
    stand.time.passes(seconds=59)
    assert (await stand.verifier.verify(token)).may_open("main")
    stand.time.passes(seconds=1)
    assert await refusal(stand, token) is AuthErrorCode.REVOKED


async def test_a_store_that_is_taken_away_is_so_after_a_minute_at_the_latest(stand: Stand) -> None:
    token = await token_for(stand, frozenset({"main", "outlet"}))
    await stand.verifier.verify(token)
    await stand.administration.revoke(EMAIL, {"outlet"})
    stand.time.passes(seconds=60)
    admin = await stand.verifier.verify(token)
    assert admin.may_open("main")
    assert not admin.may_open("outlet")


@pytest.mark.parametrize("change", ["disable", "revoke"])
async def test_who_is_let_in_again_need_not_wait_for_a_minute(stand: Stand, change: str) -> None:
    old = await token_for(stand)
    if change == "disable":
        await stand.administration.disable(EMAIL)
        assert await refusal(stand, old) is AuthErrorCode.REVOKED
        await stand.administration.enable(EMAIL)
    else:
        await stand.administration.revoke(EMAIL, None)
        assert await refusal(stand, old) is AuthErrorCode.NOT_ADMIN
        await stand.administration.grant(EMAIL, None)
    new = (await stand.sign_in()).id_token
    stand.time.passes(seconds=2)
    assert (await stand.verifier.verify(new)).may_open("main")


async def test_a_store_that_is_granted_can_be_opened_at_once(stand: Stand) -> None:
    token = await token_for(stand, frozenset({"main"}))
    assert not (await stand.verifier.verify(token)).may_open("outlet")
    await stand.administration.grant(EMAIL, {"outlet"})
    stand.time.passes(seconds=2)
    assert (await stand.verifier.verify(token)).may_open("outlet")


async def test_the_refused_cannot_make_the_accounts_be_read_at_every_try(stand: Stand) -> None:
    token = await token_for(stand)
    await stand.administration.disable(EMAIL)
    reads = 0
    store = stand.store

    class Counted(SqliteAccountStore):
        async def get(self, uids: Collection[str]) -> Mapping[str, Account]:
            nonlocal reads
            reads += 1
            return await store.get(uids)

    verifier = LocalVerifier(
        Counted(stand.database), stand.id_tokens, clock=stand.time.clock, monotonic=stand.time.monotonic
    )
    for expected in (1, 2, 3):
        for _ in range(2):
            tries = [asyncio.create_task(verifier.verify(token)) for _ in range(50)]
            for outcome in await asyncio.gather(*tries, return_exceptions=True):
                assert isinstance(outcome, AuthFailure)
                assert outcome.code is AuthErrorCode.REVOKED
        assert reads == expected
        stand.time.passes(seconds=2)


async def test_a_refusal_that_cannot_be_looked_at_again_is_none(stand: Stand) -> None:
    token = await token_for(stand)
    await stand.administration.disable(EMAIL)
    assert await refusal(stand, token) is AuthErrorCode.REVOKED
    await stand.database.close()
    assert await refusal(stand, token) is AuthErrorCode.REVOKED
    stand.time.passes(seconds=2)
    assert await refusal(stand, token) is AuthErrorCode.AUTH_UNAVAILABLE


async def test_the_stores_of_an_admin_are_good_for_a_minute_when_they_cannot_be_read(stand: Stand) -> None:
    token = await token_for(stand, frozenset({"main"}))
    admin = await stand.verifier.verify(token)
    await stand.database.close()
    stand.time.passes(seconds=59)
    assert await stand.verifier.verify(token) == admin
    stand.time.passes(seconds=1)
    assert await refusal(stand, token) is AuthErrorCode.AUTH_UNAVAILABLE


async def test_the_wall_clock_set_back_keeps_no_verdict_alive(stand: Stand) -> None:
    token = await token_for(stand, frozenset({"main", "outlet"}))
    await stand.verifier.verify(token)
    await stand.administration.revoke(EMAIL, {"outlet"})
    stand.time.passes(seconds=60)
    stand.time.wall_is_set_back(seconds=600)
    assert (await stand.verifier.verify(token)).stores == frozenset({"main"})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("remove", AuthErrorCode.REVOKED),
        ("disable", AuthErrorCode.REVOKED),
        ("passwd", AuthErrorCode.REVOKED),
        ("revoke", AuthErrorCode.NOT_ADMIN),
    ],
)
async def test_what_ends_sessions_ends_tokens(stand: Stand, change: str, code: AuthErrorCode) -> None:
    token = await token_for(stand)
    admin = await stand.verifier.verify(token)
    match change:
        case "remove":
            await stand.administration.remove(EMAIL)
        case "disable":
            await stand.administration.disable(EMAIL)
        case "passwd":
            await stand.administration.passwd(EMAIL, "battery staple")
        case _:
            await stand.administration.revoke(EMAIL, None)
    verdict = (await stand.verifier.verdicts([admin.uid]))[admin.uid]
    assert verdict.on(admin) is code
    assert await refusal(stand, token) is code
    stand.time.passes(seconds=60)
    assert await refusal(stand, token) is code


@pytest.mark.parametrize("change", ["passwd", "enable", "grant"])
async def test_an_older_token_stays_ended_and_a_new_one_of_the_same_second_is_good(stand: Stand, change: str) -> None:
    old = await token_for(stand)
    password = PASSWORD
    match change:
        case "passwd":
            password = "battery staple"
            await stand.administration.passwd(EMAIL, password)
        case "enable":
            await stand.administration.disable(EMAIL)
            await stand.administration.enable(EMAIL)
        case _:
            await stand.administration.revoke(EMAIL, None)
            await stand.administration.grant(EMAIL, None)
    new = (await stand.sign_in(password=password)).id_token
    assert await refusal(stand, old) is AuthErrorCode.REVOKED
    assert (await stand.verifier.verify(new)).email == EMAIL


async def test_verdicts_are_read_afresh_for_all_that_are_asked_for(stand: Stand) -> None:
    ana = await stand.add("ana@example.com")
    ben = await stand.add("ben@example.com", {"main"})
    uids = [ana.uid, ben.uid, "nobody"]
    assert await stand.verifier.verdicts(uids) == {
        ana.uid: Verdict(None, None),
        ben.uid: Verdict(None, frozenset({"main"})),
        "nobody": Verdict(AuthErrorCode.REVOKED, frozenset()),
    }
    await stand.administration.grant("ben@example.com", {"outlet"})
    assert (await stand.verifier.verdicts(uids))[ben.uid] == Verdict(None, frozenset({"main", "outlet"}))
    assert await stand.verifier.verdicts([]) == {}


async def test_reading_afresh_serves_the_next_verification_too(stand: Stand) -> None:
    token = await token_for(stand, frozenset({"main"}))
    await stand.verifier.verify(token)
    await stand.administration.grant(EMAIL, {"outlet"})
    await stand.verifier.verdicts([await uid(stand)])
    assert (await stand.verifier.verify(token)).stores == frozenset({"main", "outlet"})


async def test_a_store_that_fails_is_unavailable_and_never_a_bad_token(stand: Stand) -> None:
    token = await token_for(stand)
    known = LocalVerifier(stand.store, stand.id_tokens, clock=stand.time.clock, monotonic=stand.time.monotonic)
    admin = await known.verify(token)
    await stand.database.close()
    assert await known.verify(token) == admin  # it was read less than a minute ago
    stand.time.passes(seconds=60)
    for verifier in (known, stand.verifier):
        with pytest.raises(AuthFailure) as raised:
            await verifier.verify(token)
        assert raised.value.code is AuthErrorCode.AUTH_UNAVAILABLE
        with pytest.raises(AuthFailure) as raised:
            await verifier.verdicts([admin.uid])
        assert raised.value.code is AuthErrorCode.AUTH_UNAVAILABLE


async def test_keys_that_cannot_be_read_are_unavailable_too(stand: Stand) -> None:
    token = await token_for(stand)
    stranger = Stand(stand.database, stand.time)
    await stand.database.close()
    assert await refusal(stranger, token) is AuthErrorCode.AUTH_UNAVAILABLE


def test_remembered_tokens_are_bounded_and_kept_as_hashes() -> None:
    tokens: VerifiedTokens[int] = VerifiedTokens(most=100)
    for number in range(100):
        tokens.put(f"secret {number}", number)
    assert tokens.get("secret 0") == 0
    tokens.put("secret 100", 100)
    assert len(tokens) == 100
    assert tokens.get("secret 1") is None
    assert tokens.get("secret 0") == 0
    tokens.forget("secret 0")
    assert tokens.get("secret 0") is None
    assert "secret" not in repr(vars(tokens))


async def test_verdicts_are_bounded() -> None:
    asked: list[str] = []

    async def read(uids: Collection[str]) -> dict[str, Verdict]:
        asked.extend(uids)
        return {uid: Verdict(None, None) for uid in uids}

    verdicts = Verdicts(read, lambda: 0.0, most=2)
    for name in ("a", "b", "c", "c", "b", "a"):
        await verdicts.of(name)
    assert asked == ["a", "b", "c", "a"]


async def test_a_slow_reading_does_not_bring_back_what_a_later_one_replaced() -> None:
    now = 0.0
    answers = [Verdict(None, frozenset({"old"})), Verdict(None, frozenset({"new"}))]

    async def read(_: Collection[str]) -> dict[str, Verdict]:
        nonlocal now
        answer = answers.pop(0)
        if "old" in (answer.stores or ()):
            now = 1.0
            await verdicts.afresh(["ana"])
        return {"ana": answer}

    verdicts = Verdicts(read, lambda: now)
    assert (await verdicts.of("ana")).stores == frozenset({"old"})
    assert (await verdicts.of("ana")).stores == frozenset({"new"})
