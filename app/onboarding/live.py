"""Changes of auth.users by whoever makes them, as they happen: by LISTEN where the trigger is, else by asking.

`look` is called about once a second and returns soon: it waits for nothing. Nothing is ever installed in the database:
`trigger_sql` is for its owner to run. While the database is away, `look` tries again ever more seldom, and tells
afterwards what was missed meanwhile.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from importlib.resources import files
from typing import TYPE_CHECKING

from app.errors import AppError, ErrorCode
from app.onboarding.failures import translate
from app.onboarding.live_models import LiveMode, LiveState, News
from app.onboarding.recent import CHANNEL, Fingerprint, Found, Recent, shape

if TYPE_CHECKING:
    from app.onboarding.database import Database
    from app.onboarding.leases import Session

__all__ = ["Live", "LiveMode", "LiveState", "News", "index_sql", "trigger_sql"]

ASK_SECONDS = 0.5  # between two questions, while they are cheap
CHECK_SECONDS = 10.0  # between two questions while the database tells by itself
COMPARE_SECONDS = 30.0  # between two comparisons of the whole table
HEARD_SECONDS = 5.0  # a change that was seen by asking must have been heard by then
FIRST_PAUSE, LAST_PAUSE = 1.0, 30.0
_SHARE = 20.0  # of the time, a twentieth at most is spent on questions
_SHARE_COMPARED = 100.0

log = logging.getLogger(__name__)


def trigger_sql() -> str:
    """The statements that make auth.users tell of its changes, for the owner of the table."""
    return files("resources").joinpath("sql/auth_users_notify.sql").read_text("utf-8")


def index_sql() -> str:
    """The statement that makes asking cheap. It does not lock the table against writers."""
    return "CREATE INDEX CONCURRENTLY users_changed ON auth.users (updated_at);\n"


class Live:
    """The watch over one database. Safe on any thread; one `look` at a time, a second one meanwhile finds nothing."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._looking = threading.Lock()
        self._state = LiveState()
        self._closed = False
        self._recent: Recent | None = None
        self._fingerprint: Fingerprint | None = None
        self._listener: Session | None = None
        self._started = False  # since the last failure
        self._deaf = False
        self._explained = Found()  # what was told since the last comparison
        self._owed: dict[str, float] = {}  # seen by asking, and still to be heard of
        self._failures = 0
        self._try_at = self._ask_at = self._compare_at = 0.0

    @property
    def state(self) -> LiveState:
        """How the watch goes. Never waits."""
        return self._state

    def look(self) -> News:
        """What changed since the last call; the first one takes everything as known. Errors are told by `state`."""
        if not self._looking.acquire(blocking=False):
            return News()
        try:
            if self._closed or self._clock() < self._try_at:
                return News()
            return self._look()
        except AppError as error:
            self._fail(error)
            return News()
        finally:
            if self._closed:
                self._hang_up()
            self._looking.release()

    def hurry(self) -> None:
        """The database may be back: try at the next look."""
        self._try_at = 0.0

    def close(self) -> None:
        """End the watch; a look under way ends it when it returns. Idempotent."""
        self._closed = True
        if self._looking.acquire(blocking=False):
            try:
                self._hang_up()
            finally:
                self._looking.release()

    def _look(self) -> News:
        if not self._started:
            self._start()
        assert self._recent is not None
        heard = self._hear()
        found = Found(too_many="*" in heard)
        named = sorted(heard - {"*"})
        due = self._clock() >= self._ask_at
        compare = self._clock() >= self._compare_at
        if named or due or compare or found.too_many:
            with self._database.connection() as connection:
                if compare:
                    found.too_many |= self._compare(connection, self._recent, found, named)
                else:
                    self._ask(connection, self._recent, found, named, due=due)
        self._failures = 0
        return self._told(found)

    def _start(self) -> None:
        columns = self._database.require_columns()
        with self._database.connection() as connection:
            known = shape(connection, columns)
            if self._recent is None or self._recent.shape != known:
                self._recent, self._fingerprint, self._explained = Recent(known), Fingerprint(known), Found()
                self._deaf = False
            self._hang_up()
            if known.told and not self._deaf:
                self._listen()  # first: what happens from now on is heard, and what happened before is found by asking
            self._recent.begin(connection)
        self._started = True
        self._ask_at = self._compare_at = 0.0
        self._tell_state()

    def _listen(self) -> None:
        import psycopg

        listener = self._database.apart()
        try:
            listener.execute(f"LISTEN {CHANNEL}".encode())
        except psycopg.Error as error:
            listener.close()
            raise translate(error) from error
        self._listener = listener

    def _hear(self) -> set[str]:
        """The ids that the database told of; * where it told of too many."""
        import psycopg

        if self._listener is None:
            return set()
        try:
            said = [message.payload for message in self._listener.notifies(timeout=0)]
        except psycopg.Error as error:
            raise translate(error) from error
        heard = {id for payload in said for id in payload.split()}
        if "*" in heard:
            self._owed.clear()
        for id in heard:
            self._owed.pop(id, None)
        return heard

    def _ask(self, connection: Session, recent: Recent, found: Found, named: list[str], *, due: bool) -> None:
        started = self._clock()
        if named:
            found.add(recent.named(connection, named))
        if due or found.too_many:
            asked = recent.changed(connection)
            if self._listener is not None:
                self._owe([row.id for row in asked.rows])
            found.add(asked)
            spent = self._clock() - started
            pause = CHECK_SECONDS if self._listener is not None else ASK_SECONDS
            self._ask_at = self._clock() + max(pause, _SHARE * spent)
            self._tell_state(spent)

    def _compare(self, connection: Session, recent: Recent, found: Found, named: list[str]) -> bool:
        """Compare the whole table, then ask: so everything that the comparison saw and asking finds is explained."""
        import psycopg

        assert self._fingerprint is not None
        started = self._clock()
        try:
            now = self._fingerprint.take(connection)
        except psycopg.errors.QueryCanceled:  # the server's limit of time: a watch without this is better than none
            log.warning("auth.users is too large to be compared as a whole")
            self._compare_at = self._clock() + COMPARE_SECONDS * _SHARE_COMPARED
            self._ask(connection, recent, found, named, due=True)
            return False
        spent = self._clock() - started
        self._compare_at = self._clock() + max(COMPARE_SECONDS, _SHARE_COMPARED * spent)
        self._ask(connection, recent, found, named, due=True)
        self._explained.add(found)
        unexplained = self._fingerprint.unexplained(now, self._explained)
        self._explained = Found()  # what was found just now, perhaps after the comparison, `_told` adds again
        known = shape(connection, self._database.columns())
        if known != recent.shape:  # the trigger or a column came or went
            self._started = False
        return unexplained

    def _owe(self, ids: list[str]) -> None:
        """A change that the listener was not told of within some seconds: its messages do not arrive."""
        now = self._clock()
        if any(now - since > HEARD_SECONDS for since in self._owed.values()):
            log.warning("notifications of auth.users do not arrive: asking instead")
            self._deaf, self._started = True, False
            self._owed.clear()
            return
        for id in ids:
            self._owed.setdefault(id, now)

    def _told(self, found: Found) -> News:
        self._explained.add(Found(buckets=found.buckets, left=found.left))
        if found.too_many:
            return News(everything=True)
        return News(tuple(found.rows), tuple(dict.fromkeys(found.gone)))

    def _tell_state(self, spent: float = 0.0) -> None:
        assert self._recent is not None
        known = self._recent.shape
        if self._listener is not None:
            self._state = LiveState(LiveMode.LISTENING, ASK_SECONDS, indexed=known.indexed)
        elif known.moment is not None:
            late = max(ASK_SECONDS, _SHARE * spent)
            self._state = LiveState(LiveMode.POLLING, late, deaf=self._deaf, indexed=known.indexed)
        else:
            self._state = LiveState(LiveMode.COMPARING, COMPARE_SECONDS, deaf=self._deaf, indexed=False)

    def _fail(self, error: AppError) -> None:
        self._hang_up()
        self._started = False
        away = error.code is ErrorCode.DATABASE_UNREACHABLE
        pause = min(LAST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures, 10)) if away else LAST_PAUSE
        self._failures += 1
        self._try_at = self._clock() + pause
        if self._state.error is None:
            log.info("changes by others are not seen: %s", error.message)
        self._state = LiveState(LiveMode.AWAY if away else LiveMode.REFUSED, pause, error)

    def _hang_up(self) -> None:
        self._owed.clear()
        if self._listener is not None:
            self._listener.close()
            self._listener = None
