"""A relay in front of a real PostgreSQL that can go away, come back, and fall silent: the network's faults."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType

from psycopg.conninfo import conninfo_to_dict, make_conninfo


class Relay:
    """Listens on a loopback port and forwards to the server of `conninfo`. Use as a context manager."""

    def __init__(self, conninfo: str) -> None:
        parameters = conninfo_to_dict(conninfo)
        self._host = str(parameters["host"])
        self._server_port = int(str(parameters["port"]))
        self._listener: socket.socket | None = None
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._guard = threading.Lock()
        self._flowing = threading.Event()
        self._flowing.set()
        self.port = 0
        self.back()
        self.conninfo = make_conninfo(conninfo, host="127.0.0.1", port=str(self.port), sslmode="disable")

    def back(self) -> None:
        """Take connections (again), on the same port."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen()
        self.port = listener.getsockname()[1]
        self._listener = listener
        self._start(self._accept, listener)

    def away(self) -> None:
        """Refuse new connections and cut those that exist."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
            # Before the sockets are counted: it may be about to add a pair.
            self._threads[0].join(10)
        self._flowing.set()
        with self._guard:
            sockets, self._sockets = self._sockets, []
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        threads, self._threads = self._threads, []
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()
        for each in sockets:
            each.close()

    def silent(self) -> None:
        """Forward nothing more, but keep every connection: a server that hangs."""
        self._flowing.clear()

    def __enter__(self) -> Relay:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.away()

    def _start(self, work: object, *arguments: socket.socket) -> None:
        assert callable(work)
        thread = threading.Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = self._connect()
            with self._guard:
                self._sockets += [client, server]
            self._start(self._pump, client, server)
            self._start(self._pump, server, client)

    def _connect(self) -> socket.socket:
        if not self._host.startswith("/"):
            return socket.create_connection((self._host, self._server_port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{self._host}/.s.PGSQL.{self._server_port}")
        return server

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._flowing.wait()
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)
