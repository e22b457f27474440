"""The database's own page, and the tab on a database that lets nobody be moved."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.launcher import Launcher
from app.onboarding.ladder import Edge
from app.onboarding.live import LiveMode, LiveState, trigger_sql
from app.onboarding.models import OnboardingStatus
from app.onboarding.schema import OPTIONAL, REQUIRED, report
from app.permissions import Role
from tests.ui.conftest import shown
from tests.ui.onboarding.desk import Open, add, choose, edge_button, second_desk, sql
from tests.ui.words import press, see, wait_for, wait_to_see
from ui.tabs.onboarding.database_page import columns_badge, columns_words, rights_badge, rights_words
from ui.widgets.sql_box import SqlBox

S = OnboardingStatus


def test_a_complete_table_and_sufficient_rights_are_told(opened: Open, demo: Desk) -> None:
    view = opened()
    press(view, "Database")
    wait_to_see(view.database, "PostgreSQL ")
    wait_to_see(view.database, "All 16 columns that the Desk knows are there.")
    said = wait_to_see(view.database, "It needs no more.")
    assert "ALTER TABLE" not in said
    assert "GRANT" not in said
    assert not view._read_only.isVisible()


def test_the_trigger_is_offered_and_never_installed(opened: Open, demo: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    view = opened()
    press(view, "Database")
    wait_to_see(view.database, "PostgreSQL ")
    assert demo.live is not None
    monkeypatch.setattr(demo.live, "_state", LiveState(LiveMode.POLLING))
    view.database.show_live()
    wait_to_see(view.database, "The Desk never installs it")
    press(view.database, "Copy: Statements that install the trigger")
    assert QGuiApplication.clipboard().text() == trigger_sql().rstrip("\n") + "\n"
    wait_to_see(view.database, "Copied. Nothing was run.")
    assert sql(demo, "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal") == [(0,)]
    monkeypatch.setattr(demo.live, "_state", LiveState(LiveMode.POLLING, indexed=False))
    view.database.show_live()
    wait_to_see(view.database, "CREATE INDEX CONCURRENTLY")
    monkeypatch.setattr(demo.live, "_state", LiveState(LiveMode.LISTENING))
    view.database.show_live()
    assert "CREATE" not in see(view.database)


def test_where_the_user_may_only_look_every_step_says_so(
    opened: Open, launcher: Launcher, demo: Desk, cleanup: ExitStack
) -> None:
    add(demo, cleanup, "locked@quay.example", S.PENDING_APPROVAL)
    sql(demo, "REVOKE UPDATE ON auth.users FROM CURRENT_USER")
    cleanup.callback(sql, demo, "GRANT UPDATE ON auth.users TO CURRENT_USER")
    view = opened()
    wait_for(view._read_only.isVisible, "the word read-only", view)
    choose(view, S.PENDING_APPROVAL, "locked@quay.example")
    wait_to_see(view, "Locked")
    for edge in Edge:
        assert not edge_button(view, edge).isEnabled()
        assert "may look only: it lacks UPDATE on auth.users" in edge_button(view, edge).toolTip()
    press(view, "Database")
    wait_to_see(view.database, "GRANT UPDATE")
    wait_to_see(view.database, "look only")
    sql(demo, "GRANT UPDATE ON auth.users TO CURRENT_USER")
    press(view, "Look again")
    wait_for(lambda: not view._read_only.isVisible(), "no more read-only", view)
    press(view, "List")
    wait_for(edge_button(view, Edge.APPROVE).isEnabled, "an approval that can be given", view)


def test_a_viewer_is_told_that_it_is_read_only(
    opened: Open, launcher: Launcher, demo: Desk, cleanup: ExitStack
) -> None:
    view = opened(second_desk(launcher, demo, cleanup, role=Role.VIEWER))
    wait_for(view._read_only.isVisible, "the word read-only", view)
    assert "signed in as a viewer" in view._read_only.toolTip()


def test_missing_columns_are_named_with_the_statement_that_adds_them(
    opened: Open, demo: Desk, cleanup: ExitStack
) -> None:
    assert demo.database is not None
    sql(demo, "ALTER TABLE auth.users RENAME COLUMN mfa_required TO elsewhere")
    cleanup.callback(demo.database.check)
    cleanup.callback(sql, demo, "ALTER TABLE auth.users RENAME COLUMN elsewhere TO mfa_required")
    view = opened()
    press(view, "Database")
    said = wait_to_see(view.database, "Missing, and done without: mfa_required.")
    assert "ADD COLUMN mfa_required boolean" in said


def test_words_for_every_shape_of_the_table() -> None:
    every = frozenset(REQUIRED) | frozenset(OPTIONAL)
    assert columns_badge(report(every)).text == "complete"
    assert columns_badge(report(frozenset())).text == "no such table"
    assert "There is no table" in columns_words(report(frozenset()))
    assert columns_badge(report(every - {"status"})).text == "columns are missing"
    assert "cannot work without status" in columns_words(report(every - {"status"}))
    assert columns_badge(report(every, ("archived",))).text == "usable"
    assert "archived" in columns_words(report(every, ("archived",)))


def test_words_for_every_lack_of_rights() -> None:
    every = report(frozenset(REQUIRED) | frozenset(OPTIONAL))
    assert rights_badge(report(frozenset())).text == "not known"
    assert "no table" in rights_words(report(frozenset()))
    assert rights_badge(every).text == "sufficient"
    some = replace(every, missing_grants=("INSERT on auth.users (email)",), writable=False)
    assert rights_badge(some).text == "some are missing"
    assert rights_words(some) == "Missing: INSERT on auth.users (email)."
    replica = replace(every, frozen="This database is a replica.", writable=False)
    assert (rights_badge(replica).text, rights_words(replica)) == ("look only", "This database is a replica.")
    assert rights_badge(replace(every, readable=False, missing_grants=("SELECT",))).text == "may not look"


def test_an_empty_statement_shows_nothing(qtbot: QtBot) -> None:
    box = SqlBox("Statement")
    shown(qtbot, box)
    box.show_sql("Words", "SELECT 1;\n")
    assert "SELECT 1;" in see(box)
    assert box.text.toPlainText() == "SELECT 1;", "an empty line at the end would scroll"
    box.show_sql("Words", "")
    assert not box.isVisible()
