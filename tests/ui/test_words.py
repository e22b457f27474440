"""The hands and eyes of the tests can fail."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QMenu, QPushButton, QTabWidget, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.ui import words


@pytest.fixture
def page(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> QWidget:
    monkeypatch.setattr(words, "PATIENCE", 0.2)
    made = QWidget()
    column = QVBoxLayout(made)
    off = QPushButton("Off")
    off.setEnabled(False)
    off.setToolTip("Your role is viewer.")
    hidden = QPushButton("Hidden")
    label = QLabel("&Email")
    line = QLineEdit()
    label.setBuddy(line)
    tabs = QTabWidget()
    tabs.addTab(QLabel("in profile"), "Profile")
    tabs.addTab(QLabel("in raw"), "Raw")
    menu = QMenu(made)
    menu.addAction("Entry").triggered.connect(lambda: label.setText("chosen"))
    more = QPushButton("More")
    more.setMenu(menu)
    for part in (QPushButton("&On"), off, hidden, label, line, QCheckBox("Send"), tabs, more):
        column.addWidget(part)
    hidden.hide()
    qtbot.addWidget(made)
    made.show()
    return made


def test_see_reads_what_is_visible_only(page: QWidget) -> None:
    seen = words.see(page)
    assert "On" in seen
    assert "Hidden" not in seen
    assert "in profile" in seen
    assert "in raw" not in seen


@pytest.mark.parametrize("text", ["Off", "Hidden", "Nowhere"])
def test_what_cannot_be_pressed_fails(page: QWidget, text: str) -> None:
    with pytest.raises(AssertionError, match="to press did not appear"):
        words.wait_for(lambda: words._pressable(page, text), f"“{text}” to press", page, 0.1)


def test_press_reaches_buttons_boxes_tabs_and_menus(page: QWidget) -> None:
    words.press(page, "On")
    words.press(page, "Send")
    assert page.findChildren(QCheckBox)[0].isChecked()
    words.press(page, "Raw")
    assert "in raw" in words.see(page)
    words.press(page, "More")
    words.press(page, "Entry")
    assert "chosen" in words.see(page)
    assert words.windows() == [page]


def test_type_into_finds_the_field_by_its_label(page: QWidget) -> None:
    words.type_into(page, "Email", "carla@x.example")
    words.type_into(page, "Email", "b")
    assert page.findChildren(QLineEdit)[0].text() == "b"


def test_reason_tells_why_not(page: QWidget) -> None:
    assert words.reason(page, "Off") == "Your role is viewer."
    assert words.reason(page, "On") == ""


@pytest.mark.parametrize(
    ("text", "pattern", "same"),
    [
        ("&Delete…", "Delete…", True),
        ("Delete Carla?", "Delete ...?", True),
        ("Delete Carla", "Delete ...?", False),
        ("[x]", "[x]", True),
        ("Delete", "Del", False),
    ],
)
def test_patterns(text: str, pattern: str, same: bool) -> None:
    assert words.matches(text, pattern) is same
