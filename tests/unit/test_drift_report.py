"""The comparison of pool and database against a slow one, person by person, and what the search finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from app.directory.differences import OF_USERS, Kind
from app.directory.facts import RAW
from app.directory.index import UserIndex
from app.directory.models import User, UserStatus
from app.drift.report import EXPLANATIONS, DriftLine, DriftReport, compare

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
EMAILS = ["", "ann@x.org", "Ann@x.org", "bob@x.org", "BOB@X.ORG", "zoë@x.org", "ZOË@x.org"]
SUBS = ["s1", "s2", "s3", "s4"]
ALL = frozenset(RAW)


@dataclass(frozen=True)
class Row:
    id: str
    subject: str | None = None
    email: str | None = "ann@x.org"
    status: str = "active"
    provider: str = "cognito"
    verified: bool = True
    mfa: str | None = None

    @property
    def values(self) -> tuple[object, ...]:
        return (
            self.id, self.subject, self.email, self.status, self.provider, self.verified, self.mfa, False, None
        )  # fmt: skip


def user(
    sub: str, email: str = "ann@x.org", verified: bool = True, enabled: bool = True, factors: object = None
) -> User:
    attributes = {"sub": sub, "email": email, "email_verified": str(verified).lower()}
    attributes = {name: value for name, value in attributes.items() if value}
    return User(sub, UserStatus.CONFIRMED, enabled, NOON, NOON, attributes, factors)  # type: ignore[arg-type]


USERS = st.builds(
    user,
    st.sampled_from(SUBS),
    st.sampled_from(EMAILS),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, (), ("SOFTWARE_TOKEN_MFA",)]),
)
ROWS = st.builds(
    Row,
    id=st.uuids().map(str),
    subject=st.none() | st.sampled_from([*SUBS, "s9"]),
    email=st.none() | st.sampled_from(EMAILS[1:]),
    status=st.sampled_from(["active", "disabled", "pending_verification", "on_hold"]),
    provider=st.sampled_from(["cognito", "cognito", "local"]),
    verified=st.booleans(),
    mfa=st.sampled_from([None, "totp"]),
)


def found(users: list[User], rows: list[Row], known: frozenset[str] = ALL) -> tuple[DriftReport, UserIndex]:
    index = UserIndex()
    index.replace(users)
    raw = pl.DataFrame([row.values for row in rows], schema=RAW, orient="row")
    facts, everybody = index.join_rows(raw, known)
    return compare(everybody, raw, facts), index


def lines(report: DriftReport) -> list[DriftLine]:
    return report.all.lines(0, 1000)


def row_of(person: User, rows: list[Row]) -> Row | None:
    """As OnboardingReader.find has it, in plain words."""

    def rank(row: Row) -> tuple[bool, bool, int, str] | None:
        by_subject = row.subject == person.sub
        same = bool(person.email) and (row.email or "").lower() == person.email.lower()
        if not by_subject and not (same and (row.email == person.email or row.subject is None)):
            return None
        return (not by_subject, not person.email or row.email != person.email, len(row.id), row.id)

    ranked = [(place, row) for row in rows if (place := rank(row)) is not None]
    return min(ranked, key=lambda each: each[0])[1] if ranked else None


def expected(users: list[User], rows: list[Row]) -> dict[tuple[str | None, str | None], set[Kind]]:
    result: dict[tuple[str | None, str | None], set[Kind]] = {}
    chosen = set()
    for person in users:
        row = row_of(person, rows)
        if row is None:
            result[person.sub, None] = {Kind.ONLY_COGNITO}
            continue
        chosen.add(row.id)
        if row.provider != "cognito" and row.subject != person.sub:
            result[person.sub, row.id] = {Kind.PROVIDER}
            continue
        own = None if person.factors is None else ("totp" if person.factors else "none")
        email = row.email or ""
        differs = {
            Kind.EMAIL_VERIFIED: person.email_verified != row.verified
            or (person.email_verified and row.status == "pending_verification"),
            Kind.ENABLED: row.status != "on_hold" and person.enabled == (row.status == "disabled"),
            Kind.MFA: own is not None and own != (row.mfa or "none"),
            Kind.SUBJECT: row.subject != person.sub,
            Kind.EMAIL: email.lower() != person.email.lower(),
            Kind.EMAIL_CASE: email != person.email and email.lower() == person.email.lower(),
            Kind.PROVIDER: row.provider != "cognito",
        }
        kinds = {kind for kind, differ in differs.items() if differ}
        if kinds:
            result[person.sub, row.id] = kinds
    for row in rows:
        if row.id not in chosen and row.provider == "cognito" and row.status != "disabled":
            answers = any(row_of(person, [row]) for person in users)
            result[None, row.id] = {Kind.DUPLICATE if answers else Kind.ONLY_DATABASE}
    return result


@settings(max_examples=300, deadline=None)
@given(
    st.lists(USERS, max_size=4, unique_by=lambda person: person.sub),
    st.lists(ROWS, max_size=5, unique_by=lambda row: row.id),
)
def test_every_difference_is_found_and_nothing_else(users: list[User], rows: list[Row]) -> None:
    report, index = found(users, rows)
    wanted = expected(users, rows)
    assert {(line.username, line.row_id): set(line.kinds) for line in lines(report)} == wanted
    assert report.people == len(wanted)
    assert dict(report.counts) == {kind: sum(kind in kinds for kinds in wanted.values()) for kind in Kind}
    for kind in OF_USERS:
        searched = set(index.view(f"drift:{kind}").usernames(0, 99))
        assert searched == {username for (username, _), kinds in wanted.items() if kind in kinds}
    differing = {username for username, _ in wanted if username is not None}
    assert set(index.view("drift:yes").usernames(0, 99)) == differing
    assert set(index.view("drift:no").usernames(0, 99)) == {person.sub for person in users} - differing


def test_a_report_is_filtered_by_kind_and_by_text() -> None:
    report, _ = found(
        [user("s1", enabled=False), user("s2", "bob@x.org"), user("s3", "cy@x.org")],
        [Row("1", "s1", verified=False), Row("2", "s9", "Gone@x.org"), Row("3", "s3", "cy@x.org")],
    )
    assert [line.person for line in lines(report)] == ["ann@x.org", "bob@x.org", "Gone@x.org"]
    assert [line.person for line in report.view((Kind.ONLY_COGNITO, Kind.ENABLED)).lines(0, 9)] == [
        "ann@x.org",
        "bob@x.org",
    ]
    assert [line.person for line in report.view(text=" gONE ").lines(0, 9)] == ["Gone@x.org"]
    assert len(report.view((Kind.ONLY_COGNITO,), "gone")) == 0
    assert report.view().lines(1, 2) == lines(report)[1:2]
    assert report.view().lines(5, 9) == report.view().lines(2, 1) == []
    assert report.examples(Kind.EMAIL_VERIFIED, 1)[0].told(Kind.EMAIL_VERIFIED) == ("verified", "not verified, active")
    assert (report.users, report.rows) == (3, 3)


def test_what_a_deletion_leaves_is_no_difference() -> None:
    report, _ = found([], [Row("1", "s1", status="disabled"), Row("2", "s2", "bob@x.org", provider="local")])
    assert (report.people, report.retired) == (0, 1)


def test_columns_that_the_table_does_not_have_are_not_compared() -> None:
    report, index = found([user("s1", factors=("SOFTWARE_TOKEN_MFA",))], [Row("1")], ALL - {"subject", "mfa_method"})
    assert report.people == 0
    assert len(index.view("drift:no")) == 1


def test_of_several_rows_the_one_with_the_lowest_id_counts() -> None:
    report, _ = found([user("s1", "")], [Row("10", "s1", None), Row("9", "s1", None), Row("11", "s1", None)])
    assert {line.row_id for line in lines(report) if line.kinds == (Kind.DUPLICATE,)} == {"10", "11"}


def test_of_several_rows_of_one_subject_the_one_with_the_same_address_counts() -> None:
    report, _ = found([user("s1")], [Row("1", "s1", "b@x.org"), Row("9", "s1", "ann@x.org"), Row("11", "s1", None)])
    assert {line.row_id: line.kinds for line in lines(report)} == {"1": (Kind.DUPLICATE,), "11": (Kind.DUPLICATE,)}


def test_every_kind_is_explained_and_told_in_words() -> None:
    line = DriftLine(tuple(Kind), "ann", "s1", "ann@x.org", True, True, "totp", "1", None, None, None, None, None)
    for kind in Kind:
        assert EXPLANATIONS[kind].endswith(".")
        assert all(word and "None" not in word for word in line.told(kind))


def test_an_empty_pool_and_an_empty_table() -> None:
    report, _ = found([], [])
    assert (report.people, report.users, report.rows) == (0, 0, 0)
    assert report.view((Kind.EMAIL,), "x").lines(0, 5) == []
