"""A stand-in for Stripe's API on loopback: customers by address, subscriptions by customer and id, and faults."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "rk_test_stand_in_0123456789"


@dataclass
class StripeStandIn:
    """What the account holds, what was asked, and what to answer instead."""

    address: str = ""
    customers: dict[str, str] = field(default_factory=dict)  # id -> address
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    authorized: list[str] = field(default_factory=list)
    fault: tuple[int, str] | None = None

    def subscribe(self, id: str, email: str, status: str = "active", **metadata: str) -> dict[str, Any]:
        """A customer with a subscription."""
        customer = f"cus_{id}"
        self.customers[customer] = email
        made = {
            "id": id, "object": "subscription", "status": status, "customer": customer, "metadata": metadata,
            "livemode": False,
        }  # fmt: skip
        self.subscriptions[id] = made
        return made

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Status and body, as Stripe has them."""
        if self.fault is not None:
            status, code = self.fault
            error = {"type": "api_error", "code": code, "message": "the key rk_test_stand_in_0123456789 is bad"}
            return status, {"error": error}
        if path == "/v1/customers":
            found = [
                {"id": id, "object": "customer", "email": email}
                for id, email in self.customers.items()
                if email == query["email"]
            ]
            return 200, _list("/v1/customers", found)
        if path == "/v1/subscriptions":
            theirs = [
                self._expanded(each) for each in self.subscriptions.values() if each["customer"] == query["customer"]
            ]
            return 200, _list("/v1/subscriptions", theirs)
        known = self.subscriptions.get(path.removeprefix("/v1/subscriptions/"))
        if known is None:
            return 404, {"error": {"type": "invalid_request_error", "code": "resource_missing", "message": "No such"}}
        return 200, self._expanded(known)

    def _expanded(self, subscription: dict[str, Any]) -> dict[str, Any]:
        id = subscription["customer"]
        return {**subscription, "customer": {"id": id, "object": "customer", "email": self.customers[id]}}


def _list(url: str, data: list[dict[str, Any]]) -> dict[str, Any]:
    return {"object": "list", "url": url, "has_more": False, "data": data}


@contextmanager
def stripe_stand_in() -> Iterator[StripeStandIn]:
    """Serve it until the block ends."""
    made = StripeStandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            made.asked.append((parts.path, query))
            made.authorized.append(self.headers.get("Authorization", ""))
            status, body = made.answer(parts.path, query)
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        made.address = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()
