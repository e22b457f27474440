"""The Users tab on the real demo: what a support person does, and what Cognito and the journal say of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.demo.outbox import MessageKind
from app.desk import Desk, open_demo
from app.directory.models import UserStatus
from app.journal_models import EntryState
from app.onboarding.models import OnboardingStatus
from app.permissions import Action
from app.secrets import SecretStore
from app.settings import Settings
from app.work import Work
from tests.ui import words
from tests.ui.conftest import shown
from ui.context import Context, Toast
from ui.jobs import JobRunner
from ui.tabs.users.view import UsersView

# A menu wants to grab the keyboard, which the offscreen platform does not know.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
PEOPLE = 60


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("demo")
    settings = Settings.load({"COGNITO_DESK_HOME": str(home), "COGNITO_DESK_OPERATOR": "ada@harbour.example"})
    made = open_demo(Work(), settings=settings, secrets=SecretStore(), people=PEOPLE)
    yield made
    made.close()


class Person:
    """A support person at the Users tab."""

    def __init__(self, qtbot: QtBot, runner: JobRunner, desk: Desk) -> None:
        self.qtbot = qtbot
        self.desk = desk
        self.context = Context(runner, desk=desk)
        self.toasts: list[Toast] = []
        self.context.toast_requested.connect(self.toasts.append)
        self.view = UsersView(self.context)
        shown(qtbot, self.view)
        self.view.resize(1252, 818)
        qtbot.waitUntil(lambda: not self.view.presenter.busy and self.total >= PEOPLE - 10, timeout=15_000)

    @property
    def total(self) -> int:
        """How many people are in the list's pool."""
        listing = self.view.presenter.listing
        return 0 if listing is None else listing.total

    def settle(self) -> None:
        """Wait until nothing is under way."""
        self.qtbot.waitUntil(lambda: not self.context.runner.busy, timeout=15_000)

    def find(self, text: str, name: str) -> str:
        """Type into the search, and click on the row of this name."""
        self.context.set_search(text)
        self.settle()
        listing = self.view.presenter.listing
        assert listing is not None
        found = {row.name: row.username for row in listing.view.rows(0, PEOPLE)}
        assert self.view.table.select(found[name])
        self.settle()
        return found[name]

    def seen(self) -> str:
        """What the pane says."""
        return words.see(self.view.pane)

    def row_of(self, name: str) -> list[str]:
        """What the table says of somebody."""
        return next(cells for cells in words.rows(self.view.table) if cells[1] == name)

    def wrote(self, username: str) -> list[tuple[Action, EntryState]]:
        """What the journal holds about somebody, newest first."""
        entries = self.desk.journal.entries(connection=self.desk.connection.id, subject=username)
        return [(entry.action, entry.state) for entry in entries]


@pytest.fixture
def person(qtbot: QtBot, runner: JobRunner, desk: Desk, dressed: QApplication) -> Iterator[Person]:
    made = Person(qtbot, runner, desk)
    yield made
    made.settle()
    made.view.close()
    made.view.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_the_expired_temporary_password_is_found_and_the_invitation_sent_again(person: Person) -> None:
    username = person.find("mor", "Carla Moreno")
    assert "The temporary password has expired." in person.seen()
    assert "Set about 25 days ago; this pool allows 7 days." in person.seen()
    assert "Password expired" in person.row_of("Carla Moreno")
    words.press(person.view.pane, "Resend invitation")
    person.settle()
    assert "The temporary password has expired." not in person.seen()
    assert "Force change" in person.row_of("Carla Moreno")
    assert person.desk.outbox is not None
    (message, *_) = person.desk.outbox.messages("carla.moreno@tidewater.example")
    assert message.kind is MessageKind.INVITATION
    assert message.code
    assert person.wrote(username) == [(Action.RESEND_INVITATION, EntryState.SUCCEEDED)]


def test_disabling_is_true_everywhere(person: Person) -> None:
    username = person.find("haddad", "Amira Haddad")
    words.press(person.view, "Actions")
    words.press(person.view, "Disable…")
    words.answer(None, "Disable amira.haddad@northwind.example?", press="Disable")
    person.settle()
    user = person.desk.people.details(username)
    row = person.desk.people.row(user)
    assert user.enabled is False
    assert row is not None
    assert row.status is OnboardingStatus.DISABLED
    assert "Disabled" in person.row_of("Amira Haddad")[2]
    assert person.row_of("Amira Haddad")[4] == "Disabled"
    assert "The account is disabled in Cognito." in person.seen()
    assert person.wrote(username) == [(Action.DISABLE_USER, EntryState.SUCCEEDED)]
    undo = person.toasts[-1].action
    assert undo is not None
    undo()
    person.settle()
    assert person.desk.people.details(username).enabled is True
    assert person.row_of("Amira Haddad")[4] == "Active"
    assert "The account is disabled in Cognito." not in person.seen()


def test_a_reset_without_verified_contact_is_refused_and_nothing_is_sent(person: Person) -> None:
    username = person.find("eriksen", "Nils Eriksen")
    words.press(person.view.pane, "Security")
    assert "There is no verified email address or phone number to send the code to." in person.seen()
    assert not words.pressable(person.view.pane, "Reset password…")
    assert person.wrote(username) == []


def test_a_reset_is_sent_to_a_verified_contact(person: Person) -> None:
    username = person.find("petrov", "Jana Petrov")
    person.view.commands.run("user.reset")
    words.answer(None, "Reset the password of j.petrov@quay.example?", press="Reset password")
    person.settle()
    assert person.desk.people.details(username).status is UserStatus.RESET_REQUIRED
    assert "A new password must be chosen first." in person.seen()
    assert person.desk.outbox is not None
    assert person.desk.outbox.messages("j.petrov@quay.example")[0].kind is MessageKind.RESET_CODE


