"""The request rate that AWS really enforces, where the credentials may ask for it. Blocking; safe on any thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.aws.translate import translated
from app.errors import AppError

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from app.aws.quotas import QuotaCategory


def enforced_rate(client: CognitoIdentityProviderClient, category: QuotaCategory) -> float | None:
    """Requests per second that the account may send in `category` (GetProvisionedLimit); None where AWS does not tell.

    Never an error: an older SDK, an emulator or a narrow policy keeps nobody from working, the published rate remains;
    and what is wrong beyond that, the call for whose sake this one is made says better.
    """
    ask = getattr(client, "get_provisioned_limit", None)
    if ask is None:
        return None
    try:
        with translated("GetProvisionedLimit", category.value):
            answer = ask(LimitDefinition={"LimitClass": "API_CATEGORY", "Attributes": {"Category": category.value}})
    except AppError:
        return None
    value = answer.get("Limit", {}).get("ProvisionedLimitValue")
    return float(value) if isinstance(value, int | float) and value > 0 else None
