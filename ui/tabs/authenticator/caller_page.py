"""Somebody on the phone: find them, see their factors, and help: enrol, replace, remove, choose what is asked for."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.auth.enrolment import Password
from app.directory.models import User
from app.enrolment_history import Unfinished
from app.errors import AppError
from app.permissions import Action
from ui.context import Context
from ui.dialogs.enrolment.intro import IDENTITY, told
from ui.dialogs.enrolment.window import EnrolmentDialog
from ui.dialogs.house_rules import HouseRulesDialog
from ui.dialogs.mfa_preference import MfaPreferenceDialog
from ui.tabs.authenticator.caller_presenter import Caller, CallerPresenter
from ui.text import ago, exact, mfa, tr, user_status
from ui.view_state import Empty, Ready, ViewState
from ui.widgets.badge import Badge, BadgeLabel, Tone, mfa_badge, user_badge
from ui.widgets.banner import Banner
from ui.widgets.buttons import button, disable
from ui.widgets.cards import Card, scrolling
from ui.widgets.dialogs import ConfirmDialog, FormDialog, show_error
from ui.widgets.forms import field_label
from ui.widgets.labels import ElidedLabel, label
from ui.widgets.rows import Column, RowTable
from ui.widgets.states import StateView


class CallerPage(QWidget):
    """Puts the presenter and the dialogs together."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._presenter = CallerPresenter(context, self)
        self._form: FormDialog | None = None
        self._asked: Caller | None = None  # of whom the dialog that is open is: a search may choose another meanwhile
        self._opened = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addWidget(self._make_search(), 3)
        self._left_card = self._make_unfinished()
        left.addWidget(self._left_card, 2)
        row.addLayout(left, 3)
        row.addWidget(self._make_help(), 2)
        self.setFocusProxy(self._line)
        self._connect()
        self._on_caller(None)
        self._on_unfinished(())

    def showEvent(self, event: QShowEvent) -> None:
        if not self._opened:
            self._opened = True
            self._presenter.open()
        else:
            self._presenter.look_back()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for column, least in ((1, 880), (3, 1040)):
            self._people.setColumnHidden(column, self.width() < least)

    def look_for(self, text: str) -> None:
        """Find somebody whom another tab names."""
        self._line.setText(text)
        self._presenter.find(text)

    def _make_search(self) -> QWidget:
        self._line = QLineEdit()
        self._line.setPlaceholderText(tr("name@example.com, +49…, Olga, or a user name"))
        self._line.returnPressed.connect(self._on_find)
        find = button(tr("Find"), "primary", icon="search")
        find.clicked.connect(self._on_find)
        self._problem = label("", "error", wrap=True)
        self._problem.hide()
        entry = QHBoxLayout()
        entry.setSpacing(8)
        entry.addWidget(self._line, 1)
        entry.addWidget(find)
        self._people: RowTable[User] = RowTable(
            tr("People who were found"),
            (
                Column(tr("Email or phone"), lambda user: user.email or user.phone or user.username, 0),
                Column(tr("Name"), lambda user: user.name, 140),
                Column(
                    tr("Account"),
                    lambda user: user_status(user.status),
                    140,
                    badge=lambda user: user_badge(user.status, user.enabled),
                ),
                Column(tr("User name"), lambda user: user.username, 110, muted=True),
            ),
            key=lambda user: user.username,
        )
        self._states = StateView(self._people)
        rules = button(tr("House rules…"), "quiet", icon="settings")
        rules.clicked.connect(self._on_rules)
        card = Card(tr("Who is on the phone?"))
        card.add_head(rules)
        card.add(field_label(tr("Email address, phone number, name or user name"), self._line))
        card.add(entry)
        card.add(self._problem)
        card.add(self._states, 1)
        return card

    def _make_unfinished(self) -> QWidget:
        self._left: RowTable[Unfinished] = RowTable(
            tr("Half-done enrolments"),
            (
                Column(tr("Person"), lambda left: left.address, 0),
                Column(
                    tr("Left"), lambda left: ago(left.at), 110, hint=lambda left: f"{left.operator}, {exact(left.at)}"
                ),
                Column(
                    tr("State of the account"), _short, 190, badge=_state_badge, hint=lambda left: told(left.situation)
                ),
            ),
            key=lambda left: left.username,
        )
        self._left.opened.connect(self._presenter.resume)
        self._left.chosen.connect(self._on_left)
        self._resume = button(tr("Finish or undo…"))
        self._resume.clicked.connect(self._on_resume)
        self._left.setMinimumHeight(self._left.fitting_height(2))
        card = Card(tr("Left half done"))
        card.add_head(self._resume)
        card.add(self._left, 1)
        return card

    def _make_help(self) -> QWidget:
        self._name = ElidedLabel("", "large")
        self._account = BadgeLabel(Badge(""))
        self._factors = QHBoxLayout()
        self._factors.setSpacing(6)
        self._factors.setContentsMargins(0, 0, 0, 0)
        factors = QWidget()
        factors.setLayout(self._factors)
        self._hindrance = label("", "small", wrap=True)
        self._ask = button(tr("Ask Cognito"), icon="cloud")
        self._ask.clicked.connect(self._presenter.ask)
        self._mode = Banner()
        self._enrol = button(tr("Enrol an authenticator…"), "primary")
        self._enrol.clicked.connect(self._on_enrol)
        self._lost = button(tr("Lost phone…"))
        self._lost.clicked.connect(self._on_lost)
        self._remove = button(tr("Only remove the authenticator…"), "danger")
        self._remove.clicked.connect(self._on_remove)
        self._prefer = button(tr("Second factors…"))
        self._prefer.clicked.connect(self._on_prefer)
        self._why = label("", "small", wrap=True)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(8)
        column.addWidget(self._name)
        column.addWidget(self._account, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(4)
        column.addWidget(label(tr("Second factors in Cognito"), "heading"))
        column.addWidget(factors)
        column.addWidget(self._hindrance)
        column.addWidget(self._ask, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(
            label(
                tr("Lists do not tell them. Whether the question counts as an active user AWS does not say."),
                "small",
                wrap=True,
            )
        )
        column.addWidget(self._mode)
        column.addSpacing(4)
        column.addWidget(label(tr("Help"), "heading"))
        hints = {
            self._enrol: tr("With them on the phone: QR code, a code read back, done."),
            self._lost: tr("Takes the old one away first, then enrols the new phone."),
            self._prefer: tr("Which factors are on, and which is asked for first: app, text message, email."),
            self._remove: tr("Without enrolling another now."),
        }
        for each, hint in hints.items():
            column.addWidget(each, 0, Qt.AlignmentFlag.AlignLeft)
            column.addWidget(label(hint, "small", wrap=True))
        column.addWidget(self._why)
        column.addStretch(1)
        self._help = StateView(scrolling(content, tr("About the person")))
        card = Card(tr("Help them"))
        card.setMinimumWidth(300)
        card.add(self._help, 1)
        return card

    def _connect(self) -> None:
        presenter = self._presenter
        presenter.found_changed.connect(self._on_found)
        presenter.caller_changed.connect(self._on_caller)
        presenter.unfinished_changed.connect(self._on_unfinished)
        presenter.problem.connect(self._on_problem)
        presenter.failed.connect(self._on_failed)
        presenter.settled.connect(self._on_settled)
        presenter.enrol_requested.connect(self._open_enrolment)
        self._states.retry_requested.connect(self._on_find)
        self._people.chosen.connect(self._on_chosen)

    @Slot()
    def _on_find(self) -> None:
        self._presenter.find(self._line.text())

    @Slot(object)
    def _on_found(self, state: ViewState) -> None:
        if isinstance(state, Ready) and isinstance(state.value, tuple):
            self._people.set_rows(state.value)
            if len(state.value) == 1:
                self._people.selectRow(0)
        elif isinstance(state, Empty):
            self._people.set_rows(())
        self._states.show_state(state)

    @Slot(object)
    def _on_chosen(self, user: User | None) -> None:
        if user is not None:
            self._presenter.choose(user)

    @Slot(str)
    def _on_problem(self, words: str) -> None:
        self._problem.setText(words)
        self._problem.setVisible(bool(words))

    @Slot(object)
    def _on_caller(self, caller: Caller | None) -> None:
        if caller is None:
            hint = tr("Find the person first. Then enrol, replace or remove their authenticator from here.")
            self._help.show_state(Empty(tr("Nobody is chosen"), hint, icon="phone"))
            return
        user = caller.user
        self._name.set_text(caller.who)
        self._account.set_badge(user_badge(user.status, user.enabled))
        while self._factors.count():
            item = self._factors.takeAt(0)
            gone = item.widget() if item is not None else None
            if gone is not None:
                gone.deleteLater()
        for badge in _factor_badges(user):
            self._factors.addWidget(BadgeLabel(badge))
        self._factors.addStretch(1)
        self._hindrance.setText(caller.hindrance)
        self._hindrance.setVisible(bool(caller.hindrance))
        self._ask.setText(tr("Ask Cognito") if user.factors is None else tr("Ask Cognito again"))
        if caller.pool is not None and caller.pool.mfa == "ON" and user.factors == ():
            words = tr("This pool requires MFA, and they have no factor: their next sign-in asks them to set one up.")
            self._mode.show_message(words, "", "warn")
        else:
            self._mode.hide()
        enrolling = self._presenter.why_not(Action.ENROL_AUTHENTICATOR)
        for each in (self._enrol, self._lost):
            disable(each, enrolling)
        disable(self._remove, self._presenter.why_not(Action.RESET_AUTHENTICATOR))
        disable(self._prefer, self._presenter.why_not(Action.SET_MFA_PREFERENCE))
        self._why.setText(enrolling or "")
        self._why.setVisible(bool(enrolling))
        self._help.show_state(Ready(caller))

    @Slot(object)
    def _on_unfinished(self, left: tuple[Unfinished, ...]) -> None:
        self._left.set_rows(left)
        disable(self._resume, None if self._left.selected() else tr("Choose somebody below first."))
        self._left_card.setVisible(bool(left))

    @Slot(object)
    def _on_left(self, left: Unfinished | None) -> None:
        disable(self._resume, None if left is not None else tr("Choose somebody below first."))

    @Slot()
    def _on_resume(self) -> None:
        for left in self._left.selected():
            self._presenter.resume(left)

    @Slot()
    def _on_enrol(self) -> None:
        if self._presenter.caller is not None:
            self._open_enrolment(self._presenter.caller.user, False)

    @Slot()
    def _on_lost(self) -> None:
        if self._presenter.caller is not None:
            self._open_enrolment(self._presenter.caller.user, True)

    @Slot(object, bool)
    def _open_enrolment(self, user: User, lost: bool) -> None:
        EnrolmentDialog(self._context, user, self, lost=lost).open()

    @Slot()
    def _on_remove(self) -> None:
        caller = self._presenter.caller
        if caller is None:
            return
        points = [
            self._presenter.rules.identity_check or tr(IDENTITY),
            tr("Cognito forgets the authenticator (AdminDeleteSoftwareToken). This cannot be undone."),
            self._presenter.next_sign_in(),
        ]
        dialog = ConfirmDialog(
            tr("Remove the authenticator of {who}?", who=caller.who),
            "",
            tr("Remove it"),
            consequences=points,
            dangerous=True,
            parent=self,
        )
        self._asked = caller
        dialog.confirmed.connect(self._on_remove_confirmed)
        dialog.open()

    @Slot()
    def _on_remove_confirmed(self) -> None:
        if self._asked is not None:
            self._presenter.remove(self._asked)

    @Slot()
    def _on_prefer(self) -> None:
        caller = self._presenter.caller
        if caller is None:
            return
        cost = tr("The change may count the person as an active user this month (billing).")
        dialog = MfaPreferenceDialog(caller.user, caller.pool, cost, required=caller.required, parent=self)
        dialog.submitted.connect(self._on_submitted)
        self._form, self._asked = dialog, caller
        dialog.open()

    @Slot(object)
    def _on_submitted(self, _: object) -> None:
        if isinstance(self._form, MfaPreferenceDialog) and self._asked is not None:
            self._presenter.prefer(self._asked, self._form.preference)
        elif isinstance(self._form, HouseRulesDialog):
            self._presenter.keep_rules(self._form.rules)

    @Slot()
    def _on_rules(self) -> None:
        dialog = HouseRulesDialog(self._presenter.rules, parent=self)
        dialog.submitted.connect(self._on_submitted)
        self._form = dialog
        dialog.open()

    @Slot()
    def _on_settled(self) -> None:
        form, self._form = self._form, None
        if form is not None and form.busy:
            form.succeed()

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        if self._form is not None and self._form.busy:
            self._form.fail(error)
        else:
            show_error(self, error)


def _factor_badges(user: User) -> list[Badge]:
    if user.factors is None:
        return [Badge(tr("not asked"), Tone.NEUTRAL)]
    if not user.factors:
        return [mfa_badge("none")]
    preferred = tr(" (preferred)")
    return [Badge(mfa(f) + (preferred if f == user.preferred_factor else ""), Tone.OK) for f in user.factors]


def _short(left: Unfinished) -> str:
    return tr("Locked out") if left.situation.password is not Password.THEIRS else tr("Can sign in")


def _state_badge(left: Unfinished) -> Badge:
    locked = left.situation.password is not Password.THEIRS
    return Badge(_short(left), Tone.BAD if locked else Tone.WARN, hint=told(left.situation))
