"""A whole Desk on the demo: what an admin can do to one person, with the stories that are there to be found."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import pytest

from app.capabilities import Capability, Feature
from app.desk import Desk, open_demo
from app.directory.filters import equals
from app.directory.groups import Group
from app.directory.history import AuthEventPage
from app.directory.models import AuthFactors, MfaPreference, User
from app.directory.sessions import SessionKind
from app.errors import AppError, ErrorCode
from app.secrets import SecretStore
from app.settings import Settings
from app.work import Work
from tests.services.vault import Vault


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with tempfile.TemporaryDirectory(prefix="cd-") as folder:
        settings = Settings.load({"COGNITO_DESK_HOME": folder})
        opened = open_demo(Work(), settings=settings, secrets=SecretStore(backend=Vault()), people=120)
        try:
            opened.people.load(Work())
            yield opened
        finally:
            opened.close()


def person(desk: Desk, name: str) -> User:
    found = desk.people.upkeep.users.list_page(filter=equals("name", name)).users
    assert len(found) == 1
    return found[0]


def test_the_demo_offers_everything(desk: Desk) -> None:
    pool = desk.pools.describe()
    told = {feature: desk.security.capabilities.of(feature, pool) for feature in Feature}
    missing = {feature for feature, capability in told.items() if not capability.available}
    assert missing == {Feature.EMAIL}  # the demo's pool sends no codes by email
    assert "does not offer" in told[Feature.EMAIL].reason


def test_the_stranger_at_viktors_account_is_seen_and_put_out(desk: Desk) -> None:
    viktor = person(desk, "Viktor Halvorsen")
    history = desk.security.history(viktor)
    assert isinstance(history, AuthEventPage)
    strange = next(event for event in history.events if event.risky)
    assert (strange.country, strange.level, strange.result) == ("Chile", "High", "Pass")
    sessions = desk.security.sessions(viktor)
    assert not isinstance(sessions, Capability)
    theirs = next(session for session in sessions if session.country == "Chile")
    desk.security.revoke_session(viktor, theirs)
    left = desk.security.sessions(viktor)
    assert not isinstance(left, Capability)
    assert all(session.country != "Chile" for session in left)
    desk.security.sign_out(viktor)
    assert desk.security.sessions(viktor) == ()


def test_maya_signs_in_through_google_and_cannot_be_unlinked_from_it(desk: Desk) -> None:
    maya = person(desk, "Maya Singh")
    (google,) = desk.federation.of(maya)
    assert (google.provider, google.primary) == ("Google", True)
    sessions = desk.security.sessions(maya)
    assert not isinstance(sessions, Capability)
    assert {session.kind for session in sessions} == {SessionKind.SSO, SessionKind.TOKEN}
    assert any(group.name.endswith("_Google") for group in desk.memberships.of(maya))
    with pytest.raises(AppError) as caught:
        desk.federation.unlink(maya, google)
    assert caught.value.code is ErrorCode.USER_STATE
    with pytest.raises(AppError) as caught:
        desk.security.remove_authenticator(maya)
    assert caught.value.code is ErrorCode.USER_STATE


def test_an_administrator_is_in_the_admin_group_and_groups_tell_their_rights(desk: Desk) -> None:
    ada = person(desk, "Ada Byrne")
    assert "admin" in {group.name for group in desk.memberships.of(ada)}
    names = [group.name for group in desk.memberships.all()]
    assert names[:2] == ["admin", "support"]
    members = [user for page in desk.memberships.members("admin", Work()) for user in page.users]
    assert ada.username in {user.username for user in members}


def test_a_lost_phone_is_dealt_with_and_the_person_asked_for_a_factor_again(desk: Desk) -> None:
    amira = person(desk, "Amira Haddad")
    factors = desk.security.factors(amira)
    assert isinstance(factors, AuthFactors)
    assert "totp" in factors.mfa
    removed = desk.security.remove_authenticator(amira)
    assert (removed.value.deleted, removed.mirror) == (True, "done")
    row = desk.people.row(amira)
    assert row is not None
    assert (row.mfa_method, row.mfa_required) == (None, True)
    lifted = desk.security.require_mfa(amira, required=False)
    assert lifted.undo is not None
    again = lifted.undo.run()
    assert (again.value.required, again.value.asked) == (True, False)


def test_inês_is_confirmed_with_her_address_and_moves_on(desk: Desk) -> None:
    ines = person(desk, "Inês Duarte")
    desk.security.confirm(ines, verify_email=True)
    row = desk.people.row(ines)
    assert row is not None
    assert row.status.value == "pending_approval"


def test_every_undo_leads_back(desk: Desk) -> None:
    qin = person(desk, "Qin Zhou")
    before = desk.memberships.of(qin)
    desk.memberships.create(Group("night-shift", "At work when others sleep"))
    joined = desk.memberships.add(qin, Group("night-shift"))
    assert joined.undo is not None
    assert joined.undo.run().value == before
    changed = desk.people.update_attributes(qin, {"name": "Qin Z", "nickname": "Q"})
    assert changed.undo is not None
    assert changed.undo.run().value.name == "Qin Zhou"
    disabled = desk.people.disable(qin)
    assert disabled.undo is not None
    assert disabled.undo.run().value.enabled
    grace = person(desk, "Grace Mensah")  # SMS
    off = desk.people.set_mfa_preference(grace, MfaPreference(sms=False))
    assert off.undo is not None
    off.undo.run()
    factors = desk.security.factors(grace)
    assert isinstance(factors, AuthFactors)
    assert factors.mfa == ("sms",)
    desk.memberships.delete("night-shift")
