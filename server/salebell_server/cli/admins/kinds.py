"""Which accounts the commands work on: those of the settings, opened for one command.

firebase-admin takes half a second to import, and is imported by the commands that need it only.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from datetime import UTC, datetime
from typing import TypeVar

from salebell_server.auth.administration import Administration, AdministrationError
from salebell_server.auth.firebase import Cause, FirebaseUnavailable
from salebell_server.auth.firebase.administration import FirebaseAdministration
from salebell_server.auth.local.administration import LocalAdministration
from salebell_server.auth.local.passwords import Passwords
from salebell_server.auth.project import FirebaseProject
from salebell_server.cli.context import Context
from salebell_server.cli.errors import Misconfigured, Refused
from salebell_server.log import LogUnavailable
from salebell_server.settings.firebase import ACCOUNT_VARIABLES

T = TypeVar("T")
A = TypeVar("A")

_PASSING = (Cause.UNREACHABLE, Cause.TIMED_OUT, Cause.OVERLOADED, Cause.UNEXPECTED)
"""What may be over by itself. For the others something has to be set right first."""


def run(context: Context, work: Callable[[Administration], Awaitable[T]]) -> T:
    """Do `work` on the accounts that the settings name; what is refused becomes one line and an exit status."""
    project = context.settings.firebase
    return _run(_local(context), work) if project is None else _run(_firebase(project), work)


def run_local(context: Context, elsewhere: str, work: Callable[[LocalAdministration], Awaitable[T]]) -> T:
    """Do `work` on local accounts. With Firebase it is refused, in a sentence that says where else to do it."""
    refuse_elsewhere(context, elsewhere)
    return _run(_local(context), work)


def refuse_elsewhere(context: Context, elsewhere: str) -> None:
    """Refuse, in this sentence, what can be done with local accounts only."""
    if context.settings.firebase is not None:
        raise Refused(elsewhere)


def _run(opened: AbstractAsyncContextManager[A], work: Callable[[A], Awaitable[T]]) -> T:
    async def open_and_work() -> T:
        async with opened as administration:
            return await work(administration)

    try:
        return asyncio.run(open_and_work())
    except AdministrationError as error:
        raise Refused(f"{error}.") from None
    except LogUnavailable as error:
        raise Refused(f"The accounts cannot be reached: {error}.") from None
    except FirebaseUnavailable as error:
        if error.cause in _PASSING:
            raise Refused(f"The users cannot be reached: {error}.") from None
        raise Misconfigured(f"The users cannot be reached: {error}. More is found by: salebell-server doctor") from None


@asynccontextmanager
async def _local(context: Context) -> AsyncGenerator[LocalAdministration, None]:
    async with context.open_storage() as stored:
        with closing(Passwords()) as passwords:
            yield LocalAdministration(
                stored.accounts, passwords, clock=lambda: datetime.now(UTC), random=secrets.token_bytes
            )


@asynccontextmanager
async def _firebase(project: FirebaseProject) -> AsyncGenerator[FirebaseAdministration, None]:
    if not project.can_look_up:
        names = " and ".join(ACCOUNT_VARIABLES)
        raise Misconfigured(
            f"{names} are not set, and without a service account nobody can be looked up or made an admin: copy them "
            "from the key file (Firebase console, Project settings, Service accounts)"
        )
    from salebell_server.auth.firebase.users import opened_users

    with opened_users(project) as users:
        yield FirebaseAdministration(users, project)
