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
from pathlib import Path
from typing import TextIO

from salebell_protocol.http import SalesPage
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


async def export(
    pages: AsyncIterator[SalesPage], path: Path, progress: Callable[[int], None], zone: tzinfo | None = None
) -> int:
    """Write all sales of some pages to `path`; the answer is how many.

    What was at `path` before stays until the new file is whole. Cancelled or failed, it leaves nothing behind.

    Raises:
        ExportRefused: the file cannot be written.
        Exception: what reading a page raises.
    """
    beside = path.with_name(path.name + _SUFFIX)
    file = await asyncio.to_thread(_opened, beside)
    try:
        written = 0
        async for page in pages:
            await asyncio.to_thread(_write, file, [cells(sale, zone) for sale in page.sales])
            written += len(page.sales)
            progress(written)
        await asyncio.to_thread(_finish, file, beside, path)
    except OSError:
        raise ExportRefused(CANNOT_WRITE) from None
    finally:
        with suppress(OSError):
            file.close()
        with suppress(OSError):
            beside.unlink(missing_ok=True)
    return written


def _opened(path: Path) -> TextIO:
    try:
        file = path.open("w", encoding="utf-8-sig", newline="")
        _write(file, [HEADINGS])
    except OSError:
        raise ExportRefused(CANNOT_WRITE) from None
    return file


def _write(file: TextIO, rows: Iterable[Sequence[str]]) -> None:
    csv.writer(file).writerows(rows)


def _finish(file: TextIO, beside: Path, path: Path) -> None:
    file.flush()
    os.fsync(file.fileno())
    file.close()
    beside.replace(path)


def _written(instant: datetime, zone: tzinfo | None) -> str:
    try:
        return instant.astimezone(zone).isoformat(timespec="seconds")
    except (OverflowError, OSError, ValueError):  # a year that the computer's time zone does not know
        return instant.isoformat(timespec="seconds")
