"""Secrets in the keyring of the operating system, or in memory for this session only. Never on disk in plain text.

Blocking, but never for ever: a keyring that does not answer in time is treated as unavailable until `probe` is called
again. Safe on any thread. Raises AppError only, and no secret is in any message or representation.
"""

from __future__ import annotations

import importlib
import json
import logging
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from app.connections import AccessKeys
from app.errors import AppError, ErrorCode

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")
Place = Literal["keyring", "session"]

# Only keyrings that encrypt. A plain-text or null backend that somebody installed or configured is not used.
_BACKENDS: dict[str, tuple[tuple[str, str], ...]] = {
    "win32": (("keyring.backends.Windows", "WinVaultKeyring"),),
    "darwin": (("keyring.backends.macOS", "Keyring"),),
    "linux": (("keyring.backends.SecretService", "Keyring"), ("keyring.backends.kwallet", "DBusKeyring")),
}
# Windows holds 1,280 UTF-16 units per secret. Longer ones (session tokens) are stored in pieces, everywhere alike.
_PIECE = 1_200
_ACCOUNT = "cognito-desk"


@dataclass(frozen=True, slots=True)
class KeyringStatus:
    """Whether secrets can be kept, in which keyring, and otherwise why not (a sentence that says what to do)."""

    available: bool
    backend: str | None
    reason: str = ""


def _token(size: int) -> str:
    import secrets  # it brings hashing along: 8 ms that the start need not wait for

    return secrets.token_hex(size)


def keys_ref(connection_id: str) -> str:
    """The reference of a connection's access keys."""
    return f"aws-keys/{connection_id}"


def database_ref(connection_id: str) -> str:
    """The reference of a connection's database password."""
    return f"database/{connection_id}"


def client_secret_ref(connection_id: str) -> str:
    """The reference of the secret of a connection's app client."""
    return f"client-secret/{connection_id}"


def stripe_key_ref(connection_id: str) -> str:
    """The reference of a restricted key of the Stripe account whose subscriptions activate people."""
    return f"stripe-key/{connection_id}"


def stripe_endpoint_ref(connection_id: str) -> str:
    """The reference of the signing secret of the application's webhook endpoint at Stripe."""
    return f"stripe-endpoint/{connection_id}"


