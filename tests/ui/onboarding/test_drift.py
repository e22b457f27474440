"""Drift in the tab on the real demo: found, filtered, tried, mended on both sides, exported, taken to the search."""

from __future__ import annotations

import csv
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from app.desk import Desk
from app.drift.fixes import FIXES, AddRow, Move, Switch, Verify, Write
from app.drift.service import DriftLine, Kind
from app.launcher import Launcher
from app.onboarding.ladder import Edge
from app.onboarding.models import OnboardingStatus
from app.permissions import Role
from app.work import Work
from tests.ui.onboarding.desk import Open, Watched, add, second_desk, sql, status_of
from tests.ui.words import dialog, press, pressable, reason, rows, see, type_into, wait_for, wait_to_see
from ui.context import Change, Topic
from ui.tabs.onboarding.drift_words import search_for, sides, step_words
from ui.tabs.onboarding.view import OnboardingView
from ui.tabs.onboarding.wording import ORIGIN
from ui.text import difference

S = OnboardingStatus


COMPARE = ("Compare now", "Compare again")


def compared(opened: Open, desk: Desk | None = None) -> OnboardingView:
    view = opened(desk)
    press(view, "Drift")
    before = datetime.now(UTC)
    press(view, wait_for(lambda: next((each for each in COMPARE if pressable(view, each)), None), "a way", view))
    wait_for(lambda: (shown := view.drift._presenter.shown) and shown.report.at > before, "a comparison", view, 30)
    wait_to_see(view, "One person may differ in several ways")
    return view


def listed(view: OnboardingView) -> list[str]:
    return [line[0] for line in rows(view.drift.table)]


def _chosen(view: OnboardingView, wanted: Kind) -> bool:
    return [bar.key for bar in view.drift.kinds.bars if bar.chosen] == [wanted]


def kind(view: OnboardingView, wanted: Kind) -> None:
    press(view, f"...{difference(wanted)}: ...")


@pytest.fixture
def orphan(demo: Desk, cleanup: ExitStack) -> str:
    """A row of the pool's people that nobody in the pool goes with."""
    add(demo, cleanup, "orphan@quay.example", S.ACTIVE)
    return "orphan@quay.example"


def test_a_kind_is_found_tried_and_mended(opened: Open, watched: Watched, demo: Desk, orphan: str) -> None:
    view = compared(opened)
    kind(view, Kind.ONLY_DATABASE)
    wait_for(lambda: orphan in listed(view), "the row without a user", view)
    wait_to_see(view, "nobody in the pool goes with it")
    view.drift.table.selectRow(listed(view).index(orphan))
    press(view, "Disable the row: 1 chosen…")
    asked = dialog("Disable the row?")
    said = wait_to_see(asked, "Only the database is changed.")
    assert f"{orphan} | will be mended | Step: disable" in said
    assert status_of(demo, orphan) == "active", "a dry run changes nothing"
    press(asked, "Mend (1)")
    wait_to_see(asked, "1 person: 1 mended")
    assert status_of(demo, orphan) == "disabled"
    press(asked, "Close")
    watched.toast_of("Disable the row (1 person): 1 mended.")
    wait_for(lambda: orphan not in listed(view), "a report without it", view)
    assert (
        demo.journal.entries(connection=demo.connection.id, subject=orphan, limit=1)[0].action == "onboarding.disable"
    )


def test_what_the_row_says_is_not_cut_and_the_chosen_kind_is_told(opened: Open, demo: Desk, cleanup: ExitStack) -> None:
    view = compared(opened)
    drift = view.drift
    assert [bar.name for bar in drift.kinds.bars if bar.chosen] == ["All kinds"]
    for width in (1252, 932):  # of the tab in a window of 1440 and of 1024
        view.resize(width, 600)
        for wanted in (Kind.EMAIL_VERIFIED, Kind.ENABLED):
            kind(view, wanted)
            wait_for(partial(_chosen, view, wanted), "the kind", view)
            table = drift.table
            longest = table.fitting_width("not verified, Pending verification")
            assert not table.isColumnHidden(3)
            assert table.columnWidth(3) >= longest, (width, wanted)
            assert sum(table.columnWidth(at) for at in (0, 2, 3)) <= table.viewport().width()


def test_what_changed_since_the_comparison_is_left_alone(opened: Open, demo: Desk, orphan: str) -> None:
    view = compared(opened)
    kind(view, Kind.ONLY_DATABASE)
    wait_for(lambda: orphan in listed(view), "the row without a user", view)
    view.drift.table.selectRow(listed(view).index(orphan))
    sql(demo, "UPDATE auth.users SET status = 'disabled' WHERE email = %s", orphan)
    press(view, "Disable the row: 1 chosen…")
    asked = dialog("Disable the row?")
    press(asked, "Mend (1)")
    said = wait_to_see(asked, "1 person: 0 mended, 1 left alone")
    assert "Both sides agree by now" in said
    press(asked, "Close")


def test_a_fix_in_cognito_warns_of_the_bill_and_reaches_it(opened: Open, demo: Desk) -> None:
    view = compared(opened)
    kind(view, Kind.ENABLED)
    wait_for(lambda: view.drift._fixes, "fixes", view)
    lines = [line for line in view.drift.table.rows() if line.enabled is False]
    assert lines, "the demo has somebody who is disabled in Cognito alone"
    view.drift.table.selectRow(list(view.drift.table.rows()).index(lines[0]))
    press(view, "Disable or enable the person in Cognito ...: 1 chosen…")
    asked = dialog("Disable or enable the person in Cognito ...?")
    wait_to_see(asked, "1 person may count as active users of this month, whom AWS bills.")
    press(asked, "Mend (1)")
    wait_to_see(asked, "1 person: 1 mended")
    assert lines[0].username is not None
    assert demo.people.details(lines[0].username).enabled
    press(asked, "Undo for 1 person…")
    wait_to_see(asked, "It may count them as billed active users of this month")
    press(asked, "Take back (1)")
    wait_to_see(asked, "1 person: 1 taken back")
    assert not demo.people.details(lines[0].username).enabled
    press(asked, "Close")


