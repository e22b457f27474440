"""Drives one enrolment from the window: every step a job, every outcome a Shown. Holds no secret of its own but the QR.

No widget here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, Signal, Slot

from app.auth import totp
from app.auth.enrolment import Ending, Situation, Start, Step
from app.auth.stages import Finished, Scan, Stage
from app.auth.totp import OtpAuth
from app.desk import Desk
from app.directory.models import User
from app.enrolment_run import Enrolment
from app.enrolments import Plan
from app.errors import AppError, ErrorCode
from app.settings import DeskRules
from app.work import Work
from ui.context import Change, Context, Topic
from ui.jobs import Job
from ui.text import tr

LANE = "changes"
ORIGIN = "enrolment"
Matrix = tuple[tuple[bool, ...], ...]


@dataclass(frozen=True, slots=True)
class Looking:
    """The pool and its app client are being read."""


@dataclass(frozen=True, slots=True)
class Intro:
    """Before anything is done: what it takes, what is left of earlier tries, and the choices."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class Settled:
    """What was half done is finished or undone. `removed`: a lost authenticator is gone, another may come later."""

    title: str
    body: str
    temporary_password: str | None = field(repr=False, default=None)


Page = Looking | Intro | Settled | Stage


@dataclass(frozen=True, slots=True)
class Shown:
    """What the window shows. `matrix` is the QR code of a Scan as soon as it is drawn."""

    page: Page
    notice: str = ""
    done: tuple[Step, ...] = ()
    way: str = ""
    start: Start | None = None
    lost: bool = False
    matrix: Matrix | None = field(repr=False, default=None)


