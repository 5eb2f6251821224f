"""A service account's private key, as it comes through environments: escaped, quoted, joined, cut off.

What can only be meant in one way is taken; everything else is refused with a sentence that says what was given instead.
No sentence quotes anything of it.
"""

import re
import textwrap

_COPY = "copy the value of private_key from the service account's key file"

_LINE_END = re.compile(r"\\+r|\\+n|\r")
"""Escaped once, or as often as there were programs on the way; no key has a backslash."""
_BEGIN = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----")
_END = re.compile(r"-----END ([A-Z0-9 ]+)-----")
_AROUND = re.compile(r"[\s\\\"',]*n?[\s\\\"',]*")
"""What may stand before and behind a key: quotes, the comma of a JSON file, what is left of an escaped line end."""
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_PATH = re.compile(r"(~|\.{0,2}[/\\]|[A-Za-z]:[/\\])\S*|\S+\.(json|pem|key|p12)")
_KEY_ID = re.compile(r"[0-9a-f]{40}")

_PLAIN = ("PRIVATE KEY", "RSA PRIVATE KEY")
_OTHER = {
    "PUBLIC KEY": "is a public key, with which nothing can be signed",
    "RSA PUBLIC KEY": "is a public key, with which nothing can be signed",
    "CERTIFICATE": "is a certificate, with which nothing can be signed",
    "EC PRIVATE KEY": "is a key on an elliptic curve, where Google gives out RSA keys",
    "OPENSSH PRIVATE KEY": "is a key for SSH",
    "ENCRYPTED PRIVATE KEY": "is protected by a passphrase, which is never the case for one that Google gives out",
}
"""What else is written in this form (RFC 7468), by its label."""


def private_key(text: str) -> str:
    """The key in PEM (RFC 7468), without what the way here has done to it.

    Args:
        text: the key with its line ends real, escaped or lost, in quotes or not.

    Raises:
        ValueError: with a sentence, which says what it is instead.
    """
    text = _LINE_END.sub("\n", text)
    begins, ends = list(_BEGIN.finditer(text)), list(_END.finditer(text))
    if text.lstrip(" \n\"'").startswith("{"):
        raise ValueError(
            "holds a whole JSON file: put the value of its private_key here, alone, and that of its client_email in "
            "FIREBASE_CLIENT_EMAIL"
        )
    if not begins and not ends:
        raise ValueError(_without_lines(text.strip(" \n\"'")))
    if not begins or not ends or ends[0].start() < begins[0].end():
        lost, line = ("beginning", "BEGIN") if not begins else ("end", "END")
        raise ValueError(
            f"has lost its {lost} (the line -----{line} PRIVATE KEY-----): where line ends are not kept, write each as "
            f"\\n, all on one line; {_COPY}"
        )
    around = (text[: begins[0].start()], text[ends[0].end() :])
    if not all(map(_AROUND.fullmatch, around)):
        raise ValueError(f"holds something besides the key: {_COPY}, alone")
    label = begins[0][1]
    _check_label(label, text)
    body = _body(text[begins[0].end() : ends[0].start()])
    if label != ends[0][1]:
        raise ValueError(f"has a last line that does not belong to the first: {_COPY}")
    pem = f"-----BEGIN {label}-----\n{textwrap.fill(body, 64)}\n-----END {label}-----\n"
    _load(pem)
    return pem


def _without_lines(text: str) -> str:
    """What is given in place of a key, where neither its first nor its last line is there."""
    if text.startswith("LS0tLS1CRUdJTi"):
        return "is a key in base64 once more: decode it, and put what comes out of it here"
    if _PATH.fullmatch(text):
        return "names a file: put the value of private_key in that file here, not where it is"
    if _KEY_ID.fullmatch(text):
        return f"is the number of a key (private_key_id): {_COPY}"
    if "PRIVATE KEY" in text or (text.startswith("MII") and len(text) > len("MII") + 64):
        return (
            "lacks the lines -----BEGIN PRIVATE KEY----- and -----END PRIVATE KEY-----, five hyphens on each side: "
            f"{_COPY}, whole"
        )
    return f"is no private key: {_COPY}, which begins with -----BEGIN PRIVATE KEY-----"


def _check_label(label: str, text: str) -> None:
    if label in _OTHER:
        raise ValueError(f"{_OTHER[label]}: {_COPY}")
    if label not in _PLAIN:
        raise ValueError(f"is no private key: {_COPY}")
    if "Proc-Type:" in text:  # how the older form says it (RFC 1421, section 4.6.1.1)
        raise ValueError(f"{_OTHER['ENCRYPTED PRIVATE KEY']}: {_COPY}")


def _body(text: str) -> str:
    """The key itself, in base64 without line ends; those may have become spaces on the way."""
    body = "".join(text.split())
    if not body:
        raise ValueError(f"has nothing between its first and its last line: {_COPY}")
    if body.startswith("nMI"):
        raise ValueError(
            r"has lost the backslashes of its line ends (n instead of \n): put the value in single quotes, where a "
            "shell reads it"
        )
    if not _BASE64.fullmatch(body):
        raise ValueError(f"holds characters that are in no key: {_COPY}, unchanged")
    return body


def _load(pem: str) -> None:
    # Imported here: most servers and commands have no such key.
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError(f"is damaged, or a part of it is missing: {_COPY}, unchanged and whole") from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError(f"is no RSA key, as Google gives them out: {_COPY}")  # noqa: TRY004 - a value is wrong
