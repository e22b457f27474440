"""What the database user may do with auth.users, what the Desk needs, and the statement that would grant the rest.

The least that is needed: USAGE on the schema and SELECT to look; INSERT, and UPDATE of a few columns, to change. Never
DELETE, never the ownership. The Desk grants nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import AppError, ErrorCode

if TYPE_CHECKING:
    from app.onboarding.database import Database

WRITTEN = frozenset(
    {"email", "status", "email_verified", "subject", "name", "role", "organization_id", "auth_provider", "mfa_method",
     "mfa_required", "mfa_enrolled_at", "password_reset_at", "status_before_disable", "updated_at"}
)  # fmt: skip
"""Columns that a step, a mirror or a correction may set, where they exist."""

_RIGHTS = """
SELECT current_user::text, current_setting('transaction_read_only') = 'on', pg_is_in_recovery(),
    has_schema_privilege(n.oid, 'USAGE'), has_table_privilege(c.oid, 'SELECT'), has_table_privilege(c.oid, 'INSERT'),
    ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
        AND NOT a.attisdropped AND a.attname = ANY(%s) AND NOT has_column_privilege(c.oid, a.attnum, 'UPDATE')
        ORDER BY a.attnum)
FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
WHERE n.nspname = 'auth' AND c.relname = 'users'
"""


@dataclass(frozen=True, slots=True)
class Rights:
    """What `user` may do. `fixed`: columns that the Desk sets and the user may not. `replica`: nobody may change it."""

    user: str
    usage: bool
    select: bool
    insert: bool
    fixed: tuple[str, ...]
    read_only: bool
    replica: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """The grants that are missing, as PostgreSQL names them."""
        found = [] if self.usage else ["USAGE on schema auth"]
        found += [] if self.select else ["SELECT"]
        found += [] if self.insert else ["INSERT"]
        return (*found, f"UPDATE ({', '.join(self.fixed)})") if self.fixed else tuple(found)

    @property
    def sql(self) -> str:
        """The statement that grants what is missing, for the owner of the table; empty where nothing is."""
        who = '"' + self.user.replace('"', '""') + '"'
        lines = [] if self.usage else [f"GRANT USAGE ON SCHEMA auth TO {who};"]
        whole = [name for name, held in (("SELECT", self.select), ("INSERT", self.insert)) if not held]
        if whole:
            lines.append(f"GRANT {', '.join(whole)} ON auth.users TO {who};")
        if self.fixed:
            columns = ", ".join('"' + name.replace('"', '""') + '"' for name in self.fixed)
            lines.append(f"GRANT UPDATE ({columns}) ON auth.users TO {who};")
        return "\n".join(lines) + "\n" if lines else ""

    @property
    def why_not_change(self) -> str | None:
        """Why no step of the ladder can be taken here, in a sentence; None where it can."""
        if self.replica:
            return "This database is a replica: it can be looked at, and changed only at its primary."
        if self.read_only:
            return f"The database lets {self.user} look only: its transactions are read-only."
        if "status" in self.fixed:
            return f"The database user {self.user} may look only: it lacks UPDATE on auth.users."
        return None


def rights(database: Database) -> Rights:
    """Ask the database. AppError(DATABASE_SCHEMA) where there is no table auth.users."""
    with database.connection() as connection:
        row = connection.execute(_RIGHTS, (sorted(WRITTEN),)).fetchone()
    if row is None:
        message = "The database has no table auth.users."
        raise AppError(ErrorCode.DATABASE_SCHEMA, message, subject="auth.users")
    user, read_only, replica, usage, select, insert, fixed = row
    return Rights(user, usage, select, insert, tuple(fixed), read_only, replica)
