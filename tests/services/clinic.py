"""An emulated pool, a database, a journal and Enrolments on them; and people with phones, whose clocks may be wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from app.auth import totp
from app.auth.enrolment import Ending, Start
from app.auth.stages import AskEnding, Scan
from app.auth.totp import OtpAuth
from app.changes import Changes
from app.connections import Connection, CredentialSource
from app.demo.cognito import SMS_MFA
from app.directory.access import Access
from app.directory.groups import Groups
from app.directory.index import UserIndex
from app.directory.models import User
from app.enrolment_run import Enrolment
from app.enrolments import Enrolments
from app.journal import Entry, Journal
from app.onboarding.database import Database
from app.onboarding.mirror import apply
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.onboarding.users import OnboardingUsers
from app.people import People
from app.permissions import Operator, Role
from app.pool.snapshot import Pools
from app.secrets import SecretStore
from tests.services.pools import Pool
from tests.services.vault import Vault

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

T = TypeVar("T")
BOB = "bob@example.org"
PASSWORD = "Lantern-Quay-4821"
OWN = "Mooring-Buoy-7730"


class Phone:
    """A phone with an authenticator app. `fast` is by how many seconds its clock is ahead."""

    def __init__(self, otp: OtpAuth, fast: float = 0.0) -> None:
        self.otp = otp
        self.fast = fast

    def code(self, steps: int = 0) -> str:
        """What the app shows, `steps` periods from now."""
        return totp.code(self.otp, time.time() + self.fast + steps * self.otp.period)


class Clinic:
    """What support works with."""

    def __init__(self, cognito: Pool, conninfo: str, journal: Journal, *, client_id: str = "") -> None:
        self.cognito = cognito
        self.journal = journal
        self.database = Database(conninfo)
        self.onboarding = OnboardingUsers(self.database)
        self.index = UserIndex()
        self.secrets = SecretStore(backend=Vault())
        self.connection = Connection(
            id="main",
            name="Main",
            region=cognito.demo.region,
            pool_id=cognito.demo.pool_id,
            client_id=client_id or cognito.demo.client_id,
            endpoint=cognito.demo.endpoint,
            credentials=CredentialSource.KEYS,
        )
        self.enrolments = self.of(Role.ADMIN)

    def of(self, role: Role, name: str = "ann", changes: type[Changes] = Changes) -> Enrolments:
        """The enrolments as somebody of this role has them."""
        made = changes(self.journal, Operator(name, role), "main", partial(apply, self.database), target="t")
        self.people = People(
            self.cognito.users,
            made,
            self.index,
            self.onboarding,
            groups=Groups(self.cognito.client, self.connection.pool_id),
        )
        return Enrolments(
            connection=self.connection,
            client=self.cognito.client,
            pools=Pools(self.cognito.client, self.connection.pool_id, self.connection.client_id),
            access=Access(self.cognito.client, self.connection.pool_id, self.cognito.users),
            upkeep=self.people.upkeep,
            journal=self.journal,
            secrets=self.secrets,
        )

    @property
    def aws(self) -> CognitoIdentityProviderClient:
        """A client of nobody's pace, for what the Desk itself never does."""
        return raw_client(self.cognito)

    def join(self, email: str = BOB, status: str = "pending_mfa", *, temporary: bool = False, **more: str) -> User:
        """A person with PASSWORD, in the pool and in the database."""
        attributes = [{"Name": "email_verified", "Value": "true"}]
        attributes += [{"Name": name.replace("__", ":"), "Value": value} for name, value in more.items()]
        answer: Any = self.aws.admin_create_user(
            UserPoolId=self.connection.pool_id,
            Username=email,
            MessageAction="SUPPRESS",
            TemporaryPassword=PASSWORD,
            UserAttributes=attributes,  # type: ignore[arg-type]
        )
        username = answer["User"]["Username"]
        if not temporary:
            self.aws.admin_set_user_password(
                UserPoolId=self.connection.pool_id, Username=username, Password=PASSWORD, Permanent=True
            )
        user = self.cognito.users.get(username)
        self.index.put(user)
        with self.database.connection() as connection:
            connection.execute(
                "INSERT INTO auth.users (email, subject, name, auth_provider, status, email_verified)"
                " VALUES (%s, %s, 'Bob Reed', 'cognito', %s, TRUE)",
                (email, user.sub, status),
            )
        return user

    def through(self, client_id: str) -> None:
        """From now on the connection names another app client."""
        self.connection = replace(self.connection, client_id=client_id)
        self.enrolments = self.of(Role.ADMIN)

    def require_mfa(self, mode: str = "ON") -> None:
        """The pool's MFA mode."""
        self.aws.set_user_pool_mfa_config(
            UserPoolId=self.connection.pool_id,
            SoftwareTokenMfaConfiguration={"Enabled": True},
            SmsMfaConfiguration=SMS_MFA,  # type: ignore[arg-type]
            MfaConfiguration=mode,  # type: ignore[arg-type]
        )

    def app_client(self, *flows: str, secret: bool = False) -> str:
        """Another app client of the pool; its id."""
        answer: Any = self.aws.create_user_pool_client(
            UserPoolId=self.connection.pool_id,
            ClientName="other",
            GenerateSecret=secret,
            ExplicitAuthFlows=list(flows),  # type: ignore[arg-type]
        )
        return str(answer["UserPoolClient"]["ClientId"])

    def begin(self, user: User, start: Start = Start.OWN, password: str = PASSWORD) -> Enrolment:
        """An enrolment that has come to the QR code, or to whatever Cognito asks before it."""
        enrolment = self.enrolments.begin(self.enrolments.plan(user), start)
        if start is Start.OWN:
            enrolment.sign_in(password)
        return enrolment

    def complete(self, enrolment: Enrolment, fast: float = 0.0, ending: Ending = Ending.TEMPORARY) -> Phone:
        """Scan, read the code back, and choose how the person gets a password; the phone."""
        phone = scan(enrolment, fast)
        enrolment.verify(phone.code())
        if isinstance(enrolment.stage, AskEnding):
            enrolment.hand_over(ending)
            self.enrolments.close(enrolment.user)  # and it was read
        self.enrolments.end(enrolment)
        return phone

    def sign_in(self, user: User, password: str = PASSWORD) -> Any:
        """The first answer to the person's own sign-in, past the Desk."""
        return self.aws.initiate_auth(
            ClientId=self.cognito.demo.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user.username, "PASSWORD": password},
        )

    def answer(self, user: User, challenge: Any, **responses: str) -> Any:
        """The person's answer to a challenge."""
        return self.aws.respond_to_auth_challenge(
            ClientId=self.cognito.demo.client_id,
            ChallengeName=challenge["ChallengeName"],
            Session=challenge["Session"],
            ChallengeResponses={"USERNAME": user.username, **responses},
        )

    def signs_in_with(self, user: User, phone: Phone, password: str = PASSWORD) -> bool:
        """Whether the person gets in with the password and the phone's next code, and not without the code."""
        asked = self.sign_in(user, password)
        if asked.get("ChallengeName") == "NEW_PASSWORD_REQUIRED":
            asked = self.answer(user, asked, NEW_PASSWORD=OWN)
        if asked.get("ChallengeName") != "SOFTWARE_TOKEN_MFA":
            return False
        answer = self.answer(user, asked, SOFTWARE_TOKEN_MFA_CODE=phone.code(1))
        return bool(answer.get("AuthenticationResult"))

    def row(self, email: str = BOB) -> DatabaseUser:
        found = self.onboarding.find(email)
        assert found is not None
        return found

    def steps(self) -> list[tuple[str, str]]:
        """The steps in the journal with their states, oldest first."""
        return [(each.details.get("step", each.action.value), each.state.value) for each in self.entries()]

    def entries(self) -> list[Entry]:
        return list(reversed(self.journal.entries(limit=500)))


