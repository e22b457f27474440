"""Two Desks that enrol the same person: what can be known is told to the later one, and the truth at the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app import enrolment_history
from app.auth.enrolment import Start
from app.auth.stages import Finished
from app.enrolment_history import EnrolmentHistory
from app.enrolments import Enrolments
from app.errors import AppError, ErrorCode
from app.journal import Journal
from app.permissions import Role
from tests.services.clinic import PASSWORD, Clinic, at, scan
from tests.services.faults import refusal


def second(clinic: Clinic, journal: Journal) -> Enrolments:
    """The enrolments of bea's Desk, which has this journal open."""
    own, clinic.journal = clinic.journal, journal
    try:
        return clinic.of(Role.ADMIN, "bea")
    finally:
        clinic.journal = own


@pytest.fixture
def other(clinic: Clinic, tmp_path: Path) -> Iterator[Enrolments]:
    """Another window of the program on the same workstation."""
    journal = Journal(tmp_path / "journal.sqlite")
    yield second(clinic, journal)
    journal.close()


@pytest.fixture
def far(clinic: Clinic, tmp_path: Path) -> Iterator[Enrolments]:
    """The Desk of another workstation."""
    journal = Journal(tmp_path / "elsewhere" / "journal.sqlite")
    yield second(clinic, journal)
    journal.close()


def test_the_later_window_is_told_before_it_begins(clinic: Clinic, other: Enrolments) -> None:
    user = clinic.join()
    assert other.plan(user).elsewhere is None
    running = clinic.begin(user, Start.RANDOM)
    told = other.plan(user).elsewhere
    assert told is not None
    assert told.operator == "ann"
    assert other.unfinished() == ()  # it runs: nobody left it
    assert clinic.enrolments.plan(user).obstacle is not None  # and in the same window it is not begun twice
    clinic.enrolments.end(running)
    assert clinic.enrolments.plan(user).obstacle is None


def test_one_that_began_since_the_first_page_is_not_run_into_blindly(clinic: Clinic, other: Enrolments) -> None:
    user = clinic.join()
    plan = other.plan(user)
    running = clinic.begin(user)
    with pytest.raises(AppError) as caught:
        other.begin(plan, Start.RANDOM)
    assert caught.value.code is ErrorCode.CONFLICT
    assert "ann is enrolling this person" in caught.value.message
    clinic.complete(running)
    other.end(other.begin(other.plan(user), Start.OWN))


def test_the_code_of_the_earlier_qr_code_is_refused_with_the_reason(clinic: Clinic, other: Enrolments) -> None:
    user = clinic.join()
    first = clinic.begin(user)
    early = scan(first)
    rival = other.begin(other.plan(user), Start.OWN)
    rival.sign_in(PASSWORD)
    with pytest.raises(AppError) as caught:
        first.verify(early.code())
    assert caught.value.code is ErrorCode.CODE_WRONG
    assert "bea is enrolling this person in another window" in caught.value.message
    assert "belongs to this QR code" in caught.value.fields["code"]
    late = scan(rival)
    rival.verify(late.code())
    at(rival, Finished)
    other.end(rival)
    with pytest.raises(AppError) as caught:  # now there is no secret that waits for a code at all
        first.verify(early.code())
    assert "newer one" in caught.value.message
    clinic.enrolments.end(first)
    assert clinic.signs_in_with(user, late)


def test_another_workstation_is_not_known_of_but_its_newer_code_is_told(clinic: Clinic, far: Enrolments) -> None:
    user = clinic.join()
    first = clinic.begin(user)
    assert far.plan(user).elsewhere is None
    rival = far.begin(far.plan(user), Start.OWN)
    rival.sign_in(PASSWORD)
    with pytest.raises(AppError) as caught:
        first.verify(scan(first).code())
    assert "on another workstation" in caught.value.message
    first.renew()  # now this one is the newest
    with pytest.raises(AppError):
        rival.verify(scan(rival).code())
    phone = clinic.complete(first)
    far.end(rival)
    assert clinic.signs_in_with(user, phone)


def test_a_refusal_of_another_kind_blames_nobody(clinic: Clinic) -> None:
    user = clinic.join()
    running = clinic.begin(user)
    clinic.cognito.faults.on("VerifySoftwareToken", refusal(400, "LimitExceededException"), times=1)
    with pytest.raises(AppError) as caught:
        running.verify(scan(running).code())
    assert caught.value.code is ErrorCode.LIMIT_EXCEEDED
    assert "newer" not in caught.value.message


def test_a_window_that_has_died_or_done_nothing_for_long_is_not_at_it(
    clinic: Clinic, other: Enrolments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = clinic.join()
    running = clinic.begin(user, Start.RANDOM)
    with monkeypatch.context() as patched:
        patched.setattr(enrolment_history, "_AT_IT", timedelta(0))
        assert other.plan(user).elsewhere is None
        assert [each.username for each in other.unfinished()] == [user.username]
    assert other.plan(user).elsewhere is not None
    running.forget()
    clinic.journal.close()
    later = Journal(tmp_path / "journal.sqlite")
    try:
        history = EnrolmentHistory(later, "main")
        assert history.elsewhere(user.username) is None
        assert [each.username for each in history.unfinished(frozenset())] == [user.username]
    finally:
        later.close()
