"""Which rows of auth.users changed lately, whoever changed them: the statements behind the live watch.

`updated_at` is the start of the writer's transaction, or the writer's own clock: it may be older than what was seen
before, equal to it, or in the future. So each question goes back a little, and a row counts as changed when its version
(xmin) is another one than was seen. What even that misses, `Fingerprint` finds by comparing the whole table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.errors import AppError, ErrorCode
from app.onboarding.models import DatabaseUser
from app.onboarding.rows import read, selection

if TYPE_CHECKING:
    from psycopg import sql

    from app.onboarding.leases import Session

MOST = 1000  # rows told one by one; more are "everything"
OVERLAP = timedelta(seconds=30)  # a transaction that took longer is found by comparing
CHANNEL = "auth_users_changed"
FUNCTION = "users_tell_changes"

_TIMES = {
    "timestamp with time zone": "%s::timestamptz",
    "timestamp without time zone": "%s::timestamptz AT TIME ZONE 'UTC'",
}
_SHAPE = """
SELECT c.relkind::text, format_type(i.atttypid, i.atttypmod), format_type(u.atttypid, NULL),
    EXISTS (SELECT FROM pg_catalog.pg_index x WHERE x.indrelid = c.oid AND x.indisvalid AND x.indkey[0] = u.attnum),
    (SELECT count(*) FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgrelid = c.oid AND t.tgenabled IN ('O', 'A') AND p.proname = %s)
FROM pg_catalog.pg_class c
LEFT JOIN pg_catalog.pg_attribute i ON i.attrelid = c.oid AND i.attname = 'id' AND NOT i.attisdropped
LEFT JOIN pg_catalog.pg_attribute u ON u.attrelid = c.oid AND u.attname = 'updated_at' AND NOT u.attisdropped
WHERE c.oid = to_regclass('auth.users')
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """What auth.users offers to watch it by. `told`: the trigger is installed and enabled for every kind of change."""

    columns: frozenset[str]
    id_type: str
    version: str  # an expression that is another one after each change of the row
    moment: str | None  # how to compare updated_at with a moment; None where there is no usable updated_at
    indexed: bool
    told: bool


def shape(connection: Session, columns: frozenset[str]) -> Shape:
    """Look at the table. psycopg's errors are the caller's."""
    found = connection.execute(_SHAPE, (FUNCTION,)).fetchone()
    if found is None:
        raise AppError(ErrorCode.DATABASE_SCHEMA, "The database has no table auth.users.", subject="auth.users")
    kind, id_type, time_type, indexed, triggers = found
    version = "u.xmin::text" if kind in ("r", "p") else "md5(u::text)"  # a view has no versions
    return Shape(columns, id_type or "text", version, _TIMES.get(time_type or ""), bool(indexed), triggers >= 4)


@dataclass(slots=True)
class Found:
    """Rows that were looked at: those that are new, the ids that are not there, and whether there were too many.

    `buckets` are the sums of the fingerprint that they explain, `left` how many rows have left which of them.
    """

    rows: list[DatabaseUser] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    buckets: set[int] = field(default_factory=set)
    left: Counter[int] = field(default_factory=Counter)
    too_many: bool = False

    def add(self, more: Found) -> None:
        """Take what was looked at afterwards."""
        known = {row.id for row in more.rows}
        self.rows = [row for row in self.rows if row.id not in known] + more.rows
        self.gone += more.gone
        self.buckets |= more.buckets
        self.left += more.left
        self.too_many |= more.too_many


