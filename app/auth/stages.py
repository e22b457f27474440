"""Where a running enrolment stands, as values: what it asks of the person next. No secret is in a representation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.auth.enrolment import Drift, Ending
from app.auth.sign_in import Challenge
from app.auth.totp import OtpAuth

_FACTORS = {
    "SOFTWARE_TOKEN_MFA": "totp",
    "SMS_MFA": "sms",
    "SMS_OTP": "sms",
    "EMAIL_OTP": "email",
    "EMAIL_MFA": "email",
}
CHALLENGE_OF = {"totp": "SOFTWARE_TOKEN_MFA", "sms": "SMS_MFA", "email": "EMAIL_OTP"}
"""Our names of the second factors -> the answer to SELECT_MFA_TYPE."""


@dataclass(frozen=True, slots=True)
class AskPassword:
    """The person types their password. `again`: they did before, and the session's time ran out."""

    again: bool = False


@dataclass(frozen=True, slots=True)
class AskNewPassword:
    """The account waits on a temporary password: the person chooses their own (NEW_PASSWORD_REQUIRED)."""


@dataclass(frozen=True, slots=True)
class AskFactor:
    """More than one second factor is set up; the person says which they can use now. Of totp, sms, email."""

    factors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskCode:
    """A second factor that is set up asks for its code. `destination` is where Cognito sent it, masked."""

    factor: str
    destination: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """The person scans the new secret and reads back a code. `until` (app.elapsed): when the session's time runs out.

    `epoch` is Cognito's Unix time when app.elapsed was 0: the sum of the two is the time that codes are judged by.
    """

    otp: OtpAuth
    until: float | None = None
    epoch: float = 0.0


@dataclass(frozen=True, slots=True)
class Expired:
    """The session's time ran out before a code came: the QR code that was on show, for `entry`, is of no use any more.

    `typed`: another one takes the person's own password once more.
    """

    entry: str
    typed: bool


@dataclass(frozen=True, slots=True)
class Verified:
    """The authenticator is there; a step after it failed and can be tried again."""


@dataclass(frozen=True, slots=True)
class AskEnding:
    """Enrolled. The person needs a password of their own: each way, and why it is not open (None: it is)."""

    ways: Mapping[Ending, str | None]


@dataclass(frozen=True, slots=True)
class Finished:
    """Everything is done. `temporary_password` is to be read out, where one was made."""

    ending: Ending | None = None
    temporary_password: str | None = field(repr=False, default=None)
    drift: Drift | None = None


@dataclass(frozen=True, slots=True)
class Stuck:
    """Cognito asks for something that the Desk cannot answer; nothing has changed but what the steps say."""

    challenge: str
    reason: str


Stage = AskPassword | AskNewPassword | AskFactor | AskCode | Scan | Expired | Verified | AskEnding | Finished | Stuck

_WHY_STUCK = {
    "CUSTOM_CHALLENGE": "The pool asks a question of its own (a Lambda trigger), which only its application can show.",
    "DEVICE_SRP_AUTH": "The pool wants the proof of a remembered device, which only the person's own device can give.",
    "PASSWORD_VERIFIER": "The app client insists on SRP. Add ALLOW_ADMIN_USER_PASSWORD_AUTH to its flows.",
    "WEB_AUTHN": "The pool asks for a passkey, which only the person's own device can give.",
    "SELECT_CHALLENGE": "The pool does not take a password as the first factor of this person.",
}


def asked_by(challenge: Challenge) -> Stage | None:
    """What a challenge asks of the person; None for MFA_SETUP, which the Desk goes on with by itself."""
    name = challenge.name
    if name == "MFA_SETUP":
        offered = challenge.listed("MFAS_CAN_SETUP")
        if offered and "SOFTWARE_TOKEN_MFA" not in offered:
            return Stuck(name, f"This pool lets the person set up only: {', '.join(offered)}. No authenticator app.")
        return None
    if name == "NEW_PASSWORD_REQUIRED":
        missing = [each.removeprefix("userAttributes.") for each in challenge.listed("requiredAttributes")]
        if missing:
            names = ", ".join(missing)
            return Stuck(
                name, f"The pool also wants these attributes first: {names}. Edit the person, then begin anew."
            )
        return AskNewPassword()
    if name == "SELECT_MFA_TYPE":
        found = [_FACTORS[each] for each in challenge.listed("MFAS_CAN_CHOOSE") if each in _FACTORS]
        return AskFactor(tuple(dict.fromkeys(found))) if found else Stuck(name, "Cognito names no factor to choose.")
    if name in _FACTORS:
        return AskCode(_FACTORS[name], challenge.parameters.get("CODE_DELIVERY_DESTINATION", ""))
    return Stuck(name, _WHY_STUCK.get(name, f"Cognito asks for {name}, which the Desk does not know."))
