"""The ladder as a picture, drawn from app.onboarding.ladder: its states, every edge, and who drives it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.onboarding import ladder
from app.onboarding.ladder import LADDER, Driver, Edge, Transition
from app.onboarding.models import OnboardingStatus
from ui.actions import ONBOARDING_COMMANDS
from ui.tabs.onboarding.wording import command_id
from ui.text import onboarding_status, tr
from ui.theme import theme

_S = OnboardingStatus
_CLIMB = (_S.PENDING_VERIFICATION, _S.PENDING_APPROVAL, _S.PENDING_MFA, _S.PENDING_SUBSCRIPTION, _S.ACTIVE)
_BELOW = {_S.REJECTED: 1, _S.SUSPENDED: 4}  # the state of the climb that each hangs under
_INK = {Driver.COGNITO: "demo", Driver.ADMIN: "accent", Driver.SUBSCRIPTION: "ok"}
_WHO = {Driver.COGNITO: "Cognito, by itself", Driver.ADMIN: "an admin", Driver.SUBSCRIPTION: "the payment service"}
_DASH = {
    Driver.COGNITO: Qt.PenStyle.DashLine,
    Driver.ADMIN: Qt.PenStyle.SolidLine,
    Driver.SUBSCRIPTION: Qt.PenStyle.DotLine,
}
_NODE = 46
_ROWS = (34.0, 136.0, 224.0)  # tops: the climb, the states below it, disabled
_HEIGHT = 276


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the picture: an edge, or all edges to or from disabled as one."""

    steps: tuple[Transition, ...]

    @property
    def edge(self) -> Edge:
        """What the step is."""
        return self.steps[0].edge

    @property
    def driver(self) -> Driver:
        """Who drives it."""
        return self.steps[0].driver


def lines() -> list[Line]:
    """Every declared edge is in exactly one line."""
    gathered: dict[object, list[Transition]] = {}
    for step in ladder.transitions():
        many = step.edge in (Edge.DISABLE, Edge.ENABLE)
        gathered.setdefault(step.edge if many else step, []).append(step)
    return [Line(tuple(steps)) for steps in gathered.values()]


def who_drives(driver: Driver) -> str:
    """'Cognito, by itself'."""
    return tr(_WHO[driver])


def ink_of(driver: Driver) -> str:
    """The token of the colour of a driver's edges."""
    return _INK[driver]


def pen_of(driver: Driver) -> Qt.PenStyle:
    """How a driver's edges are drawn, so that colour is never needed."""
    return _DASH[driver]


def edge_name(edge: Edge) -> str:
    """'Approve'."""
    return tr(next(each.text.rstrip("…") for each in ONBOARDING_COMMANDS if each.id == command_id(edge)))


def describe(line: Line) -> str:
    """The line as a sentence, for those who do not see it."""
    who = tr(_WHO[line.driver])
    if line.edge is Edge.DISABLE:
        return tr("{edge}: from any state to {target}, by {who}", edge=edge_name(line.edge),
                  target=onboarding_status(_S.DISABLED), who=who)  # fmt: skip
    if line.edge is Edge.ENABLE:
        return tr("{edge}: from {source} back to where they were, by {who}", edge=edge_name(line.edge),
                  source=onboarding_status(_S.DISABLED), who=who)  # fmt: skip
    step = line.steps[0]
    return tr("{edge}: from {source} to {target}, by {who}", edge=edge_name(step.edge),
              source=onboarding_status(step.source), target=onboarding_status(step.target), who=who)  # fmt: skip


