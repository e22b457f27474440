"""AWS JSON 1.1 over WSGI: which operation is asked, by whom, and the answer or refusal. Never HTML."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_log = logging.getLogger(__name__)

STATUS = {200: "200 OK", 400: "400 Bad Request", 404: "404 Not Found", 500: "500 Internal Server Error"}

# authtype "none" in botocore's service model: these carry no signature.
_NO_SIGNATURE = (
    "AssociateSoftwareToken ChangePassword CompleteWebAuthnRegistration ConfirmDevice ConfirmForgotPassword "
    "ConfirmSignUp DeleteUser DeleteUserAttributes DeleteWebAuthnCredential ForgetDevice ForgotPassword GetDevice "
    "GetTokensFromRefreshToken GetUser GetUserAttributeVerificationCode GetUserAuthFactors GlobalSignOut "
    "InitiateAuth ListDevices ListUserSessions ListWebAuthnCredentials ResendConfirmationCode "
    "RespondToAuthChallenge RevokeToken RevokeUserSession SetUserMFAPreference SetUserSettings SignUp "
    "StartWebAuthnRegistration UpdateAuthEventFeedback UpdateDeviceStatus UpdateUserAttributes VerifySoftwareToken "
    "VerifyUserAttribute"
)
UNSIGNED = frozenset(_NO_SIGNATURE.split())


class Refusal(Exception):
    """An error answer: the exception's name of the Cognito API, and its message."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def bad_parameter(message: str) -> Refusal:
    """InvalidParameterException."""
    return Refusal("InvalidParameterException", message)


def not_authorized(message: str) -> Refusal:
    """NotAuthorizedException."""
    return Refusal("NotAuthorizedException", message)


