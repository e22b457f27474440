"""The one path of every change, with a database that works, is away, or refuses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.changes import Changes, MirrorReport, retry_delay
from app.errors import AppError, ErrorCode
from app.journal import EntryState, Journal, Mirror, MirrorRequest, MirrorState, Written
from app.permissions import Action, Operator, Role
from app.work import Cancelled, Work

ADMIN = Operator("ann", Role.ADMIN)
AWAY = AppError(ErrorCode.DATABASE_UNREACHABLE, "The database does not answer.", retryable=True)


class Database:
    """Stands for the application database: remembers what was written, fails when told to."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.written: list[tuple[str, str]] = []
        self.told: list[dict[str, str]] = []
        self.skips = False
        self.learned: dict[str, str] | None = None

    def apply(self, mirror: Mirror) -> Written:
        if self.error is not None:
            raise self.error
        self.written.append((mirror.kind, mirror.email))
        self.told.append(dict(mirror.payload))
        return Written(f"{mirror.kind} written", skipped=self.skips, learned=self.learned)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def changes(journal: Journal, database: Database, clock: Clock) -> Changes:
    return Changes(journal, ADMIN, "main", database.apply, now=clock)


def fails(error: BaseException) -> Callable[[], None]:
    def call() -> None:
        raise error

    return call


def disable(changes: Changes, email: str = "bob@example.org", kind: str = "user_disabled", sub: str = "") -> str:
    mirror = MirrorRequest(kind, email, sub)
    return changes.perform(Action.DISABLE_USER, email, lambda: None, mirror=mirror).mirror


def test_the_intent_is_written_before_the_call_and_the_outcome_after(changes: Changes, journal: Journal) -> None:
    seen: list[EntryState] = []

    def call() -> str:
        seen.append(journal.entries()[0].state)
        return "answer"

    outcome = changes.perform(Action.RESET_PASSWORD, "bob", call, details={"origin": "detail pane"})
    (entry,) = journal.entries()
    assert seen == [EntryState.BEGUN]
    assert (outcome.value, outcome.entry_id, outcome.mirror, outcome.note) == ("answer", entry.id, "none", "")
    assert (entry.state, entry.operator, entry.subject) == (EntryState.SUCCEEDED, "ann", "bob")
    assert entry.details == {"origin": "detail pane"}


def test_what_the_role_forbids_is_neither_called_nor_journalled(journal: Journal) -> None:
    changes = Changes(journal, Operator("vic", Role.VIEWER), "main", None)
    assert changes.why_not(Action.APPROVE) is not None
    with pytest.raises(AppError) as caught:
        changes.perform(Action.DELETE_USER, "bob", lambda: pytest.fail("called"))
    assert caught.value.code is ErrorCode.NOT_ALLOWED
    with pytest.raises(AppError):
        changes.discard_mirror(1)
    assert journal.entries() == []


