"""The index: search beyond ASCII, order, joins, growth while listing, threads."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from app.directory import columns, frames
from app.directory.index import DatabaseFact, Sort, UserIndex, UserView
from app.directory.models import User, UserStatus
from app.errors import AppError, ErrorCode

START = datetime(2026, 1, 1, tzinfo=UTC)


def user(username: str, *, day: int = 0, enabled: bool = True, **attributes: str) -> User:
    named = {name.replace("__", ":"): value for name, value in attributes.items()}
    at = START + timedelta(days=day)
    return User(username, UserStatus.CONFIRMED, enabled, at, at, {"sub": f"sub-of-{username}", **named})


def fact(email: str = "", subject: str | None = None, status: str = "active", mfa: str | None = None) -> DatabaseFact:
    return DatabaseFact(email, subject, status, mfa, False, "acme")


def names(view: UserView) -> list[str]:
    return [row.username for row in view.rows(0, len(view))]


def filled(*users: User) -> UserIndex:
    index = UserIndex()
    index.replace(users)
    return index


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("Straße", "STRASSE"),
        ("Ινές ΣΑΣ", "σας"),
        ("Inês", "INÊS"),
        ("Ine\u0302s", "in\u00eas"),  # two spellings of ê
        ("ŻÓŁĆ", "żółć"),
        ("a.*b", "A.*"),
        ("50% (off)", "(OFF"),
    ],
)
def test_search_knows_no_case_and_takes_every_character_as_it_is(stored: str, typed: str) -> None:
    index = filled(user("one", name=stored), user("two", name="axxb"))
    assert names(index.view(typed)) == ["one"]


def test_several_words_must_all_be_there_in_whatever_attribute() -> None:
    index = filled(
        user("one", name="Carla Moreno", custom__team="Harbour"),
        user("two", name="Carla Rossi", custom__team="Quay"),
    )
    assert names(index.view("harb CARLA")) == ["one"]
    assert names(index.view("carla")) == ["one", "two"]
    assert names(index.view("carla harbour quay")) == []
    assert names(index.view("sub-of-two")) == ["two"]


def test_verified_flags_and_the_keys_of_identities_are_not_searched() -> None:
    identities = '[{"userId":"g-77","providerName":"Google","providerType":"Google","primary":true}]'
    index = filled(user("one", name="Trudy"), user("two", email_verified="true", identities=identities))
    assert names(index.view("tru")) == ["one"]
    assert names(index.view("google G-77")) == ["two"]
    assert names(index.view("providerName")) == []
    assert columns.identity_words("not json") == "not json"


def test_half_a_surrogate_pair_harms_nobody() -> None:
    index = filled(user("one", name="Ana \ud83d", custom__role="\ude00"), user("two", name="Ana"))
    assert names(index.view("ana")) == ["one", "two"]
    assert names(index.view("\ud83d")) == ["one"]
    assert index.view("ana").rows(0, 1)[0].name == "Ana ?"


def test_typing_on_finds_what_a_fresh_search_finds() -> None:
    index = filled(*(user(f"u{i}", name=f"mor{i % 7} x{i}") for i in range(60)))
    for text in ("m", "mo", "mor", "mor3", "mor3 x3", "mor3", "mor3 x3", "x3", "mor", "or", ""):
        assert names(index.view(text)) == [
            f"u{i}" for i in range(60) if all(w in f"mor{i % 7} x{i}" for w in text.split())
        ]


def test_empty_values_come_last_either_way_and_equals_keep_their_order() -> None:
    index = filled(user("a", name="x"), user("b"), user("c", name="X"), user("d", name="y"), user("e"))
    assert names(index.view(sort=(("name", False),))) == ["a", "c", "d", "b", "e"]
    assert names(index.view(sort=(("name", True),))) == ["d", "a", "c", "b", "e"]
    assert names(index.view(sort=(("name", False), ("username", True)))) == ["c", "a", "d", "e", "b"]


def test_an_unknown_column_is_named_in_the_error() -> None:
    with pytest.raises(AppError, match="shoe size") as caught:
        filled(user("a")).view(sort=(("shoe size", False),))
    assert caught.value.code is ErrorCode.INVALID_INPUT


def test_database_facts_come_by_subject_before_email_and_stay() -> None:
    index = filled(user("a", email="A@x.example"), user("b", email="b@x.example"), user("c", email="c@x.example"))
    before = index.get("a")
    assert before is not None
    assert before.in_database is None
    index.join(
        [
            fact("b@x.example", "sub-of-a", "suspended", "totp"),
            fact("a@x.example", None, "pending_mfa"),
            fact("B@X.example", None, "rejected"),
        ]
    )
    a, b, c = (index.get(name) for name in "abc")
    assert a is not None
    assert b is not None
    assert c is not None
    assert (a.onboarding, a.mfa, a.in_database) == ("suspended", "totp", True)
    assert (b.onboarding, b.mfa) == ("suspended", "totp")  # the same spelling before another one
    assert (c.onboarding, c.mfa, c.in_database) == (None, None, False)
    index.put(user("a", email="a@x.example", name="New"))
    index.put(user("d", email="c@x.example"))
    index.replace([user("b", email="B@x.example"), user("a")])
    index.extend([user("e")])
    assert [(row.username, row.onboarding, row.in_database) for row in index.view(sort=()).rows(0, 9)] == [
        ("b", "rejected", True),
        ("a", "suspended", True),
        ("e", None, False),
    ]


def test_what_cognito_says_about_factors_and_organisation_goes_before_the_database() -> None:
    asked = User(
        "a",
        UserStatus.CONFIRMED,
        True,
        START,
        START,
        {"custom:organizationId": "quay"},
        ("SMS_MFA", "SOFTWARE_TOKEN_MFA"),
        "SMS_MFA",
    )
    index = filled(asked, user("b"))
    index.join([fact(subject="sub-of-b", mfa="totp")])
    rows = {row.username: row for row in index.view().rows(0, 9)}
    assert (rows["a"].mfa, rows["a"].organization) == ("sms", "quay")
    assert (rows["b"].mfa, rows["b"].organization) == ("totp", "acme")


def test_facets_and_newest() -> None:
    index = filled(user("a", day=1), user("b", day=3, enabled=False), user("c", day=2))
    index.join([fact(subject="sub-of-a", status="active", mfa="totp")])
    facets = index.facets()
    assert facets.pop("domain") == {"": 3}
    assert facets.pop("created") == {**{f"2025-{month:02}": 0 for month in range(2, 13)}, "2026-01": 3}
    assert facets == {
        "status": {"CONFIRMED": 3},
        "enabled": {"yes": 2, "no": 1},
        "onboarding": {"": 2, "active": 1},
        "mfa": {"": 2, "totp": 1},
        "group": {},
    }
    assert [row.username for row in index.newest(2)] == ["b", "c"]


def test_an_empty_index_answers() -> None:
    index = UserIndex()
    assert len(index) == len(index.view("x")) == 0
    assert index.view().rows(0, 9) == index.newest(3) == []
    assert index.view().position("a") is None
    assert index.get("a") is None
    assert index.facets()["mfa"] == {}
    index.remove("nobody")
    index.replace([])
    assert len(index.view()) == 0
    assert index.facets()["mfa"] == {}


def test_pages_beyond_the_ends_are_cut() -> None:
    view = filled(*(user(f"u{i}") for i in range(5))).view(sort=())
    assert [row.username for row in view.rows(3, 99)] == ["u3", "u4"]
    assert [row.username for row in view.rows(-2, 1)] == ["u0"]
    assert view.rows(5, 9) == view.rows(3, 3) == []
    assert view.usernames(1, 3) == ["u1", "u2"]


def test_users_named_beforehand_are_located_without_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    index = filled(*(user(f"u{i}") for i in range(9)))
    view = index.view("u", sort=(("username", True),), locate=("u3", "gone"))
    monkeypatch.setattr(frames.Snapshot, "positions", lambda *_: pytest.fail("searched"))
    assert view.position("u3") == 5
    assert view.position("gone") is None
    assert view.locate(["gone", "u3"]) == {"u3": 5}


def test_listing_page_by_page_leaves_few_segments_and_the_version_grows() -> None:
    index = UserIndex()
    versions = [index.version]
    for page in range(40):
        index.extend(user(f"u{page}-{i}", email=f"{i}@{page}.example") for i in range(60))
        assert len(index.view()) == 60 * (page + 1)
        versions.append(index.version)
    snapshot, _ = index._current()
    assert snapshot is not None
    assert len(snapshot.segments) == 1
    assert snapshot.segments[0].n_chunks() == 1
    assert all(a < b for a, b in pairwise(versions))


def test_one_update_sorts_nothing_anew_and_rewrites_one_segment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "SEGMENT", 100)
    index = filled(*(user(f"u{i:03}", email=f"{i * 7 % 500:03}@x.example") for i in range(500)))
    before = index.view()
    old, _ = index._current()
    sorted_rows: list[int] = []
    arranged: Callable[..., object] = columns.arranged

    def counted(frame: object, sort: Sort) -> object:
        sorted_rows.append(len(frame))  # type: ignore[arg-type]
        return arranged(frame, sort)

    monkeypatch.setattr(columns, "arranged", counted)
    index.put(user("u250", email="zzz@x.example"))
    index.remove("u251")
    index.put(user("new", email="000a@x.example"))
    after = index.view()
    assert sum(sorted_rows) <= 5
    assert names(after)[-1] == "u250"
    assert names(after)[1] == "new"
    assert set(names(after)) == {*names(before), "new"} - {"u251"}
    new, _ = index._current()
    assert old is not None
    assert new is not None
    assert [a is b for a, b in zip(old.segments, new.segments, strict=False)] == [True, True, False, True, True]
    assert [segment.height for segment in new.segments] == [100, 100, 99, 100, 100, 1]


def test_many_threads_read_while_one_writes() -> None:
    index = filled(*(user(f"u{i}", email=f"{i:05}@x.example") for i in range(200)))
    wrong: list[str] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            view = index.view("x.example")
            emails = [row.email for row in view.rows(0, len(view))]
            if emails != sorted(emails) or len(emails) != len(view) or len(set(emails)) != len(emails):
                wrong.append(f"{len(view)} rows, {len(emails)} read")
            if index.get("u0") is None:
                wrong.append("u0 is gone")

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for i in range(200, 260):
        index.put(user(f"u{i}", email=f"{i:05}@x.example"))
        index.remove(f"u{i - 100}")
        if i % 20 == 0:
            index.join([fact(f"{n:05}@x.example") for n in range(i)])
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert len(index) == 200


@pytest.mark.parametrize("module", ["app.directory.index", "ui.widgets.table"])
def test_polars_is_loaded_by_neither_the_index_nor_the_table(module: str) -> None:
    code = f"import sys, {module}; sys.exit('polars' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_making_an_index_and_putting_users_in_does_not_load_polars() -> None:
    code = (
        "import sys; from datetime import datetime, UTC; from app.directory.models import *; "
        "from app.directory.index import UserIndex; i = UserIndex(); t = datetime.now(UTC); "
        "i.put(User('a', UserStatus.CONFIRMED, True, t, t)); sys.exit('polars' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
