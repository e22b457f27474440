"""The client factory: cached, guarded, paced, and clear about what is wrong with a connection."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.aws.clients import Clients
from app.aws.pacing import QuotaCategory, bound
from app.connections import AccessKeys
from app.directory.users import Users
from app.errors import AppError, ErrorCode
from app.work import Cancelled, Work
from tests.services import faults
from tests.services.pools import Pool, pool

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REGION = "eu-central-1"
KEYS = AccessKeys("AKIAIOSFODNN7EXAMPLE", "not-a-secret", None)


@pytest.fixture
def clients() -> Iterator[Clients]:
    made = Clients()
    yield made
    made.reset()


@pytest.fixture
def demo() -> Iterator[Pool]:
    with pool() as running:
        yield running


def everybody(users: Users) -> list[str]:
    found: list[str] = []
    token: str | None = None
    while True:
        page = users.list_page(token)
        found += [user.email for user in page.users]
        token = page.token
        if token is None:
            return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_clients_are_cached_by_connection(clients: Clients) -> None:
    first = clients.cognito(REGION, keys=KEYS)
    assert clients.cognito(REGION, keys=KEYS) is first
    assert clients.cognito("us-east-1", keys=KEYS) is not first
    assert clients.cognito(REGION, keys=KEYS, endpoint="http://127.0.0.1:9") is not first
    clients.reset()
    assert clients.cognito(REGION, keys=KEYS) is not first


def test_the_quota_is_shared_by_credentials_and_region(clients: Clients) -> None:
    rotated = AccessKeys(KEYS.access_key_id, KEYS.secret_access_key, "another session")
    assert clients.pacer(REGION, keys=KEYS) is clients.pacer(REGION, keys=rotated)
    assert clients.pacer(REGION, keys=KEYS) is not clients.pacer("us-east-1", keys=KEYS)
    assert clients.pacer(REGION, keys=KEYS) is not clients.pacer(REGION)


def test_timeouts_and_retry_mode(clients: Clients) -> None:
    config: Any = clients.cognito(REGION, keys=KEYS).meta.config
    assert (config.connect_timeout, config.read_timeout) == (5, 20)
    assert config.retries["mode"] == "standard"


@pytest.mark.parametrize(
    ("region", "endpoint", "field"),
    [
        ("", None, "region"),
        ("not a region", None, "region"),
        (REGION, "no address", "endpoint"),
        (REGION, "localhost:5000", "endpoint"),
    ],
)
def test_what_is_no_region_or_no_endpoint_is_refused_by_field(
    clients: Clients, region: str, endpoint: str | None, field: str
) -> None:
    with pytest.raises(AppError) as caught:
        clients.cognito(region, endpoint=endpoint, keys=KEYS)
    assert caught.value.code is ErrorCode.INVALID_INPUT
    assert set(caught.value.fields) == {field}


def test_an_unknown_profile_is_named(clients: Clients) -> None:
    for call in (lambda: clients.cognito(REGION, profile="ops"), lambda: clients.identity(profile="ops")):
        with pytest.raises(AppError) as caught:
            call()
        assert caught.value.code is ErrorCode.CREDENTIALS_MISSING
        assert "ops" in caught.value.fields["profile"]


def test_a_broken_aws_file_is_named(clients: Clients, tmp_path: Path) -> None:
    (tmp_path / "aws-config").write_text("[profile x\nbroken")
    with pytest.raises(AppError) as caught:
        clients.cognito(REGION, profile="x")
    assert caught.value.code is ErrorCode.NOT_CONFIGURED
    assert "aws-config" in caught.value.message


def test_credentials_are_identified_without_the_network(
    clients: Clients, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert clients.identity().method is None
    assert clients.identity(keys=KEYS).words == "access keys of this connection"
    (tmp_path / "aws-credentials").write_text(
        "[ops]\naws_access_key_id=AKIAOPSOPSOPSOPS1234\naws_secret_access_key=x\n"
    )
    report = clients.identity(profile="ops")
    assert (report.method, report.key_hint) == ("shared-credentials-file", "…1234")
    (tmp_path / "aws-config").write_text(
        "[profile role]\nrole_arn=arn:aws:iam::123456789012:role/x\nsource_profile=ops\n"
    )
    assert clients.identity(profile="role").method == "assume-role"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENVENVENVENV5678")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    report = clients.identity()
    assert (report.method, report.key_hint) == ("env", "…5678")
    assert "not-a-secret" not in repr(report)


def test_without_credentials_the_first_call_says_so(clients: Clients) -> None:
    users = Users(clients.cognito(REGION, endpoint=f"http://127.0.0.1:{free_port()}"), "eu-central-1_x")
    with pytest.raises(AppError) as caught:
        users.list_page()
    assert caught.value.code is ErrorCode.CREDENTIALS_MISSING


def test_credentials_that_appear_later_are_found(clients: Clients, demo: Pool, tmp_path: Path) -> None:
    def users() -> Users:
        return Users(clients.cognito(demo.demo.region, endpoint=demo.demo.endpoint), demo.demo.pool_id)

    with pytest.raises(AppError):
        users().list_page()
    key, secret = demo.keys.access_key_id, demo.keys.secret_access_key
    (tmp_path / "aws-credentials").write_text(f"[default]\naws_access_key_id={key}\naws_secret_access_key={secret}\n")
    assert users().list_page().users == ()


def test_an_unreachable_endpoint_fails_fast_and_clearly(clients: Clients) -> None:
    port = free_port()
    users = Users(clients.cognito(REGION, endpoint=f"http://127.0.0.1:{port}", keys=KEYS), "eu-central-1_x")
    began = time.monotonic()
    with pytest.raises(AppError) as caught:
        users.list_page()
    assert time.monotonic() - began < 3
    assert caught.value.code is ErrorCode.UNREACHABLE
    assert f"No connection to 127.0.0.1:{port}" in caught.value.message
    with pytest.raises(AppError) as changing:
        users.disable("ada")
    assert changing.value.code is ErrorCode.UNREACHABLE
    assert "is not known" not in changing.value.message


def test_https_against_a_port_without_it_is_explained(clients: Clients, demo: Pool) -> None:
    endpoint = demo.demo.endpoint.replace("http:", "https:")
    users = Users(clients.cognito(REGION, endpoint=endpoint, keys=KEYS), "eu-central-1_x")
    with pytest.raises(AppError) as caught:
        users.list_page()
    assert caught.value.code is ErrorCode.UNREACHABLE
    assert "secure connection" in caught.value.message


def test_a_body_cut_short_is_asked_for_again_and_nobody_is_missing(demo: Pool) -> None:
    demo.fill(150)
    demo.faults.on("ListUsers", faults.cut_body(40), times=2)
    found = everybody(demo.users)
    assert len(found) == len(set(found)) == 150
    assert demo.calls("ListUsers") == 5


def test_a_body_cut_short_every_time_is_an_error_not_an_empty_pool(demo: Pool) -> None:
    demo.fill(10)
    demo.faults.on("ListUsers", faults.cut_body(40))
    with pytest.raises(AppError) as caught:
        demo.users.list_page()
    assert caught.value.code is ErrorCode.BAD_RESPONSE
    assert "damaged" in caught.value.message


@pytest.mark.parametrize("body", [b"<html>Welcome to the hotel</html>", b"[]", b"null", b""])
def test_a_stranger_that_answers_200_is_not_taken_for_cognito(demo: Pool, body: bytes) -> None:
    def stranger(_: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/html")])
        return [body]

    demo.faults.on("ListUsers", stranger)
    with pytest.raises(AppError) as caught:
        demo.users.list_page()
    assert caught.value.code is ErrorCode.BAD_RESPONSE


def test_throttling_is_recovered_and_every_attempt_is_counted(demo: Pool) -> None:
    demo.fill(1)
    demo.faults.on("ListUsers", faults.throttled(429), times=1)
    demo.faults.on("ListUsers", faults.throttled(400), times=1)
    began = time.monotonic()
    assert everybody(demo.users) == ["person-0000@example.com"]
    assert demo.calls("ListUsers") == 3
    assert time.monotonic() - began > 0.9  # the category rested half a second after each
    assert demo.pacer.usage()[QuotaCategory.USER_LIST].requests >= 1


def test_throttling_that_does_not_end_is_told(demo: Pool) -> None:
    demo.faults.on("ListUsers", faults.throttled())
    with pytest.raises(AppError) as caught:
        demo.users.list_page()
    assert caught.value.code is ErrorCode.THROTTLED
    assert caught.value.retryable


def test_two_clients_of_one_connection_share_the_rate(demo: Pool) -> None:
    demo.pacer.set_share(QuotaCategory.USER_LIST, 0.1)
    again = Users(
        demo.clients.cognito(demo.demo.region, endpoint=demo.demo.endpoint, keys=demo.keys), demo.demo.pool_id
    )
    began = time.monotonic()
    demo.users.list_page()
    again.list_page()
    assert time.monotonic() - began >= 1 / 3 - 0.02


def test_a_call_that_waits_for_its_turn_can_be_cancelled(demo: Pool) -> None:
    demo.pacer.set_share(QuotaCategory.USER_LIST, 0.01)
    demo.users.list_page()
    work = Work()
    work.cancel()
    with bound(work), pytest.raises(Cancelled):
        demo.users.list_page()
    assert demo.calls("ListUsers") == 1


def test_an_operation_that_is_not_listed_is_never_sent(demo: Pool) -> None:
    with pytest.raises(AppError) as caught:
        demo.client.delete_user_pool(UserPoolId=demo.demo.pool_id)
    assert caught.value.code is ErrorCode.INTERNAL
    assert demo.calls("DeleteUserPool") == 0


def test_one_denied_operation_names_its_permission_and_the_rest_works(demo: Pool) -> None:
    demo.faults.on("ListUsers", faults.access_denied("cognito-idp:ListUsers"))
    with pytest.raises(AppError) as caught:
        demo.users.list_page()
    assert (caught.value.code, caught.value.subject) == (ErrorCode.ACCESS_DENIED, "cognito-idp:ListUsers")
    assert demo.pools.describe().name == "harbour-demo"


def test_a_proxys_page_is_not_quoted(demo: Pool) -> None:
    demo.faults.on("ListUsers", faults.bad_gateway())
    with pytest.raises(AppError) as caught:
        demo.users.list_page()
    assert caught.value.code is ErrorCode.BAD_RESPONSE
    assert "HTTP 502" in caught.value.message
    assert "<html>" not in caught.value.message
    assert demo.calls("ListUsers") == 3


def test_keys_do_not_show_in_errors_or_representations(demo: Pool) -> None:
    shown = repr(demo.keys) + repr(demo.clients) + json.dumps(str(vars(demo.clients)))
    assert demo.demo.secret_access_key not in shown
