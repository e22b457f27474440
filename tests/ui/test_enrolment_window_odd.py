"""The enrolment window where things are otherwise: house rules, refusals, secrets that are missing, double presses."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desk import Desk, open_demo
from app.secrets import SecretStore
from app.settings import Settings
from app.work import Work
from tests.ui import words
from tests.ui.enrolment_desk import PASSWORD, Support, code, gone, scanned
from ui.jobs import JobRunner

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
_numbers = itertools.count()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("demo")
    return Settings.load({"COGNITO_DESK_HOME": str(home), "COGNITO_DESK_OPERATOR": "sue@harbour.example"})


@pytest.fixture(scope="module")
def desk(settings: Settings) -> Iterator[Desk]:
    made = open_demo(Work(), settings=settings, secrets=SecretStore(), people=30)
    yield made
    made.close()


@pytest.fixture
def support(qtbot: QtBot, dressed: QApplication, runner: JobRunner, desk: Desk, settings: Settings) -> Support:
    made = Support(qtbot, runner, desk, settings)
    made.house()
    made.require_mfa("OPTIONAL")
    return made


def email() -> str:
    return f"caller{next(_numbers)}@harbour.example"


def test_the_house_rules_are_kept(support: Support) -> None:
    support.house(identity_check="Ask for the customer number.", issuer="Harbour: Ltd", qr_seconds=30, qr_blur=False)
    window = support.open(support.caller(email()))
    assert "Ask for the customer number." in words.see(window)
    support.begin(window)
    otp = scanned(window)
    assert otp is not None
    assert otp.issuer == "Harbour  Ltd"
    support.press(window, "Close")
    support.press(window, "Undo it now")
    support.done(window)


def test_what_stands_in_the_way_is_said_before_anything_is_done(support: Support) -> None:
    user = support.caller(email())
    pool = support.desk.connection.pool_id
    support.aws.admin_disable_user(UserPoolId=pool, Username=user.username)
    (disabled,) = support.desk.enrolments.find(user.email)
    window = support.open(disabled)
    words.press(window, "I have made sure who is calling")
    assert "Enable the account first" in words.see(window)
    assert "Enable the account first" in words.reason(window, "Begin")
    support.press(window, "Close")


def test_a_client_secret_that_nobody_knows_is_asked_for(
    support: Support, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    pool = support.desk.connection.pool_id
    made = support.aws.create_user_pool_client(
        UserPoolId=pool, ClientName="secret", GenerateSecret=True, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]
    service = support.desk.enrolments
    monkeypatch.setattr(service, "_connection", replace(support.desk.connection, client_id=made["ClientId"]))
    monkeypatch.setattr(service, "_client_facts", lambda: (None, service._secrets.get("client-secret/demo")))
    window = support.open(support.caller(email()))
    assert "may not be read" in words.see(window)
    support.begin(window, "They type their own password")
    words.type_into(window, "Their password", PASSWORD, enter=True)
    support.settle()
    assert "App client's secret" in words.see(window)
    words.type_into(window, "App client's secret", made["ClientSecret"])
    support.press(window, "Keep in the keyring")
    words.press(window, "They type their own password")
    support.press(window, "Begin")
    words.type_into(window, "Their password", PASSWORD, enter=True)
    support.settle()
    assert scanned(window) is not None
    support.press(window, "Close")
    service._secrets.delete("client-secret/demo")


def test_a_code_that_is_entered_twice_is_sent_once(support: Support, monkeypatch: pytest.MonkeyPatch) -> None:
    window = support.open(support.caller(email()))
    support.begin(window, "They type their own password")
    words.type_into(window, "Their password", PASSWORD, enter=True)
    support.settle()
    enrolment = window._presenter._enrolment
    assert enrolment is not None
    sent: list[str] = []
    verify = enrolment._tools.sign_in.verify

    def counted(*given: object) -> str | None:
        sent.append("")
        return verify(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(enrolment._tools.sign_in, "verify", counted)
    otp = scanned(window)
    assert otp is not None
    words.type_into(window, "The code that the app shows now", code(otp))
    window.scan._on_verify()
    window.scan._tick()
    window.scan._on_verify()
    assert not window.scan.verify.isEnabled()
    support.settle()
    assert len(sent) == 1
    assert "has a verified authenticator" in words.see(window)
    support.done(window)


def test_a_sign_in_that_fails_after_the_random_password_is_told_and_can_be_undone(
    support: Support, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.auth.sign_in import SignIn
    from app.errors import AppError, ErrorCode

    def refuse(self: SignIn, password: str) -> None:
        raise AppError(ErrorCode.THROTTLED, "AWS is receiving too many requests at the moment.", retryable=True)

    user = support.caller(email())
    window = support.open(user)
    with monkeypatch.context() as patched:
        patched.setattr(SignIn, "begin", refuse)
        support.begin(window)
        support.settle()
    seen = words.see(window)
    assert "too many requests" in seen
    assert "a random password that nobody knows" in seen
    support.press(window, "Undo it")
    given = window.last._secret
    support.done(window)
    assert support.first_answer(user, given)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_an_app_client_that_is_not_named_is_said_in_the_window(
    support: Support, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = support.caller(email())
    monkeypatch.setattr(support.desk.enrolments._pools, "_client_id", None)
    window = support.open(user)
    assert "names no app client" in words.see(window)
    assert "Looking at" not in words.see(window)
    support.press(window, "Close")


def test_a_connection_that_closes_takes_the_window_along(support: Support) -> None:
    window = support.open(support.caller(email()))
    support.begin(window, "They type their own password")
    support.context.set_desk(None)
    support.settle()
    assert gone(window)


def test_every_step_of_the_journal_has_words() -> None:
    from app.auth.enrolment import Step
    from ui.journal_words import details_words

    for step in Step:
        assert details_words({"person": "x", "step": step.value}) not in ("", f"step: {step.value}")


@pytest.mark.parametrize(
    ("details", "said"),
    [
        (
            {"step": "prefer", "by": "own token"},
            "authenticator made the preferred factor · with the person's own session",
        ),
        ({"step": "sign_out", "scope": "this session"}, "the Desk signed out · this session"),
        ({"people": "14", "search": "group:admin", "format": "CSV"}, "people: 14 · search: group:admin · as CSV"),
        ({"group": "beta", "precedence": "3"}, "group beta · precedence 3"),
        ({"session": "Chrome, Porto", "linked": "true"}, "Chrome, Porto · with the sessions that belong to it"),
        ({"required": "false"}, "no longer required"),
        ({"something_new": "7"}, "something new: 7"),
    ],
)
def test_the_details_of_the_journal_are_read_as_words(details: dict[str, str], said: str) -> None:
    from ui.journal_words import details_words

    assert details_words({"person": "x", **details}) == said


def test_somebody_at_the_same_person_in_another_window_is_told_on_the_first_page(
    support: Support, settings: Settings
) -> None:
    from app.auth.enrolment import Start
    from app.desk import open_desk
    from app.journal import Journal

    user = support.caller(email())
    journal = Journal(settings.data_dir / "demo-journal.sqlite")
    theirs = Settings.load(
        {"COGNITO_DESK_HOME": str(settings.data_dir), "COGNITO_DESK_OPERATOR": "ann@harbour.example"}
    )
    other = open_desk(support.desk.connection, settings=theirs, secrets=support.desk._secrets, journal=journal)
    window = support.open(user)
    try:
        running = other.enrolments.begin(other.enrolments.plan(user), Start.RANDOM)
        support.begin(window)  # ann began it after the first page was read
        seen = words.see(window)
        assert "Somebody is enrolling this person now" in seen
        assert "ann@harbour.example began it in another window" in seen
        assert "one cannot know" in seen
        assert not words.pressable(window, "Undo it")
        other.enrolments.end(running)
        other.enrolments.undo(user)
        support.press(window, "Close")
    finally:
        other.close()
        journal.close()
    again = support.open(user)
    assert "Somebody is enrolling" not in words.see(again)
    support.press(again, "Close")
