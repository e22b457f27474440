"""Whoever is chosen when an answer or a decision arrives: what is shown and done is of the person it was asked for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.auth.enrolment import Start
from app.auth.stages import Scan
from app.desk import Desk, open_demo
from app.directory.models import User
from app.enrolment_history import Unfinished
from app.secrets import SecretStore
from app.settings import Settings
from app.work import Work
from tests.ui import words
from tests.ui.enrolment_desk import PASSWORD, Support, code
from ui.context import Toast
from ui.jobs import JobRunner
from ui.tabs.authenticator.caller_presenter import CallerPresenter
from ui.tabs.authenticator.view import AuthenticatorView

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
FIELD = "Email address, phone number, name or user name"
_numbers = itertools.count()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("demo")
    return Settings.load({"COGNITO_DESK_HOME": str(home), "COGNITO_DESK_OPERATOR": "sue@harbour.example"})


@pytest.fixture(scope="module")
def desk(settings: Settings) -> Iterator[Desk]:
    made = open_demo(Work(), settings=settings, secrets=SecretStore(), people=20)
    made.people.load(Work())
    yield made
    made.close()


@pytest.fixture
def support(qtbot: QtBot, dressed: QApplication, runner: JobRunner, desk: Desk, settings: Settings) -> Support:
    made = Support(qtbot, runner, desk, settings)
    made.house()
    made.require_mfa("OPTIONAL")
    return made


@pytest.fixture
def tab(support: Support, qtbot: QtBot) -> AuthenticatorView:
    view = AuthenticatorView(support.context)
    qtbot.addWidget(view)
    view.resize(1252, 818)
    view.show()
    qtbot.waitExposed(view)
    support.settle()
    return view


def caller(support: Support, *, enrolled: bool = False) -> str:
    address = f"zy.caller{next(_numbers)}@harbour.example"
    user = support.caller(address)
    if enrolled:
        running = support.desk.enrolments.begin(support.desk.enrolments.plan(user), Start.OWN)
        running.sign_in(PASSWORD)
        assert isinstance(running.stage, Scan)
        running.verify(code(running.stage.otp))
        support.desk.enrolments.end(running)
    return address


def test_what_is_told_late_of_one_person_is_never_shown_of_another(support: Support, tab: AuthenticatorView) -> None:
    first, second = (support.desk.enrolments.find(caller(support, enrolled=each))[0] for each in (True, False))
    presenter = CallerPresenter(support.context, tab)
    toasts: list[Toast] = []
    support.context.toast_requested.connect(toasts.append)
    presenter.choose(first)
    presenter.ask()
    presenter.choose(second)
    support.settle()
    assert presenter.caller is not None
    assert (presenter.caller.user.username, presenter.caller.user.factors) == (second.username, None)
    presenter.choose(first)
    presenter.remove(presenter.caller)
    presenter.choose(second)
    support.settle()
    assert f"Done for {first.email}." in toasts[-1].text
    assert second.email not in toasts[-1].text


def test_a_dialog_acts_on_the_person_whom_it_names(support: Support, tab: AuthenticatorView) -> None:
    first, second = caller(support, enrolled=True), caller(support, enrolled=True)
    words.type_into(tab, FIELD, first, enter=True)
    support.settle()
    support.press(tab, "Only remove the authenticator…")
    question = words.dialog(f"Remove the authenticator of {first}?")
    assert tab.caller is not None
    tab.caller._presenter.find(second)  # as when the answer of a slow search arrives while the dialog is open
    support.settle()
    support.press(question, "Remove it")
    assert f"Done for {first}." in support.toasts[-1].text
    factors = [support.desk.people.details(support.desk.enrolments.find(who)[0].username).factors
               for who in (first, second)]  # fmt: skip
    assert factors == [(), ("totp",)]


def test_a_half_done_enrolment_is_gone_on_with_for_exactly_that_person(
    support: Support, tab: AuthenticatorView
) -> None:
    user = support.desk.enrolments.find(caller(support))[0]
    other = support.caller(f"{user.username}@harbour.example")  # somebody whose address begins with that user name
    assert support.desk.enrolments.find(user.username)[0].username == other.username
    presenter = CallerPresenter(support.context, tab)
    asked: list[User] = []
    presenter.enrol_requested.connect(lambda user, lost: asked.append(user))
    left = Unfinished(user.username, user.email, datetime.now(UTC), "sue", support.desk.enrolments.situation(user))
    presenter.resume(left)
    support.settle()
    assert [each.username for each in asked] == [user.username]
