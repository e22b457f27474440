"""The one path of every change: permission, intent, call, outcome, database mirror.

A change that Cognito made is reported as made, whatever happens to the database or the journal afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Generic, Literal, TypeVar

from app import permissions
from app.errors import AppError, ErrorCode
from app.journal import Journal, Mirror, MirrorRequest, MirrorState, Written
from app.permissions import Action, Operator
from app.settling import Look, settle
from app.waiting import Waiting, Why, explained
from app.work import Cancelled, Work

log = logging.getLogger(__name__)

T = TypeVar("T")
MirrorResult = Literal["none", "done", "skipped", "pending"]
_Attempt = Literal["landed", "refused", "away", "not tried"]

FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """A change that was made. `note` says what the database wrote, why it waits, or what could not be written down.

    `mirror` is "skipped" where the database has no row to write to, or one that is not ours to change. `undo` takes the
    change back; None where that cannot be done, or where the operator may not.
    """

    value: T
    entry_id: int
    mirror: MirrorResult
    note: str
    undo: Inverse | None = None


@dataclass(frozen=True, slots=True)
class Inverse:
    """The way back from a change: another change, permitted and journalled like every one. `words` name it.

    `run` blocks, as every service does. AppError(CONFLICT) where somebody else changed the same meanwhile.
    """

    action: Action
    words: str
    run: Callable[[], Outcome[Any]]


@dataclass(frozen=True, slots=True)
class MirrorReport:
    """How many database writes landed in this round, how many still wait for this database, and how many for others.

    `elsewhere` are those of this connection that were meant for another pool or database than it has now.
    """

    done: int
    pending: int
    elsewhere: int = 0

    @property
    def waiting(self) -> int:
        """All that still wait."""
        return self.pending + self.elsewhere


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after that many failed attempts: 5 s, doubling, at most 5 min."""
    doublings = min(max(attempts, 1) - 1, 10)
    return min(LAST_RETRY, FIRST_RETRY * (1 << doublings))


