"""The demo workspace: an emulated Cognito and an embedded PostgreSQL, started together and filled with the same people.

Blocking, for a worker thread. Raises AppError only; whatever fails half-way stops what was started.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from app.connections import AccessKeys, Connection, CredentialSource, DatabaseAddress
from app.demo.binaries import unavailable
from app.demo.outbox import Outbox
from app.demo.people import DemoPerson, database_only
from app.demo.people import people as invent
from app.demo.postgres import EmbeddedPostgres
from app.demo.rows import load
from app.work import Cancelled, Progress, Work

if TYPE_CHECKING:
    from app.demo.cognito import DemoCognito

T = TypeVar("T")

_STEPS: Final = 5
_READY: Final = "The demo is ready"


class DemoWorkspace:
    """A running demo, from `open` to `close`.

    `connection` describes it like any other connection and holds no secret: those are `access_keys` and
    `database_password`, for the caller's secret store in memory. `timings` tells the seconds that each step took.
    """

    def __init__(
        self,
        *,
        connection: Connection,
        access_keys: AccessKeys,
        postgres: EmbeddedPostgres,
        cognito: DemoCognito,
        outbox: Outbox,
        people: tuple[DemoPerson, ...],
        timings: dict[str, float],
    ) -> None:
        self.connection = connection
        self.access_keys = access_keys
        self.outbox = outbox
        self.people = people
        self.timings = timings
        self.conninfo = postgres.conninfo()
        self.database_password = postgres.password
        self._postgres = postgres
        self._cognito = cognito

    @classmethod
    def open(
        cls, work: Work, *, root: Path, people: int = 500, seed: int = 7, now: datetime | None = None, port: int = 0
    ) -> DemoWorkspace:
        """Start both servers and fill them; `root` is the demo's own folder, `port` Cognito's (0: any free one).

        Every step is reported through `work`. AppError DEMO_RUNNING, DEMO_UNAVAILABLE.
        """
        return _Opening(work, root, port).open(people, seed, now)

    def close(self) -> None:
        """Stop both servers; a workspace in a temporary folder leaves nothing there. Idempotent."""
        try:
            self._cognito.close()
        finally:
            self._postgres.finish()


class _BranchWork(Work):
    """The work of one branch: what it reports goes to the thread that opens the workspace."""

    def __init__(self, reports: queue.SimpleQueue[Progress]) -> None:
        super().__init__()
        self._reports = reports

    def _report(self, progress: Progress) -> None:
        self._reports.put(progress)


class _Opening:
    """One attempt to open. The branches run on threads of their own; only the opening thread talks to `work`."""

    def __init__(self, work: Work, root: Path, port: int) -> None:
        self._work = work
        self._root = root
        self._port = port
        self._reports: queue.SimpleQueue[Progress] = queue.SimpleQueue()
        self._branch_work = _BranchWork(self._reports)
        self._timings: dict[str, float] = {}
        self._outbox = Outbox()
        self._postgres = EmbeddedPostgres(root)
        self._cognito: DemoCognito | None = None

    def open(self, count: int, seed: int, now: datetime | None) -> DemoWorkspace:
        began = time.monotonic()
        try:
            with ThreadPoolExecutor(max_workers=3, thread_name_prefix="demo") as pool:
                invented = pool.submit(self._timed, "people", lambda: tuple(invent(count, seed, now)))
                extra = database_only(seed, now)
                database = pool.submit(self._database, invented, extra)
                cognito = pool.submit(self._fill_cognito, invented)
                self._follow([invented, database, cognito])
            if self._cognito is None:
                raise unavailable("The demo's Cognito did not start.")
            self._timings["all"] = time.monotonic() - began
            self._work.progress(_STEPS, _STEPS, _READY)
            return self._workspace(self._cognito, invented.result())
        except BaseException:
            self._close()
            raise

    def _follow(self, branches: list[Future[Any]]) -> None:
        """Pass the branches' reports on until all have ended; at the first failure ask the others to stop."""
        done = 0
        while not (all(branch.done() for branch in branches) and self._reports.empty()):
            try:
                self._work.check()
                report = self._reports.get(timeout=0.02)
                done += report.done
                self._work.progress(done, _STEPS, report.note)
            except queue.Empty:
                pass
            except Cancelled:
                self._branch_work.cancel()
                raise
            if any(branch.done() and branch.exception() for branch in branches):
                self._branch_work.cancel()
        errors = [error for error in (branch.exception() for branch in branches) if error is not None]
        # A branch that was asked to stop ends in Cancelled: the cause is the other's.
        for error in sorted(errors, key=lambda error: isinstance(error, Cancelled)):
            raise error

    def _database(self, invented: Future[tuple[DemoPerson, ...]], extra: list[Any]) -> None:
        import psycopg

        conninfo = self._timed("postgres", lambda: self._postgres.start(self._branch_work))
        self._step("PostgreSQL is running")
        rows = [person.row for person in invented.result() if person.row is not None] + extra
        self._say(f"Loading {len(rows):,} rows into the database")
        try:
            self._timed("rows", lambda: load(conninfo, rows, self._branch_work))
        except psycopg.Error as error:
            raise unavailable("The demo's people could not be put into its database.", str(error).strip()) from error
        self._step("The database is filled")

    def _fill_cognito(self, invented: Future[tuple[DemoPerson, ...]]) -> None:
        from app.demo.cognito import DemoCognito

        self._say("Starting Cognito")
        self._cognito = DemoCognito(self._outbox, self._port)
        self._timed("cognito", self._cognito.start)
        self._step("Cognito is running")
        everybody = invented.result()
        self._say(f"Putting {len(everybody):,} people into the user pool")
        cognito = self._cognito
        self._timed("fill", lambda: cognito.fill(everybody))
        self._step("The user pool is filled")

    def _timed(self, name: str, call: Callable[[], T]) -> T:
        began = time.monotonic()
        try:
            return call()
        finally:
            self._timings[name] = time.monotonic() - began

    def _say(self, note: str) -> None:
        self._branch_work.progress(0, None, note)

    def _step(self, note: str) -> None:
        self._branch_work.progress(1, None, note)

    def _workspace(self, cognito: DemoCognito, people: tuple[DemoPerson, ...]) -> DemoWorkspace:
        postgres = self._postgres
        return DemoWorkspace(
            connection=Connection(
                id="demo",
                name="Harbour demo",
                region=cognito.region,
                pool_id=cognito.pool_id,
                client_id=cognito.client_id,
                endpoint=cognito.endpoint,
                credentials=CredentialSource.KEYS,
                database=DatabaseAddress(
                    postgres.host, postgres.port, postgres.database, postgres.user, sslmode="disable"
                ),
                environment="demo",
                read_only_origin="demo",
            ),
            access_keys=AccessKeys(cognito.access_key_id, cognito.secret_access_key),
            postgres=postgres,
            cognito=cognito,
            outbox=self._outbox,
            people=people,
            timings=self._timings,
        )

    def _close(self) -> None:
        try:
            if self._cognito is not None:
                self._cognito.close()
        finally:
            self._postgres.finish()
