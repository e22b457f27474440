"""A short list of things, one below the other: groups, sessions, devices, events. Each may have a pill and a button."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.errors import AppError
from ui import errors
from ui.text import tr
from ui.view_state import Failed, Loading, Ready, ViewState
from ui.widgets.badge import Badge, BadgeLabel
from ui.widgets.buttons import button, disable
from ui.widgets.labels import label


@dataclass(frozen=True, slots=True)
class Line:
    """`key` names it when its button is pressed. `why_not` disables the button and says why. `hint`: the tooltip."""

    key: str
    title: str
    note: str = ""
    badge: Badge | None = None
    button: str = ""
    why_not: str | None = None
    hint: str = ""


class LineList(QWidget):
    """Rebuilt only when the lines differ; lines that come after those that are there are added below them."""

    pressed = Signal(str)  # key

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[Line, ...] = ()
        self._rows: list[QWidget] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show other lines."""
        if tuple(lines) == self._lines:
            return
        kept = len(self._lines) if tuple(lines[: len(self._lines)]) == self._lines else 0
        for row in self._rows[kept:]:
            row.hide()
            row.deleteLater()
        self._lines = tuple(lines)
        added = [self._row(line) for line in lines[kept:]]
        self._rows = self._rows[:kept] + added
        for row in added:
            self._column.addWidget(row)
            row.show()

    def _row(self, line: Line) -> QWidget:
        row = QWidget()
        row.setToolTip(line.hint)
        across = QHBoxLayout(row)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(label(line.title, wrap=True, selectable=True))
        if line.note:
            words.addWidget(label(line.note, "small", wrap=True))
        across.addLayout(words, 1)
        if line.badge is not None:
            across.addWidget(BadgeLabel(line.badge), 0, Qt.AlignmentFlag.AlignTop)
        if line.button:
            made = button(line.button)
            made.setObjectName(line.key)
            made.setAccessibleName(f"{line.button}: {line.title}")
            disable(made, line.why_not)
            made.clicked.connect(self._on_pressed)
            across.addWidget(made, 0, Qt.AlignmentFlag.AlignTop)
        return row

    @Slot()
    def _on_pressed(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.pressed.emit(sender.objectName())


class Section(QWidget):
    """A heading and a list that is asked for: reading, failed with Retry, empty, or the lines."""

    pressed = Signal(str)  # key of a line
    retry_requested = Signal()

    def __init__(self, title: str, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._empty = empty
        self._title = label(title, "heading")
        self._words = label("", "muted", wrap=True, selectable=True)
        self._retry = button(tr("Retry"), icon="refresh")
        self._retry.setAccessibleName(tr("Retry: {what}", what=title))
        self._retry.clicked.connect(self.retry_requested)
        self.lines = LineList()
        self.lines.pressed.connect(self.pressed)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(8)
        self.column.addWidget(self._title)
        self.column.addWidget(self._words)
        self.column.addWidget(self._retry, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(self.lines)
        self.show_state(None)

    def show_state(self, state: ViewState | None) -> None:
        """How the reading stands; the lines themselves come through `show_lines`."""
        match state:
            case Ready():
                return
            case Failed(error=error):
                self._say(sentence(error), retry=errors.present(error).retry)
            case None | Loading():
                self._say(tr("Reading…"))
            case _:
                self._say(self._empty)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """What was read."""
        if not lines:
            self._say(self._empty)
            return
        self._words.hide()
        self._retry.hide()
        self.lines.show_lines(lines)
        self.lines.show()

    def say(self, words: str) -> None:
        """Why there is nothing to show: what this pool does not offer, say."""
        self._say(words)

    def _say(self, words: str, *, retry: bool = False) -> None:
        self._words.setText(words)
        self._words.show()
        self._retry.setVisible(retry)
        self.lines.show_lines(())
        self.lines.hide()


def sentence(error: AppError) -> str:
    """An error in a line of its own: what, why and what to do."""
    shown = errors.present(error)
    return " ".join(part for part in (shown.title.rstrip(".") + ".", shown.body, shown.remedy) if part)
