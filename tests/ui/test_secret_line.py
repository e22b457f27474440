"""What is typed into a masked line, shown and copied leaves no trace that outlives it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAction, QClipboard, QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QWidget
from pytestqt.qtbot import QtBot

from tests.ui import words
from tests.ui.conftest import shown
from ui.widgets.forms import PasswordField
from ui.widgets.secret_clipboard import SecretClipboard, shared
from ui.widgets.secret_key import SecretKey

SECRET = "Lantern-Quay-4821"
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def field(qtbot: QtBot, dressed: QApplication) -> Iterator[PasswordField]:
    dialog = QWidget()
    made = PasswordField(dialog)
    made.set_title("Password")
    shown(qtbot, dialog)
    QGuiApplication.clipboard().setText("before")
    QTest.keyClicks(made.line, SECRET)
    yield made
    dialog.close()


def copied() -> str:
    return QGuiApplication.clipboard().text()


def choose(field: PasswordField, name: str) -> None:
    """Choose an entry of the line's menu."""
    at = field.line.rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, field.line.mapToGlobal(at))
    QApplication.sendEvent(field.line, event)
    menu = next(each for each in field.line.findChildren(QMenu, "secret-menu") if each.isVisible())
    action = menu.findChild(QAction, name)
    assert action is not None
    action.trigger()
    menu.close()


def test_a_cleared_line_does_not_come_back_by_undo(field: PasswordField) -> None:
    field.show_text(True)
    field.line.clear()
    QTest.keyClick(field.line, Qt.Key.Key_Z, CONTROL)
    assert field.line.text() == ""
    assert not field.line.isUndoAvailable()


def test_nothing_is_copied_while_it_is_masked(field: PasswordField) -> None:
    field.line.selectAll()
    QTest.keyClick(field.line, Qt.Key.Key_C, CONTROL)
    QTest.keyClick(field.line, Qt.Key.Key_X, CONTROL)
    choose(field, "edit-copy")
    assert copied() == "before"
    assert field.line.text() == SECRET


@pytest.mark.parametrize("way", ["key", "menu", "cut", "menu-cut"])
def test_what_is_copied_while_it_is_shown_leaves_the_clipboard(field: PasswordField, way: str) -> None:
    field.show_text(True)
    field.line.selectAll()
    if way.startswith("menu"):
        choose(field, "edit-cut" if way == "menu-cut" else "edit-copy")
    else:
        QTest.keyClick(field.line, Qt.Key.Key_C if way == "key" else Qt.Key.Key_X, CONTROL)
    assert copied() == SECRET
    assert field.line.text() == ("" if "cut" in way else SECRET)
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.hasFormat("x-kde-passwordManagerHint")
    assert sum("ClipboardHistory" in name or "CloudClipboard" in name for name in mime.formats()) == 2
    field.deleteLater()  # the dialog is gone before the minute is over
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    timer = shared()._timer
    assert timer.isActive()
    assert timer.remainingTime() == pytest.approx(60_000, rel=0.06)  # a coarse timer
    timer.timeout.emit()
    assert copied() == ""


@pytest.mark.parametrize(
    ("standard", "left"),
    [(QKeySequence.StandardKey.DeleteCompleteLine, ""), (QKeySequence.StandardKey.DeleteEndOfLine, SECRET[:7])],
)
def test_what_a_key_takes_out_of_the_line_is_not_copied(
    field: PasswordField, monkeypatch: pytest.MonkeyPatch, standard: QKeySequence.StandardKey, left: str
) -> None:
    # Which key it is depends on the desktop: here there is none, so that F7 stands for it.
    monkeypatch.setattr(QKeyEvent, "matches", lambda event, sought: event.key() == Qt.Key.Key_F7 and sought == standard)
    field.show_text(True)
    field.line.setCursorPosition(7)
    QTest.keyClick(field.line, Qt.Key.Key_F7)
    assert field.line.text() == left
    assert copied() == "before"


def test_a_shown_line_is_not_dragged_and_teaches_no_keyboard(field: PasswordField) -> None:
    for visible in (True, False, True):
        field.show_text(visible)
        assert field.line.inputMethodHints() & Qt.InputMethodHint.ImhSensitiveData
        assert field.line.inputMethodHints() & Qt.InputMethodHint.ImhNoPredictiveText
    assert not field.line.dragEnabled()


def test_it_is_taken_back_later_where_another_program_keeps_the_clipboard_open(
    dressed: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    clipboard = SecretClipboard()
    clipboard.copy(SECRET)
    with monkeypatch.context() as open_elsewhere:
        open_elsewhere.setattr(QClipboard, "clear", lambda *_: None)
        clipboard.take_back()
        assert copied() == SECRET
    assert clipboard._timer.isActive()
    clipboard._timer.timeout.emit()
    assert copied() == ""
    assert not clipboard._timer.isActive()


def test_a_shown_key_is_read_by_a_screen_reader_until_it_is_masked_again(qtbot: QtBot, dressed: QApplication) -> None:
    key = SecretKey()
    shown(qtbot, key)
    key.show_key("ABCD EFGH")

    def names() -> str:
        return " ".join(each.accessibleName() for each in key.findChildren(QLabel))

    assert "ABCD" not in names()
    words.press(key, "Show")
    assert "Secret: ABCD EFGH" in names()
    words.press(key, "Hide")
    assert names() == "Secret, masked"


def test_a_shown_key_cannot_be_selected_with_the_mouse(qtbot: QtBot, dressed: QApplication) -> None:
    key = SecretKey()
    shown(qtbot, key)
    key.show_key("ABCD EFGH")
    words.press(key, "Show")
    (text,) = [each for each in key.findChildren(QLabel) if each.text() == "ABCD EFGH"]
    QTest.mouseDClick(text, Qt.MouseButton.LeftButton, pos=QPoint(8, text.height() // 2))
    assert not text.hasSelectedText()
    selectable = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    assert not text.textInteractionFlags() & selectable
