"""The pages about a person: read when opened, the newest person wins, and each says what it cannot have and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.capabilities import Capability, Feature, Hindrance
from app.directory.devices import Device
from app.directory.history import AuthEvent, AuthEventPage
from app.directory.models import UserStatus
from app.directory.sessions import SessionKind, UserSession
from app.errors import AppError, ErrorCode
from app.journal_models import Entry, EntryState
from app.onboarding.models import OnboardingStatus
from app.permissions import Action, Role
from app.pool.models import AttributeSchema
from tests.ui import words
from tests.ui.test_users_actions import Tab
from tests.ui.users_desk import NOW, FakeDesk, pool, user
from ui.jobs import JobRunner

SESSION = UserSession("tkn1", SessionKind.TOKEN, "app", NOW, NOW, "Chrome on Linux", "192.0.2.7", "Porto", "PT", "")
DEVICE = Device("dev-1", "Ada's laptop", True, "192.0.2.7", NOW, NOW)


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk([user("mora"), user("nils"), user("ines", UserStatus.UNCONFIRMED, email_verified="false")])


@pytest.fixture
def tab(qtbot: QtBot, inline_runner: JobRunner, desk: FakeDesk, dressed: QApplication) -> Tab:
    return Tab(qtbot, inline_runner, desk)


def calls(tab: Tab, what: str) -> int:
    return [name for name, _ in tab.desk.fake.calls].count(what)


def open_page(tab: Tab, page: str) -> str:
    words.press(tab.view.pane, page)
    tab.settle()
    return words.see(tab.view.pane)


def test_a_page_is_read_when_it_is_opened_and_not_before(tab: Tab) -> None:
    tab.choose("mora")
    assert calls(tab, "groups") == 0
    open_page(tab, "Groups")
    assert calls(tab, "groups") == 1
    open_page(tab, "Profile")
    open_page(tab, "Groups")
    assert calls(tab, "groups") == 1
    tab.choose("nils")
    assert calls(tab, "groups") == 2


def test_joining_a_group_and_taking_it_back(tab: Tab) -> None:
    tab.choose("mora")
    assert "Not a member of any group." in open_page(tab, "Groups")
    words.press(tab.view.pane, "Add to group…")
    choice = words.dialog("Add mora@x.example to a group")
    words.type_into(choice, "Group", "bet")
    words.press(choice, "Add")
    tab.settle()
    assert "The beta people" in words.see(tab.view.pane)
    assert tab.toasts[-1].text == "mora@x.example is in beta now."
    undo = tab.toasts[-1].action
    assert undo is not None
    undo()
    tab.settle()
    assert "Not a member of any group." in words.see(tab.view.pane)
    assert tab.toasts[-1].text == "mora@x.example left beta."


def test_leaving_a_group(tab: Tab) -> None:
    tab.desk.memberships.of_user["mora"] = ("admin", "beta")
    tab.choose("mora")
    assert "gives rights" in open_page(tab, "Groups")
    words.press(tab.view.pane, "Remove: beta")
    tab.settle()
    assert tab.desk.memberships.of_user["mora"] == ("admin",)
    assert "The beta people" not in words.see(tab.view.pane)


def test_what_a_pool_does_not_offer_is_said_with_its_reason(tab: Tab) -> None:
    reason = "This needs the Plus feature tier; the pool is in Essentials."
    tab.desk.security.history_now = Capability(Feature.HISTORY, Hindrance.TIER, reason)
    tab.choose("mora")
    seen = open_page(tab, "Sessions")
    assert "Signed in nowhere at the moment." in seen
    assert "This pool does not remember devices." in seen
    assert reason in open_page(tab, "History")


def test_a_session_is_ended_and_a_device_forgotten(tab: Tab) -> None:
    tab.desk.security.sessions_now, tab.desk.security.devices_now = (SESSION,), (DEVICE,)
    tab.choose("mora")
    seen = open_page(tab, "Sessions")
    assert "Chrome on Linux" in seen
    assert "Porto, PT" in seen
    words.press(tab.view.pane, "End: Chrome on Linux")
    tab.settle()
    assert "Signed in nowhere at the moment." in words.see(tab.view.pane)
    words.press(tab.view.pane, "Forget: Ada's laptop")
    tab.settle()
    assert "No device is remembered." in words.see(tab.view.pane)


def test_a_failed_reading_is_told_where_it_belongs_and_can_be_retried(tab: Tab) -> None:
    tab.desk.fake.refuse["groups"] = AppError(ErrorCode.THROTTLED, "Slow down.", retryable=True)
    tab.choose("mora")
    assert "Slow down." in open_page(tab, "Groups")
    tab.desk.fake.refuse.clear()
    words.press(tab.view.pane, "Retry: Member of")
    tab.settle()
    assert "Not a member of any group." in words.see(tab.view.pane)


def test_history_tells_the_risk_and_what_was_done_here(tab: Tab) -> None:
    event = AuthEvent(
        "1", "SignIn", NOW, "Fail", "AccountTakeover", "High", False, (("Password", "Failure"),), "192.0.2.1", "", "",
        "", "",
    )  # fmt: skip
    tab.desk.security.history_now = AuthEventPage((event, replace(event, id="2", compromised=True)), None)
    tab.desk.entries = [
        Entry(1, NOW, "test", "ada", Action.DISABLE_USER, "mora", {"person": "mora@x.example"}, EntryState.SUCCEEDED)
    ]
    tab.choose("mora")
    seen = open_page(tab, "History")
    assert "high risk" in seen
    assert "leaked password" in seen
    assert "Disable user" in seen
    assert "ada" in seen


def test_onboarding_shows_the_way_so_far_and_mends_what_differs(tab: Tab) -> None:
    row = tab.desk.fake.rows["mora"]
    tab.desk.fake.rows["mora"] = replace(
        row, status=OnboardingStatus.PENDING_VERIFICATION, created_at=NOW - timedelta(days=9), updated_at=NOW
    )
    tab.choose("mora")
    seen = open_page(tab, "Onboarding")
    assert "Cognito and the database differ" in seen
    assert "Account created" in seen
    assert "Row created" in seen
    words.press(tab.view.pane, "Repair the row: The database still waits for the email.")
    tab.settle()
    assert tab.desk.fake.rows["mora"].status is OnboardingStatus.PENDING_APPROVAL
    assert "Cognito and the database differ" not in words.see(tab.view.pane)


def test_profile_tells_type_and_mutability_of_every_attribute(tab: Tab) -> None:
    schema = (
        AttributeSchema("sub", "String", True, False, "1", "2048"),
        AttributeSchema("email", "String", True, True, "0", "2048"),
        AttributeSchema("custom:seats", "Number", False, False, "1", "10"),
        AttributeSchema("custom:note", "String", False, True, "0", "20"),
    )
    tab.view._on_pool(pool(schema=schema))
    mora = tab.desk.fake.users["mora"]
    tab.desk.fake.users["mora"] = replace(mora, attributes={**mora.attributes, "custom:seats": "3"})
    tab.choose("mora")
    seen = open_page(tab, "Profile")
    assert "text, required" in seen
    assert "number, 1 to 10, cannot be changed" in seen
    assert "Not set: custom:note" in seen
    words.press(tab.view.pane, "Edit attributes…")
    form = words.dialog("Edit mora@x.example")
    words.type_into(form, "custom:note", "x" * 21)
    words.type_into(form, "Email", "")
    words.press(form, "Save")
    assert "takes at most 20 characters; this has 21." in words.see(form)
    assert "Email is required in this pool and cannot be removed." in words.see(form)
    words.press(form, "Cancel")


def test_a_changed_attribute_says_that_it_may_take_an_alias(tab: Tab) -> None:
    tab.view._on_pool(pool(username_attributes=(), alias_attributes=("email",)))
    tab.choose("mora")
    words.press(tab.view.pane, "Edit attributes…")
    form = words.dialog("Edit mora@x.example")
    assert "it is taken away from anybody else who has the same" in words.see(form)
    words.press(form, "Cancel")


def test_mfa_can_be_required_and_then_not_be_switched_off(tab: Tab) -> None:
    tab.desk.fake.rows["mora"] = replace(tab.desk.fake.rows["mora"], mfa_required=False)
    tab.choose("mora")
    open_page(tab, "Security")
    words.press(tab.view.pane, "MFA is required for this person")
    tab.settle()
    assert tab.desk.fake.rows["mora"].mfa_required is True
    assert "While it is required, the authenticator cannot be switched off." in words.see(tab.view.pane)
    words.press(tab.view.pane, "MFA preference…")
    form = words.dialog("Second factors of mora@x.example")
    words.type_into(form, "Authenticator app (TOTP)", "Off")
    words.press(form, "Save")
    assert "Multi-factor authentication is required for this person." in words.see(form)
    words.press(form, "Cancel")


def test_the_preference_is_changed_only_where_it_was_chosen(tab: Tab) -> None:
    tab.choose("mora")
    tab.view.commands.run("user.mfa")
    form = words.dialog("Second factors of mora@x.example")
    words.press(form, "Save")
    assert "Nothing was changed." in words.see(form)
    words.type_into(form, "Preferred", "Authenticator app (TOTP)")
    words.press(form, "Save")
    tab.settle()
    (preference,) = [value for name, value in tab.desk.fake.calls if name == "preference"]
    assert str(preference) == "MfaPreference(totp=None, sms=None, email=None, preferred='totp')"


def test_removing_an_authenticator_asks_who_it_is_and_says_what_comes_next(tab: Tab) -> None:
    tab.choose("mora")
    open_page(tab, "Security")
    words.press(tab.view.pane, "Remove authenticator…")
    question = words.dialog("Remove the authenticator of mora@x.example?")
    seen = words.see(question)
    assert "Make sure that it is really them" in seen
    assert "the password alone lets them in" in seen
    words.press(question, "Remove authenticator")
    tab.settle()
    assert calls(tab, "remove_authenticator") == 1


def test_signing_out_says_what_it_does_not_end(tab: Tab) -> None:
    tab.choose("mora")
    tab.view.commands.run("user.sign_out")
    question = words.dialog("Sign mora@x.example out everywhere?")
    assert "for up to 1 hour" in words.see(question)
    words.press(question, "Sign out")
    tab.settle()
    assert tab.toasts[-1].text == "mora@x.example is signed out everywhere."


def test_a_sign_up_is_confirmed_with_or_without_the_email(tab: Tab) -> None:
    tab.choose("ines")
    words.press(tab.view.pane, "Confirm sign-up…")
    form = words.dialog("Confirm the sign-up of ines@x.example?")
    words.press(form, "Also mark ines@x.example as verified")
    words.press(form, "Confirm sign-up")
    tab.settle()
    assert ("verify", True) in tab.desk.fake.calls
    assert "The sign-up is not confirmed." not in words.see(tab.view.pane)


def test_a_federated_person_gets_a_password_by_an_explicit_choice_only(
    qtbot: QtBot, inline_runner: JobRunner, dressed: QApplication
) -> None:
    tab = Tab(qtbot, inline_runner, FakeDesk([user("Google_1", UserStatus.EXTERNAL_PROVIDER)]))
    tab.choose("Google_1")
    assert "Signs in through Google, which the app client does not offer." in words.see(tab.view.pane)
    tab.view.commands.run("user.password")
    form = words.dialog("Set a password for Google_1@x.example")
    words.press(form, "Generate")
    words.press(form, "Set password")
    assert "Tick this box, or send them to Google." in words.see(form)
    assert calls(tab, "set_password") == 0
    words.press(form, "Yes, end their sign-in through Google")
    words.press(form, "Set password")
    tab.settle()
    assert ("federated", "Google_1") in tab.desk.fake.calls


def test_an_account_elsewhere_is_linked_and_unlinked(tab: Tab) -> None:
    tab.choose("mora")
    assert "None is linked." in open_page(tab, "Security")
    words.press(tab.view.pane, "Link an account…")
    form = words.dialog("Link an account to mora@x.example")
    words.press(form, "Link")
    assert "Enter the identifier that the account has there." in words.see(form)
    tab.settle()
    words.type_into(form, "Identity provider", "Okta")
    words.type_into(form, "Identifier of the account there", "okta-77")
    words.press(form, "Link")
    tab.settle()
    assert "okta-77" in words.see(tab.view.pane)
    assert tab.toasts[-1].action_text == "Undo"
    words.press(tab.view.pane, "Unlink: Okta")
    tab.settle()
    assert "None is linked." in words.see(tab.view.pane)


def test_the_newest_person_wins(tab: Tab) -> None:
    tab.choose("mora")
    open_page(tab, "Groups")
    tab.desk.memberships.of_user = {"mora": ("admin",), "nils": ("beta",)}
    assert tab.view.table.select("mora")
    assert tab.view.table.select("ines")
    assert tab.view.table.select("nils")  # three answers are under way
    tab.settle()
    seen = words.see(tab.view.pane)
    assert "The beta people" in seen
    assert "The admin people" not in seen
    assert tab.view.people.person is not None
    assert tab.view.people.person.user.username == "nils"


def test_a_viewer_sees_everything_and_can_press_nothing(
    qtbot: QtBot, inline_runner: JobRunner, dressed: QApplication
) -> None:
    desk = FakeDesk([user("mora")], Role.VIEWER)
    desk.memberships.of_user["mora"] = ("beta",)
    desk.security.sessions_now, desk.security.devices_now = (SESSION,), (DEVICE,)
    tab = Tab(qtbot, inline_runner, desk)
    tab.choose("mora")
    for page, offered in (
        ("Groups", ("Add to group…", "Remove: beta")),
        ("Sessions", ("End: Chrome on Linux", "Forget: Ada's laptop", "Sign out everywhere…")),
        ("Security", ("Lost phone…", "MFA is required for this person", "Sign out everywhere…")),
    ):
        open_page(tab, page)
        for text in offered:
            assert words.reason(tab.view.pane, text).startswith("You are signed in as a viewer")
