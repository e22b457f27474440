"""Confirmation codes: made per user and purpose, checked, expiring, and used once."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.demo.outbox import MessageKind
from app.demo.protocol import Refusal

LIFETIME = {
    MessageKind.SIGN_UP_CODE: timedelta(hours=24),
    MessageKind.VERIFICATION_CODE: timedelta(hours=24),
    MessageKind.RESET_CODE: timedelta(hours=1),
    MessageKind.SIGN_IN_CODE: timedelta(minutes=3),
}
WRONG_TRIES = 5
REQUESTS_PER_HOUR = 5


@dataclass(slots=True)
class _Pending:
    code: str
    expires: datetime
    wrong: int = 0


class Codes:
    """The open codes of one emulator. Callers hold the emulator's lock."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._pending: dict[tuple[str, str], _Pending] = {}
        self._requests: dict[tuple[str, MessageKind], list[datetime]] = {}

    def issue(self, sub: str, kind: MessageKind, purpose: str = "") -> str:
        """A new six-digit code; an earlier one for the same purpose is void."""
        code = f"{secrets.randbelow(1_000_000):06d}"
        self._pending[sub, kind + purpose] = _Pending(code, self._clock() + LIFETIME[kind])
        return code

    def check(self, sub: str, kind: MessageKind, code: str, purpose: str = "") -> None:
        """Use the code up. Refusals: CodeMismatch-, ExpiredCode- and LimitExceededException."""
        key = (sub, kind + purpose)
        pending = self._pending.get(key)
        if pending is None or self._clock() >= pending.expires:
            self._pending.pop(key, None)
            raise Refusal("ExpiredCodeException", "Invalid code provided, please request a code again.")
        if pending.wrong >= WRONG_TRIES:
            raise _limit_exceeded()
        if not hmac.compare_digest(pending.code.encode(), code.encode()):
            pending.wrong += 1
            raise Refusal("CodeMismatchException", "Invalid verification code provided, please try again.")
        del self._pending[key]

    def count_request(self, sub: str, kind: MessageKind) -> None:
        """Refusal (LimitExceededException) where a user asks for more than five codes of a kind within an hour."""
        now = self._clock()
        recent = [at for at in self._requests.get((sub, kind), []) if now - at < timedelta(hours=1)]
        if len(recent) >= REQUESTS_PER_HOUR:
            raise _limit_exceeded()
        self._requests[sub, kind] = [*recent, now]

    def forget(self, sub: str, kind: MessageKind | None = None) -> None:
        """Void the codes of a user: of one kind, or all."""
        for key in [k for k in self._pending if k[0] == sub and (kind is None or k[1].startswith(kind))]:
            del self._pending[key]


def _limit_exceeded() -> Refusal:
    return Refusal("LimitExceededException", "Attempt limit exceeded, please try after some time.")
