"""Sentences that come from below the interface, listed so that they are translated.

They are written where they arise, in English, and keep to whole sentences. What is not listed is shown as it came.
A name in braces stands for what differs from time to time, such as the name of a server; it is kept as it is.
"""

import re
from functools import lru_cache

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
    QT_TRANSLATE_NOOP("Reasons", "Unlock it, then choose Reconnect now."),
    QT_TRANSLATE_NOOP("Reasons", "This account is not an admin any more."),
    QT_TRANSLATE_NOOP("Reasons", "This computer is offline, or there is no way from it to the server."),
    QT_TRANSLATE_NOOP("Reasons", "The computer at this address answers, but no server is listening there."),
    QT_TRANSLATE_NOOP("Reasons", "The server at this address wants an encrypted connection."),
    QT_TRANSLATE_NOOP("Reasons", "Begin its address with wss://."),
    QT_TRANSLATE_NOOP("Reasons", "The server at this address offers no encrypted connection."),
    QT_TRANSLATE_NOOP("Reasons", "No encrypted connection to the server could be made."),
    QT_TRANSLATE_NOOP("Reasons", "This server is too old for this version of Salebell."),
    # Certificates.
    QT_TRANSLATE_NOOP("Reasons", "The server's certificate has run out, or the clock of this computer is wrong."),
    QT_TRANSLATE_NOOP("Reasons", "The server's certificate is not valid yet, or the clock of this computer is wrong."),
    QT_TRANSLATE_NOOP("Reasons", "The server's certificate is for another name than the one in its address."),
    QT_TRANSLATE_NOOP("Reasons", "The server's certificate is faulty."),
    QT_TRANSLATE_NOOP("Reasons", "This file cannot be read."),
    QT_TRANSLATE_NOOP("Reasons", "This file is too large to hold certificates."),
    QT_TRANSLATE_NOOP("Reasons", "There is no certificate in this file."),
    QT_TRANSLATE_NOOP("Reasons", "A certificate in this file cannot be read."),
    QT_TRANSLATE_NOOP("Reasons", "Please ask whoever runs your server for the right file."),
    QT_TRANSLATE_NOOP("Reasons", "The certificates could not be saved on this computer."),
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
    QT_TRANSLATE_NOOP("Reasons", "The server's address cannot begin with {scheme}://."),
    QT_TRANSLATE_NOOP("Reasons", "This is not an address that a server can have."),
    QT_TRANSLATE_NOOP("Reasons", "A connection to {host} without encryption would show passwords and sales to others."),
    QT_TRANSLATE_NOOP("Reasons", "Use wss://{host}."),
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
    QT_TRANSLATE_NOOP("Reasons", "This server signs in in another way now."),
    QT_TRANSLATE_NOOP("Reasons", "Do not sign in before whoever runs it has told you why."),
    QT_TRANSLATE_NOOP("Reasons", "This computer has no keyring to keep the sign-in in."),
    QT_TRANSLATE_NOOP("Reasons", "The keyring of this computer is locked."),
    QT_TRANSLATE_NOOP("Reasons", "The keyring of this computer did not answer."),
    QT_TRANSLATE_NOOP("Reasons", "The keyring of this computer failed."),
    # Firebase and Google.
    QT_TRANSLATE_NOOP("Reasons", "Google cannot be reached to check the sign-in."),
    QT_TRANSLATE_NOOP("Reasons", "Google cannot check the sign-in just now."),
    QT_TRANSLATE_NOOP("Reasons", "Signing in is not set up as it should be for this shop."),
    QT_TRANSLATE_NOOP("Reasons", "This shop does not sign in with passwords."),
    QT_TRANSLATE_NOOP(
        "Reasons", "This account asks for a second factor, which this version of Salebell does not know."
    ),
    QT_TRANSLATE_NOOP("Reasons", "Google did not accept this sign-in."),
    QT_TRANSLATE_NOOP("Reasons", "Please try again."),
    QT_TRANSLATE_NOOP("Reasons", "This account signs in in another way."),
    QT_TRANSLATE_NOOP("Reasons", "Please use your password."),
    QT_TRANSLATE_NOOP("Reasons", "The sign-in is for another shop than this one."),
    QT_TRANSLATE_NOOP("Reasons", "There is no account for this address."),
    QT_TRANSLATE_NOOP("Reasons", "This account does not exist any more."),
    QT_TRANSLATE_NOOP("Reasons", "The sign-in kept on this computer is not good any more."),
    QT_TRANSLATE_NOOP("Reasons", "This shop does not sign in with Google."),
    QT_TRANSLATE_NOOP("Reasons", "This is not an e-mail address."),
    QT_TRANSLATE_NOOP("Reasons", "The browser could not be opened."),
    QT_TRANSLATE_NOOP("Reasons", "Please sign in with your password."),
    QT_TRANSLATE_NOOP("Reasons", "This computer does not let the browser come back."),
    QT_TRANSLATE_NOOP("Reasons", "The sign-in in the browser took too long."),
    QT_TRANSLATE_NOOP("Reasons", "You did not sign in with Google."),
    QT_TRANSLATE_NOOP("Reasons", "Signing in with Google is not set up as it should be for this shop."),
    QT_TRANSLATE_NOOP("Reasons", "Please ask whoever runs your server for a new password."),
    QT_TRANSLATE_NOOP("Reasons", "You did not sign in."),
    QT_TRANSLATE_NOOP("Reasons", "You can close this page and go back to Salebell."),
    QT_TRANSLATE_NOOP(
        "Reasons", "This shop asks for a proof that you are no program, which this version of Salebell cannot give."
    ),
    QT_TRANSLATE_NOOP("Reasons", "Rules that this shop has for signing in did not let you in."),
    # Reading the list.
    QT_TRANSLATE_NOOP("Reasons", "This account may not see that."),
    QT_TRANSLATE_NOOP("Reasons", "The server has too many requests just now."),
    QT_TRANSLATE_NOOP("Reasons", "The server is not ready just now."),
    QT_TRANSLATE_NOOP("Reasons", "The server failed to answer."),
    QT_TRANSLATE_NOOP("Reasons", "The server sends elsewhere."),
    QT_TRANSLATE_NOOP("Reasons", "Please check its address."),
    QT_TRANSLATE_NOOP("Reasons", "The server's list is not up to date yet."),
    QT_TRANSLATE_NOOP("Reasons", "This sale is not on the server any more."),
    QT_TRANSLATE_NOOP("Reasons", "There is no connection to your server yet."),
    QT_TRANSLATE_NOOP("Reasons", "The file cannot be written there."),
    QT_TRANSLATE_NOOP("Reasons", "Please choose another place."),
)
KNOWN = frozenset(str(sentence) for sentence in _KNOWN)

