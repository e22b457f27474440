"""The emulator as a server: start, stop, wrong keys, unknown operations, faults, and nothing left behind."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.request import urlopen

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from app.demo.cognito import DemoCognito
from app.demo.outbox import Outbox
from app.errors import AppError, ErrorCode
from tests.services import faults
from tests.services.emulated import Emulated, emulated, refused


@pytest.fixture
def demo() -> Iterator[Emulated]:
    with emulated() as running:
        yield running


def _post(demo: Emulated, target: str, body: bytes = b"{}", **headers: str) -> tuple[int, str, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", int(demo.demo.endpoint.rpartition(":")[2]), timeout=10)
    try:
        operation = {"X-Amz-Target": f"AWSCognitoIdentityProviderService.{target}"}
        connection.request("POST", "/", body, {**operation, **headers})
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], json.loads(answer.read())
    finally:
        connection.close()


def test_an_unimplemented_operation_is_refused_in_json(demo: Emulated) -> None:
    status, kind, answer = _post(demo, "DescribeUserImportJob")
    assert (status, kind, answer["__type"]) == (400, "application/x-amz-json-1.1", "InvalidAction")
    with refused("InvalidAction"):
        demo.client.describe_user_import_job(UserPoolId=demo.pool, JobId="import-1234567890")


def test_a_body_that_is_no_json_is_refused(demo: Emulated) -> None:
    assert _post(demo, "InitiateAuth", b"{")[2]["__type"] == "SerializationException"


def test_a_body_of_the_wrong_shape_is_refused(demo: Emulated) -> None:
    app = demo.app
    bodies = [b"[]", b'{"ClientId": 7}', b'{"ClientId": "%s", "AuthFlow": "X", "AuthParameters": []}' % app.encode()]
    for body in bodies:
        assert _post(demo, "InitiateAuth", body)[0] == 400
    names = json.dumps({"ClientId": app, "Username": "ana@harbour.example", "UserAttributes": ["email"]}).encode()
    assert _post(demo, "SignUp", names)[2]["__type"] == "SerializationException"


def test_a_missing_parameter_is_refused(demo: Emulated) -> None:
    assert _post(demo, "InitiateAuth")[2]["__type"] == "InvalidParameterException"


def test_an_unsigned_admin_call_is_refused(demo: Emulated) -> None:
    assert _post(demo, "AdminGetUser")[2]["__type"] == "MissingAuthenticationTokenException"


@pytest.mark.parametrize(
    ("access", "secret", "region", "code"),
    [
        ("AKIAIOSFODNN7UNKNOWN", "right-or-wrong", "us-east-1", "UnrecognizedClientException"),
        (DemoCognito.access_key_id, "wrong", "us-east-1", "InvalidSignatureException"),
        (DemoCognito.access_key_id, DemoCognito.secret_access_key, "eu-west-1", "InvalidSignatureException"),
    ],
)
def test_wrong_credentials_are_refused(demo: Emulated, access: str, secret: str, region: str, code: str) -> None:
    client = boto3.session.Session().client(
        "cognito-idp",
        region_name=region,
        endpoint_url=demo.demo.endpoint,
        aws_access_key_id=access,
        aws_secret_access_key=secret,
    )
    with refused(code):
        client.describe_user_pool(UserPoolId=demo.pool)
    client.close()


def test_signing_keys_and_openid_configuration_are_served(demo: Emulated) -> None:
    with urlopen(f"{demo.demo.endpoint}/{demo.pool}/.well-known/jwks.json") as answer:
        assert json.load(answer)["keys"][0]["kty"] == "RSA"
    with urlopen(f"{demo.demo.endpoint}/{demo.pool}/.well-known/openid-configuration") as answer:
        assert json.load(answer)["issuer"].endswith(demo.pool)


def test_an_unknown_address_is_not_html(demo: Emulated) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(demo.demo.endpoint.rpartition(":")[2]), timeout=10)
    connection.request("GET", "/nothing")
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["__type"]) == (404, "ResourceNotFoundException")
    connection.close()


def test_close_frees_the_port_and_the_threads() -> None:
    before = threading.active_count()
    with emulated() as demo:
        port = int(demo.demo.endpoint.rpartition(":")[2])
        demo.client.describe_user_pool(UserPoolId=demo.pool)
        idle = socket.create_connection(("127.0.0.1", port))
        assert threading.active_count() > before
        demo.demo.close()
        demo.demo.close()
        assert threading.active_count() == before
        idle.close()
    again = DemoCognito(Outbox(), port)
    again.start()
    assert again.endpoint.endswith(str(port))
    again.close()


def test_a_taken_port_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        demo = DemoCognito(Outbox(), taken.getsockname()[1])
        with pytest.raises(AppError, match="port") as caught:
            demo.start()
    assert caught.value.code is ErrorCode.DEMO_UNAVAILABLE


def test_without_moto_the_demo_says_what_to_install() -> None:
    script = (
        "import sys; sys.modules['moto'] = None\n"
        "from app.demo.cognito import DemoCognito; from app.demo.outbox import Outbox\n"
        "from app.errors import AppError\n"
        "try: DemoCognito(Outbox()).start()\n"
        "except AppError as error: print(error.code, error.message)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith("demo_unavailable")
    assert "cognito-desk[demo]" in done.stdout


def test_the_process_is_left_as_it_was() -> None:
    """No hook of moto in botocore, nothing on stderr, no moto before the start, whatever moto's own switches say."""
    script = (
        "import os, sys\n"
        "os.environ['MOTO_COGNITO_IDP_USER_POOL_ID_STRATEGY'] = 'HASH'; os.environ['MOTO_ACCOUNT_ID'] = '999'\n"
        "before = dict(os.environ)\n"
        "from app.demo.cognito import DemoCognito; from app.demo.outbox import Outbox\n"
        "assert not {'moto', 'boto3', 'botocore'} & set(sys.modules)\n"
        "demo = DemoCognito(Outbox()); demo.start()\n"
        "import boto3, botocore.handlers\n"
        "assert not [h for h in botocore.handlers.BUILTIN_HANDLERS if type(h[1]).__module__.startswith('moto')]\n"
        "client = boto3.session.Session().client('cognito-idp', region_name='us-east-1', endpoint_url=demo.endpoint,\n"
        "    aws_access_key_id=demo.access_key_id, aws_secret_access_key=demo.secret_access_key)\n"
        "pool = client.describe_user_pool(UserPoolId=demo.pool_id)['UserPool']\n"
        "assert pool['Arn'].split(':')[4] == '123456789012'\n"
        "assert client.list_user_pools(MaxResults=10)['UserPools'][0]['Id'] == demo.pool_id\n"
        "client.close(); demo.close(); assert dict(os.environ) == before; print('clean')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("clean\n", "")


def test_two_emulators_share_nothing() -> None:
    with emulated() as one, emulated() as two:
        one.create("ana@harbour.example")
        assert two.client.list_users(UserPoolId=two.pool)["Users"] == []


def test_many_threads_create_each_user_once(demo: Emulated) -> None:
    def create(number: int) -> bool:
        try:
            demo.create(f"person{number % 20}@harbour.example", MessageAction="SUPPRESS")
        except ClientError as error:
            if error.response["Error"]["Code"] != "UsernameExistsException":
                raise
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(create, range(80))) == 20
    assert demo.client.describe_user_pool(UserPoolId=demo.pool)["UserPool"]["EstimatedNumberOfUsers"] == 20


