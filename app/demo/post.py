"""What Cognito would send, worded and handed to the Outbox."""

from __future__ import annotations

from app.demo.outbox import Message, MessageKind, Outbox
from app.demo.protocol import Refusal
from app.demo.userpool import Account, Clock

SUBJECTS = {
    MessageKind.SIGN_UP_CODE: "Your verification code",
    MessageKind.VERIFICATION_CODE: "Your verification code",
    MessageKind.RESET_CODE: "Your password reset code",
    MessageKind.SIGN_IN_CODE: "Your sign-in code",
}
MEDIUM = {"email": "EMAIL", "phone_number": "SMS"}


class Post:
    """Sends to a contact of an account: `email` or `phone_number`."""

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock

    def invite(self, account: Account, contact: str, password: str) -> None:
        """The invitation of AdminCreateUser, with the temporary password."""
        to = account.attributes[contact]
        body = f"Your username is {to} and temporary password is {password}."
        self._send(to, MessageKind.INVITATION, "Your temporary password", body, password)

    def code(self, account: Account, contact: str, kind: MessageKind, code: str) -> dict[str, str]:
        """A code. Returns CodeDeliveryDetails."""
        to = account.attributes.get(contact)
        if kind is MessageKind.VERIFICATION_CODE:
            to = account.pending.get(contact, to)
        if not to:
            raise Refusal("CodeDeliveryFailureException", f"The user has no {contact} to send a code to.")
        self._send(to, kind, SUBJECTS[kind], f"{SUBJECTS[kind]} is {code}.", code)
        return delivery(contact, to)

    def _send(self, to: str, kind: MessageKind, subject: str, body: str, code: str) -> None:
        self._outbox.add(Message(self._clock(), to, kind, subject, body, code))


def delivery(contact: str, to: str) -> dict[str, str]:
    """CodeDeliveryDetails, the destination masked as Cognito masks it."""
    if contact == "email":
        name, _, domain = to.partition("@")
        masked = f"{name[:1]}***@{domain[:1]}***"
    else:
        masked = f"+{'*' * max(0, len(to) - 5)}{to[-4:]}"
    return {"Destination": masked, "DeliveryMedium": MEDIUM[contact], "AttributeName": contact}
