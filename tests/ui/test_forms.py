"""Forms: errors at their fields, nothing typed is lost; facts that wrap and can be copied."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from tests.ui.words import press, see, type_into, wait_to_see
from ui.widgets.badge import Badge, Tone
from ui.widgets.forms import Form, PasswordField
from ui.widgets.keyvalues import KeyValues, ValueLabel, breakable


@pytest.fixture
def form(dressed: QApplication, qtbot: QtBot) -> Form:
    made = Form()
    made.add_line("name", "Name", required=True)
    made.add_line("email", "Email", hint="Used to sign in.")
    made.add("password", "Password", PasswordField())
    made.add_choice(
        "environment", "Environment", {"development": "Development", "production": "Production"}, "production"
    )
    made.add_check("send", "Send an invitation", True)
    qtbot.addWidget(made)
    made.resize(400, 500)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


def test_values_are_read_by_name(form: Form) -> None:
    type_into(form, "Name", "Carla Moreno")
    type_into(form, "Email", " carla@tidewater.example ")
    type_into(form, "Environment", "Development")
    press(form, "Send an invitation")
    assert form.values() == {
        "name": "Carla Moreno",
        "email": " carla@tidewater.example ",
        "password": "",
        "environment": "development",
        "send": "false",
    }


def test_errors_stand_at_their_fields_and_the_first_one_has_the_focus(form: Form, qtbot: QtBot) -> None:
    type_into(form, "Email", "carla@")
    form.set_errors({"password": "Password: too short.", "email": "Email: no domain."})
    assert "Email: no domain." in see(form)
    assert "Password: too short." in see(form)
    assert form.values()["email"] == "carla@"
    qtbot.waitUntil(lambda: form.field("email").hasFocus())
    assert form.field("email").accessibleDescription() == "Email: no domain."


def test_an_error_goes_away_when_its_field_is_edited(form: Form) -> None:
    form.set_errors({"email": "Email: no domain.", "name": "Name is missing."})
    type_into(form, "Email", "x")
    assert form.problems() == {"name": "Name is missing."}
    assert form.field("email").accessibleDescription() == "Used to sign in."


def test_an_error_without_a_row_is_still_seen(form: Form) -> None:
    form.set_row_visible("email", False)
    form.set_errors({"region": "Region: not known.", "email": "Email: no domain."})
    assert "Region: not known." in see(form)
    assert "Email: no domain." in see(form)
    form.set_errors({})
    assert "not known" not in see(form)


def test_every_field_has_its_label_as_accessible_name(form: Form) -> None:
    names = [form.field(name).accessibleName() for name in form.values()]
    assert names == ["Name", "Email", "Password", "Environment", "Send an invitation"]
    assert isinstance(form.field("environment"), QComboBox)
    assert isinstance(form.field("send"), QCheckBox)


def test_a_password_is_masked_until_asked_for(form: Form) -> None:
    type_into(form, "Password", "hunter2!")
    assert "hunter2!" not in see(form)
    press(form, "Show Password")
    assert "hunter2!" in see(form)
    press(form, "Hide Password")
    assert "hunter2!" not in see(form)


def test_return_submits(form: Form, qtbot: QtBot) -> None:
    with qtbot.waitSignal(form.submitted):
        type_into(form, "Name", "Carla", enter=True)
    assert isinstance(form.field("name"), QLineEdit)


@pytest.fixture
def facts(dressed: QApplication, qtbot: QtBot) -> KeyValues:
    made = KeyValues(name_width=60)
    qtbot.addWidget(made)
    made.resize(240, 300)
    made.show()
    return made


def test_facts_are_shown_and_missing_ones_say_so(facts: KeyValues) -> None:
    facts.add("Email", "carla@tidewater.example", badge=Badge("verified", Tone.OK))
    facts.add("Phone", "")
    shown = wait_to_see(facts, "not set")
    assert shown.split("\n") == ["Email", "carla@tidewater.example", "verified", "Phone", "not set"]
    facts.clear()
    assert facts.values() == {}


def test_a_long_value_without_spaces_wraps_and_is_copied_whole(facts: KeyValues, qtbot: QtBot) -> None:
    arn = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Dem0Pool1"
    facts.add("ARN", arn)
    wait_to_see(facts, arn)
    shown = facts.findChild(ValueLabel)
    assert shown is not None
    qtbot.waitUntil(lambda: shown.height() > 2 * shown.fontMetrics().height())
    assert shown.width() <= 240
    shown.copy()
    assert QGuiApplication.clipboard().text() == arn
    assert breakable(arn).replace("\u200b", "") == arn


def test_markup_in_a_value_is_shown_as_it_is(facts: KeyValues) -> None:
    facts.add("Name", "<b>Bobby</b>")
    wait_to_see(facts, "<b>Bobby</b>")
