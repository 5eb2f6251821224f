"""The connection with a project is of the project that the settings name, whatever else the environment says."""

from pathlib import Path

import firebase_admin
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from salebell_server.auth.firebase.application import open_application
from salebell_server.auth.project import FirebaseProject, ServiceAccount
from tests.firebase.google import Key

EMAIL = "sdk@my-shop-1a2b3.iam.gserviceaccount.com"


@pytest.mark.parametrize("config", ['{"projectId": "other-shop"}', "/nowhere/config.json"])
@pytest.mark.parametrize("with_account", [False, True])
def test_variables_of_google_s_other_programs_are_ignored(
    key: Key, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, config: str, with_account: bool
) -> None:
    monkeypatch.setenv("FIREBASE_CONFIG", config)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "other-shop")
    monkeypatch.setenv("GCLOUD_PROJECT", "other-shop")
    pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    account = ServiceAccount(EMAIL, pem) if with_account else None
    app = open_application(FirebaseProject(project_id="my-shop-1a2b3", web_api_key="x", account=account))
    try:
        assert app.project_id == "my-shop-1a2b3"
    finally:
        firebase_admin.delete_app(app)


def test_a_key_that_is_none_is_not_told() -> None:
    project = FirebaseProject(project_id="my-shop-1a2b3", web_api_key="x", account=ServiceAccount(EMAIL, "s3cret"))
    with pytest.raises(ValueError, match="certificate") as raised:
        open_application(project)
    assert "s3cret" not in str(raised.value)
