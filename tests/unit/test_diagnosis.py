"""Why somebody cannot sign in: each rule by a table, and what the whole says of one person."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from app.auth.enrolment import Authenticator, Password, Situation
from app.diagnosis.findings import Finding, Gate, Remedy, Snapshot
from app.diagnosis.signin import RULES, diagnose
from app.directory.models import UserStatus
from app.journal_models import Mirror, MirrorState
from app.onboarding.models import OnboardingStatus
from tests.unit.snapshots import NOW, client, pool, row, snapshot, user

_S, _O, _R = UserStatus, OnboardingStatus, Remedy
IDENTITY = json.dumps([{"userId": "1", "providerName": "Google", "primary": True}])


def found(s: Snapshot) -> dict[str, Finding]:
    """By kind."""
    return {finding.kind: finding for finding in diagnose(s).findings}


def test_nothing_is_said_of_somebody_who_can_sign_in() -> None:
    diagnosis = diagnose(snapshot(factors=("totp",), preferred_factor="totp"))
    assert (diagnosis.findings, diagnosis.gate, diagnosis.unknown) == ((), None, ())


@pytest.mark.parametrize(
    ("password", "gate"),
    [(Password.RANDOM, Gate.COGNITO), (Password.MAYBE_RANDOM, Gate.PERHAPS), (Password.THEIRS, None)],
)
def test_an_enrolment_that_was_left_half_done_is_told_with_its_way_out(password: Password, gate: Gate | None) -> None:
    left = Situation(password, Authenticator.MADE, session=True, begun=True)
    finding = found(replace(snapshot(), enrolment=left))["enrolment_half_done"]
    assert (finding.gate, finding.remedies) == (gate, (Remedy.ENROL,))
    assert "enrolment_half_done" not in found(replace(snapshot(), enrolment=Situation()))


def test_what_was_not_looked_at_is_named() -> None:
    assert diagnose(Snapshot(user(), NOW)).unknown == (
        "the pool's settings",
        "the app client",
        "the second factors in Cognito",
        "the application database",
    )


AGAIN = (_R.PREFER_TOTP, _R.ENROL, _R.ALIGN_MFA)
COGNITO, PERHAPS, APPLICATION = Gate.COGNITO, Gate.PERHAPS, Gate.APPLICATION
CASES: list[tuple[str, Snapshot, Gate | None, tuple[Remedy, ...]]] = [
    ("disabled", snapshot(enabled=False), COGNITO, (_R.ENABLE,)),
    ("unconfirmed", snapshot(_S.UNCONFIRMED), COGNITO, (_R.CONFIRM_SIGN_UP,)),
    ("reset_required", snapshot(_S.RESET_REQUIRED), COGNITO, (_R.SEND_RESET_CODE, _R.SET_PASSWORD)),
    ("reset_required", snapshot(_S.RESET_REQUIRED, email_verified="false"), COGNITO, (_R.SET_PASSWORD,)),
    ("expired_password", snapshot(_S.FORCE_CHANGE_PASSWORD, days=25), COGNITO, (_R.RESEND_INVITATION, _R.SET_PASSWORD)),
    ("temporary_password", snapshot(_S.FORCE_CHANGE_PASSWORD, days=2), None, (_R.RESEND_INVITATION, _R.SET_PASSWORD)),
    ("client_without_password_flow", snapshot(client=client(flows=("ALLOW_USER_SRP_AUTH",))), COGNITO, ()),
    ("client_with_secret", snapshot(client=client(has_secret=True)), None, ()),
    ("email_not_verified", snapshot(email_verified="false", phone_number="+14155550123", phone_number_verified="true",
        pool=pool(recovery=("verified_email", "verified_phone_number"))), None, (_R.VERIFY_EMAIL,)),
    ("email_not_verified", snapshot(email_verified="false",
        pool=pool(username_attributes=(), alias_attributes=("email",))), COGNITO, (_R.VERIFY_EMAIL,)),
    ("no_recovery_contact", snapshot(email_verified="false"), None, (_R.VERIFY_EMAIL, _R.SET_PASSWORD)),
    ("no_recovery_contact", snapshot(pool=pool(recovery=("admin_only",))), None, (_R.SET_PASSWORD,)),
    ("no_recovery_contact", snapshot(pool=pool(recovery=("verified_phone_number",)), phone_number="+14155550123"),
        None, (_R.VERIFY_PHONE, _R.SET_PASSWORD)),
    ("mfa_required_without_factor", snapshot(pool=pool(mfa="ON"), factors=()), PERHAPS, (_R.ENROL,)),
    ("mfa_required_without_factor", snapshot(pool=pool(mfa="ON")), PERHAPS, (_R.ENROL,)),
    ("authenticator_not_asked", snapshot(factors=(), row={"mfa_method": "totp"}), None, AGAIN),
    ("authenticator_not_asked", snapshot(pool=pool(mfa="ON"), factors=(), row={"mfa_method": "totp"}), PERHAPS, AGAIN),
    ("preferred_is_absent", snapshot(factors=(), preferred_factor="totp"), None, (_R.PREFER_TOTP, _R.ENROL)),
    ("preferred_is_absent", snapshot(factors=("totp",), preferred_factor="sms"), None, (_R.ENROL,)),
    ("none_preferred", snapshot(factors=("sms", "totp"), phone_number="+14155550123"), None, (_R.PREFER_TOTP,)),
    ("code_cannot_arrive", snapshot(factors=("sms",)), COGNITO, (_R.EDIT_ATTRIBUTES, _R.ENROL)),
    ("code_cannot_arrive", snapshot(factors=("sms", "totp"), preferred_factor="sms"), COGNITO,
        (_R.PREFER_TOTP, _R.EDIT_ATTRIBUTES)),
    ("mfa_required_by_row", snapshot(row={"mfa_required": True}), None, (_R.ENROL,)),
    ("mfa_required_by_row", snapshot(row={"mfa_required": True, "mfa_method": "totp"}, factors=()), None, (_R.ENROL,)),
    ("mfa_off_in_pool", snapshot(row={"mfa_required": True}, pool=pool(mfa="OFF")), None, ()),
    ("federated", snapshot(_S.EXTERNAL_PROVIDER, identities=IDENTITY), COGNITO, ()),
    ("federated", snapshot(_S.EXTERNAL_PROVIDER, identities=IDENTITY, client=client(providers=("Google",))), None, ()),
    ("federated", snapshot(_S.EXTERNAL_PROVIDER, identities="no JSON"), None, ()),
    ("onboarding_pending_verification", snapshot(email_verified="false", row={"status": _O.PENDING_VERIFICATION}),
        APPLICATION, ()),
    ("email_not_mirrored", snapshot(row={"status": _O.PENDING_VERIFICATION}), APPLICATION, (_R.REPAIR_ROW_EMAIL,)),
    ("onboarding_pending_approval", snapshot(row={"status": _O.PENDING_APPROVAL}), APPLICATION, (_R.APPROVE,)),
    ("onboarding_pending_mfa", snapshot(row={"status": _O.PENDING_MFA}), APPLICATION, (_R.ENROL,)),
    ("onboarding_pending_subscription", snapshot(row={"status": _O.PENDING_SUBSCRIPTION}), APPLICATION, ()),
    ("onboarding_suspended", snapshot(row={"status": _O.SUSPENDED}), APPLICATION, (_R.RESUME,)),
    ("onboarding_rejected", snapshot(row={"status": _O.REJECTED}), APPLICATION, (_R.REOPEN,)),
    ("disabled_there", snapshot(row={"status": _O.DISABLED}), APPLICATION, (_R.ENABLE_ROW, _R.DISABLE)),
    ("disabled_here_only", snapshot(enabled=False), None, (_R.DISABLE_ROW,)),
    ("row_missing", replace(snapshot(), row=None), APPLICATION, (_R.ADD_ROW,)),
    ("other_provider", snapshot(row={"auth_provider": "local"}), APPLICATION, (_R.ALIGN_PROVIDER,)),
    ("other_subject", snapshot(row={"subject": "an older one"}), None, (_R.ALIGN_SUBJECT,)),
    ("other_email", snapshot(row={"email": "old@x.example"}), None, (_R.ALIGN_EMAIL,)),
    ("several_rows", replace(snapshot(), rows=(row(user()), row(user(), email="CARLA@x.example"))), None, ()),
    ("twins", replace(snapshot(), twins=(user("other", email="CARLA@x.example", days=99),)), PERHAPS, ()),
    ("twins", replace(snapshot(), twins=(user("other", email="CARLA@x.example", days=1),)), None, ()),
    ("twins", replace(snapshot(pool=pool(case_sensitive=True)), twins=(user("o", days=99),)), None, ()),
    ("capital_letters", snapshot(email="Carla@x.example", pool=pool(case_sensitive=True)), None, (_R.EDIT_ATTRIBUTES,)),
    ("no_email_sign_in", snapshot(pool=pool(username_attributes=())), None, ()),
    ("odd_status", snapshot(_S.COMPROMISED), None, (_R.SET_PASSWORD,)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "s", "gate", "remedies"), CASES, ids=[f"{n}-{c[0]}" for n, c in enumerate(CASES)])
def test_each_case_is_found_with_its_gate_and_its_ways_out(
    kind: str, s: Snapshot, gate: Gate | None, remedies: tuple[Remedy, ...]
) -> None:
    finding = found(s)[kind]
    assert (finding.gate, finding.remedies) == (gate, remedies)
    assert finding.sentence.endswith(".")
    assert finding.evidence
    assert finding.remedies or finding.advice or finding.kind in {"twins", "no_email_sign_in", *WAITING}


WAITING = {"onboarding_pending_verification", "onboarding_pending_subscription"}  # the evidence says who moves them on


def test_every_rule_has_a_case_and_finds_nothing_on_its_own_opposite() -> None:
    tried = {kind for kind, *_ in CASES}
    kinds = {finding.kind for rule in RULES for _, s, *_ in CASES if (finding := rule(s)) is not None}
    assert kinds == tried
    healthy = snapshot(factors=("totp",), preferred_factor="totp", row={"mfa_method": "totp", "mfa_required": True})
    assert [rule.__name__ for rule in RULES if rule(healthy) is not None] == []


def test_an_expired_temporary_password_is_told_with_its_age_and_the_pools_limit() -> None:
    finding = found(snapshot(_S.FORCE_CHANGE_PASSWORD, days=25))["expired_password"]
    assert finding.sentence == "The temporary password has expired."
    assert finding.evidence == "Set about 25 days ago; this pool allows 7 days."


@pytest.mark.parametrize(("days", "expired"), [(6.9, False), (7.1, True)])
def test_the_pools_own_limit_decides(days: float, expired: bool) -> None:
    kinds = set(found(snapshot(_S.FORCE_CHANGE_PASSWORD, days=days)))
    assert kinds & {"expired_password", "temporary_password"} == {
        "expired_password" if expired else "temporary_password"
    }


def test_without_the_pools_settings_nothing_is_guessed_about_the_password() -> None:
    found_now = found(snapshot(_S.FORCE_CHANGE_PASSWORD, days=400, pool=None))
    assert set(found_now) == {"temporary_password"}
    assert "not known" in found_now["temporary_password"].evidence


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("disabled_here_only", {"enabled": False}),
        ("disabled_there", {"row": {"status": _O.DISABLED}}),
        ("email_not_mirrored", {"row": {"status": _O.PENDING_VERIFICATION}}),
    ],
)
def test_what_is_on_its_way_to_the_database_needs_no_repair(kind: str, values: dict[str, Any]) -> None:
    waiting = {
        "disabled_here_only": "user_disabled",
        "disabled_there": "user_enabled",
        "email_not_mirrored": "confirm_email",
    }
    s = snapshot(**values)
    mirror = Mirror(1, 1, "test", waiting[kind], s.user.email, s.user.sub, {}, MirrorState.PENDING, NOW)
    told = found(replace(s, waiting=(mirror,)))[kind]
    assert "on its way" in told.evidence
    assert told.remedies == ()
    assert found(replace(s, waiting=(replace(mirror, kind="mfa_enrolled"),)))[kind].remedies


def test_a_row_that_is_still_to_be_written_is_not_missing() -> None:
    s = replace(snapshot(), row=None)
    mirror = Mirror(1, 1, "test", "user_created", s.user.email, s.user.sub, {}, MirrorState.PENDING, NOW)
    assert "row_missing" not in found(replace(s, waiting=(mirror,)))
    assert "row_missing" not in found(replace(s, row_known=False))


def test_the_row_of_a_twin_is_no_second_row() -> None:
    twin = user("twin", email="CARLA@x.example", days=1)
    s = snapshot()
    assert s.row is not None
    both = replace(s, twins=(twin,), rows=(s.row, row(twin)))
    assert "several_rows" not in found(both)


def test_cognitos_refusals_come_first_then_the_applications_then_the_rest() -> None:
    s = snapshot(_S.FORCE_CHANGE_PASSWORD, days=25, row={"status": _O.PENDING_APPROVAL, "mfa_required": True})
    diagnosis = diagnose(s)
    assert [f.gate for f in diagnosis.findings] == [COGNITO, APPLICATION, None]
    assert diagnosis.gate is COGNITO
    assert len(diagnosis.blockers) == 2
    assert len(diagnosis.warnings) == 1


def test_one_cause_is_told_once() -> None:
    assert "email_not_verified" not in found(snapshot(email_verified="false"))
