"""Exported files hold exactly what the index holds, whatever people are called."""

from __future__ import annotations

import hashlib
import re
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.changes import Changes
from app.directory import exchange, sheets
from app.directory.exchange import ENDINGS, FIELDS, Export, Exports
from app.directory.index import DatabaseFact, UserIndex
from app.directory.models import User, UserStatus
from app.directory.selection import Matching, Picked
from app.errors import AppError, ErrorCode
from app.journal import EntryState, Journal
from app.permissions import Action, Operator, Role
from app.work import Cancelled, Progress, Work
from tests.unit.sheets import excel_sheets, read

NOON = datetime(2026, 1, 1, 12, 30, 15, 250_000, tzinfo=UTC)
AWKWARD = st.sampled_from(
    [
        *("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\tx", "'=x", "''+y", "'tis", "+4930123456", "-5", "＝A1"),
        *('say "hi"', "a,b;c", "line\nbreak", "car\rriage", "crlf\r\n", "\x0bvt", "nul\x00", "bell\x07", "del\x7f0041"),
        *("emoji 👩‍👩‍👧 🏳️‍🌈", "Ünal Žluťoučký", "مرحبا", "\ue000private", "\ufffe\uffff", " spaces ", "_x0041_"),
        *("x" * 2048, "null", "NaN", "true", "1e5", "0012", "https://x.example", "None", '""', "\\", "\u2028"),
        "<r>&</x></r>",
    ]
)  # fmt: skip
TEXTS = AWKWARD | st.text(max_size=20)
ATTRIBUTES = ("given_name", "custom:team", "custom:Note", "custom:role", "custom:organizationId", "phone_number")


@st.composite
def people(draw: st.DrawFn) -> list[User]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        texts = {name: draw(TEXTS) for name in (*ATTRIBUTES, "email", "name") if draw(st.booleans())}
        sub = f"sub-{number}" if draw(st.booleans()) else f"user-{number}"
        attributes = {"sub": sub, **{name: text for name, text in texts.items() if text}}
        status, enabled = draw(st.sampled_from(list(UserStatus))), draw(st.booleans())
        moment = NOON + timedelta(days=number)
        found.append(
            User(f"user-{number}", status, enabled, moment, NOON, attributes, draw(st.sampled_from([None, ()])))
        )
    return found


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "journal.sqlite")
    yield made
    made.close()


def exports(index: UserIndex, journal: Journal, role: Role = Role.ADMIN) -> Exports:
    return Exports(index, Changes(journal, Operator("ann", role), "main", None))


def member(username: str, **attributes: str) -> User:
    named = {key.replace("__", ":"): value for key, value in attributes.items()}
    usual = {"sub": f"sub-{username}", "email": f"{username}@x.example"}
    return User(username, UserStatus.CONFIRMED, True, NOON, NOON, {**usual, **named})


