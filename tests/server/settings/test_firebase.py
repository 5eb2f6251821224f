"""The Firebase project, as variables say it, and what is told to somebody who mistypes it."""

from pathlib import Path

import pytest

from salebell_protocol.http import Provider
from salebell_server.auth.project import FirebaseProject, ServiceAccount
from salebell_server.settings import Ignored, Settings
from salebell_server.settings.firebase import VARIABLES, align_environ
from tests.server.settings.stand import problems

API_KEY = "AIza" + "Sy-_09azAZ" * 3 + "abcde"
EMAIL = "firebase-adminsdk-x1@my-shop-1a2b3.iam.gserviceaccount.com"
CLIENT_ID = "123456789012-0abc.apps.googleusercontent.com"
CLIENT_SECRET = "GOCSPX-0123456789abcdefghijklmnopqr"
NEEDED = {"FIREBASE_PROJECT_ID": "my-shop-1a2b3", "FIREBASE_WEB_API_KEY": API_KEY}
EMULATED = {
    "FIREBASE_PROJECT_ID": "demo-salebell",
    "FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:9099",
    "SALEBELL_ALLOW_EMULATOR": "1",
}


def project(**variables: str) -> FirebaseProject:
    settings = Settings.from_environ({**NEEDED, **variables})
    assert settings.auth is Provider.FIREBASE
    assert settings.firebase is not None
    return settings.firebase


def told(variables: dict[str, str], needed: dict[str, str] = NEEDED) -> tuple[str, str]:
    """The one variable at fault, and what is said of it: nothing of its value, unless that is no secret at all."""
    [(name, sentence)] = problems({**needed, **variables}).items()
    assert sentence.partition(" ")[0] in ("must", "is", "holds", "names", "does", "has", "says")
    assert not any(len(value) > 16 and value in sentence for value in variables.values())
    return name, sentence


def test_what_is_needed_is_enough() -> None:
    assert project() == FirebaseProject(project_id="my-shop-1a2b3", web_api_key=API_KEY)
    assert project(FIREBASE_WEB_API_KEY="").web_api_key is None
    assert not project().can_look_up


def test_everything_set(pem: str) -> None:
    everything = project(
        FIREBASE_CLIENT_EMAIL=EMAIL,
        FIREBASE_PRIVATE_KEY=pem.replace("\n", r"\n"),
        FIREBASE_GOOGLE_CLIENT_ID=CLIENT_ID,
        FIREBASE_GOOGLE_CLIENT_SECRET=CLIENT_SECRET,
        SALEBELL_ROLE_CLAIM="https://shop.example/job",
        SALEBELL_ROLE_VALUE="The boss",
        SALEBELL_STORES_CLAIM="shops",
    )
    assert everything == FirebaseProject(
        project_id="my-shop-1a2b3",
        web_api_key=API_KEY,
        google_client_id=CLIENT_ID,
        google_client_secret=CLIENT_SECRET,
        account=ServiceAccount(EMAIL, pem),
        role_claim="https://shop.example/job",
        role="The boss",
        stores_claim="shops",
    )
    assert everything.can_look_up


def test_values_copied_from_a_json_file() -> None:
    assert project(FIREBASE_PROJECT_ID='"my-shop-1a2b3",', FIREBASE_WEB_API_KEY=f"'{API_KEY}'") == project()


def test_settings_show_no_key(pem: str) -> None:
    variables = {**NEEDED, "FIREBASE_CLIENT_EMAIL": EMAIL, "FIREBASE_PRIVATE_KEY": pem}
    settings = Settings.from_environ(variables)
    assert pem[40:80] not in repr(settings) + str(settings)
    assert EMAIL in repr(settings)


@pytest.mark.parametrize(
    ("variables", "auth"),
    [
        ({}, Provider.LOCAL),
        ({"SALEBELL_AUTH": "local"}, Provider.LOCAL),
        (NEEDED, Provider.FIREBASE),
        ({**NEEDED, "SALEBELL_AUTH": "Firebase"}, Provider.FIREBASE),
        ({**NEEDED, "SALEBELL_AUTH": "local"}, Provider.LOCAL),
        ({"SALEBELL_AUTH": "local", "FIREBASE_PROJECT_ID": "Not an ID", "FIREBASE_PRIVATE_KEY": "x"}, Provider.LOCAL),
    ],
)
def test_who_signs_admins_in(variables: dict[str, str], auth: Provider) -> None:
    settings = Settings.from_environ(variables)
    assert settings.auth is auth
    assert (settings.firebase is not None) is (auth is Provider.FIREBASE)


