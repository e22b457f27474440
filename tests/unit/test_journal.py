from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.errors import AppError, ErrorCode
from app.journal import EntryState, Journal, MirrorRequest, MirrorState
from app.permissions import Action


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    opened = Journal(path)
    yield opened
    opened.close()


def begin(journal: Journal, subject: str = "ann", connection: str = "main") -> int:
    return journal.begin(
        connection=connection,
        operator="op",
        action=Action.DISABLE_USER,
        subject=subject,
        details={"reason": "left"},
    )


def queue(journal: Journal, email: str, sub: str = "", kind: str = "user_disabled") -> int:
    mirror = journal.succeed(begin(journal), mirror=MirrorRequest(kind, email, sub, {"name": "Zoë"}))
    assert mirror is not None
    return mirror


def test_an_intent_and_its_outcome_read_back(journal: Journal) -> None:
    before = datetime.now(UTC)
    entry_id = begin(journal)
    (begun,) = journal.entries()
    assert (begun.id, begun.state, begun.finished_at) == (entry_id, EntryState.BEGUN, None)
    assert (begun.connection, begun.operator, begun.action) == ("main", "op", Action.DISABLE_USER)
    assert begun.details == {"reason": "left"}
    assert before <= begun.at <= datetime.now(UTC)
    assert begun.at.tzinfo is UTC

    assert journal.succeed(entry_id) is None
    (done,) = journal.entries()
    assert done.state is EntryState.SUCCEEDED
    assert done.finished_at is not None
    assert done.finished_at >= done.at


def test_a_failure_keeps_code_sentence_and_request_id(journal: Journal) -> None:
    entry_id = begin(journal)
    journal.fail(entry_id, AppError(ErrorCode.ACCESS_DENIED, "IAM forbids it.", request_id="r-1"))
    (entry,) = journal.entries()
    assert (entry.state, entry.error_code) == (EntryState.FAILED, ErrorCode.ACCESS_DENIED)
    assert (entry.message, entry.request_id) == ("IAM forbids it.", "r-1")


def test_an_unknown_outcome_may_be_settled_later_and_a_settled_one_may_not(journal: Journal) -> None:
    entry_id = begin(journal)
    journal.unknown(entry_id, "no answer", error=AppError(ErrorCode.TIMEOUT, "no answer", request_id="r-2"))
    (entry,) = journal.entries()
    assert (entry.state, entry.error_code, entry.request_id) == (EntryState.UNKNOWN, ErrorCode.TIMEOUT, "r-2")
    journal.succeed(entry_id)
    with pytest.raises(AppError, match="not open"):
        journal.fail(entry_id, AppError(ErrorCode.INTERNAL, "no"))
    with pytest.raises(AppError, match="not open"):
        journal.succeed(999)


def test_entries_come_newest_first_in_pages_and_by_connection_or_subject(journal: Journal) -> None:
    ids = [begin(journal, subject=f"user-{n % 2}", connection="a" if n < 3 else "b") for n in range(6)]
    assert [entry.id for entry in journal.entries(limit=2)] == [ids[5], ids[4]]
    assert [entry.id for entry in journal.entries(limit=2, before=ids[4])] == [ids[3], ids[2]]
    assert [entry.id for entry in journal.entries(connection="a")] == [ids[2], ids[1], ids[0]]
    assert [entry.id for entry in journal.entries(subject="user-1")] == [ids[5], ids[3], ids[1]]
    assert [entry.id for entry in journal.entries(connection="a", subject="user-1", before=ids[3])] == [ids[1]]