class SecretStore:
    """Secrets by reference. `session` ones live in memory and shadow what the keyring holds.

    `timeout` (seconds) bounds every call; it is long enough to type the keyring's own password into its prompt.
    """

    def __init__(
        self,
        *,
        service: str = "cognito-desk",
        backend: KeyringBackend | None = None,
        timeout: float = 30.0,
        probe_timeout: float = 8.0,
    ) -> None:
        self._service = service
        self._given = backend
        self._backend: KeyringBackend | None = backend
        self._timeout = timeout
        self._probe_timeout = probe_timeout
        self._memory: dict[str, str] = {}
        self._turn = threading.Lock()  # one call at a time reaches the keyring
        self._stuck: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"SecretStore({self._service!r})"

    def probe(self) -> KeyringStatus:
        """Try the keyring with a real write, read and delete. May make the system ask for the keyring's password."""
        reference = f"probe/{_token(8)}"
        value = _token(8)

        def attempt() -> bool:
            backend = self._find()
            backend.set_password(self._name(reference), _ACCOUNT, value)
            try:
                return backend.get_password(self._name(reference), _ACCOUNT) == value
            finally:
                backend.delete_password(self._name(reference), _ACCOUNT)

        self._backend = self._given
        try:
            kept = self._call("try", attempt, self._probe_timeout)
        except AppError as error:
            return KeyringStatus(
                False, self._backend_name(), f"{error.message} Secrets are kept for this session only."
            )
        if not kept:
            reason = "The keyring forgets what it is given. Secrets are kept for this session only."
            return KeyringStatus(False, self._backend_name(), reason)
        return KeyringStatus(True, self._backend_name())

    def get(self, ref: str) -> str | None:
        """The secret, or None where there is none (or no keyring at all).

        Raises KEYRING_LOCKED or KEYRING_REFUSED where there may be one that cannot be read now.
        """
        if ref in self._memory:
            return self._memory[ref]
        try:
            return self._call("read", lambda: self._join(ref, self._read(ref)))
        except AppError as error:
            if error.code is ErrorCode.KEYRING_MISSING:
                return None
            raise

    def set(self, ref: str, value: str) -> Place:
        """Keep the secret; "session" where it could only be kept in memory (`probe` tells why)."""
        try:
            self._call("write", lambda: self._store(ref, value))
        except AppError as error:
            logging.getLogger(__name__).warning("A secret is kept for this session only: %s", error.message)
            self._memory[ref] = value
            return "session"
        self._memory.pop(ref, None)
        return "keyring"

    def keep(self, ref: str, value: str) -> None:
        """Keep the secret in memory only, for as long as this process lives."""
        self._memory[ref] = value

    def delete(self, ref: str) -> None:
        """Forget the secret; one that is not there is no error. Raises KEYRING_LOCKED or KEYRING_REFUSED."""
        self._memory.pop(ref, None)
        try:
            self._call("delete", lambda: self._remove(ref))
        except AppError as error:
            if error.code is not ErrorCode.KEYRING_MISSING:
                raise

    def set_keys(self, connection_id: str, keys: AccessKeys) -> Place:
        """Keep a connection's access keys."""
        return self.set(keys_ref(connection_id), _keys_text(keys))

    def keep_keys(self, connection_id: str, keys: AccessKeys) -> None:
        """Keep a connection's access keys in memory only."""
        self.keep(keys_ref(connection_id), _keys_text(keys))

    def keys(self, connection_id: str) -> AccessKeys | None:
        """A connection's access keys, or None."""
        text = self.get(keys_ref(connection_id))
        if text is None:
            return None
        try:
            key, secret, token = json.loads(text)
        except (ValueError, TypeError):
            raise _damaged() from None
        return AccessKeys(key, secret, token)

    def forget(self, connection_id: str) -> None:
        """Delete every secret of a connection."""
        self.delete(keys_ref(connection_id))
        self.delete(database_ref(connection_id))
        self.delete(client_secret_ref(connection_id))
        self.delete(stripe_key_ref(connection_id))
        self.delete(stripe_endpoint_ref(connection_id))

    def drop(self, connection_id: str) -> None:
        """Forget what is kept in memory for a connection; the keyring is left as it is."""
        for ref in (keys_ref, database_ref, client_secret_ref, stripe_key_ref, stripe_endpoint_ref):
            self._memory.pop(ref(connection_id), None)

    def clear_session(self) -> None:
        """Drop what is kept in memory."""
        self._memory.clear()

    # What follows runs on the thread that `_call` starts.

    def _find(self) -> KeyringBackend:
        if self._backend is None:
            self._backend = _system_backend()
        return self._backend

    def _name(self, ref: str) -> str:
        # The reference stands in the service, not the account: Windows moves entries about that share a service.
        return f"{self._service}/{ref}"

    def _read(self, ref: str) -> str | None:
        return self._find().get_password(self._name(ref), _ACCOUNT)

    def _join(self, ref: str, stored: str | None) -> str | None:
        """`=value`, or `+count:generation` with the value in pieces."""
        if stored is None:
            return None
        if stored.startswith("="):
            return stored[1:]
        pieces = [self._read(name) for name in _piece_names(ref, stored)]
        if not pieces or None in pieces:
            raise _damaged()
        return "".join(piece[1:] for piece in pieces if piece)

    def _store(self, ref: str, value: str) -> None:
        before = self._read(ref)
        backend = self._find()
        pieces = _split(value)
        if len(pieces) == 1:
            head = f"={value}"
        else:
            # The new pieces get names of their own and the head changes last: a crash leaves the old secret whole.
            head = f"+{len(pieces)}:{_token(4)}"
            for name, piece in zip(_piece_names(ref, head), pieces, strict=True):
                backend.set_password(self._name(name), _ACCOUNT, f"={piece}")
        backend.set_password(self._name(ref), _ACCOUNT, head)
        for name in _piece_names(ref, before or ""):
            self._drop(name)

    def _remove(self, ref: str) -> None:
        stored = self._read(ref)
        if stored is not None:
            self._drop(ref)
            for name in _piece_names(ref, stored):
                self._drop(name)

    def _drop(self, ref: str) -> None:
        from keyring.errors import PasswordDeleteError

        try:
            self._find().delete_password(self._name(ref), _ACCOUNT)
        except PasswordDeleteError:
            # The same error says "not there" and "cannot": reading tells them apart.
            if self._read(ref) is not None:
                raise

    # Back on the caller's thread.

    def _call(self, verb: str, call: Callable[[], T], timeout: float | None = None) -> T:
        """Run `call` on a thread of its own, translate what it raises, and wait no longer than `timeout`."""
        limit = self._timeout if timeout is None else timeout
        if not self._turn.acquire(timeout=limit):
            raise _silent()
        try:
            if self._stuck is not None:
                if self._stuck.is_alive() and verb != "try":
                    raise _silent()
                self._stuck.join(limit)
                if self._stuck.is_alive():
                    raise _silent()
                self._stuck = None
            results: list[T] = []
            errors: list[BaseException] = []

            def run() -> None:
                try:
                    results.append(call())
                except BaseException as error:  # noqa: BLE001 - handed to the caller's thread, whatever it is
                    errors.append(error)

            thread = threading.Thread(target=run, name="keyring", daemon=True)
            thread.start()
            thread.join(limit)
            if thread.is_alive():
                self._stuck = thread
                raise _silent()
            if errors:
                raise _translate(verb, errors[0]) from None
            return results[0]
        finally:
            self._turn.release()

    def _backend_name(self) -> str | None:
        if self._backend is None:
            return None
        return str(getattr(self._backend, "name", type(self._backend).__name__))


