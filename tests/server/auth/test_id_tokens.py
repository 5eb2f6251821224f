"""ID tokens: ours are read, and nothing else is, whoever made it and however."""

import asyncio
import base64
import hashlib
import hmac
import json
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salebell_server.auth.local.id_tokens import KEY_LIFETIME, LIFETIME, IdTokens, InvalidToken
from salebell_server.log.accounts import Account, SigningKey
from tests.server.auth.stand import Stand, standing


async def issued(stand: Stand) -> str:
    token, _ = await stand.id_tokens.issue(await stand.add(), stand.time.clock())
    return token


async def newest(stand: Stand) -> SigningKey:
    return (await stand.store.signing_keys())[0]


def segment(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(header: dict[str, Any], claims: object, secret: bytes) -> str:
    """A token with these contents and a right HMAC, whatever the header says."""
    text = f"{segment(header)}.{segment(claims)}"
    return f"{text}.{segment(hmac.digest(secret, text.encode(), hashlib.sha256))}"


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


async def test_a_token_says_who_until_when_and_by_which_key(stand: Stand) -> None:
    account = await stand.add()
    token, expires_in = await stand.id_tokens.issue(account, stand.time.clock())
    now = stand.time.unix()
    assert expires_in == 3600
    assert claims_of(token) == {
        "iss": "salebell-server",
        "aud": "salebell",
        "sub": account.uid,
        "email": "Ana@Example.com",
        "name": "Ana",
        "iat": now,
        "exp": now + 3600,
    }
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT", "kid": (await newest(stand)).kid}


async def test_a_token_is_verified_also_by_another_process(stand: Stand) -> None:
    token = await issued(stand)
    for verifier in (stand.id_tokens, IdTokens(stand.store, stand.time.clock, stand.draws)):
        claims = await verifier.verify(token)
        assert (claims.email, claims.exp) == ("Ana@Example.com", stand.time.unix() + 3600)


async def test_the_longest_account_still_fits_into_a_token(stand: Stand) -> None:
    account = Account(
        uid="u" * 24,
        email="\U0001f40e" * 60 + "@example.com",
        name="\U0001f40e" * 200,
        password_hash="",
        stores=None,
        created_at=stand.time.clock(),
    )
    token, _ = await stand.id_tokens.issue(account, stand.time.clock())
    assert (await stand.id_tokens.verify(token)).name == account.name


async def forged(stand: Stand) -> dict[str, str]:
    """Tokens that a stranger may make up, or that an attacker makes of a right one."""
    token = await issued(stand)
    key = await newest(stand)
    claims = claims_of(token)
    header = {"alg": "HS256", "typ": "JWT", "kid": key.kid}
    head, body, signature = token.split(".")
    return {
        "nothing": "",
        "no token": "hunter2",
        "only dots": "..",
        "not in ASCII": token + "é",
        "lone surrogate": token + "\ud800",
        "no signature": f"{head}.{body}.",
        "two parts": f"{head}.{body}",
        "four parts": f"{token}.{signature}",
        "alg none": f"{segment({**header, 'alg': 'none'})}.{body}.",
        "alg none with the signature": f"{segment({**header, 'alg': 'none'})}.{body}.{signature}",
        "alg nOnE": f"{segment({**header, 'alg': 'nOnE'})}.{body}.",
        "alg absent": signed({"kid": key.kid}, claims, key.secret),
        "alg null": signed({**header, "alg": None}, claims, key.secret),
        "alg a list": signed({**header, "alg": ["HS256"]}, claims, key.secret),
        "alg HS512 over our key": jwt.encode(claims, key.secret * 2, "HS512", {"kid": key.kid}),
        "alg RS256 with an HMAC": signed({**header, "alg": "RS256"}, claims, key.secret),
        "alg ES256 with an HMAC": signed({**header, "alg": "ES256"}, claims, key.secret),
        "another key under our kid": signed(header, claims, b"x" * 32),
        "the kid as the key": signed(header, claims, key.kid.encode()),
        "an empty key": signed(header, claims, b""),
        "unknown kid": signed({**header, "kid": "other"}, claims, key.secret),
        "no kid": signed({"alg": "HS256"}, claims, key.secret),
        "kid null": signed({**header, "kid": None}, claims, key.secret),
        "kid a number": signed({**header, "kid": 1}, claims, key.secret),
        "kid a path": signed({**header, "kid": "../../etc/passwd"}, claims, key.secret),
        "kid SQL": signed({**header, "kid": "' OR 1=1 --"}, claims, key.secret),
        "critical extension": signed({**header, "crit": ["b64"], "b64": False}, claims, key.secret),
        "claims changed": f"{head}.{segment({**claims, 'sub': 'another'})}.{signature}",
        "signature changed": f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}",
        "padding added": f"{token}==",
        "line end added": f"{token}\n",
        "space before": f" {token}",
        "too long": token + "A" * 8192,
        "deep header": segment(b"[" * 4000) + f".{body}.{signature}",
        "deep object": segment(b'{"kid":' * 800) + f".{body}.{signature}",
    }


