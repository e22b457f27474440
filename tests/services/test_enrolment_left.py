"""A connection that is left in the middle of an enrolment: the helper session ends, and the journal knows the rest."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.auth.enrolment import Authenticator, Password, Start, Step
from app.auth.stages import AskEnding
from app.desk import open_demo
from app.directory.models import User
from app.directory.sessions import Sessions
from app.errors import AppError, ErrorCode
from app.journal import EntryState, Journal
from app.permissions import Role
from app.secrets import SecretStore
from app.settings import Settings
from app.work import Work
from tests.services.clinic import PASSWORD, Clinic, at, scan
from tests.services.faults import Faults, access_denied
from tests.services.orphans import eventually

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Gate:
    """Lets the calls of one operation arrive, and holds their answers until it is opened."""

    def __init__(self, faults: Faults, operation: str) -> None:
        self.arrived = threading.Event()
        self._open = threading.Event()
        faults.on(operation, self)

    def open(self) -> None:
        self._open.set()

    def __call__(
        self, application: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        self.arrived.set()
        assert self._open.wait(15.0)
        return application(environ, start_response)


class Aside:
    """A call on another thread, and how it ended."""

    def __init__(self, call: Any) -> None:
        self.error: BaseException | None = None
        self._call = call
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._call()
        except BaseException as error:  # noqa: BLE001 - it is looked at
            self.error = error

    def end(self) -> BaseException | None:
        self._thread.join(15.0)
        assert not self._thread.is_alive()
        return self.error


def live(clinic: Clinic, user: User) -> int:
    """How many sessions of the person live."""
    return len(Sessions(clinic.cognito.client, clinic.connection.pool_id).of(user.username))


def test_the_session_of_a_qr_code_on_show_is_ended_and_nothing_is_left(clinic: Clinic) -> None:
    user = clinic.join()
    enrolment = clinic.begin(user)
    assert live(clinic, user) == 1
    assert clinic.enrolments.leave()
    assert live(clinic, user) == 0
    assert clinic.steps()[-2:] == [("sign_out", "succeeded"), ("close", "succeeded")]
    assert (enrolment._where, enrolment._made, enrolment._random) == (None, None, None)
    assert clinic.of(Role.ADMIN).unfinished() == ()


def test_a_random_password_is_told_at_the_next_start_and_can_be_undone(clinic: Clinic) -> None:
    user = clinic.join()
    clinic.begin(user, Start.RANDOM)
    assert clinic.enrolments.leave()
    assert live(clinic, user) == 0
    next_start = clinic.of(Role.ADMIN)
    (left,) = next_start.unfinished()
    assert (left.username, left.situation.password, left.situation.session) == (user.username, Password.RANDOM, False)
    assert next_start.undo(user) is not None
    next_start.close(user)
    assert next_start.unfinished() == ()


def test_every_running_enrolment_is_ended(clinic: Clinic) -> None:
    people = [clinic.join(f"p{n}@example.org") for n in range(3)]
    for user in people:
        clinic.begin(user)
    assert clinic.enrolments.leave()
    assert [live(clinic, user) for user in people] == [0, 0, 0]
    assert clinic.enrolments.leave()  # once more does nothing
    assert [step for step, _ in clinic.steps()].count("close") == 3


def test_a_service_that_refuses_leaves_a_session_that_the_next_start_offers_to_end(clinic: Clinic) -> None:
    user = clinic.join()
    clinic.begin(user)
    for operation in ("RevokeToken", "AdminUserGlobalSignOut"):
        clinic.cognito.faults.on(operation, access_denied(f"cognito-idp:{operation}"))
    assert clinic.enrolments.leave()
    clinic.cognito.faults.clear()
    (left,) = clinic.of(Role.ADMIN).unfinished()
    assert left.situation.session
    assert left.situation.authenticator is Authenticator.MADE
    clinic.of(Role.ADMIN).undo(user)
    assert live(clinic, user) == 0


def test_a_service_that_never_answers_is_not_waited_for(clinic: Clinic, tmp_path: Path) -> None:
    user = clinic.join()
    clinic.begin(user)
    gate = Gate(clinic.cognito.faults, "RevokeToken")
    assert not clinic.enrolments.leave(0.05)
    assert gate.arrived.wait(15.0)
    clinic.journal.close()  # as at the end of the program
    later = Journal(tmp_path / "journal.sqlite")
    try:
        later.recover()
        entry = later.entries(limit=1)[0]
        assert (entry.details["step"], entry.state) == (Step.SIGN_OUT, EntryState.INTERRUPTED)
        clinic.journal = later
        (left,) = clinic.of(Role.ADMIN).unfinished()
        assert left.situation.session
    finally:
        gate.open()
        assert eventually(lambda: live(clinic, user) == 0)
        later.close()


@pytest.mark.parametrize("start", list(Start))
def test_a_begin_that_is_in_flight_leaves_no_session_behind(clinic: Clinic, start: Start) -> None:
    user = clinic.join()
    plan = clinic.enrolments.plan(user)
    gate = Gate(clinic.cognito.faults, "InitiateAuth")

    def run() -> None:
        begun = clinic.enrolments.begin(plan, start)
        if start is Start.OWN:
            begun.sign_in(PASSWORD)

    begin = Aside(run)
    assert gate.arrived.wait(15.0)
    assert not clinic.enrolments.leave(0.05)
    gate.open()
    error = begin.end()
    assert isinstance(error, AppError)
    assert error.code is ErrorCode.STOPPED
    assert live(clinic, user) == 0
    assert clinic.cognito.calls("AssociateSoftwareToken") == 0
    assert ("sign_out", "succeeded") in clinic.steps()
    left = clinic.of(Role.ADMIN).unfinished()
    assert [each.situation.password for each in left] == ([] if start is Start.OWN else [Password.RANDOM])


def test_a_begin_in_flight_before_the_random_password_sets_none(clinic: Clinic) -> None:
    user = clinic.join()
    plan = clinic.enrolments.plan(user)
    gate = Gate(clinic.cognito.faults, "AdminDeleteSoftwareToken")
    begin = Aside(lambda: clinic.enrolments.begin(plan, Start.RANDOM, lost=True))
    assert gate.arrived.wait(15.0)
    assert not clinic.enrolments.leave(0.05)
    gate.open()
    assert isinstance(begin.end(), AppError)
    assert ("set_random", "succeeded") not in clinic.steps()
    assert "AuthenticationResult" in clinic.sign_in(user)


def test_nothing_begins_once_the_connection_is_left(clinic: Clinic) -> None:
    user = clinic.join()
    plan = clinic.enrolments.plan(user)
    clinic.enrolments.leave()
    with pytest.raises(AppError) as caught:
        clinic.enrolments.begin(plan, Start.RANDOM)
    assert caught.value.code is ErrorCode.STOPPED
    assert clinic.steps() == []


def test_a_code_that_is_being_checked_when_the_connection_is_left_counts(clinic: Clinic) -> None:
    user = clinic.join()
    enrolment = clinic.begin(user)
    phone = scan(enrolment)
    gate = Gate(clinic.cognito.faults, "VerifySoftwareToken")
    verify = Aside(lambda: enrolment.verify(phone.code()))
    assert gate.arrived.wait(15.0)
    assert not clinic.enrolments.leave(0.05)
    gate.open()
    assert isinstance(verify.end(), AppError)
    assert live(clinic, user) == 0
    next_start = clinic.of(Role.ADMIN)
    assert next_start.situation(user).authenticator is Authenticator.VERIFIED
    next_start.finish(user)
    assert clinic.signs_in_with(user, phone)


def test_closing_the_desk_signs_out_before_its_clients_are_given_back(tmp_path: Path) -> None:
    settings = Settings.load({"COGNITO_DESK_HOME": str(tmp_path)})
    desk = open_demo(Work(), settings=settings, secrets=SecretStore(), people=5)
    user = next(user for user in desk.people.upkeep.users.list_page().users if user.enabled and user.email)
    enrolment = desk.enrolments.begin(desk.enrolments.plan(user), Start.RANDOM, lost=True)
    assert not isinstance(enrolment.stage, AskEnding)
    desk.close()
    later = Journal(settings.data_dir / "demo-journal.sqlite")
    try:
        entry = later.entries(limit=1)[0]
        assert (entry.details["step"], entry.state) == (Step.SIGN_OUT, EntryState.SUCCEEDED)
    finally:
        later.close()
    assert at(enrolment, object) is enrolment.stage
    assert enrolment._random is None
