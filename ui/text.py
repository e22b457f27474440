"""Words and numbers as people read them: translation, local dates with their UTC, ages, counts, status words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from app.directory.differences import Kind
    from app.directory.models import UserStatus
    from app.onboarding.models import OnboardingStatus

_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def tr(text: str, /, **values: object) -> str:
    """The text in the person's language, with `{name}` places filled in, in which nothing turns round the sentence."""
    translated = QCoreApplication.translate("desk", text)
    if not values:
        return translated
    filled = {name: shown(value) if isinstance(value, str) else value for name, value in values.items()}
    return translated.format(**filled)


def shown(text: str) -> str:
    """The text as it stands on the screen: a replacement character for each override, embedding or isolate of direction
    (UAX 9), with which a name of a user pool could pass for another, or turn round what stands beside it.
    """
    return text if text.isascii() else _TURNS.sub("\ufffd", text)


def number(value: int) -> str:
    """12,345."""
    return f"{value:,}"


def count(value: int, one: str, many: str) -> str:
    """'1 person', '1,234 people'."""
    return f"{number(value)} {tr(one if value == 1 else many)}"


def milliseconds(value: float) -> str:
    """'38 ms', '1.4 s'."""
    return f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.1f} s"


def percent(part: int, whole: int) -> str:
    """'27 %'; a dash where there is no whole."""
    return f"{round(100 * part / whole)} %" if whole else "–"


def when(moment: datetime | None) -> str:
    """Local date and time: '28 Oct 2026, 09:14'. An aware datetime is expected; None is a dash."""
    if moment is None:
        return "–"
    local = moment.astimezone()
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}, {local:%H:%M}"


def day(moment: datetime | None) -> str:
    """Local date, sortable by eye: '2026-10-28'."""
    return "–" if moment is None else f"{moment.astimezone():%Y-%m-%d}"


def month(period: str) -> str:
    """'Oct 2026' for '2026-10'."""
    year, _, number_ = period.partition("-")
    return f"{tr(_MONTHS[int(number_) - 1])} {year}"


def clock(moment: datetime | None) -> str:
    """Local time of day with seconds: '10:42:07'."""
    return "–" if moment is None else f"{moment.astimezone():%H:%M:%S}"


def exact(moment: datetime | None) -> str:
    """For tooltips: '2026-10-28 08:14:05 UTC'."""
    return "" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def age(span: timedelta | None) -> str:
    """'45 s', '12 min', '6 h', '9 d', '3 mo', '2 y'; a dash for None. Negative spans read as 0 s."""
    if span is None:
        return "–"
    seconds = max(0, int(span.total_seconds()))
    if seconds >= 2 * 365 * 86400:
        return tr("{n} y", n=seconds // (365 * 86400))
    if seconds >= 90 * 86400:
        return tr("{n} mo", n=seconds // (30 * 86400))
    for size, unit in ((86400, "{n} d"), (3600, "{n} h"), (60, "{n} min")):
        if seconds >= size:
            return tr(unit, n=seconds // size)
    return tr("{n} s", n=seconds)


def ago(moment: datetime | None, now: datetime | None = None) -> str:
    """'just now', '12 min ago', 'in 3 d'; a dash for None."""
    if moment is None:
        return "–"
    span = (now or datetime.now(UTC)) - moment
    if abs(span) < timedelta(seconds=10):
        return tr("just now")
    return tr("in {age}", age=age(-span)) if span < timedelta(0) else tr("{age} ago", age=age(span))


# By value, here and below: the models of the core need not be loaded for the first window.
_USER_STATUS = {
    "CONFIRMED": "Confirmed",
    "UNCONFIRMED": "Unconfirmed",
    "FORCE_CHANGE_PASSWORD": "Force change",
    "RESET_REQUIRED": "Reset required",
    "EXTERNAL_PROVIDER": "External",
    "ARCHIVED": "Archived",
    "COMPROMISED": "Compromised",
    "UNKNOWN": "Unknown",
}

_USER_STATUS_MEANING = {
    "CONFIRMED": "Can sign in.",
    "UNCONFIRMED": "Signed up, and has not confirmed the code from the email or text message yet.",
    "FORCE_CHANGE_PASSWORD": "Was invited, and must sign in with the temporary password and choose a new one.",
    "RESET_REQUIRED": "Must choose a new password with a code before signing in.",
    "EXTERNAL_PROVIDER": "Signs in through an external identity provider.",
    "ARCHIVED": "No longer in use by Cognito.",
    "COMPROMISED": "No longer in use by Cognito.",
    "UNKNOWN": "Cognito gave a status that this program does not know.",
}

_ONBOARDING = {
    "pending_verification": "Pending verification",
    "pending_approval": "Pending approval",
    "pending_mfa": "Pending MFA",
    "pending_subscription": "Pending subscription",
    "active": "Active",
    "suspended": "Suspended",
    "disabled": "Disabled",
    "rejected": "Rejected",
}

_DIFFERENCES = {
    "only_cognito": "Only in Cognito",
    "only_database": "Only in the database",
    "email_verified": "Email verified",
    "enabled": "Enabled against status",
    "mfa": "Authenticator",
    "subject": "Subject",
    "email": "Email address",
    "email_case": "Email by case",
    "provider": "Sign-in provider",
    "duplicate": "Duplicate row",
}

_MFA = {"totp": "TOTP", "sms": "SMS", "email": "Email", "none": "none"}


def user_status(status: UserStatus) -> str:
    """Cognito's status of a user in a word or two."""
    return tr(_USER_STATUS[status])


def user_status_meaning(status: UserStatus) -> str:
    """What the status means for the person's next sign-in, as a sentence."""
    return tr(_USER_STATUS_MEANING[status])


def onboarding_status(status: OnboardingStatus | str) -> str:
    """An onboarding status in words; a value that the ladder does not know is shown as it stands."""
    words = _ONBOARDING.get(status)
    return str(status) if words is None else tr(words)


def difference(kind: Kind) -> str:
    """A kind of difference between pool and database: 'Only in Cognito'."""
    return tr(_DIFFERENCES[kind])


def mfa(method: str | None) -> str:
    """'TOTP', 'SMS', 'Email', 'none'; 'unknown' for None: nobody asked Cognito yet."""
    return tr("unknown") if method is None else tr(_MFA.get(method.lower(), method))
