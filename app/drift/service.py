"""Drift: compare a pool with its database, try a fix without doing it, do it, export what was found.

Blocking; any thread; raises AppError or Cancelled only. Every fix reads both sides again, and goes through Changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.bulk import Change, Done, Left, Plan, Ready, Refused, done
from app.directory.differences import ROWS_ALONE, Kind
from app.drift.fixes import FIXES, AddRow, Fix, Move, Side, Step, Switch, Verify, Write, action_of, calls_cognito, plan
from app.drift.report import DriftLine, DriftReport, DriftView
from app.errors import AppError, ErrorCode
from app.journal_models import email_key
from app.permissions import Action, check
from app.upkeep import fact, join_rows
from app.way_back import step_back
from app.work import Work

if TYPE_CHECKING:
    from app.changes import Changes, Outcome
    from app.directory.index import UserIndex
    from app.directory.models import User
    from app.directory.users import Users
    from app.onboarding.models import DatabaseUser
    from app.onboarding.users import OnboardingUsers
    from app.people import People

MOST = 50_000  # people at once: their lines are kept in memory, and it takes an hour of the quota
_AT_ONCE = 2_048
# What may be written back as it was. A status moves along the ladder alone, and a factor is what Cognito holds.
_WRITTEN_BACK = frozenset({"email", "email_verified", "subject", "auth_provider"})


@dataclass(frozen=True, slots=True)
class Preview(Plan[DriftLine]):
    """What a fix would do to some lines.

    `reads` are ListUsers or, for MFA, AdminGetUser calls; `changes` are calls that change Cognito. `billed` people
    count as active users of the month.
    """

    reads: int = 0
    changes: int = 0
    billed: int = 0


class Drift:
    """Both sides of everybody. `onboarding` is None for a pool without a database: then every method refuses."""

    def __init__(
        self,
        people: People,
        users: Users,
        changes: Changes,
        index: UserIndex,
        onboarding: OnboardingUsers | None,
    ) -> None:
        self._people = people
        self._users = users
        self._changes = changes
        self._index = index
        self._onboarding = onboarding
        self._latest: tuple[DriftReport, int] | None = None

    @property
    def latest(self) -> DriftReport | None:
        """The last comparison, whoever asked for it: every view shows the same one."""
        return self._latest[0] if self._latest is not None else None

    @property
    def current(self) -> bool:
        """Whether the index has learnt nothing since `latest`, from Cognito, the database or a change of its own."""
        return self._latest is not None and self._latest[1] == self._index.version

    def compare(self, work: Work) -> DriftReport:
        """Read the whole table and compare it with the loaded index, which then searches by it (`drift:yes`).

        A million against a million take a second or two. AppError(CONFLICT) where the pool was not read to its end
        before (People.load): who was not read would seem to be missing; NOT_SUPPORTED where it is too large for that.
        """
        from app.drift.report import compare

        onboarding = self._rows()
        if self._index.partial:
            message = "The pool is not loaded but searched where it is: load everybody in the Users tab first."
            raise AppError(ErrorCode.NOT_SUPPORTED, message)
        if self._people.loaded is None:
            message = "The pool was not read to its end, so that nobody can tell who is missing. Load all users first."
            raise AppError(ErrorCode.CONFLICT, message, subject="users", retryable=True)
        before = self._index.version
        raw, facts, everybody = join_rows(self._index, onboarding, work)
        joined = self._index.version
        work.progress(raw.height, raw.height, "Comparing")
        report = compare(everybody, raw, facts, waiting=len(self._changes.waiting()))
        # Whatever was learnt while the rows were read may be older or newer than they are.
        self._latest = report, joined if joined == before + 1 else before
        return report

    def fixes(self, kind: Kind) -> tuple[Fix, ...]:
        """The ways to mend a kind, the recommended one first."""
        return FIXES[kind]

    def preview(self, work: Work, lines: DriftView | Sequence[DriftLine], fix: Fix) -> Preview:
        """The dry run on some lines: asks neither side, so that it is as true as the report.

        AppError(INVALID_INPUT) where more than MOST of them differ so.
        """
        ready: list[Ready[DriftLine]] = []
        refused: list[Refused] = []
        changes = 0
        forbidden = ""
        for line in self._lines(work, lines, fix):
            step = plan(fix, line)
            if isinstance(step, str):
                refused.append(Refused(line.person, step))
            else:
                ready.append(Ready(line.person, line, line.username or line.row_id or ""))
                changes += calls_cognito(step)
                forbidden = forbidden or self._changes.why_not(action_of(step)) or ""
        possible = len(ready)
        billed = possible if fix.kind is Kind.MFA else changes
        reads = possible * (2 if fix.kind in ROWS_ALONE else 1)
        return Preview(tuple(ready), tuple(refused), forbidden, reads, changes, billed)

    def mender(self, fix: Fix) -> Change[DriftLine]:
        """What mends one line, after both sides were read again: what changed since the report is taken into account.

        AppError where nobody can be mended at all.
        """
        self._rows()
        if fix.kind is Kind.MFA:  # looking at somebody again is billed: not before it is known that it may be of use
            check(self._changes.operator, Action.ALIGN_ROW)
        waiting = {key for each in self._changes.waiting() for key in (email_key(each.mirror.email), each.mirror.sub)}

        def mend(line: DriftLine) -> Done | Left:
            if waiting & {email_key(line.email or line.row_email or ""), line.sub or line.row_subject or ""} - {""}:
                return Left("A database change of this person still waits (see Activity): let it land first.")
            return self._mend(line, fix)

        return mend

    def export(self, work: Work, view: DriftView, path: Path, *, replace: bool = False) -> int:
        """Write the lines of a view as CSV, for the owner alone (0600), whole or not at all; returns how many.

        Journalled as an export. AppError: NOT_ALLOWED, FILE_ERROR.
        """
        from app.drift.export import write

        return self._changes.perform(
            Action.EXPORT_USERS,
            "drift",
            lambda: write(work, view, path, replace=replace),
            details={"people": f"{len(view):,}", "format": "CSV", "file": path.name},
            stopped="Stopped: no file was written.",
        ).value

    def _rows(self) -> OnboardingUsers:
        if self._onboarding is None:
            raise AppError(ErrorCode.DATABASE_MISSING, "No application database is configured for this connection.")
        return self._onboarding

    def _lines(self, work: Work, lines: DriftView | Sequence[DriftLine], fix: Fix) -> list[DriftLine]:
        found: list[DriftLine] = []
        for start in range(0, len(lines), _AT_ONCE):
            work.progress(start, len(lines), "Trying")
            stop = start + _AT_ONCE
            part = lines.lines(start, stop) if isinstance(lines, DriftView) else lines[start:stop]
            found.extend(line for line in part if fix.kind in line.kinds)
            if len(found) > MOST:
                message = (
                    f"More than {MOST:,} people differ so. Mend {MOST:,} at most at once: choose some, or filter by a"
                    " text."
                )
                raise AppError(ErrorCode.INVALID_INPUT, message, subject="drift")
        return found

    def _mend(self, line: DriftLine, fix: Fix) -> Done | Left:
        fresh, user, row = self._look_again(line, fix)
        step = plan(fix, fresh)
        return Left(step) if isinstance(step, str) else self._take(step, fix, user, row)

    def _look_again(self, line: DriftLine, fix: Fix) -> tuple[DriftLine, User | None, DatabaseUser | None]:
        """The line as both sides say it now."""
        from app.directory.filters import equals
        from app.onboarding.rows import raw_values

        onboarding = self._rows()
        row = onboarding.get(line.row_id) if line.row_id is not None else None
        user: User | None = None
        if line.username is not None:
            page = self._users.list_page(limit=1, filter=equals("username", line.username))
            user = page.users[0] if page.users else None
            if user is None:
                self._index.remove(line.username)
            elif fix.kind is Kind.MFA:
                user = self._people.details(user.username)
            if user is not None and row is None:
                row = onboarding.find(user.email, user.sub)
        else:
            wanted = [("sub", line.row_subject), ("email", line.row_email), ("email", (line.row_email or "").lower())]
            for name, value in dict.fromkeys((name, value) for name, value in wanted if value):
                page = self._users.list_page(limit=1, filter=equals(name, value))
                if page.users:
                    user = page.users[0]
                    break
        rows = [row] if row is not None else []
        if line.username is None and user is not None:  # the row that is theirs, beside the other one
            theirs = onboarding.find(user.email, user.sub)
            rows += [theirs] if theirs is not None and row is not None and theirs.id != row.id else []
        fresh = _compared(user, [raw_values(each) for each in rows], onboarding.columns())
        wanted_id = None if row is None else row.id
        same = [
            each for each in fresh if each.row_id == wanted_id and (each.username is None) == (line.username is None)
        ]
        return (same[0] if same else replace(line, kinds=())), user, row

    def _take(self, step: Step, fix: Fix, user: User | None, row: DatabaseUser | None) -> Done:
        details = {
            "person": (user and (user.email or user.username)) or (row and row.email) or "",
            "drift": fix.kind.value,
        }
        match step:
            case Move(edge):
                assert row is not None
                moved = self._people.move(row, edge)
                back = step_back(self._people, row, edge, moved.value)
                return done(replace(moved, undo=back), f"The row is {_plain(moved.value)} now.")
            case Switch(enabled):
                assert user is not None
                outcome = self._people.enable(user) if enabled else self._people.disable(user)
                return done(outcome, "Enabled in Cognito." if enabled else "Disabled in Cognito.")
            case Verify(verified):
                assert user is not None
                return done(self._people.update_attributes(user, {"email_verified": str(verified).lower()}))
            case AddRow():
                assert user is not None
                added = self._add_row(user, details)
                return done(added, f"Row added with the status {_plain(added.value)}.")
            case Write(values, note):
                assert row is not None
                written = self._write(row, values, {**details, "columns": ", ".join(sorted(values))})
                return done(written, f"{', '.join(sorted(values))} corrected. {note}".strip())

    def _write(
        self, row: DatabaseUser, values: Mapping[str, object], details: Mapping[str, str]
    ) -> Outcome[DatabaseUser]:
        onboarding = self._rows()
        outcome = self._changes.perform(
            Action.ALIGN_ROW,
            row.subject or row.email,
            lambda: onboarding.align(row, values),
            details=details,
            sub=row.subject or "",
        )
        self._index.learn(fact(outcome.value))
        if not values.keys() <= _WRITTEN_BACK:
            return outcome
        before = {name: getattr(row, name) for name in values}
        back = partial(self._write, outcome.value, before, details)
        return replace(outcome, undo=self._people.upkeep.inverse(Action.ALIGN_ROW, "Put the earlier values back", back))

    def _add_row(self, user: User, details: Mapping[str, str]) -> Outcome[DatabaseUser]:
        onboarding = self._rows()
        outcome = self._changes.perform(
            Action.ADD_ROW,
            user.username,
            lambda: onboarding.add(
                email=user.email,
                subject=user.sub,
                name=user.name,
                email_verified=user.email_verified,
                disabled=not user.enabled,
            ),
            details=details,
            sub=user.sub,
        )
        self._index.learn(fact(outcome.value))
        return outcome


def _plain(row: DatabaseUser) -> str:
    return row.status.value.replace("_", " ")


def _compared(user: User | None, rows: Sequence[Mapping[str, object]], known: frozenset[str]) -> list[DriftLine]:
    """The lines about one person and their rows, by the same rule as for a million."""
    import polars as pl

    from app.directory.columns import own_frame
    from app.directory.facts import RAW, Facts, complete
    from app.drift.report import compare

    raw = pl.DataFrame([[row[name] for name in RAW] for row in rows], schema=RAW, orient="row")
    facts = Facts.of_frame(raw, known)
    report = compare(complete(own_frame([user] if user is not None else []), facts), raw, facts)
    return report.all.lines(0, report.people)


__all__ = ["Drift", "DriftLine", "DriftReport", "DriftView", "Fix", "Kind", "Preview", "Side"]
