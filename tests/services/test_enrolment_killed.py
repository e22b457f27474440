"""kill -9 at every step of an enrolment: the account's situation is told rightly, and can be finished or undone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.auth.enrolment import Authenticator, Ending, Password, Step
from app.directory.models import User, UserStatus
from app.journal import Journal
from tests.services.clinic import PASSWORD, Clinic

Kill = Callable[[User, str, str, str], None]
A, P = Authenticator, Password


@pytest.fixture
def kill(clinic: Clinic, auth_database: str, tmp_path: Path) -> Iterator[Kill]:
    """Have a process enrol somebody and die at a step; then look at the journal as the next start does."""
    arguments = [sys.executable, "-m", "tests.services.enrolment_victim", clinic.cognito.demo.endpoint, auth_database]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

        def at(user: User, start: str, step: str, when: str) -> None:
            assert process.stdin is not None
            assert process.stdout is not None
            line = "\t".join([str(tmp_path / "journal.sqlite"), user.username, start, step, when])
            print(line, file=process.stdin, flush=True)
            assert process.stdout.readline() == "killed\n"
            clinic.journal.recover()

        yield at
        process.stdin.close()


def _after_undo_works(clinic: Clinic, user: User, given: str | None) -> None:
    """The person gets in with what they have: their password or the one that was handed over; no factor asked."""
    asked = clinic.sign_in(user, given or PASSWORD)
    if given is not None:
        assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
        asked = clinic.answer(user, asked, NEW_PASSWORD="Brand-New-Quay-11")
    assert "AuthenticationResult" in asked or asked["ChallengeName"] == "MFA_SETUP"


@pytest.mark.parametrize("mode", ["OPTIONAL", "ON"])
def test_killed_at_any_step_and_undone(clinic: Clinic, kill: Kill, mode: str) -> None:
    clinic.require_mfa(mode)
    steps = ["set_random", "sign_in", "associate", "verify"] + (["answer_setup"] if mode == "ON" else [])
    for number, (step, when) in enumerate((s, w) for s in steps for w in ("before", "within", "after")):
        user = clinic.join(f"p{number}@example.org")
        kill(user, "random", step, when)
        situation = clinic.enrolments.situation(user)
        assert situation.unfinished, (step, when)
        assert situation.password in (P.RANDOM, P.MAYBE_RANDOM), (step, when)
        assert (situation.password is P.MAYBE_RANDOM) == (step == "set_random" and when != "after"), (step, when)
        assert [each.username for each in clinic.enrolments.unfinished()][:1] == [user.username]
        given = clinic.enrolments.undo(user)
        assert clinic.enrolments.situation(user).password is P.UNREAD
        clinic.enrolments.close(user)
        _after_undo_works(clinic, user, given)
        assert not clinic.enrolments.situation(user).unfinished
    assert clinic.enrolments.unfinished() == ()


@pytest.mark.parametrize("mode", ["OPTIONAL", "ON"])
def test_killed_after_the_code_and_finished_without_the_phone(clinic: Clinic, kill: Kill, mode: str) -> None:
    clinic.require_mfa(mode)
    places = [
        ("verify", "within"),
        ("verify", "after"),
        ("prefer", "before"),
        ("prefer", "within"),
        ("prefer", "after"),
    ]
    places += [("sign_out", "within"), ("hand_over", "before"), ("hand_over", "within"), ("hand_over", "after")]
    places += [("answer_setup", "before"), ("answer_setup", "within")] if mode == "ON" else []
    for number, (step, when) in enumerate(places):
        email = f"q{number}@example.org"
        user = clinic.join(email)
        kill(user, "random", step, when)
        assert clinic.enrolments.situation(user).unfinished, (step, when)
        assert not clinic.enrolments.situation(user).needs_phone, (step, when)
        given = clinic.enrolments.finish(user, Ending.TEMPORARY)
        assert given is not None
        (unread,) = clinic.enrolments.unfinished()  # until somebody has read it
        assert unread.situation.password is P.UNREAD
        clinic.enrolments.close(user)
        assert clinic.row(email).mfa_method == "totp", (step, when)
        asked = clinic.answer(user, clinic.sign_in(user, given), NEW_PASSWORD="Brand-New-Quay-11")
        assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA", (step, when)
        assert clinic.enrolments.unfinished() == ()


def test_killed_with_their_own_password_nothing_of_it_changes(clinic: Clinic, kill: Kill) -> None:
    for number, step in enumerate(["sign_in", "associate", "verify", "prefer", "close"]):
        user = clinic.join(f"r{number}@example.org")
        kill(user, "own", step, "within")
        situation = clinic.enrolments.situation(user)
        assert situation.password is P.THEIRS
        if situation.unfinished:
            assert clinic.enrolments.undo(user) is None
        assert clinic.enrolments.unfinished() == ()
        time.sleep(0)
        clinic.sign_in(user)


def test_a_code_that_was_never_taken_cannot_be_finished_and_says_so(clinic: Clinic, kill: Kill) -> None:
    from app.errors import AppError, ErrorCode

    user = clinic.join()
    kill(user, "own", "verify", "before")
    assert clinic.enrolments.situation(user).authenticator is A.MAYBE_VERIFIED
    with pytest.raises(AppError) as caught:
        clinic.enrolments.finish(user)
    assert caught.value.code is ErrorCode.MFA_NOT_ENABLED
    clinic.enrolments.undo(user)
    assert clinic.enrolments.unfinished() == ()
    clinic.complete(clinic.begin(user))


def test_what_was_killed_can_be_begun_again_with_the_person(clinic: Clinic, kill: Kill) -> None:
    user = clinic.join()
    kill(user, "random", "associate", "within")
    from app.auth.enrolment import Start

    phone = clinic.complete(clinic.begin(user, Start.RANDOM))
    assert phone.otp.secret
    assert not clinic.enrolments.situation(user).unfinished


def test_the_journal_of_another_process_is_read_as_it_stands(clinic: Clinic, tmp_path: Path) -> None:
    user = clinic.join()
    from app.auth.enrolment import Start

    clinic.begin(user, Start.RANDOM)
    other = Journal(tmp_path / "journal.sqlite")
    try:
        entries = other.entries(connection="main")
        assert entries[0].details["step"] == "associate"
    finally:
        other.close()


def test_whoever_chose_a_password_of_their_own_had_read_the_temporary_one(clinic: Clinic, kill: Kill) -> None:
    clinic.require_mfa("OPTIONAL")
    user = clinic.join("told@example.org")
    kill(user, "random", "sign_out", "after")
    given = clinic.enrolments.finish(user, Ending.TEMPORARY)
    assert given is not None
    assert clinic.enrolments.situation(user).to_finish == (Step.HAND_OVER,)  # a start now offers another one
    session = clinic.sign_in(user, given)
    assert clinic.enrolments.situation(user).password is P.UNREAD  # a try with it has changed nothing
    clinic.answer(user, session, NEW_PASSWORD="Brand-New-Quay-11")
    assert clinic.cognito.users.get(user.username).status is UserStatus.CONFIRMED
    assert clinic.enrolments.situation(user).password is P.THEIRS
    assert clinic.enrolments.unfinished() == ()
