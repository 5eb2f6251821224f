"""*Continue with Google*: a browser that follows where it is sent, and everything that may come instead."""

import asyncio
import itertools
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from msgspec.structs import replace

from salebell_desktop.client.web import HttpxWeb
from salebell_desktop.identity import Means
from salebell_desktop.identity.endpoints import Endpoints
from salebell_desktop.identity.errors import IdentityError, IdentityUnavailable, SignInRefused
from salebell_desktop.identity.firebase import FirebaseAccounts
from salebell_desktop.identity.google import GoogleInBrowser
from salebell_desktop.identity.loopback import MAX_VISITORS, Page
from tests.desktop.identity.firebase.conftest import CONFIG, Scripted
from tests.firebase.emulator import AuthEmulator
from tests.firebase.oauth import CLIENT_ID, CLIENT_SECRET, GooglePages

pytestmark = pytest.mark.plain_asyncio

PAGE = Page(language="es", signed_in="Ya puede <cerrar> esta página.", not_signed_in="No inició sesión.")


class Browser:
    """Opens pages, and follows where they lead.

    Attributes:
        opens: whether it can be opened.
        before: what happens before the page is visited, given its address.
        shown: what was shown at the end.
    """

    def __init__(self) -> None:
        self.opens = True
        self.before: Callable[[str], Awaitable[None]] | None = None
        self.visits = True
        self.opened: list[str] = []
        self.shown: list[httpx.Response] = []
        self.tasks: list[asyncio.Task[None]] = []

    def open(self, url: str) -> bool:
        self.opened.append(url)
        if self.opens:
            self.tasks.append(asyncio.create_task(self._visit(url)))
        return self.opens

    async def _visit(self, url: str) -> None:
        if self.before is not None:
            await self.before(url)
        if self.visits:
            async with httpx.AsyncClient(trust_env=False) as http:
                self.shown.append(await http.get(url, follow_redirects=True))


def redirect_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["redirect_uri"][0]


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def at_google(web: HttpxWeb, endpoints: Endpoints, google: GooglePages, browser: Browser) -> GoogleInBrowser:
    return sign_in(web, endpoints, google, browser)


def sign_in(
    web: HttpxWeb | Scripted,
    endpoints: Endpoints,
    google: GooglePages,
    browser: Browser,
    client_secret: str = CLIENT_SECRET,
    patience: float = 20.0,
) -> GoogleInBrowser:
    return GoogleInBrowser(
        web,
        client_id=CLIENT_ID,
        client_secret=client_secret,
        endpoints=replace(endpoints, authorize=google.authorize, exchange=google.exchange),
        open_browser=browser.open,
        random=secrets.token_bytes,
        page=PAGE,
        patience=patience,
    )


async def test_somebody_signs_in_with_google(
    web: HttpxWeb, endpoints: Endpoints, at_google: GoogleInBrowser, browser: Browser, emulator: AuthEmulator
) -> None:
    config = replace(CONFIG, google_client_id=CLIENT_ID, google_client_secret=CLIENT_SECRET)
    accounts = FirebaseAccounts(web, config, endpoints, at_google)
    assert Means.GOOGLE in accounts.means
    tokens = await accounts.sign_in_with_google()
    assert tokens.email == "ana@shop.example"
    assert emulator.user(tokens.uid)["providerUserInfo"][0]["providerId"] == "google.com"
    assert (await accounts.refresh(tokens.refresh_token)).uid == tokens.uid
    await asyncio.gather(*browser.tasks)
    (shown,) = browser.shown
    assert shown.status_code == 200
    assert "Ya puede &lt;cerrar&gt; esta página." in shown.text
    assert '<html lang="es">' in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in shown.headers["content-security-policy"]


async def test_an_account_of_that_address_is_the_same_account(
    web: HttpxWeb, endpoints: Endpoints, at_google: GoogleInBrowser, emulator: AuthEmulator
) -> None:
    uid = emulator.add("ana@shop.example")
    accounts = FirebaseAccounts(web, CONFIG, endpoints, at_google)
    assert (await accounts.sign_in_with_google()).uid == uid
    emulator.disable(uid)
    with pytest.raises(SignInRefused, match="disabled"):
        await accounts.sign_in_with_google()


async def test_an_address_that_google_did_not_check(
    web: HttpxWeb, endpoints: Endpoints, at_google: GoogleInBrowser, google: GooglePages, emulator: AuthEmulator
) -> None:
    """It may be anybody's: the account's own password is asked for."""
    emulator.add("ana@shop.example")
    google.claims = {"email_verified": False}
    with pytest.raises(SignInRefused, match="use your password"):
        await FirebaseAccounts(web, CONFIG, endpoints, at_google).sign_in_with_google()


async def test_each_sign_in_has_secrets_of_its_own(at_google: GoogleInBrowser, google: GooglePages) -> None:
    await at_google()
    await at_google()
    first, second = google.asked
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 43
        assert first[name] != second[name]
    assert first["prompt"] == "select_account"
    assert "client_secret" not in first
    assert all(len(form["code_verifier"]) >= 43 for form in google.exchanged)


async def test_somebody_who_declines(at_google: GoogleInBrowser, google: GooglePages, browser: Browser) -> None:
    google.email = ""
    with pytest.raises(SignInRefused, match="did not sign in with Google"):
        await at_google()
    await asyncio.gather(*browser.tasks)
    assert "No inició sesión." in browser.shown[0].text
    assert google.exchanged == []