def test_what_differs_is_repaired_in_the_database(person: Person) -> None:
    person.find("duarte", "Inês Duarte")
    assert "The sign-up is not confirmed." in person.seen()
    person.find("kaya", "Elif Kaya")
    assert "Disabled in Cognito, but the database says active." in person.seen()
    words.press(person.view.pane, "Disable in the database")
    person.settle()
    assert "Disabled in Cognito, but the database says active." not in person.seen()
    assert person.row_of("Elif Kaya")[4] == "Disabled"


def test_a_missing_row_is_added(person: Person) -> None:
    username = person.find("asante", "Kofi Asante")
    assert "The application database has no row for this person." in person.seen()
    words.press(person.view.pane, "Add the row")
    person.settle()
    assert "has no row for this person" not in person.seen()
    user = person.desk.people.details(username)
    row = person.desk.people.row(user)
    assert row is not None
    assert row.subject == user.sub
    assert person.wrote(username) == [(Action.ADD_ROW, EntryState.SUCCEEDED)]


def test_a_row_of_an_older_account_is_given_to_this_one(person: Person) -> None:
    username = person.find("okoye", "Tomás Okoye")
    assert "The database row belongs to another account of Cognito." in person.seen()
    words.press(person.view.pane, "Write the subject into the row")
    person.settle()
    assert "belongs to another account" not in person.seen()
    user = person.desk.people.details(username)
    row = person.desk.people.row(user)
    assert row is not None
    assert row.subject == user.sub


def test_cognitos_address_is_written_into_the_row(person: Person) -> None:
    username = person.find("halvorsen", "Viktor Halvorsen")
    assert "different email addresses" in person.seen()
    words.press(person.view.pane, "Write Cognito's address into the row")
    person.settle()
    assert "different email addresses" not in person.seen()
    user = person.desk.people.details(username)
    row = person.desk.people.row(user)
    assert row is not None
    assert row.email == user.email


def test_deleting_keeps_the_row_disabled(person: Person) -> None:
    username = person.find("lindgren", "Rosa Lindgren")
    shown_person = person.view.people.person
    assert shown_person is not None
    before, total = shown_person.user, person.total
    person.view.commands.run("user.delete")
    address = "rosa.lindgren@northwind.example"
    question = words.dialog(f"Delete {address}?")
    assert f"Type the username {username} ({address}) to confirm" in words.see(question)
    words.type_into(question, "Type the username ...", address)
    assert not words.pressable(question, "Delete"), "the email address is not the username"
    words.answer(None, f"Delete {address}?", type=username, press="Delete")
    person.settle()
    assert person.total == total - 1
    assert person.desk.people.read_again(before) is None
    row = person.desk.people.row(before)
    assert row is not None
    assert row.status is OnboardingStatus.DISABLED
    assert person.wrote(username) == [(Action.DELETE_USER, EntryState.SUCCEEDED)]


def test_a_permanent_password_ends_the_waiting(person: Person) -> None:
    username = person.find("okafor", "Bisi Okafor")
    person.view.commands.run("user.password")
    form = words.dialog("Set a password for b.okafor@northwind.example")
    words.type_into(form, "Password", "short")
    words.press(form, "Set password")
    assert "at least" in words.see(form)
    words.type_into(form, "Kind", "Permanent")
    words.press(form, "Generate")
    words.press(form, "Set password")
    person.settle()
    assert person.desk.people.details(username).status is UserStatus.CONFIRMED
    assert "Confirmed" in person.row_of("Bisi Okafor")
    assert person.wrote(username) == [(Action.SET_PERMANENT_PASSWORD, EntryState.SUCCEEDED)]


def test_a_new_person_is_invited_and_shown(person: Person) -> None:
    words.press(person.view, "New user…")
    form = words.dialog("New user")
    words.type_into(form, "Email", "not an address")
    words.press(form, "Create user")
    assert "is not an email address" in words.see(form)
    words.type_into(form, "Email", "yuki.mori@quay.example")
    words.type_into(form, "Name", "Yuki Mori")
    words.press(form, "Create user")
    person.settle()
    assert person.row_of("Yuki Mori")[0] == "yuki.mori@quay.example"
    assert "Yuki Mori" in person.seen()
    words.press(person.view.pane, "Onboarding")
    assert "Pending verification" in person.seen()
    assert person.desk.outbox is not None
    assert person.desk.outbox.messages("yuki.mori@quay.example")[0].kind is MessageKind.INVITATION


def test_a_changed_email_reaches_both_sides(person: Person) -> None:
    username = person.find("rossi", "Fabio Rossi")
    person.view.commands.run("user.edit")
    form = words.dialog("Edit f.rossi@harbour.example")
    words.type_into(form, "Email", "fabio@harbour.example")
    words.press(form, "Save")
    person.settle()
    user = person.desk.people.details(username)
    assert (user.email, user.email_verified) == ("fabio@harbour.example", False)
    row = person.desk.people.row(user)
    assert row is not None
    assert (row.email, row.email_verified) == ("fabio@harbour.example", False)
    assert "fabio@harbour.example" in person.seen()
    assert "not verified" in person.seen()


def test_somebody_deleted_meanwhile_is_told_and_leaves_the_list(person: Person) -> None:
    person.find("okoye", "Tomás Okoye")
    shown_person = person.view.people.person
    assert shown_person is not None
    address, total = shown_person.address, person.total
    person.desk.people.delete(shown_person.user)  # by somebody else, in another window
    person.desk.index.put(shown_person.user)  # which this window does not know yet
    person.view.commands.run("user.disable")
    words.answer(None, f"Disable {address}?", press="Disable")
    person.settle()
    assert f"{address} was deleted by somebody else meanwhile." in person.seen()
    assert person.total == total - 1
