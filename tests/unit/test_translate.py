"""Every error that AWS may answer with becomes an AppError whose text a support person understands."""

from __future__ import annotations

import string
from typing import Any

import botocore.session
import pytest
from botocore import exceptions as b
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import ProtocolError

from app.aws.guard import DamagedResponse
from app.aws.operations import OPERATIONS, USED
from app.aws.rows import ROWS, RULES, row_of
from app.aws.translate import translated
from app.errors import AppError, ErrorCode

ENDPOINT = "https://cognito-idp.eu-central-1.amazonaws.com/"


def refusal(code: str, message: str = "", status: int = 400, operation: str = "AdminDeleteUser") -> ClientError:
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "req-1"},
    }
    return ClientError(answer, operation)


def raised(exc: Exception, operation: str = "AdminDeleteUser", subject: str | None = "ada") -> AppError:
    with pytest.raises(AppError) as caught, translated(operation, subject):
        raise exc
    return caught.value


def declared_errors() -> list[tuple[str, str]]:
    model = botocore.session.get_session().get_service_model("cognito-idp")
    return sorted((name, shape.name) for name in USED for shape in model.operation_model(name).error_shapes)


UNDECLARED = (
    "AccessDeniedException",
    "ThrottlingException",
    "ExpiredTokenException",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "RequestExpired",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "MissingAuthenticationToken",
    "OptInRequired",
    "InvalidAction",
    "UnknownOperationException",
    "InternalFailure",
    "ServiceUnavailable",
    "ValidationException",
    "SerializationException",
    "RequestLimitExceeded",
)


def test_the_model_declares_errors_at_all() -> None:
    assert len(declared_errors()) > 100


@pytest.mark.parametrize(("operation", "code"), declared_errors())
def test_every_declared_error_has_a_row(operation: str, code: str) -> None:
    assert code in ROWS
    error = raised(refusal(code, "Some reason", operation=operation), operation)
    assert error.code is not ErrorCode.INTERNAL
    assert error.request_id == "req-1"


@pytest.mark.parametrize("code", UNDECLARED)
def test_undeclared_errors_have_a_row(code: str) -> None:
    assert code in ROWS
    assert raised(refusal(code, "Some reason")).code is not ErrorCode.INTERNAL


def test_every_sentence_can_be_filled_in_and_ends_like_one() -> None:
    known = {"who", "reason", "permission", "operation", "status"}
    for row in [*ROWS.values(), *(rule.row for rule in RULES)]:
        names = {name for _, name, _, _ in string.Formatter().parse(row.sentence) if name}
        assert names <= known, row.sentence
        assert row.sentence.endswith((".", "{reason}")), row.sentence


def test_every_rule_belongs_to_a_row_and_can_apply() -> None:
    for rule in RULES:
        assert rule.error in ROWS
        assert rule.operation is None or rule.operation in OPERATIONS


def test_access_denied_names_the_missing_permission() -> None:
    error = raised(refusal("AccessDeniedException", "User is not authorized", operation="ListUsers"), "ListUsers")
    assert error.code is ErrorCode.ACCESS_DENIED
    assert error.subject == "cognito-idp:ListUsers"
    assert "cognito-idp:ListUsers" in error.message
    assert not error.retryable


def test_access_denied_takes_the_permission_from_the_answer_and_tells_of_an_explicit_deny() -> None:
    message = (
        "User: arn:aws:iam::123456789012:user/kim is not authorized to perform: cognito-idp:AdminDeleteUser on "
        "resource: arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_x with an explicit deny"
    )
    error = raised(refusal("AccessDeniedException", message))
    assert error.subject == "cognito-idp:AdminDeleteUser"
    assert "forbids it explicitly" in error.message


def test_a_role_that_may_not_be_assumed_is_a_permission_of_sts() -> None:
    error = raised(refusal("AccessDenied", "no", 403, operation="AssumeRole"))
    assert error.subject == "sts:AssumeRole"


@pytest.mark.parametrize(
    ("code", "message", "operation", "expected", "says"),
    [
        (
            "InvalidParameterException",
            "Cannot reset password for the user as there is no registered/verified email or phone_number",
            "AdminResetUserPassword",
            ErrorCode.USER_STATE,
            "neither an email address nor a phone number is verified",
        ),
        (
            "NotAuthorizedException",
            "User password cannot be reset in the current state.",
            "AdminResetUserPassword",
            ErrorCode.USER_STATE,
            "resend the invitation",
        ),
        (
            "NotAuthorizedException",
            "User is disabled.",
            "AdminResetUserPassword",
            ErrorCode.USER_STATE,
            "Enable it first",
        ),
        (
            "UnsupportedUserStateException",
            "Resend not possible. User status is CONFIRMED",
            "AdminCreateUser",
            ErrorCode.USER_STATE,
            "Reset the password instead",
        ),
        (
            "InvalidParameterException",
            "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA",
            "AdminSetUserMFAPreference",
            ErrorCode.MFA_NOT_ENABLED,
            "no authenticator app enrolled",
        ),
        (
            "InvalidParameterException",
            "User has not verified software token mfa",
            "AdminSetUserMFAPreference",
            ErrorCode.MFA_NOT_ENABLED,
            "no authenticator app enrolled",
        ),
        (
            "UserNotFoundException",
            "User does not exist.",
            "AdminDisableUser",
            ErrorCode.USER_NOT_FOUND,
            "no such user",
        ),
        ("NotAuthorizedException", "Something new", "AdminDisableUser", ErrorCode.USER_STATE, "Something new."),
        (
            "NotAuthorizedException",
            "Something new",
            "DescribeUserPool",
            ErrorCode.ACCESS_DENIED,
            "cognito-idp:Describe",
        ),
    ],
)
def test_one_code_with_several_meanings_is_told_apart(
    code: str, message: str, operation: str, expected: ErrorCode, says: str
) -> None:
    error = raised(refusal(code, message, operation=operation), operation)
    assert error.code is expected
    assert says in error.message


