"""Which Firebase project signs admins in: from `FIREBASE_…`, and which of its claims count: from `SALEBELL_…_CLAIM`.

What stands in some of these variables is told to everybody who asks how to sign in. They are therefore refused unless
they look like what belongs there, with the emulator too.
"""

import re
from collections.abc import Callable, MutableMapping

from salebell_server.auth.project import EMULATOR_VARIABLE, FirebaseProject, ServiceAccount
from salebell_server.settings.private_key import private_key
from salebell_server.settings.source import Source, boolean

PROJECT_ID = "FIREBASE_PROJECT_ID"
ALLOW_EMULATOR = "SALEBELL_ALLOW_EMULATOR"
ACCOUNT_VARIABLES = ("FIREBASE_CLIENT_EMAIL", "FIREBASE_PRIVATE_KEY")
"""What says who looks users up: both, or neither."""

VARIABLES = (
    PROJECT_ID,
    "FIREBASE_WEB_API_KEY",
    *ACCOUNT_VARIABLES,
    "FIREBASE_GOOGLE_CLIENT_ID",
    "FIREBASE_GOOGLE_CLIENT_SECRET",
    EMULATOR_VARIABLE,
    "SALEBELL_ROLE_CLAIM",
    "SALEBELL_ROLE_VALUE",
    "SALEBELL_STORES_CLAIM",
)
"""What says something of a project."""

EMULATOR_API_KEY = "emulator"
"""Emulators take any key."""

LONGEST_CLAIM = 100
"""Characters; all custom claims together may have 1,000 (firebase.google.com/docs/auth/admin/custom-claims)."""

_CONSOLE = "Firebase console, Project settings, General"

