"""The keys and accounts as the rest of the server sees them: the shared ones, and the copy while those are away."""

from collections.abc import Awaitable, Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from salebell_server.fallback.copies import Copy, LocalCopies
from salebell_server.fallback.shared_log import Guard
from salebell_server.log import LogUnavailable
from salebell_server.log.accounts import Account, AccountStore, RefreshFamily, SigningKey, email_key
from salebell_server.log.keys import IngestKey, KeyStore

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


class _Shared:
    """How both stores are asked. A failure is told to the guard before the caller hears of it."""

    def __init__(self, guard: Guard, copies: LocalCopies) -> None:
        self._guard = guard
        self._copies = copies

    @contextmanager
    def reached(self) -> Generator[None, None, None]:
        """Raise `LogUnavailable` at once while the log is away."""
        reason = self._guard.away
        if reason is not None:
            raise LogUnavailable(reason)
        try:
            yield
        except LogUnavailable as error:
            self._guard.failed(str(error))
            raise

    async def ask(
        self, question: Callable[[], Awaitable[T]], *, agrees: Callable[[T, Copy], bool], else_: Callable[[Copy], T]
    ) -> T:
        """The shared answer; the copy's where there is none.

        An answer that does not agree with the copy is asked for again after a refresh: somebody was added or removed
        since, or the whole database was lost, and the refresh brings it back. Until that is known, nobody is refused.

        Raises:
            LogUnavailable: it cannot be found out, or there is no copy.
        """
        try:
            with self.reached():
                answer = await question()
        except LogUnavailable:
            return else_(self._copies.held())
        if agrees(answer, self._copies.latest):
            return answer
        with self.reached():
            await self._copies.refresh()
            return await question()


class CopiedKeyStore:
    """A `KeyStore` that finds keys in the copy while the log is away. Everything else is then unavailable.

    Args:
        keys: the shared ones.
        guard: knows whether the log is used.
        copies: what is known of them here.
    """

    def __init__(self, keys: KeyStore, guard: Guard, copies: LocalCopies) -> None:
        self._keys = keys
        self._shared = _Shared(guard, copies)

    async def create(self, name: str, store: str, hashed: bytes, now: datetime) -> None:
        """See `KeyStore.create`."""
        with self._shared.reached():
            await self._keys.create(name, store, hashed, now)

    async def find(self, hashed: bytes) -> IngestKey | None:
        """See `KeyStore.find`."""
        return await self._shared.ask(
            lambda: self._keys.find(hashed),
            # A new key is copied when it is first used, so that it is known if the log goes away.
            agrees=lambda found, copy: (found is not None) == (hashed in copy.keys),
            else_=lambda copy: _copied(copy.keys, hashed),
        )

    async def list(self) -> tuple[IngestKey, ...]:
        """See `KeyStore.list`."""
        with self._shared.reached():
            return await self._keys.list()

    async def revoke(self, name: str) -> bool:
        """See `KeyStore.revoke`."""
        with self._shared.reached():
            return await self._keys.revoke(name)


class CopiedAccountStore:
    """An `AccountStore` that verifies tokens and judges their owners by the copy while the log is away.

    That is `get` and `signing_keys`. Everything else is then unavailable: nobody signs in, and no session goes on.

    Args:
        accounts: the shared ones.
        guard: knows whether the log is used.
        copies: what is known of them here.
    """

    def __init__(self, accounts: AccountStore, guard: Guard, copies: LocalCopies) -> None:
        self._accounts = accounts
        self._copies = copies
        self._shared = _Shared(guard, copies)

    async def add(self, account: Account) -> None:
        """See `AccountStore.add`."""
        with self._shared.reached():
            await self._accounts.add(account)

    async def find(self, email: str) -> Account | None:
        """See `AccountStore.find`."""

        def unavailable(_: Copy) -> Account | None:
            raise LogUnavailable("nobody can sign in while the shared log is away")

        return await self._shared.ask(
            lambda: self._accounts.find(email),
            agrees=lambda found, copy: found is not None or email_key(email) not in copy.addresses,
            else_=unavailable,
        )

    async def get(self, uids: Collection[str]) -> Mapping[str, Account]:
        """See `AccountStore.get`."""
        return await self._shared.ask(
            lambda: self._accounts.get(uids),
            agrees=lambda found, copy: all((uid in found) == (uid in copy.accounts) for uid in uids),
            else_=lambda copy: {uid: _copied(copy.accounts, uid) for uid in uids},
        )

    async def list(self) -> tuple[Account, ...]:
        """See `AccountStore.list`."""
        with self._shared.reached():
            return await self._accounts.list()

    async def revise(self, uid: str, rule: Callable[[Account], Account]) -> Account | None:
        """See `AccountStore.revise`."""
        with self._shared.reached():
            return await self._accounts.revise(uid, rule)

    async def remove(self, uid: str) -> bool:
        """See `AccountStore.remove`."""
        with self._shared.reached():
            return await self._accounts.remove(uid)

    async def open_family(self, family: RefreshFamily, valid_after: int) -> bool:
        """See `AccountStore.open_family`."""
        with self._shared.reached():
            return await self._accounts.open_family(family, valid_after)

    async def family(self, family_id: bytes) -> RefreshFamily | None:
        """See `AccountStore.family`."""
        with self._shared.reached():
            return await self._accounts.family(family_id)

    async def revise_family(
        self, family_id: bytes, rule: Callable[[RefreshFamily], RefreshFamily | None]
    ) -> RefreshFamily | None:
        """See `AccountStore.revise_family`."""
        with self._shared.reached():
            return await self._accounts.revise_family(family_id, rule)

    async def end_families(self, unused_since: datetime) -> None:
        """See `AccountStore.end_families`."""
        with self._shared.reached():
            await self._accounts.end_families(unused_since)

    async def signing_keys(self) -> tuple[SigningKey, ...]:
        """See `AccountStore.signing_keys`."""
        return await self._shared.ask(
            self._accounts.signing_keys,
            # A new key is copied when it is met: tokens are signed with it.
            agrees=lambda found, copy: found == copy.signing_keys,
            else_=lambda copy: copy.signing_keys,
        )

    async def add_signing_key(self, key: SigningKey, after: str | None) -> tuple[SigningKey, ...]:
        """See `AccountStore.add_signing_key`. The keys are copied before anything is signed with them."""
        with self._shared.reached():
            keys = await self._accounts.add_signing_key(key, after)
            await self._copies.refresh()
            return keys


def _copied(copied: Mapping[K, V], name: K) -> V:
    """What the copy has. What it lacks may be new, and nobody is refused for that while the log is away.

    Raises:
        LogUnavailable: it lacks it.
    """
    try:
        return copied[name]
    except KeyError:
        raise LogUnavailable("the shared log is away, and this server has no copy of that yet") from None
