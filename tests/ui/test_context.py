"""What tabs share: changes announced to all, the desk, the search, toasts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.work import Work
from ui.context import Change, Context, Toast, Topic


def test_a_change_reaches_everybody(context: Context, qtbot: QtBot) -> None:
    change = Change(Topic.USERS, ("carla",), "users")
    with qtbot.waitSignal(context.changed) as heard:
        context.announce(change)
    assert heard.args == [change]


def test_the_desk_can_be_switched(context: Context, qtbot: QtBot) -> None:
    desk = cast("Desk", SimpleNamespace(connection=SimpleNamespace(id="test")))
    assert context.desk is None
    with qtbot.waitSignal(context.desk_changed):
        context.set_desk(desk)
    assert context.desk is desk


def test_the_same_search_is_announced_once(context: Context, qtbot: QtBot) -> None:
    with qtbot.waitSignal(context.search_changed):
        context.set_search("mor")
    with qtbot.assertNotEmitted(context.search_changed):
        context.set_search("mor")
    assert context.search == "mor"


def test_a_toast_carries_its_undo(context: Context, qtbot: QtBot) -> None:
    with qtbot.waitSignal(context.toast_requested) as heard:
        context.toast("Disabled Elif Kaya.", action_text="Undo", action=list)
    assert heard.args is not None
    toast = heard.args[0]
    assert isinstance(toast, Toast)
    assert (toast.text, toast.tone, toast.action_text, toast.action) == ("Disabled Elif Kaya.", "ok", "Undo", list)


def test_run_goes_through_the_runner(context: Context, qtbot: QtBot) -> None:
    def call(work: Work) -> int:
        return 42

    job = context.run(call, name="Answer")
    with qtbot.waitSignal(job.succeeded) as heard:
        pass
    assert heard.args == [42]
    assert [record.name for record in context.runner.jobs()] == ["Answer"]
