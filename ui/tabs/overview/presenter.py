"""Reads what the cards show, each on its own: one that is refused leaves the others as they are. No widget here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance, Slot

from app.desk import Desk
from app.environment import EnvironmentReport
from app.errors import AppError
from app.onboarding.models import FunnelStage
from app.pool.models import ClientSnapshot, PoolSnapshot
from app.pool.probe import HOPELESS
from app.work import Work
from ui.context import Change, Context, Topic
from ui.tabs.overview.census import ORIGIN, Census, CensusPresenter
from ui.tabs.overview.probing import Probing
from ui.text import tr
from ui.view_state import Empty, Failed, Loading, Ready, ViewState

if TYPE_CHECKING:
    from app.aws.clients import CredentialReport

_TOGETHER_MS = 150  # a bulk action announces many changes: one reading serves them


@dataclass(frozen=True, slots=True)
class Funnel:
    """The eight states, and how many rows the table has."""

    stages: tuple[FunnelStage, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Setup:
    """Where credentials come from (or why that cannot be told) and what the environment variables say."""

    credentials: CredentialReport | AppError
    environment: EnvironmentReport


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers under the funnel. None: not known. `estimated`: `in_cognito` is Cognito's own estimate."""

    in_cognito: int | None
    estimated: bool
    in_database: int | None
    census: Census | None


