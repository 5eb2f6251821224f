"""Writing the listed sales to a file: which one, how far it is, and how it ended."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QStandardPaths, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from salebell_desktop.store import Listing
from salebell_desktop.ui.actions import SalesActions, Told
from salebell_desktop.ui.parts import Strip
from salebell_desktop.ui.reasons import translated
from salebell_desktop.ui.tasks import Tasks
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.words import Words


def show_in_folder(path: Path) -> None:
    """Open the folder of a file in the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))


class Exporting(Strip):
    """A strip that is shown while a file is written, and says then what came of it.

    Args:
        actions: writes it.
        theme: how it looks.
        words: in which words.
        show: shows where a file is.
    """

    changed = Signal()
    """It says something else, or nothing any more."""

    def __init__(
        self, actions: SalesActions, theme: Theme, words: Words, show: Callable[[Path], None] = show_in_folder
    ) -> None:
        super().__init__(theme, self.tr("Cancel"))
        self._actions = actions
        self._words = words
        self._show_file = show
        self._tasks = Tasks()
        self._work: asyncio.Task[None] | None = None
        self._written: Path | None = None
        self.action.clicked.connect(self._pressed)

    @property
    def busy(self) -> bool:
        """Whether a file is being written."""
        return self._work is not None

    def ask(self, listing: Listing, today: datetime, parent: QWidget) -> QFileDialog:
        """Let the user choose a file for the sales of `listing`, in the dialog that is the answer, and write it."""
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        name = self.tr("sales-{day}.csv").format(day=today.date().isoformat())
        dialog = QFileDialog(parent, self.tr("Export sales"), str(Path(folder) / name), "CSV (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")

        def chosen(path: str) -> None:
            self.write(listing, Path(path))

        dialog.fileSelected.connect(chosen)
        dialog.finished.connect(dialog.deleteLater)
        # Not `exec`: the loop that Qt and asyncio share goes on.
        dialog.open()
        return dialog

    def write(self, listing: Listing, path: Path) -> None:
        """Write the sales of `listing` to `path`, unless another file is being written."""
        if self.busy:
            return
        self._written = None
        self._say_progress(0)
        self._work = self._tasks.start(self._write(listing, path))
        self._work.add_done_callback(self._over)

    def stop(self) -> None:
        """Give up what is under way."""
        self._tasks.cancel()

    async def _write(self, listing: Listing, path: Path) -> None:
        outcome = await self._actions.export(listing, path, self._say_progress)
        if isinstance(outcome, Told):
            self._end(self.tr("The export failed: {problem}").format(problem=translated(outcome.sentence)), "bad")
            return
        self._written = path
        count = self._words.format.number(outcome)
        text = self.tr("{count} sale(s) exported to {file}.", None, outcome).format(count=count, file=path.name)
        self._end(text, "good", self.tr("Show in folder"))

    def _over(self, work: asyncio.Task[None]) -> None:
        if work is self._work:
            self._end("")

    def _say_progress(self, count: int) -> None:
        self.action.setText(self.tr("Cancel"))
        self.say(
            self.tr("Exporting… {count} sale(s) so far.", None, count).format(count=self._words.format.number(count))
        )
        self.changed.emit()

    def _end(self, text: str, tone: str = "warn", action: str = "") -> None:
        self._work = None
        self.action.setText(action or self.tr("Understood"))
        self.say(text, tone)
        self.changed.emit()

    def _pressed(self) -> None:
        if self._work is not None:
            self._work.cancel()
            return
        if self._written is not None:
            self._show_file(self._written)
        self._end("")
