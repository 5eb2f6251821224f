"""A service account's key: the ways of passing it that work, and what is said of each that cannot."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from salebell_server.settings import Settings
from salebell_server.settings.private_key import private_key
from tests.firebase.google import certificate_of

PASSPHRASE = BestAvailableEncryption(b"passphrase")

Change = Callable[[str], str]

ACCEPTED: dict[str, Change] = {
    "as it is": lambda pem: pem,
    "escaped": lambda pem: pem.replace("\n", r"\n"),
    "escaped twice": lambda pem: pem.replace("\n", r"\\n"),
    "escaped again and again": lambda pem: pem.replace("\n", r"\\\\n"),
    "escaped line ends of Windows": lambda pem: pem.replace("\n", r"\r\n"),
    "line ends of Windows": lambda pem: pem.replace("\n", "\r\n"),
    "line ends of old Macs": lambda pem: pem.replace("\n", "\r"),
    "in double quotes": lambda pem: f'"{pem}"',
    "in single quotes": lambda pem: f"'{pem}'",
    "in both": lambda pem: f"'\"{pem}\"'",
    "in escaped quotes": lambda pem: rf"\"{pem}\"".replace("\n", r"\n"),
    "escaped and in quotes": lambda pem: json.dumps(pem),
    "a line of the key file": lambda pem: json.dumps(pem) + ",",
    "encoded as JSON twice": lambda pem: json.dumps(json.dumps(pem)),
    "without the last line end": lambda pem: pem.strip(),
    "spaces around": lambda pem: f"  {pem}  ",
    "escaped line ends around": lambda pem: rf"\n{pem}\n",
    "indented": lambda pem: "\n".join(f"    {line}" for line in pem.splitlines()),
    "empty lines between": lambda pem: pem.replace("\n", "\n\n"),
    "spaces instead of line ends": lambda pem: pem.replace("\n", " "),
    "nothing instead of line ends": lambda pem: pem.replace("\n", ""),
    "escaped and real": lambda pem: pem.replace("\n", "\\n\n"),
}


@pytest.mark.parametrize("change", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_a_key_comes_out_as_it_was(pem: str, change: Change) -> None:
    assert private_key(change(pem)) == pem


def test_the_older_form_is_a_key_too(rsa_key: rsa.RSAPrivateKey) -> None:
    older = rsa_key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    assert private_key(older.replace("\n", r"\n")) == older


@pytest.mark.parametrize("quote", ['"{}"', "'{}'", "{}"])
def test_a_key_in_a_file_of_variables(pem: str, quote: str, tmp_path: Path) -> None:
    file = tmp_path / "server.env"
    escaped = pem.replace("\n", r"\n")
    file.write_text(
        "FIREBASE_PROJECT_ID=my-shop-1a2b3\n"
        f"FIREBASE_WEB_API_KEY=AIza{'k' * 35}\n"
        "FIREBASE_CLIENT_EMAIL=sdk@my-shop-1a2b3.iam.gserviceaccount.com\n"
        f"FIREBASE_PRIVATE_KEY={quote.format(escaped)}\n"
    )
    project = Settings.from_environ({"SALEBELL_ENV_FILE": str(file)}).firebase
    assert project is not None
    assert project.account is not None
    assert project.account.private_key == pem


BEGIN, END = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"


def body(pem: str) -> str:
    return pem.removeprefix(BEGIN).removesuffix(f"{END}\n").strip()


def damaged(pem: str) -> str:
    """Other characters in the middle, so that it is no key any more."""
    lines = pem.splitlines()
    lines[12] = lines[12][::-1]
    return "\n".join(lines)


def shortened(pem: str) -> str:
    lines = pem.splitlines()
    return "\n".join([*lines[:9], *lines[12:]])


REFUSED: dict[str, tuple[Change, str]] = {
    "the whole file": (
        lambda pem: json.dumps({"type": "service_account", "private_key": pem, "client_email": "x"}),
        "a whole JSON file",
    ),
    "the whole file in quotes": (lambda pem: "'" + json.dumps({"private_key": pem}) + "'", "a whole JSON file"),
    "the beginning of the file": (lambda _: "{", "a whole JSON file"),
    "a path": (lambda _: "/etc/salebell/key.json", "names a file"),
    "a path from here": (lambda _: "./key.json", "names a file"),
    "a path of a user": (lambda _: "~/keys/salebell", "names a file"),
    "a path of Windows": (lambda _: r"C:\keys\salebell", "names a file"),
    "the name of a file": (lambda _: "my-shop-1a2b3-firebase-adminsdk.json", "names a file"),
    "without its first and last line": (body, "lacks the lines"),
    "with too few hyphens": (lambda pem: pem.replace("-----", "----"), "lacks the lines"),
    "with other hyphens": (lambda pem: pem.replace("-----", "\N{EN DASH}" * 5), "lacks the lines"),
    "only its first line": (lambda _: BEGIN, "has lost its end"),
    "cut off": (lambda pem: pem[:900], "has lost its end"),
    "cut off, escaped": (lambda pem: pem.replace("\n", r"\n")[:900], "has lost its end"),
    "its first part lost": (lambda pem: pem[200:], "has lost its beginning"),
    "its lines turned round": (lambda pem: f"{END}\n{body(pem)}\n{BEGIN}", "has lost its end"),
    "a line of it lost": (shortened, "damaged"),
    "letters of it changed": (damaged, "damaged"),
    "nothing between its lines": (lambda _: f"{BEGIN}\n{END}", "nothing between"),
    "a placeholder": (lambda _: f"{BEGIN}\\n...\\n{END}", "characters that are in no key"),
    "base64 for URLs": (lambda pem: pem.replace("+", "_").replace("/", "_"), "characters that are in no key"),
    "a last line of another": (lambda pem: pem.replace(END, "-----END RSA PRIVATE KEY-----"), "does not belong"),
    "backslashes lost": (lambda pem: pem.replace("\n", "n"), "lost the backslashes"),
    "in base64 once more": (lambda pem: base64.b64encode(pem.encode()).decode(), "base64 once more"),
    "two keys": (lambda pem: pem + pem, "something besides"),
    "a note before it": (lambda pem: f"the key: {pem}", "something besides"),
    "its number": (lambda _: "0123456789abcdef0123456789abcdef01234567", "private_key_id"),
    "an API key": (lambda _: "AIza" + "k" * 35, "is no private key"),
    "a word": (lambda _: "secret", "is no private key"),
    "another thing in PEM": (lambda pem: pem.replace("PRIVATE KEY", "DH PARAMETERS"), "is no private key"),
}


@pytest.mark.parametrize(("change", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_key_is_called_by_its_name(pem: str, change: Change, words: str) -> None:
    assert words in refused(change(pem), secret=pem)


def refused(value: str, secret: str) -> str:
    """The sentence for `value`, which tells nothing of it."""
    with pytest.raises(ValueError, match=r"copy|put|decode") as raised:
        private_key(value)
    said = str(raised.value)
    parts = [part for part in secret.split() if len(part) > 20]
    assert parts
    assert not any(part in said for part in parts)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    return said


def encrypted(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, PASSPHRASE)


def encrypted_older(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, PASSPHRASE)


def public(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def public_older(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1)


def certificate(key: rsa.RSAPrivateKey) -> bytes:
    return certificate_of(key).encode()


def elliptic(_: rsa.RSAPrivateKey) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def elliptic_newer(_: rsa.RSAPrivateKey) -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def edwards(_: rsa.RSAPrivateKey) -> bytes:
    return ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def for_ssh(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (encrypted, "passphrase"),
        (encrypted_older, "passphrase"),
        (public, "public key"),
        (public_older, "public key"),
        (certificate, "certificate"),
        (elliptic, "elliptic curve"),
        (elliptic_newer, "no RSA key"),
        (edwards, "no RSA key"),
        (for_ssh, "SSH"),
    ],
)
@pytest.mark.parametrize("escape", [False, True])
def test_another_kind_of_key(
    rsa_key: rsa.RSAPrivateKey, form: Callable[[rsa.RSAPrivateKey], bytes], words: str, escape: bool
) -> None:
    value = form(rsa_key).decode()
    assert words in refused(value.replace("\n", r"\n") if escape else value, secret=value)