async def test_others_who_knock_change_nothing(at_google: GoogleInBrowser, browser: Browser) -> None:
    """Whoever does not know the state is nobody; a browser asks for its icon; a port scanner says nothing useful."""
    answers: list[int] = []

    async def knock(url: str) -> None:
        at = redirect_of(url)
        port = urlsplit(at).port or 0
        async with httpx.AsyncClient(trust_env=False) as http:
            paths = ("/favicon.ico", "/?code=stolen&state=guessed", "/?code=stolen", "/", "/?error=access_denied")
            answers.extend([(await http.get(at + path)).status_code for path in paths])
            answers.append((await http.post(at, content=b"code=stolen")).status_code)
        for said in (
            b"",
            b"\x16\x03\x01\x00\xff\n",
            b"GET\r\n\r\n",
            b"GET / HTTP/1.1\r\n" + b"x" * 40_000,
            b"\xff\n\n",
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(said)
            if said:
                writer.write_eof()
                await asyncio.wait_for(reader.read(), 10)
            writer.close()

    browser.before = knock
    assert await at_google()
    assert answers == [404, 400, 400, 400, 400, 404]


async def test_a_crowd_does_not_keep_the_browser_out(at_google: GoogleInBrowser, browser: Browser) -> None:
    crowd: list[asyncio.StreamWriter] = []

    async def fill(url: str) -> None:
        port = urlsplit(redirect_of(url)).port or 0
        for _ in range(MAX_VISITORS + 8):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            crowd.append(writer)
        for writer in crowd[:8]:  # some of them go
            writer.close()
            await asyncio.sleep(0.05)

    browser.before = fill
    assert await at_google()
    for writer in crowd:
        writer.close()


async def test_nothing_listens_afterwards(at_google: GoogleInBrowser, browser: Browser) -> None:
    await at_google()
    with pytest.raises(httpx.ConnectError):
        async with httpx.AsyncClient(trust_env=False) as http:
            await http.get(redirect_of(browser.opened[0]))


async def test_giving_up(at_google: GoogleInBrowser, browser: Browser) -> None:
    browser.visits = False
    waiting = asyncio.create_task(at_google())
    while not browser.opened:
        await asyncio.sleep(0.01)
    before = asyncio.all_tasks()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(httpx.ConnectError):
        async with httpx.AsyncClient(trust_env=False) as http:
            await http.get(redirect_of(browser.opened[0]))
    assert asyncio.all_tasks() <= before


async def test_nobody_comes_back(web: HttpxWeb, endpoints: Endpoints, google: GooglePages, browser: Browser) -> None:
    browser.visits = False
    with pytest.raises(SignInRefused, match="took too long"):
        await sign_in(web, endpoints, google, browser, patience=0.1)()


async def test_there_is_no_browser(at_google: GoogleInBrowser, browser: Browser) -> None:
    browser.opens = False
    with pytest.raises(SignInRefused, match="browser could not be opened"):
        await at_google()


@pytest.mark.parametrize(
    "claims", [{"nonce": "another"}, {"nonce": None}, {"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1}]
)
async def test_a_token_that_is_not_for_this_sign_in(
    at_google: GoogleInBrowser, google: GooglePages, claims: dict[str, object]
) -> None:
    google.claims = claims
    with pytest.raises(IdentityError):
        await at_google()


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ((400, "invalid_grant"), SignInRefused, "try again"),
        ((401, "invalid_client"), SignInRefused, "not set up"),
        ((400, "redirect_uri_mismatch"), SignInRefused, "not set up"),
        ((503, "backend_error"), IdentityUnavailable, "just now"),
    ],
)
async def test_the_exchange_fails(
    at_google: GoogleInBrowser, google: GooglePages, answer: tuple[int, str], kind: type[IdentityError], words: str
) -> None:
    google.exchange_error = answer
    with pytest.raises(kind, match=words):
        await at_google()


async def test_a_wrong_client_secret(
    web: HttpxWeb, endpoints: Endpoints, google: GooglePages, browser: Browser
) -> None:
    with pytest.raises(SignInRefused, match="not set up"):
        await sign_in(web, endpoints, google, browser, client_secret="")()
    assert "client_secret" not in google.exchanged[0]


@pytest.mark.parametrize("content", [b"<html>", b"{}", b'{"id_token": "x"}'])
async def test_an_answer_that_makes_no_sense(
    endpoints: Endpoints, google: GooglePages, browser: Browser, content: bytes
) -> None:
    with pytest.raises(IdentityUnavailable):
        await sign_in(Scripted(200, content), endpoints, google, browser)()
    with pytest.raises(IdentityUnavailable):
        await sign_in(Scripted(502, content), endpoints, google, browser)()
    silent = Scripted()
    silent.reply = None
    with pytest.raises(IdentityUnavailable, match="cannot be reached"):
        await sign_in(silent, endpoints, google, browser)()


async def test_random_numbers_are_what_keeps_it_apart(
    web: HttpxWeb, endpoints: Endpoints, google: GooglePages, browser: Browser
) -> None:
    numbers = itertools.count(1)
    at_google = GoogleInBrowser(
        web,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        endpoints=replace(endpoints, authorize=google.authorize, exchange=google.exchange),
        open_browser=browser.open,
        random=lambda size: bytes([next(numbers)]) * size,
        page=PAGE,
    )
    await at_google()
    (asked,) = google.asked
    assert asked["state"] != asked["nonce"]
    assert google.exchanged[0]["code_verifier"] not in browser.opened[0]