class OverviewPresenter(QObject):
    """One signal for each card. The last value of each is kept for the report."""

    pool_changed = Signal(object)  # ViewState; Ready carries a PoolSnapshot
    client_changed = Signal(object)  # ViewState; Ready carries a ClientSnapshot
    setup_changed = Signal(object)  # ViewState; Ready carries a Setup
    funnel_changed = Signal(object)  # ViewState; Ready carries a Funnel
    figures_changed = Signal(object)  # Figures
    as_of_changed = Signal(str)

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self.desk: Desk = context.desk
        self.test = Probing(context, self)
        self.people = CensusPresenter(context, self)
        self.pool: PoolSnapshot | AppError | None = None
        self.client: ClientSnapshot | AppError | None = None
        self.setup: Setup | AppError | None = None
        self.funnel: Funnel | AppError | None = None
        self.as_of: datetime | None = None
        self._seen = False
        self._stale: set[str] = set()
        self._together = QTimer(self, singleShot=True, interval=_TOGETHER_MS)
        self._together.timeout.connect(self._read_stale)
        self.people.census_changed.connect(self._on_census)
        context.changed.connect(self._on_change)

    def load(self) -> None:
        """Read every card for the first time."""
        self.people.look()
        self._read_all()

    @Slot()
    def refresh(self) -> None:
        """Read every card again, and the directory where that is quick."""
        self._read_all()
        self.people.refresh()

    def set_seen(self, seen: bool) -> None:
        """What becomes stale while nobody looks is read when somebody does."""
        self._seen = seen
        self.people.set_seen(seen)
        if seen and self._stale:
            self._together.start()

    @Slot()
    def read_pool(self) -> None:
        """DescribeUserPool, GetUserPoolMfaConfig."""
        pools = self.desk.pools

        def read(_: Work) -> PoolSnapshot:
            return pools.describe()

        self.pool_changed.emit(Loading(keep_content=isinstance(self.pool, PoolSnapshot)))
        job = self._context.run(read, name=tr("Reading the user pool"), key="overview-pool", listed=False)
        job.succeeded.connect(self._on_pool)
        job.failed.connect(self._on_pool_failed)

    @Slot()
    def read_client(self) -> None:
        """DescribeUserPoolClient, where the connection names a client."""
        if self.desk.connection.client_id is None:
            title = tr("No app client")
            hint = tr("This connection names no client ID. Add it to the connection to see how people sign in.")
            self.client_changed.emit(Empty(title, hint, icon="key"))
            return
        pools = self.desk.pools

        def read(_: Work) -> ClientSnapshot:
            return pools.client()

        self.client_changed.emit(Loading(keep_content=isinstance(self.client, ClientSnapshot)))
        job = self._context.run(read, name=tr("Reading the app client"), key="overview-client", listed=False)
        job.succeeded.connect(self._on_client)
        job.failed.connect(self._on_client_failed)

    @Slot()
    def read_setup(self) -> None:
        """Credentials and environment variables: no network."""
        desk = self.desk

        def read(_: Work) -> Setup:
            environment = desk.environment()
            try:
                return Setup(desk.credentials(), environment)
            except AppError as error:
                return Setup(error, environment)

        self.setup_changed.emit(Loading(keep_content=isinstance(self.setup, Setup)))
        job = self._context.run(read, name=tr("Looking for credentials"), key="overview-setup", listed=False)
        job.succeeded.connect(self._on_setup)
        job.failed.connect(self._on_setup_failed)

    @Slot()
    def read_funnel(self) -> None:
        """Count the rows of auth.users."""
        onboarding = self.desk.onboarding
        if onboarding is None:
            hint = tr(
                "Add its address to the connection, or set DATABASE_URL, to see who waits for what. "
                "Cognito works without it."
            )
            self.funnel_changed.emit(Empty(tr("No database"), hint, icon="database"))
            return
        now = self.desk.now()

        def read(work: Work) -> Funnel:
            stages = tuple(onboarding.funnel(now))
            work.check()
            return Funnel(stages, onboarding.count())

        self.funnel_changed.emit(Loading(keep_content=isinstance(self.funnel, Funnel)))
        job = self._context.run(read, name=tr("Counting onboarding"), key="overview-funnel", listed=False)
        job.succeeded.connect(self._on_funnel)
        job.failed.connect(self._on_funnel_failed)

    def _read_all(self) -> None:
        self.read_setup()
        self.read_pool()
        self.read_client()
        self.read_funnel()

    @Slot(object)
    def _on_pool(self, pool: PoolSnapshot) -> None:
        self.pool = pool
        self._tell(self.pool_changed, Ready(pool))
        self.people.set_size(pool.estimated_users)

    @Slot(object)
    def _on_pool_failed(self, error: AppError) -> None:
        self.pool = error
        self._tell(self.pool_changed, Failed(error))
        if error.code in HOPELESS:
            self.people.give_up(error)
        else:
            self.people.set_size(None)

    @Slot(object)
    def _on_client(self, client: ClientSnapshot) -> None:
        self.client = client
        self._tell(self.client_changed, Ready(client))

    @Slot(object)
    def _on_client_failed(self, error: AppError) -> None:
        self.client = error
        self._tell(self.client_changed, Failed(error))

    @Slot(object)
    def _on_setup(self, setup: Setup) -> None:
        self.setup = setup
        self._tell(self.setup_changed, Ready(setup))

    @Slot(object)
    def _on_setup_failed(self, error: AppError) -> None:
        self.setup = error
        self._tell(self.setup_changed, Failed(error))

    @Slot(object)
    def _on_funnel(self, funnel: Funnel) -> None:
        self.funnel = funnel
        self._tell(self.funnel_changed, Ready(funnel))

    @Slot(object)
    def _on_funnel_failed(self, error: AppError) -> None:
        self.funnel = error
        self._tell(self.funnel_changed, Failed(error))

    @Slot(object)
    def _on_census(self, _: Census) -> None:
        self.figures_changed.emit(self.figures())

    def figures(self) -> Figures:
        """What is known of the numbers now."""
        census = self.people.census
        counted = census.total if census is not None and census.total else None
        estimate = self.pool.estimated_users if isinstance(self.pool, PoolSnapshot) else None
        return Figures(
            in_cognito=estimate if counted is None else counted,
            estimated=counted is None,
            in_database=self.funnel.rows if isinstance(self.funnel, Funnel) else None,
            census=census,
        )

    @Slot(object)
    def _on_change(self, change: Change) -> None:
        if change.origin == ORIGIN:
            return
        stale = {
            Topic.USERS.value: {"census", "funnel"},
            Topic.ONBOARDING.value: {"census", "funnel"},
            Topic.DRIFT.value: {"census"},
            Topic.POOL.value: {"pool", "client"},
        }.get(str(change.topic))
        if stale:
            self._stale |= stale
            if self._seen:
                self._together.start()

    @Slot()
    def _read_stale(self) -> None:
        stale, self._stale = self._stale, set()
        for name, read in (
            ("pool", self.read_pool),
            ("client", self.read_client),
            ("funnel", self.read_funnel),
            ("census", self.people.look),
        ):
            if name in stale:
                read()

    def _tell(self, signal: SignalInstance, state: ViewState) -> None:
        self.as_of = self.desk.now()
        signal.emit(state)
        self.as_of_changed.emit(tr("as of {time}", time=f"{self.as_of.astimezone():%H:%M}"))
        self.figures_changed.emit(self.figures())
