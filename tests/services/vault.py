"""A keyring in memory, for tests that are about what is kept where, not about keyrings."""

from __future__ import annotations

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class Vault(KeyringBackend):
    """Keeps what it is given. Set `refusal` to make every call raise it."""

    priority = 1
    name = "Vault of the tests"

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[str, str] = {}
        self.refusal: Exception | None = None

    def get_password(self, service: str, username: str) -> str | None:
        self._refuse()
        return self.entries.get(service)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._refuse()
        self.entries[service] = password

    def delete_password(self, service: str, username: str) -> None:
        self._refuse()
        if service not in self.entries:
            raise PasswordDeleteError("No such password!")
        del self.entries[service]

    def _refuse(self) -> None:
        if self.refusal is not None:
            raise self.refusal
