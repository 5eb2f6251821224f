"""One application per user: the first start holds a lock, a later one brings the first to the front and ends.

The lock decides (it is the kernel's, so it dies with its process, however that ends); a local socket beside it carries
the one word `activate`. It accepts nothing else, and lives in a directory that only the user can enter.
"""

import os
from enum import Enum, auto
from pathlib import Path
from time import monotonic, sleep

from PySide6.QtCore import QLockFile, QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from salebell_desktop.platform.directories import DirectoryRefused, make_private, short_name

ACTIVATE = b"activate"

_LONGEST_SOCKET_PATH = 80
"""Bytes. `sun_path` has 108 on Linux and 104 on macOS (unix(7)); Qt first binds to a longer, temporary name."""
_STALE_MS = 1
"""An old lock may be taken over: a process that lives holds it with the kernel too (flock(2)), which age cannot break.
Without this, a lock left behind under another host name would stand for ever."""


class Start(Enum):
    """What this process is."""

    FIRST = auto()
    """It holds the lock until it ends."""
    SECOND = auto()
    """Another runs, and was told to come to the front."""
    UNANSWERED = auto()
    """Another holds the lock, but does not answer."""


class SingleInstance(QObject):
    """Finds out whether this is the first instance, and if so hears from later ones.

    Args:
        directory: for the lock and the socket; made private (mode 0700).
        runtime: for the socket, when its path in `directory` would be too long.

    Raises:
        DirectoryRefused: one of them cannot be used.
    """

    activated = Signal()
    """Another start wants this instance to come to the front."""

    def __init__(self, directory: Path, runtime: Path) -> None:
        super().__init__()
        make_private(directory)
        self._directory = directory
        self._lock = QLockFile(str(directory / "lock"))
        self._lock.setStaleLockTime(_STALE_MS)
        self.address = socket_address(directory, runtime)
        self._server: QLocalServer | None = None
        self._callers: set[QLocalSocket] = set()

    def start(self, patience: float = 3.0) -> Start:
        """Take the lock, or tell its holder to come to the front.

        It blocks, for `patience` seconds at most when another start is just taking the lock: to be called before
        the event loop runs.

        Raises:
            DirectoryRefused: the lock or the socket cannot be made.
        """
        deadline = monotonic() + patience
        while True:
            if self._lock.tryLock(0):
                self._listen()
                return Start.FIRST
            if self._lock.error() is not QLockFile.LockError.LockFailedError:
                raise DirectoryRefused(self._directory, "the lock file cannot be written")
            if self._tell_first():
                return Start.SECOND
            if monotonic() >= deadline:
                return Start.UNANSWERED
            sleep(0.05)

    def release(self) -> None:
        """Stop listening and give the lock up."""
        for caller in tuple(self._callers):
            self._drop(caller)
        if self._server is not None:
            self._server.close()
            self._server.deleteLater()
            self._server = None
        self._lock.unlock()

    def _listen(self) -> None:
        # What a killed instance left; the lock is ours, so nobody listens there.
        QLocalServer.removeServer(self.address)
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._accept)
        if not server.listen(self.address):
            self._lock.unlock()
            raise DirectoryRefused(self._directory, f"the socket {self.address} cannot be made: {server.errorString()}")
        self._server = server

    def _accept(self) -> None:
        while self._server is not None and (caller := self._server.nextPendingConnection()):
            self._callers.add(caller)
            caller.readyRead.connect(self._read_sender)
            caller.disconnected.connect(self._drop_sender)
            self._read(caller)

    # Not lambdas over the caller: such a slot outlives its socket, and Qt crashes when it goes.

    @Slot()
    def _read_sender(self) -> None:
        caller = self.sender()
        if isinstance(caller, QLocalSocket):
            self._read(caller)

    @Slot()
    def _drop_sender(self) -> None:
        caller = self.sender()
        if isinstance(caller, QLocalSocket):
            self._drop(caller)

    def _read(self, caller: QLocalSocket) -> None:
        if caller.bytesAvailable() < len(ACTIVATE):
            return
        # One byte more, so that a longer word is told from ours; whatever it was, there is one word a connection.
        said = bytes(caller.read(len(ACTIVATE) + 1).data())
        if said == ACTIVATE:
            caller.write(ACTIVATE)
            caller.flush()
            self.activated.emit()
        self._drop(caller)

    def _drop(self, caller: QLocalSocket) -> None:
        if caller in self._callers:
            self._callers.remove(caller)
            caller.disconnectFromServer()
            caller.deleteLater()

    def _tell_first(self) -> bool:
        """Whether the first instance heard us: it says the word back."""
        caller = QLocalSocket()
        caller.connectToServer(self.address)
        if not caller.waitForConnected(500):
            return False
        caller.write(ACTIVATE)
        caller.flush()
        heard = b""
        while len(heard) < len(ACTIVATE) and caller.waitForReadyRead(1000):
            heard += bytes(caller.readAll().data())
        caller.abort()
        return heard == ACTIVATE


def socket_address(directory: Path, runtime: Path) -> str:
    """Where the first instance listens: in `directory`, or under a short name in `runtime`.

    Raises:
        DirectoryRefused: `runtime` is needed, and cannot be used.
    """
    if os.name != "posix":
        return f"salebell-{short_name(directory)}-{short_name(Path.home())}"
    beside = directory / "socket"
    if len(os.fsencode(beside)) <= _LONGEST_SOCKET_PATH:
        return str(beside)
    make_private(runtime)
    short = runtime / short_name(directory)
    if len(os.fsencode(short)) > _LONGEST_SOCKET_PATH:
        raise DirectoryRefused(directory, "is too long a path for the application's socket; choose a shorter one")
    return str(short)