def at(enrolment: Enrolment, kind: type[T]) -> T:
    """The stage of an enrolment, which must be of this kind."""
    stage = enrolment.stage
    assert isinstance(stage, kind), stage
    return stage


def scan(enrolment: Enrolment, fast: float = 0.0) -> Phone:
    """The phone that has scanned the QR code on show."""
    return Phone(totp.parse(totp.address(at(enrolment, Scan).otp)), fast)


@cache
def _session() -> Any:
    import boto3

    return boto3.session.Session()


_raw: dict[str, CognitoIdentityProviderClient] = {}


def raw_client(cognito: Pool) -> CognitoIdentityProviderClient:
    """One plain boto3 client per emulator."""
    if cognito.demo.endpoint not in _raw:
        _raw[cognito.demo.endpoint] = _session().client(
            "cognito-idp",
            region_name=cognito.demo.region,
            endpoint_url=cognito.demo.endpoint,
            aws_access_key_id=cognito.demo.access_key_id,
            aws_secret_access_key=cognito.demo.secret_access_key,
        )
    return _raw[cognito.demo.endpoint]


@contextmanager
def opened(cognito: Pool, conninfo: str, folder: Path) -> Iterator[Clinic]:
    """A clinic on a pool that the tests of a module share: it is left as it was found."""
    journal = Journal(folder / "journal.sqlite")
    made = Clinic(cognito, conninfo, journal)
    try:
        made.require_mfa("OPTIONAL")
        cognito.faults.calls.clear()
        yield made
    finally:
        cognito.faults.clear()
        made.database.close()
        journal.close()
        for user in cognito.users.list_page().users:
            cognito.users.delete(user.username)


S = OnboardingStatus
