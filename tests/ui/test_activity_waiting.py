"""Database writes that wait, one line each: why, and the two ways out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.errors import AppError
from app.journal import Journal
from app.permissions import Action, Role
from app.work import Work
from tests.ui.activity_bench import CARLA, NILS, Bench, FakeDesk
from tests.ui.words import answer, dialog, press, pressable, reason, rows, see, wait_for, wait_to_see
from ui.context import Change, Topic
from ui.jobs import JobRunner


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "journal.sqlite")
    yield made
    made.close()


@pytest.fixture
def desk(journal: Journal) -> FakeDesk:
    return FakeDesk(journal)


@pytest.fixture
def bench(qtbot: QtBot, dressed: QApplication, runner: JobRunner, desk: FakeDesk) -> Bench:
    return Bench(qtbot, runner, desk)


def waiting(bench: Bench) -> list[list[str]]:
    return rows(bench.view._waiting._table)


def test_each_waiting_write_has_a_line_with_its_reason(bench: Bench, desk: FakeDesk) -> None:
    desk.refused = {"mfa_disabled"}
    desk.wait(Action.SET_MFA_PREFERENCE, "mfa_disabled", CARLA)
    desk.wait(Action.DISABLE_USER, "user_disabled", CARLA)
    with pytest.raises(AppError):
        desk.journal.mirror_discard(99, "nobody")
    here, desk.target = desk.target, "pool_2 at desk@old:5432/app"
    desk.wait(Action.ENABLE_USER, "user_enabled", NILS)
    desk.target = here
    desk.retry_mirrors(Work())
    desk.back = False
    desk.wait(Action.ENABLE_USER, "user_enabled", "zoe@quay.example")
    desk.retry_mirrors(Work())
    bench.context.announce(Change(Topic.JOURNAL, origin="test"))
    wait_to_see(bench.view, "4 database changes wait")
    assert [[cells[0], cells[1], cells[3], cells[4]] for cells in waiting(bench)] == [
        [CARLA, "MFA off", "1", "The database refuses it: A rule of the table auth.users forbids this."],
        [CARLA, "Disable row", "0", "Waits behind “MFA off” above, which the database refuses."],
        [NILS, "Enable row", "0", "Waits for pool_2 at desk@old:5432/app: this connection has another now."],
        ["zoe@quay.example", "Enable row", "1", "The database is away. The database cannot be reached."],
    ]
    assert waiting(bench)[0][5].count(":") == 2, "the time of the next try"
    assert [cells[5] for cells in waiting(bench)][1:3] == ["after that", "when it is back"]
    said = see(bench.view)
    assert f"The database refuses a change of {CARLA}; later ones wait behind it." in said
    assert "follows by itself once it answers: zoe@quay.example." in said


def test_a_refused_write_is_discarded_and_the_later_one_goes_on(bench: Bench, desk: FakeDesk) -> None:
    desk.refused = {"mfa_disabled"}
    first = desk.wait(Action.SET_MFA_PREFERENCE, "mfa_disabled", CARLA)
    desk.wait(Action.DISABLE_USER, "user_disabled", CARLA)
    desk.retry_mirrors(Work())
    bench.context.announce(Change(Topic.JOURNAL, origin="test"))
    wait_to_see(bench.view, "2 database changes wait")
    assert reason(bench.view, "Discard…") == "Choose a waiting change below first."
    assert bench.view._waiting._table.select(first)
    press(bench.view, "Discard…")
    said = see(dialog(f"Discard the database change of {CARLA}?"))
    assert "The row keeps MFA on, although Cognito has it off." in said
    assert "1 later change of this person can then go on." in said
    answer(bench.view, f"Discard the database change of {CARLA}?", press="Discard")
    bench.toast_of("The database change was discarded.")
    wait_to_see(bench.view, "1 database change waits")
    wait_for(lambda: bench.journal()[0][1:4] == ["Discard database change", CARLA, "done"], "the entry", bench.view)
    press(bench.view, "Try now")
    bench.toast_of("Every database change has landed.")


def test_support_may_retry_what_it_may_do_and_discards_nothing(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, journal: Journal
) -> None:
    desk = FakeDesk(journal, Role.SUPPORT)
    desk.wait(Action.DISABLE_USER, "user_disabled", NILS)
    bench = Bench(qtbot, runner, desk)
    wait_to_see(bench.view, "1 database change waits")
    assert "may not disable a user" in reason(bench.view, "Try now")
    assert "may not discard" in reason(bench.view, "Discard…")
    desk.wait(Action.ENABLE_USER, "user_enabled", CARLA)
    press(bench.view, "Refresh")
    wait_for(lambda: pressable(bench.view, "Try now"), "the button", bench.view)
    press(bench.view, "Try now")
    bench.toast_of("1 landed. 1 database change still waits.")
    wait_for(lambda: [cells[0] for cells in waiting(bench)] == [NILS], "one line", bench.view)
    assert waiting(bench)[0][5] == "by others"
