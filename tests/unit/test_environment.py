"""The environment variables of the product make a connection, and a report that shows no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.connections import CredentialSource
from app.database_url import parse
from app.environment import CONNECTION_ID, EnvironmentReport, from_environment
from app.errors import AppError
from app.secrets import SecretStore, database_ref

POOL = {"AUTH_PROVIDER": "cognito", "COGNITO_USER_POOL_ID": "us-east-1_AbCdEfG", "COGNITO_CLIENT_ID": "123abc"}


@pytest.fixture(autouse=True)
def no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)


def shown(report: EnvironmentReport) -> dict[str, str]:
    return {variable.name: variable.shown for variable in report.variables if variable.present}


def test_nothing_set_is_no_connection_and_no_error() -> None:
    report = from_environment({"COGNITO_USER_POOL_ID": "  "})
    assert report.connection is None
    assert report.missing == ("COGNITO_USER_POOL_ID", "COGNITO_CLIENT_ID")
    assert report.problems == ()
    assert shown(report) == {}
    assert report.auth_provider == "local"
    assert report.chain.key == "instance"


def test_the_variables_make_a_connection_of_their_own() -> None:
    report = from_environment(POOL | {"DATABASE_URL": "postgresql://desk@db.example/product"})
    connection = report.connection
    assert connection is not None
    assert (connection.id, connection.read_only_origin) == (CONNECTION_ID, "environment")
    assert (connection.region, connection.pool_id) == ("us-east-1", "us-east-1_AbCdEfG")
    assert connection.client_id == "123abc"
    assert connection.credentials is CredentialSource.DEFAULT
    assert connection.environment == "production"
    assert str(connection.database) == "desk@db.example:5432/product"
    assert report.missing == ()


def test_secrets_are_masked_everywhere() -> None:
    secrets = SecretStore()
    report = from_environment(
        POOL
        | {
            "AWS_ACCESS_KEY_ID": "AKIAHUNTER2HUNTER2AA",
            "AWS_SECRET_ACCESS_KEY": "hunter2secret",
            "AWS_SESSION_TOKEN": "hunter2token",
            "DATABASE_URL": "postgres://desk:hunter2%21@db.example/product?sslmode=require",
        },
        secrets=secrets,
    )
    assert "hunter2" not in repr(report).lower()
    assert shown(report)["DATABASE_URL"] == "desk@db.example:5432/product"
    assert set(shown(report)["AWS_SECRET_ACCESS_KEY"]) == {"•"}
    assert secrets.get(database_ref(CONNECTION_ID)) == "hunter2!"
    assert report.chain.text == "Access keys from the environment (temporary)"


@pytest.mark.parametrize(
    ("variables", "key"),
    [
        ({"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_PROFILE": "p"}, "keys"),
        ({"AWS_ROLE_ARN": "arn:x", "AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_PROFILE": "p"}, "web-identity"),
        ({"AWS_PROFILE": "p", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/c"}, "profile"),
        ({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/c"}, "container"),
        ({}, "instance"),
    ],
)
def test_the_credential_chain_that_would_apply(variables: dict[str, str], key: str) -> None:
    assert from_environment(POOL | variables).chain.key == key


def test_a_shared_credentials_file_counts(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text("[default]")
    assert from_environment(POOL).chain.text == "Profile default of ~/.aws"


@pytest.mark.parametrize(
    ("variables", "part"),
    [
        ({"AWS_ACCESS_KEY_ID": "a"}, "AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not"),
        ({"AWS_SECRET_ACCESS_KEY": "a"}, "AWS_SECRET_ACCESS_KEY is set but AWS_ACCESS_KEY_ID is not"),
        ({"AWS_ROLE_ARN": "a"}, "AWS_ROLE_ARN is set but AWS_WEB_IDENTITY_TOKEN_FILE is not"),
        ({"AUTH_PROVIDER": "okta"}, "must be cognito, local or agencio"),
        ({"AWS_REGION": "eu-west-1"}, "AWS_REGION: Region: the pool ID belongs to us-east-1"),
        ({"COGNITO_USER_POOL_ID": "pool"}, "COGNITO_USER_POOL_ID: User pool ID"),
        ({"DATABASE_URL": "mysql://a@b/c"}, "DATABASE_URL: It must start with postgresql://"),
        ({"AWS_ENDPOINT_URL": "http://idp.example"}, "AWS_ENDPOINT_URL: Endpoint: use https"),
    ],
)
def test_what_is_wrong_is_said_with_the_variable(variables: dict[str, str], part: str) -> None:
    (problem,) = from_environment(POOL | variables).problems
    assert part in problem


def test_a_wrong_database_leaves_the_pool_usable() -> None:
    report = from_environment(POOL | {"DATABASE_URL": "postgresql://db.example:port/x"})
    assert report.connection is not None
    assert report.connection.database is None
    assert report.problems


def test_what_the_tool_does_not_use_is_said_plainly() -> None:
    report = from_environment(POOL | {"USE_SECRETS_MANAGER": "true", "SECRETS_PREFIX": "agencio-predict/"})
    assert "does not read AWS Secrets Manager" in report.notes[0]
    (prefix,) = [variable for variable in report.variables if variable.name == "SECRETS_PREFIX"]
    assert prefix.present
    assert "does not read" in prefix.note


@pytest.mark.parametrize(
    ("variables", "stage"),
    [
        ({"NODE_ENV": "development"}, "development"),
        ({"NODE_ENV": "production"}, "production"),
        ({"COGNITO_DESK_ENVIRONMENT": "staging", "NODE_ENV": "production"}, "staging"),
        ({"AWS_ENDPOINT_URL": "http://localhost:4566"}, "development"),
        ({"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://[::1]:4566"}, "development"),
        ({"AWS_ENDPOINT_URL": "http://localhost:4566", "NODE_ENV": "oddity"}, "production"),
    ],
)
def test_the_stage_is_production_unless_something_says_otherwise(variables: dict[str, str], stage: str) -> None:
    connection = from_environment(POOL | variables).connection
    assert connection is not None
    assert connection.environment == stage


def test_a_database_url_is_taken_apart() -> None:
    url = parse(
        "postgresql+psycopg://o%40h:p%3Aw%40@[::1]:6000/a%20b?sslmode=verify-full&sslrootcert=/ca.pem&schema=x&pgbouncer=1"
    )
    assert url.password == "p:w@"
    assert (url.address.user, url.address.host, url.address.port, url.address.name) == ("o@h", "::1", 6000, "a b")
    assert url.address.sslmode == "verify-full"
    assert url.address.options == (("sslrootcert", "/ca.pem"),)
    assert url.ignored == ("schema", "pgbouncer")
    assert "p:w@" not in repr(url)


def test_query_parameters_override_as_in_libpq() -> None:
    url = parse("postgres:///product?host=/run/postgresql&user=desk&password=x&port=5433")
    assert str(url.address) == "desk@/run/postgresql:5433/product"
    assert url.password == "x"
    assert parse("postgres://desk:@h/").password == ""
    assert parse("postgres://desk@h").address.name == "desk"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("postgresql://u:hunter2@h:12x/db", "cannot be read"),
        ("postgresql://u:hunter2@[h/db", "cannot be read"),
        ("postgresql://u:hunter2#3@h/db", "cannot be read"),
        ("postgresql://u:@h/db#hunter2", "%23"),
        ("postgresql://h/db?password=hunter2", "user is missing"),
        ("postgresql://u:hunter2@h/db?sslmode=on", "not one of"),
        ("postgresql://u:hunter2@a,b/db", "one host"),
        ("hunter2", "must start with"),
    ],
)
def test_a_wrong_database_url_is_explained_without_its_password(text: str, part: str) -> None:
    with pytest.raises(AppError) as caught:
        parse(text)
    assert part in caught.value.message
    assert "hunter2" not in str(caught.value) + str(dict(caught.value.fields))
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("provider", "says"),
    [
        ({}, "AUTH_PROVIDER is not set, so the application signs people in with local accounts"),
        ({"AUTH_PROVIDER": "local"}, "AUTH_PROVIDER is local: the application signs people in with local accounts"),
        ({"AUTH_PROVIDER": "Agencio"}, "AUTH_PROVIDER is agencio: the application signs people in through agencio"),
    ],
)
def test_another_provider_is_told_as_it_is(provider: dict[str, str], says: str) -> None:
    pool = {name: value for name, value in POOL.items() if name != "AUTH_PROVIDER"}
    (note,) = from_environment({**pool, **provider}).notes
    assert note.startswith(says)
    assert from_environment(POOL).notes == ()
