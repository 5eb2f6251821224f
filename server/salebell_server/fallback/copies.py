"""What this server last knew of the keys and accounts in the shared log: to authenticate by while that is away.

A copy is as old as the last `refresh` that succeeded: who was disabled in the minute before the log went away may
still be let in until it is back.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import cached_property

import msgspec
import structlog
from msgspec.structs import replace

from salebell_protocol.names import DEFAULT_STORE
from salebell_server.fallback.copied_file import CopyDamaged, CopyFailed, CopyFile
from salebell_server.log import LogUnavailable
from salebell_server.log.accounts import Account, SigningKey, email_key
from salebell_server.log.keys import IngestKey
from salebell_server.log.snapshot import Snapshot, Snapshots

_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Snapshot)
_logger = structlog.get_logger(__name__)


class Copy:
    """One snapshot, looked up in memory."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    @property
    def signing_keys(self) -> tuple[SigningKey, ...]:
        """Newest first."""
        return self.snapshot.signing_keys

    @cached_property
    def keys(self) -> Mapping[bytes, IngestKey]:
        """The ingest keys by their SHA-256."""
        return dict(self.snapshot.keys)

    @cached_property
    def accounts(self) -> Mapping[str, Account]:
        """By uid."""
        return {account.uid: account for account in self.snapshot.accounts}

    @cached_property
    def addresses(self) -> frozenset[str]:
        """What the accounts are found by, see `email_key`."""
        return frozenset(email_key(account.email) for account in self.snapshot.accounts)


NOTHING = Copy(Snapshot(id=""))


class LocalCopies:
    """The copy that this server keeps, in memory and on its disk.

    `refresh` also looks after the shared database itself. One without an id, or in which nobody is known, was lost or
    is new: it gets what the copy has, under an id of its own, unless another server is faster. Any other is believed.

    Args:
        file: where the copy is kept; the workers of one server may share it.
        shared: the shared database.
        new_id: a fresh random id.
    """

    def __init__(self, file: CopyFile, shared: Snapshots, new_id: Callable[[], str]) -> None:
        self._file = file
        self._shared = shared
        self._new_id = new_id
        self._turn = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None
        self.latest = NOTHING

    async def open(self) -> None:
        """Read what was kept before this process began. A file that cannot be used is told of, and not needed."""
        path = str(self._file.path)
        try:
            content = await asyncio.to_thread(self._file.load)
            if content is not None:
                self.latest = Copy(_decoded(content))
        except CopyDamaged as error:
            _logger.warning(
                "the copy of keys and accounts is damaged; it will be made anew", path=path, reason=str(error)
            )
        except CopyFailed as error:
            _logger.warning("the copy of keys and accounts cannot be read", path=path, reason=str(error))

    async def refresh(self) -> None:
        """Bring the copy up to what the shared database has at some time after the call.

        Those who call while a refresh has not begun share it, and its outcome.

        Raises:
            LogUnavailable: the database cannot be read, or not be begun. The copy stays.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._in_turn())
        await asyncio.shield(self._next)

    def held(self) -> Copy:
        """The copy.

        Raises:
            LogUnavailable: this server has never seen the shared database.
        """
        if self.latest is NOTHING:
            raise LogUnavailable("the shared log is away, and this server has no copy of its keys and accounts yet")
        return self.latest

    def known_stores(self) -> tuple[str, ...]:
        """The stores that had an event or a key; and `main`, sorted."""
        snapshot = self.latest.snapshot
        return tuple(sorted({DEFAULT_STORE, *snapshot.stores, *(key.store for _, key in snapshot.keys)}))

    async def _in_turn(self) -> None:
        async with self._turn:
            self._next = None
            await self._keep(await self._current())

    async def _current(self) -> Snapshot:
        """What the shared database has, once it is as it should be."""
        known = self.latest.snapshot
        found = await self._shared.read()
        if found is not None and not _was_lost(found, known):
            _tell_of_another(found, known)
            return found
        beginning = replace(known, id=self._new_id(), replaces=known.id)
        begun = await self._shared.begin(beginning, instead_of=None if found is None else found.id)
        found = await self._shared.read()
        if found is None:
            raise LogUnavailable("the shared database was emptied while it was being looked at")
        if not begun:
            _tell_of_another(found, known)
        elif known.id:
            _logger.warning(
                "the shared database was found empty: this server's copy of keys and accounts was written into it; "
                "sales, looks and sessions that were in it are gone, and admins have to sign in again within the hour",
                producers=len(known.keys),
                accounts=len(known.accounts),
            )
        else:
            _logger.info("a new shared database was begun")
        return found

    async def _keep(self, found: Snapshot) -> None:
        if found != self.latest.snapshot:
            self.latest = Copy(found)
        try:
            await asyncio.to_thread(lambda: self._file.store(_encoder.encode(found)))
        except CopyFailed as error:
            path = str(self._file.path)
            _logger.warning("the copy of keys and accounts cannot be kept", path=path, reason=str(error))


def _was_lost(found: Snapshot, known: Snapshot) -> bool:
    """Whether `found` is a database that somebody began, without a copy of the one that was there before."""
    return found.id != known.id and found.knows_nobody and not known.knows_nobody


def _tell_of_another(found: Snapshot, known: Snapshot) -> None:
    if known.id in ("", found.id):
        return
    if found.replaces == known.id:
        _logger.warning(
            "the shared database was found empty: another process has written its copy of keys and accounts into it"
        )
    else:
        _logger.warning("the shared log is in another database than before: its keys and accounts are used from now on")


def _decoded(content: bytes) -> Snapshot:
    try:
        return _decoder.decode(content)
    except (msgspec.DecodeError, UnicodeError):
        # The decoder's own words may quote what is secret.
        raise CopyDamaged("it is not in the form of this version") from None
