"""Logging: one line a record, ours and the libraries', and never a secret."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from salebell_server import logs


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level, logging.getLogger("uvicorn").level
    yield
    root.handlers[:], root.level = before[0], before[1]
    logging.getLogger("uvicorn").setLevel(before[2])
    structlog.reset_defaults()


def test_json_is_an_object_a_line() -> None:
    stream = io.StringIO()
    logs.configure("info", "json", stream)
    structlog.get_logger("salebell.gateway").info("signed in", uid="u-1", store="main")
    logging.getLogger("some.library").warning("careful: %s", "x")
    ours, theirs = map(json.loads, stream.getvalue().splitlines())
    assert (ours["event"], ours["uid"], ours["level"], ours["logger"]) == (
        "signed in",
        "u-1",
        "info",
        "salebell.gateway",
    )
    assert (theirs["event"], theirs["level"]) == ("careful: x", "warning")
    assert ours["timestamp"].endswith("Z")


def fail_with(password: str) -> None:
    raise RuntimeError(f"boom of {len(password)}")


def test_a_traceback_stays_on_its_line() -> None:
    stream = io.StringIO()
    logs.configure("info", "json", stream)
    try:
        fail_with("s3cret")
    except RuntimeError:
        structlog.get_logger().exception("failed")
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["exception"][0]["exc_value"] == "boom of 6"


@pytest.mark.parametrize("style", ["console", "json"])
def test_a_traceback_shows_no_values(style: str) -> None:
    stream = io.StringIO()
    logs.configure("info", style, stream)
    password = "".join(["s3", "cret"])
    try:
        fail_with(password)
    except RuntimeError:
        structlog.get_logger().exception("failed")
    assert "boom of 6" in stream.getvalue()
    assert "s3cret" not in stream.getvalue()


@pytest.mark.parametrize("style", ["console", "json"])
def test_secrets_stay_out(style: str) -> None:
    stream = io.StringIO()
    logs.configure("debug", style, stream)
    structlog.get_logger().debug(
        "request", id_token="s3cret", password="s3cret", Authorization="Bearer s3cret", ingest_key="s3cret"
    )
    assert "request" in stream.getvalue()
    assert "s3cret" not in stream.getvalue()


@pytest.mark.parametrize("style", ["console", "json"])
def test_every_line_of_a_worker_has_its_number(style: str) -> None:
    stream = io.StringIO()
    logs.configure("info", style, stream, worker=3)
    structlog.get_logger().info("ours")
    logging.getLogger("some.library").warning("theirs")
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    for line in lines:
        assert (json.loads(line)["worker"] == 3) if style == "json" else ("worker=3" in line)


def test_a_single_process_has_no_number() -> None:
    stream = io.StringIO()
    logs.configure("info", "json", stream)
    structlog.get_logger().info("ours")
    assert "worker" not in json.loads(stream.getvalue())


def test_below_the_level_nothing_is_written() -> None:
    stream = io.StringIO()
    logs.configure("warning", "console", stream)
    structlog.get_logger().info("quiet")
    logging.getLogger("some.library").info("quiet")
    assert stream.getvalue() == ""
