"""Certificates: made with a library that keyring brings along on Linux alone."""

import datetime as dt
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from salebell_desktop.client.address import parse_address
from salebell_desktop.client.dialer import DialFailure, WebsocketDialer
from salebell_desktop.client.http import ServerHttp
from salebell_desktop.identity.errors import ServerUnreachable

pytest.importorskip("cryptography")
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

pytestmark = pytest.mark.plain_asyncio


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost that it signed itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@pytest.fixture
async def port(certificate: Path) -> AsyncIterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def greet(connection: ServerConnection) -> None:
        await connection.send("hello")

    async with serve(greet, "localhost", 0, ssl=context) as server:
        yield next(iter(server.sockets)).getsockname()[1]


async def test_a_certificate_that_is_trusted_here(port: int, certificate: Path) -> None:
    dial = WebsocketDialer("test", tls=lambda: ssl.create_default_context(cafile=str(certificate)))
    socket = await dial(f"wss://localhost:{port}/ws")
    assert await socket.receive() == "hello"
    await socket.close()


async def test_one_that_is_not(port: int) -> None:
    with pytest.raises(DialFailure, match="certificate is not trusted"):
        await WebsocketDialer("test")(f"wss://localhost:{port}/ws")
    http = ServerHttp(parse_address(f"wss://localhost:{port}"), "test")
    with pytest.raises(ServerUnreachable, match="certificate is not trusted"):
        await http.client_config()
    await http.close()