def test_everything_that_is_missing_or_wrong_is_told_at_once() -> None:
    found = problems({"SALEBELL_AUTH": "firebase"})
    assert list(found) == ["FIREBASE_PROJECT_ID"]
    assert all("Firebase console" in sentence for sentence in found.values())
    given = {name: "{" for name in VARIABLES if not name.startswith("SALEBELL_")}
    assert set(problems({"SALEBELL_AUTH": "firebase", **given, "SALEBELL_ROLE_CLAIM": "sub"})) >= {
        "FIREBASE_PROJECT_ID",
        "FIREBASE_WEB_API_KEY",
        "FIREBASE_AUTH_EMULATOR_HOST",
        "FIREBASE_GOOGLE_CLIENT_ID",
        "FIREBASE_GOOGLE_CLIENT_SECRET",
        "SALEBELL_ROLE_CLAIM",
    }
    found = problems({**NEEDED, "FIREBASE_CLIENT_EMAIL": "ana", "FIREBASE_PRIVATE_KEY": "x", "SALEBELL_PORT": "y"})
    assert set(found) == {"FIREBASE_CLIENT_EMAIL", "FIREBASE_PRIVATE_KEY", "SALEBELL_PORT"}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("123456789012", "number"),
        ("My Shop", "not its name"),
        ("my-shop-1a2b3.firebaseapp.com", "nor an address"),
        ("https://console.firebase.google.com/project/my-shop-1a2b3", "nor an address"),
        ("shop", "6 to 30"),
        ("s" * 31, "6 to 30"),
        ("my-shop-", "6 to 30"),
        ("My-Shop", "small letters"),
    ],
)
def test_a_project_that_is_none(value: str, words: str) -> None:
    name, sentence = told({"FIREBASE_PROJECT_ID": value})
    assert name == "FIREBASE_PROJECT_ID"
    assert words in sentence


@pytest.mark.parametrize("value", ["my-shop", "a12345", "example.com:my-shop", "p" * 30])
def test_a_project_that_is_one(value: str) -> None:
    assert project(FIREBASE_PROJECT_ID=value).project_id == value


@pytest.mark.parametrize(
    "value",
    [
        "my-key",
        API_KEY[:-1],
        API_KEY + "x",
        CLIENT_SECRET,
        "AAAAabcdefg:APA91b" + "x" * 134,
        "ya29." + "x" * 60,
        "0123456789abcdef0123456789abcdef01234567",
    ],
)
def test_a_web_api_key_that_is_none_is_not_published(value: str) -> None:
    name, sentence = told({"FIREBASE_WEB_API_KEY": value})
    assert name == "FIREBASE_WEB_API_KEY"
    assert "everybody" in sentence


PUBLISHED = ["FIREBASE_WEB_API_KEY", "FIREBASE_GOOGLE_CLIENT_ID", "FIREBASE_GOOGLE_CLIENT_SECRET"]


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("emulated", [False, True])
def test_no_secret_is_published_not_even_of_an_emulator(pem: str, name: str, emulated: bool) -> None:
    needed = {**(EMULATED if emulated else NEEDED), "FIREBASE_GOOGLE_CLIENT_ID": CLIENT_ID}
    for secret in (pem, pem.replace("\n", r"\n"), '{"private_key": "x"}', "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t"):
        at_fault, sentence = told({name: secret}, needed)
        assert at_fault == name
        assert "everybody" in sentence
        assert pem[40:80] not in sentence


@pytest.mark.parametrize(
    "value",
    [
        "ana@shop.example",
        "ana@gmail.com",
        "firebase-adminsdk-x1",
        "x@evil-gserviceaccount.com",
        "x@my-shop.iam.gserviceaccount.com.example.com",
        "one@gserviceaccount.com two@gserviceaccount.com",
        "123456789012345678901",
    ],
)
def test_an_address_that_is_no_service_account_s(pem: str, value: str) -> None:
    name, sentence = told({"FIREBASE_CLIENT_EMAIL": value, "FIREBASE_PRIVATE_KEY": pem})
    assert name == "FIREBASE_CLIENT_EMAIL"
    assert "client_email" in sentence


@pytest.mark.parametrize(
    "value",
    [
        EMAIL,
        "my-shop-1a2b3@appspot.gserviceaccount.com",
        "123456789012-compute@developer.gserviceaccount.com",
        "sdk@my-shop.example.com.iam.gserviceaccount.com",
    ],
)
def test_an_address_that_is_one(pem: str, value: str) -> None:
    account = project(FIREBASE_CLIENT_EMAIL=value, FIREBASE_PRIVATE_KEY=pem).account
    assert account is not None
    assert account.email == value