def _system_backend() -> KeyringBackend:
    """The first keyring of this platform that works. Never cached by the library: a daemon may be started later."""
    from keyring.errors import NoKeyringError

    for module, name in _BACKENDS.get(sys.platform, _BACKENDS["linux"]):
        backend_class = getattr(importlib.import_module(module), name)
        try:
            if backend_class.priority >= 1:
                backend: KeyringBackend = backend_class()
                return backend
        except RuntimeError:  # how a backend says that it cannot be used here
            continue
    raise NoKeyringError


def _split(value: str) -> list[str]:
    """Pieces of at most _PIECE UTF-16 units each; a character outside the basic plane counts twice."""
    pieces, start, units = [], 0, 0
    for position, character in enumerate(value):
        size = 2 if ord(character) > 0xFFFF else 1
        if units + size > _PIECE:
            pieces.append(value[start:position])
            start, units = position, 0
        units += size
    return [*pieces, value[start:]]


def _piece_names(ref: str, head: str) -> list[str]:
    count, _, generation = head[1:].partition(":")
    if not head.startswith("+") or not count.isdigit():
        return []
    return [f"{ref}#{generation}.{number}" for number in range(int(count))]


def _translate(verb: str, error: BaseException) -> AppError:
    """The one table from the keyring's exceptions to AppError. Their own texts may hold data: they are dropped."""
    from keyring.errors import InitError, KeyringLocked, NoKeyringError

    if isinstance(error, AppError):
        return error
    if isinstance(error, NoKeyringError):
        return AppError(
            ErrorCode.KEYRING_MISSING,
            "This computer has no keyring that is running (on Linux: GNOME Keyring, KWallet or KeePassXC).",
            retryable=True,
        )
    if isinstance(error, InitError):
        return AppError(
            ErrorCode.KEYRING_MISSING,
            "The keyring has no collection for passwords yet. Make one in your system's password application.",
            retryable=True,
        )
    if isinstance(error, KeyringLocked) or type(error).__name__ in {"LockedException", "PromptDismissedException"}:
        return AppError(ErrorCode.KEYRING_LOCKED, "The keyring is locked. Unlock it, then try again.", retryable=True)
    # pywintypes.error, D-Bus errors and whatever else a backend lets through: none of them is a KeyringError.
    kind = type(error).__name__
    return AppError(
        ErrorCode.KEYRING_REFUSED, f"The keyring could not {verb} the secret ({kind}).", subject=kind, retryable=True
    )


def _silent() -> AppError:
    return AppError(
        ErrorCode.KEYRING_REFUSED,
        "The keyring does not answer. It may be waiting for its password in another window.",
        retryable=True,
    )


def _damaged() -> AppError:
    return AppError(ErrorCode.KEYRING_REFUSED, "The keyring holds only a part of this secret. Enter it once more.")


def _keys_text(keys: AccessKeys) -> str:
    return json.dumps([keys.access_key_id, keys.secret_access_key, keys.session_token])
