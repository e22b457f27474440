"""The one path of every change: permission, intent, call, outcome, database mirror.

A change that Cognito made is reported as made, whatever happens to the database or the journal afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, Literal, TypeVar

from app import permissions
from app.errors import AppError, ErrorCode
from app.journal import Journal, Mirror, MirrorRequest, MirrorState
from app.permissions import Action, Operator
from app.work import Work

log = logging.getLogger(__name__)

T = TypeVar("T")
MirrorResult = Literal["none", "done", "pending"]
_Written = Literal["done", "refused", "away", "not tried"]

FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(minutes=5)

# The request may have had its effect although no answer says so: nobody may claim that it failed. UNREACHABLE is not
# among them: it means that the request never left.
_UNCERTAIN = frozenset({ErrorCode.TIMEOUT, ErrorCode.BAD_RESPONSE, ErrorCode.SERVICE_ERROR})


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """A change that was made. `note` says what the database wrote, why it waits, or what could not be written down."""

    value: T
    entry_id: int
    mirror: MirrorResult
    note: str


@dataclass(frozen=True, slots=True)
class MirrorReport:
    """How many waiting database writes landed in this round, and how many of the connection still wait."""

    done: int
    pending: int


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after that many failed attempts: 5 s, doubling, at most 5 min."""
    doublings = min(max(attempts, 1) - 1, 10)
    return min(LAST_RETRY, FIRST_RETRY * (1 << doublings))


class Changes:
    """Makes changes for one operator on one connection. Safe on any thread.

    `apply` writes one mirror into the database and returns a note; None where the connection has no database.
    """

    def __init__(
        self,
        journal: Journal,
        operator: Operator,
        connection: str,
        apply: Callable[[Mirror], str] | None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.operator = operator
        self._journal = journal
        self._connection = connection
        self._apply = apply
        self._now = now

    def why_not(self, action: Action) -> str | None:
        """Why the operator may not do it, in a sentence; None where it is allowed."""
        return permissions.why_not(self.operator, action)

    def perform(
        self,
        action: Action,
        subject: str,
        call: Callable[[], T],
        *,
        details: Mapping[str, str] | None = None,
        mirror: MirrorRequest | Callable[[T], MirrorRequest | None] | None = None,
    ) -> Outcome[T]:
        """Do it, and write it down before and after. `mirror` may be made from what `call` returned (a new user's sub).

        AppError(NOT_ALLOWED) and AppError(FILE_ERROR, the journal cannot be written) come before anything was called.
        Whatever `call` raises goes on to the caller, journalled as failed, or as unknown where no answer came.
        """
        permissions.check(self.operator, action)
        entry_id = self._begin(action, subject, details)
        try:
            value = call()
        except BaseException as error:
            self._record_failure(entry_id, error)
            raise
        return self._record_success(entry_id, value, mirror)

    def discard_mirror(self, mirror_id: int) -> None:
        """Give up a waiting database write for good. AppError NOT_ALLOWED, or CONFLICT where it no longer waits."""
        permissions.check(self.operator, Action.DISCARD_MIRROR)
        self._journal.mirror_discard(mirror_id, self.operator.name)

    def land_mirrors(self, work: Work, *, at_once: bool = False) -> MirrorReport:
        """Write what waits and is due into the database, in order for each person; stops early if it is away.

        `at_once` also tries what is not due yet: for a person who presses Retry.
        """
        if self._apply is None:
            return MirrorReport(0, 0)
        waiting = self._journal.mirrors(self._connection)
        done = 0
        for position, mirror in enumerate(waiting):
            work.progress(position, len(waiting), f"Database row of {mirror.email or mirror.sub}")
            if not at_once and mirror.retry_at is not None and mirror.retry_at > self._now():
                continue
            written = self._write(mirror)
            done += written == "done"
            if written == "away":
                break
        return MirrorReport(done, len(self._journal.mirrors(self._connection)))

    def _begin(self, action: Action, subject: str, details: Mapping[str, str] | None) -> int:
        try:
            return self._journal.begin(
                connection=self._connection,
                operator=self.operator.name,
                action=action,
                subject=subject,
                details=details,
            )
        except AppError as error:
            if error.code is not ErrorCode.FILE_ERROR:
                raise
            message = f"{error.message} Nothing was changed: a change that cannot be written down is not made."
            raise AppError(error.code, message, subject=error.subject, retryable=error.retryable) from error

    def _record_failure(self, entry_id: int, error: BaseException) -> None:
        try:
            if isinstance(error, AppError) and error.code in _UNCERTAIN:
                note = f"{error.message} It may have been done all the same: read the user again to see."
                self._journal.unknown(entry_id, note, error=error)
            elif isinstance(error, Exception):
                self._journal.fail(entry_id, _known(error))
            else:
                note = "Stopped before it was finished. Read the user again to see what is true."
                self._journal.unknown(entry_id, note)
        except AppError as second:
            log.error("entry %d of the journal keeps no outcome: %s", entry_id, second.message)  # noqa: TRY400

    def _record_success(
        self, entry_id: int, value: T, mirror: MirrorRequest | Callable[[T], MirrorRequest | None] | None
    ) -> Outcome[T]:
        try:
            request = mirror(value) if callable(mirror) else mirror
        except Exception:
            log.exception("entry %d was done, but its database write could not be made up", entry_id)
            request = None
        try:
            mirror_id = self._journal.succeed(entry_id, mirror=request if self._apply is not None else None)
        except AppError as error:
            log.error("entry %d was done but not recorded: %s", entry_id, error.message)  # noqa: TRY400
            note = "It was done, but could not be written down, and the database row was left as it was."
            return Outcome(value, entry_id, "none", f"{note} {error.message}")
        if mirror_id is None:
            return Outcome(value, entry_id, "none", "")
        try:
            for waiting in self._journal.pending_up_to(mirror_id):
                if self._write(waiting) != "done":
                    break
            landed = self._journal.mirror(mirror_id)
        except AppError as error:
            return Outcome(value, entry_id, "pending", error.message)
        if landed.state is MirrorState.PENDING:
            reason = landed.error or "An earlier change of this person must reach the database first."
            return Outcome(value, entry_id, "pending", f"The database row will follow. {reason}")
        return Outcome(value, entry_id, "done", landed.note)

    def _write(self, mirror: Mirror) -> _Written:
        assert self._apply is not None
        if not self._journal.claim(mirror.id):  # an older one of the same person waits, or another thread has it
            return "not tried"
        try:
            note = self._apply(mirror)
        except Exception as error:
            if not isinstance(error, AppError):
                log.exception("mirror %d failed in an unknown way", mirror.id)
            known = _known(error)
            self._journal.mirror_failed(mirror.id, known, self._now() + retry_delay(mirror.attempts + 1))
            return "away" if known.code is ErrorCode.DATABASE_UNREACHABLE else "refused"
        except BaseException:
            self._journal.release(mirror.id)
            raise
        self._journal.mirror_done(mirror.id, note)
        return "done"


def _known(error: Exception) -> AppError:
    if isinstance(error, AppError):
        return error
    # The type alone: an unknown exception's text may hold what was typed in.
    return AppError(ErrorCode.INTERNAL, f"Unexpected failure ({type(error).__name__}).")
