"""The certificates whose keys Firebase signs ID tokens with: fetched ahead of need, kept for hours without Google.

Google rotates them, and publishes each before it signs with it
(https://firebase.google.com/docs/auth/admin/verify-id-tokens#verify_id_tokens_using_a_third-party_jwt_library).
"""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from http import HTTPStatus

import httpx
import msgspec
import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import InvalidVersion, load_pem_x509_certificate

from salebell_server.auth.firebase import Cause, FirebaseUnavailable
from salebell_server.auth.firebase.calls import Calls
from salebell_server.logs import traceback_of

CERTIFICATES_URL = "https://www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com"

TIMEOUT_SECONDS = 5.0
"""For one fetch as a whole."""

MAX_BYTES = 1 << 16
"""Of an answer; Google's has some 5 KB."""

MIN_FRESH_SECONDS = 300.0
MAX_FRESH_SECONDS = 86400.0
"""How long an answer is believed, whatever it says itself. Google says some hours."""

STALE_SECONDS = 6 * 3600.0
"""How long certificates are used beyond that when no new ones can be had. A key that Google withdrew meanwhile is
accepted as long."""

UNKNOWN_KEY_SECONDS = 60.0
"""How often a token that names an unknown key may cause a fetch."""

FIRST_DELAY_SECONDS = 1.0
LONGEST_DELAY_SECONDS = 60.0
"""Between two tries when a fetch failed: twice as long each time."""

MIN_KEY_BITS = 2048
"""For RS256 (RFC 7518, section 3.3)."""

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_MAX_AGE = re.compile(r'(?:^|,)\s*max-age\s*=\s*"?(\d{1,10})"?\s*(?:,|$)', re.ASCII | re.IGNORECASE)
_UNCACHED = re.compile(r"(?:^|,)\s*no-(?:store|cache)\s*(?:,|=|$)", re.IGNORECASE)

_answer = msgspec.json.Decoder(dict[str, str])
_logger = structlog.get_logger(__name__)


FETCHES_AT_ONCE = 2
"""One more than there should be: an earlier one may hang where it cannot be ended."""


class UnknownKey(Exception):
    """Google has no certificate of that name."""


class _Failed(Exception):
    """A fetch did not succeed. The text says why."""

    def __init__(self, message: str, cause: Cause = Cause.UNEXPECTED) -> None:
        super().__init__(message)
        self.cause = cause


class _State(Enum):
    """How it goes, for the log."""

    FRESH = auto()
    STALE = auto()
    """They cannot be fetched, and those at hand are used."""
    NONE = auto()
    """They cannot be fetched, and none at hand may be used."""


class _Fetched(msgspec.Struct, frozen=True):
    """What one fetch brought.

    Attributes:
        content: JSON, the certificates in PEM by their names.
        names: of the certificates.
        refresh_at: when to fetch again, by the monotonic clock.
        usable_until: when they are not to be used any more.
    """

    content: bytes
    names: frozenset[str]
    refresh_at: float
    usable_until: float


NOTHING = _Fetched(b"{}", frozenset(), float("-inf"), float("-inf"))


