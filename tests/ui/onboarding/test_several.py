"""Every step that an admin decides, for several people at once: rejected, suspended, disabled, and taken back again."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from app.desk import Desk
from app.launcher import Launcher
from app.onboarding import ladder
from app.onboarding.ladder import Driver, Edge
from app.onboarding.models import OnboardingStatus
from app.permissions import Role
from tests.ui.onboarding.desk import Open, Watched, add, choose, listed, second_desk, sql, status_of
from tests.ui.words import dialog, press, pressable, reason, see, type_into, wait_for, wait_to_see
from ui.actions import ONBOARDING_COMMANDS
from ui.tabs.onboarding.several import WORDS
from ui.tabs.onboarding.view import OnboardingView
from ui.tabs.onboarding.wording import edge_of

S = OnboardingStatus
STEPS = [
    (Edge.REJECT, S.PENDING_APPROVAL, "Reject 2…", "Reject 2 people?", "Reject (2)", "rejected"),
    (Edge.REOPEN, S.REJECTED, "Reopen 2…", "Reopen the applications of 2 people?", "Reopen (2)", "reopened"),
    (Edge.SUSPEND, S.ACTIVE, "Suspend 2…", "Suspend 2 people?", "Suspend (2)", "suspended"),
    (Edge.RESUME, S.SUSPENDED, "Resume 2…", "Lift the suspension of 2 people?", "Resume (2)", "resumed"),
    (Edge.DISABLE, S.PENDING_MFA, "Disable 2…", "Disable 2 people?", "Disable (2)", "disabled"),
    (Edge.ENABLE, S.DISABLED, "Enable 2…", "Enable 2 people?", "Enable (2)", "enabled"),
]


def two(opened: Open, demo: Desk, cleanup: ExitStack, status: OnboardingStatus) -> tuple[OnboardingView, list[str]]:
    emails = [f"pair.{n}@quay.example" for n in range(2)]
    for email in emails:
        add(demo, cleanup, email, status, days=900)
    view = opened()
    choose(view, status, *emails)
    wait_to_see(view, "2 people")
    return view, emails


@pytest.mark.parametrize(("edge", "status", "command", "title", "go", "done"), STEPS, ids=[each[0] for each in STEPS])
def test_a_step_is_tried_asked_taken_and_told(
    opened: Open,
    watched: Watched,
    demo: Desk,
    cleanup: ExitStack,
    edge: Edge,
    status: OnboardingStatus,
    command: str,
    title: str,
    go: str,
    done: str,
) -> None:
    view, emails = two(opened, demo, cleanup, status)
    press(view, command)
    asked = dialog(title)
    said = wait_to_see(asked, "This can be undone")
    assert "Only the database row changes." in said
    assert {status_of(demo, email) for email in emails} == {status.value}, "a dry run changes nothing"
    press(asked, go)
    said = wait_to_see(asked, f"2 people: 2 {done}")
    goals = {step.target.value for step in ladder.transitions() if step.edge is edge and step.source is status}
    assert {status_of(demo, email) for email in emails} <= goals
    watched.toast_of(f": 2 {done}.")
    press(asked, "Undo for 2 people…")
    press(asked, "Take back (2)")
    wait_to_see(asked, "2 people: 2 taken back")
    assert {status_of(demo, email) for email in emails} == {status.value}
    press(asked, "Close")


def test_one_reason_is_kept_for_all_of_them(opened: Open, demo: Desk, cleanup: ExitStack) -> None:
    view, emails = two(opened, demo, cleanup, S.PENDING_APPROVAL)
    press(view, "Reject 2…")
    asked = dialog("Reject 2 people?")
    wait_to_see(asked, "will be rejected")
    type_into(asked, "Reason (optional; the journal keeps it)", "Not in a member country")
    press(asked, "Reject (2)")
    wait_to_see(asked, "2 people: 2 rejected")
    press(asked, "Close")
    for email in emails:
        entry = demo.journal.entries(connection=demo.connection.id, subject=email, limit=1)[0]
        assert entry.details["reason"] == "Not in a member country"


def test_one_person_is_rejected_with_a_reason_too(
    opened: Open, watched: Watched, demo: Desk, cleanup: ExitStack
) -> None:
    add(demo, cleanup, "alone@quay.example", S.PENDING_APPROVAL)
    view = opened()
    choose(view, S.PENDING_APPROVAL, "alone@quay.example")
    press(view, "Reject…")
    asked = dialog("Reject alone@quay.example?")
    type_into(asked, "Reason (optional; the journal keeps it)", "Twice the same company")
    press(asked, "Reject")
    watched.toast_of("alone@quay.example was rejected")
    entry = demo.journal.entries(connection=demo.connection.id, subject="alone@quay.example", limit=1)[0]
    assert entry.details["reason"] == "Twice the same company"
    view.people.list.select("")
    press(view, "Timeline")
    wait_to_see(view, "reason: Twice the same company")


def test_a_mixed_choice_among_the_stuck_works_for_those_who_can(opened: Open, demo: Desk, cleanup: ExitStack) -> None:
    add(demo, cleanup, "mix.approve@quay.example", S.PENDING_APPROVAL, days=3000)
    add(demo, cleanup, "mix.mfa@quay.example", S.PENDING_MFA, days=9000)
    view = opened()
    press(view, "... stuck")
    wanted = ["mix.approve@quay.example", "mix.mfa@quay.example"]
    wait_for(lambda: set(wanted) <= set(listed(view)), "both in the list", view)
    for email in wanted:
        index = view.list.table.model().index(listed(view).index(email), 0)
        flags = view.list.table.selectionModel().SelectionFlag
        view.list.table.selectionModel().setCurrentIndex(index, flags.Select | flags.Rows)
    wait_to_see(view, "They stand in several states: 1 pending approval, 1 pending MFA.")
    assert reason(view, "Suspend 2…").startswith("None of them can. mix.")
    assert reason(view, "Disable 2…") == ""
    press(view, "Reject 1 of 2…")
    asked = dialog("Reject ... people?")
    said = wait_to_see(asked, "1 of 2 people will be left as they are:")
    assert "mix.mfa@quay.example | cannot | Rejecting is for someone who is waiting for approval" in said
    assert "mix.approve@quay.example | will be rejected | Pending approval → Rejected" in said
    press(asked, "Reject (1)")
    wait_to_see(asked, "2 people: 1 rejected, 1 left alone")
    assert [status_of(demo, email) for email in wanted] == ["rejected", "pending_mfa"]
    press(asked, "Close")


def test_support_leaves_administrators_alone(opened: Open, launcher: Launcher, demo: Desk, cleanup: ExitStack) -> None:
    for email in ("plain@quay.example", "chief@quay.example"):
        add(demo, cleanup, email, S.PENDING_APPROVAL, days=900)
    view = opened(second_desk(launcher, demo, cleanup, role=Role.SUPPORT))
    choose(view, S.PENDING_APPROVAL, "plain@quay.example", "chief@quay.example")
    assert reason(view, "Reject 2…") == "The support role may not reject a person. Ask an admin."
    sql(demo, "UPDATE auth.users SET role = 'admin' WHERE email = %s", "chief@quay.example")
    press(view, "Approve 2…")
    asked = dialog("Approve 2 people?")
    wait_to_see(asked, "chief@quay.example | cannot | This is an administrator's account. Only an admin may change it.")
    press(asked, "Approve (1)")
    wait_to_see(asked, "2 people: 1 approved, 1 left alone")
    press(asked, "Close")
    assert status_of(demo, "chief@quay.example") == "pending_approval"


def test_what_is_not_an_admins_to_decide_stays_for_one_at_a_time(opened: Open, demo: Desk, cleanup: ExitStack) -> None:
    decided = {step.edge for step in ladder.transitions() if step.driver is Driver.ADMIN}
    assert set(WORDS) == decided == {edge_of(each.id) for each in ONBOARDING_COMMANDS if each.multiple}
    view, _ = two(opened, demo, cleanup, S.PENDING_VERIFICATION)
    assert "one person at a time" in reason(view, "Confirm email…")
    assert not pressable(view, "Approve 2…")
    assert "Approve 2…" in see(view)
