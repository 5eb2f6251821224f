"""Google's services as an examination asks them, on loopback: they answer as documented, or as a test says."""

import json
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from salebell_server.auth.firebase.examination import examine
from salebell_server.auth.firebase.examination.inquiry import Endpoints
from salebell_server.auth.project import FirebaseProject, ServiceAccount
from salebell_server.log.findings import Finding, Severity
from tests.firebase.google import PATH as CERTIFICATES
from tests.firebase.google import Key

PROJECT = "my-shop-1a2b3"
NUMBER = "123456789012"
CLIENT_ID = f"{NUMBER}-abc.apps.googleusercontent.com"
API_KEY = "AIza" + "k" * 35
EMAIL = f"firebase-adminsdk-x1@{PROJECT}.iam.gserviceaccount.com"
SECRET_OF_CLIENT = "GOCSPX-of-a-desktop"
ACCESS_TOKEN = "ya29.access"

TOKEN = "/token"
CONFIG = "/v1/projects"
REFRESH = "/v1/token"
SIGN_IN = "/v1/accounts:signInWithPassword"
AUTH_URI = "/v1/accounts:createAuthUri"
LOOKUP = f"/v1/projects/{PROJECT}/accounts:lookup"
UPDATE = f"/v1/projects/{PROJECT}/accounts:update"
USERS = f"/v1/projects/{PROJECT}/accounts:batchGet"

Body = Mapping[str, object]


def refusal(status: int, message: str, *reasons: str, word: str = "INVALID_ARGUMENT") -> tuple[int, Body]:
    """An error as Google's interfaces answer it (cloud.google.com/apis/design/errors)."""
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason} for reason in reasons]
    return status, {"error": {"code": status, "message": message, "status": word, "details": details}}


def no_grant(description: str) -> tuple[int, Body]:
    """How an access token is refused (RFC 6749, section 5.2)."""
    return 400, {"error": "invalid_grant", "error_description": description}


def pem(key: Key) -> str:
    """The private key as it stands in a key file."""
    return key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def user(*, disabled: bool = False, **claims: object) -> Body:
    """A user as they are listed."""
    return {"localId": "u", "disabled": disabled, **({"customAttributes": json.dumps(claims)} if claims else {})}


