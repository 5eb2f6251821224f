"""Sales as a CSV file that spreadsheets open as it is meant.

The text is UTF-8 with a byte order mark, by which spreadsheets know it (RFC 3629, section 6). A cell that begins as a
formula does is text all the same: it gets a leading apostrophe (OWASP, "CSV Injection").
"""

import asyncio
import csv
import os
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import TextIO

from salebell_protocol.sales import Sale

CANNOT_WRITE = "The file cannot be written there. Please choose another place."
HEADINGS = (
    "number", "id", "status", "total", "currency", "channel", "customer", "email", "items", "created_at", "updated_at",
    "url",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SUFFIX = ".part"


class ExportRefused(Exception):
    """The file was not written. The text is a sentence for people."""


def cells(sale: Sale, zone: tzinfo | None) -> Sequence[str]:
    """One row: amounts with a point, times in ISO 8601.

    Args:
        sale: what it is about.
        zone: of the times; None is the computer's.
    """
    customer = sale.customer
    items = "; ".join(f"{item.quantity} \u00d7 {item.name}" for item in sale.items)
    row = (
        sale.number,
        sale.id,
        sale.status.value,
        sale.total,
        sale.currency,
        sale.channel,
        "" if customer is None else customer.name,
        "" if customer is None else customer.email,
        items,
        _written(sale.created_at, zone),
        _written(sale.updated_at, zone),
        sale.url or "",
    )
    return tuple(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row)


async def export(batches: AsyncIterator[Sequence[Sale]], path: Path, zone: tzinfo | None = None) -> int:
    """Write sales, that come in batches, to `path`; the answer is how many.

    What was at `path` before stays until the new file is whole. Cancelled or failed before, it leaves nothing behind.

    Args:
        batches: the sales.
        path: of the file.
        zone: of the times in it; None is the computer's.

    Raises:
        ExportRefused: the file cannot be written.
        Exception: what getting a batch raises.
    """
    draft = _Draft(path)
    written = 0
    try:
        await _in_thread(draft.open)
        async for sales in batches:
            await _in_thread(partial(draft.write, sales, zone))
            written += len(sales)
        await _in_thread(draft.save)
        await _in_thread(draft.keep)
    except OSError:
        raise ExportRefused(CANNOT_WRITE) from None
    finally:
        await _in_thread(draft.discard)
    return written


class _Draft:
    """A file that grows beside the one that it is to become. All of it blocks, and raises OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._beside = path
        self._file: TextIO | None = None

    def open(self) -> None:
        """Begin, under a name that nobody has."""
        if self._path.is_dir():
            raise IsADirectoryError(self._path)
        number = 0
        while self._file is None:
            self._beside = self._path.with_name(f"{self._path.name}{number or ''}{_SUFFIX}")
            with suppress(FileExistsError):
                self._file = self._beside.open("x", encoding="utf-8-sig", newline="")
            number += 1
        csv.writer(self._file).writerow(HEADINGS)

    def write(self, sales: Iterable[Sale], zone: tzinfo | None) -> None:
        """Append a row for each."""
        if self._file is not None:
            csv.writer(self._file).writerows(cells(sale, zone) for sale in sales)

    def save(self) -> None:
        """See to it that it is on the disk."""
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()

    def keep(self) -> None:
        """Put it in place."""
        self._beside.replace(self._path)
        self._file = None

    def discard(self) -> None:
        """Leave nothing, unless it was kept. Raises nothing."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            with suppress(OSError):
                self._beside.unlink()


async def _in_thread(work: Callable[[], None]) -> None:
    """Do what blocks on a thread. Cancelled, it ends when the thread is done: nothing goes on behind one's back."""
    working = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        raise


def _written(instant: datetime, zone: tzinfo | None) -> str:
    try:
        return instant.astimezone(zone).isoformat(timespec="seconds")
    except (OverflowError, OSError, ValueError):  # a year that the computer's time zone does not know
        return instant.isoformat(timespec="seconds")
