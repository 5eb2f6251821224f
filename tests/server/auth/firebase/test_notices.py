"""What a configuration brings with it, as it is said when a server starts."""

import pytest

from salebell_server.auth.firebase.notices import notices
from salebell_server.auth.project import FirebaseProject, ServiceAccount
from salebell_server.log.findings import Severity

PROJECT = "my-shop-1a2b3"


def project(email: str | None = None, **changes: str) -> FirebaseProject:
    account = None if email is None else ServiceAccount(email, "s3cret")
    return FirebaseProject(**{"project_id": PROJECT, "web_api_key": "x", **changes}, account=account)


@pytest.mark.parametrize(
    ("email", "project_id"),
    [
        (f"sdk@{PROJECT}.iam.gserviceaccount.com", PROJECT),
        (f"{PROJECT}@appspot.gserviceaccount.com", PROJECT),
        ("123456789012-compute@developer.gserviceaccount.com", PROJECT),
        ("sdk@my-shop.example.com.iam.gserviceaccount.com", "example.com:my-shop"),
    ],
)
def test_nothing_needs_to_be_said(email: str, project_id: str) -> None:
    assert notices(project(email, project_id=project_id)) == ()


@pytest.mark.parametrize("email", ["sdk@other-shop.iam.gserviceaccount.com", "other-shop@appspot.gserviceaccount.com"])
def test_an_account_of_another_project(email: str) -> None:
    [notice] = notices(project(email))
    assert (notice.subject, notice.severity) == ("firebase account", Severity.WARNING)
    assert "project other-shop" in notice.detail
    assert PROJECT in notice.detail
    assert "s3cret" not in notice.detail


def test_no_account() -> None:
    [notice] = notices(project())
    assert notice.severity is Severity.WARNING
    for words in ("up to an hour", "admins commands", "FIREBASE_CLIENT_EMAIL and FIREBASE_PRIVATE_KEY"):
        assert words in notice.detail


def test_no_key_for_desktops() -> None:
    account = ServiceAccount(f"sdk@{PROJECT}.iam.gserviceaccount.com", "s3cret")
    [notice] = notices(FirebaseProject(project_id=PROJECT, web_api_key=None, account=account))
    assert notice.severity is Severity.WARNING
    assert "FIREBASE_WEB_API_KEY" in notice.detail


def test_an_emulator() -> None:
    [notice] = notices(project(emulator="127.0.0.1:9099", google_client_id="x"))
    assert notice.severity is Severity.WARNING
    assert "127.0.0.1:9099" in notice.detail
    assert "forge" in notice.detail


def test_a_client_without_its_secret() -> None:
    given = {"google_client_id": "x"}
    [notice] = notices(project(f"sdk@{PROJECT}.iam.gserviceaccount.com", **given))
    assert notice.subject == "google sign-in"
    given["google_client_secret"] = "y"
    assert notices(project(f"sdk@{PROJECT}.iam.gserviceaccount.com", **given)) == ()