class Changes:
    """Makes changes for one operator on one connection. Safe on any thread.

    `apply` writes one mirror into the database; None where the connection has no database. `target` names the pool and
    the database in words: what was meant for others is never written here.
    """

    def __init__(
        self,
        journal: Journal,
        operator: Operator,
        connection: str,
        apply: Callable[[Mirror], Written] | None,
        *,
        target: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.operator = operator
        self._journal = journal
        self._connection = connection
        self._apply = apply
        self._target = target
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
        sub: str = "",
        filed_under: Callable[[T], tuple[str, str]] | None = None,
        stopped: str = "",
        intended: MirrorRequest | None = None,
    ) -> Outcome[T]:
        """Do it, and write it down before and after. `mirror` may be made from what `call` returned (a new user's sub).

        The journal files it under the user name `subject` and the `sub`; `filed_under` tells both where only the answer
        does. `stopped` says what a cancelled call leaves, where that is known: it is then journalled as failed.
        `intended` is what `mirror` will about be, where only the answer tells exactly: see `settle`.
        AppError(NOT_ALLOWED) and AppError(FILE_ERROR, the journal cannot be written) come before anything was called.
        Whatever `call` raises goes on to the caller, journalled as failed, or as unknown where no answer came.
        """
        permissions.check(self.operator, action)
        intended = mirror if isinstance(mirror, MirrorRequest) else intended
        entry_id = self._begin(action, subject, details, sub, intended if self._apply is not None else None)
        try:
            value = call()
        except BaseException as error:
            self._record_failure(entry_id, error, stopped)
            raise
        return self._record_success(entry_id, value, mirror, filed_under)

    def discard_mirror(self, mirror_id: int) -> None:
        """Give up a waiting database write for good. AppError NOT_ALLOWED, or CONFLICT where it no longer waits."""
        permissions.check(self.operator, Action.DISCARD_MIRROR)
        self._journal.mirror_discard(mirror_id, self.operator.name)

    def land_mirrors(self, work: Work, *, at_once: bool = False) -> MirrorReport:
        """Write what waits and is due into the database, in order for each person; stops early if it is away.

        `at_once` also tries what is not due yet: for a person who presses Retry. Whoever may make a change may retry
        its write; AppError(NOT_ALLOWED) where the operator presses Retry and may do so for none of them.
        """
        waiting = self._meant_for_us()
        reasons = [self._why_not_land(mirror) for mirror in waiting]
        if at_once and reasons and None not in reasons:
            raise AppError(ErrorCode.NOT_ALLOWED, reasons[0] or "", subject="mirrors")
        done = 0
        for position, mirror in enumerate(waiting):
            work.progress(position, len(waiting), f"Database row of {mirror.email or mirror.sub}")
            if not at_once and mirror.retry_at is not None and mirror.retry_at > self._now():
                continue
            written = self._write(mirror)
            done += written == "landed"
            if written == "away":
                break
        pending = len(self._meant_for_us())
        return MirrorReport(done, pending, len(self._journal.mirrors(self._connection)) - pending)

    def settle(self, work: Work, look: Look) -> int:
        """Find out what became of changes whose end nobody saw; returns how many database writes wait because of it."""
        if self._apply is None:
            return 0
        return settle(self._journal, self._connection, self._target, look, work)

    def waiting(self) -> tuple[Waiting, ...]:
        """Every write of this connection that waits, oldest first, with the reason."""
        mirrors = self._journal.mirrors(self._connection)
        ours = None if self._apply is None else self._target
        return explained(mirrors, ours, self._why_not_land)

    def _meant_for_us(self) -> list[Mirror]:
        if self._apply is None:
            return []
        return [each for each in self._journal.mirrors(self._connection) if each.target in ("", self._target)]

    def _why_not_land(self, mirror: Mirror) -> str | None:
        """The one rule of retrying: who may make the change may also write it into the database."""
        return None if mirror.action is None else permissions.why_not(self.operator, mirror.action)

    def _begin(
        self,
        action: Action,
        subject: str,
        details: Mapping[str, str] | None,
        sub: str,
        intended: MirrorRequest | None,
    ) -> int:
        try:
            return self._journal.begin(
                connection=self._connection,
                operator=self.operator.name,
                action=action,
                subject=subject,
                details=details,
                sub=sub,
                intended=intended,
                target=self._target,
            )
        except AppError as error:
            if error.code is not ErrorCode.FILE_ERROR:
                raise
            message = f"{error.message} Nothing was changed: a change that cannot be written down is not made."
            raise AppError(error.code, message, subject=error.subject, retryable=error.retryable) from error

    def _record_failure(self, entry_id: int, error: BaseException, stopped: str) -> None:
        try:
            if isinstance(error, AppError) and error.uncertain:
                note = f"{error.message} It may have been done all the same: read the user again to see."
                self._journal.unknown(entry_id, note, error=error)
            elif isinstance(error, Exception):
                self._journal.fail(entry_id, _known(error))
            elif stopped and isinstance(error, Cancelled):
                self._journal.fail(entry_id, AppError(ErrorCode.STOPPED, stopped))
            else:
                note = "Stopped before it was finished. Read the user again to see what is true."
                self._journal.unknown(entry_id, note)
        except AppError as second:
            log.error("entry %d of the journal keeps no outcome: %s", entry_id, second.message)  # noqa: TRY400

    def _record_success(
        self,
        entry_id: int,
        value: T,
        mirror: MirrorRequest | Callable[[T], MirrorRequest | None] | None,
        filed_under: Callable[[T], tuple[str, str]] | None,
    ) -> Outcome[T]:
        try:
            request = mirror(value) if callable(mirror) else mirror
        except Exception:
            log.exception("entry %d was done, but its database write could not be made up", entry_id)
            request = None
        try:
            mirror_id = self._journal.succeed(
                entry_id,
                mirror=request if self._apply is not None else None,
                target=self._target,
                filed_under=filed_under(value) if filed_under is not None else None,
            )
        except AppError as error:
            log.error("entry %d was done but not recorded: %s", entry_id, error.message)  # noqa: TRY400
            note = "It was done, but could not be written down, and the database row was left as it was."
            return Outcome(value, entry_id, "none", f"{note} {error.message}")
        if mirror_id is None:
            return Outcome(value, entry_id, "none", "")
        try:
            for waiting in self._journal.pending_up_to(mirror_id):
                if self._write(waiting) != "landed":
                    break
            landed = self._journal.mirror(mirror_id)
            note = landed.note
            if landed.state is MirrorState.PENDING:
                note = next((_pending(each) for each in self.waiting() if each.mirror.id == mirror_id), "")
        except AppError as error:
            return Outcome(value, entry_id, "pending", error.message)
        if landed.state is MirrorState.PENDING:
            return Outcome(value, entry_id, "pending", note)
        return Outcome(value, entry_id, "skipped" if landed.state is MirrorState.SKIPPED else "done", note)

    def _write(self, mirror: Mirror) -> _Attempt:
        assert self._apply is not None
        if self._why_not_land(mirror) is not None:
            return "not tried"
        if not self._journal.claim(mirror.id):  # an older one of the same person waits, or another thread has it
            return "not tried"
        try:
            told = {**self._journal.learned(mirror.id), **mirror.payload}
            remember = partial(self._journal.mirror_attempt, mirror.id)
            attempt = self._journal.mirror(mirror.id).attempt  # another process may have tried since the list was read
            written = self._apply(replace(mirror, payload=told, attempt=attempt, remember=remember))
        except Exception as error:
            if not isinstance(error, AppError):
                log.exception("mirror %d failed in an unknown way", mirror.id)
            known = _known(error)
            self._journal.mirror_failed(mirror.id, known, self._now() + retry_delay(mirror.attempts + 1))
            return "away" if known.code is ErrorCode.DATABASE_UNREACHABLE else "refused"
        except BaseException:
            self._journal.release(mirror.id)
            raise
        self._journal.mirror_done(mirror.id, written.note, skipped=written.skipped, learned=written.learned)
        return "landed"


def _pending(waiting: Waiting) -> str:
    """What the change's own outcome says of a write that did not land at once."""
    if waiting.why is Why.REFUSED:
        return (
            f"The database refuses the change of its row: {waiting.mirror.error} Later changes of this person wait"
            " behind it: see Activity."
        )
    if waiting.why is Why.BEHIND and waiting.first is not None and waiting.first.why is Why.REFUSED:
        return (
            "The row waits behind an earlier change of this person, which the database refuses:"
            f" {waiting.first.mirror.error} See Activity."
        )
    reason = waiting.mirror.error or "An earlier change of this person must reach the database first."
    return f"The database row will follow. {reason}"


def _known(error: Exception) -> AppError:
    if isinstance(error, AppError):
        return error
    # The type alone: an unknown exception's text may hold what was typed in.
    return AppError(ErrorCode.INTERNAL, f"Unexpected failure ({type(error).__name__}).")
