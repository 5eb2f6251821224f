"""What the program is told when it starts, and what it says to mistakes."""

import pytest

from salebell_desktop.app import check_display
from salebell_desktop.options import AutoSignIn, Keep, OptionsRefused, read_options


def test_nothing_said() -> None:
    options = read_options([], {})
    assert options.server is None
    assert not (options.hidden)
    assert not (options.reset)
    assert not (options.print_badge)
    assert options.keep is Keep.KEYRING
    assert options.sign_in is None


def test_everything_said() -> None:
    environ = {"SALEBELL_CREDENTIALS": "memory", "SALEBELL_EMAIL": "ana@shop.example", "SALEBELL_PASSWORD": "s3cret"}
    options = read_options(["--server", "localhost:3001", "--hidden", "--reset", "--print-badge"], environ)
    assert options.server == "localhost:3001"
    assert options.hidden
    assert options.reset
    assert options.print_badge
    assert options.keep is Keep.MEMORY
    assert options.sign_in == AutoSignIn("localhost:3001", "ana@shop.example", "s3cret")
    assert "s3cret" not in repr(options)


def test_the_command_line_wins_over_the_environment() -> None:
    environ = {"SALEBELL_WS_URL": "wss://one.example"}
    assert read_options([], environ).server == "wss://one.example"
    assert read_options(["--server", "wss://two.example"], environ).server == "wss://two.example"


@pytest.mark.parametrize(
    ("arguments", "environ", "named"),
    [
        (["--server", "ws://shop.example"], {}, "--server"),
        (["--server", "ftp://shop.example"], {}, "--server"),
        ([], {"SALEBELL_WS_URL": "ws://shop.example"}, "SALEBELL_WS_URL"),
        ([], {"SALEBELL_CREDENTIALS": "file"}, "SALEBELL_CREDENTIALS"),
        ([], {"SALEBELL_EMAIL": "ana@shop.example"}, "SALEBELL_PASSWORD"),
        ([], {"SALEBELL_EMAIL": "ana@shop.example", "SALEBELL_PASSWORD": "x"}, "--server"),
        (
            ["--server", "shop.example"],
            {"SALEBELL_EMAIL": "ana@shop.example", "SALEBELL_PASSWORD": "x"},
            "SALEBELL_CREDENTIALS",
        ),
    ],
)
def test_a_mistake_is_named(arguments: list[str], environ: dict[str, str], named: str) -> None:
    with pytest.raises(OptionsRefused, match=named):
        read_options(arguments, environ)


EMULATOR = "FIREBASE_AUTH_EMULATOR_HOST"


@pytest.mark.parametrize("host", ["127.0.0.1:9099", "localhost:1", "127.1.2.3:65535", "[::1]:9099", "LOCALHOST:9099"])
def test_an_emulator_on_this_computer(host: str) -> None:
    assert read_options([], {EMULATOR: f" {host} ", "SALEBELL_ALLOW_EMULATOR": "1"}).emulator == host


def test_without_one_it_is_firebase() -> None:
    assert read_options([], {}).emulator is None
    assert read_options([], {EMULATOR: "", "SALEBELL_ALLOW_EMULATOR": "1"}).emulator is None


@pytest.mark.parametrize("allowed", [None, "", "0", "true", "yes"])
def test_an_emulator_has_to_be_allowed(allowed: str | None) -> None:
    environ = {EMULATOR: "127.0.0.1:9099"} | ({} if allowed is None else {"SALEBELL_ALLOW_EMULATOR": allowed})
    with pytest.raises(OptionsRefused, match="SALEBELL_ALLOW_EMULATOR=1"):
        read_options([], environ)


@pytest.mark.parametrize(
    "host",
    [
        "emulator.example:9099", "10.0.0.1:9099", "0.0.0.0:9099", "[2001:db8::1]:9099", "localhost", "127.0.0.1",
        "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:9099/x", "user@127.0.0.1:9099", "http://127.0.0.1:9099",
        "127.0.0.1:9099@evil.example", "localhost.example:9099", "::1:9099", ":9099",
    ],
)  # fmt: skip
def test_an_emulator_anywhere_else_is_refused(host: str) -> None:
    environ = {EMULATOR: host, "SALEBELL_ALLOW_EMULATOR": "1"}
    with pytest.raises(OptionsRefused, match=r"such as 127\.0\.0\.1:9099"):
        read_options([], environ)


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read_options(["--help"], {})
    assert ended.value.code == 0
    assert "Example" in capsys.readouterr().out


@pytest.mark.skipif("sys.platform != 'linux'", reason="other systems always have one")
def test_no_display_is_said_in_a_sentence() -> None:
    with pytest.raises(OptionsRefused, match="DISPLAY"):
        check_display({})
    check_display({"DISPLAY": ":0"})
    check_display({"QT_QPA_PLATFORM": "offscreen"})
