"""Exporting from the Users tab: whom and what the dialog offers, what it refuses, and what is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.changes import Changes
from app.directory.exchange import Exports
from app.errors import AppError, ErrorCode
from app.journal import Journal
from app.permissions import Operator, Role
from tests.ui import words
from tests.ui.conftest import shown
from tests.ui.users_desk import FakeDesk, user
from tests.unit.sheets import read
from ui.context import Context, Toast
from ui.dialogs.export import ExportDialog
from ui.jobs import JobRunner
from ui.tabs.users.view import UsersView

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


class Exporter:
    """Somebody of a role at the Users tab, with three people in the pool."""

    def __init__(self, qtbot: QtBot, runner: JobRunner, journal: Journal, role: Role = Role.ADMIN) -> None:
        ada = user("ada")
        people = [
            replace(ada, attributes={**ada.attributes, "custom:team": "blue"}),
            user("bob", enabled=False),
            user("cid"),
        ]
        desk: Any = FakeDesk(people, role)
        desk.connection = SimpleNamespace(id="test", name="Harbour / live")
        desk.exports = Exports(desk.index, Changes(journal, Operator("ada", role), "test", None))
        self.desk = desk
        self.qtbot = qtbot
        self.context = Context(runner, desk=desk)
        self.toasts: list[Toast] = []
        self.context.toast_requested.connect(self.toasts.append)
        self.view = UsersView(self.context)
        shown(qtbot, self.view)
        qtbot.waitUntil(lambda: self.view.table.model().rowCount() == 3)

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.context.runner.busy)

    def ask(self) -> ExportDialog:
        """Open the dialog from the menu."""
        words.press(self.view, "More for the whole list")
        words.press(self.view, "Export…")
        dialog = words.dialog("Export people")
        assert isinstance(dialog, ExportDialog)
        return dialog


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "journal.sqlite")
    yield made
    made.close()


@pytest.fixture
def at(qtbot: QtBot, runner: JobRunner, journal: Journal) -> Exporter:
    return Exporter(qtbot, runner, journal)


def why_not(at: Exporter) -> str:
    words.press(at.view, "More for the whole list")
    said = words.reason(at.view, "Export…")
    at.view.whole.button.menu().close()
    return said


def choices(dialog: QDialog) -> list[str]:
    who = dialog.form.field("who")  # type: ignore[attr-defined]
    return [who.itemText(i) for i in range(who.count())]


def test_the_search_is_what_is_exported(at: Exporter, tmp_path: Path) -> None:
    at.context.set_search("enabled:yes")
    at.settle()
    dialog = at.ask()
    assert choices(dialog) == ["Those who match the search “enabled:yes” (2 people)", "Everybody (3 people)"]
    assert "personal data" in words.see(dialog)
    words.type_into(dialog, "File", str(tmp_path / "people.csv"))
    words.press(dialog, "custom:team")
    words.press(dialog, "Export")
    at.qtbot.waitUntil(lambda: bool(at.toasts))
    assert at.toasts[0].text == "2 people are in people.csv. It holds personal data."
    rows = read(tmp_path / "people.csv")
    assert [(row["email"], row["custom:team"]) for row in rows] == [("ada@x.example", "blue"), ("cid@x.example", None)]


def test_those_who_are_chosen_come_first(at: Exporter, tmp_path: Path) -> None:
    at.view.table.selectRow(0)
    dialog = at.ask()
    assert choices(dialog) == ["Everybody (3 people)"]
    dialog.reject()
    at.view.table.setFocus()
    QTest.keyClick(at.view.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    dialog = at.ask()
    assert choices(dialog) == ["Those who are chosen (2 people)", "Everybody (3 people)"]
    words.type_into(dialog, "File", str(tmp_path / "people.jsonl"))
    assert dialog.form.values()["format"] == ".jsonl"
    words.press(dialog, "Export")
    at.qtbot.waitUntil(lambda: bool(at.toasts))
    assert [row["email"] for row in read(tmp_path / "people.jsonl")] == ["ada@x.example", "bob@x.example"]


def test_another_format_changes_the_name_and_is_offered_again(at: Exporter, tmp_path: Path) -> None:
    dialog = at.ask()
    assert dialog.form.values()["path"].endswith(".csv")
    assert "/users-harbour-live-" in dialog.form.values()["path"]
    words.type_into(dialog, "File", str(tmp_path / "people.csv"))
    words.type_into(dialog, "Format", "Excel")
    assert dialog.form.values()["path"] == str(tmp_path / "people.xlsx")
    words.press(dialog, "None columns")
    words.press(dialog, "email")
    words.press(dialog, "Export")
    at.qtbot.waitUntil(lambda: bool(at.toasts))
    again = at.ask()
    assert (again.export.path.parent, again.export.path.suffix, again.export.columns) == (tmp_path, ".xlsx", ("email",))
    again.reject()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("", "Say where the file shall be."),
        ("{}/people.doc", "The ending decides the format"),
        ("people.csv", "Give the whole path"),
        ("{}/nowhere/people.csv", "No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_is_refused_in_its_place(at: Exporter, tmp_path: Path, path: str, said: str) -> None:
    dialog = at.ask()
    words.type_into(dialog, "File", path.format(tmp_path))
    words.press(dialog, "Export")
    at.settle()
    words.wait_for(lambda: said in words.see(dialog), said, dialog)
    assert dialog.isVisible()
    dialog.reject()


def test_a_file_that_is_there_is_replaced_only_by_a_tick(at: Exporter, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("mine")
    dialog = at.ask()
    assert not words.pressable(dialog, "Replace the file that is there")
    words.type_into(dialog, "File", str(tmp_path / "people.csv"))
    words.press(dialog, "Export")
    words.press(dialog, "Replace the file that is there")
    assert (tmp_path / "people.csv").read_text() == "mine"
    words.press(dialog, "Export")
    at.qtbot.waitUntil(lambda: bool(at.toasts))
    assert len(read(tmp_path / "people.csv")) == 3


def test_without_a_column_there_is_nothing_to_write(at: Exporter, tmp_path: Path) -> None:
    dialog = at.ask()
    words.press(dialog, "None columns")
    words.press(dialog, "Export")
    assert "Choose at least one column." in words.see(dialog)
    words.press(dialog, "All columns")
    assert "17 of 17" in words.see(dialog) or dialog.export.columns[-1].startswith("custom:")
    dialog.reject()


def test_what_fails_later_is_told(at: Exporter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise AppError(ErrorCode.FILE_ERROR, "Cannot write people.csv: No space left on device.")

    monkeypatch.setattr(at.desk.exports, "write", full)
    dialog = at.ask()
    words.type_into(dialog, "File", str(tmp_path / "people.csv"))
    words.press(dialog, "Export")
    words.wait_for(lambda: any("No space left" in words.see(w) for w in words.windows()), "the reason")
    for window in words.windows():
        if isinstance(window, QDialog):
            window.reject()
    assert why_not(at) == ""


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.VIEWER])
def test_who_may_not_is_told_why(qtbot: QtBot, runner: JobRunner, journal: Journal, role: Role) -> None:
    at = Exporter(qtbot, runner, journal, role)
    assert "export users into a file" in why_not(at)
