"""Taking a change back: which values are written, and when it is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.directory.models import MfaPreference, User, UserStatus
from app.errors import AppError, ErrorCode
from app.mirror_requests import applied
from app.undo import attributes_before, check_untouched, preference_before

MADE = datetime(2026, 1, 5, tzinfo=UTC)


def user(**attributes: str) -> User:
    return User("bob", UserStatus.CONFIRMED, True, MADE, MADE, attributes)


def test_a_changed_address_comes_back_with_its_proof() -> None:
    bob = user(email="bob@example.org", email_verified="true", name="Bob")
    assert attributes_before(bob, {"email": "rob@example.org"}) == {
        "email": "bob@example.org",
        "email_verified": "true",
    }
    assert attributes_before(bob, {"name": "Rob", "nickname": "R"}) == {"name": "Bob", "nickname": ""}
    assert attributes_before(user(), {"phone_number": "+49301"}) == {"phone_number": ""}


VALUES = st.text(alphabet="ab@.1", max_size=4)
NAMES = st.sampled_from(["email", "phone_number", "name", "custom:x"])
FLAGS = st.sampled_from(["true", "false"])


@given(
    st.dictionaries(NAMES, VALUES.filter(bool)),
    st.dictionaries(NAMES, VALUES, min_size=1),
    FLAGS,
    FLAGS,
)
def test_there_and_back_is_where_it_began(
    attributes: dict[str, str], changes: dict[str, str], mail: str, phone: str
) -> None:
    for contact, flag in (("email", mail), ("phone_number", phone)):
        if contact in attributes:
            attributes[f"{contact}_verified"] = flag
    before = user(**attributes)
    there = applied(before.attributes, changes)
    back = applied(there, attributes_before(before, changes))
    for contact in ("email", "phone_number"):
        if not back.get(contact):  # whether nothing is verified says nothing
            back.pop(f"{contact}_verified", None)
    assert back == before.attributes


def test_another_value_is_not_overwritten_but_a_late_list_is_no_conflict() -> None:
    before, changes = user(name="Bob"), {"name": "Rob"}
    check_untouched(before, changes, user(name="Rob"))
    check_untouched(before, changes, user(name="Bob"))
    with pytest.raises(AppError) as caught:
        check_untouched(before, changes, user(name="Robert"))
    assert (caught.value.code, caught.value.subject) == (ErrorCode.CONFLICT, "name")


@pytest.mark.parametrize(
    ("factors", "preferred", "changed", "back"),
    [
        (("totp",), "totp", MfaPreference(totp=False), MfaPreference(totp=True, preferred="totp")),
        ((), None, MfaPreference(sms=True), MfaPreference(sms=False)),
        (
            ("totp", "sms"),
            "totp",
            MfaPreference(preferred="sms"),
            MfaPreference(totp=True, sms=True, preferred="totp"),
        ),
        (("sms",), None, MfaPreference(sms=False, email=True), MfaPreference(sms=True, email=False)),
        (("sms",), "totp", MfaPreference(sms=False), MfaPreference(totp=False, sms=True)),
    ],
)
def test_the_preference_before_is_restored(
    factors: tuple[str, ...], preferred: str | None, changed: MfaPreference, back: MfaPreference
) -> None:
    assert preference_before(factors, preferred, changed) == back


def test_what_was_not_known_cannot_be_restored() -> None:
    assert preference_before(None, None, MfaPreference(totp=True)) is None
