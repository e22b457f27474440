from __future__ import annotations

import pytest

from app.errors import AppError, ErrorCode
from app.permissions import Action, Operator, Role, check, why_not

SUPPORT_MAY = {
    Action.CREATE_USER,
    Action.ENABLE_USER,
    Action.RESET_PASSWORD,
    Action.SET_PASSWORD,
    Action.RESEND_INVITATION,
    Action.UPDATE_ATTRIBUTES,
    Action.SET_MFA_PREFERENCE,
    Action.APPROVE,
    Action.REOPEN,
    Action.CONFIRM_EMAIL,
    Action.ENROL_AUTHENTICATOR,
    Action.CONFIRM_SIGN_UP,
    Action.SIGN_OUT,
    Action.RESET_AUTHENTICATOR,
    Action.FORGET_DEVICE,
    Action.REVOKE_SESSION,
    Action.ADD_TO_GROUP,
    Action.REMOVE_FROM_GROUP,
}


@pytest.mark.parametrize("action", list(Action))
def test_an_admin_may_do_everything_and_a_viewer_nothing(action: Action) -> None:
    assert why_not(Operator("ann", Role.ADMIN), action) is None
    reason = why_not(Operator("vic", Role.VIEWER), action)
    assert reason is not None
    assert "viewer" in reason
    assert reason.endswith(".")


@pytest.mark.parametrize("action", list(Action))
def test_support_may_help_but_not_take_away(action: Action) -> None:
    reason = why_not(Operator("sue", Role.SUPPORT), action)
    assert (reason is None) == (action in SUPPORT_MAY)


def test_a_refusal_is_an_error_that_says_who_can_help() -> None:
    with pytest.raises(AppError) as caught:
        check(Operator("sue", Role.SUPPORT), Action.DELETE_USER)
    assert caught.value.code is ErrorCode.NOT_ALLOWED
    assert caught.value.message == "The support role may not delete a user. Ask an admin."
    assert caught.value.subject == "user.delete"
    check(Operator("sue", Role.SUPPORT), Action.RESET_PASSWORD)


def test_the_stored_values_do_not_change() -> None:
    assert [action.value for action in Action] == [
        "user.create",
        "user.delete",
        "user.enable",
        "user.disable",
        "user.reset_password",
        "user.set_password",
        "user.resend_invitation",
        "user.update_attributes",
        "user.set_mfa_preference",
        "onboarding.approve",
        "onboarding.reject",
        "onboarding.reopen",
        "onboarding.suspend",
        "onboarding.resume",
        "onboarding.confirm_email",
        "onboarding.enrol_mfa",
        "onboarding.disable_mfa",
        "onboarding.activate",
        "onboarding.disable",
        "onboarding.enable",
        "mirror.discard",
        "user.change_role",
        "user.set_permanent_password",
        "user.enrol_authenticator",
        "users.export",
        "drift.align_row",
        "drift.add_row",
        "users.ask_factors",
        "user.confirm_sign_up",
        "user.sign_out",
        "user.reset_authenticator",
        "user.require_mfa",
        "user.forget_device",
        "user.revoke_session",
        "user.link_identity",
        "user.unlink_identity",
        "user.add_to_group",
        "user.remove_from_group",
        "user.change_powerful_group",
        "group.create",
        "group.update",
        "group.delete",
    ]
