"""Making users of a Firebase project admins, and no admins: two of their custom claims say it.

Firebase replaces all custom claims of a user at once, and knows no way to do so only if nobody else did meanwhile:
each change reads the user, changes what is ours, and writes at once. Two operators who change the same user within the
same tenth of a second can still undo each other; `show` tells.
"""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from salebell_server.auth.administration import (
    ClaimsUnclear,
    NoSuchAccount,
    Unfinished,
    checked_stores,
    stores_left,
    unheard,
)
from salebell_server.auth.firebase import ClaimsRefused, FirebaseUnavailable, FirebaseUser, NoSuchUser, UserDirectory
from salebell_server.auth.firebase.rights import NO_STORES, rights
from salebell_server.auth.project import FirebaseProject
from salebell_server.log.accounts import email_key

PROGRESS_EVERY = 1000
"""Users looked at; a page of Firebase's."""

Claims = dict[str, Any]


class FirebaseAccount(msgspec.Struct, frozen=True, kw_only=True):
    """`AdminAccount` of a user."""

    uid: str
    email: str
    name: str
    is_admin: bool
    stores: frozenset[str] | None
    disabled: bool
    email_verified: bool
    created_at: datetime


class FirebaseAdministration:
    """`Administration` of the users of a project, who may be its customers too: `list` has the admins among them.

    Signing out is a stamp that Firebase keeps for each user, in whole seconds and by the clock of this machine. Refresh
    tokens from before it are worthless, and servers refuse ID tokens from before it. An ID token of that very second
    lives on until it runs out, within an hour, but is of no use: the role is taken, or the user disabled, before the
    stamp is set, and servers that look users up go by that.

    Args:
        users: the users.
        project: says which claims make an admin.
    """

    def __init__(self, users: UserDirectory, project: FirebaseProject) -> None:
        self._users = users
        self._project = project

    async def grant(self, email: str, stores: Collection[str] | None) -> FirebaseAccount:
        """See `Administration.grant`.

        Where everybody may sign up, anybody can have registered an address: `email_verified` of the answer says whether
        somebody has shown that it is theirs, by signing in with Google or resetting the password by e-mail.
        """
        added = checked_stores(stores)
        user = await self._find(email)
        now = rights(user.claims, self._project)
        self._check_stores_claim(user)
        held = now.stores if now.is_admin else NO_STORES
        claims: Claims = {**user.claims, self._project.role_claim: self._project.role}
        claims.pop(self._project.stores_claim, None)
        if added is not None and held is not None:
            claims[self._project.stores_claim] = sorted(held | added)
        return self._account(await self._mark(user, claims))

    async def revoke(self, email: str, stores: Collection[str] | None) -> FirebaseAccount:
        """See `Administration.revoke`. Other claims stay; the role claim too where it says something else."""
        taken = checked_stores(stores)
        user = await self._find(email)
        left = NO_STORES
        if taken is not None:
            now = rights(user.claims, self._project)
            left = stores_left(user.email, now.stores if now.is_admin else NO_STORES, taken)
        claims = dict(user.claims)
        if left:
            claims[self._project.stores_claim] = sorted(left)
            return self._account(await self._mark(user, claims))
        claims.pop(self._project.stores_claim, None)
        if claims.get(self._project.role_claim) == self._project.role:
            del claims[self._project.role_claim]
        user = await self._mark(user, claims)
        await self._sign_out(user, "is no admin any more", "revoke")
        return self._account(user)

    async def disable(self, email: str) -> FirebaseAccount:
        """See `Administration.disable`. Firebase lets old sessions go on once a user is enabled again: they end too."""
        user = await self._find(email)
        await self._change(user, lambda: self._users.set_disabled(user.uid, disabled=True))
        await self._sign_out(user, "is disabled", "disable")
        return self._account(replace(user, disabled=True))

    async def enable(self, email: str) -> FirebaseAccount:
        """See `Administration.enable`."""
        user = await self._find(email)
        await self._change(user, lambda: self._users.set_disabled(user.uid, disabled=False))
        return self._account(replace(user, disabled=False))

    async def show(self, email: str) -> FirebaseAccount:
        """See `Administration.show`."""
        return self._account(await self._find(email))

    async def list(self, progress: Callable[[int], None] = unheard) -> tuple[FirebaseAccount, ...]:
        """The users that have the role, by address."""
        found: list[FirebaseAccount] = []
        looked_at = 0
        async for user in self._users.all():
            looked_at += 1
            if looked_at % PROGRESS_EVERY == 0:
                progress(looked_at)
            account = self._account(user)
            if account.is_admin:
                found.append(account)
        return tuple(sorted(found, key=lambda account: (email_key(account.email), account.uid)))

    async def _find(self, email: str) -> FirebaseUser:
        user = await self._users.find(email.strip())
        if user is None:
            raise self._nobody(email.strip())
        return user

    def _nobody(self, email: str) -> NoSuchAccount:
        return NoSuchAccount(
            f"{email} has no account in the Firebase project {self._project.project_id}: let them sign in once, or "
            "add the user in the Firebase console (Authentication, Users)"
        )

    def _check_stores_claim(self, user: FirebaseUser) -> None:
        """Refuse to write over a claim that another application may need."""
        name = self._project.stores_claim
        if user.claims.get(name, []) != [] and rights(user.claims, self._project).stores == NO_STORES:
            raise ClaimsUnclear(
                f"{user.email} has a claim {name} that is no list of stores, perhaps from another application: have "
                f"this server use another name, in SALEBELL_STORES_CLAIM, or remove the claim with salebell-server "
                f"admins revoke {user.email}"
            )

    async def _mark(self, user: FirebaseUser, claims: Claims) -> FirebaseUser:
        """Write the claims, unless the user has them."""
        if claims == user.claims:
            return user
        try:
            await self._change(user, lambda: self._users.set_claims(user.uid, claims))
        except ClaimsRefused as refusal:
            raise ClaimsUnclear(
                f"Firebase does not accept the claims that {user.email} would have: {refusal}. Without --store they "
                "are shortest"
            ) from None
        return replace(user, claims=claims)

    async def _sign_out(self, user: FirebaseUser, done: str, command: str) -> None:
        try:
            await self._change(user, lambda: self._users.revoke_sessions(user.uid))
        except FirebaseUnavailable as error:
            raise Unfinished(
                f"{user.email} {done}, but could not be signed out: {error}. Try again with salebell-server admins "
                f"{command} {user.email}"
            ) from None

    async def _change(self, user: FirebaseUser, change: Callable[[], Awaitable[None]]) -> None:
        try:
            await change()
        except NoSuchUser:
            raise self._nobody(user.email) from None

    def _account(self, user: FirebaseUser) -> FirebaseAccount:
        now = rights(user.claims, self._project)
        return FirebaseAccount(
            uid=user.uid,
            email=user.email,
            name=user.name,
            is_admin=now.is_admin,
            stores=now.stores if now.is_admin else NO_STORES,
            disabled=user.disabled,
            email_verified=user.email_verified,
            created_at=user.created_at,
        )
