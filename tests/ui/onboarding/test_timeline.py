"""The timeline of one person: what the row remembers and what the journal holds, newest first."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.desk import Desk
from app.errors import AppError, ErrorCode
from app.journal import Journal
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.permissions import Action
from tests.ui.onboarding.desk import Open, Watched, add, choose
from tests.ui.words import press, see, wait_for, wait_to_see
from ui.tabs.onboarding.timeline import MOST, read, row_events

S = OnboardingStatus
NOW = datetime.now(UTC)


def row(**fields: object) -> DatabaseUser:
    return DatabaseUser("7", "zoe@x.example", S.ACTIVE, "cognito", True, subject="sub-zoe", **fields)  # type: ignore[arg-type]


def test_the_row_tells_its_moments_and_one_only_once() -> None:
    moment = NOW - timedelta(days=3)
    assert [event.title for event in row_events(row(created_at=moment, updated_at=moment))] == ["Row created"]
    told = row_events(row(created_at=moment, updated_at=NOW, mfa_enrolled_at=moment, mfa_method="totp"))
    assert [(event.title, event.detail) for event in told] == [
        ("Row created", ""), ("Authenticator enrolled", "TOTP"), ("Row last changed", "Now: Active"),
    ]  # fmt: skip


def test_what_was_filed_under_the_sub_and_under_the_address_is_told_once_and_in_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    details = {"person": "zoe@x.example", "from": "pending_approval", "to": "pending_mfa"}
    begun = journal.begin(connection="c", operator="ada", action=Action.APPROVE, subject="sub-zoe", details=details)
    journal.succeed(begun)
    begun = journal.begin(connection="c", operator="bob", action=Action.SUSPEND, subject="zoe@x.example", details={})
    journal.fail(begun, AppError(ErrorCode.CONFLICT, "Somebody else was faster."))
    journal.begin(connection="c", operator="eve", action=Action.REJECT, subject="other@x.example", details={})
    found = read(journal, "c", row(created_at=NOW - timedelta(days=9)))
    assert [(event.title, event.tone) for event in found.events] == [
        ("Suspend: failed", "bad"), ("Approve", "ok"), ("Row created", "accent"),
    ]  # fmt: skip
    assert "Pending approval → Pending MFA" in found.events[1].detail
    assert "by ada" in found.events[1].detail
    assert "Somebody else was faster." in found.events[0].hint
    journal.close()


def test_a_long_history_is_cut_and_says_so(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    for _ in range(MOST + 5):
        journal.succeed(
            journal.begin(connection="c", operator="ada", action=Action.APPROVE, subject="sub-zoe", details={})
        )
    found = read(journal, "c", row())
    assert (len(found.events), found.more) == (MOST, True)
    journal.close()


def test_the_pane_shows_it_and_a_step_is_added_at_once(
    opened: Open, watched: Watched, demo: Desk, cleanup: ExitStack
) -> None:
    add(demo, cleanup, "historic@quay.example", S.PENDING_APPROVAL)
    view = opened()
    choose(view, S.PENDING_APPROVAL, "historic@quay.example")
    wait_to_see(view, "Historic")
    press(view, "Timeline")
    wait_to_see(view.pane, "Row created")
    assert "Pending approval → Pending MFA" not in see(view.pane)
    press(view, "Approve")
    watched.toast_of("was approved")
    wait_to_see(view.pane, "Pending approval → Pending MFA")
    hints = [label.toolTip() for label in view.pane.timeline.findChildren(type(view.pane.timeline._lines[0]._when))]
    assert any("UTC" in hint for hint in hints)
    press(view, "Show in Activity")
    assert watched.visits == [("activity", {"search": "historic@quay.example"})]


def test_a_journal_that_cannot_be_read_is_told(opened: Open, demo: Desk, cleanup: ExitStack) -> None:
    add(demo, cleanup, "unread@quay.example", S.PENDING_APPROVAL)
    view = opened()
    choose(view, S.PENDING_APPROVAL, "unread@quay.example")
    press(view, "Timeline")
    wait_to_see(view.pane, "Row created")
    view.people.timeline.failed.emit(AppError(ErrorCode.FILE_ERROR, "The journal cannot be read."))
    wait_for(lambda: "The journal cannot be read." in see(view.pane), "the reason", view)
