"""A letter to people without a second factor, as a draft for the person's own mail program. The Desk sends nothing."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ui.text import tr
from ui.widgets.buttons import button
from ui.widgets.dialogs import FormDialog

_SUBJECT = "Please set up an authenticator app"
_BODY = """Hello,

your account does not have a second factor yet. Please set up an authenticator app: {how}

If you need help, reply to this message and we will do it together on the phone. We never ask for your password.
"""
_HOW = "sign in, open your security settings and follow the steps. It takes two minutes."


class NudgeDialog(FormDialog):
    """`submitted` hands over search, subject and body; `copy_requested` the search alone."""

    copy_requested = Signal(str)

    def __init__(self, query: str, *, parent: QWidget | None = None) -> None:
        intro = tr(
            "Makes a draft (.eml) with everybody's verified address as blind copy, 100 to a draft. Open it in your "
            "mail program, check it, and send it from there."
        )
        super().__init__(
            tr("Write to people without a second factor"), tr("Save the draft…"), intro=intro, parent=parent
        )
        self.form.add_line(
            "search", tr("Who"), query, hint=tr("As on the Users tab, for example with onboarding:active.")
        )
        self.form.add_line("subject", tr("Subject"), tr(_SUBJECT))
        body = QPlainTextEdit(tr(_BODY, how=tr(_HOW)))
        body.setTabChangesFocus(True)
        body.setMinimumHeight(180)
        self.form.add("body", tr("Text"), body)
        copy = button(tr("Copy the addresses"), "quiet", icon="copy")
        copy.clicked.connect(self._on_copy)
        self.buttons.insertWidget(0, copy)
        self.setMinimumWidth(560)

    @Slot()
    def _on_copy(self) -> None:
        self.copy_requested.emit(self.form.values()["search"])