async def test_forgeries_are_refused(stand: Stand) -> None:
    accepted: list[str] = []
    for name, token in (await forged(stand)).items():
        try:
            await stand.id_tokens.verify(token)
        except InvalidToken:
            pass
        else:
            accepted.append(name)
    assert accepted == []


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "another"},
        {"aud": ["salebell"]},
        {"aud": None},
        {"iss": "another"},
        {"exp": "4102444800"},
        {"exp": 4102444800.0},
        {"exp": None},
        {"exp": True},
        {"iat": "0"},
        {"sub": 1},
        {"email": None},
        {"name": ["Ana"]},
    ],
)
async def test_claims_of_another_kind_are_refused_even_under_our_key(stand: Stand, change: dict[str, Any]) -> None:
    token = await issued(stand)
    key = await newest(stand)
    header = {"alg": "HS256", "kid": key.kid}
    assert await stand.id_tokens.verify(signed(header, claims_of(token), key.secret))
    with pytest.raises(InvalidToken):
        await stand.id_tokens.verify(signed(header, {**claims_of(token), **change}, key.secret))
    for lacking in change:
        without = {name: value for name, value in claims_of(token).items() if name != lacking}
        with pytest.raises(InvalidToken):
            await stand.id_tokens.verify(signed(header, without, key.secret))


@pytest.mark.parametrize("payload", [b"", b"null", b"[]", b"{", b"\xff", b"[" * 4000])
async def test_claims_that_are_no_object_are_refused(stand: Stand, payload: bytes) -> None:
    await issued(stand)
    key = await newest(stand)
    with pytest.raises(InvalidToken):
        await stand.id_tokens.verify(signed({"alg": "HS256", "kid": key.kid}, payload, key.secret))


parts = st.one_of(st.text(max_size=40), st.binary(max_size=60).map(segment), st.just(segment({"kid": "k"})))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(st.text(), st.lists(parts, min_size=1, max_size=5).map(".".join)), max_size=20))
def test_no_text_is_a_token_or_makes_verifying_raise_anything_else(texts: list[str]) -> None:
    async def verify_all() -> None:
        with TemporaryDirectory() as directory:
            async with standing(Path(directory)) as stand:
                for text in texts:
                    with pytest.raises(InvalidToken):
                        await stand.id_tokens.verify(text)

    asyncio.run(verify_all())


async def test_the_first_key_is_made_once_however_many_need_it(stand: Stand) -> None:
    account = await stand.add()
    processes = [IdTokens(stand.store, stand.time.clock, stand.draws) for _ in range(5)]
    for process in processes:
        await process.issue(account, stand.time.clock())
    [key] = await stand.store.signing_keys()
    assert len(key.secret) == 32


async def test_a_key_that_became_old_signs_no_more(stand: Stand) -> None:
    await issued(stand)
    first = await newest(stand)
    stand.time.passes(seconds=KEY_LIFETIME.total_seconds() - 1)
    [account] = await stand.store.list()
    await stand.id_tokens.issue(account, stand.time.clock())
    assert await newest(stand) == first
    stand.time.passes(seconds=1)
    token, _ = await stand.id_tokens.issue(account, stand.time.clock())
    assert jwt.get_unverified_header(token)["kid"] == (await newest(stand)).kid != first.kid


async def test_after_a_rotation_the_tokens_of_the_key_before_live_to_their_end(stand: Stand) -> None:
    token = await issued(stand)
    elsewhere = IdTokens(stand.store, stand.time.clock, stand.draws)
    await elsewhere.verify(token)
    await stand.id_tokens.rotate()
    [account] = await stand.store.list()
    new, _ = await stand.id_tokens.issue(account, stand.time.clock())
    for process in (stand.id_tokens, elsewhere):
        assert await process.verify(token)
        assert await process.verify(new)
    stand.time.passes(seconds=LIFETIME.total_seconds())
    assert await elsewhere.verify(token)
    stand.time.passes(minutes=1)
    for process in (stand.id_tokens, elsewhere):
        with pytest.raises(InvalidToken):
            await process.verify(token)
        assert await process.verify(new)


async def test_a_process_signs_with_another_ones_new_key_within_a_minute(stand: Stand) -> None:
    await issued(stand)
    [account] = await stand.store.list()
    elsewhere = IdTokens(stand.store, stand.time.clock, stand.draws)
    await elsewhere.issue(account, stand.time.clock())
    await stand.id_tokens.rotate()
    stand.time.passes(minutes=1)
    token, _ = await elsewhere.issue(account, stand.time.clock())
    assert jwt.get_unverified_header(token)["kid"] == (await newest(stand)).kid


async def test_rotating_twice_drops_a_key_that_leaked(stand: Stand) -> None:
    token = await issued(stand)
    await stand.id_tokens.rotate()
    await stand.id_tokens.rotate()
    with pytest.raises(InvalidToken):
        await stand.id_tokens.verify(token)
    assert len(await stand.store.signing_keys()) == 2


async def test_a_token_is_never_issued_before_the_account_is_valid(stand: Stand) -> None:
    await stand.add()
    account = await stand.administration.passwd("ana@example.com", "battery staple")
    token, _ = await stand.id_tokens.issue(account, stand.time.clock() - timedelta(hours=1))
    assert claims_of(token)["iat"] == account.valid_after
