"""Why there is no answer of Salebell at an address, in plain words: the same for sockets and for HTTP."""

import asyncio
import errno
import re
import ssl
from collections.abc import Iterator
from enum import Enum, auto
from socket import gaierror
from typing import cast
from urllib.parse import urlsplit

import msgspec

from salebell_desktop.connection.reasons import LOST, SILENT, UNREACHABLE

PROBE_SECONDS = 1.0
"""Finding out whether a server wants TLS may take so long; plain addresses are on this computer."""

NOT_FOUND = "There is no server of that name, or this computer is offline."
NO_WAY = "This computer is offline, or there is no way from it to the server."
REFUSED = "The computer at this address answers, but no server is listening there."

NOT_SALEBELL = "Something else than Salebell answers at this address."
ELSEWHERE = "The server sends elsewhere. Please check its address."
BUSY = "The server has too many requests just now."
NOT_READY = "The server is not ready just now."
FAILED = "The server failed to answer."

UNTRUSTED = "The server's certificate is not trusted on this computer."
EXPIRED = "The server's certificate has run out, or the clock of this computer is wrong."
NOT_YET = "The server's certificate is not valid yet, or the clock of this computer is wrong."
OTHER_NAME = "The server's certificate is for another name than the one in its address."
BAD_CERTIFICATE = "The server's certificate is faulty. Please ask whoever runs your server."
WANTS_TLS = "The server at this address wants an encrypted connection. Begin its address with wss://."
NO_TLS = "The server at this address offers no encrypted connection. Please check its address."
TLS_FAILED = "No encrypted connection to the server could be made. Please ask whoever runs your server."

OLDER_SERVER = "This server is too old for this version of Salebell. Please ask whoever runs your server."
UNKNOWN_MEANS = "This server signs in by means that this version of Salebell does not know."

# docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error, section "Error codes"
_UNTRUSTED_CODES = frozenset({2, 18, 19, 20, 21})
_SENTENCES_BY_CODE = {9: NOT_YET, 10: EXPIRED, 62: OTHER_NAME, 64: OTHER_NAME}

_NOT_TLS = frozenset(
    {
        "HTTP_REQUEST",
        "PACKET_LENGTH_TOO_LONG",
        "RECORD_LAYER_FAILURE",
        "UNEXPECTED_MESSAGE",
        "UNKNOWN_PROTOCOL",
        "WRONG_VERSION_NUMBER",
    }
)
"""What OpenSSL calls an answer that is no TLS; it depends on its version."""

_NO_WAY_CODES = frozenset({errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL})
_NUMBER = re.compile(r"\[(Errno|WinError) (\d+)\]")


class Obstacle(msgspec.Struct, frozen=True):
    """What is in the way.

    Attributes:
        sentence: for people.
        untrusted: it is the certificate, and knowing one more certificate authority may help.
    """

    sentence: str
    untrusted: bool = False


def of_network(error: BaseException, *, securing: bool) -> Obstacle:
    """What kept a connection from being opened, or ended it.

    Args:
        error: as it was raised; what it was raised from counts too.
        securing: TLS was wanted, and not known to be agreed on.
    """
    causes = tuple(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _of_certificate(cause.verify_code)
        if isinstance(cause, ssl.SSLError) and securing:
            return Obstacle(NO_TLS if cause.reason in _NOT_TLS else TLS_FAILED)
        if isinstance(cause, ssl.SSLError):
            return Obstacle(LOST)
        if isinstance(cause, gaierror):
            return Obstacle(NOT_FOUND)
    # A name can stand for several addresses: what is nearest to an answer tells the most.
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return Obstacle(REFUSED)
    if any(isinstance(cause, ConnectionError) for cause in causes):
        return Obstacle(TLS_FAILED if securing else LOST)
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return Obstacle(SILENT)
    if any(isinstance(cause, OSError) and cause.errno in _NO_WAY_CODES for cause in causes):
        return Obstacle(NO_WAY)
    return Obstacle(UNREACHABLE)


def of_status(status: int) -> str:
    """The sentence for a status of HTTP that Salebell did not explain."""
    if 300 <= status < 400:
        return ELSEWHERE
    if status == 429:
        return BUSY
    if status in (502, 503, 504):
        return NOT_READY
    return FAILED if status >= 500 else NOT_SALEBELL


async def of_stranger(url: str, *, hung_up: bool = False) -> str:
    """The sentence for an address where something answers that does not speak as Salebell does.

    Asked in plain, a server that wants TLS says so in words of its own, or says nothing: it is asked for TLS.

    Args:
        url: what was asked.
        hung_up: the connection ended before a whole answer. So it does at a proxy whose server is down.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "ws"):
        return LOST if hung_up else NOT_SALEBELL
    match await _asked_for_tls(parts.hostname or "", parts.port or 80):
        case _Heard.TLS:
            return WANTS_TLS
        case _Heard.NOTHING if hung_up:
            return LOST
        case _:
            return NOT_SALEBELL


class _Heard(Enum):
    """What somebody says who is asked for TLS."""

    TLS = auto()
    SOMETHING = auto()
    NOTHING = auto()


async def _asked_for_tls(host: str, port: int) -> _Heard:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Nothing is sent to whoever it is.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=context)
    except ssl.SSLEOFError:
        return _Heard.NOTHING
    except ssl.SSLError as error:
        return _Heard.SOMETHING if error.reason in _NOT_TLS else _Heard.TLS  # it refuses in the words of TLS
    except TimeoutError:
        return _Heard.SOMETHING  # it waits for words of another kind
    except OSError:
        return _Heard.NOTHING
    writer.transport.abort()
    return _Heard.TLS


def _of_certificate(code: int) -> Obstacle:
    if code in _UNTRUSTED_CODES:
        return Obstacle(UNTRUSTED, untrusted=True)
    return Obstacle(_SENTENCES_BY_CODE.get(code, BAD_CERTIFICATE))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, with all that it was raised from."""
    following: BaseException | None = error
    while following is not None:
        yield following
        if isinstance(following, BaseExceptionGroup):
            group = cast("BaseExceptionGroup[BaseException]", following)
            for one in group.exceptions:
                yield from _causes(one)
        elif isinstance(following, OSError) and following.errno is None:
            yield from _told_in_words(following)
        following = following.__cause__ or following.__context__


def _told_in_words(error: OSError) -> Iterator[OSError]:
    """What asyncio puts into one text when it has tried several addresses, each as the error that it was."""
    for kind, number in _NUMBER.findall(str(error)):
        yield OSError(int(number), "") if kind == "Errno" else OSError(0, "", None, int(number))
