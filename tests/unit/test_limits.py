"""Limits of waiting, and the ladder's answer to where a step may lead."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.onboarding import ladder
from app.onboarding.ladder import LADDER, Edge, Transition, step_to
from app.onboarding.limits import DEFAULT_HOURS, MOST_HOURS, Limits
from app.onboarding.models import OnboardingStatus

S = OnboardingStatus


def test_people_who_wait_have_a_limit_by_default_and_others_have_none() -> None:
    limits = Limits()
    assert {status for status in LADDER if limits.of(status) is not None} == {
        S.PENDING_VERIFICATION, S.PENDING_APPROVAL, S.PENDING_MFA, S.PENDING_SUBSCRIPTION,
    }  # fmt: skip
    assert limits.exceeded(S.PENDING_APPROVAL, timedelta(hours=49))
    assert not limits.exceeded(S.PENDING_APPROVAL, timedelta(hours=48))
    assert not limits.exceeded(S.ACTIVE, timedelta(days=9999))
    assert not limits.exceeded(S.PENDING_APPROVAL, None)


@given(st.dictionaries(st.sampled_from(LADDER), st.integers(1, MOST_HOURS)))
def test_limits_survive_being_stored(hours: dict[OnboardingStatus, int]) -> None:
    limits = Limits(hours)
    assert dict(Limits.stored(limits.to_store()).hours) == hours


@pytest.mark.parametrize("nonsense", [-1, MOST_HOURS + 1, True, "7", None, 1.5])
def test_what_makes_no_sense_is_as_by_default(nonsense: object) -> None:
    stored = {"pending_mfa": nonsense, "no such status": 3}
    assert dict(Limits.stored(stored).hours) == dict(DEFAULT_HOURS)  # type: ignore[arg-type]


@pytest.mark.parametrize("source", LADDER)
@pytest.mark.parametrize("goal", LADDER)
@pytest.mark.parametrize("before", [None, *LADDER])
def test_a_step_leads_only_where_an_edge_does(
    source: OnboardingStatus, goal: OnboardingStatus, before: OnboardingStatus | None
) -> None:
    found = step_to(goal, source, before=before)
    if isinstance(found, Transition):
        assert found in ladder.transitions()
        assert (found.source, found.target) == (source, goal)
        assert found.edge is not Edge.ENABLE or goal is before
    else:
        assert found.endswith(".")
        declared = [t for t in ladder.transitions() if (t.source, t.target) == (source, goal)]
        assert not declared or (source is S.DISABLED and goal is not before)


def test_the_reason_names_where_the_ladder_leads_instead() -> None:
    said = step_to(S.ACTIVE, S.PENDING_APPROVAL)
    assert said == (
        "From here the ladder leads to “waiting for an authenticator”, “rejected” or “disabled”, and not to “active”."
    )
    assert step_to(S.ACTIVE, S.ACTIVE) == "This person is active already."
    assert step_to(S.ACTIVE, S.DISABLED, before=S.PENDING_MFA) == (
        "Enabling returns a disabled person to where they were: waiting for an authenticator."
    )