@pytest.fixture
def index() -> UserIndex:
    made = UserIndex()
    made.replace([member("ada", custom__team="blue"), member("bob", name="Bob"), member("cid", custom__team="=1+1")])
    return made


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet", ".xlsx"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people())
@example([member("r", name="<r><t>x</t></r>", custom__team="\ud800half")])
def test_what_is_read_back_is_what_the_index_holds(
    journal: Journal, tmp_path: Path, ending: str, users: list[User]
) -> None:
    index = UserIndex()
    index.replace(users)
    index.join([DatabaseFact("x@y.example", "sub-1", "active", "TOTP", True, "=acme")])
    path = tmp_path / f"people{ending}"
    names = tuple(dict.fromkeys((*FIELDS, *(name for name in ATTRIBUTES if any(name in u.attributes for u in users)))))
    done = exports(index, journal).write(Work(), Export(path, names, sort=(("username", False),), replace=True))
    assert done.users == len(users)

    def held(user: User, name: str) -> object:
        row = index.get(user.username)
        assert row is not None
        if hasattr(row, name):
            value = getattr(row, name)
            return str(value) if name == "status" else None if value == "" else value
        text = user.attributes.get(name)
        if text and name not in ("custom:role", "custom:organizationId", "phone_number"):
            text = re.sub(r"[\x00-\x08\x0e-\x1f]", " ", text)  # so the index keeps what nobody can type
        return text.encode("utf-8", "replace").decode() if text else None

    wanted = [{name: held(user, name) for name in names} for user in sorted(users, key=lambda user: user.username)]
    assert read(path) == wanted
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_that_a_spreadsheet_would_run_begins_a_cell(index: UserIndex, journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    index.put(member("eve", name="=HYPERLINK(A1)", phone_number="+4930123456"))
    exports(index, journal).write(Work(), Export(path, ("name", "phone", "custom:team")))
    lines = path.read_text("utf-8").splitlines()
    assert lines[0] == '"name","phone","custom:team"'
    assert '"\'=HYPERLINK(A1)","+4930123456",' in lines
    assert any(line.endswith(',"\'=1+1"') for line in lines)


def test_a_query_and_a_selection_decide_who(index: UserIndex, journal: Journal, tmp_path: Path) -> None:
    made = exports(index, journal)
    made.write(Work(), Export(tmp_path / "q.jsonl", ("username",), who=Matching("custom:team:blue")))
    assert read(tmp_path / "q.jsonl") == [{"username": "ada"}]
    chosen = ("cid", "gone", "ada")
    made.write(Work(), Export(tmp_path / "s.jsonl", ("username",), who=Picked(chosen), sort=(("username", True),)))
    assert read(tmp_path / "s.jsonl") == [{"username": "cid"}, {"username": "ada"}]
    made.write(Work(), Export(tmp_path / "none.csv", ("username", "created"), who=Matching("nobody-at-all")))
    assert (tmp_path / "none.csv").read_bytes() == b'"username","created"\r\n'


def test_the_journal_knows_of_the_export_and_holds_no_data(index: UserIndex, journal: Journal, tmp_path: Path) -> None:
    exports(index, journal).write(Work(), Export(tmp_path / "people.csv", ("email",), who=Matching("blue")))
    entry = journal.entries()[0]
    assert (entry.action, entry.operator, entry.state) == (Action.EXPORT_USERS, "ann", EntryState.SUCCEEDED)
    details = {"people": "1", "search": "blue", "format": "CSV", "file": "people.csv", "columns": "email"}
    assert dict(entry.details) == details


def test_many_on_the_clipboard_are_an_export_too(index: UserIndex, journal: Journal) -> None:
    exports(index, journal).copying(1_234)
    entry = journal.entries()[0]
    assert (entry.action, entry.details["people"], entry.details["format"]) == (
        Action.EXPORT_USERS,
        "1,234",
        "clipboard",
    )
    with pytest.raises(AppError) as caught:
        exports(index, journal, Role.VIEWER).copying(501)
    assert caught.value.code is ErrorCode.NOT_ALLOWED


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.VIEWER])
def test_only_an_admin_may(index: UserIndex, journal: Journal, tmp_path: Path, role: Role) -> None:
    with pytest.raises(AppError) as caught:
        exports(index, journal, role).write(Work(), Export(tmp_path / "people.csv"))
    assert caught.value.code is ErrorCode.NOT_ALLOWED
    assert not (tmp_path / "people.csv").exists()


@pytest.mark.parametrize("name", ["people.doc", "people", "people.csv.gz", ".csv"])
def test_another_ending_is_refused(index: UserIndex, journal: Journal, tmp_path: Path, name: str) -> None:
    with pytest.raises(AppError, match=r"\.csv, \.jsonl, \.parquet or \.xlsx") as caught:
        exports(index, journal).write(Work(), Export(tmp_path / name))
    assert "path" in caught.value.fields


@pytest.mark.parametrize("columns", [(), ("email", "colour"), ("email", "email")])
def test_columns_must_be_known(index: UserIndex, journal: Journal, tmp_path: Path, columns: tuple[str, ...]) -> None:
    with pytest.raises(AppError) as caught:
        exports(index, journal).write(Work(), Export(tmp_path / "people.csv", columns))
    assert "columns" in caught.value.fields
    assert journal.entries() == []


