"""Authenticator codes (RFC 6238, SHA-1, 6 digits, 30 s), checked as strictly as Cognito does."""

from __future__ import annotations

import base64
import hmac
import secrets
import struct
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

STEP_SECONDS = 30
TOLERANCE_STEPS = 1


class Verdict(Enum):
    """What became of a code."""

    RIGHT = auto()
    WRONG = auto()
    USED = auto()


@dataclass(slots=True)
class SoftwareToken:
    """One user's secret (base32, no padding) and the last time step whose code was taken."""

    secret: str
    last_step: int = -1

    def check(self, code: str, at: datetime) -> Verdict:
        """Take the code of this step or a neighbouring one; a step that was taken, and those before it, are used up."""
        present = int(at.timestamp()) // STEP_SECONDS
        for step in range(present - TOLERANCE_STEPS, present + TOLERANCE_STEPS + 1):
            if hmac.compare_digest(totp(self.secret, step).encode(), code.encode()):
                if step <= self.last_step:
                    return Verdict.USED
                self.last_step = step
                return Verdict.RIGHT
        return Verdict.WRONG


def new_token() -> SoftwareToken:
    """A token with a fresh 160-bit secret."""
    return SoftwareToken(base64.b32encode(secrets.token_bytes(20)).decode())


def totp(secret: str, step: int) -> str:
    """The six digits of one time step (RFC 4226, section 5.3)."""
    text = secret.replace(" ", "").upper().rstrip("=")
    key = base64.b32decode(text + "=" * (-len(text) % 8))
    digest = hmac.digest(key, struct.pack(">Q", step), "sha1")
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"