def test_filters_export_and_the_search_follow_the_kind(
    opened: Open, watched: Watched, demo: Desk, orphan: str, tmp_path: Path
) -> None:
    view = compared(opened)
    everybody = len(listed(view))
    type_into(view, "Filter the differences", "orphan")
    wait_for(lambda: listed(view) == [orphan], "one line", view)
    path = tmp_path / "differences.csv"
    view.drift._on_path(str(path))
    watched.toast_of("1 person written to differences.csv.")
    with path.open(newline="", encoding="utf-8") as file:
        assert [line["row_email"] for line in csv.DictReader(file)] == [orphan]
    type_into(view, "Filter the differences", "no such person")
    wait_to_see(view, "Nothing matches.")
    assert reason(view, "Export CSV…") == "There is nobody."
    type_into(view, "Filter the differences", "")
    wait_for(lambda: len(listed(view)) == everybody, "everybody", view)
    press(view, "Show in Users")
    assert watched.visits[-1] == ("users", {"search": "drift:yes"})
    kind(view, Kind.ONLY_DATABASE)
    wait_for(lambda: view.drift._only is Kind.ONLY_DATABASE, "the kind", view)
    assert "no search among users finds them" in reason(view, "Show in Users")
    kind(view, Kind.ENABLED)
    wait_for(lambda: view.drift._only is Kind.ENABLED, "the kind", view)
    press(view, "Show in Users")
    assert watched.visits[-1] == ("users", {"search": "drift:enabled"})


def test_a_viewer_may_compare_and_try_but_not_mend_or_export(
    opened: Open, launcher: Launcher, demo: Desk, cleanup: ExitStack, orphan: str
) -> None:
    view = compared(opened, second_desk(launcher, demo, cleanup, role=Role.VIEWER))
    kind(view, Kind.ONLY_DATABASE)
    wait_for(lambda: orphan in listed(view), "the row without a user", view)
    assert "signed in as a viewer" in reason(view, "Export CSV…")
    press(view, "Disable the row…")
    asked = dialog("Disable the row?")
    wait_to_see(asked, "signed in as a viewer")
    assert not pressable(asked, "Mend...")
    press(asked, "Close")


def test_it_says_when_people_were_changed_since(opened: Open, watched: Watched, demo: Desk) -> None:
    view = compared(opened)
    assert "People were changed since" not in see(view)
    watched.announce(Change(Topic.ONBOARDING, (), "live"))
    assert "People were changed since" not in see(view), "the comparison has just seen it"
    watched.announce(Change(Topic.USERS, ("a",), "users-tab"))
    wait_to_see(view, "People were changed since this comparison.")
    press(view, "Compare again")
    wait_for(lambda: "People were changed since" not in see(view), "no banner", view)


def test_the_search_knows_every_kind_that_it_is_sent(demo: Desk) -> None:
    if demo.people.loaded is None:
        demo.people.load(Work())
    for wanted in Kind:
        found = search_for(frozenset({wanted}))
        if found is not None:
            demo.index.view(found)
    assert search_for(frozenset()) == "drift:yes"
    assert len({difference(each) for each in Kind}) == len(Kind)


def test_sides_and_steps_in_words() -> None:
    line = DriftLine((Kind.ENABLED, Kind.EMAIL_VERIFIED), enabled=True, email_verified=True, row_status="pending_mfa")
    assert sides(line, frozenset({Kind.ENABLED})) == ("enabled", "Pending MFA")
    assert sides(line, frozenset({Kind.EMAIL_VERIFIED})) == ("verified", "not verified, Pending MFA")
    assert [step_words(step) for step in (AddRow(), Move(Edge.CONFIRM_EMAIL), Switch(True), Verify(False))] == [
        "A row is added", "Step: confirm email", "Enabled in Cognito", "No longer verified in Cognito",
    ]  # fmt: skip
    assert step_words(Write({"email_verified": True, "mfa_method": None}, "Mind it.")) == (
        "email_verified: true, mfa_method: none. Mind it."
    )
    assert set(FIXES) == set(Kind), "every kind has a fix"


def test_a_comparison_of_another_view_is_shown_here_and_the_other_way_round(
    opened: Open, watched: Watched, demo: Desk, orphan: str
) -> None:
    view = compared(opened)
    assert orphan in listed(view)
    assert Change(Topic.DRIFT, (), ORIGIN) in watched.changes
    sql(demo, "UPDATE auth.users SET status = 'disabled' WHERE email = %s", orphan)
    newer = demo.drift.compare(Work())
    watched.announce(Change(Topic.DRIFT, (), "overview"))
    wait_for(lambda: orphan not in listed(view), "the other view's report", view)
    assert view.drift._presenter.shown is not None
    assert view.drift._presenter.shown.report is newer
    assert "People were changed since" not in see(view)
    again = opened()
    press(again, "Drift")
    wait_to_see(again, "One person may differ in several ways")
    assert again.drift._presenter.shown is not None
    assert again.drift._presenter.shown.report is newer, "nothing is compared twice"
