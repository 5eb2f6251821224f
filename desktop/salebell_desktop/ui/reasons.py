"""Sentences that come from below the interface, listed so that they are translated.

They are written where they arise, in English, and keep to whole sentences. What is not listed is shown as it came.
"""

import re

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

_KNOWN: tuple[object, ...] = (
    # The connection.
    QT_TRANSLATE_NOOP("Reasons", "The server cannot be reached."),
    QT_TRANSLATE_NOOP("Reasons", "The connection to the server was lost."),
    QT_TRANSLATE_NOOP("Reasons", "The server does not answer."),
    QT_TRANSLATE_NOOP("Reasons", "The server skipped a sale; asking it again."),
    QT_TRANSLATE_NOOP("Reasons", "Please sign in again."),
    QT_TRANSLATE_NOOP("Reasons", "This server needs a newer version of Salebell."),
    QT_TRANSLATE_NOOP("Reasons", "The server is restarting."),
    QT_TRANSLATE_NOOP("Reasons", "The server refused a message of this program as too large."),
    QT_TRANSLATE_NOOP("Reasons", "Please report this."),
    QT_TRANSLATE_NOOP("Reasons", "The server did not understand this program."),
    QT_TRANSLATE_NOOP("Reasons", "Please install its latest version."),
    QT_TRANSLATE_NOOP("Reasons", "The server does not accept this sign-in."),
    QT_TRANSLATE_NOOP("Reasons", "This account is not an admin of this shop."),
    QT_TRANSLATE_NOOP("Reasons", "This account may not open this store."),
    QT_TRANSLATE_NOOP("Reasons", "Signing in took too long."),
    QT_TRANSLATE_NOOP("Reasons", "This computer fell behind; catching up."),
    QT_TRANSLATE_NOOP("Reasons", "The sign-in has run out and is being renewed."),
    QT_TRANSLATE_NOOP("Reasons", "This account was disabled, or signed out everywhere."),
    QT_TRANSLATE_NOOP("Reasons", "The server has too many connections or attempts; waiting before the next one."),
    QT_TRANSLATE_NOOP("Reasons", "The server cannot check the sign-in just now."),
    QT_TRANSLATE_NOOP("Reasons", "The server's certificate is not trusted on this computer."),
    QT_TRANSLATE_NOOP("Reasons", "Something else than Salebell answers at this address."),
    QT_TRANSLATE_NOOP("Reasons", "There is no server of that name, or this computer is offline."),
    # Addresses.
    QT_TRANSLATE_NOOP("Reasons", "The server's address is missing."),
    QT_TRANSLATE_NOOP("Reasons", "Give its address, such as api.example.com or localhost:3001."),
    QT_TRANSLATE_NOOP(
        "Reasons", "Leave the name and the password out of the server's address; you are asked for them."
    ),
    QT_TRANSLATE_NOOP("Reasons", "The server's address must end after its name and port."),
    QT_TRANSLATE_NOOP("Reasons", "This is not the address of a server."),
    QT_TRANSLATE_NOOP("Reasons", "This is not the name of a server."),
    QT_TRANSLATE_NOOP("Reasons", "The port in the server's address must be a number from 1 to 65535."),
    # Signing in, and staying so.
    QT_TRANSLATE_NOOP("Reasons", "E-mail or password is wrong."),
    QT_TRANSLATE_NOOP("Reasons", "This account is disabled."),
    QT_TRANSLATE_NOOP("Reasons", "Please ask whoever runs your server."),
    QT_TRANSLATE_NOOP("Reasons", "This account is not an admin of any shop."),
    QT_TRANSLATE_NOOP("Reasons", "This account is not an admin of any shop any more."),
    QT_TRANSLATE_NOOP("Reasons", "Too many attempts."),
    QT_TRANSLATE_NOOP("Reasons", "Please wait some minutes and try again."),
    QT_TRANSLATE_NOOP("Reasons", "You were away for long."),
    QT_TRANSLATE_NOOP("Reasons", "This account was signed out."),
    QT_TRANSLATE_NOOP("Reasons", "Signed out."),
    QT_TRANSLATE_NOOP("Reasons", "This server signs in by means that this version of Salebell does not know."),
    QT_TRANSLATE_NOOP("Reasons", "This server asks for another kind of sign-in than before."),
    QT_TRANSLATE_NOOP("Reasons", "Do not sign in before whoever runs it has told you why."),
    QT_TRANSLATE_NOOP("Reasons", "This computer has no keyring to keep the sign-in in."),
    QT_TRANSLATE_NOOP("Reasons", "The keyring of this computer is locked."),
    QT_TRANSLATE_NOOP("Reasons", "The keyring of this computer did not answer."),
    QT_TRANSLATE_NOOP("Reasons", "The keyring of this computer failed."),
    # Reading the list.
    QT_TRANSLATE_NOOP("Reasons", "This account may not see that."),
    QT_TRANSLATE_NOOP("Reasons", "The server has too many requests just now."),
    QT_TRANSLATE_NOOP("Reasons", "The server is not ready just now."),
    QT_TRANSLATE_NOOP("Reasons", "The server failed to answer."),
    QT_TRANSLATE_NOOP("Reasons", "The server sends elsewhere."),
    QT_TRANSLATE_NOOP("Reasons", "Please check its address."),
    QT_TRANSLATE_NOOP("Reasons", "The server's list is not up to date yet."),
)
KNOWN = frozenset(str(sentence) for sentence in _KNOWN)

_BETWEEN = re.compile(r"(?<=[.!?]) (?=[A-Z])")


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return _BETWEEN.split(text) if text else []


def translated(text: str) -> str:
    """`text` in the user's language, each sentence that is a known one."""
    return " ".join(QCoreApplication.translate("Reasons", sentence) for sentence in sentences(text))