def test_a_file_is_replaced_only_where_that_is_asked_for(index: UserIndex, journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("mine")
    with pytest.raises(AppError, match="already") as caught:
        exports(index, journal).write(Work(), Export(path))
    assert (path.read_text(), "path" in caught.value.fields) == ("mine", True)
    exports(index, journal).write(Work(), Export(path, replace=True))
    assert path.read_text() != "mine"
    assert sorted(tmp_path.glob(".people*")) == []


def test_a_file_that_comes_meanwhile_is_not_replaced(index: UserIndex, journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"

    class Meanwhile(Work):
        def _report(self, progress: Progress) -> None:
            path.write_text("somebody else's")

    with pytest.raises(AppError, match="already"):
        exports(index, journal).write(Meanwhile(), Export(path))
    assert path.read_text() == "somebody else's"


@pytest.mark.parametrize("ending", ENDINGS)
def test_stopped_it_leaves_nothing(index: UserIndex, journal: Journal, tmp_path: Path, ending: str) -> None:
    class Stopped(Work):
        def _report(self, progress: Progress) -> None:
            self.cancel()

    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(Cancelled):
        exports(index, journal).write(Stopped(), Export(folder / f"people{ending}"))
    assert list(folder.iterdir()) == []
    entry = journal.entries()[0]
    assert (entry.state, entry.message) == (EntryState.FAILED, "Stopped: no file was written.")


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """The operating system refuses files beyond `size` bytes, as it would on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_full_disk_leaves_nothing(journal: Journal, tmp_path: Path, ending: str) -> None:
    index = UserIndex()
    noise = [hashlib.sha512(bytes([n % 256, n // 256])).hexdigest() for n in range(10_000)]  # hard to compress
    index.replace(member(f"user-{n:06}", custom__note=text) for n, text in enumerate(noise))
    folder = tmp_path / "out"
    folder.mkdir()
    with small_files(150_000), pytest.raises(AppError, match=r"Cannot write .*people.*: File too large") as caught:
        exports(index, journal).write(Work(), Export(folder / f"people{ending}", ("username", "custom:note")))
    assert caught.value.code is ErrorCode.FILE_ERROR
    assert list(folder.iterdir()) == []
    assert journal.entries()[0].state is EntryState.FAILED


def test_a_folder_that_is_not_there_is_named(index: UserIndex, journal: Journal, tmp_path: Path) -> None:
    with pytest.raises(AppError, match=r"Cannot write .*nowhere/people\.csv: No such file") as caught:
        exports(index, journal).write(Work(), Export(tmp_path / "nowhere" / "people.csv"))
    assert caught.value.code is ErrorCode.FILE_ERROR


def test_many_parts_make_one_file(journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "_PART", 7)
    index = UserIndex()
    index.replace(member(f"user-{n:03}") for n in range(50))
    for ending in (".csv", ".jsonl", ".parquet", ".xlsx"):
        path = tmp_path / f"people{ending}"
        exports(index, journal).write(Work(), Export(path, ("username",), sort=(("username", False),)))
        assert read(path) == [{"username": f"user-{n:03}"} for n in range(50)]


def test_a_sheet_that_is_full_has_another(journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "_SHEET_ROWS", 21)
    index = UserIndex()
    index.replace(member(f"user-{n:03}") for n in range(50))
    exports(index, journal).write(Work(), Export(tmp_path / "p.xlsx", ("username",), sort=(("username", False),)))
    assert [len(sheet) for sheet in excel_sheets(tmp_path / "p.xlsx")] == [20, 20, 10]


def test_what_no_cell_holds_is_refused_and_the_column_named(journal: Journal, tmp_path: Path) -> None:
    index = UserIndex()
    index.replace([member("ada", identities="x" * 40_000)])
    with pytest.raises(AppError, match="identities has 40,000 characters"):
        exports(index, journal).write(Work(), Export(tmp_path / "p.xlsx", ("username", "identities")))
    assert list(tmp_path.glob("*p.xlsx*")) == []
    exports(index, journal).write(Work(), Export(tmp_path / "p.csv", ("username", "identities")))
    assert read(tmp_path / "p.csv")[0]["identities"] == "x" * 40_000


def test_what_became_of_many_is_a_private_file_that_runs_nothing(journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "result.csv"
    lines = [("=cmd()@x.example", "done", 'now "active"'), ("bob@x.example", "failed", "")]
    head = ("person", "result", "reason")
    made = exports(UserIndex(), journal)
    assert made.result(Work(), path, head, lines, what="Disable 2 people", replace=False) == 2
    first, second, third = path.read_text("utf-8").splitlines()
    assert first == '"person","result","reason"'
    assert second == '"\'=cmd()@x.example","done","now ""active"""'
    assert third == '"bob@x.example","failed",""'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (entry,) = journal.entries(connection="main", limit=1)
    assert (entry.action, entry.details["result_of"], entry.details["people"]) == (
        Action.EXPORT_USERS, "Disable 2 people", "2",
    )  # fmt: skip
    with pytest.raises(AppError):
        made.result(Work(), path, head, lines, what="again", replace=False)
    with pytest.raises(AppError) as caught:
        exports(UserIndex(), journal, Role.SUPPORT).result(Work(), path, head, [], what="again", replace=True)
    assert caught.value.code is ErrorCode.NOT_ALLOWED
