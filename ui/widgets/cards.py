"""A white box with a heading: the unit in which a page is laid out."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from ui.widgets.labels import ElidedLabel, label


class Card(QFrame):
    """Heading, a note beside it, buttons at the right, then the content; `flush` lets the content reach the edges."""

    def __init__(self, title: str = "", note: str = "", *, flush: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(title)
        self._note = label(note, "muted")
        self._head = QHBoxLayout()
        self._head.setSpacing(8)
        self._head.setContentsMargins(16 if flush else 0, 12 if flush else 0, 16 if flush else 0, 0)
        if title:
            self._head.addWidget(label(title, "heading"))
        self._head.addWidget(self._note, 1)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        column = QVBoxLayout(self)
        edge = 1 if flush else 16
        column.setContentsMargins(edge, 1 if flush else 12, edge, edge)
        column.setSpacing(8)
        if title or note:
            column.addLayout(self._head)
        column.addLayout(self.body, 1)

    def set_note(self, note: str) -> None:
        """Change the words beside the heading."""
        self._note.setText(note)

    def add_head(self, widget: QWidget) -> None:
        """Put a button or pill at the right of the heading."""
        self._head.addWidget(widget)

    def add(self, part: QWidget | QLayout, stretch: int = 0) -> None:
        """Put a widget or layout below what is there."""
        if isinstance(part, QWidget):
            self.body.addWidget(part, stretch)
        else:
            self.body.addLayout(part, stretch)


class PageHead(QWidget):
    """The title of a tab, a muted note beside it, and its buttons at the right."""

    def __init__(self, title: str, note: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = label(title, "title")
        self._note = ElidedLabel(note, "muted")  # it gives way where the window is small
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self.setMinimumHeight(32)
        self._row.addWidget(self._title, 0, Qt.AlignmentFlag.AlignBaseline)
        self._row.addWidget(self._note, 1, Qt.AlignmentFlag.AlignBaseline)

    def set_title(self, title: str) -> None:
        """Change the title."""
        self._title.setText(title)

    def set_note(self, note: str) -> None:
        """Change the note: how many, as of when."""
        self._note.set_text(note)

    def add(self, widget: QWidget) -> None:
        """Put a button at the right."""
        self._row.addWidget(widget)


class Figure(QWidget):
    """A number with its name above: '500' under 'In Cognito'."""

    def __init__(self, name: str, value: str = "–", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._value = label(value, "figure")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(label(name, "muted"))
        column.addWidget(self._value)
        self.set_value(value)

    def set_value(self, value: str) -> None:
        """Change the number."""
        self._value.setText(value)
        self.setAccessibleName(f"{self._name}: {value}")


def page(*parts: QWidget | QLayout, margin: int = 16) -> tuple[QWidget, QVBoxLayout]:
    """A tab's body: the usual margins, its parts one below the other."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(margin, margin, margin, margin)
    column.setSpacing(12)
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)
    return made, column


class ScrollArea(QScrollArea):
    """A stop of the Tab key, to scroll with the keyboard, while there is something to scroll to, and not else."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if name:
            self.verticalScrollBar().rangeChanged.connect(self._on_range)

    @Slot(int, int)
    def _on_range(self, _: int, most: int) -> None:
        if self.hasFocus() and not most:
            self.clearFocus()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if most else Qt.FocusPolicy.NoFocus)


def scrolling(content: QWidget, name: str = "") -> ScrollArea:
    """The content behind a vertical scroll bar where the window is too low; never cut, never wider than the window.

    `name` says to a screen reader what the keyboard scrolls; empty where everything inside is a stop of its own.
    """
    area = ScrollArea(name)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    content.setProperty("role", "page")
    content.setAutoFillBackground(False)
    # Of our own: to wrap the one that Qt makes, PySide looks through every class of widgets (20 ms, once).
    viewport = QWidget()
    viewport.setAutoFillBackground(False)
    area.setViewport(viewport)
    area.setWidget(content)
    return area
