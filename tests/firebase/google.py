"""Google as a server sees it when it verifies ID tokens: keys, the tokens signed with them, and where certificates are.

The emulator signs nothing; here everything is signed, with keys of our own.
"""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

PATH = "/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com"
CACHE_CONTROL = "public, max-age=20000, must-revalidate, no-transform"
"""As Google says it."""

_HOLD_SECONDS = 30


class Key:
    """A key for RS256, and its certificate in PEM."""

    def __init__(self, kid: str, bits: int = 2048) -> None:
        self.kid = kid
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        self.certificate = certificate_of(self.private)

    def sign(self, header: object, payload: object) -> str:
        """A token with a right signature over whatever it says."""
        signed = f"{segment(header)}.{segment(payload)}"
        signature = self.private.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{base64url(signature)}"


def certificate_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    """A certificate that a key signed for itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "securetoken.system.gserviceaccount.com")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=14))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def claims(project: str, *, without: Collection[str] = (), **said: object) -> dict[str, object]:
    """What a token of now says: of an admin of all stores, unless `said` says otherwise."""
    now = int(time.time())
    uid = said.get("sub", "ana-1")
    made: dict[str, object] = {
        "iss": f"https://securetoken.google.com/{project}",
        "aud": project,
        "auth_time": now,
        "user_id": uid,
        "sub": uid,
        "iat": now,
        "exp": now + 3600,
        "email": "ana@example.com",
        "email_verified": True,
        "name": "Ana",
        "role": "ADMIN",
        "firebase": {"identities": {"email": ["ana@example.com"]}, "sign_in_provider": "password"},
        **said,
    }
    return {name: value for name, value in made.items() if name not in without}


def mint(
    key: Key,
    project: str,
    *,
    header: Mapping[str, object] | None = None,
    without: Collection[str] = (),
    **said: object,
) -> str:
    """An ID token.

    Args:
        key: signs it.
        project: whom it is for.
        header: takes the place of the true header.
        without: claims that it lacks.
        said: claims that it has, instead of the usual ones or besides.
    """
    head = {"alg": "RS256", "kid": key.kid, "typ": "JWT"} if header is None else header
    return key.sign(head, claims(project, without=without, **said))


def unsigned(payload: object, header: object = None) -> str:
    """A token as an emulator makes them, which everybody can forge."""
    return f"{segment({'alg': 'none', 'typ': 'JWT'} if header is None else header)}.{segment(payload)}."


def with_hmac(header: object, payload: object, secret: bytes) -> str:
    """A token signed with HS256: who takes a public key for the secret would accept it (RFC 8725, section 2.1)."""
    signed = f"{segment(header)}.{segment(payload)}"
    return f"{signed}.{base64url(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def segment(said: object) -> str:
    """A part of a token: JSON, or bytes as they are, in base64url."""
    return base64url(said if isinstance(said, bytes) else json.dumps(said).encode())


def base64url(content: bytes) -> str:
    """Without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class CertificateServer:
    """Serves certificates on loopback, well or badly; what it does may be changed at any time.

    Attributes:
        keys: whose certificates it has.
        content: what it answers instead of certificates.
        status: of the answers.
        headers: of the answers.
        fetches: how often it was asked.
    """

    def __init__(self, *keys: Key) -> None:
        self.keys = list(keys)
        self.content: bytes | None = None
        self.status = 200
        self.headers: dict[str, str] = {"Cache-Control": CACHE_CONTROL}
        self.fetches = 0
        self._open = threading.Event()
        self._open.set()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        """Of the certificates."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{PATH}"

    def hold(self) -> None:
        """Answer nobody from now on, until `let_go`."""
        self._open.clear()

    def let_go(self) -> None:
        """Answer those who wait, and the others."""
        self._open.set()

    def stop(self) -> None:
        """End it. Harmless when repeated."""
        self.let_go()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self) -> tuple[int, Mapping[str, str], bytes]:
        with self._lock:
            self.fetches += 1
        self._open.wait(_HOLD_SECONDS)
        content = self.content
        if content is None:
            content = json.dumps({key.kid: key.certificate for key in self.keys}).encode()
        return self.status, self.headers, content

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self._answer

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, headers, content = answer()
                try:
                    self.send_response(status)
                    for name, value in {"Content-Type": "application/json", **headers}.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                except ConnectionError:
                    pass  # who asked did not wait

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
                pass

        return Handler


@contextmanager
def certificate_server(*keys: Key) -> Generator[CertificateServer, None, None]:
    """A server of these keys' certificates inside the block."""
    server = CertificateServer(*keys)
    try:
        yield server
    finally:
        server.stop()
