"""Approving several people: the dry run, the question, the run with its end, and being stopped or hidden meanwhile."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtGui import QGuiApplication

from app.changes import Outcome
from app.desk import Desk
from app.errors import AppError, ErrorCode
from app.onboarding import ladder
from app.onboarding.ladder import Edge
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.onboarding.users import OnboardingReader
from app.people import People
from app.permissions import Operator, Role
from app.work import Cancelled, Work
from tests.ui.onboarding.desk import Open, Watched, add, choose, listed, sql, status_of
from tests.ui.words import answer, dialog, press, pressable, reason, see, wait_for, wait_to_see
from ui.tabs.onboarding.bulk import StepOrder
from ui.tabs.onboarding.moves import Moves
from ui.tabs.onboarding.view import OnboardingView

S = OnboardingStatus
Three = tuple[OnboardingView, list[str]]


@pytest.fixture
def three(opened: Open, demo: Desk, cleanup: ExitStack) -> Three:
    """The tab with three people chosen who wait for an approval."""
    emails = [f"bulk.{n}@quay.example" for n in range(3)]
    for email in emails:
        add(demo, cleanup, email, S.PENDING_APPROVAL)
    view = opened()
    choose(view, S.PENDING_APPROVAL, *emails)
    wait_to_see(view, "3 people")
    return view, emails


class Gate:
    """People.move that waits before the second person until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.arrived, self.opened = threading.Event(), threading.Event()
        self._count = 0
        real = People.move

        def move(people: People, row: DatabaseUser, edge: Edge, reason: str = "") -> Outcome[DatabaseUser]:
            self._count += 1
            if self._count == 2:
                self.arrived.set()
                assert self.opened.wait(10)
            return real(people, row, edge, reason)

        monkeypatch.setattr(People, "move", move)


def test_the_dry_run_finds_who_cannot_and_changes_nothing(three: Three, watched: Watched, demo: Desk) -> None:
    view, emails = three
    assert "one person at a time" in reason(view, "Confirm email…")
    sql(demo, "UPDATE auth.users SET status = 'suspended' WHERE email = %s", emails[1])
    press(view, "Approve 3…")
    asked = dialog("Approve 3 people?")
    said = wait_to_see(asked, "1 of 3 people will be left as they are:")
    assert "bulk.1@quay.example | cannot | Approving is for someone who is waiting for approval" in said
    assert "bulk.0@quay.example | will be approved" in said
    wait_to_see(asked, "An approval has no direct way back.")
    assert [status_of(demo, email) for email in emails] == ["pending_approval", "suspended", "pending_approval"]
    press(asked, "Approve (2)")
    said = wait_to_see(asked, "3 people: 2 approved, 1 left alone")
    assert "bulk.1@quay.example | left alone" in said
    assert [status_of(demo, email) for email in emails] == ["pending_mfa", "suspended", "pending_mfa"]
    press(asked, "Copy")
    assert "bulk.0@quay.example\tapproved\tNow: Pending MFA" in QGuiApplication.clipboard().text()
    press(asked, "Close")
    watched.toast_of("Approving 2 people: 2 approved, 1 left alone.")
    wait_for(lambda: not set(emails) & set(listed(view)), "a list without the three", view)


def test_nobody_is_moved_before_the_answer(three: Three, demo: Desk) -> None:
    view, emails = three
    press(view, "Approve 3…")
    wait_to_see(dialog("Approve 3 people?"), "will be approved")
    answer(view, "Approve 3 people?", press="Cancel")
    assert {status_of(demo, email) for email in emails} == {"pending_approval"}


def test_who_is_changed_between_dry_run_and_run_is_reported(three: Three, demo: Desk) -> None:
    view, emails = three
    press(view, "Approve 3…")
    asked = dialog("Approve 3 people?")
    wait_to_see(asked, "will be approved")
    sql(demo, "UPDATE auth.users SET status = 'suspended' WHERE email = %s", emails[1])
    press(asked, "Approve (3)")
    said = wait_to_see(asked, "3 people: 2 approved, 1 failed")
    assert "was pending_approval when it was read and is suspended now" in said
    press(asked, "Close")


def test_it_can_be_stopped_in_the_middle(three: Three, demo: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)
    view, emails = three
    press(view, "Approve 3…")
    asked = dialog("Approve 3 people?")
    press(asked, "Approve (3)")
    wait_for(gate.arrived.is_set, "the second person")
    wait_to_see(asked, "1 of 3: bulk.1@quay.example")
    press(asked, "Stop")
    gate.opened.set()
    said = wait_to_see(asked, "3 people: 2 approved, 1 not tried")
    assert "bulk.2@quay.example | not tried" in said
    assert [status_of(demo, email) for email in emails] == ["pending_mfa", "pending_mfa", "pending_approval"]
    press(asked, "Close")


