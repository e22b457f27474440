"""Why can't this person sign in? Pure rules over one snapshot -> blockers and warnings, in the order to deal with them.

Cognito's refusals come first, as nothing else matters while they last; then what the application holds against the
person; then what is worth knowing. A rule that needs what was not read says nothing, and `unknown` names the gap.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from app.diagnosis import account, factors, membership
from app.diagnosis.findings import Diagnosis, Finding, Gate, Snapshot

Rule = Callable[[Snapshot], Finding | None]

RULES: Final[tuple[Rule, ...]] = (
    account.disabled,
    account.client_without_password_flow,
    account.unconfirmed,
    factors.enrolment_left,
    account.reset_required,
    account.expired_password,
    account.federated,
    account.email_not_verified,
    factors.none_in_strict_pool,
    factors.code_cannot_arrive,
    factors.authenticator_not_asked,
    account.twins,
    membership.row_missing,
    membership.other_provider,
    membership.disabled_there,
    membership.email_not_mirrored,
    membership.not_active,
    account.temporary_password,
    factors.preferred_is_absent,
    factors.none_preferred,
    factors.required_by_row,
    account.no_recovery_contact,
    membership.disabled_here_only,
    membership.other_subject,
    membership.several_rows,
    membership.other_email,
    account.capital_letters,
    account.no_email_sign_in,
    account.client_with_secret,
    account.odd_status,
)
_ORDER = {Gate.COGNITO: 0, Gate.PERHAPS: 1, Gate.APPLICATION: 2, None: 3}


def diagnose(snapshot: Snapshot) -> Diagnosis:
    """Everything that the rules find, in order, and what could not be looked at."""
    found = [finding for rule in RULES if (finding := rule(snapshot)) is not None]
    found = [finding for finding in found if not _implied(finding, found)]
    return Diagnosis(tuple(sorted(found, key=lambda finding: _ORDER[finding.gate])), _unknown(snapshot))


def _implied(finding: Finding, found: list[Finding]) -> bool:
    """Whether another finding says it already: an unverified email is why recovery cannot reach the person."""
    kinds = {each.kind for each in found}
    return finding.kind == "email_not_verified" and not finding.blocks and "no_recovery_contact" in kinds


def _unknown(snapshot: Snapshot) -> tuple[str, ...]:
    gaps = (
        (snapshot.pool is None, "the pool's settings"),
        (snapshot.client is None, "the app client"),
        (snapshot.user.factors is None, "the second factors in Cognito"),
        (not snapshot.row_known, "the application database"),
    )
    return tuple(name for missing, name in gaps if missing)
