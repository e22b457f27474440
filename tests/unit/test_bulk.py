"""One change for many people, without Qt, Cognito or a database: who is done, left, failed, not known, not reached."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bulk import Done, Fate, Left, Plan, Ready, Refused, Report, done, run, take_back
from app.changes import Inverse, MirrorResult, Outcome
from app.errors import AppError, ErrorCode
from app.permissions import Action
from app.prechecks import ADMINISTRATOR
from app.work import Work

FAULTS: dict[str, Exception] = {
    "conflict": AppError(ErrorCode.CONFLICT, "Somebody else was faster."),
    "lost": AppError(ErrorCode.TIMEOUT, "No answer came."),
    "admin": AppError(ErrorCode.NOT_ALLOWED, ADMINISTRATOR),
    "away": AppError(ErrorCode.DATABASE_UNREACHABLE, "The database is away."),
    "fault": ValueError("hunter2"),
}


class StopsAfter(Work):
    """Work that is asked to stop after so many steps."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.steps = steps

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        if done >= self.steps:
            self.cancel()
        super().progress(done, total, note)


def plan(*items: str, refused: tuple[Refused, ...] = ()) -> Plan[str]:
    return Plan(tuple(Ready(f"{item}@x.example", item, f"key-{item}") for item in items), refused)


def undo(name: str, back: list[str], fault: Exception | None = None) -> Inverse:
    def call() -> Outcome[None]:
        if fault is not None:
            raise fault
        back.append(name)
        return Outcome(None, 1, "done", "")

    return Inverse(Action.ENABLE_USER, "Enable again", call)


def failing(*faults: str) -> Callable[[str], Done | Left]:
    """The change fails for those who are called after a fault, and finds nothing to do for “same”."""

    def change(item: str) -> Done | Left:
        if item in faults:
            raise FAULTS[item]
        return Left("Both sides agree.") if item == "same" else Done(f"{item} was changed.")

    return change


def who(report: Report[str], fate: Fate) -> list[str]:
    return [each.person.item for each in report.of(fate)]


def test_a_failure_stops_nobody_else_and_everybody_is_told() -> None:
    refused = (Refused("z@x.example", "They may not."),)
    report = run(plan("a", "conflict", "lost", "same", "admin", "b", refused=refused), failing(*FAULTS), Work())
    assert who(report, Fate.DONE) == ["a", "b"]
    assert who(report, Fate.FAILED) == ["conflict"]
    assert who(report, Fate.UNKNOWN) == ["lost"]
    assert who(report, Fate.LEFT) == ["same", "admin"]
    assert (report.untried, report.stopped, report.total, report.all_well) == ((), None, 7, False)
    assert report.lines() == [
        ("lost@x.example", "not known", "No answer came."),
        ("conflict@x.example", "failed", "Somebody else was faster."),
        ("z@x.example", "left alone", "They may not."),
        ("same@x.example", "left alone", "Both sides agree."),
        ("admin@x.example", "left alone", ADMINISTRATOR),
        ("a@x.example", "done", "a was changed."),
        ("b@x.example", "done", "b was changed."),
    ]


def test_what_everybody_after_would_meet_too_ends_the_run() -> None:
    report = run(plan("a", "away", "b"), failing("away"), Work())
    assert (who(report, Fate.DONE), [each.item for each in report.untried]) == (["a"], ["away", "b"])
    assert report.stopped is FAULTS["away"]
    assert ("b@x.example", "not tried", "The database is away.") in report.lines()


