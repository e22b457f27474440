"""The demo's people: the same every time, named stories first, and nobody who contradicts themselves."""

from __future__ import annotations

import base64
import json
import re
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from app.demo.people import DemoPerson, database_only, people
from app.demo.stories import NAMED
from app.directory.models import UserStatus
from app.onboarding.models import OnboardingStatus

NOW = datetime(2026, 11, 22, 10, 42, tzinfo=UTC)
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def crowd() -> list[DemoPerson]:
    return people(3_000, 7, NOW)


def person(email: str) -> DemoPerson:
    return next(p for p in people(len(NAMED), 7, NOW) if p.user.email == email)


def test_same_arguments_give_the_same_people() -> None:
    assert people(200, 7, NOW) == people(200, 7, NOW)
    assert people(200, 8, NOW) != people(200, 7, NOW)
    assert database_only(7, NOW) == database_only(7, NOW)


def test_a_smaller_demo_is_the_beginning_of_a_larger_one() -> None:
    assert people(60, 7, NOW) == people(200, 7, NOW)[:60]
    assert people(3, 7, NOW) == people(200, 7, NOW)[:3]
    assert people(0, 7, NOW) == []


def test_only_the_moment_moves_when_now_moves() -> None:
    earlier, later = people(50, 7, NOW), people(50, 7, NOW + timedelta(days=1))
    assert [p.user.email for p in earlier] == [p.user.email for p in later]
    assert {b.user.created - a.user.created for a, b in zip(earlier, later, strict=True)} == {timedelta(days=1)}


def test_the_names_stay_where_they_are() -> None:
    for seed in (1, 7):
        assert [p.user.email for p in people(4, seed, NOW)] == [
            "carla.moreno@tidewater.example",
            "amira.haddad@northwind.example",
            "b.okafor@northwind.example",
            "d.lindqvist@tidewater.example",
        ]


def test_carla_has_an_expired_temporary_password_and_a_row_that_waits() -> None:
    carla = person("carla.moreno@tidewater.example")
    expiry = carla.user.temporary_password_expiry(7)
    assert expiry is not None
    assert expiry < NOW
    assert carla.user.modified == NOW - timedelta(days=25)
    assert carla.user.email_verified
    assert carla.row is not None
    assert carla.row.status is OnboardingStatus.PENDING_VERIFICATION
    assert not carla.row.email_verified


def test_each_story_is_true_of_its_person() -> None:
    okafor = person("b.okafor@northwind.example").user.temporary_password_expiry(7)
    assert okafor is not None
    assert okafor > NOW

    dag = person("d.lindqvist@tidewater.example")
    assert dag.row is not None
    assert (dag.row.mfa_required, dag.mfa, dag.row.mfa_method) == (True, (), None)

    elif_kaya, fabio = person("elif.kaya@harbour.example"), person("f.rossi@harbour.example")
    assert elif_kaya.row is not None
    assert (elif_kaya.user.enabled, elif_kaya.row.status) == (False, OnboardingStatus.ACTIVE)
    assert fabio.row is not None
    assert (fabio.user.enabled, fabio.row.status) == (True, OnboardingStatus.DISABLED)

    grace = person("grace.mensah@quay.example")
    assert (grace.user.status, grace.mfa, grace.user.phone_verified) == (UserStatus.RESET_REQUIRED, ("sms",), True)

    jana = person("j.petrov@quay.example")
    assert jana.row is not None
    assert (jana.user.email_verified, jana.row.email_verified) == (True, False)

    assert person("kofi.asante@northwind.example").row is None

    nils = person("n.eriksen@tidewater.example").user
    assert (nils.status, nils.email_verified, nils.phone) == (UserStatus.CONFIRMED, False, "")

    samir, tomas = person("samir.noor@tidewater.example"), person("tomas.okoye@quay.example")
    assert samir.row is not None
    assert (samir.mfa, samir.row.mfa_method) == ((), "totp")
    assert tomas.row is not None
    assert tomas.row.subject not in {None, tomas.user.sub}


def test_one_email_occurs_twice_but_for_its_capitals(crowd: list[DemoPerson]) -> None:
    emails = Counter(p.user.email.lower() for p in crowd)
    assert [email for email, times in emails.items() if times > 1] == ["olga.sava@harbour.example"]
    assert len({p.user.email for p in crowd}) == len(crowd)


