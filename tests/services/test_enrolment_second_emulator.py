"""Assisted enrolment against ministack: its own challenges and codes, IAM policies that take permissions away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.auth import totp
from app.auth.enrolment import Authenticator, Ending, Start
from app.auth.sign_in import Flow
from app.auth.stages import AskEnding, Finished, Scan
from app.changes import Changes
from app.connections import Connection, CredentialSource
from app.directory.access import Access
from app.directory.index import UserIndex
from app.directory.models import User
from app.directory.users import Users
from app.enrolment_run import Enrolment
from app.enrolments import Enrolments
from app.errors import AppError, ErrorCode
from app.journal import Journal
from app.people import People
from app.permissions import Operator, Role
from app.pool.snapshot import Pools
from app.secrets import SecretStore
from tests.services.clinic import OWN, PASSWORD, Phone, at, scan
from tests.services.ministack import REGION, Clerk, Ministack
from tests.services.vault import Vault

ADDRESS = "ada@example.com"


@dataclass
class Place:
    """A pool of ministack, an app client of it, and somebody in it."""

    ministack: Ministack
    pool: str
    journal: Journal

    def client(self, *flows: str, secret: bool = False) -> str:
        made: Any = self.ministack.admin.create_user_pool_client(
            UserPoolId=self.pool,
            ClientName="web",
            GenerateSecret=secret,
            ExplicitAuthFlows=list(flows),  # type: ignore[arg-type]
        )
        return str(made["UserPoolClient"]["ClientId"])

    def mfa(self, mode: str) -> None:
        self.ministack.admin.set_user_pool_mfa_config(
            UserPoolId=self.pool,
            SoftwareTokenMfaConfiguration={"Enabled": True},
            MfaConfiguration=mode,  # type: ignore[arg-type]
        )

    def person(self) -> User:
        users = Users(self.ministack.client(), self.pool)
        made = users.create(ADDRESS, attributes={"email": ADDRESS, "email_verified": "true"}, send_email=False)
        users.set_password(made.username, PASSWORD, permanent=True, status=made.status)
        return users.get(made.username)

    def enrolments(self, client_id: str, clerk: Clerk | None = None) -> Enrolments:
        client = self.ministack.client() if clerk is None else clerk.client
        users, index = Users(client, self.pool), UserIndex()
        changes = Changes(self.journal, Operator("ann", Role.ADMIN), "main", None)
        connection = Connection("main", "Main", REGION, self.pool, client_id, credentials=CredentialSource.KEYS)
        return Enrolments(
            connection=connection,
            client=client,
            pools=Pools(client, self.pool, client_id),
            access=Access(client, self.pool, users),
            upkeep=People(users, changes, index, None).upkeep,
            journal=self.journal,
            secrets=SecretStore(backend=Vault()),
        )

    def signs_in(self, client_id: str, user: User, phone: Phone, password: str = PASSWORD) -> bool:
        """Past the Desk: password, perhaps a new one, and the app's code."""
        asked = self._asked(client_id, user, password)
        if asked.get("ChallengeName") == "NEW_PASSWORD_REQUIRED":
            # This emulator lets people in after it without the second factor: they sign in once more.
            self._answer(client_id, user, asked, NEW_PASSWORD=OWN)
            asked = self._asked(client_id, user, OWN)
        if asked.get("ChallengeName") != "SOFTWARE_TOKEN_MFA":
            return False
        return bool(
            self._answer(client_id, user, asked, SOFTWARE_TOKEN_MFA_CODE=phone.code(1)).get("AuthenticationResult")
        )

    def _asked(self, client_id: str, user: User, password: str) -> Any:
        return self.ministack.admin.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user.username, "PASSWORD": password},
        )

    def _answer(self, client_id: str, user: User, asked: Any, **responses: str) -> Any:
        return self.ministack.admin.respond_to_auth_challenge(
            ClientId=client_id,
            ChallengeName=asked["ChallengeName"],
            Session=asked["Session"],
            ChallengeResponses={"USERNAME": user.username, **responses},
        )


@pytest.fixture
def place(ministack: Ministack, tmp_path: Path) -> Iterator[Place]:
    journal = Journal(tmp_path / "journal.sqlite")
    try:
        with ministack.pool(UsernameAttributes=["email"], AutoVerifiedAttributes=["email"]) as pool:
            yield Place(ministack, pool, journal)
    finally:
        journal.close()


def done(enrolment: Enrolment) -> Phone:
    phone = scan(enrolment)
    enrolment.verify(phone.code())
    return phone


