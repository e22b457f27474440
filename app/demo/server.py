"""A WSGI application on a loopback port. Connections are kept alive and sent without delay; closing frees all threads.

Werkzeug's server is not used: it closes each connection, waits 10 ms after each answer and exits the process when the
port is taken.
"""

from __future__ import annotations

import contextlib
import io
import logging
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOOPBACK = "127.0.0.1"
SOCKET_KEY = "demo.socket"
LARGEST_BODY = 4 * 1024 * 1024

_log = logging.getLogger(__name__)


class LoopbackServer:
    """Serves `application` on 127.0.0.1 from `start` to `close`. Port 0 takes any free one.

    OSError from the constructor means that the port cannot be had.
    """

    def __init__(self, application: WSGIApplication, port: int = 0) -> None:
        self._server = _Server((LOOPBACK, port), application)
        self._thread = threading.Thread(target=self._serve, name="demo-cognito", daemon=True)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._server.server_address[1]

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Stop answering, drop every connection, free the port, and wait for the threads to end."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.drop_connections()
        self._server.server_close()

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.05)


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that server_close waits for them; drop_connections wakes those that idle
    block_on_close = True
    # On Windows the option would let two servers share a port.
    allow_reuse_address = not hasattr(socket, "SO_EXCLUSIVEADDRUSE")
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], application: WSGIApplication) -> None:
        self.application = application
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # HTTPServer's own asks the name server for the host's full name, which can take seconds offline.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def drop_connections(self) -> None:
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):  # already gone
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if isinstance(sys.exception(), ConnectionError | TimeoutError):
            _log.debug("the connection of %s broke", client_address)
        else:
            _log.exception("the demo's server failed")


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one packet

    def do_POST(self) -> None:
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = -1
        if not 0 <= length <= LARGEST_BODY:
            self.close_connection = True
            self._answer("413 Content Too Large", [("Content-Length", "0")], [b""])
            return
        self._run(self.rfile.read(length))

    def do_GET(self) -> None:
        self._run(b"")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: requests are not logged."""

    def _run(self, body: bytes) -> None:
        head: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[..., None]:
            head[:] = [(status, headers)]
            return _no_write

        application: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]] = self.server.application
        try:
            parts = list(application(self._environ(body), start_response))
        except ConnectionError:  # a fault on purpose: the application reset the connection
            self.close_connection = True
            return
        status, headers = head[0]
        self._answer(status, headers, parts)

    def _answer(self, status: str, headers: list[tuple[str, str]], parts: list[bytes]) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        names = {name.lower() for name, _ in headers}
        for name, value in headers:
            self.send_header(name, value)
        body = b"".join(parts)
        if "content-length" not in names:
            self.send_header("Content-Length", str(len(body)))
        if "connection" in names:
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _environ(self, body: bytes) -> WSGIEnvironment:
        address = urlsplit(self.path)
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(address.path, "latin-1"),
            "QUERY_STRING": address.query,
            "SERVER_NAME": LOOPBACK,
            "SERVER_PORT": str(self.server.server_port),
            "SERVER_PROTOCOL": self.request_version,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            SOCKET_KEY: self.connection,
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                environ[f"HTTP_{key}"] = value
        return environ


def _no_write(_: bytes) -> None:
    raise OSError("the legacy write() of WSGI is not offered")