def test_before_the_start_there_is_no_endpoint() -> None:
    with pytest.raises(AppError):
        _ = DemoCognito(Outbox()).endpoint


def test_faults_answer_instead_of_the_work(demo: Emulated) -> None:
    plan = demo.faults.on
    plan("ListUsers", faults.throttled(), times=1)
    plan("ListUsers", faults.throttled(429), times=1)
    plan("ListUsers", faults.access_denied("cognito-idp:ListUsers"), times=1)
    plan("ListUsers", faults.server_error(), times=1)
    codes = []
    for _ in range(4):
        with pytest.raises(ClientError) as caught:
            demo.client.list_users(UserPoolId=demo.pool)
        answer = caught.value.response
        codes.append((answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]))
    assert codes == [
        (400, "TooManyRequestsException"),
        (429, "TooManyRequestsException"),
        (400, "AccessDeniedException"),
        (500, "InternalErrorException"),
    ]
    assert demo.client.list_users(UserPoolId=demo.pool)["Users"] == []
    assert demo.faults.calls == ["ListUsers"] * 5


def test_fault_bad_gateway_concerns_one_operation_only(demo: Emulated) -> None:
    demo.faults.on("DescribeUserPool", faults.bad_gateway())
    with pytest.raises(ClientError, match="502"):
        demo.client.describe_user_pool(UserPoolId=demo.pool)
    demo.client.list_users(UserPoolId=demo.pool)
    demo.faults.clear()
    demo.client.describe_user_pool(UserPoolId=demo.pool)


def test_fault_lost_answer_does_the_work(demo: Emulated) -> None:
    demo.faults.on("AdminCreateUser", faults.lost_answer(), times=1)
    with pytest.raises(ConnectionClosedError):
        demo.create("ana@harbour.example")
    with refused("UsernameExistsException"):
        demo.create("ana@harbour.example")


def test_fault_reset_does_no_work(demo: Emulated) -> None:
    demo.faults.on("AdminCreateUser", faults.connection_reset(), times=1)
    with pytest.raises(ConnectionClosedError):
        demo.create("ana@harbour.example")
    demo.create("ana@harbour.example")


def test_fault_cut_body_has_status_200_and_does_the_work(demo: Emulated) -> None:
    demo.faults.on("AdminCreateUser", faults.cut_body(5), times=1)
    answer: Any = demo.client.admin_create_user(UserPoolId=demo.pool, Username="ana@harbour.example")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert "User" not in answer, "boto3 takes a cut answer for a success without content"
    with refused("UsernameExistsException"):
        demo.create("ana@harbour.example")


def test_fault_cut_body_ends_before_its_length(demo: Emulated) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(demo.demo.endpoint.rpartition(":")[2]), timeout=10)
    demo.faults.on(None, faults.cut_body(5), times=1)
    connection.request("GET", f"/{demo.pool}/.well-known/jwks.json")
    with pytest.raises(http.client.IncompleteRead) as caught:
        connection.getresponse().read()
    assert len(caught.value.partial) == 5
    connection.close()


def test_fault_latency_is_late(demo: Emulated) -> None:
    client = boto3.session.Session().client(
        "cognito-idp",
        region_name="us-east-1",
        endpoint_url=demo.demo.endpoint,
        aws_access_key_id=demo.demo.access_key_id,
        aws_secret_access_key=demo.demo.secret_access_key,
        config=Config(read_timeout=0.3, retries={"total_max_attempts": 1}),
    )
    demo.faults.on("ListUsers", faults.latency(1.0), times=1)
    with pytest.raises(ReadTimeoutError):
        client.list_users(UserPoolId=demo.pool)
    client.close()