def test_hidden_it_goes_on_and_tells_at_the_end(three: Three, demo: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)
    view, emails = three
    press(view, "Approve 3…")
    asked = dialog("Approve 3 people?")
    press(asked, "Approve (3)")
    wait_for(gate.arrived.is_set, "the second person")
    press(asked, "Hide")
    sql(demo, "UPDATE auth.users SET status = 'suspended' WHERE email = %s", emails[2])
    gate.opened.set()
    said = see(dialog("3 people: 2 approved, 1 failed"))
    assert "is suspended now" in said
    answer(view, "3 people: 2 approved, 1 failed", press="Close")


def test_where_nobody_can_be_approved_there_is_nothing_to_press(three: Three, demo: Desk) -> None:
    view, _ = three
    sql(demo, "UPDATE auth.users SET status = 'suspended' WHERE email LIKE 'bulk.%%' AND %s", True)
    press(view, "Approve 3…")
    asked = dialog("Approve 3 people?")
    wait_to_see(asked, "Nobody is left for whom it can be done.")
    assert not pressable(asked, "Approve...")
    press(asked, "Close")


class _Rows:
    def __init__(self, **answers: Any) -> None:
        self._answers = answers

    def get(self, id: str) -> DatabaseUser:
        found = self._answers[id]
        if isinstance(found, AppError):
            raise found
        return DatabaseUser(id, f"{id}@x.example", found, "cognito", True)


def order(rows: _Rows, *ids: str) -> StepOrder:
    people = tuple(DatabaseUser(id, f"{id}@x.example", S.PENDING_APPROVAL, "cognito", True) for id in ids)
    operator = Operator("boss@quay.example", Role.ADMIN)
    desk = SimpleNamespace(onboarding=rows, operator=operator, why_not=lambda action: None)
    return StepOrder(cast("Desk", desk), cast("Moves", None), Edge.APPROVE, people)


def test_the_plan_names_those_who_are_gone_and_those_who_moved() -> None:
    gone = AppError(ErrorCode.USER_NOT_FOUND, "The database has no such row any more.")
    plan = order(_Rows(a=S.PENDING_APPROVAL, b=gone, c=S.ACTIVE), "a", "b", "c").plan(Work())
    assert [person.key for person in plan.ready] == ["a"]
    assert [(each.who, each.reason) for each in plan.refused] == [
        ("b@x.example", "The database has no such row any more."),
        ("c@x.example", ladder.why_not(Edge.APPROVE, S.ACTIVE)),
    ]


def test_a_database_that_is_away_ends_the_dry_run_and_stopping_it_too() -> None:
    away = AppError(ErrorCode.DATABASE_UNREACHABLE, "gone", retryable=True)
    with pytest.raises(AppError):
        order(_Rows(a=away), "a").plan(Work())
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        order(_Rows(a=away), "a").plan(work)


def test_who_failed_is_tried_again_after_being_read_anew(three: Three, demo: Desk) -> None:
    view, emails = three
    press(view, "Approve 3…")
    asked = dialog("Approve 3 people?")
    wait_to_see(asked, "will be approved")
    sql(demo, "UPDATE auth.users SET status = 'suspended' WHERE email = %s", emails[1])
    press(asked, "Approve (3)")
    wait_to_see(asked, "3 people: 2 approved, 1 failed")
    sql(demo, "UPDATE auth.users SET status = 'pending_approval' WHERE email = %s", emails[1])
    press(asked, "Try again for 1 person…")
    wait_to_see(asked, "will be approved")
    press(asked, "Approve (1)")
    wait_to_see(asked, "3 people: 3 approved")
    assert not pressable(asked, "Undo..."), "an approval has no way back"
    assert {status_of(demo, email) for email in emails} == {"pending_mfa"}
    press(asked, "Close")


def test_a_failed_dry_run_can_be_repeated(three: Three, monkeypatch: pytest.MonkeyPatch) -> None:
    view, _ = three
    away = AppError(ErrorCode.DATABASE_UNREACHABLE, "The database cannot be reached.", retryable=True)

    def fail(reader: OnboardingReader, id: str) -> DatabaseUser:
        raise away

    with monkeypatch.context() as patched:
        patched.setattr(OnboardingReader, "get", fail)
        press(view, "Approve 3…")
        asked = dialog("Approve 3 people?")
        wait_to_see(asked, "The application database cannot be reached")
    press(asked, "Retry")
    wait_to_see(asked, "will be approved")
    press(asked, "Cancel")
