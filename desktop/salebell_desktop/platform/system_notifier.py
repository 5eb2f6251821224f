"""Notifications through the system's own service, by desktop-notifier."""

import asyncio
import html
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from salebell_desktop.platform.notifier import Note, Notifier

if TYPE_CHECKING:
    from desktop_notifier import Button, DesktopNotifier

SHOW_SECONDS = 3.0
"""A service that does not answer in this time counts as missing."""
REMEMBERED = 200
"""So many notes can be taken back, the newest; older ones are the service's own business."""
OPEN, ALL_SEEN = "open", "all-seen"
"""The keys of the buttons."""

_log = logging.getLogger(__name__)


class SystemNotifier(Notifier):
    """desktop-notifier: D-Bus on Linux, the notification centre on Windows and macOS.

    It is loaded with the first note: what it imports would hold up the start.

    Args:
        name: the application's, as people know it.
        icon: gives a picture file to show; asked once, with the first note.
        markup: whether the service reads the body as markup; None: as the system does.
    """

    def __init__(self, name: str, icon: Callable[[], Path | None], *, markup: bool | None = None) -> None:
        super().__init__()
        self._name = name
        self._icon = icon
        # Desktop Notifications Specification, "Markup": bodies may hold simple markup, summaries may not.
        self._markup = sys.platform == "linux" if markup is None else markup
        self._service: DesktopNotifier | None = None
        self._shown: dict[str, Note] = {}

    async def show(self, note: Note) -> bool:
        """Show it, within `SHOW_SECONDS`, in place of what is shown of the same sale."""
        shown: list[bool] = []
        try:
            async with asyncio.timeout(SHOW_SECONDS):
                service = self._connected()
                identifier = await service.send(
                    note.title,
                    html.escape(note.body, quote=False) if self._markup else note.body,
                    buttons=await self._buttons(service, note),
                    on_dispatched=lambda: shown.append(True),
                    on_clicked=lambda: self._clicked(note),
                )
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the service, there are other ways
            _log.info("the notification service failed: %s", type(error).__name__)
        else:
            if shown:
                before = [other for other, its in self._shown.items() if note.sale and _same_sale(its, note)]
                self._remember(identifier, note)
                await self._take_back(before)
        if not shown:
            self.close()
        return bool(shown)

    async def clear(self, store: str | None = None) -> None:
        """Take back what is shown, of one store or at all."""
        await self._take_back([key for key, note in self._shown.items() if store is None or note.store == store])

    def close(self) -> None:
        """Leave the bus. The library does not offer to: on Linux, each of its objects keeps a connection for good."""
        self._shown.clear()
        service, self._service = self._service, None
        bus = getattr(vars(service).get("_backend"), "bus", None) if service is not None else None
        if bus is not None:
            bus.disconnect()

    def _connected(self) -> "DesktopNotifier":
        if self._service is None:
            from desktop_notifier import DesktopNotifier, Icon

            # At "debug" it writes each note, with the customer's name.
            logging.getLogger("desktop_notifier").setLevel(logging.ERROR)
            picture = self._icon()
            self._service = DesktopNotifier(self._name, Icon(path=picture) if picture is not None else None)
        return self._service

    async def _buttons(self, service: "DesktopNotifier", note: Note) -> "tuple[Button, ...]":
        """The buttons of `note`; none for a service without: some then show a dialog in place of a notification."""
        from desktop_notifier import Button, Capability

        if note.labels is None or Capability.BUTTONS not in await service.get_capabilities():
            return ()
        opens = Button(note.labels.open, lambda: self._clicked(note), OPEN)
        if not note.offers_seen:
            return (opens,)
        return (opens, Button(note.labels.all_seen, self._all_seen, ALL_SEEN))

    def _remember(self, identifier: str, note: Note) -> None:
        self._shown[identifier] = note
        if len(self._shown) > REMEMBERED:
            del self._shown[next(iter(self._shown))]

    async def _take_back(self, identifiers: list[str]) -> None:
        service = self._service
        if service is None:
            return
        try:
            async with asyncio.timeout(SHOW_SECONDS):
                for identifier in identifiers:
                    self._shown.pop(identifier, None)
                    if identifier in await service.get_current_notifications():
                        await service.clear(identifier)
        except Exception as error:  # noqa: BLE001 - what cannot be taken back goes by itself
            _log.info("notifications could not be taken back: %s", type(error).__name__)


def _same_sale(one: Note, other: Note) -> bool:
    return (one.store, one.sale) == (other.store, other.sale)
