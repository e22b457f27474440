"""Searching a pool where it is: a strict emulator and a real database answer, page by page, and nothing is loaded."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.directory.groups import Groups
from app.directory.index import UserIndex
from app.directory.models import UserStatus
from app.errors import AppError, ErrorCode
from app.onboarding.search import OnboardingSearch
from app.reach import Reach, Search
from app.work import Cancelled, Progress, Work
from tests.services.faults import access_denied, throttled
from tests.services.office import Office, S, opened
from tests.services.pools import Pool, pool


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        yield running


@pytest.fixture
def office(cognito: Pool, auth_database: str, tmp_path: Path) -> Iterator[Office]:
    with opened(cognito, auth_database, tmp_path) as made:
        yield made


def groups(office: Office) -> Groups:
    return Groups(office.cognito.client, office.cognito.demo.pool_id)


class Desk:
    """A reach with an index of its own."""

    def __init__(self, office: Office, limit: int = 100, *, database: bool = True) -> None:
        self.office = office
        self.index = UserIndex()
        search = OnboardingSearch(office.database) if database else None
        self.reach = Reach(office.cognito.users, groups(office), self.index, search, limit)

    def all(self, text: str, work: Work | None = None) -> Search:
        """Search to the end."""
        search = self.reach.search(text)
        while not search.ended:
            search.more(work or Work())
        return search

    def emails(self) -> list[str]:
        return [row.email for row in self.index.view("", ()).rows(0, 10_000)]


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office)


def test_the_limit_decides_until_somebody_insists(desk: Desk) -> None:
    assert [desk.reach.too_many(n) for n in (None, 0, 100, 101)] == [False, False, False, True]
    desk.reach.insist()
    assert not desk.reach.too_many(10**9)


def test_a_beginning_is_found_with_what_the_database_knows(office: Office, desk: Desk) -> None:
    office.join("carla.moreno@x.example", name="Carla Moreno")
    office.join("dan@x.example", name="Carlos Dan", onboarding=None)
    office.join("eve@x.example", name="Eve Carla")
    search = desk.all("carl")
    assert desk.emails() == ["carla.moreno@x.example", "dan@x.example"]
    carla, dan = desk.index.view("", ()).rows(0, 2)
    assert (carla.onboarding, carla.mfa, carla.in_database) == ("active", "none", True)
    assert (dan.onboarding, dan.in_database) == (None, False)
    assert (search.found, search.ended, desk.index.partial) == (2, True, True)
    assert "AdminGetUser" not in office.cognito.faults.calls


def test_one_who_is_found_twice_is_shown_once(office: Office, desk: Desk) -> None:
    office.join("ann@x.example", name="Ann", given_name="Ann", family_name="Ann")
    assert desk.all("ann").found == 1
    assert desk.emails() == ["ann@x.example"]


def test_it_stops_at_a_page_and_goes_on_from_there(office: Office, desk: Desk) -> None:
    for number in range(130):
        office.join(f"p{number:03}@x.example", onboarding=None)
    search = desk.reach.search("email:p")
    search.more(Work())
    assert (search.found, search.ended) == (60, False)
    search.more(Work())
    search.more(Work())
    assert (search.found, search.ended) == (130, True)
    assert len(set(desk.emails())) == 130
    search.more(Work())
    assert search.found == 130


def test_statuses_and_switched_off_accounts(office: Office, desk: Desk) -> None:
    office.join("a@x.example", UserStatus.UNCONFIRMED)
    office.join("b@x.example", UserStatus.RESET_REQUIRED)
    off = office.join("c@x.example")
    office.people.disable(off)
    desk.all("status:unconfirmed status:reset_required")
    assert sorted(desk.emails()) == ["a@x.example", "b@x.example"]
    desk.all("enabled:no")
    assert desk.emails() == ["c@x.example"]


def test_the_members_of_a_group(office: Office, desk: Desk) -> None:
    for number in range(70):
        user = office.join(f"g{number:02}@x.example", onboarding=S.ACTIVE if number % 2 else None)
        if number < 65:
            groups(office).add(user.username, "admin")
    search = desk.reach.search("group:admin")
    search.more(Work())
    assert (search.found, search.ended) == (60, False)
    search.more(Work())
    assert (search.found, search.ended, len(set(desk.emails()))) == (65, True, 65)
    assert {row.onboarding for row in desk.index.view("", ()).rows(0, 99)} == {"active", None}
    with pytest.raises(AppError) as caught:
        desk.all("group:nobody-knows-it")
    assert caught.value.code is ErrorCode.GROUP_NOT_FOUND


def test_the_database_finds_people_and_cognito_tells_the_rest(office: Office, desk: Desk) -> None:
    for name, status in (("a", S.PENDING_MFA), ("b", S.ACTIVE), ("c", S.PENDING_MFA), ("d", S.REJECTED)):
        office.join(f"{name}@x.example", onboarding=status)
    with office.database.connection() as connection:
        connection.execute(
            "INSERT INTO auth.users (email, subject, auth_provider, status) VALUES (%s, %s, 'cognito', 'pending_mfa')",
            ("gone@x.example", str(uuid.uuid4())),
        )
    search = desk.all("onboarding:pending_mfa")
    assert sorted(desk.emails()) == ["a@x.example", "c@x.example"]
    assert (search.found, search.strangers) == (2, 1)
    assert {row.onboarding for row in desk.index.view("", ()).rows(0, 9)} == {"pending_mfa"}
    desk.all("onboarding:pending_mfa email:A")
    assert desk.emails() == ["a@x.example"]
    desk.all("-onboarding:pending_mfa")
    assert sorted(desk.emails()) == ["b@x.example", "d@x.example"]


def test_factors_come_from_the_database(office: Office, desk: Desk) -> None:
    for name, method in (("a", "TOTP"), ("b", None), ("c", "sms"), ("d", "")):
        office.join(f"{name}@x.example")
        with office.database.connection() as connection:
            connection.execute("UPDATE auth.users SET mfa_method = %s WHERE email = %s", (method, f"{name}@x.example"))
    found = {}
    for factor in ("totp", "none", "sms"):
        desk.all(f"mfa:{factor}")
        found[factor] = sorted(email[0] for email in desk.emails())
    assert found == {"totp": ["a"], "none": ["b", "d"], "sms": ["c"]}


def test_keyset_pages_miss_nobody(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(25):
        office.join(f"k{number:02}@x.example", onboarding=S.PENDING_APPROVAL)
    search = OnboardingSearch(office.database)
    seen: list[str] = []
    after = None
    while page := search.page(statuses=["pending_approval"], after=after, limit=7):
        seen += [row.email for row in page]
        after = page[-1].id
    assert sorted(seen) == [f"k{number:02}@x.example" for number in range(25)]
    assert search.counts() == {"pending_approval": 25}


def test_a_missing_column_is_named(office: Office, desk: Desk) -> None:
    with office.database.connection() as connection:
        connection.execute("ALTER TABLE auth.users DROP COLUMN mfa_method")
    office.database.check()
    with pytest.raises(AppError, match="no column mfa_method"):
        desk.all("mfa:totp")


def test_cognito_answers_also_while_the_database_is_away(office: Office, desk: Desk) -> None:
    office.join("ann@x.example")
    office.relay.away()
    search = desk.all("ann")
    assert desk.emails() == ["ann@x.example"]
    assert desk.index.view("", ()).rows(0, 1)[0].in_database is None, "nobody knows"
    assert search.database_error is not None
    assert search.database_error.code is ErrorCode.DATABASE_UNREACHABLE
    with pytest.raises(AppError):
        desk.all("onboarding:active")


def test_without_a_database_onboarding_cannot_be_asked(office: Office) -> None:
    desk = Desk(office, database=False)
    office.join("ann@x.example", onboarding=None)
    assert "no application database" in getattr(desk.all("onboarding:active").route, "reason", "")
    desk.all("ann")
    assert desk.emails() == ["ann@x.example"]
    assert desk.index.view("", ()).rows(0, 1)[0].in_database is None
    assert desk.reach.counts() == {}


def test_an_older_search_puts_nothing_into_a_newer_one(office: Office, desk: Desk) -> None:
    office.join("ann@x.example")
    office.join("bob@x.example")
    older = desk.reach.search("ann")
    older.more(Work(), 0)
    desk.all("email:bob")
    older.more(Work())
    assert desk.emails() == ["bob@x.example"]


def test_a_stopped_search_keeps_whom_it_found_and_goes_on(office: Office, desk: Desk) -> None:
    for name in "abcd":
        office.join(f"{name}@x.example", onboarding=S.PENDING_MFA)

    class Soon(Work):
        def _report(self, progress: Progress) -> None:
            if progress.done == 2:
                self.cancel()

    search = desk.reach.search("onboarding:pending_mfa")
    with pytest.raises(Cancelled):
        search.more(Soon())
    assert len(desk.emails()) == 2
    search.more(Work())
    assert sorted(desk.emails()) == [f"{name}@x.example" for name in "abcd"]


def test_all_of_a_search_can_be_found_at_once_unless_another_takes_its_place(office: Office, desk: Desk) -> None:
    for number in range(130):
        office.join(f"p{number:03}@x.example", onboarding=None)
    search = desk.reach.search("email:p")
    search.more(Work())
    search.exhaust(Work())
    assert (search.found, len(desk.emails())) == (130, 130)
    older = desk.reach.search("email:p0")
    older.more(Work(), 0)
    desk.all("email:p1")
    with pytest.raises(AppError) as caught:
        older.exhaust(Work())
    assert caught.value.code is ErrorCode.CONFLICT
    assert len(desk.emails()) == 30


def test_a_failed_page_is_asked_for_again(office: Office, desk: Desk) -> None:
    office.join("ann@x.example")
    search = desk.reach.search("email:ann")
    office.cognito.faults.on("ListUsers", access_denied("cognito-idp:ListUsers"))
    with pytest.raises(AppError):
        search.more(Work())
    office.cognito.faults.clear()
    search.more(Work())
    assert desk.emails() == ["ann@x.example"]


def test_it_waits_where_aws_says_too_fast(office: Office, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.directory.chain._BACKOFF", 0.01)
    office.join("ann@x.example", onboarding=S.PENDING_MFA)
    for text in ("email:ann", "onboarding:pending_mfa"):
        office.cognito.faults.on("ListUsers", throttled(), times=4)
        desk.all(text)
        assert desk.emails() == ["ann@x.example"]


ODD = [
    "100%",
    "a_b",
    "back\\slash",
    "it's",
    'say "hi"',
    "x'; DROP TABLE auth.users; --",
    "$1",
    "%(limit)s",
    "Ünal",
    "{table}",
]


@pytest.mark.parametrize("text", ODD)
def test_texts_reach_the_database_as_they_are(office: Office, text: str) -> None:
    search = OnboardingSearch(office.database)
    with office.database.connection() as connection:
        for name in (text, f"{text} and more", "other", text[:-1] + "?"):
            connection.execute(
                "INSERT INTO auth.users (email, name, auth_provider, status) VALUES (%s, %s, 'cognito', 'active')",
                (f"{name}@x.example", name),
            )
    assert {row.name for row in search.page(name=text)} == {text, f"{text} and more"}
    assert {row.name for row in search.page(email=text.upper(), statuses=["active"])} == {text, f"{text} and more"}
    assert [row.name for row in search.about((), [f"{text}@X.EXAMPLE"])] == [text]


def test_a_text_that_no_database_holds_is_an_error_of_ours(office: Office) -> None:
    with pytest.raises(AppError):
        OnboardingSearch(office.database).page(name="nul\x00")


def test_loading_ends_the_partial_state(office: Office) -> None:
    office.join("ann@x.example")
    office.join("bob@x.example")
    office.index.replace(())
    reach = Reach(office.cognito.users, groups(office), office.index, OnboardingSearch(office.database), 1)
    search = reach.search("ann")
    search.more(Work())
    assert (len(office.index), office.index.partial) == (1, True)
    assert office.people.join_database() is None
    reach.insist()
    office.people.load(Work())
    search.more(Work())
    reach.search("bob").more(Work())
    assert (len(office.index), office.index.partial) == (2, False)


NAMES = st.text(alphabet="\"\\aA '%_*()=^", min_size=1, max_size=12).filter(str.strip) | st.just("\\" * 60 + '"' * 60)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES, NAMES)
def test_what_is_typed_is_what_is_found(office: Office, name: str, other: str) -> None:
    desk = Desk(office)
    one, two = office.join("one@x.example", onboarding=None, name=name), office.join("two@x.example", name=other)
    try:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        desk.all(f'name:"{quoted}"')
        wanted = {email for email, text in (("one@x.example", name), ("two@x.example", other)) if _begins(text, name)}
        assert set(desk.emails()) == wanted
    finally:
        for user in (one, two):
            office.cognito.users.delete(user.username)
        with office.database.connection() as connection:
            connection.execute("DELETE FROM auth.users")


def _begins(text: str, wanted: str) -> bool:
    return text.startswith(wanted) or (wanted == wanted.lower() and text.startswith(wanted.title()))
