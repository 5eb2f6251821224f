"""What verifiers remember: tokens that were right, and what was true of accounts up to a minute ago. Both bounded."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

from salebell_server.auth import Verdict

T = TypeVar("T")

MAX_TOKENS = 10_000
MAX_ACCOUNTS = 10_000

VERDICT_SECONDS = 60.0


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


class Verdicts:
    """Verdicts that are at most `seconds` old, counted from before they were read.

    Those who wait for the verdict on one account share one reading, so that an account is read at most once in the
    age that they accept.

    Args:
        read: reads verdicts afresh; leaves no account out.
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
        self._known: OrderedDict[str, tuple[float, Verdict]] = OrderedDict()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def of(self, uid: str, seconds: float | None = None) -> Verdict:
        """The verdict on an account. Raises what reading raises.

        Args:
            uid: of the account.
            seconds: how old it may be, if less than usual.
        """
        accepted = self._seconds if seconds is None else seconds
        known = self._young(uid, accepted)
        if known is not None:
            return known
        turn = self._turns.setdefault(uid, asyncio.Lock())
        async with turn:
            return self._young(uid, accepted) or (await self.afresh([uid]))[uid]

    async def afresh(self, uids: Collection[str]) -> Mapping[str, Verdict]:
        """The verdicts on these accounts, read now. Raises what reading raises."""
        started = self._monotonic()
        verdicts = await self._read(uids)
        for uid, verdict in verdicts.items():
            # A slower reading that began earlier does not replace a later one.
            if uid not in self._known or self._known[uid][0] <= started:
                self._known[uid] = (started, verdict)
                self._known.move_to_end(uid)
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        return verdicts

    def _young(self, uid: str, seconds: float) -> Verdict | None:
        known = self._known.get(uid)
        return known[1] if known is not None and self._monotonic() - known[0] < seconds else None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