def test_an_account_is_its_address_and_its_key(pem: str) -> None:
    name, sentence = told({"FIREBASE_PRIVATE_KEY": pem})
    assert name == "FIREBASE_CLIENT_EMAIL"
    assert "FIREBASE_PRIVATE_KEY" in sentence
    name, sentence = told({"FIREBASE_CLIENT_EMAIL": EMAIL})
    assert name == "FIREBASE_PRIVATE_KEY"
    assert "FIREBASE_CLIENT_EMAIL" in sentence


def test_a_key_that_is_none_names_its_variable() -> None:
    name, sentence = told({"FIREBASE_CLIENT_EMAIL": EMAIL, "FIREBASE_PRIVATE_KEY": "/run/secrets/firebase.json"})
    assert name == "FIREBASE_PRIVATE_KEY"
    assert "names a file" in sentence


@pytest.mark.parametrize(
    "value", ["123456789012", "0abc.apps.googleusercontent.com", CLIENT_ID + ".example.com", CLIENT_SECRET]
)
def test_a_client_that_is_none(value: str) -> None:
    name, sentence = told({"FIREBASE_GOOGLE_CLIENT_ID": value})
    assert name == "FIREBASE_GOOGLE_CLIENT_ID"
    assert "Desktop app" in sentence


@pytest.mark.parametrize("value", ["short", "two words of it", API_KEY])
def test_a_secret_of_a_client_that_is_none(value: str) -> None:
    name, _ = told({"FIREBASE_GOOGLE_CLIENT_ID": CLIENT_ID, "FIREBASE_GOOGLE_CLIENT_SECRET": value})
    assert name == "FIREBASE_GOOGLE_CLIENT_SECRET"


def test_a_secret_without_its_client() -> None:
    name, sentence = told({"FIREBASE_GOOGLE_CLIENT_SECRET": CLIENT_SECRET})
    assert name == "FIREBASE_GOOGLE_CLIENT_SECRET"
    assert "FIREBASE_GOOGLE_CLIENT_ID" in sentence


@pytest.mark.parametrize("name", ["SALEBELL_ROLE_CLAIM", "SALEBELL_STORES_CLAIM"])
@pytest.mark.parametrize("claim", ["sub", "aud", "iat", "firebase", "acr", "name", "email", "picture", "user_id"])
def test_claims_that_are_not_for_this(name: str, claim: str) -> None:
    at_fault, sentence = told({name: claim})
    assert at_fault == name
    assert "choose another name" in sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SALEBELL_ROLE_CLAIM", "the role"),
        ("SALEBELL_ROLE_CLAIM", "r" * 101),
        ("SALEBELL_ROLE_VALUE", "v" * 101),
        ("SALEBELL_ROLE_VALUE", "a\tb"),
    ],
)
def test_claims_that_are_mistyped(name: str, value: str) -> None:
    assert told({name: value})[0] == name


@pytest.mark.parametrize("variables", [{"SALEBELL_STORES_CLAIM": "role"}, {"SALEBELL_ROLE_CLAIM": "stores"}])
def test_one_claim_cannot_say_both(variables: dict[str, str]) -> None:
    name, sentence = told(variables)
    assert name == "SALEBELL_STORES_CLAIM"
    assert "role" in sentence


def emulated(**variables: str) -> FirebaseProject:
    found = Settings.from_environ({**EMULATED, **variables}).firebase
    assert found is not None
    return found


def test_an_emulator_needs_no_key_and_no_account() -> None:
    assert emulated() == FirebaseProject(project_id="demo-salebell", web_api_key="emulator", emulator="127.0.0.1:9099")
    assert emulated().can_look_up


def test_an_emulator_takes_any_key() -> None:
    found = emulated(FIREBASE_WEB_API_KEY="any", FIREBASE_GOOGLE_CLIENT_ID="some", FIREBASE_GOOGLE_CLIENT_SECRET="x")
    assert (found.web_api_key, found.google_client_id, found.google_client_secret) == ("any", "some", "x")


def test_an_emulator_has_no_use_for_an_account() -> None:
    settings = Settings.from_environ({**EMULATED, "FIREBASE_CLIENT_EMAIL": "ana", "FIREBASE_PRIVATE_KEY": "x"})
    assert settings.firebase is not None
    assert settings.firebase.account is None
    assert settings.ignored == (
        Ignored(("FIREBASE_CLIENT_EMAIL", "FIREBASE_PRIVATE_KEY"), "FIREBASE_AUTH_EMULATOR_HOST is set"),
    )