def test_without_a_journal_nothing_is_called(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    journal = Journal(tmp_path / "file" / "journal.sqlite")
    with pytest.raises(AppError) as caught:
        Changes(journal, ADMIN, "main", None).perform(Action.DELETE_USER, "bob", lambda: pytest.fail("called"))
    assert caught.value.code is ErrorCode.FILE_ERROR
    assert "Nothing was changed" in caught.value.message
    journal.close()


@pytest.mark.parametrize(
    ("error", "state", "code"),
    [
        (AppError(ErrorCode.ACCESS_DENIED, "no", request_id="r"), EntryState.FAILED, ErrorCode.ACCESS_DENIED),
        (AppError(ErrorCode.TIMEOUT, "slow", request_id="r"), EntryState.UNKNOWN, ErrorCode.TIMEOUT),
        (AppError(ErrorCode.UNREACHABLE, "away", request_id="r"), EntryState.FAILED, ErrorCode.UNREACHABLE),
        (AppError(ErrorCode.SERVICE_ERROR, "ill", request_id="r"), EntryState.UNKNOWN, ErrorCode.SERVICE_ERROR),
        (AppError(ErrorCode.BAD_RESPONSE, "cut", request_id="r"), EntryState.UNKNOWN, ErrorCode.BAD_RESPONSE),
        (ValueError("hunter2"), EntryState.FAILED, ErrorCode.INTERNAL),
        (Cancelled(), EntryState.UNKNOWN, None),
    ],
)
def test_a_failure_is_journalled_and_goes_on_to_the_caller(
    changes: Changes, journal: Journal, database: Database, error: BaseException, state: EntryState, code: ErrorCode
) -> None:
    with pytest.raises(type(error)) as caught:
        changes.perform(Action.DISABLE_USER, "bob", fails(error), mirror=MirrorRequest("user_disabled", "bob@x.org"))
    assert caught.value is error
    (entry,) = journal.entries()
    assert (entry.state, entry.error_code) == (state, code)
    assert entry.message is not None
    assert "hunter2" not in entry.message
    assert entry.request_id == ("r" if isinstance(error, AppError) else None)
    assert database.written == []
    assert journal.mirrors("main") == []


def test_the_mirror_lands_at_once(changes: Changes, journal: Journal, database: Database) -> None:
    mirror = MirrorRequest("user_disabled", "bob@example.org")
    outcome = changes.perform(Action.DISABLE_USER, "bob", lambda: None, mirror=mirror)
    assert (outcome.mirror, outcome.note) == ("done", "user_disabled written")
    assert database.written == [("user_disabled", "bob@example.org")]
    (landed,) = journal.mirrors("main", state=MirrorState.DONE)
    assert landed.note == "user_disabled written"


def test_the_mirror_may_be_made_from_the_answer(changes: Changes, journal: Journal) -> None:
    outcome = changes.perform(
        Action.CREATE_USER,
        "bob",
        lambda: "sub-7",
        mirror=lambda sub: MirrorRequest("user_created", "bob@example.org", sub),
    )
    assert outcome.mirror == "done"
    assert journal.mirrors("main", state=MirrorState.DONE)[0].sub == "sub-7"

    def broken(value: None) -> MirrorRequest:
        raise KeyError(value)

    assert changes.perform(Action.CREATE_USER, "eve", lambda: None, mirror=broken).mirror == "none"
    assert journal.entries()[0].state is EntryState.SUCCEEDED


def test_without_a_database_no_mirror_is_kept(journal: Journal) -> None:
    changes = Changes(journal, ADMIN, "main", None)
    assert disable(changes) == "none"
    assert changes.land_mirrors(Work()) == MirrorReport(0, 0)
    assert journal.mirrors("main") == []


def test_a_database_that_is_away_is_no_failure_and_gets_the_change_later(
    changes: Changes, journal: Journal, database: Database, clock: Clock
) -> None:
    database.error = AWAY
    mirror = MirrorRequest("user_disabled", "bob@example.org")
    outcome = changes.perform(Action.DISABLE_USER, "bob", lambda: None, mirror=mirror)
    assert outcome.mirror == "pending"
    assert outcome.note == "The database row will follow. The database does not answer."
    assert journal.entries()[0].state is EntryState.SUCCEEDED
    (waiting,) = journal.mirrors("main")
    assert (waiting.attempts, waiting.retry_at) == (1, clock.now + timedelta(seconds=5))

    database.error = None
    assert changes.land_mirrors(Work()) == MirrorReport(0, 1), "not due yet"
    clock.now += timedelta(seconds=5)
    assert changes.land_mirrors(Work()) == MirrorReport(1, 0)
    assert database.written == [("user_disabled", "bob@example.org")]


def test_retries_back_off_from_five_seconds_to_five_minutes(
    changes: Changes, journal: Journal, database: Database, clock: Clock
) -> None:
    database.error = AWAY
    disable(changes)
    waits = []
    for _ in range(8):
        (mirror,) = journal.mirrors("main")
        assert mirror.retry_at is not None
        waits.append(int((mirror.retry_at - clock.now).total_seconds()))
        clock.now = mirror.retry_at
        changes.land_mirrors(Work())
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300]
    assert retry_delay(10_000) == timedelta(minutes=5)


def test_the_order_of_one_person_is_kept_and_others_do_not_wait(
    changes: Changes, database: Database, clock: Clock
) -> None:
    database.error = AWAY
    assert disable(changes, "bob@example.org", "user_disabled", "s1") == "pending"
    assert disable(changes, "Bob@example.org", "user_enabled") == "pending"
    assert disable(changes, "robert@example.org", "contact_changed", "s1") == "pending"
    database.error = None
    assert disable(changes, "eve@example.org") == "done"
    assert database.written == [("user_disabled", "eve@example.org")]
    clock.now += timedelta(hours=1)
    assert changes.land_mirrors(Work()) == MirrorReport(3, 0)
    assert database.written[1:] == [
        ("user_disabled", "bob@example.org"),
        ("user_enabled", "Bob@example.org"),
        ("contact_changed", "robert@example.org"),
    ]


def test_a_new_change_of_the_same_person_brings_the_waiting_ones_along(changes: Changes, database: Database) -> None:
    database.error = AWAY
    disable(changes, kind="user_disabled")
    database.error = None
    assert disable(changes, kind="user_enabled") == "done"
    assert [kind for kind, _ in database.written] == ["user_disabled", "user_enabled"]


