"""Passwords: which are accepted, and how they are hashed and checked."""

import asyncio
import base64
import secrets
import unicodedata
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

T = TypeVar("T")

MIN_CHARACTERS = 10
MAX_CHARACTERS = 1024

AT_ONCE = 2
"""Passwords hashed at the same time. Each takes the hasher's memory, 64 MiB with argon2-cffi's defaults (the second
recommended option of RFC 9106, section 4), so that signing in takes 128 MiB at the most."""

WAITING = 64
"""How many may wait for their turn: some seconds' worth. More are told to come back."""


class WeakPassword(ValueError):
    """A password that is not accepted for an account. The text says what is."""


class PasswordsBusy(Exception):
    """Too many wait for their turn already."""


def check_password(password: str) -> None:
    """Refuse what may not become a password. Anything goes but length (NIST SP 800-63B, section 5.1.1.2).

    Raises:
        WeakPassword: it is too short, too long, or no text.
    """
    characters = len(_normal(password))
    if characters < MIN_CHARACTERS:
        raise WeakPassword(f"must have at least {MIN_CHARACTERS} characters")
    if max(characters, len(password)) > MAX_CHARACTERS:
        raise WeakPassword(f"must have at most {MAX_CHARACTERS} characters")
    try:
        password.encode()
    except UnicodeEncodeError:
        raise WeakPassword("must be text in UTF-8") from None


class Passwords:
    """Hashes and checks passwords on threads of its own, a few at a time.

    A password is normalised by NFKC first, so that it is the same from any keyboard (NIST SP 800-63B, section
    5.1.1.2).

    Args:
        hasher: argon2id with its parameters. Hashes with other parameters are checked all the same.
        at_once: how many to hash at the same time.
        waiting: how many may wait for that.
    """

    def __init__(self, hasher: PasswordHasher | None = None, *, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="salebell-passwords")
        self._turns = asyncio.Semaphore(at_once)
        self._room = at_once + waiting
        self._inside = 0
        self._nobodys = _unmatched(self._hasher)

    def close(self) -> None:
        """Let go of the threads, without waiting for one that works."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator["Turn", None]:
        """Wait in line; inside, it is the caller's turn.

        Raises:
            PasswordsBusy: at once, when the line is full.
        """
        if self._inside >= self._room:
            raise PasswordsBusy
        self._inside += 1
        try:
            async with self._turns:
                yield Turn(self._hasher, self._threads, self._nobodys)
        finally:
            self._inside -= 1


class Turn:
    """The right to hash, held while inside `Passwords.turn`."""

    def __init__(self, hasher: PasswordHasher, threads: ThreadPoolExecutor, nobodys: str) -> None:
        self._hasher = hasher
        self._threads = threads
        self._nobodys = nobodys

    async def hash(self, password: str) -> str:
        """The hash to store."""
        return await self._run(lambda: self._hasher.hash(_bytes(password)))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether `password` is the one that was hashed.

        Args:
            stored: the hash; None for an account that does not exist, which takes as long and is never right.
            password: as it was typed.
        """
        return await self._run(lambda: self._matches(stored, password)) and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether `stored` was made with other parameters than new hashes are."""
        return self._hasher.check_needs_rehash(stored)

    def _matches(self, stored: str | None, password: str) -> bool:
        try:
            return self._hasher.verify(self._nobodys if stored is None else stored, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return _normal(password).encode("utf-8", "surrogatepass")


def _unmatched(hasher: PasswordHasher) -> str:
    """A hash with the hasher's parameters, of no known password: random where the hash should be."""
    salt, digest = (base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode() for size in (16, 32))
    return f"$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}${salt}${digest}"
