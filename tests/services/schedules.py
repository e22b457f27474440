"""Random schedules of changes, database outages, lost answers, kills and restarts, against a real auth.users.

The pool is a fake that never fails; journal, Changes, settling, mirrors and the ladder are the program's own. A kill is
an exception that no code may outlive: from then on the dead process's journal refuses every call, as if it were gone.
"""

from __future__ import annotations

import contextlib
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

from app import aftermath, mirror_requests
from app.changes import Changes
from app.directory.models import AuthFactors, User, UserPage, UserStatus
from app.errors import AppError, ErrorCode
from app.journal import Journal, Mirror, MirrorRequest, MirrorState, Written
from app.onboarding import ladder
from app.onboarding.database import Database
from app.onboarding.ladder import Edge
from app.onboarding.mirror import MirrorKind, apply
from app.onboarding.models import OnboardingStatus
from app.onboarding.users import OnboardingUsers
from app.people import action_of
from app.permissions import Action, Operator, Role
from app.settling import unsettled
from app.work import Work

if TYPE_CHECKING:
    from app.directory.users import Users

S = OnboardingStatus
ADMIN = Operator("ann", Role.ADMIN)
START = datetime(2026, 1, 1, tzinfo=UTC)
AWAY = AppError(ErrorCode.DATABASE_UNREACHABLE, "The database cannot be reached.", retryable=True)
AUDIT = """
CREATE TABLE auth.audit (n serial, id uuid, before text, after text, returns text);
CREATE FUNCTION auth.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO auth.audit (id, before, after, returns)
        VALUES (NEW.id, OLD.status, NEW.status, OLD.status_before_disable);
    RETURN NEW; END $$;
CREATE TRIGGER note AFTER UPDATE ON auth.users FOR EACH ROW EXECUTE FUNCTION auth.note();
"""


class Killed(BaseException):
    """The process ended here."""


@dataclass
class Fate:
    """Counts the places where a process may die, and lets it die at one of them."""

    left: int | None = None
    dead: bool = False
    kills: int = 0

    def strike(self) -> None:
        """Die here, if it is time; the dead stay dead."""
        if self.dead:
            raise Killed
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.dead, self.left, self.kills = True, None, self.kills + 1
                raise Killed


class MortalJournal(Journal):
    """A journal whose process may die before and after each commit."""

    def __init__(self, path: Path, fate: Fate) -> None:
        super().__init__(path)
        self.fate = fate

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """As the real one, with two places to die."""
        self.fate.strike()
        with super().transaction() as db:
            yield db
            self.fate.strike()
        self.fate.strike()


@dataclass
class FakePool:
    """What Cognito holds. Answers as `Users` does, as far as aftermath asks."""

    people: dict[str, User] = field(default_factory=dict)
    factors_of: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def list_page(self, *, limit: int, filter: str) -> UserPage:
        """Only by sub."""
        sub = filter.split('"')[1]
        return UserPage((self.people[sub],) if sub in self.people else (), None)

    def factors(self, username: str) -> AuthFactors:
        """The second factors."""
        return AuthFactors(self.factors_of[username], None, ())