class Google:
    """All services at one address.

    Attributes:
        answers: status and body by path, instead of what is right.
        raw: the bytes to answer everything with.
        users: those of the project, page by page.
        seconds: how far its clock is ahead.
        age: the `Age` of its answers, as a cache between gives it.
        asked: each request: path, headers, query and body.
    """

    def __init__(self, key: Key) -> None:
        self.key = key
        self.answers: dict[str, tuple[int, Body]] = {}
        self.raw: bytes | None = None
        self.users: Sequence[Sequence[Body]] = [[user(role="ADMIN")]]
        self.seconds = 0.0
        self.age: str | None = None
        self.asked: list[tuple[str, Mapping[str, str], dict[str, list[str]], bytes]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def endpoints(self) -> Endpoints:
        url = self.url
        return Endpoints(certificates=url + CERTIFICATES, token=url + TOKEN, toolkit=url, secure_token=url)

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def bodies(self, path: str) -> list[bytes]:
        """What was sent to `path`."""
        return [body for asked, _, _, body in self.asked if asked == path]

    def answer(
        self, path: str, headers: Mapping[str, str], query: dict[str, list[str]], body: bytes
    ) -> tuple[int, Body]:
        self.asked.append((path, headers, query, body))
        if path in self.answers:
            return self.answers[path]
        if path == CERTIFICATES:
            return 200, {"kid-1": "-----BEGIN CERTIFICATE-----", "kid-2": "-----BEGIN CERTIFICATE-----"}
        if path == TOKEN:
            return self._token(body)
        if path.startswith(f"{CONFIG}/"):
            if headers.get("Authorization") != f"Bearer {ACCESS_TOKEN}":
                return refusal(401, "Request had invalid authentication credentials.", word="UNAUTHENTICATED")
            return self._administer(path, query)
        if headers.get("X-Goog-Api-Key") != API_KEY:
            return refusal(400, "API key not valid. Please pass a valid API key.", "API_KEY_INVALID")
        return {
            CONFIG: (200, {"projectId": NUMBER, "authorizedDomains": ["localhost", f"{PROJECT}.firebaseapp.com"]}),
            REFRESH: refusal(400, "INVALID_REFRESH_TOKEN"),
            SIGN_IN: refusal(400, "INVALID_LOGIN_CREDENTIALS"),
            AUTH_URI: (200, {"authUri": f"https://accounts.google.com/o/oauth2/auth?client_id={NUMBER}-web"}),
        }.get(path, refusal(404, "Not found."))

    def _token(self, body: bytes) -> tuple[int, Body]:
        form = parse_qs(body.decode())
        assertion = form["assertion"][0]
        try:
            claims = jwt.decode(
                assertion, self.key.private.public_key(), ["RS256"], audience="https://oauth2.googleapis.com/token",
                options={"verify_iat": False, "verify_exp": False},
            )  # fmt: skip
        except jwt.InvalidSignatureError:
            return no_grant("Invalid JWT Signature.")
        if claims["iss"] != EMAIL:
            return no_grant("Invalid grant: account not found")
        if not abs(claims["iat"] - (time() + self.seconds)) < 300:
            return no_grant(
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your "
                "iat and exp values in the JWT claim."
            )
        return 200, {"access_token": ACCESS_TOKEN, "expires_in": 3599, "token_type": "Bearer"}

    def _administer(self, path: str, query: dict[str, list[str]]) -> tuple[int, Body]:
        if path == USERS:
            page = int(query.get("nextPageToken", ["0"])[0])
            more = {"nextPageToken": str(page + 1)} if page + 1 < len(self.users) else {}
            return 200, {"users": self.users[page], **more} if self.users else {}
        if path == UPDATE:
            return refusal(400, "USER_NOT_FOUND")
        return 200, {"kind": "identitytoolkit#GetAccountInfoResponse"}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        google = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.do_POST()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                url = urlsplit(self.path)
                status, answer = google.answer(url.path, dict(self.headers.items()), parse_qs(url.query), body)
                content = json.dumps(answer).encode() if google.raw is None else google.raw
                self.send_response_only(status)
                self.send_header("Date", formatdate(time() + google.seconds, usegmt=True))
                if google.age is not None:
                    self.send_header("Age", google.age)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
                pass

        return Handler


@contextmanager
def google_services(key: Key) -> Generator[Google, None, None]:
    """The services inside the block, with a service account whose key is `key`."""
    google = Google(key)
    try:
        yield google
    finally:
        google.stop()


def project(key: Key, **changes: Any) -> FirebaseProject:
    """A project as it should be, unless `changes` say otherwise."""
    usual: dict[str, Any] = {
        "project_id": PROJECT,
        "web_api_key": API_KEY,
        "google_client_id": CLIENT_ID,
        "google_client_secret": SECRET_OF_CLIENT,
        "account": ServiceAccount(EMAIL, pem(key)),
    }
    return FirebaseProject(**{**usual, **changes})


async def examined(google: Google, tried: FirebaseProject) -> list[Finding]:
    """What is found; none of it holds a secret."""
    findings = list((await examine(tried, time, google.endpoints)).findings)
    told = repr(findings)
    assert ACCESS_TOKEN not in told
    assert str(tried.web_api_key) not in told
    assert tried.account is None or tried.account.private_key[60:90] not in told
    return findings


def of(findings: Sequence[Finding], subject: str) -> list[tuple[Severity, str]]:
    return [(finding.severity, finding.detail) for finding in findings if finding.subject == subject]


def wrong(findings: Sequence[Finding]) -> list[Finding]:
    """All that is not fine."""
    return [finding for finding in findings if finding.severity is not Severity.FINE]
