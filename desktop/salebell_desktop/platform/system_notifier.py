"""Notifications through the system's own service, by desktop-notifier."""

import asyncio
import html
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from salebell_desktop.platform.notifier import Clicked, Note, Notifier

if TYPE_CHECKING:
    from desktop_notifier import DesktopNotifier

SHOW_SECONDS = 3.0
"""A service that does not answer in this time counts as missing."""

_log = logging.getLogger(__name__)


class SystemNotifier(Notifier):
    """desktop-notifier: D-Bus on Linux, the notification centre on Windows and macOS.

    It is loaded with the first note: what it imports would hold up the start.

    Args:
        name: the application's, as people know it.
        icon: gives a picture file to show; asked once, with the first note.
        clicked: told the note that the user clicked.
        markup: whether the service reads the body as markup; None: as the system does.
    """

    def __init__(
        self, name: str, icon: Callable[[], Path | None], clicked: Clicked, *, markup: bool | None = None
    ) -> None:
        super().__init__(clicked)
        self._name = name
        self._icon = icon
        # Desktop Notifications Specification, "Markup": bodies may hold simple markup, summaries may not.
        self._markup = sys.platform == "linux" if markup is None else markup
        self._service: DesktopNotifier | None = None

    async def show(self, note: Note) -> bool:
        """Show it, within `SHOW_SECONDS`."""
        shown: list[bool] = []
        try:
            async with asyncio.timeout(SHOW_SECONDS):
                await self._connected().send(
                    note.title,
                    html.escape(note.body, quote=False) if self._markup else note.body,
                    on_dispatched=lambda: shown.append(True),
                    on_clicked=lambda: self.clicked(note),
                )
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the service, there are other ways
            _log.info("the notification service failed: %s", type(error).__name__)
        if not shown:
            self.close()
        return bool(shown)

    async def clear(self) -> None:
        """Take back all that is shown."""
        if self._service is None:
            return
        try:
            async with asyncio.timeout(SHOW_SECONDS):
                await self._service.clear_all()
        except Exception as error:  # noqa: BLE001 - what cannot be taken back goes by itself
            _log.info("notifications could not be taken back: %s", type(error).__name__)

    def close(self) -> None:
        """Leave the bus. The library does not offer to: on Linux, each of its objects keeps a connection for good."""
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
