from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.errors import AppError, ErrorCode
from app.onboarding.ladder import (
    LADDER,
    Driver,
    Edge,
    Transition,
    before_disable,
    explain,
    target,
    transitions,
    why_not,
)
from app.onboarding.models import DatabaseUser, OnboardingStatus

S = OnboardingStatus

# Written out by hand from the source document and the design, so that a slip in the table shows.
DECLARED = {
    (Edge.CONFIRM_EMAIL, "pending_verification", "pending_approval", Driver.COGNITO),
    (Edge.APPROVE, "pending_approval", "pending_mfa", Driver.ADMIN),
    (Edge.REJECT, "pending_approval", "rejected", Driver.ADMIN),
    (Edge.REOPEN, "rejected", "pending_approval", Driver.ADMIN),
    (Edge.ENROL_MFA, "pending_mfa", "pending_subscription", Driver.COGNITO),
    (Edge.SUBSCRIBE, "pending_subscription", "active", Driver.SUBSCRIPTION),
    (Edge.SUSPEND, "active", "suspended", Driver.ADMIN),
    (Edge.RESUME, "suspended", "active", Driver.ADMIN),
}
OTHERS = [status for status in S if status is not S.DISABLED]


def row(**changes: object) -> DatabaseUser:
    fields: dict[str, object] = {
        "id": "1",
        "email": "a@example.org",
        "status": S.DISABLED,
        "auth_provider": "cognito",
        "email_verified": True,
    }
    return DatabaseUser(**{**fields, **changes})  # type: ignore[arg-type]


def test_the_table_is_the_source_documents() -> None:
    found = {(step.edge, step.source.value, step.target.value, step.driver) for step in transitions()}
    disable = {(Edge.DISABLE, status.value, "disabled", Driver.ADMIN) for status in OTHERS}
    enable = {(Edge.ENABLE, "disabled", status.value, Driver.ADMIN) for status in OTHERS}
    assert found == DECLARED | disable | enable
    assert len(transitions()) == len(found) == 22


def test_the_ladder_holds_every_status_once() -> None:
    assert len(LADDER) == 8
    assert set(LADDER) == set(S)


@pytest.mark.parametrize("status", list(S))
@pytest.mark.parametrize("edge", list(Edge))
def test_a_step_is_possible_exactly_where_it_is_declared(edge: Edge, status: OnboardingStatus) -> None:
    declared = {step.target for step in transitions() if step.edge is edge and step.source is status}
    reason = why_not(edge, status)
    assert (reason is None) == bool(declared)
    if declared:
        assert {target(edge, status, before=goal) for goal in declared} == declared
        return
    assert reason is not None
    assert reason.endswith(".")
    assert "_" not in reason, "a sentence for people, not a value of the database"
    with pytest.raises(AppError) as caught:
        target(edge, status, before=S.ACTIVE)
    assert caught.value.code is ErrorCode.USER_STATE
    assert caught.value.message == reason


def test_the_reason_names_both_states() -> None:
    assert why_not(Edge.APPROVE, S.PENDING_MFA) == (
        "Approving is for someone who is waiting for approval; this person is waiting for an authenticator."
    )
    assert why_not(Edge.DISABLE, S.DISABLED) == "This person is disabled already."


@pytest.mark.parametrize("status", list(S))
def test_every_status_is_explained(status: OnboardingStatus) -> None:
    assert explain(status).endswith(".")
    assert len({explain(each) for each in S}) == 8


@pytest.mark.parametrize("before", [None, S.DISABLED])
def test_enable_needs_to_know_where_to_return(before: OnboardingStatus | None) -> None:
    with pytest.raises(AppError) as caught:
        target(Edge.ENABLE, S.DISABLED, before=before)
    assert caught.value.code is ErrorCode.USER_STATE


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status_before_disable": S.ACTIVE, "email_verified": False}, S.ACTIVE),
        ({"status_before_disable": S.REJECTED}, S.REJECTED),
        ({"status_before_disable": S.DISABLED}, S.PENDING_APPROVAL),
        ({"email_verified": False, "mfa_method": "totp"}, S.PENDING_VERIFICATION),
        ({"email_verified": True}, S.PENDING_APPROVAL),
        ({"email_verified": True, "mfa_required": False}, S.PENDING_APPROVAL),
        ({"email_verified": True, "mfa_method": "totp"}, S.PENDING_SUBSCRIPTION),
    ],
)
def test_where_enable_returns(fields: dict[str, object], expected: OnboardingStatus) -> None:
    assert before_disable(row(**fields)) is expected


@given(
    verified=st.booleans(),
    method=st.sampled_from([None, "totp", "sms"]),
    recorded=st.sampled_from([None, *S]),
    required=st.sampled_from([None, True, False]),
)
def test_enable_always_has_somewhere_to_go_and_never_grants_access_unproved(
    verified: bool, method: str | None, recorded: OnboardingStatus | None, required: bool | None
) -> None:
    person = row(email_verified=verified, mfa_method=method, status_before_disable=recorded, mfa_required=required)
    goal = target(Edge.ENABLE, S.DISABLED, before=before_disable(person))
    assert goal is not S.DISABLED
    assert goal is not S.ACTIVE or recorded is S.ACTIVE


class Climb(RuleBasedStateMachine):
    """A person under any sequence of steps, possible or not."""

    def __init__(self) -> None:
        super().__init__()
        self.status = S.PENDING_VERIFICATION
        self.before: OnboardingStatus | None = None
        self.previous: tuple[Edge, OnboardingStatus] | None = None

    @initialize(status=st.sampled_from(OTHERS))
    def start(self, status: OnboardingStatus) -> None:
        self.status = status

    @rule(edge=st.sampled_from(list(Edge)))
    def step(self, edge: Edge) -> None:
        source = self.status
        if not any(t.edge is edge and t.source is source for t in transitions()):
            with pytest.raises(AppError):
                target(edge, source, before=self.before)
            return
        goal = target(edge, source, before=self.before)
        if edge is Edge.ENABLE:
            assert goal is self.before, "enable returns to the status before disable"
        self.before = source if edge is Edge.DISABLE else None
        self.previous = (edge, source)
        self.status = goal

    @precondition(lambda self: self.status is not S.DISABLED)
    @rule()
    def disable_and_enable_is_a_round_trip(self) -> None:
        status = self.status
        disabled = target(Edge.DISABLE, status)
        assert target(Edge.ENABLE, disabled, before=status) is status

    @invariant()
    def only_declared_steps_were_taken(self) -> None:
        if self.previous is not None:
            edge, source = self.previous
            driver = next(t.driver for t in transitions() if t.edge is edge)
            assert Transition(edge, source, self.status, driver) in transitions()

    @invariant()
    def the_memory_is_kept_exactly_while_disabled(self) -> None:
        assert (self.before is not None) == (self.status is S.DISABLED)


TestClimb = Climb.TestCase
