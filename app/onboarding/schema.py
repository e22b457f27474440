"""The columns of auth.users that the Desk knows. It reads what is there, says what is missing, and migrates nothing."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

TABLE = ("auth", "users")

# Column -> its definition, as resources/sql/auth_users.sql has it, for the statement that would add it.
REQUIRED: dict[str, str] = {
    "id": "uuid DEFAULT gen_random_uuid()",
    "email": "text",
    "status": "text NOT NULL DEFAULT 'pending_verification'",
    "auth_provider": "text NOT NULL DEFAULT 'local'",
    "email_verified": "boolean NOT NULL DEFAULT false",
}
OPTIONAL: dict[str, str] = {
    "subject": "text",
    "name": "text",
    "role": "text",
    "organization_id": "text",
    "mfa_required": "boolean NOT NULL DEFAULT false",
    "mfa_method": "text",
    "mfa_enrolled_at": "timestamptz",
    "password_reset_at": "timestamptz",
    "status_before_disable": "text",
    "created_at": "timestamptz NOT NULL DEFAULT now()",
    "updated_at": "timestamptz NOT NULL DEFAULT now()",
}


@dataclass(frozen=True, slots=True)
class SchemaReport:
    """What auth.users lacks. `sql` would add it; empty where nothing is missing. The Desk never runs it.

    `unknown_statuses` are values of the status column that are none of the eight: such rows are not shown.
    `missing_grants` are rights of the database role, in words; `grants` would give them, run by the table's owner.
    `frozen` says why nobody can be moved along the ladder from here: a replica, or a role that may look only.
    """

    missing_required: tuple[str, ...]
    missing_optional: tuple[str, ...]
    sql: str
    unknown_statuses: tuple[str, ...] = ()
    missing_grants: tuple[str, ...] = ()
    grants: str = ""
    readable: bool = True
    writable: bool = True
    frozen: str | None = None

    @property
    def usable(self) -> bool:
        """Whether onboarding works at all on this table."""
        return self.readable and not self.missing_required


def report(columns: frozenset[str], unknown_statuses: tuple[str, ...] = ()) -> SchemaReport:
    """Compare the columns that exist with those that are known. No columns at all: the table does not exist."""
    required = tuple(name for name in REQUIRED if name not in columns)
    optional = tuple(name for name in OPTIONAL if name not in columns)
    if not columns:
        return SchemaReport(required, optional, files("resources").joinpath("sql/auth_users.sql").read_text("utf-8"))
    additions = [f"    ADD COLUMN {name} {(REQUIRED | OPTIONAL)[name]}" for name in required + optional]
    sql = "ALTER TABLE auth.users\n" + ",\n".join(additions) + ";\n" if additions else ""
    return SchemaReport(required, optional, sql, unknown_statuses)