class Recent:
    """Remembers up to which moment it has looked, and the versions of the rows around that moment."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self._since: datetime | None = None
        self._floor = datetime.min.replace(tzinfo=UTC)
        self._seen: dict[str, str] = {}

    def begin(self, connection: Session) -> None:
        """Take the present state as known. A second call changes nothing: what happened since is still to be told."""
        if self._since is not None or self.shape.moment is None:
            return
        query = "SELECT now(), least(max(u.updated_at), {now}) FROM auth.users u"
        now, newest = _one(connection.execute(self._compose(query)).fetchone())
        self._since = min(now, _aware(newest) or now)
        self._seen = {id: version for id, version, _, _ in self._window(connection)[1]}

    def changed(self, connection: Session) -> Found:
        """The rows whose version is another one than at the last look."""
        if self.shape.moment is None or self._since is None:
            return Found()
        now, window = self._window(connection)
        new = [(id, version, bucket) for id, version, _, bucket in window if self._seen.get(id) != version]
        newest = max((moment for _, _, moment, _ in window if moment is not None), default=self._since)
        # By the slower of two clocks: a writer whose clock is behind is not missed, nor are others after one ahead.
        self._since = min(now, max(newest, self._since))
        self._seen = {id: version for id, version, _, _ in window}
        if len(window) > MOST:
            self._floor = now  # else the same crowd would be read at each look
        if len(new) > MOST:
            return Found(buckets={bucket for _, _, bucket in new}, too_many=True)
        return self._fetch(connection, [id for id, _, _ in new])

    def named(self, connection: Session, ids: Sequence[str]) -> Found:
        """These rows as they are now; those that are not there are `gone`."""
        if len(ids) > MOST:
            return Found(too_many=True)
        # Whoever may connect to the database may say anything on the channel.
        return self._fetch(connection, [id for id in ids if _could_be(id, self.shape.id_type)])

    def _window(self, connection: Session) -> tuple[datetime, list[tuple[str, str, datetime | None, int]]]:
        assert self._since is not None
        start = max(self._since - OVERLAP, self._floor)
        query = (
            "SELECT now(), w.* FROM (SELECT 1) AS one LEFT JOIN LATERAL (SELECT u.id::text AS id, {version} AS version,"
            " least(u.updated_at, {now}), {bucket} FROM auth.users u WHERE u.updated_at > {start}"
            " ORDER BY u.updated_at DESC LIMIT {most}) AS w ON true"
        )
        rows = connection.execute(self._compose(query), (start,)).fetchall()
        window = [(id, version, _aware(moment), bucket) for _, id, version, moment, bucket in rows if id is not None]
        return rows[0][0], window

    def _fetch(self, connection: Session, ids: Sequence[str]) -> Found:
        found = Found()
        if not ids:
            return found
        query = "SELECT {version}, {bucket}, {columns} FROM auth.users u WHERE u.id = ANY(%s::{id_type}[])"
        there = set()
        for version, bucket, *row in connection.execute(self._compose(query), (list(ids),)).fetchall():
            there.add(row[0])
            self._seen[row[0]] = version
            found.buckets.add(bucket)
            try:
                found.rows.append(read(row))
            except AppError:  # its status is none of the eight: to us it has left
                found.gone.append(row[0])
        missing = [id for id in ids if id not in there]
        if missing:
            found.gone += missing
            found.left.update(buckets_of(connection, missing))
            found.buckets |= found.left.keys()
            for id in missing:
                self._seen.pop(id, None)
        return found

    def _compose(self, text: str) -> sql.Composed:
        from psycopg import sql

        moment = self.shape.moment or "%s"
        return sql.SQL(text).format(
            version=sql.SQL(self.shape.version),
            bucket=sql.SQL(_BUCKET),
            columns=selection(self.shape.columns),
            id_type=sql.SQL(self.shape.id_type),
            start=sql.SQL(moment),
            now=sql.SQL(moment.replace("%s", "now()")),
            most=sql.Literal(MOST + 1),
        )


_BUCKETS = 65_536
_BUCKET = f"(hashtext(u.id::text) & {_BUCKETS - 1})"


class Fingerprint:
    """The whole table in at most 65,536 sums: shows changes and deletions that no other way told of."""

    def __init__(self, shape: Shape) -> None:
        self._query = (
            f"SELECT {_BUCKET}, count(*), sum(hashtext(u.id::text || {shape.version})::bigint)::text"  # noqa: S608
            " FROM auth.users u GROUP BY 1"
        ).encode()
        self._known: dict[int, tuple[int, str]] | None = None

    def take(self, connection: Session) -> dict[int, tuple[int, str]]:
        """The sums as they are now. Reads the whole table."""
        return {bucket: (number, total) for bucket, number, total in connection.execute(self._query).fetchall()}

    def unexplained(self, now: dict[int, tuple[int, str]], told: Found) -> bool:
        """Whether `now` differs from what was known by more than what was `told`; it is known then."""
        before, self._known = self._known, now
        if before is None:
            return False
        for bucket in before.keys() | now.keys():
            old, new = before.get(bucket, (0, "")), now.get(bucket, (0, ""))
            if old != new and (bucket not in told.buckets or new[0] < old[0] - told.left[bucket]):
                return True
        return False


def buckets_of(connection: Session, ids: Iterable[str]) -> list[int]:
    """The sums that these ids belong to, whether or not their rows exist."""
    query = f"SELECT {_BUCKET.replace('u.id', 'u')} FROM unnest(%s::text[]) AS u"  # noqa: S608
    return [row[0] for row in connection.execute(query.encode(), (list(ids),)).fetchall()]


_BITS = {"smallint": 15, "integer": 31, "bigint": 63}


def _could_be(id: str, kind: str) -> bool:
    """Whether a text is an id of this type: of another one, the server would refuse the whole question."""
    try:
        if kind == "uuid":
            return str(UUID(id)) == id.lower()
        if kind in _BITS:
            return id.isascii() and id.lstrip("-").isdigit() and abs(int(id)) < 2 ** _BITS[kind]
    except ValueError:
        return False
    return True


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _one(row: Any) -> Any:
    assert row is not None
    return row
