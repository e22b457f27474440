"""The ten commonest requests, as a new support person would meet them in the demo: each within three interactions.

An interaction is a press of a button, tab, menu or menu entry, a choice in a list, or a text typed into one field.
Finding the person counts for the first request only.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.demo.outbox import MessageKind
from app.desk import Desk, open_demo
from app.directory.models import User, UserStatus
from app.secrets import SecretStore
from app.settings import Settings
from app.work import Work
from tests.ui import words
from tests.ui.conftest import shown
from ui.context import Context, Toast
from ui.jobs import JobRunner
from ui.shell.tabs import TabSpec
from ui.shell.window import MainWindow
from ui.tabs.users.view import UsersView

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
PEOPLE = 40
MOST = 3


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = str(tmp_path_factory.mktemp("demo"))
    who = {"COGNITO_DESK_OPERATOR": "sam@harbour.example", "COGNITO_DESK_ROLE": "support"}
    settings = Settings.load({"COGNITO_DESK_HOME": home, **who})
    made = open_demo(Work(), settings=settings, secrets=SecretStore(), people=PEOPLE)
    yield made
    made.close()


class Support:
    """Somebody who supports people, at the window of the demo. Every act counts."""

    def __init__(self, qtbot: QtBot, runner: JobRunner, desk: Desk) -> None:
        self.qtbot = qtbot
        self.desk = desk
        self.context = Context(runner, desk=desk)
        self.toasts: list[Toast] = []
        self.context.toast_requested.connect(self.toasts.append)
        self.window = MainWindow(self.context, [TabSpec("users", "Users", "users", UsersView, searches=True)])
        shown(qtbot, self.window)
        self.window.resize(1440, 900)
        self.window.activateWindow()
        self.acts = 0
        view = self.window.tab_widget("users")
        assert isinstance(view, UsersView)
        self.view = view
        qtbot.waitUntil(lambda: not view.presenter.busy and len(desk.index) >= PEOPLE, timeout=20_000)

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.context.runner.busy, timeout=15_000)

    def type(self, root: QWidget, label: str, text: str) -> None:
        """Type a text into a field: one interaction."""
        self.acts += 1
        words.type_into(root, label, text)
        self.settle()

    def press(self, root: QWidget, text: str) -> None:
        """Press a button, tab or menu entry: one interaction."""
        self.acts += 1
        words.press(root, text)
        self.settle()

    def click_row(self, name: str) -> None:
        """Click on somebody in the list: one interaction."""
        self.acts += 1
        cells = words.rows(self.view.table)
        (place,) = [at for at, row in enumerate(cells) if row[1] == name]
        self.view.table.selectRow(place)
        self.settle()

    def find(self, text: str, name: str) -> str:
        """Find somebody; what it took is counted anew."""
        self.window.show_tab("users")
        self.type(self.window, "Search people", text)
        self.qtbot.wait(150)  # the search waits for the end of typing
        self.settle()
        self.click_row(name)
        username = self.view.table.current_username()
        assert username is not None
        self.acts = 0
        return username

    def seen(self) -> str:
        return words.see(self.view.pane)

    def now(self, username: str) -> User:
        """What Cognito says of them."""
        return self.desk.people.details(username)

    def mailed(self, address: str) -> MessageKind:
        assert self.desk.outbox is not None
        return self.desk.outbox.messages(address)[0].kind


@pytest.fixture
def support(qtbot: QtBot, runner: JobRunner, desk: Desk, dressed: QApplication) -> Iterator[Support]:
    made = Support(qtbot, runner, desk)
    yield made
    made.settle()
    made.window.close()
    made.window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def find(s: Support) -> None:
    s.find("okafor", "Bisi Okafor")
    s.acts = 2  # typed, clicked
    assert "b.okafor@northwind.example" in s.seen()


def why(s: Support) -> None:
    s.find("carla", "Carla Moreno")
    assert "Cannot sign in" in s.seen()
    assert "Set about 25 days ago; this pool allows 7 days." in s.seen()


def resend(s: Support) -> None:
    s.find("carla", "Carla Moreno")
    s.press(s.view.pane, "Resend invitation")
    assert s.mailed("carla.moreno@tidewater.example") is MessageKind.INVITATION


def reset(s: Support) -> None:
    username = s.find("petrov", "Jana Petrov")
    s.press(s.view.pane, "Actions")
    s.press(s.view, "Reset password…")
    s.press(words.dialog("Reset the password of ..."), "Reset password")
    assert s.now(username).status is UserStatus.RESET_REQUIRED
    assert s.mailed("j.petrov@quay.example") is MessageKind.RESET_CODE


def unlock_mfa(s: Support) -> None:
    username = s.find("halvorsen", "Viktor Halvorsen")
    assert s.now(username).factors == ("totp",)
    s.press(s.view.pane, "Actions")
    s.press(s.view, "Remove authenticator…")
    s.press(words.dialog("Remove the authenticator of ..."), "Remove authenticator")
    assert s.now(username).factors == ()


def set_password(s: Support) -> None:
    username = s.find("mensah", "Grace Mensah")
    s.press(s.view.pane, "Set password…")  # beside what it mends: a reset that nobody finished
    form = words.dialog("Set a password for ...")
    s.press(form, "Generate")
    s.press(form, "Set password")
    assert s.now(username).status is UserStatus.FORCE_CHANGE_PASSWORD


def confirm(s: Support) -> None:
    username = s.find("duarte", "Inês Duarte")
    s.press(s.view.pane, "Confirm sign-up…")
    form = words.dialog("Confirm the sign-up of ...")
    s.press(form, "Also mark ... as verified")
    s.press(form, "Confirm sign-up")
    user = s.now(username)
    assert (user.status, user.email_verified) == (UserStatus.CONFIRMED, True)


def enable(s: Support) -> None:
    username = s.find("kaya", "Elif Kaya")
    s.press(s.view.pane, "Enable")
    assert s.now(username).enabled is True


def email_change(s: Support) -> None:
    username = s.find("lindqvist", "Dag Lindqvist")
    s.press(s.view.pane, "Edit attributes…")
    form = words.dialog("Edit d.lindqvist@tidewater.example")
    s.type(form, "Email", "dag.lindqvist@tidewater.example")
    s.press(form, "Save")
    assert s.now(username).email == "dag.lindqvist@tidewater.example"


def sign_out(s: Support) -> None:
    s.find("haddad", "Amira Haddad")
    s.press(s.view.pane, "Actions")
    s.press(s.view, "Sign out everywhere…")
    s.press(words.dialog("Sign ... out everywhere?"), "Sign out")
    assert s.toasts[-1].text == "amira.haddad@northwind.example is signed out everywhere."


@dataclass(frozen=True)
class Request:
    words: str
    do: Callable[[Support], None]


REQUESTS = (
    Request("find a person", find),
    Request("why can't they sign in?", why),
    Request("resend the invitation", resend),
    Request("reset the password", reset),
    Request("unlock MFA (lost authenticator)", unlock_mfa),
    Request("set a password", set_password),
    Request("confirm the sign-up", confirm),
    Request("enable the account", enable),
    Request("change the email", email_change),
    Request("sign out everywhere", sign_out),
)


def test_each_of_the_ten_takes_three_interactions_at_most(support: Support, capsys: pytest.CaptureFixture[str]) -> None:
    counts = {}
    for request in REQUESTS:
        request.do(support)
        counts[request.words] = support.acts
    with capsys.disabled():
        table = "\n".join(f"  {acts}  {what}" for what, acts in counts.items())
        sys.stdout.write(f"\nInteractions after finding the person:\n{table}\n")
    assert {what: acts for what, acts in counts.items() if acts > MOST} == {}
