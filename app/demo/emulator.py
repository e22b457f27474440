"""The whole emulated service: our strict operations on people, moto's on pools, clients and providers.

Imports moto: only a running emulator may import this module, by way of `app.demo.cognito`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from moto.cognitoidp.responses import (
    CognitoIdpJsonWebKeyResponse,
    CognitoIdpOpenIdConfigurationResponse,
    CognitoIdpResponse,
)
from moto.core.exceptions import JsonRESTError

from app.demo.administration import Administration
from app.demo.codes import Codes
from app.demo.grants import Grants
from app.demo.groups import Groups
from app.demo.links import Links
from app.demo.listing import Listing
from app.demo.outbox import Outbox
from app.demo.post import Post
from app.demo.protocol import Answer, Call, JsonProtocol, Operation, Refusal, bad_parameter
from app.demo.selfservice import SelfService
from app.demo.signin import SignIn
from app.demo.traces import Traces
from app.demo.userpool import Clock, DemoBackend

if TYPE_CHECKING:
    from moto.core.responses import ActionResult

# Operation of the Cognito API -> method of moto's responder.
MOTO_OPERATIONS = {
    "CreateUserPool": "create_user_pool",
    "DescribeUserPool": "describe_user_pool",
    "ListUserPools": "list_user_pools",
    "UpdateUserPool": "update_user_pool",
    "DeleteUserPool": "delete_user_pool",
    "SetUserPoolMfaConfig": "set_user_pool_mfa_config",
    "GetUserPoolMfaConfig": "get_user_pool_mfa_config",
    "AddCustomAttributes": "add_custom_attributes",
    "CreateUserPoolDomain": "create_user_pool_domain",
    "DescribeUserPoolDomain": "describe_user_pool_domain",
    "UpdateUserPoolDomain": "update_user_pool_domain",
    "DeleteUserPoolDomain": "delete_user_pool_domain",
    "CreateUserPoolClient": "create_user_pool_client",
    "DescribeUserPoolClient": "describe_user_pool_client",
    "ListUserPoolClients": "list_user_pool_clients",
    "UpdateUserPoolClient": "update_user_pool_client",
    "DeleteUserPoolClient": "delete_user_pool_client",
    "CreateIdentityProvider": "create_identity_provider",
    "DescribeIdentityProvider": "describe_identity_provider",
    "ListIdentityProviders": "list_identity_providers",
    "UpdateIdentityProvider": "update_identity_provider",
    "DeleteIdentityProvider": "delete_identity_provider",
    "CreateResourceServer": "create_resource_server",
    "DescribeResourceServer": "describe_resource_server",
    "ListResourceServers": "list_resource_servers",
}
# Default request rates per second (Amazon Cognito developer guide, "Quotas").
CATEGORY_LIMITS = {
    "UserAuthentication": 120,
    "UserCreation": 50,
    "UserFederation": 25,
    "UserAccountRecovery": 30,
    "UserRead": 120,
    "UserUpdate": 25,
    "UserToken": 120,
    "UserResourceRead": 50,
    "UserResourceUpdate": 25,
    "UserList": 30,
    "UserPoolRead": 15,
    "UserPoolUpdate": 15,
    "UserPoolResourceRead": 20,
    "UserPoolResourceUpdate": 15,
    "UserPoolClientRead": 15,
    "UserPoolClientUpdate": 15,
    "ClientAuthentication": 150,
    "LimitManagement": 1,
}


class Emulator:
    """Cognito in one object. One request at a time: its state is guarded by one lock."""

    def __init__(self, outbox: Outbox, clock: Clock, region: str, account_id: str, keys: tuple[str, str]) -> None:
        self.lock = threading.RLock()
        self.backend = DemoBackend(region, account_id, clock)
        post, codes, grants = Post(outbox, clock), Codes(clock), Grants(clock)
        operations: dict[str, Operation] = {
            name: _from_moto(self.backend, method) for name, method in MOTO_OPERATIONS.items()
        }
        operations["GetProvisionedLimit"] = provisioned_limit
        parts = [part(self.backend, post, codes, grants, clock) for part in (Administration, SelfService, SignIn)]
        self.grants = grants
        own = (Groups(self.backend, clock), Links(self.backend, clock), Traces(self.backend, grants, clock))
        for part in (*parts, Listing(self.backend, clock), *own):
            operations.update(part.operations())
        self.not_enabled: frozenset[str] = frozenset()
        guarded = {name: self._one_at_a_time(name, operation) for name, operation in operations.items()}
        self.application = JsonProtocol(guarded, document, keys, region, refused)

    def _one_at_a_time(self, name: str, operation: Operation) -> Operation:
        def run(call: Call) -> Answer:
            if name in self.not_enabled:
                raise Refusal("OperationNotEnabledException", "The operation is not enabled for this user pool.")
            with self.lock:
                return operation(call)

        return run


class _Responder(CognitoIdpResponse):
    """moto's reading of parameters without its HTTP layer, its account lookup and its global backends."""

    def __init__(self, backend: DemoBackend, params: dict[str, Any]) -> None:
        super().__init__()
        self._backend = backend
        self._params = params

    @property
    def backend(self) -> DemoBackend:
        return self._backend

    @property
    def parameters(self) -> dict[str, Any]:
        return self._params

    def _get_param(self, param_name: str, if_none: Any = None) -> Any:
        value = self._params.get(param_name)
        return if_none if value is None else value


def _from_moto(backend: DemoBackend, method: str) -> Operation:
    def run(call: Call) -> Answer:
        answer: ActionResult | None = getattr(_Responder(backend, dict(call.params)), method)()
        return cast("Answer", answer.result) if answer is not None else None

    return run


def provisioned_limit(call: Call) -> Answer:
    """GetProvisionedLimit."""
    definition = call.table("LimitDefinition")
    category = (definition.get("Attributes") or {}).get("Category", "")
    if definition.get("LimitClass") != "API_CATEGORY":
        raise bad_parameter("LimitClass must be API_CATEGORY.")
    rate = CATEGORY_LIMITS.get(category)
    if rate is None:
        raise Refusal("ResourceNotFoundException", f"There is no API category {category}.")
    return {"Limit": {"LimitDefinition": definition, "ProvisionedLimitValue": rate, "FreeLimitValue": rate}}


def document(path: str, host: str) -> bytes | None:
    """The public documents of a pool: its signing keys, its OpenID configuration."""
    serve: Callable[..., tuple[int, Any, Any]]
    if path.endswith("/.well-known/jwks.json"):
        serve = CognitoIdpJsonWebKeyResponse.serve_json_web_key
    elif path.endswith("/.well-known/openid-configuration"):
        serve = CognitoIdpOpenIdConfigurationResponse.serve_openid_configuration
    else:
        return None
    address = urlsplit(f"http://{host}{path}")
    return cast("bytes", serve(None, address.geturl())[2])


def refused(error: Exception) -> Refusal | None:
    """A refusal of moto's as ours; None for anything else."""
    if isinstance(error, JsonRESTError):
        text = str(json.loads(error.description)["message"])
        return Refusal(error.error_type, text, int(error.code or 400))
    return None
