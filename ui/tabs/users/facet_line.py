"""One value of a facet: its name, how many people have it, and whether the search asks for it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from ui.text import number, tr
from ui.theme import theme
from ui.widgets.labels import ElidedLabel, label

INDENT = 6
_NEGATING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class FacetLine(QAbstractButton):
    """A click asks for the value or no longer; with Ctrl or Shift it leaves those people out."""

    chosen = Signal(str, bool)  # the value, whether negated
    left = Signal(int)  # Up (-1) or Down (1) was pressed

    def __init__(self, value: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value = value
        self._wanted: bool | None = None
        self._modifiers = Qt.KeyboardModifier.NoModifier
        self._name = ElidedLabel(name)
        self._figure = label("", "muted")
        self._figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for part in (self._name, self._figure):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(INDENT, 3, INDENT, 3)
        row.setSpacing(4)
        row.addWidget(self._name, 1)
        row.addWidget(self._figure)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.clicked.connect(self._on_clicked)
        theme.changed.connect(self.update)
        self._tell()

    def sizeHint(self) -> QSize:
        return self._row.sizeHint()

    def show_count(self, count: int) -> None:
        """Show how many people have the value; nobody hides the line, unless the search asks for it."""
        self._figure.setText(number(count))
        self.setVisible(bool(count) or self._wanted is not None)
        self._tell()

    def show_wanted(self, wanted: bool | None) -> None:
        """Whether the search asks for the value (True), leaves it out (False), or says nothing of it (None)."""
        if wanted is self._wanted:
            return
        self._wanted = wanted
        font = theme.font("body", QFont.Weight.DemiBold if wanted else QFont.Weight.Normal)
        font.setStrikeOut(wanted is False)
        self._name.setFont(font)
        self._name.set_text(self._name.full_text)
        self._tell()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._modifiers = event.modifiers()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.left.emit(-1 if event.key() == Qt.Key.Key_Up else 1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._modifiers = event.modifiers()
            self.click()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self._modifiers = event.modifiers()
        super().keyReleaseEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        ink = "hover" if self.underMouse() else ""
        if self._wanted is not None:
            ink = "accentsoft" if self._wanted else "badsoft"
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if ink:
            painter.setBrush(theme.color(ink))
            painter.drawRoundedRect(area, 4, 4)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("focus"), 2))
            painter.drawRoundedRect(area, 4, 4)
        painter.end()

    @Slot()
    def _on_clicked(self) -> None:
        negated = bool(self._modifiers & _NEGATING)
        self._modifiers = Qt.KeyboardModifier.NoModifier
        self.chosen.emit(self.value, negated)

    def _tell(self) -> None:
        said = "" if self._wanted is None else tr("searched for") if self._wanted else tr("left out")
        self.setAccessibleName(f"{self._name.full_text}: {self._figure.text()}")
        self.setAccessibleDescription(said)
        self.setToolTip(tr("Click to search for them; with Ctrl or Shift to leave them out. Click again to undo."))
