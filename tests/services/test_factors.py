"""Who has no second factor: counted in the database, asked of Cognito, written to."""

from __future__ import annotations

import email
from datetime import UTC, datetime, timedelta
from email.policy import default
from pathlib import Path

import pytest

from app.changes import Changes
from app.directory.selection import Matching
from app.errors import AppError, ErrorCode
from app.factors import Factors
from app.people import People
from app.permissions import Action, Operator, Role
from app.work import Work
from tests.services.clinic import Clinic

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def factors(clinic: Clinic, role: Role = Role.ADMIN) -> Factors:
    changes = Changes(clinic.journal, Operator("ann", role), "main", None)
    people = People(clinic.cognito.users, changes, clinic.index, clinic.onboarding)
    return Factors(clinic.index, people.upkeep, clinic.database)


def test_the_database_is_counted_by_status_and_age(clinic: Clinic) -> None:
    rows = [
        ("active", 3, None),
        ("active", 20, "totp"),
        ("active", 400, "none"),
        ("pending_mfa", 60, ""),
        ("active", 400, "TOTP"),
    ]
    with clinic.database.connection() as connection:
        for number, (status, days, method) in enumerate(rows):
            connection.execute(
                "INSERT INTO auth.users (email, status, mfa_method, created_at) VALUES (%s, %s, %s, %s)",
                (f"p{number}@example.org", status, method, NOW - timedelta(days=days)),
            )
    census = factors(clinic).in_database(NOW)
    assert census.statuses == ("active", "pending_mfa")
    assert (census.total().people, census.total().without) == (5, 3)
    assert {(c.age, c.people, c.without) for c in census.cells if c.status == "active"} == {
        (0, 1, 1),
        (1, 1, 0),
        (4, 2, 1),
    }
    assert [(c.age, c.people, c.without) for c in census.cells if c.status == "pending_mfa"] == [(2, 1, 1)]


def test_a_table_without_the_column_says_so(clinic: Clinic) -> None:
    with clinic.database.connection() as connection:
        connection.execute("ALTER TABLE auth.users DROP COLUMN mfa_method, DROP COLUMN created_at")
    clinic.database.check()
    with pytest.raises(AppError) as caught:
        factors(clinic).in_database()
    assert caught.value.code is ErrorCode.DATABASE_SCHEMA
    assert caught.value.subject == "auth.users.mfa_method"


def test_what_cognito_was_asked_is_counted_by_account(clinic: Clinic) -> None:
    people = [clinic.join(f"p{n}@example.org") for n in range(5)]
    clinic.index.replace(clinic.cognito.users.list_page().users)
    service = factors(clinic)
    assert (service.in_cognito().total().people, service.in_cognito().total().unknown) == (5, 5)
    clinic.index.learn_factors({people[0].username: "totp", people[1].username: "none", people[2].username: "none"})
    after = service.in_cognito()
    assert after.statuses == ("CONFIRMED",)
    assert (after.total().people, after.total().without, after.total().unknown) == (5, 2, 2)


def test_only_admins_ask_for_many_or_take_addresses(clinic: Clinic, tmp_path: Path) -> None:
    service = factors(clinic, Role.SUPPORT)
    for call in (
        lambda: service.addresses(),
        lambda: service.letters(Work(), tmp_path / "a.eml", "s", "b"),
    ):
        with pytest.raises(AppError) as caught:
            call()
        assert caught.value.code is ErrorCode.NOT_ALLOWED


def test_a_letter_is_a_draft_with_verified_addresses_in_bcc(clinic: Clinic, tmp_path: Path) -> None:
    for number in range(3):
        clinic.join(f"p{number}@example.org")
    clinic.join("unverified@example.org", email_verified="false")
    clinic.people.load(Work())
    made = factors(clinic).letters(Work(), tmp_path / "nudge.eml", "Set up – now", "Dear all,\nplease.", Matching(""))
    assert (made.people, made.left_out) == (3, 1)
    draft = email.message_from_bytes((tmp_path / "nudge.eml").read_bytes(), policy=default)
    assert draft["X-Unsent"] == "1"
    assert draft["Subject"] == "Set up – now"
    assert sorted(str(draft["Bcc"]).split(", ")) == ["p0@example.org", "p1@example.org", "p2@example.org"]
    assert draft["To"] is None
    assert draft.get_content().split() == ["Dear", "all,", "please."]
    assert (tmp_path / "nudge.eml").stat().st_mode & 0o777 == 0o600
    entry = clinic.journal.entries(action=Action.EXPORT_USERS)[0]
    assert entry.details["format"] == "mail draft"
    assert "p0@example.org" not in repr(entry)


def test_many_addresses_become_several_drafts_or_none(clinic: Clinic, tmp_path: Path) -> None:
    from app.directory.models import User, UserStatus

    clinic.index.replace(
        User(
            f"u{n}", UserStatus.CONFIRMED, True, NOW, NOW, {"email": f"u{n}@example.org", "email_verified": "true"}, ()
        )
        for n in range(250)
    )
    service = factors(clinic)
    made = service.letters(Work(), tmp_path / "nudge.eml", "s", "b")
    assert [each.name for each in made.paths] == ["nudge-1.eml", "nudge-2.eml", "nudge-3.eml"]
    with pytest.raises(AppError):
        service.letters(Work(), tmp_path / "nudge.eml", "s", "b")  # they exist: nothing is overwritten unasked
    assert len(list(tmp_path.glob("*.eml"))) == 3
    assert len(service.addresses()) == 250


@pytest.mark.parametrize(
    ("name", "subject", "body", "field"),
    [
        ("a.txt", "s", "b", "path"),
        ("a.eml", " ", "b", "subject"),
        ("a.eml", "s\nBcc: x", "b", "subject"),
        ("a.eml", "s", "", "body"),
        ("a.eml", "s", "b", "search"),
    ],
)
def test_what_is_wrong_with_a_letter_names_its_field(
    clinic: Clinic, tmp_path: Path, name: str, subject: str, body: str, field: str
) -> None:
    with pytest.raises(AppError) as caught:
        factors(clinic).letters(Work(), tmp_path / name, subject, body)
    assert list(caught.value.fields) == [field]


def test_an_address_that_is_none_cannot_smuggle_a_header(clinic: Clinic, tmp_path: Path) -> None:
    from app.directory.models import User, UserStatus

    bad = ["a@b.example\nSubject: x", "a b@c.example", "<x@y.example>", "two@x.example,three@y.example", "none"]
    people = [
        User(f"u{n}", UserStatus.CONFIRMED, True, NOW, NOW, {"email": address, "email_verified": "true"}, ())
        for n, address in enumerate([*bad, "good@example.org"])
    ]
    clinic.index.replace(people)
    assert factors(clinic).addresses() == ("good@example.org",)
