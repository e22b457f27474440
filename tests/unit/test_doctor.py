"""What is wrong with the whole set-up, and that every symptom of the source document is answered somewhere."""

from __future__ import annotations

from typing import Any

import pytest

from app.diagnosis import signin
from app.diagnosis.doctor import RULES, TROUBLESHOOTING, SetUp, examine
from app.diagnosis.findings import Gate
from app.errors import AppError, ErrorCode
from app.onboarding.schema import report
from tests.unit.snapshots import client, pool
from tests.unit.test_diagnosis import CASES

WELL: dict[str, Any] = {
    "pool": pool(),
    "client": client(flows=("ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")),
    "variables": {"AUTH_PROVIDER": "cognito", "COGNITO_USER_POOL_ID": "p", "COGNITO_CLIENT_ID": "c"},
}
DENIED = AppError(ErrorCode.ACCESS_DENIED, "AWS refused.", subject="cognito-idp:ListUsers")
SICK: list[tuple[str, dict[str, Any], Gate | None]] = [
    ("provider_unavailable", {"variables": {"AUTH_PROVIDER": "Cognito"}}, Gate.APPLICATION),
    ("password_flow_off", {"client": client(flows=("ALLOW_REFRESH_TOKEN_AUTH",))}, Gate.COGNITO),
    ("refresh_flow_off", {"client": client()}, None),
    ("client_secret", {"client": client(has_secret=True)}, None),
    ("no_email_sign_in", {"pool": pool(username_attributes=())}, None),
    ("email_not_verified_by_pool", {"pool": pool(auto_verified=())}, None),
    ("mfa_off", {"pool": pool(mfa="OFF")}, None),
    ("totp_off", {"pool": pool(factors=("sms",))}, None),
    ("challenges", {}, None),
    ("enumeration", {"client": client(prevents_enumeration=False)}, None),
    ("recovery_by_admin_only", {"pool": pool(recovery=("admin_only",))}, None),
    ("permission_missing", {"refused": (DENIED,)}, None),
    ("columns_missing", {"schema": report(frozenset({"id", "email"}))}, Gate.APPLICATION),
]


def kinds(set_up: SetUp) -> set[str]:
    return {finding.kind for finding in examine(set_up)}


@pytest.mark.parametrize(("kind", "changed", "gate"), SICK, ids=[kind for kind, *_ in SICK])
def test_each_fault_is_found_with_what_helps(kind: str, changed: dict[str, Any], gate: Gate | None) -> None:
    (finding,) = [each for each in examine(SetUp(**{**WELL, **changed})) if each.kind == kind]
    assert finding.gate is gate
    assert finding.sentence.endswith(".")
    assert finding.evidence.endswith((".", "”."))
    assert finding.advice.endswith(".")


def test_a_sound_set_up_has_no_fault_but_the_reminder() -> None:
    assert kinds(SetUp(**WELL)) == {"challenges"}
    assert kinds(SetUp(**{**WELL, "pool": None})) == set()
    assert kinds(SetUp()) == set()


def test_legacy_flows_include_the_refresh() -> None:
    assert "refresh_flow_off" not in kinds(SetUp(client=client(flows=("USER_PASSWORD_AUTH",))))


def test_what_keeps_people_out_comes_first() -> None:
    found = examine(SetUp(**{**WELL, "client": client(flows=()), "pool": pool(mfa="OFF")}))
    gates = [finding.gate is None for finding in found]
    assert gates == sorted(gates)
    assert found[0].kind == "password_flow_off"


def test_every_rule_has_its_fault() -> None:
    assert {kind for kind, *_ in SICK} == {rule.__name__ for rule in RULES}


def test_every_symptom_of_the_source_document_is_answered_by_a_rule() -> None:
    of_persons = {finding.kind for rule in signin.RULES for _, s, *_ in CASES if (finding := rule(s)) is not None}
    of_set_ups = {rule.__name__ for rule in RULES}
    assert len(TROUBLESHOOTING) == 8  # rows of the table
    for symptom, answers in TROUBLESHOOTING.items():
        assert answers, symptom
        assert set(answers) <= of_persons | of_set_ups, symptom