def test_a_missing_pool_is_named_and_a_missing_client_is_a_field() -> None:
    pool = raised(refusal("ResourceNotFoundException", "User pool eu-central-1_Ab12 does not exist."), subject="ada")
    assert (pool.code, pool.subject) == (ErrorCode.POOL_NOT_FOUND, "eu-central-1_Ab12")
    client = raised(refusal("ResourceNotFoundException", "User pool client abc does not exist."), subject="abc")
    assert client.code is ErrorCode.POOL_NOT_FOUND
    assert set(client.fields) == {"client_id"}


def test_a_password_against_policy_is_an_error_of_its_field_with_the_reason() -> None:
    message = "Password did not conform with policy: Password not long enough"
    error = raised(
        refusal("InvalidPasswordException", message, operation="AdminSetUserPassword"), "AdminSetUserPassword"
    )
    assert error.code is ErrorCode.PASSWORD_POLICY
    assert error.message.startswith("The password does not meet the rules of this pool: ")
    assert "Password not long enough" in error.fields["password"]


def test_an_invalid_email_is_an_error_of_its_field() -> None:
    error = raised(refusal("InvalidParameterException", "Invalid email address format."))
    assert error.code is ErrorCode.INVALID_INPUT
    assert error.fields == {"email": "Invalid email address format."}
    assert error.message.startswith("Cognito did not accept the input: ")


def test_braces_in_the_services_reason_do_no_harm() -> None:
    error = raised(refusal("UserLambdaValidationException", 'PreSignUp failed with {"who": 1}'))
    assert '{"who": 1}' in error.message


def test_an_unknown_code_is_quoted() -> None:
    error = raised(refusal("BrandNewException", "Nobody knows"))
    assert error.code is ErrorCode.SERVICE_ERROR
    assert "BrandNewException" in error.message
    assert "Nobody knows" in error.message
    assert row_of("BrandNewException", "", "ListUsers") is None


def test_an_answer_without_a_code_did_not_come_from_cognito() -> None:
    error = raised(refusal("", "<html>Please sign in</html>", 407, "ListUsers"), "ListUsers")
    assert error.code is ErrorCode.BAD_RESPONSE
    assert "HTTP 407" in error.message
    assert "html" not in error.message


