"""Signing in to a local account, and staying signed in."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

import structlog
from msgspec.structs import replace

from salebell_protocol.http import Tokens
from salebell_server.auth.local.id_tokens import IdTokens
from salebell_server.auth.local.passwords import Passwords, PasswordsBusy
from salebell_server.auth.local.refresh import (
    IDLE,
    RefreshToken,
    first_token,
    is_idle,
    next_token,
    parse_token,
    rotate,
)
from salebell_server.auth.rate import FailureLimit
from salebell_server.auth.sign_in import (
    AccountDisabled,
    InvalidCredentials,
    NotAnAdmin,
    SessionExpired,
    SessionInvalid,
    SessionRevoked,
    SignInRefused,
    SignInUnavailable,
    TooManyFailures,
)
from salebell_server.log import LogUnavailable
from salebell_server.log.accounts import Account, AccountStore, RefreshFamily, email_key

RETRY_SECONDS = 5
CLEAN_EVERY = timedelta(hours=1)

_logger = structlog.get_logger(__name__)


class LocalSignIn:
    """`SignInService` for the accounts of a store.

    Args:
        store: the accounts and sessions.
        passwords: checks passwords.
        id_tokens: issues ID tokens.
        failures: counts failures by address, and wrong passwords by account besides; shared with whoever else counts.
        clock: the time, in UTC.
        random: so many random bytes.
    """

    def __init__(
        self,
        store: AccountStore,
        *,
        passwords: Passwords,
        id_tokens: IdTokens,
        failures: FailureLimit,
        clock: Callable[[], datetime],
        random: Callable[[int], bytes],
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._id_tokens = id_tokens
        self._failures = failures
        self._clock = clock
        self._random = random
        self._cleaned: datetime | None = None

    async def sign_in(self, email: str, password: str, address: str) -> Tokens:
        """See `SignInService.sign_in`."""
        await self._admit(address, email)
        with _available():
            try:
                tokens = await self._open(await self._authenticated(email, password, address))
            except SignInRefused as refusal:
                _logger.info("sign_in_failed", address=address, code=refusal.code)
                raise
        _logger.info("signed_in", uid=tokens.uid, address=address)
        return tokens

    async def refresh(self, refresh_token: str, address: str) -> Tokens:
        """See `SignInService.refresh`."""
        with _available():
            try:
                return await self._continued(refresh_token)
            except SignInRefused as refusal:
                # A good token is good whatever others at its address did; nobody guesses one.
                await self._count(address)
                _logger.info("refresh_failed", address=address, code=refusal.code)
                raise

    async def sign_out(self, refresh_token: str, address: str) -> None:
        """See `SignInService.sign_out`."""
        token = parse_token(refresh_token)
        with _available():
            family = None if token is None else await self._store.family(token.family)
            if family is None:
                await self._count(address)
                return
            await self._store.revise_family(family.id, lambda _: None)
        _logger.info("signed_out", uid=family.uid, address=address)

    async def _authenticated(self, email: str, password: str, address: str) -> Account:
        """The account whose password this is; counts a failure."""
        async with self._passwords.turn() as turn:
            # Others of this address may have failed while this one waited in line.
            await self._admit(address, email)
            account = await self._store.find(email)
            stored = None if account is None else account.password_hash
            if not await turn.matches(stored, password) or account is None:
                await self._count(address, email)
                raise InvalidCredentials
            if turn.outdated(account.password_hash):
                await self._store.revise(account.uid, partial(_rehashed, account, await turn.hash(password)))
        return account

    async def _open(self, account: Account) -> Tokens:
        """A new session of an account whose password was right a moment ago."""
        if account.disabled:
            raise AccountDisabled
        if not account.is_admin:
            raise NotAnAdmin
        now = self._clock()
        await self._clean(now)
        token = first_token(self._random)
        family = RefreshFamily(
            id=token.family, uid=account.uid, used=b"", successors=(token.hashed,), opened_at=now, used_at=now
        )
        if not await self._store.open_family(family, account.valid_after):
            raise InvalidCredentials  # the password was changed, or the account removed, since it was checked
        return await self._tokens(account, token, now)

    async def _continued(self, text: str) -> Tokens:
        presented = parse_token(text)
        if presented is None:
            raise SessionInvalid
        family = await self._store.family(presented.family)
        if family is None:
            raise SessionRevoked
        now = self._clock()
        if is_idle(family, now):
            raise SessionExpired
        # Time and account are read before the token is used up: who ends the account's sessions from here on either
        # ends this one first, or does it at a later time than the ID token will bear.
        account = (await self._store.get([family.uid])).get(family.uid)
        if account is None or account.disabled or not account.is_admin:
            raise SessionRevoked
        fresh = next_token(presented, self._random)
        rule = partial(rotate, presented=presented.hashed, fresh=fresh.hashed, now=now)
        if await self._store.revise_family(presented.family, rule) is None:
            _logger.warning("session_ended", uid=family.uid, reason="a refresh token that was replaced came back")
            raise SessionRevoked
        return await self._tokens(account, fresh, now)

    async def _tokens(self, account: Account, token: RefreshToken, now: datetime) -> Tokens:
        id_token, expires_in = await self._id_tokens.issue(account, now)
        return Tokens(
            id_token=id_token,
            refresh_token=token.text,
            expires_in=expires_in,
            uid=account.uid,
            email=account.email,
            name=account.name,
        )

    async def _clean(self, now: datetime) -> None:
        """Forget sessions that are over, now and then."""
        if self._cleaned is None or abs(now - self._cleaned) >= CLEAN_EVERY:
            self._cleaned = now
            await self._store.end_families(now - IDLE)

    async def _admit(self, address: str, email: str) -> None:
        """Raise `TooManyFailures` if the client has failed too often."""
        wait = await self._failures.retry_after(address, email_key(email))
        if wait:
            raise TooManyFailures(wait)

    async def _count(self, address: str, email: str | None = None) -> None:
        """Note a failure. Raise `TooManyFailures` if it was one too many: that is then all that the client learns."""
        wait = await self._failures.failed(address, "" if email is None else email_key(email))
        if wait:
            raise TooManyFailures(wait)


@contextmanager
def _available() -> Generator[None, None, None]:
    """What keeps us from finding out becomes `SignInUnavailable`: never the client's fault, and never counted."""
    try:
        yield
    except (LogUnavailable, PasswordsBusy) as error:
        _logger.warning("sign_in_unavailable", reason=str(error) or "too many wait for their password's check")
        raise SignInUnavailable(RETRY_SECONDS) from error


def _rehashed(seen: Account, password_hash: str, now: Account) -> Account:
    """`now` with a fresh hash of the same password, unless the password has become another."""
    return replace(now, password_hash=password_hash) if now.password_hash == seen.password_hash else now
