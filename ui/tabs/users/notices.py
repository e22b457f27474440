"""What stands between one person and signing in, as far as the list, the database row and the pool's policy tell.

Pure rules, one function each; `notices` puts them in order: first what blocks, then what differs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.directory.models import UserStatus
from app.onboarding.mirror import MirrorKind
from app.onboarding.models import OnboardingStatus
from app.permissions import Action
from app.prechecks import temporary_password_expired
from ui.tabs.users.person import Person
from ui.text import count, onboarding_status, tr


@dataclass(frozen=True, slots=True)
class Notice:
    """One card. `blocks`: the person cannot sign in while it holds. `action` is the remedy, with the button's text."""

    title: str
    body: str
    blocks: bool
    action: Action | None = None
    button: str = ""

    @property
    def tone(self) -> str:
        """bad for what blocks, warn for the rest."""
        return "bad" if self.blocks else "warn"


def disabled(person: Person, now: datetime) -> Notice | None:
    """The account is switched off in Cognito."""
    if person.user.enabled:
        return None
    return Notice(
        tr("The account is disabled in Cognito."),
        tr("Cognito refuses every sign-in until the account is enabled again."),
        True,
        Action.ENABLE_USER,
        tr("Enable"),
    )


def expired_password(person: Person, now: datetime) -> Notice | None:
    """The invitation's temporary password has run out. Cognito does not tell the moment: the text says about."""
    if person.pool is None or not temporary_password_expired(person.user, person.pool, now):
        return None
    allowed = count(person.pool.password_policy.temporary_days, "day", "days")
    return Notice(
        tr("The temporary password has expired."),
        tr("Set about {age} ago; this pool allows {allowed}.", age=_days(now - person.user.modified), allowed=allowed),
        True,
        Action.RESEND_INVITATION,
        tr("Resend invitation"),
    )


def unconfirmed(person: Person, now: datetime) -> Notice | None:
    """Signed up and never entered the code."""
    if person.user.status is not UserStatus.UNCONFIRMED:
        return None
    return Notice(
        tr("The sign-up is not confirmed."),
        tr(
            "The code from the sign-up message was never entered. The person can ask for a new one on the "
            "application's sign-up page; codes last 24 hours."
        ),
        True,
    )


def reset_required(person: Person, now: datetime) -> Notice | None:
    """An administrator reset the password and no new one was chosen."""
    if person.user.status is not UserStatus.RESET_REQUIRED:
        return None
    return Notice(
        tr("A new password must be chosen first."),
        tr("The password was reset. The person chooses a new one with the code from the message; codes last 1 hour."),
        True,
        Action.RESET_PASSWORD,
        tr("Send a new code"),
    )


def row_missing(person: Person, now: datetime) -> Notice | None:
    """Cognito knows the person, the application does not."""
    if not person.database_known or person.database is not None or person.waiting:
        return None
    return Notice(
        tr("The application database has no row for this person."),
        tr("Cognito may let them sign in, but the application does not know them."),
        False,
    )


def email_not_mirrored(person: Person, now: datetime) -> Notice | None:
    """Verified in Cognito, still waiting for it in the database."""
    row = person.database
    if row is None or row.status is not OnboardingStatus.PENDING_VERIFICATION or not person.user.email_verified:
        return None
    if _waits(person, MirrorKind.CONFIRM_EMAIL, MirrorKind.CONTACT_CHANGED):
        return Notice(tr("The database still waits for the email."), _on_its_way(), False)
    return Notice(
        tr("The database still waits for the email."),
        tr("Onboarding says {status}; Cognito has the email verified.", status=onboarding_status(row.status).lower()),
        False,
        Action.CONFIRM_EMAIL,
        tr("Repair the row"),
    )


def disabled_here_only(person: Person, now: datetime) -> Notice | None:
    """Disabled in Cognito; the database does not know."""
    row = person.database
    if person.user.enabled or row is None or row.status is OnboardingStatus.DISABLED:
        return None
    if _waits(person, MirrorKind.USER_DISABLED):
        return Notice(tr("The database does not know yet that the account is disabled."), _on_its_way(), False)
    status = onboarding_status(row.status)
    return Notice(
        tr("The database does not know that the account is disabled."),
        tr("Disabled in Cognito, but the database says {status}.", status=status.lower()),
        False,
        Action.ONBOARDING_DISABLE,
        tr("Disable in the database"),
    )


def disabled_there_only(person: Person, now: datetime) -> Notice | None:
    """Disabled in the database; Cognito still lets them in."""
    row = person.database
    if not person.user.enabled or row is None or row.status is not OnboardingStatus.DISABLED:
        return None
    if _waits(person, MirrorKind.USER_ENABLED):
        return Notice(tr("The database does not know yet that the account is enabled."), _on_its_way(), False)
    return Notice(
        tr("Disabled in the database only."),
        tr("The database says disabled, but Cognito still lets this person sign in."),
        False,
        Action.DISABLE_USER,
        tr("Disable in Cognito"),
    )


RULES: tuple[Callable[[Person, datetime], Notice | None], ...] = (
    disabled,
    expired_password,
    unconfirmed,
    reset_required,
    row_missing,
    email_not_mirrored,
    disabled_here_only,
    disabled_there_only,
)


def notices(person: Person, now: datetime) -> tuple[Notice, ...]:
    """Every card for this person, those that block first."""
    found = [notice for rule in RULES if (notice := rule(person, now)) is not None]
    return tuple(sorted(found, key=lambda notice: not notice.blocks))


def headline(found: tuple[Notice, ...]) -> str:
    """One line over the cards; empty where there are none."""
    blocking = sum(notice.blocks for notice in found)
    if blocking:
        return tr("Cannot sign in: {things}", things=count(blocking, "thing blocks", "things block"))
    return count(len(found), "difference to look at", "differences to look at") if found else ""


def _waits(person: Person, *kinds: MirrorKind) -> bool:
    """Whether a change of one of these kinds waits to be written into the database: nothing to repair then."""
    return any(mirror.kind in kinds for mirror in person.waiting)


def _on_its_way() -> str:
    return tr("The change is on its way: it is written as soon as the database can be reached.")


def _days(span: timedelta) -> str:
    if span < timedelta(days=2):
        return count(max(1, round(span.total_seconds() / 3600)), "hour", "hours")
    return count(span.days, "day", "days")
