import pytest
from PySide6.QtWidgets import QSystemTrayIcon

from salebell_desktop.platform.notifier import Note
from salebell_desktop.platform.tray_notifier import TrayNotifier


async def test_without_a_tray_its_balloon_does_not_work() -> None:
    icon = QSystemTrayIcon()
    clicked: list[Note] = []
    notifier = TrayNotifier(lambda: icon)
    notifier.answer_to(clicked.append, lambda: None)

    assert not await notifier.show(Note(title="a sale"))
    await notifier.clear()
    notifier.message_clicked()
    assert clicked == []


async def test_a_click_opens_what_the_last_balloon_was_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "supportsMessages", lambda: True)
    icon = QSystemTrayIcon()
    messages: list[tuple[str, str]] = []

    def show(title: str, text: str, *_look: object) -> None:
        messages.append((title, text))

    monkeypatch.setattr(icon, "isVisible", lambda: True)
    monkeypatch.setattr(icon, "showMessage", show)
    clicked: list[Note] = []
    notifier = TrayNotifier(lambda: icon)
    notifier.answer_to(clicked.append, lambda: None)
    notes = [Note(title=f"sale {number}", body="<b>Bobby</b>", store="main", sale=f"s{number}") for number in (1, 2)]

    for note in notes:
        assert await notifier.show(note)
    notifier.message_clicked()

    assert [title for title, _ in messages] == ["sale 1", "sale 2"]
    assert "Bobby" in messages[0][1]
    assert "<" not in messages[0][1]
    assert clicked == [notes[1]]