def test_a_fault_of_the_program_keeps_its_text_to_itself(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        report = run(plan("fault", "b"), failing("fault"), Work())
    assert who(report, Fate.DONE) == ["b"]
    assert "hunter2" not in report.of(Fate.FAILED)[0].note
    assert "unknown way" in caplog.text


def test_stopped_in_the_middle_it_tells_who_was_done_and_who_was_not_reached() -> None:
    report = run(plan(*"abcd"), failing(), StopsAfter(2))
    assert (who(report, Fate.DONE), [each.item for each in report.untried]) == (["a", "b"], ["c", "d"])
    assert report.stopped is None
    assert not report.all_well


def test_it_is_tried_again_for_those_who_failed_or_were_not_reached_and_for_nobody_else() -> None:
    refused = (Refused("z@x.example", "They may not."),)
    first = run(plan("a", "conflict", "lost", "away", "b", refused=refused), failing(*FAULTS), Work())
    assert [each.item for each in first.again] == ["conflict", "away", "b"], "who may have been changed is not"
    second = run(Plan(first.again[:2], (Refused("b@x.example", "Gone."),)), failing(), Work())
    both = first.followed_by(second)
    assert who(both, Fate.DONE) == ["a", "conflict", "away"]
    assert who(both, Fate.UNKNOWN) == ["lost"]
    assert (both.total, both.again, both.stopped, len(both.refused)) == (first.total, (), None, 2)


def test_a_run_is_taken_back_the_last_first_and_only_where_there_is_a_way_back() -> None:
    back: list[str] = []
    gone = AppError(ErrorCode.CONFLICT, "Changed again meanwhile.")

    def change(item: str) -> Done:
        return Done("", None if item == "b" else undo(item, back, gone if item == "c" else None))

    report = run(plan(*"abcd"), change, Work())
    assert [each.person.item for each in report.undoable] == ["d", "c", "a"]
    taken = take_back(report, Work())
    assert back == ["d", "a"]
    assert (taken.back, who(taken, Fate.DONE), who(taken, Fate.FAILED)) == (True, ["d", "a"], ["c"])
    assert taken.lines()[-1] == ("a@x.example", "taken back", "")
    stopped = take_back(report, StopsAfter(1))
    assert [each.item for each in stopped.untried] == ["c", "a"]
    assert [each.person.item for each in stopped.undoable] == ["c", "a"], "it can go on"
    both = stopped.followed_by(take_back(stopped, Work()))
    assert (both.back, who(both, Fate.DONE), who(both, Fate.FAILED)) == (True, ["d", "a"], ["c"])
    assert (both.undoable, both.again, both.untried) == ((), (), ())


def test_reasons_are_counted_without_the_names() -> None:
    found = plan(
        refused=(
            Refused("a@x.example", "a@x.example is disabled."),
            Refused("b@x.example", "b@x.example is disabled."),
            Refused("", "It is your own account."),
        )
    )
    assert found.reasons() == [("… is disabled.", 2), ("It is your own account.", 1)]


@pytest.mark.parametrize(
    ("mirror", "note", "said"),
    [("done", "Row written.", "Now: x"), ("pending", "It will follow.", "It will follow."), ("none", "", "Now: x"),
     ("skipped", "No row.", "No row."), ("none", "Not written down.", "Not written down.")],
)  # fmt: skip
def test_what_the_databases_side_still_owes_is_said_first(mirror: MirrorResult, note: str, said: str) -> None:
    assert done(Outcome(None, 1, mirror, note), "Now: x").note == said


@given(st.lists(st.sampled_from(["ok", "same", *FAULTS])), st.integers(0, 20))
def test_nobody_is_lost_and_nobody_is_done_twice(items: list[str], stop: int) -> None:
    called: list[int] = []

    def change(item: tuple[int, str]) -> Done | Left:
        called.append(item[0])
        return failing(*FAULTS)(item[1])

    logging.disable(logging.CRITICAL)
    try:
        people = tuple(Ready(f"p{number}", (number, item)) for number, item in enumerate(items))
        report = run(Plan(people), change, StopsAfter(stop))
    finally:
        logging.disable(logging.NOTSET)
    assert called == sorted(set(called))
    told = [each.person for each in report.results] + list(report.untried)
    assert tuple(told) == people
    assert len(report.lines()) == len(people) == report.total
    assert set(report.again).isdisjoint(each.person for each in report.of(Fate.DONE))
    if report.stopped is None and stop > len(items):
        assert not report.untried