def test_a_person_is_found_by_user_name_sub_and_address(journal: Journal) -> None:
    def write(subject: str, sub: str = "", person: str = "") -> int:
        details = {"person": person} if person else {}
        return journal.begin(
            connection="m", operator="o", action=Action.APPROVE, subject=subject, details=details, sub=sub
        )

    failed = write("ann@x.org", person="ann@x.org")
    created = write("ann@x.org", person="ann@x.org")
    journal.succeed(created, filed_under=("ann", "sub-1"))
    moved = write("sub-1", "sub-1", "ann@x.org")
    changed = write("ann", "sub-1", "ann@x.org")
    by_email = write("ann@x.org", person="ann@x.org")
    other = write("eve", "sub-2", "eve@x.org")
    everything = [by_email, changed, moved, created, failed]
    for name in ("ann", "sub-1", "ann@x.org"):
        assert [entry.id for entry in journal.entries(subject=name)] == everything, name
    assert [entry.id for entry in journal.entries(subject="eve")] == [other]
    assert [entry.id for entry in journal.entries(subject="ann", limit=2, before=changed)] == [moved, created]
    assert journal.entries(subject="ann", connection="other") == []


def test_two_accounts_with_one_address_are_kept_apart(journal: Journal) -> None:
    ids = [
        journal.begin(
            connection="m", operator="o", action=Action.APPROVE, subject=name, details={"person": "a@x.org"}, sub=name
        )
        for name in ("one", "two")
    ]
    assert [entry.id for entry in journal.entries(subject="one")] == ids[:1]
    assert [entry.id for entry in journal.entries(subject="a@x.org")] == ids[::-1]


@pytest.mark.parametrize(
    "key",
    ["password", "temporaryPassword", "Pass_Word", "client_secret", "accessToken", "code", "mfa_code", "userCode",
     "secret_access_key", "access_key", "passphrase", "codes"],
)  # fmt: skip
def test_what_is_named_like_a_secret_is_refused(journal: Journal, key: str) -> None:
    with pytest.raises(AppError) as caught:
        journal.begin(connection="m", operator="o", action=Action.SET_PASSWORD, subject="s", details={key: "x"})
    assert caught.value.code is ErrorCode.INTERNAL
    assert journal.entries() == []
    with pytest.raises(AppError):
        MirrorRequest("user_created", "a@example.org", payload={key: "x"})


@pytest.mark.parametrize("key", ["permanent", "encoder", "decoded", "email", "custom:organizationId", "codec"])
def test_innocent_names_pass(journal: Journal, key: str) -> None:
    assert journal.begin(connection="m", operator="o", action=Action.SET_PASSWORD, subject="s", details={key: "x"})


def test_a_mirror_is_stored_with_the_outcome_and_reads_back(journal: Journal) -> None:
    mirror_id = queue(journal, "Ann@Example.org", "sub-1")
    (mirror,) = journal.mirrors("main")
    assert (mirror.id, mirror.kind, mirror.email, mirror.sub) == (
        mirror_id,
        "user_disabled",
        "Ann@Example.org",
        "sub-1",
    )
    assert (mirror.payload, mirror.state, mirror.attempts) == ({"name": "Zoë"}, MirrorState.PENDING, 0)
    assert mirror.entry_id == journal.entries()[0].id
    assert journal.mirrors("other") == []

    later = datetime.now(UTC) + timedelta(seconds=5)
    assert journal.claim(mirror_id)
    journal.mirror_failed(mirror_id, AppError(ErrorCode.DATABASE_UNREACHABLE, "away"), later)
    (mirror,) = journal.mirrors("main")
    assert (mirror.attempts, mirror.retry_at, mirror.error) == (1, later, "away")
    assert mirror.error_code is ErrorCode.DATABASE_UNREACHABLE
    assert journal.claim(mirror_id)
    journal.mirror_done(mirror_id, "written")
    assert journal.mirrors("main") == []
    (mirror,) = journal.mirrors("main", state=MirrorState.DONE)
    assert (mirror.note, mirror.attempts) == ("written", 2)


