"""Who may vouch for servers: the certificate authorities of the system, and those that the user chose."""

import logging
import re
import ssl
import threading
from functools import cache
from pathlib import Path

from salebell_desktop.whole_file import write_whole

LONGEST = 1_000_000
"""Bytes of a file of certificates; those of all public authorities together are a quarter of it."""

UNREADABLE = "This file cannot be read."
TOO_LARGE = "This file is too large to hold certificates."
NONE_INSIDE = "There is no certificate in this file. Please ask whoever runs your server for the right file."
DAMAGED = "A certificate in this file cannot be read. Please ask whoever runs your server for the right file."
NOT_SAVED = "The certificates could not be saved on this computer."

_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----")
_BEGIN = b"-----BEGIN CERTIFICATE-----"
_DER = b"\x30"
"""What a certificate begins with that is not in PEM, which is how Windows writes them unless told otherwise."""
_FILE = "authorities.pem"

_logger = logging.getLogger(__name__)


class TrustRefused(Exception):
    """A file of certificates was not taken. The text is a sentence for people."""


@cache
def system_trust() -> ssl.SSLContext:
    """The system's certificate authorities alone. They are read once."""
    return ssl.create_default_context()


class Trust:
    """TLS settings that can be told of more certificate authorities, such as a shop's own.

    The chosen ones are copied: the file may have come on a memory stick. Of what is in it, only certificates are.
    A choice lasts until another takes its place, or `salebell --reset` forgets it. For any thread.

    Args:
        settings: the directory to keep the copy in; it exists.
    """

    def __init__(self, settings: Path) -> None:
        self._path = settings / _FILE
        self._context: ssl.SSLContext | None = None
        self._changing = threading.Lock()

    @property
    def chosen(self) -> bool:
        """Whether the user chose any."""
        return self._path.exists()

    def context(self) -> ssl.SSLContext:
        """The settings for connections: the same object until a choice changes them."""
        with self._changing:
            if self._context is None:
                self._context = self._read()
            return self._context

    def choose(self, path: Path) -> None:
        """Trust the authorities in a file too, in place of those that were chosen before.

        Raises:
            TrustRefused: that is no such file, or the choice cannot be kept. Nothing has changed then.
        """
        certificates = _certificates(_content(path))
        context = _trusting(certificates)
        with self._changing:
            self._keep(certificates)
            self._context = context

    def _keep(self, certificates: bytes) -> None:
        try:
            write_whole(self._path, certificates)
        except OSError:
            raise TrustRefused(NOT_SAVED) from None

    def _read(self) -> ssl.SSLContext:
        try:
            return _trusting(_certificates(_content(self._path))) if self.chosen else system_trust()
        except TrustRefused as refused:
            _logger.warning("the certificate authorities in %s are not used: %s", self._path, refused)
            return system_trust()


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST + 1)
    except OSError:
        raise TrustRefused(UNREADABLE) from None
    if len(content) > LONGEST:
        raise TrustRefused(TOO_LARGE)
    return content


def _certificates(content: bytes) -> bytes:
    """The certificates in a file, as PEM (RFC 7468, section 5)."""
    if content.startswith(_DER):
        content = ssl.DER_cert_to_PEM_cert(content).encode()
    found = _BLOCK.findall(content)
    if len(found) < content.count(_BEGIN):
        raise TrustRefused(DAMAGED)
    if not found:
        raise TrustRefused(NONE_INSIDE)
    return b"\n".join(found) + b"\n"


def _trusting(certificates: bytes) -> ssl.SSLContext:
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(cadata=certificates.decode("ascii"))
    except (ssl.SSLError, ValueError):
        raise TrustRefused(DAMAGED) from None
    # The user has vouched for these: also for one that is a server's own, or that lacks what public authorities must
    # have (from Python 3.13 on the default is to be strict, and to take a server's own).
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags &= ~ssl.VerifyFlags.VERIFY_X509_STRICT
    return context
