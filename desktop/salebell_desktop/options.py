"""What the program is told when it starts: its command line and its environment."""

import argparse
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from salebell_desktop import __version__
from salebell_desktop.client.address import AddressRefused, is_loopback, parse_address

_HOST_AND_PORT = re.compile(r"(?:\[(?P<v6>[0-9a-fA-F:.]+)\]|(?P<name>[A-Za-z0-9.-]+)):(?P<port>[0-9]{1,5})\Z")


class Keep(StrEnum):
    """Where sign-ins are kept (`SALEBELL_CREDENTIALS`)."""

    KEYRING = "keyring"
    MEMORY = "memory"


class OptionsRefused(Exception):
    """The command line or the environment is wrong; the text names what, and says what to do."""


class AutoSignIn(msgspec.Struct, frozen=True):
    """Who to sign in as without being asked (`SALEBELL_EMAIL`, `SALEBELL_PASSWORD`): for demonstrations and kiosks."""

    server: str
    email: str
    password: str

    def __repr__(self) -> str:
        """Without the password."""
        return f"AutoSignIn(server={self.server!r}, email={self.email!r})"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted.

    Attributes:
        server: the address as it was typed; None: the one of last time.
        hidden: never open a window unasked.
        reset: forget everything first.
        print_badge: write the badge to stdout as it changes.
        emulator: host and port of an Auth emulator on this computer, which takes the place of Firebase; for developers.
    """

    server: str | None
    hidden: bool
    reset: bool
    print_badge: bool
    keep: Keep
    sign_in: AutoSignIn | None
    emulator: str | None = None


def read_options(arguments: Sequence[str], environ: Mapping[str, str]) -> Options:
    """The options, from what was typed and what is set.

    Raises:
        OptionsRefused: a value cannot be used.
        SystemExit: `--help`, `--version` or a wrong option; argparse has said the rest.
    """
    typed = _parser().parse_args(arguments)
    server = typed.server or environ.get("SALEBELL_WS_URL", "").strip() or None
    if server is not None:
        try:
            parse_address(server)
        except AddressRefused as refused:
            name = "--server" if typed.server else "SALEBELL_WS_URL"
            raise OptionsRefused(f"{name}: {refused}") from None
    keep = _keep(environ)
    return Options(
        server=server,
        hidden=typed.hidden,
        reset=typed.reset,
        print_badge=typed.print_badge,
        keep=keep,
        sign_in=_auto_sign_in(environ, server, keep),
        emulator=_emulator(environ),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="salebell",
        description="Rings when your shop sells: a bell in the tray with the number of sales you have not looked at.",
        epilog="Example: salebell --server wss://api.example.com",
    )
    parser.add_argument("--server", metavar="URL", help="the server's address; else SALEBELL_WS_URL, or as last time")
    parser.add_argument("--hidden", action="store_true", help="start in the tray; open no window unasked")
    parser.add_argument(
        "--reset", action="store_true", help="first forget settings, sales and sign-ins on this computer"
    )
    parser.add_argument("--print-badge", action="store_true", help="print 'badge: N' as the number changes")
    parser.add_argument("--version", action="version", version=f"salebell {__version__}")
    return parser


def _keep(environ: Mapping[str, str]) -> Keep:
    text = environ.get("SALEBELL_CREDENTIALS", "").strip().lower()
    if not text:
        return Keep.KEYRING
    if text not in tuple(Keep):
        raise OptionsRefused("SALEBELL_CREDENTIALS must be one of: " + ", ".join(Keep))
    return Keep(text)


def _auto_sign_in(environ: Mapping[str, str], server: str | None, keep: Keep) -> AutoSignIn | None:
    email, password = environ.get("SALEBELL_EMAIL", "").strip(), environ.get("SALEBELL_PASSWORD", "")
    if not email and not password:
        return None
    if not email or not password or server is None or keep is not Keep.MEMORY:
        raise OptionsRefused(
            "SALEBELL_EMAIL and SALEBELL_PASSWORD go together, with --server and SALEBELL_CREDENTIALS=memory"
        )
    return AutoSignIn(server, email, password)


def _emulator(environ: Mapping[str, str]) -> str | None:
    """An emulator is sent passwords without encryption, and signs nothing: it has to be asked for twice."""
    host = environ.get("FIREBASE_AUTH_EMULATOR_HOST", "").strip()
    if not host:
        return None
    if environ.get("SALEBELL_ALLOW_EMULATOR", "").strip() != "1":
        raise OptionsRefused(
            "FIREBASE_AUTH_EMULATOR_HOST is set, but an emulator is used only with SALEBELL_ALLOW_EMULATOR=1 as well"
        )
    match = _HOST_AND_PORT.match(host)
    if match is None or not 0 < int(match["port"]) < 65536 or not is_loopback(match["v6"] or match["name"].lower()):
        raise OptionsRefused(
            "FIREBASE_AUTH_EMULATOR_HOST must be a host and a port of this computer, such as 127.0.0.1:9099"
        )
    return host