@pytest.mark.parametrize(
    ("exc", "expected", "says"),
    [
        (
            b.EndpointConnectionError(endpoint_url=ENDPOINT, error="refused"),
            ErrorCode.UNREACHABLE,
            "No connection to cognito-idp.eu-central-1.amazonaws.com",
        ),
        (b.ConnectTimeoutError(endpoint_url=ENDPOINT, error="slow"), ErrorCode.UNREACHABLE, "No connection to"),
        (b.ProxyConnectionError(proxy_url="http://u:pw@proxy", error="no"), ErrorCode.UNREACHABLE, "proxy"),
        (
            b.SSLError(endpoint_url=ENDPOINT, error=OSError("CERTIFICATE_VERIFY_FAILED")),
            ErrorCode.UNREACHABLE,
            "certificate is not trusted",
        ),
        (
            b.SSLError(endpoint_url=ENDPOINT, error=OSError("WRONG VERSION NUMBER")),
            ErrorCode.UNREACHABLE,
            "https or http",
        ),
        (b.SSLError(endpoint_url=ENDPOINT, error=OSError("bad record mac")), ErrorCode.BAD_RESPONSE, "broke off"),
        (b.ReadTimeoutError(endpoint_url=ENDPOINT, error="slow"), ErrorCode.TIMEOUT, "did not answer in time"),
        (b.ConnectionClosedError(endpoint_url=ENDPOINT), ErrorCode.BAD_RESPONSE, "broke off"),
        (b.HTTPClientError(error="strange"), ErrorCode.BAD_RESPONSE, "broke off"),
        (DamagedResponse("10 of 20 bytes arrived"), ErrorCode.BAD_RESPONSE, "10 of 20 bytes"),
        (ResponseParserError("no"), ErrorCode.BAD_RESPONSE, "could not be read"),
        (ProtocolError("no"), ErrorCode.BAD_RESPONSE, "could not be read"),
        (b.NoCredentialsError(), ErrorCode.CREDENTIALS_MISSING, "complete AWS credentials"),
        (b.PartialCredentialsError(provider="env", cred_var="x"), ErrorCode.CREDENTIALS_MISSING, "complete AWS"),
        (b.ProfileNotFound(profile="ops"), ErrorCode.CREDENTIALS_MISSING, "ops"),
        (b.UnauthorizedSSOTokenError(), ErrorCode.CREDENTIALS_EXPIRED, "sign-in of this profile has ended"),
        (b.LoginRefreshRequired(), ErrorCode.CREDENTIALS_EXPIRED, "sign-in of this profile has ended"),
        (
            b.CredentialRetrievalError(provider="p", error_msg="m"),
            ErrorCode.CREDENTIALS_INVALID,
            "could not be fetched",
        ),
        (b.ConfigParseError(path="/home/kim/.aws/config"), ErrorCode.NOT_CONFIGURED, "/home/kim/.aws/config"),
        (b.NoRegionError(), ErrorCode.INVALID_INPUT, "Region"),
        (b.InvalidRegionError(region_name="no where"), ErrorCode.INVALID_INPUT, "Region"),
        (b.EndpointResolutionError(msg="no"), ErrorCode.INVALID_INPUT, "endpoint"),
        (b.MD5UnavailableError(), ErrorCode.INTERNAL, "MD5UnavailableError"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_failures_below_the_protocol(exc: Exception, expected: ErrorCode, says: str) -> None:
    error = raised(exc, "ListUsers")
    assert error.code is expected
    assert says in error.message
    assert "pw" not in error.message


def test_a_change_whose_answer_was_lost_is_not_retryable_and_says_so() -> None:
    for exc in (
        b.ReadTimeoutError(endpoint_url=ENDPOINT, error="slow"),
        b.ConnectionClosedError(endpoint_url=ENDPOINT),
    ):
        assert raised(exc, "ListUsers").retryable
        change = raised(exc, "AdminDisableUser")
        assert not change.retryable
        assert "is not known" in change.message


def test_throttling_and_unreachable_may_be_tried_again_also_for_changes() -> None:
    assert raised(refusal("TooManyRequestsException", "Rate exceeded")).retryable
    assert raised(b.EndpointConnectionError(endpoint_url=ENDPOINT, error="refused")).retryable


def test_a_value_that_botocore_refuses_is_not_repeated() -> None:
    report = "Invalid type for parameter Password, value: hunter2, type: <class 'int'>, valid types: <class 'str'>"
    error = raised(b.ParamValidationError(report=report), "AdminSetUserPassword")
    assert error.code is ErrorCode.INVALID_INPUT
    assert set(error.fields) == {"password"}
    assert "hunter2" not in error.message
    assert error.__cause__ is None
    assert error.__suppress_context__


def test_what_is_not_botocores_passes_through() -> None:
    with pytest.raises(ZeroDivisionError), translated("ListUsers"):
        _ = 1 // 0


@pytest.mark.parametrize(
    ("operation", "code", "message", "expected", "field"),
    [
        (
            "InitiateAuth",
            "NotAuthorizedException",
            "Incorrect username or password.",
            ErrorCode.WRONG_PASSWORD,
            "password",
        ),
        ("AdminInitiateAuth", "NotAuthorizedException", "Password attempts exceeded", ErrorCode.LIMIT_EXCEEDED, None),
        (
            "InitiateAuth",
            "NotAuthorizedException",
            "Temporary password has expired and must be reset by an administrator.",
            ErrorCode.PASSWORD_RESET_REQUIRED,
            None,
        ),
        ("InitiateAuth", "NotAuthorizedException", "User is disabled.", ErrorCode.USER_STATE, None),
        (
            "AdminInitiateAuth",
            "InvalidParameterException",
            "Auth flow not enabled for this client",
            ErrorCode.POOL_SETTING,
            "flow",
        ),
        (
            "InitiateAuth",
            "NotAuthorizedException",
            "Unable to verify secret hash for client abc",
            ErrorCode.POOL_SETTING,
            "client_secret",
        ),
        (
            "VerifySoftwareToken",
            "NotAuthorizedException",
            "Invalid session for the user, session is expired.",
            ErrorCode.CHALLENGE_EXPIRED,
            None,
        ),
        ("VerifySoftwareToken", "EnableSoftwareTokenMFAException", "Code mismatch", ErrorCode.CODE_WRONG, "code"),
        ("RespondToAuthChallenge", "CodeMismatchException", "Invalid code", ErrorCode.CODE_WRONG, "code"),
        (
            "RespondToAuthChallenge",
            "ExpiredCodeException",
            "Your software token has already been used once.",
            ErrorCode.CODE_EXPIRED,
            "code",
        ),
        (
            "SetUserMFAPreference",
            "NotAuthorizedException",
            "Access Token has expired",
            ErrorCode.CHALLENGE_EXPIRED,
            None,
        ),
    ],
)
def test_what_signing_in_is_answered_with(
    operation: str, code: str, message: str, expected: ErrorCode, field: str | None
) -> None:
    error = raised(refusal(code, message, operation=operation), operation)
    assert error.code is expected
    assert (field is None and not error.fields) or list(error.fields) == [field]
