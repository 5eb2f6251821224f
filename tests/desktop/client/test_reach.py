"""What the errors of networks mean. How they arise is in `test_http`, `test_dialer` and `test_tls`."""

import errno
import socket
import ssl

import pytest

from salebell_desktop.client import reach
from salebell_desktop.connection.reasons import LOST, SILENT, UNREACHABLE

REFUSED = OSError(errno.ECONNREFUSED, "Connect call failed")
NO_ROUTE = OSError(errno.EHOSTUNREACH, "Connect call failed")
SLOW = OSError(errno.ETIMEDOUT, "Connect call failed")


def several(*errors: OSError) -> OSError:
    """As httpx's network library tells of several addresses."""
    error = OSError("All connection attempts failed")
    error.__cause__ = ExceptionGroup("multiple connection attempts failed", errors)
    return error


def in_words(*errors: OSError) -> OSError:
    """As asyncio does."""
    return OSError("Multiple exceptions: " + ", ".join(f"{error}" for error in errors))


def raised_from(cause: BaseException) -> Exception:
    error = RuntimeError("All connection attempts failed")
    error.__context__ = cause
    return error


def tls(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}]")
    error.reason = reason
    return error


def certificate(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    return error


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), reach.NOT_FOUND),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), reach.NOT_FOUND),
        (REFUSED, reach.REFUSED),
        (raised_from(REFUSED), reach.REFUSED),
        (several(NO_ROUTE, REFUSED), reach.REFUSED),
        (several(NO_ROUTE, SLOW), SILENT),
        (several(NO_ROUTE, NO_ROUTE), reach.NO_WAY),
        (in_words(NO_ROUTE, REFUSED), reach.REFUSED),
        (in_words(NO_ROUTE, SLOW), SILENT),
        (in_words(NO_ROUTE, NO_ROUTE), reach.NO_WAY),
        (OSError("Multiple exceptions: [WinError 5] Access is denied, or so"), UNREACHABLE),
        (NO_ROUTE, reach.NO_WAY),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), reach.NO_WAY),
        (SLOW, SILENT),
        (TimeoutError(), SILENT),
        (ConnectionResetError(), LOST),
        (BrokenPipeError(), LOST),
        (tls("DECRYPTION_FAILED_OR_BAD_RECORD_MAC"), LOST),
        (OSError(errno.EMFILE, "Too many open files"), UNREACHABLE),
        (RuntimeError(), UNREACHABLE),
    ],
)
def test_without_an_answer(error: BaseException, sentence: str) -> None:
    assert reach.of_network(error, securing=False) == reach.Obstacle(sentence)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (tls("WRONG_VERSION_NUMBER"), reach.NO_TLS),
        (tls("RECORD_LAYER_FAILURE"), reach.NO_TLS),
        (tls("TLSV1_ALERT_PROTOCOL_VERSION"), reach.TLS_FAILED),
        (tls("UNEXPECTED_EOF_WHILE_READING"), reach.TLS_FAILED),
        (ConnectionResetError(), reach.TLS_FAILED),
        (REFUSED, reach.REFUSED),
        (certificate(9), reach.NOT_YET),
        (certificate(10), reach.EXPIRED),
        (certificate(62), reach.OTHER_NAME),
        (certificate(64), reach.OTHER_NAME),
        (certificate(26), reach.BAD_CERTIFICATE),
        (raised_from(certificate(10)), reach.EXPIRED),
    ],
)
def test_while_tls_is_agreed_on(error: BaseException, sentence: str) -> None:
    assert reach.of_network(error, securing=True) == reach.Obstacle(sentence)


@pytest.mark.parametrize("code", [2, 18, 19, 20, 21])
def test_where_another_authority_helps(code: int) -> None:
    assert reach.of_network(certificate(code), securing=True) == reach.Obstacle(reach.UNTRUSTED, untrusted=True)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (200, reach.NOT_SALEBELL),
        (301, reach.ELSEWHERE),
        (308, reach.ELSEWHERE),
        (403, reach.NOT_SALEBELL),
        (404, reach.NOT_SALEBELL),
        (429, reach.BUSY),
        (500, reach.FAILED),
        (502, reach.NOT_READY),
        (503, reach.NOT_READY),
        (504, reach.NOT_READY),
        (520, reach.FAILED),
    ],
)
def test_statuses(status: int, sentence: str) -> None:
    assert reach.of_status(status) == sentence
