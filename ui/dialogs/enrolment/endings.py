"""The last pages: a password of their own, done, stuck, a step to try again, and leaving half-way."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from app.auth.enrolment import Ending
from app.auth.stages import Expired, Finished
from ui.text import tr
from ui.widgets.banner import Banner
from ui.widgets.buttons import button
from ui.widgets.labels import label
from ui.widgets.secret_clipboard import shared
from ui.widgets.secret_key import SecretKey

_WAYS = {
    Ending.TEMPORARY: (
        "A temporary password that you read out",
        "They must choose their own at the next sign-in. You see it once, here.",
    ),
    Ending.EMAIL: (
        "A code by email",
        "Cognito sends a code to their verified contact, with which they choose a password. Nobody reads anything out.",
    ),
}


class Ways(QWidget):
    """The ways to a password of their own; one that is not open says why."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._choices: dict[Ending, QRadioButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for ending, (title, body) in _WAYS.items():
            choice = QRadioButton(tr(title))
            self._group.addButton(choice)
            self._choices[ending] = choice
            hint = label(tr(body), "small", wrap=True)
            hint.setObjectName(ending.value)
            column.addWidget(choice)
            column.addWidget(hint)
            column.addSpacing(8)
        self._choices[Ending.TEMPORARY].setChecked(True)

    def offer(self, ways: Mapping[Ending, str | None]) -> None:
        """Which are open."""
        for ending, choice in self._choices.items():
            why = ways.get(ending)
            choice.setEnabled(why is None)
            hint = self.findChild(QWidget, ending.value)
            if hint is not None:
                hint.setProperty("text", why or tr(_WAYS[ending][1]))
        if not self._choices[Ending.EMAIL].isEnabled():
            self._choices[Ending.TEMPORARY].setChecked(True)

    @property
    def chosen(self) -> Ending:
        """The one that is chosen."""
        return next(ending for ending, choice in self._choices.items() if choice.isChecked())


class EndingPage(QWidget):
    """Enrolled; now a password of their own."""

    chosen = Signal(object)  # Ending

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ways = Ways()
        self.go = button(tr("Give them this"), "primary")
        self.go.clicked.connect(self._on_go)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        done = Banner()
        column.addWidget(done)
        done.show_message(tr("The authenticator is enrolled, and Cognito asks for it"), "", "ok")
        column.addWidget(label(tr("Now they need a password of their own"), "large", wrap=True))
        words = tr(
            "The random one, which nobody knows, is still in the account: until it is replaced they are locked out."
        )
        column.addWidget(label(words, wrap=True))
        column.addWidget(self.ways)
        column.addStretch(1)

    @Slot()
    def _on_go(self) -> None:
        self.chosen.emit(self.ways.chosen)


