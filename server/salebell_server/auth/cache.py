"""What verifiers remember: tokens that were right, and what was true of accounts up to a minute ago. Both bounded."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from salebell_server.auth import Verdict
from salebell_server.auth.batches import Batches

T = TypeVar("T")

MAX_TOKENS = 10_000
MAX_ACCOUNTS = 10_000

VERDICT_SECONDS = 60.0

READ_TOGETHER = 100
"""Accounts in one reading; Firebase takes no more (firebase-admin, `auth.get_users`)."""

READINGS_AT_ONCE = 4
"""Readings under way at the same time, besides those of `Verdicts.afresh`."""


class VerifiedTokens(Generic[T]):
    """Results of verifications, by the SHA-256 of the token: the tokens themselves are not kept.

    Whoever asks looks at the expiry. Beyond `most` tokens, the one asked for longest ago is forgotten.
    """

    def __init__(self, most: int = MAX_TOKENS) -> None:
        self._most = most
        self._results: OrderedDict[bytes, T] = OrderedDict()

    def __len__(self) -> int:
        return len(self._results)

    def get(self, token: str) -> T | None:
        """The result for a token, or None."""
        key = _digest(token)
        result = self._results.get(key)
        if result is not None:
            self._results.move_to_end(key)
        return result

    def put(self, token: str, result: T) -> None:
        """Remember a result."""
        self._results[_digest(token)] = result
        if len(self._results) > self._most:
            self._results.popitem(last=False)

    def forget(self, token: str) -> None:
        """Forget a token that is of no use any more."""
        self._results.pop(_digest(token), None)


class _Read(NamedTuple):
    """A verdict, and when its reading began."""

    began: float
    verdict: Verdict


class Verdicts:
    """Verdicts that are at most `seconds` old when they are asked for, counted from before they were read.

    Those who wait for the verdict on one account share one reading, so that an account is read at most once in the
    age that they accept. Accounts that are asked for while others are being read are read together: when a thousand
    admins reconnect, that takes some ten readings.

    Args:
        read: reads verdicts afresh; leaves no account out. Its exceptions go to all who wait.
        monotonic: seconds, from any start, never backwards.
        seconds: how old a verdict may be.
        most: how many are kept; beyond it, the one read longest ago is forgotten.
    """

    def __init__(
        self,
        read: Callable[[Collection[str]], Awaitable[Mapping[str, Verdict]]],
        monotonic: Callable[[], float],
        *,
        seconds: float = VERDICT_SECONDS,
        most: int = MAX_ACCOUNTS,
    ) -> None:
        self._read = read
        self._monotonic = monotonic
        self._seconds = seconds
        self._most = most
        self._known: OrderedDict[str, _Read] = OrderedDict()
        self._readings: dict[str, asyncio.Future[_Read]] = {}
        self._batches: Batches[str, _Read] = Batches(
            self._read_together, most=READ_TOGETHER, at_once=READINGS_AT_ONCE, room=most
        )

    async def of(self, uid: str, seconds: float | None = None) -> Verdict:
        """The verdict on an account. Raises what reading raises.

        Args:
            uid: of the account.
            seconds: how old it may be, if less than usual.

        Raises:
            Crowded: more wait than there is room for.
        """
        oldest = self._monotonic() - (self._seconds if seconds is None else seconds)
        found = self._known.get(uid)
        while found is None or found.began <= oldest:
            # A reading that is under way may have begun too early; the one after it has not.
            found = await asyncio.shield(self._reading(uid))
        return found.verdict

    async def afresh(self, uids: Collection[str]) -> Mapping[str, Verdict]:
        """The verdicts on these accounts, read now. Raises what reading raises."""
        began = self._monotonic()
        verdicts = await self._read(uids)
        for uid, verdict in verdicts.items():
            # A slower reading that began earlier does not replace a later one.
            if uid not in self._known or self._known[uid].began <= began:
                self._known[uid] = _Read(began, verdict)
                self._known.move_to_end(uid)
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        return verdicts

    def _reading(self, uid: str) -> asyncio.Future[_Read]:
        """The reading of an account that waits or is under way; a new one if there is none."""
        reading = self._readings.get(uid)
        if reading is None or reading.done():  # its callback may come later than whoever waited for it
            reading = self._readings[uid] = self._batches.put(uid)
            reading.add_done_callback(lambda done: self._end(uid, done))
        return reading

    def _end(self, uid: str, reading: asyncio.Future[_Read]) -> None:
        if self._readings.get(uid) is reading:
            del self._readings[uid]
        if not reading.cancelled():
            reading.exception()  # all who waited for it may have gone: asyncio shall not complain of that

    async def _read_together(self, uids: Sequence[str]) -> Sequence[_Read]:
        began = self._monotonic()
        verdicts = await self.afresh(uids)
        return [_Read(began, verdicts[uid]) for uid in uids]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
