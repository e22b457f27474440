"""Turns what botocore raises into AppError. The only place that knows its exceptions; the codes are in rows.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from app.aws.guard import DamagedResponse
from app.aws.operations import OPERATIONS
from app.aws.reasons import fields_of, readable
from app.aws.rows import Row, row_of
from app.errors import AppError, ErrorCode

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

# The answer of a change got lost on the way: whether it was made is unknown. UNREACHABLE is not one of them: it is only
# used where the request was never sent.
ANSWER_LOST: Final = frozenset({ErrorCode.TIMEOUT, ErrorCode.BAD_RESPONSE})

_PERMISSION = re.compile(r"not authorized to perform:?\s+([a-z0-9-]+:[A-Za-z*]+)")
_POOL = re.compile(r"\b([a-z]{2}(?:-[a-z]+)+-\d_[A-Za-z0-9]+)\b")
_PARAMETER = re.compile(r'parameter:? "?(?:input\.)?([A-Za-z]+)')
# The rest of the TLS errors may also come after the request was sent.
_HANDSHAKE = re.compile(r"certificate|handshake|wrong version|unknown protocol|record layer failure", re.IGNORECASE)
_UNKNOWN_OUTCOME = " It is not known whether the change was made."


@contextmanager
def translated(operation: str, subject: str | None = None) -> Iterator[None]:
    """Raise AppError for whatever a botocore call in the block raises. `subject` is the user (or pool) concerned.

    ACCESS_DENIED has the missing IAM action as its subject (`cognito-idp:AdminDeleteUser`), POOL_NOT_FOUND the pool
    where the answer names it. UNREACHABLE means that nothing was sent; after TIMEOUT and BAD_RESPONSE a change may have
    been made.
    """
    from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
    from botocore.parsers import ResponseParserError
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ClientError as exc:
        raise _from_answer(exc, operation, subject) from exc
    except ParamValidationError as exc:
        # Not chained: botocore's text may quote the value, and the value may be a password.
        raise _from_validation(str(exc), operation) from None
    except (BotoCoreError, ResponseParserError, DamagedResponse, HTTPError) as exc:
        raise _from_failure(exc, operation, subject) from exc


def _from_answer(exc: ClientError, operation: str, subject: str | None) -> AppError:
    response = exc.response
    metadata = response.get("ResponseMetadata", {})
    status = metadata.get("HTTPStatusCode", 0)
    request_id = metadata.get("RequestId")
    error = response.get("Error", {})
    code, message = str(error.get("Code") or status), str(error.get("Message") or "")
    # Assuming a role asks STS, inside our call: the missing permission is then one of STS.
    called = exc.operation_name or operation
    row = row_of(code, message, called)
    if row is None:
        row = _unknown_row(code, status)
    elif code == "NotAuthorizedException" and called in _POOL_OPERATIONS and row.code is ErrorCode.USER_STATE:
        row = Row(ErrorCode.ACCESS_DENIED, "AWS refused: the credentials in use lack the permission {permission}.")
    permission = _permission(called, message)
    if row.code is ErrorCode.ACCESS_DENIED and "{permission}" in row.sentence:
        subject = permission
    elif row.code is ErrorCode.POOL_NOT_FOUND and row.field is None and (pool := _POOL.search(message)):
        subject = pool[1]
    text = row.sentence.format(
        who=subject or "this user", reason=readable(message), permission=permission, operation=called, status=status
    )
    if row.code is ErrorCode.ACCESS_DENIED and "explicit deny" in message:
        text += " A policy forbids it explicitly."
    fields = {row.field: text} if row.field else fields_of(message) if row.code is ErrorCode.INVALID_INPUT else {}
    return _error(row, text, operation, subject, request_id=request_id, fields=fields)


_POOL_OPERATIONS = frozenset(
    {"DescribeUserPool", "DescribeUserPoolClient", "GetProvisionedLimit", "GetUserPoolMfaConfig", "ListUsers"}
)


def _unknown_row(code: str, status: int) -> Row:
    if code.isdigit():
        return Row(
            ErrorCode.BAD_RESPONSE,
            "Something else answered in place of Cognito, such as a proxy or a network's sign-in page (HTTP {status}).",
            retryable=True,
        )
    if status >= 500:
        return Row(ErrorCode.SERVICE_ERROR, f"Cognito had an internal error ({code}): {{reason}}", retryable=True)
    return Row(ErrorCode.SERVICE_ERROR, f"Cognito refused with an unfamiliar error ({code}): {{reason}}")


def _permission(operation: str, message: str) -> str:
    named = _PERMISSION.search(message)
    if named is not None:
        return named[1]
    return f"cognito-idp:{operation}" if operation in OPERATIONS else f"sts:{operation}"


def _from_validation(report: str, operation: str) -> AppError:
    names = sorted(set(_PARAMETER.findall(report)))
    shown = ", ".join(names) or "a value"
    message = f"{shown} is missing or not in the form that Cognito takes."
    fields = {"password" if "Password" in name else name[:1].lower() + name[1:]: message for name in names}
    return AppError(ErrorCode.INVALID_INPUT, message, subject=names[0] if names else operation, fields=fields)


def _from_failure(exc: Exception, operation: str, subject: str | None) -> AppError:
    from botocore import exceptions as b

    details: dict[str, object] = getattr(exc, "kwargs", {})
    place = _place(str(details.get("endpoint_url") or ""))
    row, fields = Row(ErrorCode.INTERNAL, f"The AWS library failed unexpectedly ({type(exc).__name__})."), {}
    match exc:
        case DamagedResponse():
            text = f"The answer of Cognito arrived damaged ({exc})."
            row = Row(ErrorCode.BAD_RESPONSE, text, retryable=True)
        case b.SSLError() if not _HANDSHAKE.search(str(exc)):
            text = f"The secure connection to {place} broke off before the answer arrived."
            row = Row(ErrorCode.BAD_RESPONSE, text, retryable=True)
        case b.SSLError() if "certificate" not in str(exc).lower():
            text = (
                f"{place} does not offer a secure connection. The endpoint's https or http, or its port, may be wrong."
            )
            row = Row(ErrorCode.UNREACHABLE, text)
        case b.SSLError():
            text = (
                f"No secure connection to {place}: its certificate is not trusted. Where the company network inspects "
                "traffic, its own certificate must be set (AWS_CA_BUNDLE)."
            )
            row = Row(ErrorCode.UNREACHABLE, text)
        case b.ProxyConnectionError():
            text = "No connection to the network proxy that is set for this computer (HTTPS_PROXY) could be made."
            row = Row(ErrorCode.UNREACHABLE, text, retryable=True)
        case b.EndpointConnectionError() | b.ConnectTimeoutError():
            text = f"No connection to {place} could be made."
            row = Row(ErrorCode.UNREACHABLE, text, retryable=True)
        case b.ReadTimeoutError():
            row = Row(ErrorCode.TIMEOUT, f"{place} did not answer in time.", retryable=True)
        case b.ConnectionError() | b.HTTPClientError():
            text = f"The connection to {place} broke off before the answer arrived."
            row = Row(ErrorCode.BAD_RESPONSE, text, retryable=True)
        case b.ProfileNotFound():
            text = f"The AWS profile {details.get('profile')} does not exist on this computer."
            row, fields = Row(ErrorCode.CREDENTIALS_MISSING, text), {"profile": text}
        case b.NoCredentialsError() | b.PartialCredentialsError() | b.MissingDependencyException():
            text = "Neither the connection nor this computer has complete AWS credentials."
            row = Row(ErrorCode.CREDENTIALS_MISSING, text)
        case b.SSOError() | b.LoginError() | b.TokenRetrievalError() | b.NoAuthTokenError():
            text = "The AWS sign-in of this profile has ended."
            row = Row(ErrorCode.CREDENTIALS_EXPIRED, text)
        case b.CredentialRetrievalError() | b.MetadataRetrievalError() | b.RefreshWithMFAUnsupportedError():
            text = "The AWS credentials could not be fetched from their source."
            row = Row(ErrorCode.CREDENTIALS_INVALID, text)
        case b.ConfigParseError() | b.ConfigNotFound() | b.InvalidConfigError() | b.UnknownCredentialError():
            text = f"The AWS configuration of this computer is not valid: {readable(str(exc))}"
            row = Row(ErrorCode.NOT_CONFIGURED, text)
        case b.NoRegionError() | b.InvalidRegionError() | b.BaseEndpointResolverError():
            text = "This is not a Region of AWS. Regions look like eu-central-1."
            row, fields = Row(ErrorCode.INVALID_INPUT, text), {"region": text}
        case b.EndpointProviderError() | b.InvalidEndpointConfigurationError():
            text = "No address of Cognito follows from this Region and endpoint. Check both."
            row, fields = Row(ErrorCode.INVALID_INPUT, text), {"endpoint": text}
        case b.IncompleteReadError():
            row = Row(ErrorCode.BAD_RESPONSE, "The connection broke off before the answer arrived.", retryable=True)
        case _ if not isinstance(exc, b.BotoCoreError):  # urllib3's own, or a body that botocore cannot parse
            row = Row(ErrorCode.BAD_RESPONSE, "The answer of Cognito could not be read.", retryable=True)
    return _error(row, row.sentence, operation, subject, fields=fields)


def _error(
    row: Row,
    text: str,
    operation: str,
    subject: str | None,
    *,
    request_id: str | None = None,
    fields: dict[str, str] | None = None,
) -> AppError:
    listed = OPERATIONS.get(operation)
    unknown_outcome = listed is not None and listed.changes and row.code in ANSWER_LOST
    return AppError(
        row.code,
        text + _UNKNOWN_OUTCOME if unknown_outcome else text,
        subject=subject,
        retryable=row.retryable and not unknown_outcome,
        request_id=request_id,
        fields=fields,
    )


def _place(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    return parts.netloc.rpartition("@")[2] or "AWS"
