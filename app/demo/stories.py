"""The demo's named people, as sketches: what Cognito says, what the database says, and why that is interesting.

Order is part of the promise: tests, the tour and the README find these people by name.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from app.directory.models import UserStatus
from app.onboarding.models import OnboardingStatus

_S = UserStatus
_O = OnboardingStatus


class Sketch(NamedTuple):
    """One person in outline. Ages are days before now. `onboarding` None: no row in the database."""

    given: str
    family: str
    organisation: str
    status: UserStatus
    onboarding: OnboardingStatus | None
    story: str
    email: str = ""  # left of the @; or a whole address
    created: float = 200.0
    modified: float | None = None  # None: unchanged since created
    row_changed: float | None = None  # None: when the user was modified
    enabled: bool = True
    role: str = "user"
    verified: bool = True
    row_verified: bool | None = None  # None: as in Cognito
    row_email: str = ""  # empty: as in Cognito
    row_subject: str = "same"  # "same" or "other"
    row_mfa: str = "same"  # "same", "totp" or "none"
    phone: bool = False
    mfa: str = "none"  # "totp", "sms" or "none"
    mfa_required: bool = False
    before_disable: OnboardingStatus | None = None


NAMED: Final[tuple[Sketch, ...]] = (
    Sketch(
        "Carla", "Moreno", "tidewater", _S.FORCE_CHANGE_PASSWORD, _O.PENDING_VERIFICATION,
        "The temporary password was set 25 days ago and has expired; the database still waits for the email.",
        created=25, row_verified=False,
    ),
    Sketch(
        "Amira", "Haddad", "northwind", _S.CONFIRMED, _O.ACTIVE,
        "Nothing is wrong: confirmed, active, signs in with an authenticator app.",
        created=265, modified=12, phone=True, mfa="totp", mfa_required=True,
    ),
    Sketch(
        "Bisi", "Okafor", "northwind", _S.FORCE_CHANGE_PASSWORD, _O.PENDING_APPROVAL,
        "Invited two days ago; the temporary password still works.",
        email="b.okafor", created=2,
    ),
    Sketch(
        "Dag", "Lindqvist", "tidewater", _S.CONFIRMED, _O.ACTIVE,
        "MFA is required, but no authenticator is set up.",
        email="d.lindqvist", created=338, modified=40, mfa_required=True,
    ),
    Sketch(
        "Elif", "Kaya", "harbour", _S.CONFIRMED, _O.ACTIVE,
        "Disabled in Cognito, but the database still says active.",
        created=418, modified=3, row_changed=120, enabled=False, mfa="totp",
    ),
    Sketch(
        "Fabio", "Rossi", "harbour", _S.CONFIRMED, _O.DISABLED,
        "Disabled in the database, but Cognito still allows sign-in.",
        email="f.rossi", created=90, modified=60, row_changed=4, before_disable=_O.ACTIVE,
    ),
    Sketch(
        "Grace", "Mensah", "quay", _S.RESET_REQUIRED, _O.ACTIVE,
        "An admin reset the password; no new one has been chosen yet.",
        created=311, modified=6, phone=True, mfa="sms",
    ),
    Sketch(
        "Hiro", "Tanaka", "quay", _S.CONFIRMED, _O.PENDING_SUBSCRIPTION,
        "Paid five days ago, but the subscription never arrived in the database.",
        email="h.tanaka", created=21, modified=11, row_changed=5, mfa="totp", mfa_required=True,
    ),
    Sketch(
        "Inês", "Duarte", "quay", _S.UNCONFIRMED, _O.PENDING_VERIFICATION,
        "Signed up three days ago and never entered the code from the email.",
        created=3, verified=False,
    ),
    Sketch(
        "Jana", "Petrov", "quay", _S.CONFIRMED, _O.PENDING_VERIFICATION,
        "The email is verified in Cognito, but not in the database.",
        email="j.petrov", created=9, modified=8, row_changed=9, row_verified=False,
    ),
    Sketch(
        "Kofi", "Asante", "northwind", _S.CONFIRMED, None,
        "In Cognito only: the database has no such person.",
        created=47, modified=45,
    ),
    Sketch(
        "Linh", "Nguyen", "northwind", _S.CONFIRMED, _O.PENDING_MFA,
        "Approved a week ago; must enrol an authenticator before anything else.",
        email="l.nguyen", created=16, modified=14, row_changed=7, mfa_required=True,
    ),
    Sketch(
        "Maya", "Singh", "tidewater", _S.EXTERNAL_PROVIDER, _O.ACTIVE,
        "Signs in with Google; password and second factor are kept there, not in Cognito.",
        created=152, modified=2,
    ),
    Sketch(
        "Nils", "Eriksen", "tidewater", _S.CONFIRMED, _O.ACTIVE,
        "The email is not verified and there is no phone: a password reset cannot arrive.",
        email="n.eriksen", created=204, modified=19, verified=False, mfa="totp",
    ),
    Sketch(
        "Olga", "Sava", "harbour", _S.CONFIRMED, _O.ACTIVE,
        "The first account; a second one differs only in capital letters.",
        email="olga.sava", created=520, modified=33, mfa="totp",
    ),
    Sketch(
        "Olga", "Sava", "harbour", _S.CONFIRMED, _O.PENDING_APPROVAL,
        "The second account: the same email with capital letters.",
        email="Olga.Sava@Harbour.example", created=5,
    ),
    Sketch(
        "Paulo", "Andrade", "harbour", _S.CONFIRMED, _O.SUSPENDED,
        "Suspended eleven days ago, when a payment failed.",
        email="p.andrade", created=388, modified=70, row_changed=11, mfa="totp", mfa_required=True,
    ),
    Sketch(
        "Qin", "Zhou", "quay", _S.CONFIRMED, _O.PENDING_APPROVAL,
        "Waiting for approval for nine days, longer than anybody should.",
        email="q.zhou", created=10, modified=9,
    ),
    Sketch(
        "Rosa", "Lindgren", "northwind", _S.CONFIRMED, _O.REJECTED,
        "Rejected a month ago; asks to be looked at again.",
        created=44, modified=43, row_changed=30,
    ),
    Sketch(
        "Samir", "Noor", "tidewater", _S.CONFIRMED, _O.ACTIVE,
        "The authenticator was removed in Cognito; the database still lists it.",
        created=277, modified=1, row_changed=150, row_mfa="totp",
    ),
    Sketch(
        "Tomás", "Okoye", "quay", _S.CONFIRMED, _O.ACTIVE,
        "The account was made anew in Cognito: the database holds the old subject.",
        created=18, modified=17, row_changed=210, row_subject="other", mfa="totp",
    ),
    Sketch(
        "Uma", "Castellanos", "tidewater", _S.FORCE_CHANGE_PASSWORD, _O.PENDING_VERIFICATION,
        "The invitation went to a mistyped address and was never read.",
        email="uma.castellanos@tidewatr.example", created=4, verified=False,
    ),
    Sketch(
        "Viktor", "Halvorsen", "northwind", _S.CONFIRMED, _O.ACTIVE,
        "The email was changed in Cognito; the database has the old one.",
        created=365, modified=2, row_changed=90, row_email="v.halvorsen@northwind.example", mfa="totp",
    ),
    Sketch(
        "Wanjiru", "Kamau", "harbour", _S.CONFIRMED, _O.DISABLED,
        "Left the company: disabled on both sides.",
        created=610, modified=52, row_changed=52, enabled=False, mfa="totp", before_disable=_O.ACTIVE,
    ),
    Sketch(
        "Ada", "Byrne", "harbour", _S.CONFIRMED, _O.ACTIVE,
        "An administrator of Harbour; signs in with an authenticator app.",
        email="ada", created=730, modified=8, role="admin", phone=True, mfa="totp", mfa_required=True,
    ),
)  # fmt: skip

REPEATABLE: Final = tuple(s for s in NAMED if "@" not in s.email and not s.row_email and s.given not in {"Olga", "Ada"})
"""Stories that also happen to people without a fixed name."""