class EnrolmentPresenter(QObject):
    """One person's enrolment. `shown` carries a Shown, `failed` an AppError for the page that asked."""

    shown = Signal(object)
    failed = Signal(object)
    busy_changed = Signal(str)

    def __init__(self, context: Context, user: User, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk: Desk = context.desk
        self.user = user
        self._plan: Plan | None = None
        self._enrolment: Enrolment | None = None
        self._settled: Settled | None = None
        self._lost = False
        self._drawn: tuple[OtpAuth, Matrix] | None = None
        self._drawing: OtpAuth | None = None
        self._busy = ""
        self._closed = False
        self._secret_missing = False  # the app client's: Cognito said so

    @property
    def who(self) -> str:
        """How the person is named."""
        return self.user.email or self.user.phone or self.user.username

    @property
    def rules(self) -> DeskRules:
        """The house rules."""
        settings = self._context.settings
        return settings.preferences.desk if settings is not None else DeskRules()

    @property
    def busy(self) -> bool:
        """Whether a step is under way."""
        return bool(self._busy)

    @property
    def half_done(self) -> bool:
        """Whether closing now leaves something that somebody must finish or undo."""
        enrolment = self._enrolment
        if enrolment is None or isinstance(enrolment.stage, Finished):
            return False
        return bool({Step.SET_RANDOM, Step.VERIFY} & set(enrolment.done))

    @Slot()
    def open(self) -> None:
        """Look at what it takes."""
        self._plan = None
        self.shown.emit(Shown(Looking()))
        service, user = self._desk.enrolments, self.user
        job = self._start(lambda: service.plan(user), tr("Look at the pool and its app client"))
        job.succeeded.connect(self._on_plan)

    def begin(self, start: Start, *, lost: bool) -> None:
        """Begin with one of the two starts; `lost` removes the present authenticator first."""
        plan, service, issuer = self._plan, self._desk.enrolments, self.rules.issuer
        if plan is None:
            return
        self._lost = lost
        name = tr("Begin the enrolment of {who}", who=self.who)
        job = self._start(lambda: service.begin(plan, start, issuer=issuer, lost=lost), name)
        job.succeeded.connect(self._on_begun)

    def keep_secret(self, secret: str) -> None:
        """Keep the app client's secret and look again."""
        service = self._desk.enrolments
        job = self._start(lambda: service.keep_secret(secret), tr("Keep the app client's secret"))
        job.succeeded.connect(self._on_secret)

    def sign_in(self, password: str) -> None:
        """Sign in with the person's own password."""
        self._step(lambda running: running.sign_in(password), tr("Signing in as {who}", who=self.who))

    def choose_password(self, password: str) -> None:
        """The person's new password."""
        self._step(lambda running: running.choose_password(password), tr("Setting the password they chose"))

    def choose_factor(self, factor: str) -> None:
        """Which second factor they can use now."""
        self._step(lambda running: running.choose_factor(factor), tr("Choosing the second factor"))

    def answer_code(self, code: str) -> None:
        """A code of a factor that is set up already."""
        self._step(lambda running: running.answer_code(code), tr("Checking the code"))

    @Slot()
    def remove_lost(self) -> None:
        """The authenticator that is asked for is lost."""
        self._lost = True
        self._step(lambda running: running.remove_lost(), tr("Removing the lost authenticator of {who}", who=self.who))

    @Slot()
    def renew(self) -> None:
        """Another secret."""
        self._step(lambda running: running.renew(), tr("Making another QR code"))

    @Slot()
    def expire(self) -> None:
        """The countdown has run out; not while a code is being checked, of which Cognito may still think otherwise."""
        if self._enrolment is not None and not self._busy:
            self._enrolment.expire()
            self._show()

    def verify(self, code: str) -> None:
        """The code that the phone shows for the new entry."""
        self._step(lambda running: running.verify(code), tr("Checking the code of the new authenticator"))

    @Slot()
    def complete(self) -> None:
        """Try the rest again."""
        self._step(lambda running: running.complete(), tr("Finishing the enrolment of {who}", who=self.who))

    @Slot()
    def read(self) -> None:
        """Somebody has read the temporary password: the enrolment is complete."""
        service, user = self._desk.enrolments, self.user
        job = self._context.run(lambda work: service.close(user), name=tr("Note that it is complete"), lane=LANE)
        job.failed.connect(self._on_failed)
        job.succeeded.connect(self._announce)

    def hand_over(self, ending: Ending) -> None:
        """How the person comes to a password of their own."""
        self._step(lambda running: running.hand_over(ending), tr("Giving {who} a password of their own", who=self.who))

    @Slot()
    def again(self) -> None:
        """Back to the first page, after a stop."""
        self._let_go()
        self.open()

    def finish(self, ending: Ending) -> None:
        """Do what earlier tries left and needs no phone."""
        self._settle(tr("Finished"), "finish", ending)

    def undo(self, ending: Ending) -> None:
        """Take back what earlier tries, or this one, left."""
        self._settle(tr("Undone"), "undo", ending)

    def close(self) -> None:
        """The window closes: the Desk signs out, and drops every secret. What is half done stays, and is told later."""
        self._closed = True
        self._let_go()
        self._drawn = self._drawing = self._settled = self._plan = None

    def _let_go(self) -> None:
        enrolment, self._enrolment = self._enrolment, None
        self._drawn = self._drawing = None
        if enrolment is not None:
            service = self._desk.enrolments
            self._context.run(lambda work: service.end(enrolment), name=tr("End the Desk's session"), lane=LANE)
            self._announce()

    def _settle(self, title: str, what: str, ending: Ending) -> None:
        service, user, enrolment = self._desk.enrolments, self.user, self._enrolment
        self._enrolment = self._drawn = None

        def settle() -> Settled:
            if enrolment is not None:
                service.end(enrolment)
            password = service.finish(user, ending) if what == "finish" else service.undo(user, ending)
            if what == "finish":
                body = "The authenticator is enrolled, and Cognito asks for it at every sign-in."
            else:
                body = "The account is as before, without the new authenticator."
            if ending is Ending.EMAIL and password is None and user.email:
                body += " If a password had been set for the moment, a code to choose a new one was sent by email."
            return Settled(title, body, password)

        self._start(settle, tr("Settling the enrolment of {who}", who=self.who)).succeeded.connect(self._on_settled)

    def _step(self, call: Callable[[Enrolment], None], name: str) -> None:
        enrolment = self._enrolment
        if enrolment is None or self._busy:  # one step at a time: a second Return must not spend another attempt
            return
        self._start(lambda: call(enrolment), name).succeeded.connect(self._on_step)

    def _start(self, call: Callable[[], object], name: str) -> Job:
        def run(work: Work) -> object:
            work.check()
            return call()

        self._set_busy(name)
        job = self._context.run(run, name=name, lane=LANE)
        job.failed.connect(self._on_failed)
        job.finished.connect(self._on_finished)
        return job

    @Slot(object)
    def _on_plan(self, plan: Plan) -> None:
        self._plan = replace(plan, needs_secret=True) if self._secret_missing else plan
        self._show()

    @Slot(object)
    def _on_begun(self, enrolment: Enrolment) -> None:
        if self._closed:  # the window went away in the meantime: nobody will go on with it
            self._enrolment = enrolment
            self._let_go()
            return
        self._enrolment = enrolment
        self._show()

    @Slot(object)
    def _on_secret(self, kept: bool) -> None:
        self._secret_missing = False
        if not kept:
            self._context.toast(tr("There is no keyring: the secret is kept for this session only."), "warn")
        self.open()

    @Slot()
    def _on_step(self) -> None:
        self._show()

    @Slot(object)
    def _on_settled(self, settled: Settled) -> None:
        self._settled = settled
        self._show()

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        if self._closed:
            return
        if "client_secret" in error.fields:
            self._secret_missing = True
            self.again()  # the first page asks for it
        elif self._enrolment is not None:
            self._show()  # a step that failed may have led to another page, such as after an expired session
        elif error.code is ErrorCode.CONFLICT:
            self.open()  # somebody began one of the same person meanwhile: the first page tells
            return
        elif self._plan is not None:
            # What was begun before the failure is part of the situation that the first page tells.
            service, user = self._desk.enrolments, self.user
            job = self._context.run(
                lambda work: service.situation(user), name=tr("Read what was done so far"), listed=False
            )
            job.succeeded.connect(self._on_situation)
        self.failed.emit(error)

    @Slot(object)
    def _on_situation(self, situation: Situation) -> None:
        if self._plan is not None and self._enrolment is None and self._plan.situation != situation:
            self._plan = replace(self._plan, situation=situation)
            self._show()

    @Slot()
    def _on_finished(self) -> None:
        self._set_busy("")
        for topic in (Topic.JOURNAL, Topic.OUTBOX):
            self._context.announce(Change(topic, (), ORIGIN))
        enrolment = self._enrolment
        if self._settled is not None or (enrolment is not None and isinstance(enrolment.stage, Finished)):
            self._announce()

    def _show(self) -> None:
        if self._closed:
            return
        enrolment = self._enrolment
        if self._settled is not None:
            self.shown.emit(Shown(self._settled))
        elif enrolment is not None:
            page = enrolment.stage
            self.shown.emit(
                Shown(
                    page,
                    enrolment.notice,
                    enrolment.done,
                    enrolment.way,
                    enrolment.start,
                    self._lost or Step.REMOVE_LOST in enrolment.done,
                    self._matrix(page),
                )
            )
        elif self._plan is not None:
            self.shown.emit(Shown(Intro(self._plan)))

    def _matrix(self, page: Stage) -> Matrix | None:
        if not isinstance(page, Scan):
            self._drawn = self._drawing = None
            return None
        if self._drawn is not None and self._drawn[0] == page.otp:
            return self._drawn[1]
        if self._drawing != page.otp:
            self._drawing = otp = page.otp
            address = totp.address(otp)

            def draw(work: Work) -> tuple[OtpAuth, Matrix]:
                return otp, tuple(tuple(row) for row in totp.qr_matrix(address))

            job = self._context.run(draw, name=tr("Draw a QR code"), listed=False)
            job.succeeded.connect(self._on_drawn)
            job.failed.connect(self._on_failed)
        return None

    @Slot(object)
    def _on_drawn(self, drawn: tuple[OtpAuth, Matrix]) -> None:
        if drawn[0] == self._drawing:
            self._drawn = drawn
            self._drawing = None
            self._show()

    def _set_busy(self, name: str) -> None:
        self._busy = name
        self.busy_changed.emit(name)

    @Slot()
    def _announce(self) -> None:
        self._context.announce(Change(Topic.USERS, (self.user.username,), ORIGIN))
        self._context.announce(Change(Topic.ONBOARDING, (), ORIGIN))
