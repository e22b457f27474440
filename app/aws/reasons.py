"""Reads Cognito's messages: a text fit to be quoted, and the input fields that it speaks of. Pure."""

from __future__ import annotations

import re

_LONGEST = 400
_SCHEMA = re.compile(r"^Attributes did not conform to the schema:\s*", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"^(?:user\.)?((?:dev:)?(?:custom:)?[A-Za-z_][\w.-]*):\s*(.+)$")
_CONSTRAINT = re.compile(r"\bat '([\w.]+)' failed to satisfy constraint: ?(.*?)(?=; Value|$)", re.DOTALL)
_QUOTED_VALUE = re.compile(r"Value '.*?' at '", re.DOTALL)
_CLASS = re.compile(r"\b(?:com|software)\.amazon(?:aws)?(?:\.\w+)+:?\s*")
_PARAMETERS = {
    "username": "username",
    "password": "password",
    "temporarypassword": "password",
    "proposedpassword": "password",
    "userpoolid": "pool_id",
    "clientid": "client_id",
    "filter": "filter",
    "paginationtoken": "token",
}
_HINTS = (
    (re.compile(r"username should be|username cannot|username is|invalid username", re.IGNORECASE), "username"),
    (re.compile(r"e-?mail", re.IGNORECASE), "email"),
    (re.compile(r"phone", re.IGNORECASE), "phone_number"),
    (re.compile(r"password", re.IGNORECASE), "password"),
)


def readable(message: str) -> str:
    """The service's message in one line, shortened, ended by a full stop, without class names.

    The value that it complains about is left out too: it may be a password.
    """
    message = _CLASS.sub("", _QUOTED_VALUE.sub("Value at '", message))
    text = "; ".join(" ".join(line.split()) for line in message.splitlines() if line.strip())
    if not text:
        return "no reason was given."
    if len(text) > _LONGEST:
        return text[:_LONGEST].rstrip() + " …"
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def fields_of(message: str) -> dict[str, str]:
    """Input fields named in the message of an InvalidParameterException, with what is wrong with each.

    Names are attribute names (`email`, `custom:role`), `username`, `password`, `pool_id`, `client_id`.
    """
    fields: dict[str, str] = {}
    for line in _SCHEMA.sub("", message.strip()).splitlines():
        match = _ATTRIBUTE.match(line.strip())
        if match is not None:
            fields[match[1]] = readable(match[2])
    for match in _CONSTRAINT.finditer(message):
        name = _PARAMETERS.get(match[1].rsplit(".", 1)[-1].lower())
        if name is not None:
            fields[name] = readable(match[2] or message)
    if not fields:
        for pattern, name in _HINTS:
            if pattern.search(message):
                return {name: readable(message)}
    return fields
