"""Dialogs that never block: show them with `open()` and listen to their signals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.errors import AppError
from ui import errors, icons
from ui.text import tr
from ui.theme import theme
from ui.widgets.banner import Banner
from ui.widgets.buttons import button
from ui.widgets.disclosure import Disclosure
from ui.widgets.forms import Form
from ui.widgets.labels import label
from ui.widgets.reading_order import step

REASON_LENGTH = 200  # characters: a sentence or two, which the journal shows in one line


class Dialog(QDialog):
    """The frame of all dialogs: heading, body, buttons at the lower right. Deleted when closed."""

    def __init__(self, title: str, parent: QWidget | None = None, *, icon: str = "", ink: str = "muted") -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setMinimumWidth(440)
        self._picture = (icon, ink)
        self._icon = QLabel(parent=self)
        self._icon.setVisible(bool(icon))
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        self._heading = label(title, "large", wrap=True)
        head.addWidget(self._heading, 1)
        self.body = QVBoxLayout()
        self.body.setSpacing(12)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(8)
        self.buttons.addStretch(1)
        foot = QFrame()
        foot.setProperty("role", "foot")
        foot.setLayout(self.buttons)
        self.buttons.setContentsMargins(24, 12, 24, 12)
        inner = QVBoxLayout()
        inner.setContentsMargins(24, 24, 24, 20)
        inner.setSpacing(12)
        inner.addLayout(head)
        inner.addLayout(self.body, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(inner, 1)
        column.addWidget(foot)
        self._draw()
        theme.changed.connect(self._draw)

    def set_heading(self, title: str) -> None:
        """Say something else at the top: the dialog has come to another stage."""
        self.setWindowTitle(title)
        self._heading.setText(title)

    def focusNextPrevChild(self, next: bool) -> bool:
        return step(self, forward=next)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.resize(self.width(), self._needed_height())

    def event(self, event: QEvent) -> bool:
        # Opened details and error lines make the dialog grow; it never shrinks under the mouse.
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible() and self._needed_height() > self.height():
            self.resize(self.width(), self._needed_height())
        return done

    def _needed_height(self) -> int:
        """Wrapped labels know their height only for a width: Qt's own guess opens dialogs too high."""
        layout = self.layout()
        if layout is None or not layout.hasHeightForWidth():
            return self.sizeHint().height()
        return layout.totalHeightForWidth(self.width())

    @Slot()
    def _draw(self) -> None:
        name, ink = self._picture
        if name:
            self._icon.setPixmap(icons.pixmap(name, theme.css(ink), 22, self.devicePixelRatioF()))


class ConfirmDialog(Dialog):
    """Says what will happen and asks. `confirmed` is emitted once; closing in any other way emits QDialog's rejected.

    With `typed`, the button stays disabled until exactly that text is typed; `prompt` asks for it in other words.
    `reason` asks for one, which may be left empty: `given_reason`.
    """

    confirmed = Signal()

    def __init__(
        self,
        title: str,
        body: str,
        action: str,
        *,
        consequences: Sequence[str] = (),
        dangerous: bool = False,
        typed: str = "",
        prompt: str = "",
        reason: str = "",
        parent: QWidget | None = None,
    ) -> None:
        picture, ink = ("warning", "bad") if dangerous else ("info", "accent")
        super().__init__(title, parent, icon=picture, ink=ink)
        self.setAccessibleDescription(" ".join([body, *consequences]))
        if body:
            self.body.addWidget(label(body, wrap=True))
        if consequences:
            bullets = QVBoxLayout()
            bullets.setSpacing(4)
            for consequence in consequences:
                bullets.addLayout(_bullet(consequence))
            self.body.addLayout(bullets)
        self._typed = typed
        self._line = QLineEdit()
        if typed:
            # Selectable: nobody types the UUID of an account by hand.
            asked = label(prompt or tr("Type {text} to confirm", text=typed), "field", wrap=True, selectable=True)
            asked.setBuddy(self._line)
            self._line.setAccessibleName(asked.text())
            self._line.textChanged.connect(self._on_typed)
            self.body.addWidget(asked)
            self.body.addWidget(self._line)
        else:
            self._line.setParent(self)
            self._line.hide()
        self._reason = QLineEdit(self)
        self._reason.setMaxLength(REASON_LENGTH)
        self._reason.setVisible(bool(reason))
        if reason:
            above = label(reason, "field")
            above.setBuddy(self._reason)
            self._reason.setAccessibleName(reason)
            self.body.addWidget(above)
            self.body.addWidget(self._reason)
        self.body.addStretch(1)
        self._no = button(tr("Cancel"))
        self._no.clicked.connect(self.reject)
        self._yes = button(action, "danger-primary" if dangerous else "primary")
        self._yes.clicked.connect(self._on_yes)
        self.buttons.addWidget(self._no)
        self.buttons.addWidget(self._yes)
        self._yes.setEnabled(not typed)
        if typed:
            self._yes.setDefault(True)
            self._line.setFocus()
        elif dangerous:
            self._no.setDefault(True)
            self._no.setFocus()
        else:
            self._yes.setDefault(True)
            self._yes.setFocus()

    @property
    def given_reason(self) -> str:
        """The reason as it was typed; empty where none was."""
        return self._reason.text().strip()

    @Slot(str)
    def _on_typed(self, text: str) -> None:
        self._yes.setEnabled(text == self._typed)

    @Slot()
    def _on_yes(self) -> None:
        self.confirmed.emit()
        self.accept()