class LadderDiagram(QWidget):
    """States are chosen by mouse, or by the arrow keys; the chosen one is marked."""

    chosen = Signal(object)  # OnboardingStatus

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = lines()
        self._status = _S.PENDING_APPROVAL
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("The onboarding ladder"))
        theme.changed.connect(self.update)
        self.choose(self._status)

    def choose(self, status: OnboardingStatus) -> None:
        """Mark a state, without announcing it."""
        self._status = status
        mine = [describe(line) for line in self._lines if any(status in (s.source, s.target) for s in line.steps)]
        said = [f"{onboarding_status(status)}: {ladder.explain(status)}", *mine]
        self.setAccessibleDescription(". ".join(said))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(900, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(640, _HEIGHT)

    def boxes(self) -> dict[OnboardingStatus, QRectF]:
        """Where each state is painted."""
        columns = len(_CLIMB)
        step = self.width() / columns
        wide = min(150.0, step - 62)
        left = [number * step + (step - wide) / 2 for number in range(columns)]
        found = {status: QRectF(left[number], _ROWS[0], wide, _NODE) for number, status in enumerate(_CLIMB)}
        for status, number in _BELOW.items():
            found[status] = QRectF(left[number], _ROWS[1], wide, _NODE)
        found[_S.DISABLED] = QRectF(left[0], _ROWS[2], left[-1] + wide - left[0], _NODE)
        return found

    def keyPressEvent(self, event: QKeyEvent) -> None:
        order = list(LADDER)
        at = order.index(self._status)
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}
        if event.key() not in moves:
            super().keyPressEvent(event)
            return
        wanted = order[max(0, min(len(order) - 1, at + moves[Qt.Key(event.key())]))]
        if wanted is not self._status:
            self.choose(wanted)
            self.chosen.emit(wanted)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._state_at(event.position())
        if found is not None and event.button() is Qt.MouseButton.LeftButton:
            self.choose(found)
            self.chosen.emit(found)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._state_at(event.position()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self._state_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), ladder.explain(found) if found is not None else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        boxes = self.boxes()
        for line in self._lines:
            self._paint_line(painter, line, boxes)
        for status, box in boxes.items():
            self._paint_state(painter, status, box)
        painter.end()

    def _paint_state(self, painter: QPainter, status: OnboardingStatus, box: QRectF) -> None:
        chosen = status is self._status
        focused = chosen and self.hasFocus()
        painter.setPen(QPen(theme.color("focus" if focused else "accent" if chosen else "strong"), 2 if chosen else 1))
        painter.setBrush(theme.color("accentsoft" if chosen else "surface"))
        painter.drawRoundedRect(box, theme.radius("md"), theme.radius("md"))
        painter.setFont(theme.font(weight=QFont.Weight.DemiBold))
        painter.setPen(theme.color("accent" if chosen else "text"))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(box.adjusted(6, 2, -6, -2), flags, onboarding_status(status))

    def _paint_line(self, painter: QPainter, line: Line, boxes: dict[OnboardingStatus, QRectF]) -> None:
        mine = any(self._status in (step.source, step.target) for step in line.steps)
        ink = theme.color(_INK[line.driver])
        ink.setAlphaF(1.0 if mine else 0.55)
        name = edge_name(line.edge)
        if line.edge in (Edge.DISABLE, Edge.ENABLE):
            down = line.edge is Edge.DISABLE
            # One line stands for seven: from the row of the climb to the bar below it, and back.
            x = boxes[_CLIMB[2]].center().x() + (-34 if down else 34)
            top, bottom = boxes[_CLIMB[2]].bottom() + 24, boxes[_S.DISABLED].top()
            start, end = QPointF(x, top), QPointF(x, bottom)
            self._draw(painter, *((start, end) if down else (end, start)), ink, line.driver)
            words = tr("from any state") if down else tr("back to where they were")
            wide = min(160.0, x - 14 - boxes[_S.REJECTED].right()) if down else 160.0
            side = QRectF(x - 8 - wide if down else x + 8, top + 6, wide, 52)
            align = Qt.AlignmentFlag.AlignRight if down else Qt.AlignmentFlag.AlignLeft
            self._label(painter, side, f"{name}\n{words}", ink, align)
            return
        step = line.steps[0]
        source, target = boxes[step.source], boxes[step.target]
        if source.top() == target.top():
            start, end = QPointF(source.right(), source.center().y()), QPointF(target.left(), target.center().y())
            self._draw(painter, start, end, ink, line.driver)
            room = QRectF(start.x() - 40, source.top() - 32, end.x() - start.x() + 80, 30)
            self._label(painter, room, name, ink, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom)
            return
        down = target.top() > source.top()
        x = source.center().x() + (-22 if down else 22)
        upper, lower = (source, target) if down else (target, source)
        start, end = QPointF(x, upper.bottom()), QPointF(x, lower.top())
        self._draw(painter, *((start, end) if down else (end, start)), ink, line.driver)
        side = QRectF(x - 98 if down else x + 8, start.y(), 90, end.y() - start.y())
        align = Qt.AlignmentFlag.AlignRight if down else Qt.AlignmentFlag.AlignLeft
        self._label(painter, side, name, ink, align | Qt.AlignmentFlag.AlignVCenter)

    def _draw(self, painter: QPainter, start: QPointF, end: QPointF, ink: QColor, driver: Driver) -> None:
        painter.setPen(QPen(ink, 2, _DASH[driver], Qt.PenCapStyle.FlatCap))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        path = QPainterPath(start)
        path.lineTo(end)
        painter.drawPath(path)
        dx, dy = end.x() - start.x(), end.y() - start.y()
        length = max(1.0, (dx * dx + dy * dy) ** 0.5)
        ux, uy = dx / length, dy / length
        back = QPointF(end.x() - 9 * ux, end.y() - 9 * uy)
        aside = QPointF(-5 * uy, 5 * ux)
        tip = QPolygonF([end, back + aside, back - aside])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawPolygon(tip)

    def _label(self, painter: QPainter, room: QRectF, words: str, ink: QColor, align: Qt.AlignmentFlag) -> None:
        font = theme.font("small", QFont.Weight.Medium)
        painter.setFont(font)
        solid = QColor(ink)
        solid.setAlphaF(1.0)
        painter.setPen(solid)
        if QFontMetrics(font).horizontalAdvance(words) > room.width():
            painter.drawText(room, align | Qt.TextFlag.TextWordWrap, words)
        else:
            painter.drawText(room, align, words)

    def _state_at(self, at: QPointF) -> OnboardingStatus | None:
        return next((status for status, box in self.boxes().items() if box.contains(at)), None)
