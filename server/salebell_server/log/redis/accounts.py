"""Accounts, sessions and signing keys, in Redis beside the events."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from msgspec.structs import replace

from salebell_server.log.accounts import (
    MAX_FAMILIES,
    MAX_SIGNING_KEYS,
    Account,
    EmailTaken,
    RefreshFamily,
    SigningKey,
    email_key,
)
from salebell_server.log.instants import to_micros
from salebell_server.log.redis.keyspace import (
    ACCOUNTS,
    ACCOUNTS_BY_EMAIL,
    FAMILIES,
    FAMILIES_BY_ACCOUNT,
    FAMILIES_USED,
    SIGNING_KEYS,
)
from salebell_server.log.redis.lane import Lane
from salebell_server.log.redis.scripts import (
    ADD_ACCOUNT,
    ADD_SIGNING_KEY,
    END_FAMILIES,
    FIND_ACCOUNT,
    OPEN_FAMILY,
    REMOVE_ACCOUNT,
    REVISE_ACCOUNT,
    REVISE_FAMILY,
)
from salebell_server.log.redis.values import Values

EXPECTED_BYTES = 400
"""What an account takes in an answer, roughly."""

MANY = 1000
ENDED_AT_ONCE = 500
"""Sessions that one script ends: a few milliseconds."""

_DONE = 1
_SESSIONS = (FAMILIES, FAMILIES_USED, FAMILIES_BY_ACCOUNT)

account_values = Values(Account)
signing_key_values = Values(SigningKey)
_family_values = Values(RefreshFamily)


class RedisAccountStore:
    """An `AccountStore`. Any number of processes may use the same database.

    What a rule makes of an account or a session replaces it only if that is still as the rule was given it; otherwise
    the rule is given what is there now.

    Args:
        lane: what carries the commands; its owner closes it.
    """

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def add(self, account: Account) -> None:
        """See `AccountStore.add`."""
        keys = (ACCOUNTS, ACCOUNTS_BY_EMAIL)
        value = account_values.encode(account)
        answer = await self._lane.ask(ADD_ACCOUNT, keys, account.uid, email_key(account.email), value)
        # Repeated, it finds the account that it added the first time.
        if answer.value is not None and not (answer.repeated and answer.value == account.uid.encode()):
            raise EmailTaken

    async def find(self, email: str) -> Account | None:
        """See `AccountStore.find`."""
        value = await self._lane.call(FIND_ACCOUNT, (ACCOUNTS, ACCOUNTS_BY_EMAIL), email_key(email))
        return None if value is None else account_values.decode(value)

    async def get(self, uids: Collection[str]) -> Mapping[str, Account]:
        """See `AccountStore.get`."""
        wanted = tuple(uids)
        if not wanted:
            return {}
        values = await self._lane.command("HMGET", ACCOUNTS, *wanted, expect=len(wanted) * EXPECTED_BYTES)
        found = zip(wanted, values, strict=True)
        return {uid: account_values.decode(value) for uid, value in found if value is not None}

    async def list(self) -> tuple[Account, ...]:
        """See `AccountStore.list`."""
        values = await self._lane.command("HVALS", ACCOUNTS, expect=MANY * EXPECTED_BYTES)
        return tuple(sorted(map(account_values.decode, values), key=lambda account: email_key(account.email)))

    async def revise(self, uid: str, rule: Callable[[Account], Account]) -> Account | None:
        """See `AccountStore.revise`."""
        value = await self._lane.command("HGET", ACCOUNTS, uid)
        while value is not None:
            before = account_values.decode(value)
            after = replace(rule(before), uid=uid, email=before.email, created_at=before.created_at)
            new = account_values.encode(after)
            ends = int(after.valid_after != before.valid_after)
            answer = await self._lane.ask(REVISE_ACCOUNT, (ACCOUNTS, *_SESSIONS), uid, value, new, ends)
            if answer.value == _DONE or (answer.repeated and answer.value == new):
                return after
            value = answer.value
        return None

    async def remove(self, uid: str) -> bool:
        """See `AccountStore.remove`."""
        account = (await self.get([uid])).get(uid)
        if account is None:
            return False
        keys = (ACCOUNTS, ACCOUNTS_BY_EMAIL, *_SESSIONS)
        answer = await self._lane.ask(REMOVE_ACCOUNT, keys, uid, email_key(account.email))
        return answer.value == _DONE or answer.repeated  # repeated, it finds nothing any more

    async def open_family(self, family: RefreshFamily, valid_after: int) -> bool:
        """See `AccountStore.open_family`."""
        opened = await self._lane.call(
            OPEN_FAMILY,
            (ACCOUNTS, *_SESSIONS),
            family.uid,
            valid_after,
            family.id.hex(),
            to_micros(family.used_at),
            _family_values.encode(family),
            MAX_FAMILIES,
        )
        return bool(opened == _DONE)

    async def family(self, family_id: bytes) -> RefreshFamily | None:
        """See `AccountStore.family`."""
        value = await self._lane.command("HGET", FAMILIES, family_id.hex())
        return None if value is None else _family_values.decode(value)

    async def revise_family(
        self, family_id: bytes, rule: Callable[[RefreshFamily], RefreshFamily | None]
    ) -> RefreshFamily | None:
        """See `AccountStore.revise_family`."""
        value = await self._lane.command("HGET", FAMILIES, family_id.hex())
        while value is not None:
            before = _family_values.decode(value)
            after = rule(before)
            if after is not None:
                after = replace(after, id=before.id, uid=before.uid, opened_at=before.opened_at)
            new = b"" if after is None else _family_values.encode(after)
            used_at = 0 if after is None else to_micros(after.used_at)
            answer = await self._lane.ask(REVISE_FAMILY, _SESSIONS, family_id.hex(), value, before.uid, new, used_at)
            if answer.value == _DONE or (answer.repeated and answer.value == new):
                return after
            value = answer.value
        return None

    async def end_families(self, unused_since: datetime) -> None:
        """See `AccountStore.end_families`."""
        before = to_micros(unused_since)
        while await self._lane.call(END_FAMILIES, _SESSIONS, before, ENDED_AT_ONCE) == ENDED_AT_ONCE:
            pass

    async def signing_keys(self) -> tuple[SigningKey, ...]:
        """See `AccountStore.signing_keys`."""
        return tuple(map(signing_key_values.decode, await self._lane.command("LRANGE", SIGNING_KEYS, 0, -1)))

    async def add_signing_key(self, key: SigningKey, after: str | None) -> tuple[SigningKey, ...]:
        """See `AccountStore.add_signing_key`."""
        value = signing_key_values.encode(key)
        values = await self._lane.call(ADD_SIGNING_KEY, (SIGNING_KEYS,), after or "", value, MAX_SIGNING_KEYS)
        return tuple(map(signing_key_values.decode, values))
