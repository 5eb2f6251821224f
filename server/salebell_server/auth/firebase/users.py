"""The users of a Firebase project, looked up and changed through firebase-admin.

firebase-admin blocks: its calls are made on threads of their own (`calls`). Whatever goes wrong in it, beneath it or
on the way comes out as `FirebaseUnavailable` (`failures`).
"""

import json
import re
from collections.abc import AsyncIterator, Callable, Collection, Generator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar

import firebase_admin
import msgspec
from firebase_admin import auth
from firebase_admin.exceptions import InvalidArgumentError
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from salebell_protocol.text import plain
from salebell_server.auth.firebase import ClaimsRefused, FirebaseUser, NoSuchUser
from salebell_server.auth.firebase.application import open_application
from salebell_server.auth.firebase.calls import Calls
from salebell_server.auth.firebase.failures import error_code, understood
from salebell_server.auth.project import FirebaseProject

T = TypeVar("T")

BATCH = 100
"""How many users one look-up may name (firebase.google.com/docs/auth/admin/manage-users, "Bulk retrieve user data")."""

MAX_CLAIMS_CHARACTERS = 1000
"""Of all custom claims of a user together, as JSON (firebase.google.com/docs/auth/admin/custom-claims)."""

_MAX_UID_CHARACTERS = 128

_ADDRESS = re.compile("[^@]+@[^@]+")
"""What firebase-admin asks for."""

_CLAIMS_REFUSED = ("CLAIMS_TOO_LARGE", "FORBIDDEN_CLAIM", "INVALID_CLAIMS")

_RETRIES = Retry(
    connect=1, read=1, status=2, status_forcelist=[500, 503], allowed_methods=None, raise_on_status=False,
    backoff_factor=0.5, respect_retry_after_header=False,
)  # fmt: skip
"""firebase-admin's own, but that these end within a second and a half. Its own sleep for seven, or for as long as a
`Retry-After` says. All that is asked may be asked twice."""


class Users:
    """`UserDirectory` of one project.

    Args:
        app: the connection with the project; whoever made it deletes it, after `close`.
        calls: makes the calls.
    """

    def __init__(self, app: firebase_admin.App, calls: Calls | None = None) -> None:
        self._client = auth.Client(app)
        self._calls = calls or Calls()
        _retry_briefly(self._client)

    def close(self) -> None:
        """Ask no more. Waits for nothing: what hangs keeps no process from ending. Harmless when repeated."""
        self._calls.close()

    async def get(self, uids: Collection[str]) -> Mapping[str, FirebaseUser]:
        """See `UserLookup.get`."""
        asked = [uid for uid in dict.fromkeys(uids) if 0 < len(uid) <= _MAX_UID_CHARACTERS]
        found: dict[str, FirebaseUser] = {}
        for start in range(0, len(asked), BATCH):  # callers who have many ask for batches themselves, side by side
            found.update((user.uid, user) for user in await self._batch(asked[start : start + BATCH]))
        return found

    async def find(self, email: str) -> FirebaseUser | None:
        """See `UserDirectory.find`."""

        def call() -> FirebaseUser | None:
            try:
                return _user(self._client.get_user_by_email(email))
            except (auth.UserNotFoundError, auth.EmailNotFoundError):
                return None
            except InvalidArgumentError as error:
                if error_code(error) == "INVALID_EMAIL":
                    return None
                raise

        return await self._call(call) if _ADDRESS.fullmatch(email) else None

    async def all(self) -> AsyncIterator[FirebaseUser]:
        """See `UserDirectory.all`."""
        page: auth.ListUsersPage | None = await self._call(self._client.list_users)
        while page is not None:
            for user in await self._call(partial(_users, page)):
                yield user
            page = await self._call(page.get_next_page)

    async def set_claims(self, uid: str, claims: Mapping[str, Any]) -> None:
        """See `UserDirectory.set_claims`."""
        if len(json.dumps(claims)) > MAX_CLAIMS_CHARACTERS:  # as firebase-admin writes and counts them
            raise ClaimsRefused(f"together, they would have more than {MAX_CLAIMS_CHARACTERS:,} characters")

        def change() -> None:
            try:
                self._client.set_custom_user_claims(uid, claims)
            except ValueError:
                raise ClaimsRefused("one of them has a name that tokens need for something else") from None
            except InvalidArgumentError as error:
                if error_code(error) in _CLAIMS_REFUSED:
                    raise ClaimsRefused("Google refused them") from None
                raise

        await self._change(change)

    async def revoke_sessions(self, uid: str) -> None:
        """See `UserDirectory.revoke_sessions`."""
        await self._change(lambda: self._client.revoke_refresh_tokens(uid))

    async def set_disabled(self, uid: str, *, disabled: bool) -> None:
        """See `UserDirectory.set_disabled`."""
        await self._change(lambda: self._client.update_user(uid, disabled=disabled))

    async def _batch(self, uids: Sequence[str]) -> list[FirebaseUser]:
        identifiers = [auth.UidIdentifier(uid) for uid in uids]
        return await self._call(lambda: [_user(record) for record in self._client.get_users(identifiers).users])

    async def _change(self, change: Callable[[], object]) -> None:
        def call() -> None:
            try:
                change()
            except auth.UserNotFoundError:
                raise NoSuchUser("the project has no such user, any more") from None

        await self._call(call)

    async def _call(self, call: Callable[[], T]) -> T:
        try:
            return await self._calls(call)
        except (NoSuchUser, ClaimsRefused):
            raise
        except Exception as error:  # noqa: BLE001 - firebase-admin lets through what the libraries beneath it raise
            failure = understood(error)
        raise failure  # not from the error: what it carries along has tokens


@contextmanager
def opened_users(project: FirebaseProject) -> Generator[Users, None, None]:
    """The users of `project` for one task, with a connection of their own.

    Raises:
        ValueError: the service account's key is none.
    """
    app = open_application(project)
    try:
        with closing(Users(app)) as users:
            yield users
    finally:
        firebase_admin.delete_app(app)


def _retry_briefly(client: auth.Client) -> None:
    """Put our retries in place of firebase-admin's, which has no option for them.

    A version of it that keeps its session elsewhere stays as it is: `Calls` still bounds every call.
    """
    with suppress(AttributeError):
        session = attrgetter("_user_manager.http_client.session")(client)
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(max_retries=_RETRIES))


def _users(page: auth.ListUsersPage) -> list[FirebaseUser]:
    return [_user(record) for record in page.users]


def _user(record: auth.UserRecord) -> FirebaseUser:
    """The user with texts that are safe to show: everybody who signs up chooses a name."""
    return FirebaseUser(
        uid=record.uid,
        email=plain(record.email or ""),
        name=plain(record.display_name or ""),
        email_verified=record.email_verified,
        disabled=record.disabled,
        claims=_claims(record),
        valid_after=record.tokens_valid_after_timestamp // 1000,
        created_at=_instant(record.user_metadata.creation_timestamp or 0),
    )


def _instant(milliseconds: int) -> datetime:
    """The time, or 1970 for what is none: one user's odd record must not keep a hundred from being looked up."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _claims(record: auth.UserRecord) -> Mapping[str, Any]:
    """The custom claims; none where they are not the object that they have to be."""
    try:
        return msgspec.convert(record.custom_claims, dict[str, Any])
    except ValueError:  # of its JSON, or of what it holds
        return {}