_PROJECT = re.compile(r"([a-z0-9.-]+\.[a-z]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
"""cloud.google.com/resource-manager/docs/creating-managing-projects; the oldest may have a domain before it."""
_API_KEY = re.compile(r"AIza[0-9A-Za-z_-]{35}")
_ACCOUNT_EMAIL = re.compile(r"[^\s@]+@([a-z0-9.-]+\.)?gserviceaccount\.com")
_CLIENT_ID = re.compile(r"[0-9]+-[0-9a-z]+\.apps\.googleusercontent\.com")
_CLIENT_SECRET = re.compile(rf"(?!{_API_KEY.pattern}\Z)[0-9A-Za-z_-]{{10,100}}")
_HOST_AND_PORT = re.compile(r"(\[[0-9A-Fa-f:]+\]|[0-9A-Za-z._-]+):([0-9]{1,5})")
_CLAIM = re.compile(rf"[^\s\x00-\x1f\x7f]{{1,{LONGEST_CLAIM}}}")
_SECRETS = ("PRIVATE KEY", "{", "LS0tLS1CRUdJTi")
"""What gives a service account's key away, or its whole file."""

_OF_TOKENS = ("aud", "cnf", "exp", "iat", "iss", "jti", "nbf", "sub")
_OF_OPENID = ("acr", "amr", "at_hash", "auth_time", "azp", "c_hash", "nonce")
RESERVED_CLAIMS = frozenset((*_OF_TOKENS, *_OF_OPENID, "firebase"))
"""Names that no custom claim may have (firebase.google.com/docs/auth/admin/custom-claims)."""

USERS_OWN_CLAIMS = frozenset(
    ["email", "email_verified", "name", "phone_number", "picture", "provider_id", "uid", "user_id"]
)
"""What tokens say besides. Users change some of it themselves, so none of it may make somebody an admin."""


def emulator_host(source: Source) -> str | None:
    """The emulator that takes the place of Google, if there is one and it is allowed; looked at for every server.

    firebase-admin believes every token where the variable is set, whoever made it.
    """
    if not source.text(EMULATOR_VARIABLE):
        return None
    if not source.value(ALLOW_EMULATOR, default=False, parse=boolean):
        source.refuse(
            EMULATOR_VARIABLE,
            "is set, which lets everybody forge an admin's token: leave it out; or, for development only, allow it "
            f"with {ALLOW_EMULATOR}=1",
        )
        return None
    return source.value(EMULATOR_VARIABLE, None, _host_and_port)


def align_environ(project: FirebaseProject | None, environ: MutableMapping[str, str]) -> None:
    """Make a process's environment say of the emulator what its settings say, and nothing else.

    firebase-admin reads the variable there, at every call and as it is written; the settings may have it from a file.
    """
    if project is None or project.emulator is None:
        environ.pop(EMULATOR_VARIABLE, None)
    else:
        environ[EMULATOR_VARIABLE] = project.emulator


def firebase_project(source: Source, emulator: str | None) -> FirebaseProject:
    """The project that the variables describe.

    Args:
        source: of the variables.
        emulator: see `emulator_host`.
    """
    emulated = bool(source.text(EMULATOR_VARIABLE))  # also where it was refused: one mistake is told once
    client_id = source.value("FIREBASE_GOOGLE_CLIENT_ID", None, _public if emulated else _client_id)
    client_secret = source.value("FIREBASE_GOOGLE_CLIENT_SECRET", None, _public if emulated else _client_secret)
    if source.text("FIREBASE_GOOGLE_CLIENT_SECRET") and not source.text("FIREBASE_GOOGLE_CLIENT_ID"):
        source.refuse("FIREBASE_GOOGLE_CLIENT_SECRET", "is of no use without FIREBASE_GOOGLE_CLIENT_ID: set both")
    role_claim = source.value("SALEBELL_ROLE_CLAIM", "role", _claim)
    stores_claim = source.value("SALEBELL_STORES_CLAIM", "stores", _claim)
    if role_claim == stores_claim:
        source.refuse("SALEBELL_STORES_CLAIM", "names the claim that says the role: the stores need one of their own")
    return FirebaseProject(
        project_id=_needed_project_id(source),
        web_api_key=_web_api_key(source, emulated=emulated),
        google_client_id=client_id,
        google_client_secret=client_secret,
        account=None if emulated else _account(source),
        emulator=emulator,
        role_claim=role_claim,
        role=source.value("SALEBELL_ROLE_VALUE", "ADMIN", _role),
        stores_claim=stores_claim,
    )


def _needed_project_id(source: Source) -> str:
    if not source.text(PROJECT_ID):
        source.refuse(PROJECT_ID, f"is needed to sign admins in with Firebase: the ID of the project ({_CONSOLE})")
    return source.value(PROJECT_ID, "", _project_id)


def _web_api_key(source: Source, *, emulated: bool) -> str | None:
    name = "FIREBASE_WEB_API_KEY"
    if emulated:
        return source.value(name, EMULATOR_API_KEY, _public)
    return source.value(name, None, _api_key)


def _account(source: Source) -> ServiceAccount | None:
    email_name, key_name = ACCOUNT_VARIABLES
    email = source.value(email_name, None, _account_email)
    key = source.value(key_name, None, private_key)
    for missing, other in ((email_name, key_name), (key_name, email_name)):
        if source.text(other) and not source.text(missing):
            source.refuse(missing, f"is missing, but {other} is set: set both, or neither")
    return None if email is None or key is None else ServiceAccount(email, key)


def _plain(text: str) -> str:
    """A value without what may come with it when it is copied from a JSON file."""
    return text.rstrip(",").strip("\"'").strip()


def _public(text: str) -> str:
    """A value that everybody is told."""
    text = _plain(text)
    if any(secret in text for secret in _SECRETS):
        raise ValueError("holds a secret, and what stands here is told to everybody: take it out")
    return text


def _project_id(text: str) -> str:
    text = _plain(text)
    if text.isdigit():
        raise ValueError(f"is the number of a project: take its ID, such as my-shop-1a2b3 ({_CONSOLE})")
    if not _PROJECT.fullmatch(text):
        raise ValueError(
            "must be the ID of a project, such as my-shop-1a2b3: 6 to 30 small letters, digits and hyphens; not its "
            f"name, nor an address ({_CONSOLE})"
        )
    return text


def _of_form(form: re.Pattern[str], sentence: str, read: Callable[[str], str]) -> Callable[[str], str]:
    """A parser of what looks like `form`; `sentence` is said of anything else."""

    def parse(text: str) -> str:
        text = read(text)
        if not form.fullmatch(text):
            raise ValueError(sentence)
        return text

    return parse


_api_key = _of_form(
    _API_KEY,
    "does not look like a Web API key (AIza and 35 characters more); as everybody is told what stands here, nothing "
    f"else is taken ({_CONSOLE})",
    _public,
)
_account_email = _of_form(
    _ACCOUNT_EMAIL,
    "must be the address of a service account, which ends in gserviceaccount.com, not that of a person: copy the value "
    "of client_email from its key file",
    _plain,
)
_client_id = _of_form(
    _CLIENT_ID,
    "must be the ID of an OAuth client of the type Desktop app, such as 1234-abcd.apps.googleusercontent.com (Google "
    "Cloud console, APIs & Services, Credentials)",
    _public,
)
_client_secret = _of_form(
    _CLIENT_SECRET,
    "does not look like the secret of an OAuth client; as everybody is told what stands here, nothing else is taken "
    "(Google Cloud console, APIs & Services, Credentials)",
    _public,
)


def _claim(text: str) -> str:
    text = _plain(text)
    if text in RESERVED_CLAIMS:
        raise ValueError("names a claim that Firebase keeps for itself: choose another name")
    if text in USERS_OWN_CLAIMS:
        raise ValueError("names what tokens say of every user, partly as users wish: choose another name")
    if not _CLAIM.fullmatch(text):
        raise ValueError(f"must be the name of a custom claim: up to {LONGEST_CLAIM} characters without spaces")
    return text


def _role(text: str) -> str:
    text = _plain(text)
    if not 0 < len(text) <= LONGEST_CLAIM or not text.isprintable():
        raise ValueError(f"must be what the claim says of an admin: up to {LONGEST_CLAIM} characters")
    return text


def _host_and_port(text: str) -> str:
    text = _plain(text)
    found = _HOST_AND_PORT.fullmatch(text)
    if found is None or not 0 < int(found[2]) <= 65535:
        raise ValueError("must be a host and a port, such as 127.0.0.1:9099, without http://")
    return text
