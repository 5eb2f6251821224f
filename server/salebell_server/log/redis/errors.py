"""What goes wrong between this program and Redis, in words for people. They never hold a password."""

import os
import re
import socket
import ssl
from collections.abc import Generator
from enum import Enum

from redis import exceptions

from salebell_server.log import LogUnavailable

MAX_WORDS = 200
"""Characters of the server's own words that a sentence quotes at the most."""


class Cause(Enum):
    """Why Redis cannot be used now, each as the start of a sentence."""

    UNREACHABLE = "Redis cannot be reached"
    SILENT = "Redis does not answer in time"
    CROWDED = "Redis takes no more connections"
    TLS = "the encrypted connection to Redis fails"
    PROTOCOL = "what answers does not speak as Redis does"
    SIGN_IN = "Redis does not accept the user name or password"
    PERMISSION = "Redis does not permit this user a command or a key"
    DATABASE = "Redis has no such database"
    CLUSTER = "Redis runs as a Cluster, and Salebell needs a single node"
    LOADING = "Redis is loading its data"
    FULL = "Redis is full"
    READ_ONLY = "Redis is a replica that cannot be written to"
    DISK = "Redis cannot write to its disk"
    BUSY = "Redis is busy with a script"
    REPLICAS = "Redis has too few replicas to accept writes"
    FOREIGN = "Redis holds something of another program under a key of Salebell's"
    DAMAGED = "Redis holds something that Salebell did not write"
    REFUSED = "Redis refuses a command"


class RedisUnavailable(LogUnavailable):
    """Redis cannot be used now.

    Attributes:
        cause: why, for programs.
    """

    def __init__(self, cause: Cause, words: str = "") -> None:
        words = " ".join(words.split()).rstrip(".")[:MAX_WORDS]
        super().__init__(f"{cause.value} ({words})" if words else cause.value)
        self.cause = cause


_CODES = {
    "OOM": Cause.FULL,
    "READONLY": Cause.READ_ONLY,
    "LOADING": Cause.LOADING,
    "MASTERDOWN": Cause.READ_ONLY,
    "MISCONF": Cause.DISK,
    "BUSY": Cause.BUSY,
    "UNKILLABLE": Cause.BUSY,
    "NOREPLICAS": Cause.REPLICAS,
    "WRONGTYPE": Cause.FOREIGN,
    "WRONGPASS": Cause.SIGN_IN,
    "NOAUTH": Cause.SIGN_IN,
    "NOPERM": Cause.PERMISSION,
    "DENIED": Cause.PERMISSION,
    "MOVED": Cause.CLUSTER,
    "ASK": Cause.CLUSTER,
    "TRYAGAIN": Cause.CLUSTER,
    "CROSSSLOT": Cause.CLUSTER,
    "CLUSTERDOWN": Cause.CLUSTER,
}
"""By the first word of an error (redis.io/docs/latest/develop/reference/protocol-spec, "Simple errors")."""

_CODE = re.compile(rf"(?:^|: -)({'|'.join(_CODES)}) ")
"""A code at the start, or where Redis 6 has it for a command inside a script: `… @user_script: 5: -OOM command …`."""

_PHRASES = {
    "max number of clients": Cause.CROWDED,
    "DB index is out of range": Cause.DATABASE,
    "Invalid Database": Cause.DATABASE,
    "not allowed in cluster mode": Cause.CLUSTER,
    "don't hash to the same slot": Cause.CLUSTER,
    "access non local keys": Cause.CLUSTER,
    "invalid password": Cause.SIGN_IN,
    "AUTH": Cause.SIGN_IN,
    "can't run this command or subcommand": Cause.PERMISSION,
    "can't access at least one of the keys": Cause.PERMISSION,
    "ACL failure in script": Cause.PERMISSION,
    "Errors trying to write": Cause.DISK,
}
"""Errors of the server's, or of the library's handshake with it, that have no code of their own."""

_BESIDES = re.compile(r"^[A-Z]+ (?=[A-Z])|, with args beginning.*| script: (?:[0-9a-f]{40}, )?on .*", re.DOTALL)
"""What the server's words have besides: the code, what was sent, and the place in a script."""

_KINDS: tuple[tuple[type[Exception], Cause], ...] = (
    (exceptions.BusyLoadingError, Cause.LOADING),
    (exceptions.AuthenticationError, Cause.SIGN_IN),
    (exceptions.AuthenticationWrongNumberOfArgsError, Cause.SIGN_IN),
    (exceptions.AuthorizationError, Cause.PERMISSION),
    (exceptions.ClusterError, Cause.CLUSTER),
    (exceptions.RedisClusterException, Cause.CLUSTER),
    (exceptions.InvalidResponse, Cause.PROTOCOL),
    (exceptions.TimeoutError, Cause.SILENT),
    (TimeoutError, Cause.SILENT),
    (ssl.SSLError, Cause.TLS),
    (UnicodeError, Cause.DAMAGED),
    (exceptions.ConnectionError, Cause.UNREACHABLE),
    (OSError, Cause.UNREACHABLE),
)
"""The most particular first."""


def unavailable(error: Exception) -> RedisUnavailable:
    """What an error of the library's or of the network's means for the log."""
    cause = _cause(error)
    return RedisUnavailable(cause, _words(error, cause))


def lost_connection(error: Exception) -> bool:
    """Whether the connection broke, which an idle one does when the server was restarted: a new one may work.

    Not when it timed out, or when the server answered. What was sent may have been carried out, or not.
    """
    return _cause(error) is Cause.UNREACHABLE


def _cause(error: Exception) -> Cause:
    if isinstance(error, exceptions.ResponseError | exceptions.ConnectionError):
        code = getattr(error, "status_code", None) or ""
        text = str(error)
        if code in _CODES:
            return _CODES[code]
        if isinstance(error, exceptions.ResponseError) and (found := _CODE.search(text)):
            return _CODES[found[1]]
        for phrase, cause in _PHRASES.items():
            if phrase in text:
                return cause
    if any(isinstance(each, ssl.SSLError) for each in _chain(error)):
        return Cause.TLS
    return next((cause for kind, cause in _KINDS if isinstance(error, kind)), Cause.REFUSED)


def _words(error: Exception, cause: Cause) -> str:
    """What the server or the operating system says about it."""
    match cause:
        case Cause.SIGN_IN | Cause.SILENT | Cause.PROTOCOL | Cause.DAMAGED:
            return ""
        case Cause.TLS:
            found = next(each for each in _chain(error) if isinstance(each, ssl.SSLError))
            return getattr(found, "verify_message", "") or found.reason or ""
        case Cause.UNREACHABLE:
            system = next((each for each in _chain(error) if isinstance(each, OSError)), None)
            return str(error) if system is None else _system_words(system)
        case _:
            return _BESIDES.sub("", str(error))


def _system_words(error: OSError) -> str:
    if isinstance(error, socket.gaierror) or not error.errno:
        return error.strerror or str(error)
    return os.strerror(error.errno)


def _chain(error: BaseException) -> Generator[BaseException, None, None]:
    """The error and what led to it: the library tells the network's errors as its own."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__
