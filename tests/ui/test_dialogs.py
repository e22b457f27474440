"""Dialogs that never block, toasts with undo, and commands that say why not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.errors import AppError, ErrorCode, invalid
from app.permissions import Action
from tests.ui.conftest import Windows
from tests.ui.words import answer, dialog, press, pressable, reason, see, type_into
from ui.actions import USER_COMMANDS, UserCommand, command
from ui.context import Toast
from ui.widgets.commands import CommandSet
from ui.widgets.dialogs import ConfirmDialog, FormDialog, show_error
from ui.widgets.toast import Toasts


@pytest.fixture
def window(dressed: QApplication, qtbot: QtBot) -> Iterator[QWidget]:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    yield made
    for left in QApplication.topLevelWidgets():
        if left.parent() is made:
            left.close()


def test_open_does_not_block_and_confirm_says_what_will_happen(window: QWidget, qtbot: QtBot) -> None:
    box = ConfirmDialog(
        "Disable Carla?", "She cannot sign in.", "Disable", consequences=["Sessions end."], parent=window
    )
    box.open()
    assert "Sessions end." in see(dialog("Disable ...?"))
    with qtbot.waitSignal(box.confirmed):
        answer(window, "Disable Carla?", press="Disable")
    qtbot.waitUntil(lambda: not [w for w in window.findChildren(ConfirmDialog) if w.isVisible()])


def test_escape_is_no(window: QWidget, qtbot: QtBot) -> None:
    box = ConfirmDialog("Disable Carla?", "", "Disable", dangerous=True, parent=window)
    box.open()
    with qtbot.assertNotEmitted(box.confirmed), qtbot.waitSignal(box.rejected):
        QTest.keyClick(box, Qt.Key.Key_Escape)


def test_return_does_not_confirm_a_dangerous_action(window: QWidget, qtbot: QtBot) -> None:
    box = ConfirmDialog("Disable Carla?", "", "Disable", dangerous=True, parent=window)
    box.open()
    with qtbot.assertNotEmitted(box.confirmed), qtbot.waitSignal(box.rejected):
        QTest.keyClick(box, Qt.Key.Key_Return)


def test_the_typed_text_must_match(window: QWidget, qtbot: QtBot) -> None:
    box = ConfirmDialog("Delete Carla?", "", "Delete", dangerous=True, typed="carla@x.example", parent=window)
    box.open()
    assert not pressable(box, "Delete")
    type_into(box, "Type carla@x.example to confirm", "carla@x.exampl")
    assert not pressable(box, "Delete")
    type_into(box, "Type carla@x.example to confirm", "carla@x.example ")
    assert not pressable(box, "Delete")
    with qtbot.waitSignal(box.confirmed):
        answer(window, "Delete ...?", type="carla@x.example", press="Delete")


def test_a_dialog_is_no_higher_than_its_words_need(window: QWidget, qtbot: QtBot) -> None:
    box = ConfirmDialog("Delete Carla?", "The account is removed.", "Delete", typed="carla", parent=window)
    box.open()
    layout = box.layout()
    assert layout is not None
    assert box.height() <= layout.totalHeightForWidth(box.width())
    box.close()


def test_an_error_can_be_copied_with_its_details(window: QWidget, qtbot: QtBot) -> None:
    box = show_error(window, AppError(ErrorCode.INTERNAL, "Disable stopped.", request_id="8f1-22"))
    before = box.height()
    press(box, "Details")
    qtbot.waitUntil(lambda: box.height() > before)
    assert "8f1-22" in see(box)
    press(box, "Copy")
    assert "8f1-22" in QGuiApplication.clipboard().text()
    press(box, "Close")


def test_a_dialog_is_one_window_and_none_of_its_parts_flashes_up_before(window: QWidget, qapp: QApplication) -> None:
    windows = Windows(qapp)
    box = FormDialog("New user", "Create", parent=window)
    box.form.add_line("email", "Email", hint="As they will type it.")
    error = AppError(ErrorCode.INTERNAL, "Disable stopped.", request_id="8f1-22")
    confirm = ConfirmDialog("Delete Carla?", "", "Delete", dangerous=True, typed="carla", parent=window)
    for each in (box, confirm):
        each.open()
        each.close()
    show_error(window, error).close()
    assert windows.seen == ["FormDialog", "ConfirmDialog", "ErrorDialog"]


@pytest.fixture
def form_box(window: QWidget) -> FormDialog:
    box = FormDialog("New user", "Create", parent=window)
    box.form.add_line("email", "Email")
    box.form.add_line("name", "Name")
    box.open()
    type_into(box, "Email", "carla@")
    type_into(box, "Name", "Carla")
    return box


def test_a_submission_runs_elsewhere_and_locks_the_form(form_box: FormDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(form_box.submitted) as heard:
        press(form_box, "Create")
    assert heard.args == [{"email": "carla@", "name": "Carla"}]
    assert form_box.busy
    with qtbot.assertNotEmitted(form_box.submitted):
        form_box.submit()
    with qtbot.waitSignal(form_box.cancel_requested):
        form_box.close()
    assert form_box.isVisible()
    with qtbot.waitSignal(form_box.accepted):
        form_box.succeed()


def test_a_refusal_is_shown_at_its_field_and_nothing_is_lost(form_box: FormDialog) -> None:
    press(form_box, "Create")
    form_box.fail(invalid("email", "Email: no domain."))
    assert "Email: no domain." in see(form_box)
    assert form_box.form.values() == {"email": "carla@", "name": "Carla"}
    assert pressable(form_box, "Create")
    press(form_box, "Cancel")


def test_a_failure_without_a_field_is_shown_above_them(form_box: FormDialog) -> None:
    press(form_box, "Create")
    form_box.fail(AppError(ErrorCode.UNREACHABLE, "Could not connect."))
    assert "Cognito cannot be reached" in see(form_box)
    assert form_box.form.values()["name"] == "Carla"
    press(form_box, "Cancel")


def test_the_whole_message_is_seen_when_it_comes(form_box: FormDialog, qtbot: QtBot) -> None:
    press(form_box, "Create")
    form_box.fail(AppError(ErrorCode.TRIGGER_FAILED, "A very long message. " * 12))
    layout = form_box.layout()
    assert layout is not None
    qtbot.waitUntil(lambda: form_box.height() >= layout.totalHeightForWidth(form_box.width()))
    press(form_box, "Cancel")


def test_toasts_stack_at_the_lower_left_and_stay_in_the_window(window: QWidget, qtbot: QtBot) -> None:
    toasts = Toasts(window)
    for number in range(6):
        toasts.show_toast(Toast(f"Done {number}"))
    shown = see(window).split("\n")
    assert {words for words in shown if words.startswith("Done")} == {"Done 2", "Done 3", "Done 4", "Done 5"}
    window.resize(QSize(640, 500))
    cards = [child for child in window.children() if isinstance(child, QWidget) and child.isVisible()]
    assert len(cards) == 4
    assert all(window.rect().contains(card.geometry()) for card in cards)
    assert {card.x() for card in cards} == {16}
    assert len({card.y() for card in cards}) == 4
    for _ in range(4):
        press(window, "Dismiss")
    assert "Done" not in see(window)


def test_undo_runs_once_and_closes_its_toast(window: QWidget) -> None:
    undone: list[str] = []
    Toasts(window).show_toast(Toast("Disabled Elif.", "ok", "Undo", lambda: undone.append("elif")))
    press(window, "Undo")
    assert undone == ["elif"]
    assert "Disabled Elif." not in see(window)


def test_a_toast_goes_away_by_itself(window: QWidget, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.widgets.toast._SECONDS", 0.05)
    Toasts(window).show_toast(Toast("Done"))
    assert "Done" in see(window)
    qtbot.waitUntil(lambda: "Done" not in see(window))


def refuse_delete(one: UserCommand) -> str | None:
    return "Your role, support, may not delete a user." if one.permission is Action.DELETE_USER else None


def test_commands_say_why_they_cannot_be_done(window: QWidget, qtbot: QtBot) -> None:
    commands = CommandSet(USER_COMMANDS, window)
    button = commands.button("user.delete")
    button.setParent(window)
    button.show()
    commands.refresh(refuse_delete)
    assert reason(window, "Delete…") == "Your role, support, may not delete a user."
    assert button.accessibleDescription() == "Your role, support, may not delete a user."
    menu = commands.menu([["user.enable"], ["user.delete"]])
    assert menu.toolTipsVisible()
    assert commands.action("user.delete").toolTip() == "Your role, support, may not delete a user."
    commands.refresh(lambda one: None)
    assert reason(window, "Delete…") == ""
    with qtbot.waitSignal(commands.triggered) as heard:
        press(window, "Delete…")
    assert heard.args == ["user.delete"]
    with qtbot.waitSignal(commands.triggered) as heard:
        commands.action("user.enable").trigger()
    assert heard.args == ["user.enable"]


def test_every_command_is_known_by_its_id_and_has_a_picture_that_exists(dressed: QApplication) -> None:
    from ui import icons

    assert {one.icon for one in USER_COMMANDS} <= set(icons.names())
    assert all(command(one.id) is one for one in USER_COMMANDS)
    with pytest.raises(KeyError):
        command("user.levitate")
