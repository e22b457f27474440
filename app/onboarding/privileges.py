"""The least that the Desk's database role needs, what of it is missing, and the GRANTs that would give it: never run.

A role that only reads is enough to look at people; to move them it must also UPDATE, and INSERT to add a missing row.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.onboarding.schema import OPTIONAL, REQUIRED, TABLE

if TYPE_CHECKING:
    from app.onboarding.leases import Session

_KNOWN = (*REQUIRED, *OPTIONAL)
# The columns that mirrors, the ladder and corrections write; the id is the database's own.
_WRITTEN = tuple(name for name in _KNOWN if name not in ("id", "created_at", "mfa_required"))
_INSERTED = tuple(
    name for name in _WRITTEN if name not in ("mfa_method", "mfa_enrolled_at", "password_reset_at", "updated_at")
)
_MOVED = frozenset({"status", "status_before_disable", "email_verified", "updated_at"})  # by a step of the ladder
NEEDED = {"SELECT": _KNOWN, "UPDATE": _WRITTEN, "INSERT": _INSERTED}

# By the catalogs: to_regclass() fails where the role may not even look into the schema.
_QUERY = """
SELECT quote_ident(current_user), has_schema_privilege(n.oid, 'USAGE'),
       current_setting('transaction_read_only') = 'on', pg_is_in_recovery(),
       coalesce(array_agg(a.attname::text) FILTER (WHERE has_column_privilege(c.oid, a.attnum, 'SELECT')), '{}'),
       coalesce(array_agg(a.attname::text) FILTER (WHERE has_column_privilege(c.oid, a.attnum, 'UPDATE')), '{}'),
       coalesce(array_agg(a.attname::text) FILTER (WHERE has_column_privilege(c.oid, a.attnum, 'INSERT')), '{}')
FROM pg_catalog.pg_namespace n
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = %s
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = %s
GROUP BY n.oid
"""


@dataclass(frozen=True, slots=True)
class Privileges:
    """`missing` in words, each with what it is for; `sql` would grant it, run by the table's owner."""

    missing: tuple[str, ...] = ()
    sql: str = ""
    reads: bool = True  # everything that exists can be read
    writes: bool = True  # everything that the Desk writes can be updated
    frozen: str | None = None  # why nobody can be moved along the ladder from here, in a sentence


ALL = Privileges()


def examine(connection: Session, columns: Collection[str]) -> Privileges:
    """What the role lacks on the columns that exist. `ALL` where there is no such table: nothing can be granted yet."""
    schema, relation = TABLE
    row = connection.execute(_QUERY, (relation, schema)).fetchone()
    if row is None:
        return ALL
    role, usage, read_only, replica, *held = row
    missing: list[str] = []
    grants: list[str] = []
    if not usage:
        missing.append(f"USAGE on schema {schema}: without it nothing in it can be named")
        grants.append(f"GRANT USAGE ON SCHEMA {schema} TO {role};")
    lacking: dict[str, list[str]] = {}
    for (privilege, wanted), has in zip(NEEDED.items(), held, strict=True):
        lacking[privilege] = [name for name in wanted if name in columns and name not in has]
        if lacking[privilege]:
            names = ", ".join(lacking[privilege])
            missing.append(f"{privilege} on {schema}.{relation} ({names}): {_FOR[privilege]}")
            grants.append(f"GRANT {privilege} ({names}) ON {schema}.{relation} TO {role};")
    return Privileges(
        tuple(missing),
        "".join(f"{grant}\n" for grant in grants),
        reads=bool(usage) and not lacking["SELECT"],
        writes=bool(usage) and not lacking["UPDATE"] and not read_only,
        frozen=_frozen(role, lacking["UPDATE"], usage=usage, read_only=read_only, replica=replica),
    )


def _frozen(role: str, fixed: Collection[str], *, usage: bool, read_only: bool, replica: bool) -> str | None:
    if replica:
        return "This database is a replica: it can be looked at, and changed only at its primary."
    if read_only:
        return f"The database lets {role} look only: its transactions are read-only."
    if not usage or _MOVED & set(fixed):
        return f"The database user {role} may look only: it lacks UPDATE on auth.users."
    return None


_FOR = {
    "SELECT": "to show people",
    "UPDATE": "to move people and to write what Cognito did",
    "INSERT": "to add the row of a new person",
}
