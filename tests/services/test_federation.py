"""Accounts at other identity providers: seen, linked, unlinked, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.capabilities import Capability, Hindrance
from app.directory.identities import Identity, Provider, identities_of
from app.directory.models import User, UserStatus
from app.errors import AppError, ErrorCode
from app.permissions import Action, Role
from tests.services import faults
from tests.services.office import Office, opened
from tests.services.pools import Pool, person, pool

GOOGLE_ID = "108204268033311374519"


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        yield running


@pytest.fixture
def office(cognito: Pool, auth_database: str, tmp_path: Path) -> Iterator[Office]:
    with opened(cognito, auth_database, tmp_path) as made:
        yield made


def google_user(office: Office) -> User:
    """Somebody whom Cognito made when they signed in through Google."""
    made = person("maya@example.com", UserStatus.EXTERNAL_PROVIDER)
    identities = [{"userId": GOOGLE_ID, "providerName": "Google", "providerType": "Google", "primary": True}]
    attributes = {**made.user.attributes, "identities": json.dumps(identities)}
    user = replace(made.user, username=f"Google_{GOOGLE_ID}", attributes=attributes)
    office.cognito.demo.fill([replace(made, user=user)])
    return user


def test_the_providers_of_the_pool_are_listed_and_where_not_why(office: Office) -> None:
    assert office.federation().providers() == (Provider("Google", "Google"),)
    office.cognito.faults.on("ListIdentityProviders", faults.access_denied("cognito-idp:ListIdentityProviders"))
    denied = office.federation().providers()
    assert isinstance(denied, Capability)
    assert denied.hindrance is Hindrance.PERMISSION


def test_an_account_elsewhere_is_linked_and_the_link_taken_back(office: Office) -> None:
    bob, federation = office.join(), office.federation()
    linked = federation.link(bob, "Google", f" {GOOGLE_ID} ")
    (identity,) = federation.of(linked.value)
    assert (identity.provider, identity.user_id, identity.primary) == ("Google", GOOGLE_ID, False)
    assert identity.linked is not None
    assert abs((datetime.now(UTC) - identity.linked).total_seconds()) < 60
    entry = office.last()
    assert (entry.action, entry.details["provider"], entry.details["account"]) == (
        Action.LINK_IDENTITY,
        "Google",
        GOOGLE_ID,
    )
    assert linked.undo is not None
    linked.undo.run()
    assert identities_of(office.seen(bob)) == ()
    assert office.last().action is Action.UNLINK_IDENTITY


def test_links_whose_answers_were_lost_are_told_as_made(office: Office) -> None:
    bob, federation = office.join(), office.federation()
    for operation in ("AdminLinkProviderForUser", "AdminDisableProviderForUser"):
        office.cognito.faults.on(operation, faults.lost_answer(), times=1)
    linked = federation.link(bob, "Google", GOOGLE_ID).value
    (identity,) = identities_of(office.seen(bob))
    federation.unlink(linked, identity)
    assert identities_of(office.seen(bob)) == ()


def test_a_federated_person_gets_a_second_identity_and_keeps_the_first(office: Office) -> None:
    maya, federation = google_user(office), office.federation()
    first, second = federation.of(federation.link(maya, "Google", "42").value)
    assert (first.primary, second.primary, second.user_id) == (True, False, "42")
    with pytest.raises(AppError) as caught:
        federation.unlink(maya, first)
    assert caught.value.code is ErrorCode.USER_STATE
    assert office.cognito.calls("AdminDisableProviderForUser") == 0


def test_what_cannot_be_linked_is_told(office: Office) -> None:
    bob, federation = office.join(), office.federation()
    google_user(office)
    refused: tuple[tuple[Any, ErrorCode], ...] = (
        (("", "1"), ErrorCode.INVALID_INPUT),
        (("Google", " "), ErrorCode.INVALID_INPUT),
        (("Google", "1", "email"), ErrorCode.INVALID_INPUT),
        (("Nowhere", "1"), ErrorCode.PROVIDER_NOT_FOUND),
        (("Google", GOOGLE_ID), ErrorCode.INVALID_INPUT),  # has signed in already
    )
    for arguments, code in refused:
        with pytest.raises(AppError) as caught:
            federation.link(bob, *arguments)
        assert caught.value.code is code, arguments
    for number in range(5):
        bob = federation.link(bob, "Google", str(number)).value
    with pytest.raises(AppError) as caught:
        federation.link(bob, "Google", "5")
    assert caught.value.code is ErrorCode.LIMIT_EXCEEDED
    assert len(identities_of(office.seen(bob))) == 5


def test_only_admins_link(office: Office) -> None:
    bob = office.join()
    for role in (Role.SUPPORT, Role.VIEWER):
        for call in (
            lambda federation: federation.link(bob, "Google", "1"),
            lambda federation: federation.unlink(bob, Identity("Google", "1")),
        ):
            attempt: Any = call
            with pytest.raises(AppError) as caught:
                attempt(office.federation(role))
            assert caught.value.code is ErrorCode.NOT_ALLOWED
    assert office.cognito.faults.calls == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["userId", "providerName", "providerType", "primary", "dateCreated", "x"]), inner, max_size=4
    ),
)  # fmt: skip


@given(JSON.map(json.dumps) | st.text(max_size=20))
def test_whatever_the_attribute_holds_is_read_without_a_failure(text: str) -> None:
    user = replace(person("x@example.com").user, attributes={"identities": text})
    for identity in identities_of(user):
        assert identity.user_id
