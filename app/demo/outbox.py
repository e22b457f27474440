"""The messages that Cognito would have sent by email or SMS. In memory only, newest kept, safe on any thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

KEPT = 1_000


class MessageKind(StrEnum):
    """Why a message was sent."""

    INVITATION = "invitation"
    SIGN_UP_CODE = "sign_up_code"
    RESET_CODE = "reset_code"
    VERIFICATION_CODE = "verification_code"
    SIGN_IN_CODE = "sign_in_code"


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `at` is UTC; `to` is an email address or a phone number.

    `code` is the secret that the body carries: a confirmation code, or the temporary password of an invitation.
    """

    at: datetime
    to: str
    kind: MessageKind
    subject: str
    body: str
    code: str | None


class Outbox:
    """Holds the latest 1,000 messages and tells listeners of each new one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: deque[Message] = deque(maxlen=KEPT)
        self._listeners: list[Callable[[Message], None]] = []

    def add(self, message: Message) -> None:
        """Keep a message and tell every listener, on the calling thread."""
        with self._lock:
            self._messages.appendleft(message)
            listeners = list(self._listeners)
        for listener in listeners:
            listener(message)

    def messages(self, to: str | None = None) -> list[Message]:
        """The messages, newest first; only those to the address or number `to` where one is given."""
        with self._lock:
            return [m for m in self._messages if to is None or m.to == to]

    def on_message(self, listener: Callable[[Message], None]) -> Callable[[], None]:
        """Call `listener` for each new message, on whatever thread sends it. Returns the call that ends it.

        A listener must be quick and must not raise: the request that sent the message would fail.
        """
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop
