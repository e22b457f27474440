"""The demo's people leave believable traces, and a few that somebody ought to look into."""

from __future__ import annotations

from datetime import UTC, datetime

from app.demo.people import DemoPerson, people
from app.directory.models import UserStatus

NOW = datetime(2026, 8, 1, 9, tzinfo=UTC)
EVERYBODY = people(400, now=NOW)


def named(name: str) -> DemoPerson:
    return next(person for person in EVERYBODY if person.user.name == name)


def test_the_same_seed_gives_the_same_habits() -> None:
    assert [person.habits for person in people(400, now=NOW)] == [person.habits for person in EVERYBODY]


def test_nothing_lies_before_the_account_or_in_the_future() -> None:
    for person in EVERYBODY:
        for event in person.habits.events:
            assert person.user.created <= event.at, person.user.name
        for session in person.habits.sessions:
            assert session.began <= session.active
        for device in person.habits.devices:
            assert person.user.created <= device.created


def test_somebody_came_in_who_is_not_the_person() -> None:
    risky = [event for event in named("Viktor Halvorsen").habits.events if event.decision != "NoRisk"]
    assert [(event.level, event.result) for event in risky] == [("High", "Pass")]
    assert any(session.place.country == "Chile" for session in named("Viktor Halvorsen").habits.sessions)
    assert any(event.compromised for event in named("Samir Noor").habits.events)
    assert named("Viktor Halvorsen").habits.devices
    assert [event.result for event in named("Dag Lindqvist").habits.events[:5]] == ["Fail"] * 5


def test_who_may_not_or_cannot_sign_in_has_no_session() -> None:
    for person in EVERYBODY:
        if not person.user.enabled or person.user.status not in (UserStatus.CONFIRMED, UserStatus.EXTERNAL_PROVIDER):
            assert person.habits.sessions == ()


def test_federated_people_have_a_managed_login_session_and_a_group_of_their_provider() -> None:
    maya = named("Maya Singh").habits
    assert [session.sso for session in maya.sessions] == [True, False]
    assert maya.sessions[1].through_sso
    assert "google" in maya.groups


def test_there_is_enough_to_see() -> None:
    assert sum(bool(person.habits.devices) for person in EVERYBODY) > 50
    teams = [group for person in EVERYBODY for group in person.habits.groups]
    assert {"dispatch", "finance", "beta-testers", "gate-operators", "google"} <= set(teams)