def test_a_mirror_waits_for_the_older_one_of_the_same_person(journal: Journal) -> None:
    first = queue(journal, "ann@example.org", "sub-1")
    second = queue(journal, "ANN@example.org")
    third = queue(journal, "renamed@example.org", "sub-1")
    other = queue(journal, "bob@example.org", "sub-2")
    nameless = [queue(journal, "", "sub-3"), queue(journal, "", "sub-4")]
    assert not journal.claim(second)
    assert not journal.claim(third)
    assert journal.claim(other)
    assert all(journal.claim(mirror) for mirror in nameless)
    assert [mirror.id for mirror in journal.pending_up_to(third)] == [first, third]
    assert [mirror.id for mirror in journal.pending_up_to(second)] == [first, second]
    assert journal.claim(first)
    assert not journal.claim(first)
    journal.mirror_done(first)
    assert journal.claim(second)


def test_a_discarded_mirror_is_written_down_with_the_operator(journal: Journal) -> None:
    mirror_id = queue(journal, "ann@example.org")
    assert journal.claim(mirror_id)
    with pytest.raises(AppError) as caught:
        journal.mirror_discard(mirror_id, "boss")
    assert caught.value.code is ErrorCode.CONFLICT
    journal.release(mirror_id)
    journal.mirror_discard(mirror_id, "boss")
    assert journal.mirrors("main") == []
    entry = journal.entries()[0]
    assert (entry.action, entry.operator, entry.state) == (Action.DISCARD_MIRROR, "boss", EntryState.SUCCEEDED)
    assert entry.subject == "ann", "under the name of the change that it belonged to"
    assert entry.details == {"person": "ann@example.org", "mirror": str(mirror_id), "kind": "user_disabled"}
    with pytest.raises(AppError, match="no longer waiting"):
        journal.mirror_discard(mirror_id, "boss")


def test_threads_share_one_journal(journal: Journal) -> None:
    def work(name: int) -> None:
        for _ in range(20):
            journal.succeed(begin(journal, subject=f"t{name}"), mirror=MirrorRequest("k", f"t{name}@example.org"))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = journal.entries(limit=1000)
    assert len(entries) == 120
    assert {entry.state for entry in entries} == {EntryState.SUCCEEDED}
    assert len(journal.mirrors("main")) == 120


def test_one_mirror_is_claimed_by_one_thread_only(journal: Journal, path: Path) -> None:
    second = Journal(path)
    mirror_id = queue(journal, "ann@example.org")
    start = threading.Barrier(6)
    won: list[bool] = []

    def race(mine: Journal) -> None:
        start.wait()
        won.append(mine.claim(mirror_id))

    threads = [threading.Thread(target=race, args=(owner,)) for owner in (journal, second) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    second.close()
    assert sorted(won) == [False] * 5 + [True]


def test_an_open_journal_keeps_its_intents_and_a_closed_one_gives_them_up(journal: Journal, path: Path) -> None:
    other = Journal(path)
    begin(other, subject="theirs")
    mirror_id = queue(other, "ann@example.org")
    assert other.claim(mirror_id)
    assert journal.recover() == 0
    assert not journal.claim(mirror_id)
    mine = begin(journal, subject="mine")
    other.close()
    other.close()
    assert journal.recover() == 1
    assert journal.recover() == 0
    states = {entry.subject: entry.state for entry in journal.entries()}
    assert states["theirs"] is EntryState.INTERRUPTED
    assert states["mine"] is EntryState.BEGUN
    assert journal.claim(mirror_id)
    journal.succeed(mine)


def test_a_closed_journal_says_so(path: Path) -> None:
    journal = Journal(path)
    journal.close()
    with pytest.raises(AppError, match="closed"):
        begin(journal)


def test_nothing_is_left_behind_and_nobody_else_may_read(path: Path) -> None:
    journal = Journal(path)
    begin(journal)
    assert sys.platform == "win32" or path.stat().st_mode & 0o077 == 0
    journal.close()
    assert list(path.with_name(path.name + ".owners").iterdir()) == []