class ErrorDialog(Dialog):
    """What happened, why, what to do; technical details behind a button, to be copied."""

    retried = Signal()

    def __init__(self, error: AppError, parent: QWidget | None = None, *, retry: bool = False) -> None:
        shown = errors.present(error)
        super().__init__(shown.title, parent, icon="error", ink="bad")
        self.setAccessibleDescription(f"{shown.body} {shown.remedy}")
        self.body.addWidget(label(shown.body, wrap=True, selectable=True))
        if shown.remedy:
            self.body.addWidget(label(shown.remedy, "muted", wrap=True))
        disclosure = Disclosure(tr("Details"))
        self.body.addWidget(disclosure)
        disclosure.set_text(shown.details)
        self.body.addStretch(1)
        self._details = shown.details
        copy = button(tr("Copy"), "quiet", icon="copy")
        copy.clicked.connect(self._on_copy)
        self.buttons.insertWidget(0, copy)
        if retry:
            again = button(tr("Retry"), icon="refresh")
            again.clicked.connect(self._on_retry)
            self.buttons.addWidget(again)
        close = button(tr("Close"), "primary")
        close.clicked.connect(self.reject)
        close.setDefault(True)
        self.buttons.addWidget(close)
        close.setFocus()

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(f"{self.windowTitle()}\n{self._details}")

    @Slot()
    def _on_retry(self) -> None:
        self.retried.emit()
        self.accept()


class FormDialog(Dialog):
    """A form whose submission runs in the background.

    `submitted(values)` asks the owner to do it; then the owner calls `succeed()` or `fail(error)`. While it runs the
    fields are locked and nothing can close the dialog by accident; a failure leaves every entry as it was typed.
    """

    submitted = Signal(object)  # dict[str, str]
    cancel_requested = Signal()  # pressed while busy

    def __init__(
        self,
        title: str,
        action: str,
        *,
        intro: str = "",
        form: Form | None = None,
        dangerous: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, parent)
        self.form = form or Form()
        self._busy = False
        self._action = action
        self._banner = Banner()
        if intro:
            self.body.addWidget(label(intro, "muted", wrap=True))
        self.body.addWidget(self._banner)
        self.body.addWidget(self.form)
        self.body.addStretch(1)
        self._no = button(tr("Cancel"))
        self._no.clicked.connect(self._on_cancel)
        self._yes = button(action, "danger-primary" if dangerous else "primary")
        self._yes.clicked.connect(self.submit)
        self._yes.setDefault(True)
        self.buttons.addWidget(self._no)
        self.buttons.addWidget(self._yes)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not (event.spontaneous() or self.form.isAncestorOf(self.focusWidget())):
            self.form.focus_first()

    @property
    def busy(self) -> bool:
        """Whether a submission is under way."""
        return self._busy

    @Slot()
    def submit(self) -> None:
        """Send the values, unless a submission is under way already."""
        if self._busy:
            return
        self._banner.hide()
        self.form.set_errors({})
        values = self.form.values()
        self._set_busy(True)
        self.submitted.emit(values)

    def set_errors(self, problems: Mapping[str, str]) -> None:
        """Unlock and mark fields: for problems found before anything was sent."""
        self._set_busy(False)
        self.form.set_errors(problems)

    @Slot(object)
    def fail(self, error: AppError) -> None:
        """Unlock; show the error at its fields, or in a banner above them."""
        self._set_busy(False)
        if error.fields:
            self.form.set_errors(error.fields)
        else:
            self._banner.show_error(error)

    @Slot()
    def cancelled(self) -> None:
        """Unlock after the submission was cancelled."""
        self._set_busy(False)

    @Slot()
    def succeed(self) -> None:
        """Close: it is done."""
        self._set_busy(False)
        self.accept()

    def reject(self) -> None:
        if self._busy:
            self.cancel_requested.emit()
        else:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._busy:
            event.ignore()
            self.cancel_requested.emit()
        else:
            super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._busy and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return
        super().keyPressEvent(event)

    @Slot()
    def _on_cancel(self) -> None:
        self.reject()

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self.form.setEnabled(not busy)
        self._yes.setEnabled(not busy)
        self._yes.setText(tr("Working…") if busy else self._action)
        self._no.setText(tr("Stop") if busy else tr("Cancel"))


def show_error(parent: QWidget, error: AppError) -> ErrorDialog:
    """Open the one dialog for errors that belong to no field and no view."""
    made = ErrorDialog(error, parent)
    made.open()
    return made


def _bullet(text: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(4, 0, 0, 0)
    row.setSpacing(8)
    words = label(text, wrap=True)
    words.setAlignment(Qt.AlignmentFlag.AlignTop)
    row.addWidget(label("•"), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(words, 1)
    return row
