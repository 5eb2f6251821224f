"""The composition of who may listen: Firebase's users, or accounts of the server's own."""

import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from salebell_protocol import PROTOCOL_VERSION
from salebell_protocol.http import ClientConfig, FirebaseConfig, Provider
from salebell_server import __version__
from salebell_server.auth import TokenVerifier
from salebell_server.auth.local.id_tokens import IdTokens
from salebell_server.auth.local.passwords import Passwords
from salebell_server.auth.local.service import LocalSignIn
from salebell_server.auth.local.verifier import LocalVerifier
from salebell_server.auth.project import FirebaseProject
from salebell_server.auth.rate import FailureLimit
from salebell_server.auth.sign_in import SignInService
from salebell_server.log.accounts import AccountStore

_logger = structlog.get_logger("salebell.server")

SERVER = f"salebell/{__version__}"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who may listen.

    Attributes:
        verifier: judges tokens.
        sign_in: signs admins in; None where somebody else does.
        config: what desktops are told.
    """

    verifier: TokenVerifier
    sign_in: SignInService | None
    config: ClientConfig


def opened(
    project: FirebaseProject | None, accounts: AccountStore, failures: FailureLimit
) -> AbstractAsyncContextManager[Identity]:
    """Firebase's users where there is a project; else `accounts`.

    Raises:
        ValueError: the project's service account has no usable key, which its settings rule out.
    """
    return _of_accounts(accounts, failures) if project is None else _of_firebase(project)


@asynccontextmanager
async def _of_accounts(accounts: AccountStore, failures: FailureLimit) -> AsyncGenerator[Identity, None]:
    id_tokens = IdTokens(accounts, _now, secrets.token_bytes)
    with closing(Passwords()) as passwords:
        yield Identity(
            verifier=LocalVerifier(accounts, id_tokens, clock=_now, monotonic=time.monotonic),
            sign_in=LocalSignIn(
                accounts,
                passwords=passwords,
                id_tokens=id_tokens,
                failures=failures,
                clock=_now,
                random=secrets.token_bytes,
            ),
            config=ClientConfig(provider=Provider.LOCAL, server=SERVER, protocol=PROTOCOL_VERSION),
        )


@asynccontextmanager
async def _of_firebase(project: FirebaseProject) -> AsyncGenerator[Identity, None]:
    # Imported here: it takes longer than all else, and a server with accounts of its own does without.
    import firebase_admin

    from salebell_server.auth.firebase.application import open_application
    from salebell_server.auth.firebase.certificates import CERTIFICATES_URL, Certificates
    from salebell_server.auth.firebase.tokens import Tokens
    from salebell_server.auth.firebase.users import Users
    from salebell_server.auth.firebase.verifier import FirebaseVerifier

    application = open_application(project)
    certificates = None if project.emulator else Certificates(CERTIFICATES_URL, time.monotonic)
    tokens, users = Tokens(application, certificates, _now), Users(application)
    if certificates is not None:
        certificates.start()
    try:
        yield Identity(
            verifier=FirebaseVerifier(
                tokens, users if project.can_look_up else None, project, clock=_now, monotonic=time.monotonic
            ),
            sign_in=None,
            config=ClientConfig(
                provider=Provider.FIREBASE,
                server=SERVER,
                protocol=PROTOCOL_VERSION,
                firebase=_told(project),
            ),
        )
    finally:
        if certificates is not None:
            await certificates.close()
        tokens.close()
        users.close()
        firebase_admin.delete_app(application)


def _told(project: FirebaseProject) -> FirebaseConfig | None:
    """What desktops need; None while there is nothing that they could sign in with."""
    if project.web_api_key is None:
        return None
    return FirebaseConfig(
        project_id=project.project_id,
        api_key=project.web_api_key,
        google_client_id=project.google_client_id,
        google_client_secret=project.google_client_secret,
    )


def warn(project: FirebaseProject | None) -> None:
    """Say in the log what an operator should know of the project."""
    if project is not None:
        from salebell_server.auth.firebase.notices import notices

        for notice in notices(project):
            _logger.warning(notice.detail, subject=notice.subject)


def _now() -> datetime:
    return datetime.now(UTC)