class Schedule:
    """One random history. `run` returns what went wrong: nothing, or sentences."""

    def __init__(self, seed: int, database: Database, folder: Path) -> None:
        self.draw = random.Random(seed)
        self.database = database
        self.path = folder / f"journal-{seed}.sqlite"
        self.pool = FakePool()
        self.fate = Fate()
        self.clock = START
        self.away = False
        self.made = self.moved = self.kills = 0
        self.applied: list[tuple[str, int]] = []  # subject and mirror, in the order in which they were committed
        self.onboarding = OnboardingUsers(database)
        self.journal = MortalJournal(self.path, self.fate)

    def run(self) -> list[str]:
        """Live through it, come to rest, and look."""
        try:
            self._populate()
            for _ in range(self.draw.randint(5, 11)):
                self._step()
            self._rest()
            return self._faults()
        finally:
            self.journal.close()
            for path in self.path.parent.glob(f"{self.path.name}*"):
                if path.is_file():
                    path.unlink()

    def _populate(self) -> None:
        rows = []
        for number in range(self.draw.choice((1, 1, 2))):
            sub, status = (
                f"00000000-0000-4000-8000-00000000000{number}",
                self.draw.choice([s for s in S if s != "disabled"]),
            )
            verified = status is not S.PENDING_VERIFICATION
            attributes = {"sub": sub, "email": f"p{number}@x.org", "email_verified": str(verified).lower(), "name": "A"}
            self.pool.people[sub] = User(sub, UserStatus.CONFIRMED, True, START, START, attributes)
            self.pool.factors_of[sub] = ()
            rows.append((sub, attributes["email"], sub, "A", status.value, verified))
        with self.database.transaction() as connection, connection.cursor() as cursor:
            cursor.execute("DELETE FROM auth.users")
            cursor.execute("DELETE FROM auth.audit")
            cursor.executemany(
                "INSERT INTO auth.users (id, email, subject, name, auth_provider, status, email_verified)"
                " VALUES (%s, %s, %s, %s, 'cognito', %s, %s)",
                rows,
            )

    def _step(self) -> None:
        if self.draw.random() < 0.35:
            self.fate.left = self.draw.randint(0, 12)
        kind = self.draw.choices(("change", "move", "outage", "retry", "restart", "wait"), weights=(8, 3, 4, 4, 1, 1))[
            0
        ]
        try:
            match kind:
                case "change":
                    sub = self.draw.choice(list(self.pool.people))
                    for _ in range(self.draw.choice((1, 1, 2, 3))):
                        with contextlib.suppress(AppError):
                            self._change(sub)
                case "move":
                    self._move()
                case "outage":
                    self.away = not self.away
                case "retry":
                    self._retry()
                case "restart":
                    self._restart()
                case _:
                    self.clock += timedelta(minutes=self.draw.randint(0, 10))
        except Killed:
            self._restart()
        except AppError:
            pass  # told to the person, who sees it

    def _changes(self) -> Changes:
        return Changes(self.journal, ADMIN, "main", self._apply, target="here", now=lambda: self.clock)

    def _apply(self, mirror: Mirror) -> Written:
        self.fate.strike()
        if self.away:
            raise AWAY
        written = apply(self.database, mirror)
        self.applied.append((mirror.sub, mirror.id))
        self.fate.strike()
        if self.draw.random() < 0.05:
            raise AWAY  # it was committed, and the connection broke before anybody heard
        return written

    def _change(self, sub: str) -> None:
        user = self.pool.people[sub]
        action, after, request = self.draw.choice(self._possible(user))

        def call() -> None:
            self.fate.strike()
            if isinstance(after, User):
                self.pool.people[sub] = after
            else:
                self.pool.factors_of[sub] = after
            self.made += 1
            self.fate.strike()
            if self.draw.random() < 0.1:
                raise AppError(ErrorCode.TIMEOUT, "No answer came.")

        self._changes().perform(
            action, user.username, call, details={"person": user.email}, mirror=request, sub=user.sub
        )

    def _possible(self, user: User) -> list[tuple[Action, User | tuple[str, ...], MirrorRequest]]:
        number = self.draw.randint(0, 9)
        request = mirror_requests.request
        found: list[tuple[Action, User | tuple[str, ...], MirrorRequest]] = [
            (Action.ENABLE_USER, replace(user, enabled=True), request(MirrorKind.USER_ENABLED, user)),
            (Action.DISABLE_USER, replace(user, enabled=False), request(MirrorKind.USER_DISABLED, user)),
            (Action.ENROL_AUTHENTICATOR, ("totp",), request(MirrorKind.MFA_ENROLLED, user)),
            (Action.SET_MFA_PREFERENCE, (), request(MirrorKind.MFA_DISABLED, user)),
        ]
        for changes in (
            {"email_verified": "true"},
            {"name": f"Name {number}"},
            {"email": f"{user.sub[-1]}{number}@x.org", "email_verified": "true"},
        ):
            asked = mirror_requests.attributes_changed(user, changes)
            assert asked is not None
            attributes = mirror_requests.applied(user.attributes, changes)
            found.append((Action.UPDATE_ATTRIBUTES, replace(user, attributes=attributes), asked))
        return found + found[:2] * 2  # what undoes each other, so that the order shows

    def _move(self) -> None:
        if self.away:
            return
        row = self.onboarding.find("", self.draw.choice(list(self.pool.people)))
        assert row is not None
        # Confirming, enrolling, disabling and enabling are Cognito's here: done by hand they would be true differences.
        edge = self.draw.choice([Edge.APPROVE, Edge.REJECT, Edge.REOPEN, Edge.SUBSCRIBE, Edge.SUSPEND, Edge.RESUME])
        if ladder.why_not(edge, row.status) is not None:
            return

        def call() -> None:
            self.fate.strike()
            self.onboarding.move(row, edge)
            self.moved += 1
            self.fate.strike()

        self._changes().perform(action_of(edge), row.email, call, sub=row.subject or "")

    def _retry(self) -> None:
        changes = self._changes()
        changes.settle(Work(), lambda change: aftermath.look(cast("Users", self.pool), change))
        changes.land_mirrors(Work(), at_once=self.draw.random() < 0.5)

    def _restart(self) -> None:
        self.journal.close()
        self.kills += self.fate.kills
        self.fate = Fate()
        self.journal = MortalJournal(self.path, self.fate)
        self.journal.recover()

    def _rest(self) -> None:
        self._restart()
        self.away = False
        for _ in range(30):
            self.clock += timedelta(hours=1)
            self._retry()
            if not self.journal.mirrors("main") and not unsettled(self.journal, "main", "here"):
                return

    def _faults(self) -> list[str]:
        faults = [f"{mirror.kind} still waits: {mirror.error}" for mirror in self.journal.mirrors("main")]
        faults += [f"{each.mirror.kind} is unsettled" for each in unsettled(self.journal, "main", "here")]
        skipped = self.journal.mirrors("main", state=MirrorState.SKIPPED)
        faults += [f"{mirror.kind} was skipped: {mirror.note}" for mirror in skipped]
        for sub, user in self.pool.people.items():
            row = self.onboarding.find("", sub)
            if row is None:
                faults.append(f"{user.email} lost their row")
                continue
            sides: dict[str, tuple[object, object]] = {
                "email": (user.email, row.email),
                "verified": (user.email_verified, row.email_verified),
                "name": (user.name, row.name),
                "enabled": (user.enabled, row.status is not S.DISABLED),
                "MFA": (bool(self.pool.factors_of[sub]), row.mfa_method == "totp"),
            }
            for name, (pool, database) in sides.items():
                if pool != database:
                    faults.append(f"{name} of {user.email}: {pool} in the pool, {database} in the database")
        return faults + self._disordered() + self._audited()

    def _disordered(self) -> list[str]:
        """Whose mirrors were written in another order than they were made. The same one again is no fault."""
        latest: dict[str, int] = {}
        faults = []
        for sub, mirror_id in self.applied:
            if mirror_id < latest.get(sub, 0):
                faults.append(f"mirror {mirror_id} of {sub} was written after mirror {latest[sub]}")
            latest[sub] = max(mirror_id, latest.get(sub, 0))
        return faults

    def _audited(self) -> list[str]:
        faults = []
        with self.database.connection() as connection:
            updates = connection.execute("SELECT before, after, returns FROM auth.audit ORDER BY n").fetchall()
        steps = {(step.source.value, step.target.value) for step in ladder.transitions()}
        for before, after, returns in updates:
            if before != after and (before, after) not in steps:
                faults.append(f"the row went from {before} to {after}, which is no edge")
            if before == "disabled" != after and after != returns:
                faults.append(f"enabled into {after}, and it was {returns} before it was disabled")
        done = len(self.journal.mirrors("main", state=MirrorState.DONE))
        if len(updates) > done + self.moved:
            faults.append(f"{len(updates)} updates for {done} writes and {self.moved} steps: some were written twice")
        return faults


def prepare(database: Database) -> None:
    """Note every update of auth.users, and let commits not wait for the disk."""
    with database.connection() as connection:
        connection.execute(AUDIT.encode())
        connection.execute(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$"
        )
