"""What Stripe says now, asked with a restricted key that may read customers and subscriptions, nothing else.

Blocking; any thread; raises AppError only, without anything of Stripe's own words: they may quote the key.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Final

from app.errors import AppError, ErrorCode, invalid
from app.onboarding.stripe_events import Subscription, quiet_stripe, read_subscription

SECONDS: Final = 15
_RETRIES: Final = 2
_CUSTOMERS: Final = 20  # of one address; more of them is no person's
_RIGHTS = "It needs to read Customers and Subscriptions, and nothing else."


def check_key(key: str) -> str:
    """The key without white space. AppError(INVALID_INPUT) where it is no restricted key."""
    key = key.strip()
    if key.startswith(("rk_live_", "rk_test_")) and key.isascii() and len(key) > 12:
        return key
    if key.startswith("sk_"):
        raise invalid("stripe_key", f"This is a secret key, which may do anything. Make a restricted one. {_RIGHTS}")
    raise invalid("stripe_key", f"A restricted key begins with rk_live_ or rk_test_. {_RIGHTS}")


class StripeAccount:
    """One account, read only. `address` replaces Stripe's own for tests."""

    def __init__(self, key: str, *, address: str | None = None) -> None:
        key = check_key(key)
        self._stripe: Any = quiet_stripe()
        import requests

        session = requests.Session()
        session.auth = _as_it_is
        self._client: Any = self._stripe.StripeClient(
            key,
            base_addresses={"api": address} if address else None,
            max_network_retries=_RETRIES,
            http_client=self._stripe.RequestsClient(timeout=SECONDS, session=session),
        )
        self.live = key.startswith("rk_live_")

    def subscription(self, id: str) -> Subscription:
        """A subscription as it stands, with its customer's address. AppError(USER_NOT_FOUND) where there is none."""
        with self._translated(id):
            found = self._client.v1.subscriptions.retrieve(id, params={"expand": ["customer"]})
            return read_subscription(found.to_dict())

    def subscriptions_of(self, email: str) -> list[Subscription]:
        """Every subscription of the customers with this address, ended ones too.

        Stripe compares the address as it is spelled, so that it is asked in lower case as well.
        """
        found: dict[str, Subscription] = {}
        for spelled in dict.fromkeys((email, email.lower())):
            with self._translated(email):
                customers = self._client.v1.customers.list(params={"email": spelled, "limit": _CUSTOMERS})
                for customer in customers.data:
                    listed = self._client.v1.subscriptions.list(
                        params={"customer": customer.id, "status": "all", "limit": 100, "expand": ["data.customer"]}
                    )
                    for record in listed.auto_paging_iter():
                        subscription = read_subscription(record.to_dict())
                        found[subscription.id] = subscription
        return list(found.values())

    @contextlib.contextmanager
    def _translated(self, subject: str) -> Iterator[None]:
        stripe = self._stripe
        try:
            yield
        except stripe.AuthenticationError:
            raise _failure(ErrorCode.CREDENTIALS_INVALID, "Stripe does not accept the key.", subject) from None
        except stripe.PermissionError:
            message = f"The key may not do this at Stripe. {_RIGHTS}"
            raise _failure(ErrorCode.ACCESS_DENIED, message, subject) from None
        except stripe.RateLimitError:
            message = "Stripe asks to slow down. Try again in a minute."
            raise _failure(ErrorCode.THROTTLED, message, subject, retryable=True) from None
        except stripe.APIConnectionError:
            message = "Stripe cannot be reached. Check the network and the proxy."
            raise _failure(ErrorCode.UNREACHABLE, message, subject, retryable=True) from None
        except stripe.InvalidRequestError as error:
            if error.code == "resource_missing":
                message = "Stripe knows no such subscription with this key: is it of another account or mode?"
                raise _failure(ErrorCode.USER_NOT_FOUND, message, subject) from None
            raise _failure(ErrorCode.INVALID_INPUT, "Stripe does not understand the question.", subject) from None
        except stripe.StripeError:
            message = "Stripe reported a failure of its own. Try again later."
            raise _failure(ErrorCode.SERVICE_ERROR, message, subject, retryable=True) from None
        except (KeyError, TypeError, ValueError, AttributeError):
            message = "Stripe's answer cannot be understood."
            raise _failure(ErrorCode.BAD_RESPONSE, message, subject, retryable=True) from None


def _failure(code: ErrorCode, message: str, subject: str, *, retryable: bool = False) -> AppError:
    return AppError(code, message, subject=subject, retryable=retryable)


def _as_it_is(request: Any) -> Any:
    """For requests: else it would put what ~/.netrc has for the host in the place of the key."""
    return request