@pytest.mark.parametrize("mode", ["OPTIONAL", "ON"])
def test_with_their_own_password(place: Place, mode: str) -> None:
    user, app = place.person(), place.client("ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
    place.mfa(mode)
    service = place.enrolments(app)
    enrolment = service.begin(service.plan(user), Start.OWN)
    enrolment.sign_in(PASSWORD)
    phone = done(enrolment)
    at(enrolment, Finished)
    service.end(enrolment)
    assert place.signs_in(app, user, phone)
    seen = Users(place.ministack.client(), place.pool).get(user.username)
    assert (seen.factors, seen.preferred_factor) == (("totp",), "totp")


@pytest.mark.parametrize("mode", ["OPTIONAL", "ON"])
def test_with_a_random_password_through_the_admin_flow(place: Place, mode: str) -> None:
    user = place.person()
    app = place.client("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
    place.mfa(mode)
    service = place.enrolments(app)
    enrolment = service.begin(service.plan(user), Start.RANDOM)
    assert enrolment.way.startswith("AdminInitiateAuth")
    phone = done(enrolment)
    assert at(enrolment, AskEnding).ways[Ending.TEMPORARY] is None
    enrolment.hand_over(Ending.TEMPORARY)
    given = at(enrolment, Finished).temporary_password
    service.end(enrolment)
    assert given is not None
    assert place.signs_in(app, user, phone, given)


def test_a_client_secret_is_proved(place: Place) -> None:
    user = place.person()
    app = place.client("ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", secret=True)
    place.mfa("ON")
    service = place.enrolments(app)
    enrolment = service.begin(service.plan(user), Start.OWN)
    enrolment.sign_in(PASSWORD)
    done(enrolment)
    at(enrolment, Finished)


def test_a_policy_without_the_admin_flow_leaves_the_other(place: Place) -> None:
    user = place.person()
    app = place.client("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
    place.mfa("OPTIONAL")
    clerk = place.ministack.clerk()
    clerk.may(["DescribeUserPool", "GetUserPoolMfaConfig", "DescribeUserPoolClient", "AdminSetUserMFAPreference"])
    service = place.enrolments(app, clerk)
    plan = service.plan(user)
    assert plan.flows == (Flow.ADMIN, Flow.USER)
    enrolment = service.begin(plan, Start.OWN)
    enrolment.sign_in(PASSWORD)
    assert enrolment.way.startswith("InitiateAuth")
    phone = done(enrolment)
    at(enrolment, Finished)
    assert place.signs_in(app, user, phone)


def test_without_permission_for_a_random_password_nothing_is_changed(place: Place) -> None:
    user, app = place.person(), place.client("ALLOW_USER_PASSWORD_AUTH")
    place.mfa("OPTIONAL")
    clerk = place.ministack.clerk()
    clerk.may(["DescribeUserPool", "GetUserPoolMfaConfig", "DescribeUserPoolClient"])
    service = place.enrolments(app, clerk)
    with pytest.raises(AppError) as caught:
        service.begin(service.plan(user), Start.RANDOM)
    assert (caught.value.code, caught.value.subject) == (
        ErrorCode.ACCESS_DENIED,
        "cognito-idp:AdminSetUserPassword",
    )
    assert not service.situation(user).unfinished


def test_a_wrong_code_and_a_wrong_password_are_told_apart(place: Place) -> None:
    user, app = place.person(), place.client("ALLOW_USER_PASSWORD_AUTH")
    place.mfa("ON")
    service = place.enrolments(app)
    enrolment = service.begin(service.plan(user), Start.OWN)
    with pytest.raises(AppError) as caught:
        enrolment.sign_in("not this one 1A!")
    assert caught.value.code is ErrorCode.WRONG_PASSWORD
    enrolment.sign_in(PASSWORD)
    made = at(enrolment, Scan)
    assert enrolment._made is not None
    with pytest.raises(AppError) as caught:  # past the Desk's own check: what Cognito itself says
        enrolment._tools.sign_in.verify(enrolment._made, totp.code(made.otp, time.time() + 3_000))
    assert caught.value.code is ErrorCode.CODE_WRONG
    enrolment.verify(scan(enrolment).code())
    at(enrolment, Finished)


def test_broken_off_after_the_code_it_is_finished_without_the_phone(place: Place) -> None:
    user, app = place.person(), place.client("ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
    place.mfa("OPTIONAL")
    service = place.enrolments(app)
    enrolment = service.begin(service.plan(user), Start.OWN)
    enrolment.sign_in(PASSWORD)
    phone = scan(enrolment)
    where = enrolment._where
    enrolment._tools.sign_in.verify(where, phone.code())  # type: ignore[arg-type]
    from app.auth.enrolment import Step
    from app.enrolment_steps import perform

    perform(enrolment._tools.changes, user, Step.VERIFY, lambda: None)
    enrolment.done = (*enrolment.done, Step.VERIFY)
    service.end(enrolment)
    assert service.situation(user).authenticator is Authenticator.VERIFIED
    service.finish(user)
    assert place.signs_in(app, user, phone)
