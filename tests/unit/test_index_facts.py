"""One person's fact changes, or people leave the pool, without reading everything again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from app.directory.index import DatabaseFact, UserIndex
from app.directory.models import User, UserStatus

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SORT = (("onboarding", False),)


def person(name: str) -> User:
    attributes = {"sub": f"sub-{name}", "email": f"{name.title()}@harbour.example"}
    return User(name, UserStatus.CONFIRMED, True, NOW, NOW, attributes)


def fact(name: str, status: str, subject: bool = True) -> DatabaseFact:
    return DatabaseFact(f"{name}@harbour.example", f"sub-{name}" if subject else None, status, "totp", False, None)


def loaded() -> UserIndex:
    index = UserIndex()
    index.replace(person(name) for name in ("ada", "bo", "cy"))
    index.join([fact("ada", "active"), fact("bo", "pending_mfa", subject=False)])
    return index


def onboarding(index: UserIndex) -> dict[str, str | None]:
    return {row.username: row.onboarding for row in index.view().rows(0, 10)}


def test_a_newer_fact_takes_the_place_of_the_older_by_subject_and_by_email() -> None:
    index = loaded()
    index.learn(fact("ada", "suspended"))
    index.learn(fact("bo", "active", subject=False))
    assert onboarding(index) == {"ada": "suspended", "bo": "active", "cy": None}


def test_a_fact_about_somebody_new_to_the_database_is_learnt() -> None:
    index = loaded()
    index.learn(fact("cy", "pending_approval"))
    found = index.get("cy")
    assert found is not None
    assert (found.onboarding, found.in_database) == ("pending_approval", True)


def test_a_learnt_fact_stays_with_a_user_who_is_put_again() -> None:
    index = loaded()
    index.learn(fact("ada", "suspended"))
    index.put(replace(person("ada"), enabled=False))
    assert onboarding(index)["ada"] == "suspended"


def test_an_order_by_a_database_column_follows_the_new_fact() -> None:
    index = loaded()
    before = [row.username for row in index.view(sort=SORT).rows(0, 3)]
    index.learn(fact("ada", "suspended"))
    after = [row.username for row in index.view(sort=SORT).rows(0, 3)]
    assert (before, after) == (["ada", "bo", "cy"], ["bo", "ada", "cy"])


def test_before_a_join_there_is_nothing_to_learn() -> None:
    index = UserIndex()
    index.put(person("ada"))
    index.learn(fact("ada", "active"))
    found = index.get("ada")
    assert found is not None
    assert found.in_database is None


def test_those_who_left_the_pool_leave_the_index() -> None:
    index = loaded()
    version = index.version
    index.retain({"ada", "cy", "unknown"})
    assert [row.username for row in index.view().rows(0, 10)] == ["ada", "cy"]
    assert index.version > version


def test_when_nobody_left_nothing_changes() -> None:
    index = loaded()
    version = index.version
    index.retain({"ada", "bo", "cy"})
    assert (len(index), index.version) == (3, version)