@pytest.mark.parametrize("allowed", [{}, {"SALEBELL_ALLOW_EMULATOR": "0"}, {"SALEBELL_ALLOW_EMULATOR": ""}])
@pytest.mark.parametrize(
    "needed",
    [
        {"FIREBASE_PROJECT_ID": "demo-salebell"},
        NEEDED,
        {"SALEBELL_AUTH": "local"},
        {},
    ],
)
def test_no_server_uses_an_emulator_unless_it_is_allowed(allowed: dict[str, str], needed: dict[str, str]) -> None:
    name, sentence = told({"FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:9099", **allowed}, needed)
    assert name == "FIREBASE_AUTH_EMULATOR_HOST"
    assert "forge" in sentence
    assert "SALEBELL_ALLOW_EMULATOR=1" in sentence


def test_what_allows_it_must_be_clear() -> None:
    found = problems({**EMULATED, "SALEBELL_ALLOW_EMULATOR": "perhaps"})
    assert set(found) == {"SALEBELL_ALLOW_EMULATOR", "FIREBASE_AUTH_EMULATOR_HOST"}


@pytest.mark.parametrize(
    "value",
    ["http://127.0.0.1:9099", "127.0.0.1", "9099", ":9099", "::1:9099", "127.0.0.1:0", "127.0.0.1:65536", "a:9099/x"],
)
def test_an_emulator_s_address_that_is_none(value: str) -> None:
    name, sentence = told({"FIREBASE_AUTH_EMULATOR_HOST": value}, EMULATED)
    assert name == "FIREBASE_AUTH_EMULATOR_HOST"
    assert "127.0.0.1:9099" in sentence


@pytest.mark.parametrize("value", ["localhost:9099", "[::1]:9099", "firebase_1:1", "emulator.example:65535"])
def test_an_emulator_s_address_that_is_one(value: str) -> None:
    assert emulated(FIREBASE_AUTH_EMULATOR_HOST=value).emulator == value


def test_the_environment_says_of_the_emulator_what_the_settings_say(tmp_path: Path) -> None:
    file = tmp_path / "server.env"
    file.write_text("".join(f"{name}='{value}'\n" for name, value in EMULATED.items()))
    environ = {"SALEBELL_ENV_FILE": str(file)}
    align_environ(Settings.from_environ(environ).firebase, environ)
    assert environ["FIREBASE_AUTH_EMULATOR_HOST"] == "127.0.0.1:9099", "firebase-admin reads no file"
    align_environ(None, environ)
    assert "FIREBASE_AUTH_EMULATOR_HOST" not in environ


@pytest.mark.parametrize("blank", ["", " "])
def test_a_blank_address_makes_nobody_believe_forged_tokens(blank: str) -> None:
    environ = {**NEEDED, "FIREBASE_AUTH_EMULATOR_HOST": blank}
    found = Settings.from_environ(environ).firebase
    assert found is not None
    assert found.emulator is None
    align_environ(found, environ)
    assert "FIREBASE_AUTH_EMULATOR_HOST" not in environ, "firebase-admin takes it as it is written"


def test_what_others_of_google_s_programs_read_does_not_matter() -> None:
    others = {
        "GOOGLE_APPLICATION_CREDENTIALS": "/nowhere/key.json",
        "GOOGLE_CLOUD_PROJECT": "other-project",
        "GCLOUD_PROJECT": "other-project",
        "FIREBASE_CONFIG": '{"projectId": "other-project"}',
    }
    assert project(**others) == project()
    assert Settings.from_environ(others).auth is Provider.LOCAL


def test_without_firebase_its_variables_are_ignored_and_named() -> None:
    variables = {"SALEBELL_AUTH": "local", "FIREBASE_PRIVATE_KEY": "x", "SALEBELL_ROLE_CLAIM": "sub"}
    assert Settings.from_environ({**NEEDED, **variables}).ignored == (
        Ignored((*NEEDED, "FIREBASE_PRIVATE_KEY", "SALEBELL_ROLE_CLAIM"), "SALEBELL_AUTH is local"),
    )


def test_a_project_that_was_forgotten_is_named() -> None:
    assert Settings.from_environ({"FIREBASE_WEB_API_KEY": API_KEY, "REDIS_PORT": "1"}).ignored == (
        Ignored(("REDIS_PORT",), "ENABLE_REDIS is not true"),
        Ignored(("FIREBASE_WEB_API_KEY",), "FIREBASE_PROJECT_ID is not set"),
    )
