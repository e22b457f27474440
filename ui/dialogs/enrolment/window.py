"""The window: the checklist at the left, one page at a time at the right, its main button at the lower right."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.auth.enrolment import Start, Step
from app.auth.stages import (
    AskCode,
    AskEnding,
    AskFactor,
    AskNewPassword,
    AskPassword,
    Expired,
    Finished,
    Scan,
    Stuck,
    Verified,
)
from app.directory.models import User
from app.errors import AppError
from ui.context import Context
from ui.dialogs.enrolment.checklist import Checklist, items
from ui.dialogs.enrolment.endings import DonePage, EndingPage, LeavePage, StopPage, expired_words
from ui.dialogs.enrolment.intro import IntroPage
from ui.dialogs.enrolment.presenter import EnrolmentPresenter, Intro, Looking, Settled, Shown
from ui.dialogs.enrolment.questions import CodePage, FactorPage, NewPasswordPage, PasswordPage
from ui.dialogs.enrolment.scan import ScanPage
from ui.text import tr
from ui.widgets.banner import Banner
from ui.widgets.buttons import button
from ui.widgets.cards import scrolling
from ui.widgets.labels import ElidedLabel, label
from ui.widgets.reading_order import step

SIZE = (1000, 640)


class _Pages(QWidget):
    """One page at a time. The page on show alone decides how high it is: a stack would take the highest."""

    def __init__(self) -> None:
        super().__init__()
        self.current: QWidget = self
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def add(self, page: QWidget) -> None:
        """One more page, hidden."""
        page.hide()
        self._column.addWidget(page, 1)

    def turn_to(self, page: QWidget) -> None:
        """Show another page."""
        if page is not self.current:
            if self.current is not self:
                self.current.hide()
            self.current = page
            page.show()


class EnrolmentDialog(QDialog):
    """Show it with open(). `lost` ticks the lost phone. Closing it drops every secret and signs the Desk out."""

    def __init__(self, context: Context, user: User, parent: QWidget | None = None, *, lost: bool = False) -> None:
        super().__init__(parent)
        self._presenter = EnrolmentPresenter(context, user, self)
        self._shown = Shown(Looking())
        self._closing = False
        self._warned = False  # of a temporary password that nobody has read
        who = self._presenter.who
        self.setWindowTitle(tr("Enrol an authenticator with {who}", who=who))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        rules = self._presenter.rules
        self.checklist = Checklist()
        self.intro = IntroPage(rules, lost=lost)
        self.password = PasswordPage()
        self.new_password = NewPasswordPage()
        self.factor = FactorPage()
        self.code = CodePage()
        self.scan = ScanPage(rules)
        self.ending = EndingPage()
        self.last = DonePage()
        self.expired = StopPage(tr("New QR code"))
        self.stuck = StopPage(tr("Begin again"))
        self.retry = StopPage(tr("Try again"))
        self.leave = LeavePage()
        self._looking = label(tr("Looking at the pool and its app client…"), "muted")
        self._looking.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._mains: dict[QWidget, QPushButton] = {
            self.intro: self.intro.begin,
            self.password: self.password.go,
            self.new_password: self.new_password.go,
            self.code: self.code.go,
            self.scan: self.scan.verify,
            self.ending: self.ending.go,
            self.expired: self.expired.go,
            self.stuck: self.stuck.go,
            self.retry: self.retry.go,
        }
        self._lay_out(who)
        self._connect(context)
        self.resize(*SIZE)
        self.setMinimumSize(960, SIZE[1])  # with a notice above it the QR code needs this much
        self._presenter.open()

    def reject(self) -> None:
        """Escape, or Close: at once where nothing is half done, else after a question in this window."""
        if self._presenter.busy and not self._closing:
            return
        if self._asks_to_read():
            return
        if self._presenter.half_done and not self._closing:
            self.leave.ways.setVisible(Step.SET_RANDOM in self._shown.done)
            self._turn_to(self.leave)
            return
        self._forget()
        super().reject()

    def _asks_to_read(self) -> bool:
        """Before a temporary password is gone that nobody has looked at; once, for they may have to leave."""
        if self._closing or self._warned or self._pages.current is not self.last or not self.last.unread:
            return False
        self._warned = True
        words = tr(
            "Show or copy it first: nobody can look it up afterwards. Without it they cannot sign in, and the "
            "enrolment stays in the list of those that were left half done."
        )
        self._notice.show_message(tr("Nobody has read the temporary password"), words, "warn")
        return True

    def focusNextPrevChild(self, next: bool) -> bool:
        return step(self, forward=next)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._closing or not (self._presenter.busy or self._presenter.half_done or self._asks_to_read()):
            self._forget()
            super().closeEvent(event)
            return
        event.ignore()
        if self._pages.current is not self.last:
            self.reject()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return  # a field that takes Return says so itself; nothing else is pressed by chance
        super().keyPressEvent(event)

    def _lay_out(self, who: str) -> None:
        self._notice = Banner()
        self._failure = Banner()
        self._pages = _Pages()
        for page in (
            self._looking,
            self.intro,
            self.password,
            self.new_password,
            self.factor,
            self.code,
            self.scan,
            self.expired,
            self.ending,
            self.last,
            self.stuck,
            self.retry,
            self.leave,
        ):
            self._pages.add(page)
        self._name = ElidedLabel(tr("Enrol an authenticator with {who}", who=who), "title")
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(12)
        column.addWidget(self._notice)
        column.addWidget(self._failure)
        column.addWidget(self._pages, 1)
        right = QVBoxLayout()
        right.setContentsMargins(24, 20, 16, 12)
        right.setSpacing(12)
        right.addWidget(self._name)
        right.addWidget(scrolling(content, tr("This step")), 1)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self.checklist)
        body.addLayout(right, 1)
        self._busy = label("", "muted")
        self._close = button(tr("Close"))
        self._close.clicked.connect(self.reject)
        foot = QFrame()
        foot.setProperty("role", "foot")
        row = QHBoxLayout(foot)
        row.setContentsMargins(24, 12, 24, 12)
        row.setSpacing(8)
        row.addWidget(self._busy, 1)
        row.addWidget(self._close)
        for main in self._mains.values():
            row.addWidget(main)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(body, 1)
        outer.addWidget(foot)

    def _connect(self, context: Context) -> None:
        presenter = self._presenter
        presenter.shown.connect(self._on_shown)
        presenter.failed.connect(self._on_failed)
        presenter.busy_changed.connect(self._on_busy)
        context.desk_changed.connect(self._on_desk)
        self._failure.retry_requested.connect(self._on_retry)
        self.intro.choice_changed.connect(self._on_choice)
        self.intro.begin_requested.connect(self._on_begin)
        self.intro.finish_requested.connect(presenter.finish)
        self.intro.undo_requested.connect(presenter.undo)
        self.intro.secret_given.connect(presenter.keep_secret)
        self.password.given.connect(presenter.sign_in)
        self.new_password.given.connect(presenter.choose_password)
        self.factor.chosen.connect(presenter.choose_factor)
        self.code.given.connect(presenter.answer_code)
        self.code.lost_requested.connect(presenter.remove_lost)
        self.scan.code_given.connect(presenter.verify)
        self.scan.renew_requested.connect(presenter.renew)
        # Queued: it may come in the middle of showing the page.
        self.scan.run_out.connect(presenter.expire, Qt.ConnectionType.QueuedConnection)
        self.expired.again_requested.connect(presenter.renew)
        self.ending.chosen.connect(presenter.hand_over)
        self.stuck.again_requested.connect(presenter.again)
        self.retry.again_requested.connect(presenter.complete)
        self.leave.stay_requested.connect(self._on_stay)
        self.leave.undo_requested.connect(presenter.undo)
        self.leave.leave_requested.connect(self._on_leave)
        self.last.read.connect(self._on_read)

    @Slot(object)
    def _on_shown(self, shown: Shown) -> None:
        before, self._shown = self._shown, shown
        self.checklist.show_items(items(shown))  # the first page adds its choices
        if type(before.page) is not type(shown.page):
            self._failure.hide()
        if shown.notice:
            first, dot, rest = shown.notice.partition(". ")
            self._notice.show_message(first + dot.strip(), rest, "info")
        else:
            self._notice.hide()
        self._turn_to(self._fill(shown))

    def _fill(self, shown: Shown) -> QWidget:
        """The page for what is shown, with what it has to show."""
        match shown.page:
            case Looking():
                self._looking.setText(tr("Looking at the pool and its app client…"))
                return self._looking
            case Intro(plan):
                self.intro.show_plan(plan)
                self.new_password.set_policy(plan.pool.password_policy)
                return self.intro
            case AskPassword():
                return self.password
            case AskNewPassword():
                return self.new_password
            case AskFactor(factors):
                self.factor.offer(factors)
                return self.factor
            case AskCode(factor, destination):
                self.code.ask(factor, destination)
                return self.code
            case Scan() as scan:
                self.scan.show_scan(scan, shown.matrix)
                return self.scan
            case Expired() as over:
                self.expired.tell(tr("The time for this QR code has run out"), expired_words(over))
                return self.expired
            case Verified():
                words = tr("The code was right and the authenticator is there, but a step after it failed.")
                self.retry.tell(tr("Nearly done"), words)
                return self.retry
            case AskEnding(ways):
                self.ending.ways.offer(ways)
                self.leave.ways.offer(ways)
                return self.ending
            case Finished() as finished:
                self.last.show_finished(finished, self._presenter.who)
                return self.last
            case Settled(title, body, password):
                self.last.show_settled(title, body, password)
                return self.last
            case Stuck(_, reason):
                self.stuck.tell(tr("The enrolment cannot go on"), reason)
                return self.stuck

    def _turn_to(self, page: QWidget) -> None:
        if page is not self.scan:
            self.scan.forget()
        for each in (self.password, self.new_password, self.code):
            if page is not each and page is not self.leave:
                each.forget()
        self._pages.turn_to(page)
        for owner, main in self._mains.items():
            main.setVisible(owner is page)
            main.setDefault(owner is page)
        self._close.setVisible(page is not self.leave)
        self._close.setText(tr("Done") if page is self.last else tr("Close"))
        self._focus()

    def _focus(self) -> None:
        page = self._pages.current
        if isinstance(page, (PasswordPage, NewPasswordPage, CodePage)):
            page.form.focus_first()
        elif isinstance(page, ScanPage):
            page.focus_code()
        elif isinstance(page, StopPage):
            page.setFocus()  # no button: somebody may be about to press Return in the field that was here

    @Slot(object, bool)
    def _on_choice(self, start: Start, lost: bool) -> None:
        if isinstance(self._shown.page, Intro):
            self.checklist.show_items(items(replace(self._shown, start=start, lost=lost)))

    @Slot(object, bool)
    def _on_begin(self, start: Start, lost: bool) -> None:
        self._presenter.begin(start, lost=lost)

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        page = self._pages.current
        if page is self._looking:
            self._looking.clear()
        if isinstance(page, (PasswordPage, NewPasswordPage, CodePage, ScanPage)) and page.show_problem(error):
            self._failure.hide()
        else:
            self._failure.show_error(error)

    @Slot(str)
    def _on_busy(self, name: str) -> None:
        self._busy.setText(f"{name}…" if name else "")
        self._pages.setEnabled(not name)
        self._close.setEnabled(not name)
        for main in self._mains.values():
            main.setDisabled(bool(name))
        if name:
            self._failure.hide()
            return
        if isinstance(self._shown.page, Intro):
            self.intro.show_plan(self._shown.page.plan)
        self._focus()

    @Slot()
    def _on_retry(self) -> None:
        self._failure.hide()
        page = self._pages.current
        if isinstance(self._shown.page, Looking):
            self._presenter.open()
        elif page in self._mains:
            self._mains[page].click()

    @Slot()
    def _on_read(self) -> None:
        if self._warned:
            self._on_shown(self._shown)  # with what it had to say before
        self._presenter.read()

    @Slot()
    def _on_stay(self) -> None:
        self._on_shown(self._shown)

    @Slot()
    def _on_leave(self) -> None:
        self._closing = True
        self.reject()

    @Slot()
    def _on_desk(self) -> None:
        """Another connection, or none: its services are about to close."""
        self._closing = True
        self.reject()

    def _forget(self) -> None:
        for page in (self.password, self.new_password, self.code, self.scan, self.last):
            page.forget()
        self._presenter.close()