_BETWEEN = re.compile(r"(?<=[.!?]) (?=[A-Z])")
_FIELD = re.compile(r"\{\w+\}")
_MOST = 3
"""In how many pieces a sentence may seem to be: a name in it may look like the end of one."""


def sentences(text: str) -> list[str]:
    """The sentences of a text, as far as full stops and capitals tell."""
    return _BETWEEN.split(text) if text else []


def translated(text: str) -> str:
    """`text` in the user's language, each sentence that is a known one."""
    said: list[str] = []
    pieces = sentences(text)
    while pieces:
        for count in range(1, min(_MOST, len(pieces)) + 1):
            known = _translated(" ".join(pieces[:count]))
            if known is not None:
                break
        else:
            known, count = pieces[0], 1
        said.append(known)
        del pieces[:count]
    return " ".join(said)


def _translated(sentence: str) -> str | None:
    """One known sentence; None: it is none."""
    if sentence in KNOWN:
        return QCoreApplication.translate("Reasons", sentence)
    for pattern, template in _templates():
        if (match := pattern.fullmatch(sentence)) is not None:
            field, value = next(iter(match.groupdict().items()))
            return QCoreApplication.translate("Reasons", template).replace(f"{{{field}}}", value)
    return None


@lru_cache(maxsize=1)
def _templates() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The sentences with a field, and what matches them."""
    return tuple((_pattern(sentence), sentence) for sentence in sorted(KNOWN) if _FIELD.search(sentence))


def _pattern(template: str) -> re.Pattern[str]:
    field = _FIELD.findall(template)[0]
    before, _, after = template.partition(field)
    return re.compile(f"{re.escape(before)}(?P<{field[1:-1]}>.+?){re.escape(after)}")
