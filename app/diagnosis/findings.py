"""What a diagnosis reads and what it finds, as values. Frozen, so that they can cross threads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.auth.enrolment import Situation
from app.directory.models import User
from app.journal_models import Mirror
from app.onboarding.models import DatabaseUser
from app.permissions import Action
from app.pool.models import ClientSnapshot, PoolSnapshot


class Gate(StrEnum):
    """Who keeps the person out: Cognito refuses the sign-in, or the application does although Cognito lets them in.

    PERHAPS: Cognito may refuse; what would tell cannot be read from outside, or was not read.
    """

    COGNITO = "cognito"
    PERHAPS = "perhaps"
    APPLICATION = "application"


class Remedy(StrEnum):
    """What the Desk can do about a finding. Each is one command of the window. Append only."""

    ENABLE = "enable"
    DISABLE = "disable"
    CONFIRM_SIGN_UP = "confirm_sign_up"
    RESEND_INVITATION = "resend_invitation"
    SET_PASSWORD = "set_password"  # noqa: S105 - the name of a remedy
    SEND_RESET_CODE = "send_reset_code"
    VERIFY_EMAIL = "verify_email"  # email_verified = true
    VERIFY_PHONE = "verify_phone"
    EDIT_ATTRIBUTES = "edit_attributes"
    PREFER_TOTP = "prefer_totp"
    ENROL = "enrol"
    REPAIR_ROW_EMAIL = "repair_row_email"  # the row's step that Cognito has taken already
    DISABLE_ROW = "disable_row"
    ENABLE_ROW = "enable_row"
    ADD_ROW = "add_row"
    ALIGN_EMAIL = "align_email"  # the row takes what Cognito has
    ALIGN_SUBJECT = "align_subject"
    ALIGN_PROVIDER = "align_provider"
    ALIGN_MFA = "align_mfa"
    APPROVE = "approve"
    REOPEN = "reopen"
    RESUME = "resume"

    @property
    def action(self) -> Action:
        """The permission that it needs."""
        return _ACTIONS[self]


_ACTIONS: dict[Remedy, Action] = {
    Remedy.ENABLE: Action.ENABLE_USER,
    Remedy.DISABLE: Action.DISABLE_USER,
    Remedy.CONFIRM_SIGN_UP: Action.CONFIRM_SIGN_UP,
    Remedy.RESEND_INVITATION: Action.RESEND_INVITATION,
    Remedy.SET_PASSWORD: Action.SET_PASSWORD,
    Remedy.SEND_RESET_CODE: Action.RESET_PASSWORD,
    Remedy.VERIFY_EMAIL: Action.UPDATE_ATTRIBUTES,
    Remedy.VERIFY_PHONE: Action.UPDATE_ATTRIBUTES,
    Remedy.EDIT_ATTRIBUTES: Action.UPDATE_ATTRIBUTES,
    Remedy.PREFER_TOTP: Action.SET_MFA_PREFERENCE,
    Remedy.ENROL: Action.ENROL_AUTHENTICATOR,
    Remedy.REPAIR_ROW_EMAIL: Action.CONFIRM_EMAIL,
    Remedy.DISABLE_ROW: Action.ONBOARDING_DISABLE,
    Remedy.ENABLE_ROW: Action.ONBOARDING_ENABLE,
    Remedy.ADD_ROW: Action.ADD_ROW,
    Remedy.ALIGN_EMAIL: Action.ALIGN_ROW,
    Remedy.ALIGN_SUBJECT: Action.ALIGN_ROW,
    Remedy.ALIGN_PROVIDER: Action.ALIGN_ROW,
    Remedy.ALIGN_MFA: Action.ALIGN_ROW,
    Remedy.APPROVE: Action.APPROVE,
    Remedy.REOPEN: Action.REOPEN,
    Remedy.RESUME: Action.RESUME,
}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that is known of one person at the moment `now` (UTC). What was not read is None, never guessed.

    `row_known`: the database was asked and answered, so that no `row` means that there is none. `rows` are all rows
    that could be this person's: by subject, or by email in any spelling. `twins` are other users of the pool whose
    email differs in capital letters only. `waiting` are database writes of this person that have not landed yet.
    `enrolment` is what assisted enrolments of the Desk have left in the account.
    """

    user: User
    now: datetime
    pool: PoolSnapshot | None = None
    client: ClientSnapshot | None = None
    row: DatabaseUser | None = None
    row_known: bool = False
    rows: tuple[DatabaseUser, ...] = ()
    twins: tuple[User, ...] = ()
    waiting: tuple[Mirror, ...] = ()
    enrolment: Situation | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that stands in the way, or will. `kind` is stable: the name of its rule.

    `gate` tells who keeps the person out while it holds; None: nobody, it is a warning. `evidence` says what it was
    seen by. `remedies` are the ways out, the best first; `advice` says what helps where no button does.
    """

    kind: str
    sentence: str
    evidence: str
    gate: Gate | None = None
    remedies: tuple[Remedy, ...] = ()
    advice: str = ""

    @property
    def blocks(self) -> bool:
        """Whether the person cannot use the application while it holds."""
        return self.gate is not None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The answer to "Why can't this person sign in?": findings in the order in which to deal with them.

    `unknown` names what could not be looked at, so that silence is not taken for health.
    """

    findings: tuple[Finding, ...]
    unknown: tuple[str, ...] = ()

    @property
    def blockers(self) -> tuple[Finding, ...]:
        """What keeps the person out."""
        return tuple(finding for finding in self.findings if finding.blocks)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is worth knowing, but keeps nobody out."""
        return tuple(finding for finding in self.findings if not finding.blocks)

    @property
    def gate(self) -> Gate | None:
        """The first gate that is closed; None where nothing blocks."""
        return next((finding.gate for finding in self.findings if finding.gate is not None), None)
