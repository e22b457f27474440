"""What to do for people who have paid and were not moved on: with the event that was missed, or by asking Stripe."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDir, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from app.errors import AppError
from app.onboarding.subscription import Stuck
from app.permissions import Action
from app.subscriptions import Reading
from ui.context import Context
from ui.dialogs.bulk.window import BulkDialog
from ui.tabs.onboarding.presenter import OnboardingPresenter
from ui.tabs.onboarding.stripe_dialog import StripeSecretDialog
from ui.tabs.onboarding.subscription import Kept, SubscriptionPresenter
from ui.text import age, count, exact, number, onboarding_status, tr, when
from ui.view_state import Empty, Loading, Ready, ViewState
from ui.widgets.badge import Badge, BadgeLabel, Tone
from ui.widgets.banner import Banner
from ui.widgets.buttons import button, disable
from ui.widgets.cards import Card
from ui.widgets.keyvalues import KeyValues
from ui.widgets.labels import label
from ui.widgets.rows import Column, RowTable, badge_width
from ui.widgets.states import StateView


class SubscriptionPage(QWidget):
    """Two cards: one event, and everybody who waits."""

    def __init__(
        self,
        context: Context,
        presenter: SubscriptionPresenter,
        onboarding: OnboardingPresenter,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self._presenter = presenter
        self._kept = Kept(signing=False, key=False)
        self._dialog: StripeSecretDialog | None = None
        self._event = Card(tr("A missed event"), tr("customer.subscription.created"))
        self._signing = BadgeLabel(Badge(""))
        self._enter_signing = button(tr("Signing secret…"), icon="key")
        self.payload = QPlainTextEdit()
        self.signature = QLineEdit()
        self._open = button(tr("Open file…"))
        self._check = button(tr("Check event"), "primary")
        self._banner = Banner()
        self._facts = KeyValues(name_width=104)
        self._why = label("", wrap=True)
        self._go = button(tr("Move on"), "primary")
        self._stuck = Card(tr("Who waits for a subscription"), flush=True)
        self._key = BadgeLabel(Badge(""))
        self._enter_key = button(tr("Key…"), icon="key")
        self._ask = button(tr("Ask again"), icon="refresh")
        self._cancel = button(tr("Cancel"))
        self._paid = button("", "primary")
        self.table: RowTable[Stuck] = RowTable(
            tr("People who wait for a subscription"),
            [
                Column(tr("Person"), lambda each: each.row.email, 0),
                Column(tr("Waits"), lambda each: age(onboarding.age(each.row)), 64),
                Column(
                    tr("Stripe"),
                    lambda each: _paid_badge(each).text,
                    badge_width(tr("not paid")),
                    badge=_paid_badge,
                ),
                Column(tr("What Stripe says"), lambda each: each.note, 0, hint=lambda each: each.note),
            ],
            key=lambda each: each.row.id,
        )
        self.states = StateView(self.table)
        self._lay_out()
        self._connect()
        self._on_kept(self._kept)
        self._on_reading(None)

    def start(self) -> None:
        """The page is opened."""
        self._presenter.start()

    def _lay_out(self) -> None:
        self.payload.setPlaceholderText(tr("The event as Stripe sent it, byte for byte"))
        self.payload.setAccessibleName(tr("Event"))
        self.payload.setProperty("role", "mono")
        self.payload.setTabChangesFocus(True)
        self.signature.setPlaceholderText("t=…,v1=…")
        self.signature.setAccessibleName(tr("Stripe-Signature header"))
        head = QHBoxLayout()
        head.addWidget(self._signing)
        head.addStretch(1)
        head.addWidget(self._enter_signing)
        self._event.add(head)
        self._event.add(self.payload, 1)
        title = label(tr("Stripe-Signature header"), "field")
        title.setBuddy(self.signature)
        self._event.add(title)
        self._event.add(self.signature)
        row = QHBoxLayout()
        row.addWidget(self._open)
        row.addStretch(1)
        row.addWidget(self._check)
        self._event.add(row)
        self._event.add(self._banner)
        self._found = QWidget()
        found = QVBoxLayout(self._found)
        found.setContentsMargins(0, 4, 0, 0)
        found.setSpacing(8)
        found.addWidget(self._facts)
        found.addWidget(self._why)
        last = QHBoxLayout()
        last.addStretch(1)
        last.addWidget(self._go)
        found.addLayout(last)
        self._event.add(self._found)
        tools = QHBoxLayout()
        tools.setContentsMargins(16, 0, 12, 0)
        tools.setSpacing(8)
        tools.addWidget(self._key)
        tools.addStretch(1)
        for each in (self._enter_key, self._cancel, self._ask, self._paid):
            tools.addWidget(each)
        self._stuck.add(tools)
        self._stuck.add(self.states, 1)
        self._cancel.hide()
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(12)
        outer.addWidget(self._event, 2)
        outer.addWidget(self._stuck, 3)

    def _connect(self) -> None:
        presenter = self._presenter
        presenter.kept_changed.connect(self._on_kept)
        presenter.opened.connect(self.payload.setPlainText)
        presenter.reading_changed.connect(self._on_reading)
        presenter.refused.connect(self._on_refused)
        presenter.stuck_changed.connect(self._on_stuck)
        presenter.saved.connect(self._on_saved)
        presenter.not_saved.connect(self._on_not_saved)
        self._enter_signing.clicked.connect(self._on_enter_signing)
        self._enter_key.clicked.connect(self._on_enter_key)
        self._open.clicked.connect(self._on_open)
        self._check.clicked.connect(self._on_check)
        self.signature.returnPressed.connect(self._on_check)
        self.payload.textChanged.connect(self._on_edited)
        self.signature.textChanged.connect(self._on_edited)
        self._go.clicked.connect(presenter.activate)
        self._ask.clicked.connect(presenter.ask)
        self._cancel.clicked.connect(presenter.cancel)
        self._paid.clicked.connect(self._on_paid)
        self.states.action_requested.connect(self._on_first)
        self.states.retry_requested.connect(presenter.ask)
        self.table.opened.connect(self._on_opened)

    @Slot(object)
    def _on_kept(self, kept: Kept) -> None:
        self._kept = kept
        for badge, known, words in (
            (self._signing, kept.signing, tr("signing secret")),
            (self._key, kept.key, tr("restricted key")),
        ):
            text = tr("{what} kept", what=words) if known else tr("no {what}", what=words)
            badge.set_badge(Badge(text, Tone.OK if known else Tone.NEUTRAL))

    @Slot(object)
    def _on_reading(self, reading: Reading | None) -> None:
        self._found.setVisible(reading is not None)
        if reading is None:
            return
        self._banner.hide()
        found, event = reading.match, reading.event
        self._facts.clear()
        row = found.row
        self._facts.add(tr("Person"), row.email if row is not None else "")
        self._facts.add(tr("Now"), onboarding_status(row.status) if row is not None else "")
        self._facts.add(tr("Subscription"), f"{found.subscription.id} · {found.subscription.status}", mono=True)
        self._facts.add(tr("Event"), f"{event.id} · {when(event.created)}", hint=exact(event.created))
        asked = tr("asked just now") if reading.checked else tr("not asked: the event alone counts")
        self._facts.add(tr("Stripe"), asked)
        self._why.setText(found.reason or tr("Moves to active. Only the database row changes."))
        disable(self._go, self._desk.why_not(Action.ACTIVATE) or found.reason)

    @Slot(object)
    def _on_refused(self, error: AppError) -> None:
        self._found.hide()
        self._banner.show_error(error)
        if "signature" in error.fields:
            self.signature.setFocus()

    @Slot()
    def _on_edited(self) -> None:
        self._found.hide()
        self._banner.hide()

    @Slot()
    def _on_check(self) -> None:
        self._banner.hide()
        self._presenter.check(self.payload.toPlainText(), self.signature.text())

    @Slot(object)
    def _on_stuck(self, state: ViewState) -> None:
        self.states.show_state(state)
        loading = isinstance(state, Loading)
        self._cancel.setVisible(self._presenter.asking)
        if isinstance(state, Ready) and isinstance(state.value, tuple):
            self.table.set_rows(state.value)
        elif isinstance(state, Empty):
            self.table.set_rows(())
        stuck = self._presenter.stuck
        self._ask.setVisible(bool(stuck) and not loading)
        paid = sum(each.paid is not None for each in stuck)
        self._paid.setVisible(bool(stuck))
        self._paid.setText(tr("Move {people} on…", people=count(paid, "person", "people")))
        nobody = tr("Nobody of them has paid.") if not paid else None
        disable(self._paid, self._desk.why_not(Action.ACTIVATE) or nobody)
        self._stuck.set_note(
            tr("{people}, {n} have paid", people=count(len(stuck), "person", "people"), n=number(paid)) if stuck else ""
        )

    @Slot()
    def _on_first(self) -> None:
        if self._presenter.has_key:
            self._presenter.ask()
        else:
            self._enter(key=True)

    @Slot()
    def _on_paid(self) -> None:
        BulkDialog(self._context, self._presenter.paid_order(), self).open()

    @Slot(object)
    def _on_opened(self, each: Stuck) -> None:
        self._context.navigate.emit("users", {"search": each.row.email})

    @Slot()
    def _on_open(self) -> None:
        chooser = QFileDialog(self, tr("An event of Stripe"), QDir.homePath())
        chooser.setNameFilters([tr("JSON (*.json)"), tr("All files (*)")])
        chooser.fileSelected.connect(self._on_path)
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    @Slot(str)
    def _on_path(self, path: str) -> None:
        self._presenter.open_file(Path(path))

    @Slot()
    def _on_enter_signing(self) -> None:
        self._enter(key=False)

    @Slot()
    def _on_enter_key(self) -> None:
        self._enter(key=True)

    def _enter(self, *, key: bool) -> None:
        known = self._kept.key if key else self._kept.signing
        self._dialog = StripeSecretDialog(key=key, known=known, parent=self)
        self._dialog.submitted.connect(self._on_secret)
        self._dialog.open()

    @Slot(object)
    def _on_secret(self, values: dict[str, str]) -> None:
        dialog = self._dialog
        assert dialog is not None
        key = dialog.field == "stripe_key"
        self._presenter.keep(values[dialog.field], key=key, session=values["session"] == "true")

    @Slot()
    def _on_saved(self) -> None:
        if self._dialog is not None:
            self._dialog.succeed()
            self._dialog = None

    @Slot(object)
    def _on_not_saved(self, error: AppError) -> None:
        if self._dialog is not None:
            self._dialog.fail(error)
        else:
            self._banner.show_error(error)


def _paid_badge(each: Stuck) -> Badge:
    return Badge(tr("paid"), Tone.OK) if each.paid is not None else Badge(tr("not paid"), Tone.NEUTRAL)
