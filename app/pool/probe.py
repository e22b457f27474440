"""Tests a connection step by step, so that each step can be shown as it ends. Runs on any thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.aws.translate import translated
from app.errors import AppError, ErrorCode

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

# After these the next request to the same pool fails in the same way, and maybe as slowly.
HOPELESS = frozenset(
    {
        ErrorCode.UNREACHABLE,
        ErrorCode.TIMEOUT,
        ErrorCode.CREDENTIALS_MISSING,
        ErrorCode.CREDENTIALS_INVALID,
        ErrorCode.CREDENTIALS_EXPIRED,
        ErrorCode.POOL_NOT_FOUND,
    }
)


@dataclass(frozen=True, slots=True)
class ProbeStep:
    """One step of a connection test. `detail` is a sentence for people; `error` says why `ok` is False.

    `skipped`: not tried, because of the step before; `error` is then that step's.
    """

    name: str
    ok: bool
    milliseconds: float
    detail: str
    error: AppError | None = None
    skipped: bool = False


def step(name: str, call: Callable[[], str]) -> ProbeStep:
    """Run one step; `call` returns its detail. An AppError becomes the step's error; anything else is a defect."""
    began = time.perf_counter()
    try:
        detail = call()
    except AppError as error:
        return ProbeStep(name, False, _since(began), error.message, error)
    return ProbeStep(name, True, _since(began), detail)


def probe(client: CognitoIdentityProviderClient, pool_id: str) -> Iterator[ProbeStep]:
    """Test what everything else needs: DescribeUserPool, then ListUsers with one user. Neither is billed."""
    first = step("DescribeUserPool", lambda: _describe(client, pool_id))
    yield first
    if first.error is not None and first.error.code in HOPELESS:
        detail = "Not tried, because the step before failed."
        yield ProbeStep("ListUsers", False, 0.0, detail, first.error, skipped=True)
        return
    yield step("ListUsers", lambda: _list(client, pool_id))


def _describe(client: CognitoIdentityProviderClient, pool_id: str) -> str:
    with translated("DescribeUserPool", pool_id):
        pool = client.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    return f"{pool.get('Name', pool_id)}, about {pool.get('EstimatedNumberOfUsers', 0):,} users"


def _list(client: CognitoIdentityProviderClient, pool_id: str) -> str:
    with translated("ListUsers", pool_id):
        users = client.list_users(UserPoolId=pool_id, Limit=1).get("Users", [])
    return "The users can be read." if users else "The users can be read; the pool has none yet."


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
