"""An AWS library that is older than an operation: said in words, and done otherwise where there is another way."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from app.aws.features import known, method
from app.directory.access import Access
from app.directory.models import MfaPreference
from app.directory.sessions import Sessions
from app.directory.users import Users
from app.errors import AppError, ErrorCode

OLD: Any = SimpleNamespace()
SESSION = "tkn" + "0" * 25


class Preferences:
    """Users that only take note of the preferences that were set."""

    def __init__(self) -> None:
        self.set: list[tuple[str, MfaPreference]] = []

    def set_mfa_preference(self, username: str, preference: MfaPreference) -> None:
        self.set.append((username, preference))


def test_an_operation_is_known_or_it_is_not() -> None:
    assert not known(OLD, "AdminListUserSessions")
    new: Any = SimpleNamespace(admin_list_user_sessions=dict)
    assert known(new, "AdminListUserSessions")
    assert method(new, "AdminListUserSessions")() == {}


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("AdminListUserSessions", lambda: Sessions(OLD, "eu-central-1_a").of("ada")),
        ("AdminRevokeUserSession", lambda: Sessions(OLD, "eu-central-1_a").revoke("ada", SESSION)),
        ("AdminGetUserAuthFactors", lambda: Users(OLD, "eu-central-1_a").factors("ada")),
    ],
)
def test_what_the_library_lacks_is_told(operation: str, call: Any) -> None:
    with pytest.raises(AppError) as caught:
        call()
    assert (caught.value.code, caught.value.subject) == (ErrorCode.NOT_SUPPORTED, operation)
    assert "too old" in caught.value.message


def test_an_authenticator_is_switched_off_where_the_library_cannot_delete_it() -> None:
    users: Any = Preferences()
    removal = Access(OLD, "eu-central-1_a", users).remove_authenticator("ada")
    assert not removal.deleted
    assert "AdminDeleteSoftwareToken" in removal.why
    assert users.set == [("ada", MfaPreference(totp=False))]
