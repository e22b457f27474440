"""Names at the left, values at the right: values wrap, can be selected and copied, and may carry a pill."""

from __future__ import annotations

import re

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QGridLayout, QLabel, QMenu, QSizePolicy, QVBoxLayout, QWidget

from ui.text import shown, tr
from ui.widgets.badge import Badge, BadgeLabel
from ui.widgets.labels import label

_BREAK = "\u200b"  # may wrap here; never copied


class ValueLabel(QLabel):
    """A value that wraps even where it has no spaces: an address, a UUID. What is copied is the value itself."""

    def __init__(self, value: str, role: str = "") -> None:
        super().__init__(breakable(value))
        self.full_text = value
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setProperty("role", role)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)

    def copy(self) -> None:
        """Put the selection, or else the whole value, on the clipboard."""
        QGuiApplication.clipboard().setText(self.selectedText().replace(_BREAK, "") or self.full_text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    @Slot(QPoint)
    def _on_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Copy value")).triggered.connect(self.copy)
        menu.popup(self.mapToGlobal(at))


def breakable(value: str) -> str:
    """The value with places to wrap after punctuation, and within runs that have none."""
    spaced = re.sub(r"([@._:/=,-])(?=\S)", rf"\1{_BREAK}", shown(value))
    return re.sub(rf"([^\s{_BREAK}]{{16}})(?=[^\s{_BREAK}])", rf"\1{_BREAK}", spaced)


class KeyValues(QWidget):
    """A grid of facts. Rows are filled in order; `clear` empties it."""

    def __init__(self, parent: QWidget | None = None, *, name_width: int = 128) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(7)
        self._grid.setColumnMinimumWidth(0, name_width)
        self._grid.setColumnStretch(1, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._values: dict[str, str] = {}

    def add(self, name: str, value: str, *, badge: Badge | None = None, mono: bool = False, hint: str = "") -> None:
        """Add a fact. An empty value reads 'not set'. `hint` is the tooltip: the exact UTC of a date, say."""
        self._values[name] = value
        role = "mono" if mono and value else "" if value else "muted"
        shown = ValueLabel(value or tr("not set"), role)
        shown.setToolTip(hint)
        shown.setAccessibleName(f"{name}: {shown.full_text}")
        self._add_row(name, shown, badge)

    def add_badge(self, name: str, badge: Badge) -> None:
        """Add a fact that is a pill."""
        self._values[name] = badge.text
        self._add_row(name, BadgeLabel(badge), None)

    def add_widget(self, name: str, widget: QWidget) -> None:
        """Add a fact that is any other widget."""
        self._add_row(name, widget, None)

    def clear(self) -> None:
        """Remove every fact."""
        self._values.clear()
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def values(self) -> dict[str, str]:
        """Name -> value, as given."""
        return dict(self._values)

    def _add_row(self, name: str, widget: QWidget, badge: Badge | None) -> None:
        row = self._grid.rowCount()
        key = label(name, "muted", wrap=True)
        key.setAlignment(Qt.AlignmentFlag.AlignTop)
        if isinstance(widget, BadgeLabel):
            key.setContentsMargins(0, 2, 0, 0)
        self._grid.addWidget(key, row, 0, Qt.AlignmentFlag.AlignTop)
        if badge is not None:
            box = QWidget()
            column = QVBoxLayout(box)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(2)
            column.addWidget(widget)
            column.addWidget(BadgeLabel(badge))
            widget = box
        self._grid.addWidget(widget, row, 1)