class DonePage(QWidget):
    """What has been reached, and the temporary password where there is one. `read` comes once: somebody has seen it."""

    read = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.unread = False
        self._said = Banner()
        self._next = label("", wrap=True)
        self._heading = label(tr("Temporary password"), "heading")
        self._password = SecretKey()
        self._password.copy_requested.connect(self._on_copy)
        self._password.shown.connect(self._on_read)
        self._secret = ""
        self._hint = label(
            tr("Read it out now: it is kept nowhere, and gone with this window. They change it at the next sign-in."),
            "small",
            wrap=True,
        )
        self._drift = label("", "muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for part in (self._said, self._next, self._heading, self._password, self._hint, self._drift):
            column.addWidget(part)
        column.addStretch(1)

    def show_finished(self, finished: Finished, who: str) -> None:
        """The enrolment is complete."""
        self._said.show_message(
            tr("{who} has a verified authenticator", who=who),
            tr("Cognito asks for its code at every sign-in from now on, and the Desk is signed out."),
            "ok",
        )
        following = {
            None: tr("Their next sign-in: the password that they have, then the code of the app."),
            Ending.TEMPORARY: tr(
                "Their next sign-in: this password, a new one of their own, then the code of the app."
            ),
            Ending.EMAIL: tr("Next they open the email, choose a password with its code, and sign in with the app."),
        }
        self._next.setText(following[finished.ending])
        self._show_password(finished.temporary_password)
        drift = finished.drift.seconds if finished.drift is not None else 0
        words = tr(
            "The phone's clock is about {n} s off: automatic date and time would spare them trouble.", n=abs(drift)
        )
        self._drift.setText(words if drift else "")
        self._drift.setVisible(bool(drift))

    def show_settled(self, title: str, body: str, temporary_password: str | None) -> None:
        """What was half done is finished or undone."""
        self._said.show_message(title, body, "ok")
        self._next.setText(
            tr("Their next sign-in: this password, then a new one of their own.") if temporary_password else ""
        )
        self._show_password(temporary_password)
        self._drift.hide()

    def forget(self) -> None:
        """Drop the password."""
        self._secret = ""
        self._password.forget()  # on the clipboard it stays for its minute: copied last, pasted after “Done”

    def _show_password(self, password: str | None) -> None:
        if password and password == self._secret:
            return  # the same page again
        self._secret = password or ""
        self.unread = bool(password)
        self._password.show_key(self._secret)
        for part in (self._heading, self._password, self._hint):
            part.setVisible(bool(password))

    @Slot()
    def _on_copy(self) -> None:
        if self._secret:
            shared().copy(self._secret)
            self._on_read()

    @Slot()
    def _on_read(self) -> None:
        if self.unread:
            self.unread = False
            self.read.emit()


class StopPage(QWidget):
    """It cannot go on by itself: why, and what can be done."""

    again_requested = Signal()

    def __init__(self, action: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = label("", "large", wrap=True)
        self._body = label("", wrap=True, selectable=True)
        self.go = button(action, "primary")
        self.go.clicked.connect(self.again_requested)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._heading)
        column.addWidget(self._body)
        column.addStretch(1)

    def tell(self, title: str, body: str) -> None:
        """Say why."""
        self._heading.setText(title)
        self._body.setText(body)
        self.setAccessibleName(title)
        self.setAccessibleDescription(body)


def expired_words(over: Expired) -> str:
    """What a QR code whose time has run out means, and what to do, in sentences."""
    words = tr(
        "Cognito waits only so long for the code of a new authenticator, and no code of this one came in time. Nothing "
        "in the account has changed by it."
    )
    delete = tr(
        "If they have scanned it, have them delete the entry “{entry}” in the app: it never works.",
        entry=over.entry,
    )
    if over.typed:
        after = tr("A new QR code takes their password once more: the Desk has not kept it.")
    else:
        after = tr("A new QR code needs nothing else from them.")
    return f"{words}\n\n{delete}\n\n{after}"


class LeavePage(QWidget):
    """Asked to close half-way: go on, undo now, or leave it for later."""

    stay_requested = Signal()
    undo_requested = Signal(object)  # Ending
    leave_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ways = Ways()
        stay = button(tr("Go on with the enrolment"), "primary")
        stay.clicked.connect(self.stay_requested)
        undo = button(tr("Undo it now"))
        undo.clicked.connect(self._on_undo)
        leave = button(tr("Leave it as it is"), "danger")
        leave.clicked.connect(self.leave_requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(label(tr("This enrolment is half done"), "large", wrap=True))
        words = tr(
            "Undo it, so that the account is as before; where a password was set for the moment, they get one of their "
            "own. Left as it is, the Authenticator tab and this person's page say so, and offer to finish or undo it."
        )
        column.addWidget(label(words, wrap=True))
        column.addWidget(self.ways)
        for part in (stay, undo, leave):
            column.addWidget(part, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)

    @Slot()
    def _on_undo(self) -> None:
        self.undo_requested.emit(self.ways.chosen)
