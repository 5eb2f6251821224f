"""The connection of firebase-admin with one project."""

import itertools

import firebase_admin
from firebase_admin import credentials
from google.auth.credentials import AnonymousCredentials

from salebell_server.auth.project import FirebaseProject, ServiceAccount

TIMEOUT_SECONDS = 5
"""For each request to Google; firebase-admin's own is 120."""

_TOKEN_URI = "https://oauth2.googleapis.com/token"
_numbers = itertools.count(1)


class _Nobody(credentials.Base):
    """Verifying a token needs no credentials, only the project's id."""

    def get_credential(self) -> AnonymousCredentials:
        return AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth is annotated in part


def open_application(project: FirebaseProject) -> firebase_admin.App:
    """firebase-admin for `project`; `firebase_admin.delete_app` closes it.

    Where `FIREBASE_AUTH_EMULATOR_HOST` is in the environment of the process, firebase-admin asks the emulator.

    Raises:
        ValueError: the service account's key is none.
    """
    credential = _Nobody() if project.account is None else certificate(project.project_id, project.account)
    options = {"projectId": project.project_id, "httpTimeout": TIMEOUT_SECONDS}
    return firebase_admin.initialize_app(credential, options, name=f"salebell-{next(_numbers)}")


def certificate(project_id: str, account: ServiceAccount) -> credentials.Certificate:
    """The service account as firebase-admin takes it.

    Raises:
        ValueError: its key is none.
    """
    return credentials.Certificate(
        {
            "type": "service_account",
            "project_id": project_id,
            "client_email": account.email,
            "private_key": account.private_key,
            "token_uri": _TOKEN_URI,
        }
    )