def test_a_federated_person_is_named_by_the_provider_and_has_no_password() -> None:
    maya = person("maya.singh@tidewater.example")
    assert maya.user.status is UserStatus.EXTERNAL_PROVIDER
    assert maya.password is None
    (identity,) = json.loads(maya.user.attributes["identities"])
    assert maya.user.username == f"{identity['providerName']}_{identity['userId']}"


def test_identifiers_are_unique_and_the_username_is_the_subject(crowd: list[DemoPerson]) -> None:
    assert len({p.user.sub for p in crowd}) == len(crowd)
    assert all(UUID4.fullmatch(p.user.sub) for p in crowd)
    assert all(p.user.username == p.user.sub for p in crowd if p.user.status is not UserStatus.EXTERNAL_PROVIDER)
    rows = [p.row for p in crowd if p.row is not None] + database_only(7, NOW)
    assert len({row.id for row in rows}) == len(rows)
    assert len({row.email for row in rows}) == len(rows)


def test_passwords_satisfy_the_demo_pool(crowd: list[DemoPerson]) -> None:
    for p in crowd:
        if p.user.status is UserStatus.EXTERNAL_PROVIDER:
            assert p.password is None
            continue
        assert p.password is not None
        assert len(p.password) >= 12
        assert all(re.search(kind, p.password) for kind in ("[A-Z]", "[a-z]", "[0-9]", "[^A-Za-z0-9]")), p.password


def test_a_secret_belongs_to_an_authenticator_and_to_one_person(crowd: list[DemoPerson]) -> None:
    for p in crowd:
        assert (p.totp_secret is not None) == ("totp" in p.mfa)
        assert set(p.mfa) <= {"totp", "sms"}
        assert "sms" not in p.mfa or p.user.phone_verified
    secrets = [p.totp_secret for p in crowd if p.totp_secret]
    assert len(set(secrets)) == len(secrets)
    assert len(base64.b32decode(secrets[0])) == 20


def test_nothing_lies_in_the_future_and_nothing_changed_before_it_was_made(crowd: list[DemoPerson]) -> None:
    for p in crowd:
        assert p.user.created <= p.user.modified <= NOW, p
        if p.row is not None:
            assert p.row.created_at is not None
            assert p.row.updated_at is not None
            assert p.row.created_at <= p.row.updated_at <= NOW, p
            if p.row.mfa_enrolled_at is not None:
                assert p.row.created_at <= p.row.mfa_enrolled_at <= p.row.updated_at


def test_every_state_and_factor_has_people_in_believable_shares(crowd: list[DemoPerson]) -> None:
    states = Counter(p.row.status for p in crowd if p.row is not None)
    assert set(states) == set(OnboardingStatus)
    assert 0.58 < states[OnboardingStatus.ACTIVE] / len(crowd) < 0.74
    factors = Counter(p.mfa for p in crowd)
    assert 0.5 < factors[("totp",)] / len(crowd) < 0.75
    assert factors[("sms",)] > 0
    organisations = Counter(p.user.attributes["custom:organizationId"] for p in crowd)
    assert set(organisations) == {"harbour", "northwind", "tidewater", "quay"}
    assert {p.user.attributes["custom:role"] for p in crowd} == {"user", "support", "admin"}
    assert all(re.fullmatch(r"[a-zA-Z0-9.-]+@[a-zA-Z]+\.example", p.user.email) for p in crowd)


def test_stories_are_one_short_sentence(crowd: list[DemoPerson]) -> None:
    for story in {p.story for p in crowd}:
        assert 10 < len(story) < 110
        assert story.endswith(".")


def test_rows_of_the_database_alone_have_no_user(crowd: list[DemoPerson]) -> None:
    known = {p.user.email.lower() for p in crowd} | {p.user.sub for p in crowd}
    rows = database_only(7, NOW)
    assert rows
    assert not [row for row in rows if row.email.lower() in known or row.subject in known]


def test_ten_thousand_people_come_quickly() -> None:
    began = time.process_time()
    assert len(people(10_000, 7, NOW)) == 10_000
    assert time.process_time() - began < 5  # 0.4 s on the machine it was written on