def test_a_refused_mirror_holds_back_its_person_only_until_it_is_discarded(
    changes: Changes, journal: Journal, database: Database, clock: Clock
) -> None:
    database.error = AppError(ErrorCode.DATABASE_REFUSED, "A constraint forbids it.")
    disable(changes, "bob@example.org")
    database.error = None
    (refused,) = journal.mirrors("main")

    class Picky(Database):
        def apply(self, mirror: Mirror) -> Written:
            if mirror.id == refused.id:
                raise AppError(ErrorCode.DATABASE_REFUSED, "A constraint forbids it.")
            return super().apply(mirror)

    picky = Picky()
    changes = Changes(journal, ADMIN, "main", picky.apply, now=clock)
    outcome = changes.perform(
        Action.ENABLE_USER, "bob", lambda: None, mirror=MirrorRequest("user_enabled", "bob@example.org")
    )
    assert outcome.mirror == "pending"
    assert outcome.note == (
        "The row waits behind an earlier change of this person, which the database refuses: A constraint forbids it."
        " See Activity."
    )
    assert disable(changes, "eve@example.org") == "done"
    assert changes.land_mirrors(Work(), at_once=True) == MirrorReport(0, 2)
    changes.discard_mirror(refused.id)
    assert changes.land_mirrors(Work()) == MirrorReport(1, 0)
    assert picky.written == [("user_disabled", "eve@example.org"), ("user_enabled", "bob@example.org")]


def test_an_unknown_fault_of_the_mirror_is_no_failure_of_the_action(
    changes: Changes, journal: Journal, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    database.error = ValueError("surprise")
    assert disable(changes) == "pending"
    assert journal.mirrors("main")[0].error_code is ErrorCode.INTERNAL
    assert "surprise" in caplog.text


def test_a_round_stops_when_the_database_is_away_and_tries_the_rest_later(
    changes: Changes, journal: Journal, database: Database
) -> None:
    database.error = AWAY
    for name in ("bob", "eve", "tom"):
        disable(changes, f"{name}@example.org")
    assert changes.land_mirrors(Work(), at_once=True) == MirrorReport(0, 3)
    assert [mirror.attempts for mirror in journal.mirrors("main")] == [2, 1, 1]


def test_landing_can_be_cancelled(changes: Changes, journal: Journal, database: Database) -> None:
    database.error = AWAY
    disable(changes)
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        changes.land_mirrors(work)
    database.error = None
    assert changes.land_mirrors(Work(), at_once=True) == MirrorReport(1, 0)
    assert journal.mirrors("main") == []


def test_a_slow_first_write_is_not_overtaken_by_a_later_change(journal: Journal, clock: Clock) -> None:
    entered, go_on = threading.Event(), threading.Event()
    written: list[str] = []

    def apply(mirror: Mirror) -> Written:
        if mirror.kind == "user_disabled":
            entered.set()
            assert go_on.wait(20)
        written.append(mirror.kind)
        return Written("")

    changes = Changes(journal, ADMIN, "main", apply, now=clock)
    first = threading.Thread(target=disable, args=(changes,))
    first.start()
    assert entered.wait(20)
    assert disable(changes, kind="user_enabled") == "pending"
    assert changes.land_mirrors(Work()) == MirrorReport(0, 2)
    go_on.set()
    first.join()
    assert changes.land_mirrors(Work()) == MirrorReport(1, 0)
    assert written == ["user_disabled", "user_enabled"]


def test_a_journal_that_fills_up_after_the_call_does_not_turn_success_into_failure(
    changes: Changes, journal: Journal, database: Database
) -> None:
    def call() -> str:
        with journal.reading() as db:
            db.execute("PRAGMA query_only = ON")
        return "done"

    outcome = changes.perform(
        Action.DISABLE_USER, "bob", call, mirror=MirrorRequest("user_disabled", "bob@example.org")
    )
    assert (outcome.value, outcome.mirror) == ("done", "none")
    assert "could not be written down" in outcome.note
    assert "read-only" in outcome.note
    assert journal.entries()[0].state is EntryState.BEGUN
    with pytest.raises(AppError) as caught:
        changes.perform(Action.DISABLE_USER, "eve", lambda: pytest.fail("called"))
    assert caught.value.code is ErrorCode.FILE_ERROR


def test_a_failure_that_cannot_be_recorded_is_still_the_failure_that_is_raised(
    changes: Changes, journal: Journal
) -> None:
    def call() -> None:
        with journal.reading() as db:
            db.execute("PRAGMA query_only = ON")
        raise AppError(ErrorCode.USER_NOT_FOUND, "gone")

    with pytest.raises(AppError) as caught:
        changes.perform(Action.DISABLE_USER, "bob", call)
    assert caught.value.code is ErrorCode.USER_NOT_FOUND