class Certificates:
    """The certificates, in memory. Works between `start` and `close`, on one event loop.

    Guarantees:
        - No token waits for a fetch, unless the token names an unknown key or there are none that may be used.
        - Fetches are shared by all who wait for one.
        - What tokens say causes one fetch in `UNKNOWN_KEY_SECONDS` at the most, whatever comes of it.
        - An answer that cannot be used changes nothing.

    Args:
        url: where they are: `CERTIFICATES_URL`.
        monotonic: seconds, from any start, never backwards.
        jitter: random numbers from 0 to 1, so that many servers do not fetch at the same time.
        sleep: waits for so many seconds.
        timeout: seconds that a fetch may take.
    """

    def __init__(
        self,
        url: str,
        monotonic: Callable[[], float],
        *,
        jitter: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self._url = url
        self._monotonic = monotonic
        self._jitter = jitter
        self._sleep = sleep
        self._timeout = timeout
        # On threads that keep no process from ending: a resolver may hang for a minute.
        self._calls = Calls(FETCHES_AT_ONCE, timeout)
        self._fetched = NOTHING
        self._tried_at = float("-inf")
        self._failed: _Failed | None = _Failed("they have not been fetched yet")
        self._state = _State.FRESH
        self._fetch: asyncio.Task[_Failed | None] | None = None
        self._keeping: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Fetch them, and keep them fresh from now on."""
        self._keeping = asyncio.create_task(self._keep_fresh())

    async def close(self) -> None:
        """End it, without waiting for what hangs. Harmless when repeated."""
        tasks = [task for task in (self._keeping, self._fetch) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def content(self) -> bytes:
        """Those at hand, as Google writes them: JSON, with the PEM of each by its name."""
        return self._fetched.content

    async def need(self, name: str) -> None:
        """Return when the certificate of that name is at hand.

        Raises:
            UnknownKey: there is none.
            FirebaseUnavailable: that cannot be found out now.
        """
        if self._usable and name in self._fetched.names:
            return
        if self._fetch is not None or self._monotonic() - self._tried_at >= UNKNOWN_KEY_SECONDS:
            await self.refresh()
        if self._usable and name in self._fetched.names:
            return
        if self._failed is not None:
            raise _unavailable(self._failed)
        raise UnknownKey

    async def refresh(self) -> None:
        """Fetch them now, or share the fetch that is under way.

        Raises:
            FirebaseUnavailable: they could not be fetched. Those at hand stay.
        """
        if self._fetch is None:
            self._fetch = asyncio.create_task(self._try())
        failed = await asyncio.shield(self._fetch)
        if failed is not None:
            raise _unavailable(failed)

    @property
    def _usable(self) -> bool:
        return self._monotonic() < self._fetched.usable_until

    async def _keep_fresh(self) -> None:
        failures = 0
        while True:
            try:
                await self.refresh()
            except FirebaseUnavailable:
                failures += 1
                await self._sleep(self._delay(failures))
                continue
            failures = 0
            # An unknown key may have had them fetched meanwhile.
            while (left := self._fetched.refresh_at - self._monotonic()) > 0:
                await self._sleep(left)

    def _delay(self, failures: int) -> float:
        longest = min(FIRST_DELAY_SECONDS * 2.0 ** min(failures - 1, 16), LONGEST_DELAY_SECONDS)
        return longest * (1 + self._jitter()) / 2

    async def _try(self) -> _Failed | None:
        """Fetch; None, or why it failed."""
        began = self._tried_at = self._monotonic()
        try:
            self._fetched = await self._get(began)
            self._failed = None
        except (TimeoutError, httpx.TimeoutException):
            self._failed = _Failed(f"no answer within {self._timeout:g} seconds", Cause.TIMED_OUT)
        except _Failed as failed:
            self._failed = failed.with_traceback(None)
        except httpx.HTTPError as error:
            self._failed = _Failed(str(error) or "no answer", Cause.UNREACHABLE)
        except Exception as error:  # noqa: BLE001 - a fault, here or in the settings of a proxy: it is tried again
            self._failed = _Failed("something is wrong with this server, see its log")
            _report(error)
        finally:
            self._fetch = None
        self._tell()
        return self._failed

    async def _get(self, began: float) -> _Fetched:
        content, names, fresh = await self._calls(self._download)
        return _Fetched(
            content=content,
            names=names,
            refresh_at=began + fresh * (0.75 + 0.15 * self._jitter()),
            usable_until=began + fresh + STALE_SECONDS,
        )

    def _download(self) -> tuple[bytes, frozenset[str], float]:
        """The content, the names in it, and for how long it is to be believed. Runs on a thread."""
        with self._client() as http, http.stream("GET", self._url) as answer:
            if answer.status_code != HTTPStatus.OK:
                raise _Failed(f"the answer was {answer.status_code}", _cause(answer.status_code))
            content = bytearray()
            for part in answer.iter_raw():
                content += part
                if len(content) > MAX_BYTES:
                    raise _Failed(f"the answer has more than {MAX_BYTES} bytes")
            fresh = lifetime(answer.headers.get("cache-control", ""), answer.headers.get("age", ""))
        return bytes(content), _names(bytes(content)), fresh

    def _client(self) -> httpx.Client:
        """For one fetch: the next is hours away, and what TLS needs takes memory. Also takes 20 ms to make."""
        return httpx.Client(
            timeout=self._timeout,
            # As it stands: what unpacks to more than `MAX_BYTES` never comes into being.
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            follow_redirects=False,
            trust_env=httpx.URL(self._url).host not in _LOOPBACK,
        )

    def _tell(self) -> None:
        """Tell the log when it goes otherwise than before."""
        state = _State.FRESH if self._failed is None else _State.STALE if self._usable else _State.NONE
        if state is self._state:
            return
        self._state = state
        match state:
            case _State.FRESH:
                _logger.info("Google's certificates are fetched again")
            case _State.STALE:
                _logger.warning(
                    "Google's certificates cannot be fetched; those at hand are used for some hours",
                    reason=str(self._failed),
                )
            case _State.NONE:
                _logger.error("Google's certificates cannot be fetched; nobody can sign in", reason=str(self._failed))


def lifetime(cache_control: str, age: str) -> float:
    """For how many seconds an answer is to be believed (RFC 9111, section 4.2).

    Args:
        cache_control: the header, "" without one.
        age: the header, "" without one: the seconds for which somebody else kept it already.
    """
    given = _MAX_AGE.search(cache_control)
    if given is None or _UNCACHED.search(cache_control):
        return MIN_FRESH_SECONDS
    kept = int(age) if age.isascii() and age.isdigit() and len(age) <= 10 else 0
    return min(max(int(given[1]) - kept, MIN_FRESH_SECONDS), MAX_FRESH_SECONDS)


def _names(content: bytes) -> frozenset[str]:
    """The names of the certificates for RS256 in an answer. Others may stand there one day, and are not used."""
    try:
        certificates = _answer.decode(content)
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise _Failed("the answer is not a list of certificates") from None
    names = frozenset(name for name, pem in certificates.items() if _is_sound(pem))
    if not names:
        raise _Failed("the answer has no certificates for RS256")
    return names


def _is_sound(pem: str) -> bool:
    try:
        key = load_pem_x509_certificate(pem.encode()).public_key()
    except (ValueError, InvalidVersion, UnsupportedAlgorithm):
        return False
    return isinstance(key, RSAPublicKey) and key.key_size >= MIN_KEY_BITS


def _cause(status: int) -> Cause:
    return Cause.OVERLOADED if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Cause.UNEXPECTED


def _unavailable(failed: _Failed) -> FirebaseUnavailable:
    return FirebaseUnavailable(f"Google's certificates cannot be fetched: {failed}", failed.cause)


def _report(error: Exception) -> None:
    _logger.error("fetching Google's certificates has failed", traceback=traceback_of(error))
