"""Google's pages for signing in, on loopback: they agree at once, and are strict about what OAuth asks of a program.

(developers.google.com/identity/protocols/oauth2/native-app)
"""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

CLIENT_ID = "1234-test.apps.googleusercontent.com"
CLIENT_SECRET = "GOCSPX-not-a-secret"
_SECONDS = 4_000_000_000


class GooglePages:
    """The page that asks who somebody is, and the exchange of the code that it gives.

    Attributes:
        email: who signs in; "" for somebody who declines.
        claims: what the ID token says besides, or otherwise.
        exchange_error: what the exchange answers instead of a token: a status and an error.
        asked: the parameters of each visit to the page.
        exchanged: the form of each exchange.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.email = "ana@shop.example"
        self.claims: dict[str, object] = {}
        self.exchange_error: tuple[int, str] | None = None
        self.asked: list[dict[str, str]] = []
        self.exchanged: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}

    @property
    def authorize(self) -> str:
        """Where the browser goes."""
        return f"{self.url}/o/oauth2/v2/auth"

    @property
    def exchange(self) -> str:
        """Where codes are exchanged."""
        return f"{self.url}/token"

    def visit(self, asked: dict[str, str]) -> tuple[int, str]:
        """The status, and where the browser is sent."""
        self.asked.append(asked)
        redirect = urlsplit(asked.get("redirect_uri", ""))
        honest = (
            asked.get("client_id") == CLIENT_ID
            and asked.get("response_type") == "code"
            and asked.get("code_challenge_method") == "S256"
            and len(asked.get("code_challenge", "")) == 43
            and "openid" in asked.get("scope", "").split()
            and (redirect.scheme, redirect.hostname) == ("http", "127.0.0.1")
        )
        if not honest:
            return 400, ""
        answer = {"state": asked.get("state", "")}
        if self.email:
            code = secrets.token_urlsafe(16)
            self._codes[code] = asked
            answer["code"] = code
        else:
            answer["error"] = "access_denied"
        return 302, f"{asked['redirect_uri']}?{urlencode(answer)}"

    def give(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The status and the answer of the exchange."""
        self.exchanged.append(form)
        if self.exchange_error is not None:
            status, error = self.exchange_error
            return status, {"error": error}
        asked = self._codes.pop(form.get("code", ""), None)
        if form.get("client_secret") != CLIENT_SECRET:
            return 401, {"error": "invalid_client"}
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            asked is None
            or form.get("grant_type") != "authorization_code"
            or form.get("redirect_uri") != asked["redirect_uri"]
            or _encoded(challenge) != asked["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        claims = {
            "iss": "https://accounts.google.com", "aud": CLIENT_ID, "sub": f"google-{self.email}", "email": self.email,
            "email_verified": True, "name": "Ana", "iat": 1, "exp": _SECONDS, "nonce": asked.get("nonce", ""),
        } | self.claims  # fmt: skip
        parts = [json.dumps({"alg": "RS256", "kid": "x"}).encode(), json.dumps(claims).encode(), b"signature"]
        return 200, {"id_token": ".".join(map(_encoded, parts)), "access_token": "unused", "expires_in": 3599}


def _encoded(some: bytes) -> str:
    return base64.urlsafe_b64encode(some).rstrip(b"=").decode()


@contextmanager
def google_pages() -> Generator[GooglePages, None, None]:
    """The pages inside the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, where = pages.visit(dict(parse_qsl(urlsplit(self.path).query)))
            self.send_response(status)
            if where:
                self.send_header("Location", where)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_POST(self) -> None:
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            status, answer = pages.give(form)
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Nothing: there are codes in it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pages = GooglePages(f"http://127.0.0.1:{server.server_address[1]}")
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield pages
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
