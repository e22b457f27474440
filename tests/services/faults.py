"""Faults between boto3 and the demo's Cognito, as WSGI middleware. Pass a Faults as `middleware` of DemoCognito."""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from app.demo.server import SOCKET_KEY

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    Fault = Callable[[WSGIApplication, WSGIEnvironment, StartResponse], Iterable[bytes]]


class Faults:
    """Which fault each operation meets. `calls` lists the operations that arrived, in order."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._lock = threading.Lock()
        self._planned: list[tuple[str | None, Fault, int | None]] = []

    def on(self, operation: str | None, fault: Fault, *, times: int | None = None) -> None:
        """Let the next `times` calls of `operation` (None: of any) meet the fault; all of them without `times`."""
        with self._lock:
            self._planned.append((operation, fault, times))

    def clear(self) -> None:
        """From now on everything works."""
        with self._lock:
            self._planned.clear()

    def __call__(self, application: WSGIApplication) -> WSGIApplication:
        def run(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
            fault = self._take(operation)
            if fault is None:
                return application(environ, start_response)
            return fault(application, environ, start_response)

        return run

    def _take(self, operation: str) -> Fault | None:
        with self._lock:
            self.calls.append(operation)
            for index, (name, fault, times) in enumerate(self._planned):
                if name in (None, operation):
                    if times == 1:
                        del self._planned[index]
                    elif times is not None:
                        self._planned[index] = (name, fault, times - 1)
                    return fault
        return None


def latency(seconds: float) -> Fault:
    """The right answer, late."""

    def run(application: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        threading.Event().wait(seconds)
        return application(environ, start_response)

    return run


def refusal(status: int, code: str, message: str = "a planned fault") -> Fault:
    """An error of the service instead of the work."""

    def run(_: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = json.dumps({"__type": code, "message": message}).encode()
        start_response(f"{status} Fault", [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-ErrorType", code)])
        return [body]

    return run


def throttled(status: int = 400) -> Fault:
    """TooManyRequestsException: AWS sends it with 400 and with 429."""
    return refusal(status, "TooManyRequestsException", "Rate exceeded")


def access_denied(action: str) -> Fault:
    """What IAM answers to a user without the permission `action`."""
    who = "arn:aws:iam::123456789012:user/support"
    text = f"User: {who} is not authorized to perform: {action} because no identity-based policy allows it"
    return refusal(400, "AccessDeniedException", text)


def server_error() -> Fault:
    """InternalErrorException with status 500."""
    return refusal(500, "InternalErrorException", "internal error")


def bad_gateway() -> Fault:
    """A proxy's 502 with an HTML page."""

    def run(_: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("502 Bad Gateway", [("Content-Type", "text/html")])
        return [b"<html><body>502 Bad Gateway</body></html>"]

    return run


def cut_body(keep: int = 20) -> Fault:
    """Status 200, the headers right, the work done, and the body cut short before the connection ends."""

    def run(application: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        head: list[Any] = []

        def remember(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[[bytes], object]:
            head[:] = [status, headers]
            return lambda _: None

        body = b"".join(application(environ, remember))
        start_response(head[0], [*head[1], ("Connection", "close")])
        return [body[:keep]]

    return run


def lost_answer() -> Fault:
    """The work is done, then the connection is reset before the answer."""

    def run(application: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        list(application(environ, lambda *_: lambda _: None))
        return _reset(environ)

    return run


def connection_reset() -> Fault:
    """A real TCP reset, and nothing done."""

    def run(_: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return _reset(environ)

    return run


def _reset(environ: WSGIEnvironment) -> Iterable[bytes]:
    connection: socket.socket = environ[SOCKET_KEY]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if os.name == "nt" else "ii", 1, 0))
    # The server's files on this socket keep it open: the descriptor itself has to go for the reset to be sent.
    socket.socket(fileno=connection.detach()).close()
    raise ConnectionResetError("reset on purpose")
