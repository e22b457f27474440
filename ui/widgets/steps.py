"""The ladder of one person, painted: five steps, which are done, and where they stand or have stopped."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.onboarding.ladder import before_disable
from app.onboarding.models import DatabaseUser, OnboardingStatus
from ui import icons
from ui.text import onboarding_status, tr
from ui.theme import theme

_S = OnboardingStatus
_CLIMB = (_S.PENDING_VERIFICATION, _S.PENDING_APPROVAL, _S.PENDING_MFA, _S.PENDING_SUBSCRIPTION, _S.ACTIVE)
_NAMES = ("Email", "Approval", "MFA", "Subscription", "Active")
_NODE = 20
_MARKS = {
    _S.SUSPENDED: ("pause", "bad", "badsoft"),
    _S.REJECTED: ("close", "bad", "badsoft"),
    _S.DISABLED: ("block", "neutral", "sunken"),
}


@dataclass(frozen=True, slots=True)
class Position:
    """Which of the five steps somebody stands on, and the state beside the ladder that holds them there."""

    step: int
    held: OnboardingStatus | None = None

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.step == len(_CLIMB) - 1 and self.held is None


def position(status: OnboardingStatus, row: DatabaseUser | None = None) -> Position:
    """Where somebody stands; `row` tells where a disabled person was."""
    if status in _CLIMB:
        return Position(_CLIMB.index(status))
    if status is _S.SUSPENDED:
        return Position(len(_CLIMB) - 1, status)
    if status is _S.REJECTED:
        return Position(_CLIMB.index(_S.PENDING_APPROVAL), status)
    before = before_disable(row) if row is not None else _S.PENDING_VERIFICATION
    step = position(before).step if before is not _S.DISABLED else 0
    return Position(step, status)


def words(where: Position) -> str:
    """The picture as a sentence, for those who do not see it."""
    step = tr("step {n} of {all}, {name}", n=where.step + 1, all=len(_CLIMB), name=tr(_NAMES[where.step]).lower())
    if where.held is not None:
        return tr("{state}, held at {step}", state=onboarding_status(where.held), step=step)
    return tr("All steps are done") if where.finished else tr("Stands on {step}", step=step)


class StepStrip(QWidget):
    """Five nodes on a line: a tick for what is done, a filled one where the person is, empty ones for what is left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._where = Position(0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_position(self, where: Position) -> None:
        """Show where somebody stands."""
        self._where = where
        self.setAccessibleName(words(where))
        self.setToolTip(words(where))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, 46)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 46)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, right = 14.0, self.width() - 18.0
        places = [left + (right - left) * number / (len(_CLIMB) - 1) for number in range(len(_CLIMB))]
        y = _NODE / 2 + 1
        for number in range(len(_CLIMB) - 1):
            done = number < self._where.step
            painter.setPen(QPen(theme.color("accent" if done else "strong"), 2))
            painter.drawLine(QPointF(places[number] + _NODE / 2 + 3, y), QPointF(places[number + 1] - _NODE / 2 - 3, y))
        for number, x in enumerate(places):
            self._paint_node(painter, QPointF(x, y), number)
            self._paint_name(painter, x, number)
        painter.end()

    def _paint_node(self, painter: QPainter, middle: QPointF, number: int) -> None:
        where = self._where
        radius = _NODE / 2
        icon = QRectF(middle.x() - 6, middle.y() - 6, 12, 12)
        here = number == where.step
        if here and where.held is not None:
            mark, ink, soft = _MARKS[where.held]
            painter.setPen(QPen(theme.color(ink), 1.6))
            painter.setBrush(theme.color(soft))
            painter.drawEllipse(middle, radius - 0.8, radius - 0.8)
            icons.paint(painter, icon, mark, ink)
        elif number < where.step or (here and where.finished):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("ok" if here else "accent"))
            painter.drawEllipse(middle, radius, radius)
            icons.paint(painter, icon, "check", "onaccent")
        elif here:
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.setBrush(theme.color("accentsoft"))
            painter.drawEllipse(middle, radius - 1, radius - 1)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
            painter.drawEllipse(middle, 4, 4)
        else:
            painter.setPen(QPen(theme.color("strong"), 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(middle, radius - 0.8, radius - 0.8)

    def _paint_name(self, painter: QPainter, x: float, number: int) -> None:
        here = number == self._where.step
        font = theme.font("small", QFont.Weight.DemiBold if here else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(theme.color("text" if here else "muted"))
        name = tr(_NAMES[number])
        width = QFontMetrics(font).horizontalAdvance(name) + 2
        start = min(max(0.0, x - width / 2), self.width() - width)
        painter.drawText(QRectF(start, _NODE + 6, width, 18), Qt.AlignmentFlag.AlignCenter, name)
