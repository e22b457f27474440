"""The form of a connection as a dialog: tested before it is kept, if the person likes; nothing typed is ever lost."""

from __future__ import annotations

import uuid
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app.connections import Connection
from app.desk import PROBE_STEPS
from app.errors import AppError
from app.secrets import KeyringStatus
from ui import icons, screens
from ui.text import tr
from ui.welcome.draft import Draft, read_draft
from ui.welcome.form import ConnectionForm
from ui.welcome.presenter import WelcomePresenter
from ui.welcome.steps import StepsPanel
from ui.welcome.trial import Trial
from ui.widgets.banner import Banner
from ui.widgets.buttons import button
from ui.widgets.dialogs import FormDialog

_WIDTH = 640
_EDGE = 32  # what stays free of the window around a dialog that fills it


class ConnectionDialog(FormDialog):
    """Makes a connection, or changes the `existing` one. Secrets that stay empty stay as they are."""

    def __init__(
        self,
        presenter: WelcomePresenter,
        trial: Trial,
        existing: Connection | None = None,
        parent: QWidget | None = None,
    ) -> None:
        title = tr("New connection") if existing is None else tr("Edit {name}", name=existing.name)
        fields = ConnectionForm(existing)
        super().__init__(title, tr("Save"), form=fields, parent=parent)
        self._fields = fields
        self._presenter = presenter
        self._trial = trial
        trial.setParent(self)
        self._existing = existing
        # One id for every attempt to save: a second try must find the secrets of the first.
        self._id = existing.id if existing is not None else uuid.uuid4().hex
        self._asked_keyring = False
        self._keyring: KeyringStatus | None = None
        self._no_keyring = Banner()
        self._steps = StepsPanel()
        self._steps.hide()
        self._test = button(tr("Test"), icon="play", hint=tr("Try it without saving it"))
        self._test.clicked.connect(self._on_test)
        self._arrange()
        self._connect()
        self._ask_keyring()

    @Slot()
    def submit(self) -> None:
        if self.busy:
            return
        draft = self._read()
        if draft is not None:
            self._trial.give_up()
            super().submit()
            self._presenter.save(draft)

    @Slot(object)
    def fail(self, error: AppError) -> None:
        super().fail(error)
        self._show_first_problem()

    def _needed_height(self) -> int:
        """As high as the form, but never higher than the window it belongs to, or the screen: then the form scrolls."""
        room = screens.room(self).height() - _EDGE
        parent = self.parentWidget()
        if parent is not None:
            room = min(room, parent.window().height() - _EDGE)
        return min(super()._needed_height(), room)

    def _arrange(self) -> None:
        area = _FormArea()
        self._area = area
        self.body.replaceWidget(self.form, area)
        area.setWidget(self.form)
        self.form.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        self.body.takeAt(self.body.indexOf(area) + 1)  # the spring below a form that does not scroll
        self.body.setStretchFactor(area, 1)
        self.body.addWidget(self._no_keyring)
        self.body.addWidget(self._steps)
        self.buttons.insertWidget(0, self._test)
        self.resize(_WIDTH, 640)
        stops = [*self._fields.stops(), self._test, self._no, self._yes]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)
        stops[0].setFocus()

    def _connect(self) -> None:
        self.form.edited.connect(self._on_edited)
        self.cancel_requested.connect(self._presenter.stop_saving)
        self.finished.connect(self._trial.give_up)
        self._trial.changed.connect(self._on_trial)
        self._trial.failed.connect(self._on_trial_failed)
        self._presenter.saved.connect(self.succeed)
        self._presenter.save_failed.connect(self.fail)
        self._presenter.save_cancelled.connect(self.cancelled)
        self._presenter.keyring_known.connect(self._on_keyring)

    def _read(self) -> Draft | None:
        self._banner.hide()
        self.form.set_errors({})
        try:
            return read_draft({**self.form.values(), "id": self._id}, self._existing)
        except AppError as error:
            self.set_errors(error.fields)
            self._show_first_problem()
            return None

    def _show_first_problem(self) -> None:
        marked = next(iter(self.form.problems()), None)
        if marked is not None:
            # The whole row: what is wrong stands below the field.
            self._area.ensureWidgetVisible(self._fields.row(marked), 0, 24)

    @Slot()
    def _on_test(self) -> None:
        if self._trial.running:
            self._trial.give_up()
            return
        draft = self._read()
        if draft is not None:
            self._trial.start(draft)

    @Slot()
    def _on_trial(self) -> None:
        running, steps = self._trial.running, self._trial.steps
        self._test.setText(tr("Stop the test") if running else tr("Test"))
        icons.assign(self._test, "stop" if running else "play", "text", 16)
        self._steps.show_steps(steps, running=running)
        self._steps.setVisible(running or bool(steps))
        self._show_keyring()

    @Slot(object)
    def _on_trial_failed(self, error: AppError) -> None:
        self.fail(error)

    @Slot(str)
    def _on_edited(self, _: str) -> None:
        # What was found out belongs to what stood here before.
        if self._trial.running or self._trial.steps:
            self._trial.give_up()
        self._ask_keyring()

    def _ask_keyring(self) -> None:
        """Only once there is a secret to keep: the system may ask for the keyring's password."""
        if self._fields.holds_secrets and not self._asked_keyring:
            self._asked_keyring = True
            self._presenter.ask_keyring()
        self._show_keyring()

    @Slot(object)
    def _on_keyring(self, status: KeyringStatus) -> None:
        self._keyring = status
        self._show_keyring()

    def _show_keyring(self) -> None:
        status = self._keyring
        # A finished test says it in its last step.
        tested = len(self._trial.steps) == len(PROBE_STEPS)
        if status is None or status.available or tested or not self._fields.holds_secrets:
            self._no_keyring.hide()
            return
        body = tr("{reason} They are never written to a file.", reason=status.reason)
        self._no_keyring.show_message(tr("There is no keyring to keep secrets in"), body, "warn")


class _FormArea(QScrollArea):
    """Wants to be as high as its form, and scrolls where there is less room."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(160)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        form = self.widget()
        if form is None:
            return hint
        wraps = form.hasHeightForWidth()
        return QSize(hint.width(), form.heightForWidth(self.viewport().width()) if wraps else form.sizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest and watched is self.widget():
            self.updateGeometry()
        return super().eventFilter(watched, event)
