"""What goes on while a desk is open: database writes that wait are retried, approvals to give are counted for the rail,
and what others change in the database is told to every tab.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from app.work import Work
from ui.context import Change, Context, Topic
from ui.text import count, tr

if TYPE_CHECKING:
    from app.changes import MirrorReport
    from app.desk import Desk
    from app.onboarding.live_models import LiveState, News
    from ui.jobs import Job
    from ui.shell.window import MainWindow

    Counted = tuple[Desk, int]
    Landed = tuple[Desk, MirrorReport]
    Seen = tuple[Desk, News, LiveState]

_APPROVAL = "pending_approval"  # of OnboardingStatus, which need not be loaded for the first window
_LAND_MS = 10_000  # what is due is tried; when it is due, the journal says
_LEAST_MS = 4_000  # between two counts of approvals, however much changes
_LOOK_MS = 60_000  # people sign up, and others approve, without telling us
_LIVE_MS = 750  # how often it is looked what others changed
_JOIN_SHARE = 20.0  # of the time, a twentieth at most is spent on joining the whole database anew
_LEARNT = 50  # rows that the index learns one by one; to join anew is quicker for more
LIVE = "live"  # the origin of what is told here


class MirrorWatch(QObject):
    """Retries waiting database writes until they land, and counts them at the Activity tab."""

    def __init__(self, context: Context, window: MainWindow, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._window = window
        self._job: Job | None = None
        self._timer = QTimer(self, interval=_LAND_MS)
        self._timer.timeout.connect(self.try_now)
        context.desk_changed.connect(self._on_desk)
        context.changed.connect(self._on_change)

    @Slot()
    def try_now(self) -> None:
        """Retry what is due."""
        desk = self._context.desk
        if desk is None or self._job is not None:
            return
        job = self._context.run(partial(_land, desk), name=tr("Waiting database changes"), lane="changes", listed=False)
        self._job = job
        job.succeeded.connect(self._on_landed)
        job.finished.connect(self._on_finished)

    @Slot()
    def _on_desk(self) -> None:
        self._job = None
        desk = self._context.desk
        if desk is None or desk.database is None:
            self._timer.stop()
            return
        self._timer.start()
        self.try_now()

    @Slot(object)
    def _on_change(self, change: Change) -> None:
        """A change may have left a write behind, and somebody may have landed some: count at once, say nothing."""
        desk = self._context.desk
        if desk is None or desk.database is None or change.origin == "mirrors":
            return
        if change.topic in (Topic.JOURNAL, Topic.ONBOARDING):
            job = self._context.run(
                partial(_count_mirrors, desk), name=tr("Count what waits"), key="mirrors-count", listed=False
            )
            job.succeeded.connect(self._on_counted)

    @Slot(object)
    def _on_landed(self, landed: Landed) -> None:
        desk, report = landed
        if desk is not self._context.desk:
            return  # another connection was opened meanwhile, or none
        if report.done:
            words = tr(
                "{changes} landed.", changes=count(report.done, "waiting database change", "waiting database changes")
            )
            self._context.toast(words)
            self._context.announce(Change(Topic.ONBOARDING, origin="mirrors"))
        self._show(report.waiting)

    @Slot(object)
    def _on_counted(self, counted: Counted) -> None:
        desk, waiting = counted
        if desk is self._context.desk:
            self._show(waiting)

    @Slot()
    def _on_finished(self) -> None:
        self._job = None

    def _show(self, waiting: int) -> None:
        self._window.set_count("activity", waiting)


class EnrolmentWatch(QObject):
    """Tells once, when a connection opens, that enrolments were left half done: people may be locked out by them."""

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        context.desk_changed.connect(self._on_desk)

    @Slot()
    def _on_desk(self) -> None:
        desk = self._context.desk
        if desk is None:
            return
        job = self._context.run(partial(_unfinished, desk), name=tr("Look for half-done enrolments"), listed=False)
        job.succeeded.connect(self._on_found)

    @Slot(object)
    def _on_found(self, found: tuple[Desk, tuple[str, ...]]) -> None:
        desk, people = found
        if people and desk is self._context.desk:
            words = tr(
                "{n} left half done: {who}.",
                n=count(len(people), "enrolment was", "enrolments were"),
                who=", ".join(people),
            )
            self._context.toast(
                words, "warn", tr("Show"), partial(self._context.navigate.emit, "authenticator", {"left": True})
            )


class ApprovalWatch(QObject):
    """Counts at the Onboarding tab how many people wait for an approval: at opening, after changes, now and then."""

    def __init__(self, context: Context, window: MainWindow, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._window = window
        self._looked = 0.0
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self.look)
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)
        context.desk_changed.connect(self._on_desk)
        context.changed.connect(self._on_change)

    @Slot()
    def look(self) -> None:
        """Count now."""
        desk = self._context.desk
        self._soon.stop()
        if desk is None or desk.onboarding is None:
            return
        self._looked = time.monotonic()
        job = self._context.run(
            partial(_count_approvals, desk), name=tr("Count approvals"), key="approvals-count", listed=False
        )
        job.succeeded.connect(self._on_counted)

    @Slot(int)
    def show_count(self, waiting: int) -> None:
        """Somebody else has just counted: the Onboarding tab does whenever it reads."""
        self._looked = time.monotonic()
        self._soon.stop()
        if self._context.desk is not None:
            self._window.set_count("onboarding", waiting)

    @Slot()
    def _on_desk(self) -> None:
        self._timer.stop()
        self._soon.stop()
        if self._context.desk is not None:
            self._timer.start()
            self.look()

    @Slot(object)
    def _on_change(self, change: Change) -> None:
        if change.topic in (Topic.ONBOARDING, Topic.USERS) and not self._soon.isActive():
            passed = round((time.monotonic() - self._looked) * 1000)
            self._soon.start(max(0, _LEAST_MS - passed))

    @Slot(object)
    def _on_counted(self, counted: Counted) -> None:
        desk, waiting = counted
        if desk is self._context.desk:
            self._window.set_count("onboarding", waiting)


class LiveWatch(QObject):
    """Tells every tab what others change in the database, within two seconds, and keeps the Users index up to date."""

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._job: Job | None = None
        self._joining: Job | None = None
        self._join_due = False
        self._join_at = self._joined_from = 0.0
        self._told: LiveState | None = None
        self._timer = QTimer(self, interval=_LIVE_MS)
        self._timer.timeout.connect(self.look)
        context.desk_changed.connect(self._on_desk)
        context.changed.connect(self._on_change)

    @Slot()
    def look(self) -> None:
        """Look now, unless a look is under way."""
        desk = self._context.desk
        if desk is None or desk.live is None or self._job is not None:
            return
        self._job = self._context.run(partial(_look, desk), name=tr("Watch the database"), listed=False)
        self._job.succeeded.connect(self._on_seen)
        self._job.finished.connect(self._on_finished)

    @Slot()
    def _on_desk(self) -> None:
        self._job = self._joining = self._told = None
        self._join_due = False
        desk = self._context.desk
        if desk is None or desk.live is None:
            self._timer.stop()
            return
        self._timer.start()
        self.look()

    @Slot(object)
    def _on_change(self, change: Change) -> None:
        """Somebody may have reached the database again: there is no need to wait longer."""
        desk = self._context.desk
        if change.topic == Topic.ONBOARDING and change.origin != LIVE and desk is not None and desk.live is not None:
            desk.live.hurry()

    @Slot(object)
    def _on_seen(self, seen: Seen) -> None:
        desk, news, state = seen
        if desk is not self._context.desk:
            return
        if state != self._told:
            self._told = state
            self._context.announce(Change(Topic.LIVE, origin=LIVE))
        self._join_due |= news.everything or bool(news.gone) or len(news.rows) > _LEARNT
        if self._join_due and self._joining is None and time.monotonic() >= self._join_at:
            self._join(desk)
        if news:
            self._context.announce(Change(Topic.ONBOARDING, news.ids, LIVE))

    def _join(self, desk: Desk) -> None:
        self._join_due = False
        self._joined_from = time.monotonic()
        self._joining = self._context.run(
            partial(_join, desk), name=tr("Read the database's facts"), key="live-join", listed=False
        )
        self._joining.succeeded.connect(self._on_joined)
        self._joining.finished.connect(self._on_join_finished)

    @Slot(object)
    def _on_joined(self, desk: Desk) -> None:
        if desk is self._context.desk:
            self._context.announce(Change(Topic.USERS, origin=LIVE))

    @Slot()
    def _on_join_finished(self) -> None:
        self._joining = None
        spent = time.monotonic() - self._joined_from
        self._join_at = time.monotonic() + _JOIN_SHARE * spent

    @Slot()
    def _on_finished(self) -> None:
        self._job = None


def _look(desk: Desk, work: Work) -> Seen:
    work.check()
    assert desk.live is not None
    news = desk.live.look()
    if len(news.rows) <= _LEARNT:
        desk.people.learn(news.rows)
    return desk, news, desk.live.state


def _join(desk: Desk, work: Work) -> Desk:
    work.check()
    if desk.people.loaded is not None:  # before, there is nothing to join to: loading does it
        desk.people.join_database()
    return desk


def _land(desk: Desk, work: Work) -> Landed:
    return desk, desk.people.retry_mirrors(work)


def _count_mirrors(desk: Desk, work: Work) -> Counted:
    work.check()
    return desk, len(desk.journal.mirrors(desk.connection.id))


def _count_approvals(desk: Desk, work: Work) -> Counted:
    work.check()
    assert desk.onboarding is not None
    stages = desk.onboarding.funnel(desk.now())
    return desk, sum(stage.count for stage in stages if stage.status == _APPROVAL)


def _unfinished(desk: Desk, _: Work) -> tuple[Desk, tuple[str, ...]]:
    return desk, tuple(left.address for left in desk.enrolments.unfinished()[:5])
