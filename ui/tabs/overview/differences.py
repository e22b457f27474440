"""Where pool and database disagree, counted per person. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.directory.index import UserRow
from app.onboarding.models import DatabaseUser, OnboardingStatus
from ui.text import number, tr

LIMIT = 20_000  # people compared one by one take about half a second of a worker


@dataclass(frozen=True, slots=True)
class Differences:
    """Nobody is counted twice. `email`: verified in Cognito, and the row still waits for it."""

    no_row: int = 0
    no_account: int = 0
    disabled: int = 0
    email: int = 0

    @property
    def total(self) -> int:
        """How many people have one."""
        return self.no_row + self.no_account + self.disabled + self.email

    @property
    def words(self) -> str:
        """One line for each kind that occurs."""
        kinds = (
            (self.no_row, tr("{n} in Cognito without a database row", n=number(self.no_row))),
            (self.no_account, tr("{n} in the database without an account in Cognito", n=number(self.no_account))),
            (self.disabled, tr("{n} disabled on one side only", n=number(self.disabled))),
            (self.email, tr("{n} with a verified email that the database waits for", n=number(self.email))),
        )
        return "\n".join(words for amount, words in kinds if amount) or tr("Pool and database agree.")


def compare(users: Iterable[UserRow], rows: Iterable[DatabaseUser], check: Callable[[], None]) -> Differences | None:
    """Match rows to users as OnboardingReader.find does; None where the database has more rows than LIMIT.

    Rows of another provider than cognito need no account here. `check` is called now and then and may raise.
    """
    by_subject: dict[str, DatabaseUser] = {}
    by_email: defaultdict[str, list[DatabaseUser]] = defaultdict(list)
    everyone: list[DatabaseUser] = []
    for row in rows:
        if len(everyone) >= LIMIT:
            return None
        if len(everyone) % 1000 == 0:
            check()
        everyone.append(row)
        if row.subject:
            by_subject[row.subject] = row
        by_email[row.email.lower()].append(row)
    no_row = disabled = email = 0
    matched: set[str] = set()
    for place, user in enumerate(users):
        if place % 1000 == 0:
            check()
        row_found = by_subject.get(user.sub) or _by_email(user, by_email)
        if row_found is None:
            no_row += 1
            continue
        matched.add(row_found.id)
        if user.enabled == (row_found.status is OnboardingStatus.DISABLED):
            disabled += 1
        elif user.email_verified and row_found.status is OnboardingStatus.PENDING_VERIFICATION:
            email += 1
    orphans = sum(row.auth_provider == "cognito" and row.id not in matched for row in everyone)
    return Differences(no_row, orphans, disabled, email)


def _by_email(user: UserRow, by_email: dict[str, list[DatabaseUser]]) -> DatabaseUser | None:
    # A row that spells the email differently and belongs to another subject is another person's.
    candidates = [
        row
        for row in by_email.get(user.email.lower(), ())
        if user.email and (row.email == user.email or not row.subject or not user.sub)
    ]
    return min(candidates, key=lambda row: row.email != user.email, default=None)
