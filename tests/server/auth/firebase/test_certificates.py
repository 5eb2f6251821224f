"""Google's certificates: when they are fetched, what is believed, and for how long without Google."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from structlog.testing import capture_logs

from salebell_server.auth.firebase import Cause, FirebaseUnavailable
from salebell_server.auth.firebase.certificates import (
    MAX_BYTES,
    MAX_FRESH_SECONDS,
    MIN_FRESH_SECONDS,
    STALE_SECONDS,
    UNKNOWN_KEY_SECONDS,
    Certificates,
    UnknownKey,
    lifetime,
)
from tests.firebase.google import CertificateServer, Key, certificate_of
from tests.server.auth.firebase.stand import Now, Sleeps

MAX_AGE = 20000
REFRESHED_AFTER = MAX_AGE * 0.825
"""With the jitter that these tests have."""


@asynccontextmanager
async def certificates_at(
    url: str, time: Now, sleeps: Sleeps | None = None, gives_up: float = 30
) -> AsyncGenerator[Certificates, None]:
    made = Certificates(url, time.monotonic, jitter=lambda: 0.5, sleep=sleeps or Sleeps(time), timeout=gives_up)
    try:
        yield made
    finally:
        await made.close()


async def unavailable(certificates: Certificates, name: str = "key-1") -> FirebaseUnavailable:
    with pytest.raises(FirebaseUnavailable) as raised:
        await certificates.need(name)
    return raised.value


async def unknown(certificates: Certificates, name: str) -> None:
    with pytest.raises(UnknownKey):
        await certificates.need(name)


async def test_they_are_fetched_at_the_start_and_again_ahead_of_their_end(
    google: CertificateServer, key: Key, next_key: Key, now: Now
) -> None:
    sleeps = Sleeps(now)
    async with certificates_at(google.url, now, sleeps) as certificates:
        certificates.start()
        assert await sleeps.next() == REFRESHED_AFTER
        assert json.loads(certificates.content) == {"key-1": key.certificate}
        await certificates.need("key-1")
        google.keys = [next_key]
        await sleeps.end()
        assert await sleeps.next() == REFRESHED_AFTER
        assert json.loads(certificates.content) == {"key-2": next_key.certificate}
        await certificates.need("key-2")
        await unknown(certificates, "key-1")  # it was withdrawn
        assert google.fetches == 2


async def test_a_fetch_for_an_unknown_key_puts_the_next_one_off(
    google: CertificateServer, next_key: Key, now: Now
) -> None:
    sleeps = Sleeps(now)
    async with certificates_at(google.url, now, sleeps) as certificates:
        certificates.start()
        await sleeps.next()
        now.passes(seconds=1000)
        google.keys.append(next_key)
        await certificates.need("key-2")
        await sleeps.end()
        assert await sleeps.next() == 1000
        assert google.fetches == 2


@pytest.mark.parametrize(
    ("cache_control", "age", "seconds"),
    [
        ("public, max-age=20000, must-revalidate, no-transform", "", 20000),
        ("max-age=20000", "", 20000),
        ("MAX-AGE=20000", "", 20000),
        ('max-age="20000"', "", 20000),
        ("private,max-age = 20000", "", 20000),
        ("max-age=20000", "5000", 15000),
        ("max-age=20000", "30000", MIN_FRESH_SECONDS),
        ("max-age=20000", "-5", 20000),
        ("max-age=20000", "²", 20000),
        ("max-age=20000", "9" * 5000, 20000),
        ("", "", MIN_FRESH_SECONDS),
        ("", "100", MIN_FRESH_SECONDS),
        ("max-age=0", "", MIN_FRESH_SECONDS),
        ("max-age=-1", "", MIN_FRESH_SECONDS),
        ("max-age=soon", "", MIN_FRESH_SECONDS),
        ("max-age=1e9", "", MIN_FRESH_SECONDS),
        ("x-max-age=20000", "", MIN_FRESH_SECONDS),
        ("no-store", "", MIN_FRESH_SECONDS),
        ("no-store, max-age=20000", "", MIN_FRESH_SECONDS),
        ("no-cache, max-age=20000", "", MIN_FRESH_SECONDS),
        ("max-age=31536000", "", MAX_FRESH_SECONDS),
        ("max-age=" + "9" * 5000, "", MIN_FRESH_SECONDS),
        ("max-age=\u0665\u0665\u0665\u0665\u0665", "", MIN_FRESH_SECONDS),
    ],
)
def test_how_long_an_answer_is_believed(cache_control: str, age: str, seconds: float) -> None:
    assert lifetime(cache_control, age) == seconds


@pytest.mark.parametrize("headers", [{}, {"Cache-Control": "no-store"}, {"Cache-Control": "\xff,,;=max-age"}])
async def test_without_a_lifetime_nothing_is_fetched_for_each_token(
    google: CertificateServer, now: Now, headers: dict[str, str]
) -> None:
    google.headers = headers
    sleeps = Sleeps(now)
    async with certificates_at(google.url, now, sleeps) as certificates:
        certificates.start()
        assert 60 < await sleeps.next() < MIN_FRESH_SECONDS
        for _ in range(100):
            await certificates.need("key-1")
        assert google.fetches == 1


def bad_answers() -> dict[str, bytes]:
    good = Key("good").certificate
    others = certificate_of(ec.generate_private_key(ec.SECP256R1()))
    return {
        "empty": b"",
        "no JSON": b"<html>Sign in to the Wi-Fi</html>",
        "a list": b"[]",
        "none": b"{}",
        "a JWK set": b'{"keys": [{"kid": "key-1", "kty": "RSA"}]}',
        "an error": b'{"error": {"code": 404}}',
        "not UTF-8": b'{"a": "\xff"}',
        "nested": b"[" * 60_000,
        "no PEM": json.dumps({"a": "not a certificate"}).encode(),
        "cut off": json.dumps({"a": good[:400]}).encode(),
        "beyond ASCII": json.dumps({"a": good + "\ud800"}).encode(),
        "elliptic": json.dumps({"a": others}).encode(),
        "short": json.dumps({"a": Key("short", bits=1024).certificate}).encode(),
        "huge": json.dumps({"a": good}).encode() + b" " * MAX_BYTES,
    }


async def test_what_is_not_for_rs256_keeps_nobody_out(google: CertificateServer, now: Now, key: Key) -> None:
    google.content = json.dumps({"other": "one day", key.kid: key.certificate}).encode()
    async with certificates_at(google.url, now) as certificates:
        await certificates.need(key.kid)
        with pytest.raises(UnknownKey):
            await certificates.need("other")


@pytest.mark.parametrize("bad", bad_answers().values(), ids=bad_answers().keys())
async def test_an_answer_that_cannot_be_used_changes_nothing(google: CertificateServer, now: Now, bad: bytes) -> None:
    async with certificates_at(google.url, now) as certificates:
        google.content = bad
        assert (await unavailable(certificates)).cause is Cause.UNEXPECTED
        google.content = None
        await certificates.refresh()
        before = certificates.content
        google.content = bad
        with pytest.raises(FirebaseUnavailable):
            await certificates.refresh()
        await certificates.need("key-1")
        assert certificates.content == before


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (503, Cause.OVERLOADED),
        (429, Cause.UNEXPECTED),
        (404, Cause.UNEXPECTED),
        (204, Cause.UNEXPECTED),
        (302, Cause.UNEXPECTED),
    ],
)
async def test_another_status_changes_nothing_and_no_redirect_is_followed(
    google: CertificateServer, now: Now, status: int, cause: Cause
) -> None:
    async with certificates_at(google.url, now) as certificates:
        await certificates.refresh()
        google.status = status
        google.headers = {"Location": google.url}
        with pytest.raises(FirebaseUnavailable) as raised:
            await certificates.refresh()
        assert raised.value.cause is cause
        await certificates.need("key-1")
        assert google.fetches == 2


async def test_many_at_once_share_the_first_fetch(google: CertificateServer, now: Now) -> None:
    async with certificates_at(google.url, now) as certificates:
        google.hold()
        waiting = [asyncio.create_task(certificates.need("key-1")) for _ in range(64)]
        certificates.start()
        while google.fetches == 0:
            await asyncio.sleep(0)
        assert not any(task.done() for task in waiting)
        google.let_go()
        await asyncio.gather(*waiting)
        assert google.fetches == 1


async def test_who_stops_waiting_leaves_the_fetch_to_the_others(google: CertificateServer, now: Now) -> None:
    async with certificates_at(google.url, now) as certificates:
        google.hold()
        first, second = (asyncio.create_task(certificates.need("key-1")) for _ in range(2))
        while google.fetches == 0:
            await asyncio.sleep(0)
        first.cancel()
        google.let_go()
        await second
        assert first.cancelled()
        assert google.fetches == 1


async def test_a_failed_fetch_is_tried_again_less_and_less_often(google: CertificateServer, now: Now) -> None:
    google.status = 503
    sleeps = Sleeps(now)
    async with certificates_at(google.url, now, sleeps) as certificates:
        certificates.start()
        for tries in range(1, 10):
            await sleeps.next()
            assert google.fetches == tries
            await unavailable(certificates)
            assert google.fetches == tries  # no token causes a fetch between the tries
            await sleeps.end()
        await sleeps.next()
        assert sleeps.asked == [0.75, 1.5, 3.0, 6.0, 12.0, 24.0, 45.0, 45.0, 45.0, 45.0]
        google.status = 200
        await sleeps.end()
        assert await sleeps.next() == REFRESHED_AFTER
        await certificates.need("key-1")
        google.status = 503
        await sleeps.end()
        assert await sleeps.next() == 0.75


async def test_an_unknown_key_causes_one_fetch_in_a_minute(google: CertificateServer, now: Now) -> None:
    async with certificates_at(google.url, now) as certificates:
        await certificates.refresh()
        for fetches in (1, 2, 3):
            for number in range(50):
                await unknown(certificates, f"unknown-{number}")
            assert google.fetches == fetches
            now.passes(seconds=UNKNOWN_KEY_SECONDS)


async def test_so_it_does_when_the_fetch_fails_and_then_nobody_knows(google: CertificateServer, now: Now) -> None:
    async with certificates_at(google.url, now) as certificates:
        await certificates.refresh()
        google.status = 503
        for fetches in (2, 3):
            now.passes(seconds=UNKNOWN_KEY_SECONDS)
            for _ in range(50):
                await unavailable(certificates, "unknown")
                await certificates.need("key-1")
            assert google.fetches == fetches
        google.status = 200
        now.passes(seconds=UNKNOWN_KEY_SECONDS)
        await unknown(certificates, "unknown")


async def test_many_unknown_keys_at_once_share_a_fetch(google: CertificateServer, now: Now) -> None:
    async with certificates_at(google.url, now) as certificates:
        await certificates.refresh()
        now.passes(seconds=UNKNOWN_KEY_SECONDS)
        outcomes = await asyncio.gather(
            *(certificates.need(f"unknown-{number}") for number in range(64)), return_exceptions=True
        )
        assert all(isinstance(outcome, UnknownKey) for outcome in outcomes)
        assert google.fetches == 2


async def test_they_are_used_for_hours_without_google_and_no_longer(google: CertificateServer, now: Now) -> None:
    async with certificates_at(google.url, now) as certificates:
        await certificates.refresh()
        google.status = 503
        now.passes(seconds=MAX_AGE + STALE_SECONDS - 1)
        await certificates.need("key-1")
        assert google.fetches == 1
        now.passes(seconds=1)
        assert (await unavailable(certificates)).cause is Cause.OVERLOADED
        google.status = 200
        now.passes(seconds=UNKNOWN_KEY_SECONDS)
        await certificates.need("key-1")


async def test_a_server_that_hangs_is_given_up(google: CertificateServer, now: Now) -> None:
    async with certificates_at(google.url, now, gives_up=0.2) as certificates:
        google.hold()
        failed = await unavailable(certificates)
        assert failed.cause is Cause.TIMED_OUT
        assert str(failed) == "Google's certificates cannot be fetched: no answer within 0.2 seconds"


async def test_a_server_that_is_gone_is_unreachable(google: CertificateServer, now: Now) -> None:
    async with certificates_at(google.url, now) as certificates:
        google.stop()
        assert (await unavailable(certificates)).cause is Cause.UNREACHABLE


async def test_no_proxy_leads_to_this_machine(
    google: CertificateServer, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with certificates_at(google.url, now) as certificates:
        await certificates.need("key-1")


async def test_a_proxy_that_cannot_be_used_is_told_of_and_tried_again(
    now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "nonsense://127.0.0.1:1")
    sleeps = Sleeps(now)
    async with certificates_at("https://certificates.invalid/", now, sleeps) as certificates:
        with capture_logs() as told:
            certificates.start()
            await sleeps.next()
            await sleeps.end()
            await sleeps.next()
        assert any("nonsense" in record.get("traceback", "") for record in told)


async def test_the_log_is_told_when_it_begins_and_when_it_ends(google: CertificateServer, now: Now) -> None:
    async with certificates_at(google.url, now) as certificates:
        with capture_logs() as told:
            for status, after in ((200, 0.0), (503, 0.0), (503, 0.0), (503, MAX_AGE + STALE_SECONDS), (200, 0.0)):
                google.status = status
                now.passes(seconds=after)
                try:
                    await certificates.refresh()
                except FirebaseUnavailable:
                    assert status != 200
        assert [record["log_level"] for record in told] == ["warning", "error", "info"]


async def test_it_can_be_closed_at_any_time_and_twice(google: CertificateServer, now: Now) -> None:
    sleeps = Sleeps(now)
    async with certificates_at(google.url, now, sleeps) as certificates:
        await certificates.close()
        google.hold()
        certificates.start()
        while google.fetches == 0:
            await asyncio.sleep(0)
        await certificates.close()
        await certificates.close()
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