class Call:
    """The parameters of one request, read with their types checked."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.params = params

    def text(self, name: str) -> str:
        """A required string; Refusal if it is absent."""
        value = self.option(name)
        if not value:
            field = name[:1].lower() + name[1:]
            raise bad_parameter(
                f"1 validation error detected: Value null at '{field}' failed to satisfy constraint: "
                "Member must not be null"
            )
        return value

    def option(self, name: str) -> str | None:
        """An optional string."""
        value = self.params.get(name)
        if value is not None and not isinstance(value, str):
            raise Refusal("SerializationException", f"{name} must be a string")
        return value

    def table(self, name: str) -> dict[str, Any]:
        """An optional map; empty if absent."""
        value = self.params.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise Refusal("SerializationException", f"{name} must be a map")
        return value

    def attributes(self, name: str = "UserAttributes") -> dict[str, str]:
        """A list of Name and Value as a dictionary; an absent Value is empty."""
        rows = self.params.get(name) or []
        if not isinstance(rows, list) or not all(isinstance(row, dict) and "Name" in row for row in rows):
            raise Refusal("SerializationException", f"{name} must be a list of Name and Value")
        return {str(row["Name"]): str(row.get("Value", "")) for row in rows}

    def limit(self, name: str = "Limit", maximum: int = 60) -> int:
        """A page size from 0 to `maximum`; 0 and absent mean `maximum`."""
        value = self.params.get(name)
        if value is None:
            return maximum
        if not isinstance(value, int) or not 0 <= value <= maximum:
            bound = f"less than or equal to {maximum}" if isinstance(value, int) and value > 0 else "positive"
            raise bad_parameter(
                f"1 validation error detected: Value '{value}' at '{name[:1].lower() + name[1:]}' failed to satisfy "
                f"constraint: Member must have value {bound}"
            )
        return value or maximum


Answer = Mapping[str, Any] | None
Operation = Callable[[Call], Answer]
Document = Callable[[str, str], bytes | None]  # path and host -> JSON


class JsonProtocol:
    """A WSGI application that hands each request to its operation.

    `refused` turns an exception of the emulated library into a Refusal, or returns None for a fault of ours.
    """

    def __init__(
        self,
        operations: Mapping[str, Operation],
        document: Document,
        keys: tuple[str, str],
        region: str,
        refused: Callable[[Exception], Refusal | None],
    ) -> None:
        self._operations = operations
        self._document = document
        self._keys = keys
        self._region = region
        self._refused = refused

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (WSGI)."""
        headers = [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", str(uuid.uuid4()))]
        try:
            status, body = 200, self._answer(environ)
        except Refusal as refusal:
            status = refusal.status
            body = json.dumps({"__type": refusal.code, "message": refusal.message}).encode()
            headers.append(("x-amzn-ErrorType", refusal.code))
        headers.append(("Content-Length", str(len(body))))
        start_response(STATUS[status], headers)
        return [body]

    def _answer(self, environ: WSGIEnvironment) -> bytes:
        if environ["REQUEST_METHOD"] == "GET":
            document = self._document(environ["PATH_INFO"], environ.get("HTTP_HOST", ""))
            if document is None:
                raise Refusal("ResourceNotFoundException", "Nothing is served at this address.", 404)
            return document
        body: bytes = environ["wsgi.input"].read()
        name = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        operation = self._operations.get(name)
        if operation is None:
            raise Refusal("InvalidAction", f"The demo's Cognito does not implement the operation {name or '(none)'}.")
        if name not in UNSIGNED:
            self._authenticate(environ, body)
        try:
            params = json.loads(body or b"{}")
        except ValueError as error:
            raise Refusal("SerializationException", "The request body is not JSON.") from error
        if not isinstance(params, dict):
            raise Refusal("SerializationException", "The request body is not a JSON object.")
        return json.dumps(self._run(name, operation, params) or {}, default=_plain).encode()

    def _run(self, name: str, operation: Operation, params: Mapping[str, Any]) -> Answer:
        try:
            return operation(Call(params))
        except Refusal:
            raise
        except Exception as error:
            refusal = self._refused(error)
            if refusal is None:
                _log.exception("the demo's Cognito failed in %s", name)
                refusal = Refusal("InternalErrorException", "The demo's Cognito failed.", 500)
            raise refusal from error

    def _authenticate(self, environ: WSGIEnvironment, body: bytes) -> None:
        """Check Signature Version 4 against the one known key pair."""
        header = environ.get("HTTP_AUTHORIZATION", "")
        match = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d+)/([^/]+)/([^/]+)/aws4_request, ?"
            r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)",
            header,
        )
        if match is None:
            raise Refusal("MissingAuthenticationTokenException", "Missing Authentication Token")
        access, day, region, service, signed, signature = match.groups()
        if access != self._keys[0]:
            raise Refusal("UnrecognizedClientException", "The security token included in the request is invalid.")
        if region != self._region:
            raise Refusal(
                "InvalidSignatureException", f"Credential should be scoped to a valid region, not '{region}'."
            )
        lines = [environ["REQUEST_METHOD"], environ["PATH_INFO"] or "/", environ.get("QUERY_STRING", "")]
        for key in signed.split(";"):
            cgi = key.upper().replace("-", "_")
            value = environ.get(cgi if cgi == "CONTENT_TYPE" else f"HTTP_{cgi}", "")
            lines.append(f"{key}:{' '.join(value.split())}")
        lines += ["", signed, hashlib.sha256(body).hexdigest()]
        scope = f"{day}/{region}/{service}/aws4_request"
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        to_sign = "\n".join(["AWS4-HMAC-SHA256", environ.get("HTTP_X_AMZ_DATE", ""), scope, digest])
        key_bytes = b"AWS4" + self._keys[1].encode()
        for part in (day, region, service, "aws4_request"):
            key_bytes = hmac.digest(key_bytes, part.encode(), "sha256")
        if not hmac.compare_digest(hmac.digest(key_bytes, to_sign.encode(), "sha256").hex(), signature):
            raise Refusal(
                "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided. "
                "Check your AWS Secret Access Key and signing method.",
            )


def _plain(value: object) -> object:
    """Times as seconds since the epoch, sets as lists."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, set | frozenset):
        return list(value)
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")
