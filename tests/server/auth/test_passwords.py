"""Passwords: which are accepted, and that checking them stays within its bounds."""

import asyncio
import threading

import pytest

from salebell_server.auth.local.passwords import Passwords, PasswordsBusy, WeakPassword, check_password
from tests.server.auth.stand import Hasher


@pytest.fixture
def hasher() -> Hasher:
    return Hasher()


async def hashed(passwords: Passwords, password: str) -> str:
    async with passwords.turn() as turn:
        return await turn.hash(password)


async def matches(passwords: Passwords, stored: str | None, password: str) -> bool:
    async with passwords.turn() as turn:
        return await turn.matches(stored, password)


@pytest.mark.parametrize("password", ["a" * 10, "a" * 1024, "correct horse", "пароль пароль", "🐎🔋📎🐎🔋📎🐎🔋📎🐎"])
def test_long_enough_passwords_are_accepted_whatever_they_are_made_of(password: str) -> None:
    check_password(password)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "at least 10 characters"),
        ("ninechars", "at least 10 characters"),
        ("e\u0301" * 9, "at least 10 characters"),  # nine letters with an accent, whatever the keyboard sends
        ("a" * 1025, "at most 1024 characters"),
        ("\ufdfa" * 1024, "at most 1024 characters"),  # one character that NFKC writes as eighteen
        ("ten chars \udce9", "UTF-8"),
    ],
)
def test_others_are_refused_with_the_reason(password: str, reason: str) -> None:
    with pytest.raises(WeakPassword, match=reason):
        check_password(password)


async def test_a_password_matches_its_hash_and_no_other(hasher: Hasher) -> None:
    passwords = Passwords(hasher)
    stored = await hashed(passwords, "correct horse")
    assert stored.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert await matches(passwords, stored, "correct horse")
    assert not await matches(passwords, stored, "correct horsf")
    assert not await matches(passwords, "not a hash", "correct horse")
    passwords.close()


async def test_the_same_password_from_another_keyboard_matches(hasher: Hasher) -> None:
    passwords = Passwords(hasher)
    stored = await hashed(passwords, "contrase\u00f1a segura")
    assert await matches(passwords, stored, "contrasen\u0303a segura")
    passwords.close()


async def test_a_password_that_is_no_text_is_merely_wrong(hasher: Hasher) -> None:
    passwords = Passwords(hasher)
    assert not await matches(passwords, await hashed(passwords, "correct horse"), "correct \ud800")
    passwords.close()


async def test_nobody_is_checked_against_a_hash_of_the_same_cost_and_never_matches(hasher: Hasher) -> None:
    passwords = Passwords(hasher)
    stored = await hashed(passwords, "correct horse")
    assert not await matches(passwords, None, "correct horse")
    [checked] = hasher.checked
    assert checked.split("$")[:4] == stored.split("$")[:4]
    assert [len(part) for part in checked.split("$")] == [len(part) for part in stored.split("$")]
    passwords.close()


async def test_a_hash_with_other_parameters_is_checked_and_outdated() -> None:
    old, new = Passwords(Hasher(time_cost=1)), Passwords(Hasher(time_cost=2))
    stored = await hashed(old, "correct horse")
    async with new.turn() as turn:
        assert await turn.matches(stored, "correct horse")
        assert turn.outdated(stored)
        assert not turn.outdated(await turn.hash("correct horse"))
    old.close()
    new.close()


class SlowHasher(Hasher):
    """Stands still until it is let go; notes how many stood at once."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.at_once = 0
        self.most_at_once = 0
        self._lock = threading.Lock()

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            assert self.go.wait(30)
            return super().hash(password, salt=salt)
        finally:
            with self._lock:
                self.at_once -= 1


async def test_few_are_hashed_at_once_some_wait_and_the_rest_are_sent_away_at_once() -> None:
    hasher = SlowHasher()
    passwords = Passwords(hasher, at_once=2, waiting=3)
    inside = [asyncio.create_task(hashed(passwords, "correct horse")) for _ in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(PasswordsBusy):
        await hashed(passwords, "correct horse")
    hasher.go.set()
    assert len(await asyncio.gather(*inside)) == 5
    assert hasher.most_at_once <= 2
    assert await hashed(passwords, "correct horse")
    passwords.close()


async def test_whoever_gives_up_waiting_makes_room() -> None:
    hasher = SlowHasher()
    passwords = Passwords(hasher, at_once=1, waiting=1)
    first, second = (asyncio.create_task(hashed(passwords, "correct horse")) for _ in range(2))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait([second])
    third = asyncio.create_task(hashed(passwords, "correct horse"))
    await asyncio.sleep(0)
    hasher.go.set()
    assert await first
    assert await third
    passwords.close()
