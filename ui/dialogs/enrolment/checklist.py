"""The steps of an enrolment at the left of its window: what is done, where it stands, what is to come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

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
    Verified,
)
from ui import icons
from ui.dialogs.enrolment.presenter import Intro, Looking, Settled, Shown
from ui.text import tr
from ui.theme import theme
from ui.widgets.labels import label, restyle


class State(StrEnum):
    """How far a step is."""

    TODO = "todo"
    NOW = "now"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Item:
    """One line: its words, its state, and a small line below."""

    words: str
    state: State
    note: str = ""


def items(shown: Shown) -> tuple[Item, ...]:
    """The checklist of what is shown."""
    page, done = shown.page, set(shown.done)
    begun = not isinstance(page, Looking | Intro)
    over = isinstance(page, Finished | Settled)
    random = shown.start is Start.RANDOM
    lines: list[tuple[str, bool, bool, str]] = [(tr("Make sure who is calling"), begun, not begun, "")]
    if shown.lost:
        lines.append((tr("Remove the lost authenticator"), Step.REMOVE_LOST in done, False, ""))
    if random:
        lines.append((tr("Set a password for the moment"), Step.SET_RANDOM in done, False, tr("Nobody sees it.")))
    asking = isinstance(page, AskPassword | AskNewPassword | AskCode | AskFactor | Expired)
    signed_in = Step.ASSOCIATE in done or isinstance(page, AskEnding | Verified)
    lines += [
        (tr("Sign in as the person"), signed_in and not asking, asking, shown.way),
        (tr("They scan the QR code"), Step.VERIFY in done or Step.PREFER in done, isinstance(page, Scan), ""),
        (tr("A code of the phone is right"), Step.VERIFY in done or Step.PREFER in done, False, ""),
        (tr("Cognito asks for its code"), Step.PREFER in done, isinstance(page, Verified), ""),
        (tr("The Desk is signed out"), Step.SIGN_OUT in done, False, ""),
    ]
    if random:
        words = tr("A password of their own")
        lines.append((words, Step.HAND_OVER in done, isinstance(page, AskEnding), ""))
    return tuple(
        Item(
            words,
            State.DONE if finished or (over and not isinstance(page, Settled)) else State.NOW if now else State.TODO,
            note,
        )
        for words, finished, now, note in lines
    )


_ICONS = {State.TODO: ("minus", "muted"), State.NOW: ("arrow-right", "accent"), State.DONE: ("check-circle", "ok")}
_SAID = {State.TODO: "to come", State.NOW: "now", State.DONE: "done"}


class Checklist(QFrame):
    """Shows the items; a shape goes with every state."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "rail")
        self.setFixedWidth(252)
        self.setAccessibleName(tr("Steps"))
        self._items: tuple[Item, ...] = ()
        self._rows: list[tuple[QLabel, QLabel, QLabel]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(20, 24, 16, 20)
        self._column.setSpacing(14)
        self._column.addWidget(label(tr("Steps"), "heading"))
        self._column.addStretch(1)
        theme.changed.connect(self._draw)

    def show_items(self, shown: tuple[Item, ...]) -> None:
        """Show another list."""
        while len(self._rows) < len(shown):
            self._add_row()
        self._items = shown
        self._draw()

    def _add_row(self) -> None:
        icon = QLabel()
        icon.setFixedWidth(20)
        words, note = label("", wrap=True), label("", "small", wrap=True)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(words)
        texts.addWidget(note)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        self._column.insertLayout(self._column.count() - 1, row)
        self._rows.append((icon, words, note))

    @Slot()
    def _draw(self) -> None:
        for number, (icon, words, note) in enumerate(self._rows):
            there = number < len(self._items)
            item = self._items[number] if there else Item("", State.TODO)
            name, ink = _ICONS[item.state]
            icon.setPixmap(icons.pixmap(name, theme.css(ink), 18, self.devicePixelRatioF()))
            icon.setVisible(there)
            words.setText(item.words)
            words.setAccessibleName(f"{item.words}: {tr(_SAID[item.state])}")
            role = {State.NOW: "heading", State.TODO: "muted"}.get(item.state, "")
            if words.property("role") != role:
                words.setProperty("role", role)
                restyle(words)
            words.setVisible(there)
            note.setText(item.note)
            note.setVisible(there and bool(item.note))
