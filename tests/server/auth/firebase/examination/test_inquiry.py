"""Asking Google: what is said when there is no answer, and what is read from one."""

import socket
import ssl

import httpx
import pytest

from salebell_server.auth.firebase.examination.inquiry import LONGEST_MESSAGE, Answer, Inquiry, Unreached

URL = "https://identitytoolkit.googleapis.com/v1/projects"


class Failing(httpx.AsyncBaseTransport):
    """A network on which every request fails."""

    def __init__(self, error: Exception, cause: Exception | None = None) -> None:
        self._error = error
        self._cause = cause

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise self._error from self._cause


class Answering(httpx.AsyncBaseTransport):
    """A network on which every request gets the same answer."""

    def __init__(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self._status, self._content, self._headers = status, content, headers

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(self._status, content=self._content, headers=self._headers)


def not_trusted() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError("certificate verify failed")
    error.verify_message = "certificate is not yet valid"
    return error


async def sentence(transport: httpx.AsyncBaseTransport) -> str:
    async with httpx.AsyncClient(transport=transport) as http:
        with pytest.raises(Unreached) as raised:
            await Inquiry(http, lambda: 0.0).get(URL)
    assert raised.value.host == "identitytoolkit.googleapis.com"
    return raised.value.sentence


@pytest.mark.parametrize(
    ("error", "cause", "words"),
    [
        (httpx.ConnectError(""), socket.gaierror(-2, "Name or service not known"), "name server"),
        (httpx.ConnectError(""), not_trusted(), "not yet valid"),
        (httpx.ConnectError(""), ConnectionRefusedError(), "firewall"),
        (httpx.ConnectTimeout(""), None, "5 s"),
        (httpx.ReadTimeout(""), None, "5 s"),
        (httpx.ProxyError(""), None, "HTTPS_PROXY"),
        (httpx.RemoteProtocolError(""), None, "firewall"),
    ],
)
async def test_why_there_is_no_answer(error: Exception, cause: Exception | None, words: str) -> None:
    assert words in await sentence(Failing(error, cause))


@pytest.mark.parametrize(
    ("status", "content"), [(200, b"<html>"), (200, b"[]"), (403, b"Forbidden by the gateway"), (302, b"")]
)
async def test_an_answer_that_is_not_google_s(status: int, content: bytes) -> None:
    assert f"status {status}" in await sentence(Answering(status, content))


async def test_an_error_page_of_google_s_is_one_of_its_answers() -> None:
    async with httpx.AsyncClient(transport=Answering(502, b"<html>")) as http:
        answer = await Inquiry(http, lambda: 0.0).get(URL)
    assert answer.is_passing


@pytest.mark.parametrize(
    ("headers", "skew"),
    [
        ({"Date": "Thu, 01 Jan 1970 00:01:40 GMT"}, -0.5),
        ({"Date": "Thu, 01 Jan 1970 00:01:00 GMT", "Age": "40"}, -0.5),
        ({"Date": "Thu, 01 Jan 1970 00:00:40 GMT"}, 59.5),
        ({"Date": "yesterday"}, None),
        ({"Date": "Thu, 01 Jan 1970 00:01:40 GMT", "Age": "young"}, None),
        ({}, None),
    ],
)
async def test_what_time_it_is_there(headers: dict[str, str], skew: float | None) -> None:
    async with httpx.AsyncClient(transport=Answering(200, b"{}", headers)) as http:
        asking = Inquiry(http, lambda: 100.0)
        await asking.get(URL)
        assert asking.skew == skew


def test_what_an_error_says() -> None:
    details = [{"@type": "x", "reason": "API_KEY_INVALID", "metadata": {"service": "y"}}]
    answer = Answer(400, {"error": {"message": "SOME_WORD : and more", "status": "BAD", "details": details}})
    assert answer.words >= {"SOME_WORD", "BAD", "API_KEY_INVALID"}
    assert answer.message == "SOME_WORD : and more"
    assert Answer(400, {"error": {"message": "x" * 9999}}).message == "x" * LONGEST_MESSAGE


@pytest.mark.parametrize("error", [None, 5, [], {"message": 5}, {"details": "none"}, {"details": [5]}])
def test_an_error_of_another_form_says_nothing(error: object) -> None:
    answer = Answer(400, {"error": error})
    assert answer.words == {""}
