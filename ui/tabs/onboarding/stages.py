"""The funnel: one painted tile for each state of the ladder, which chooses the state that is listed below."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QEnterEvent, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QHBoxLayout, QSizePolicy, QWidget

from app.onboarding.ladder import LADDER
from app.onboarding.limits import Limits
from app.onboarding.models import FunnelStage, OnboardingStatus
from ui import icons
from ui.text import age, count, number, onboarding_status, tr
from ui.theme import theme

HEIGHT = 102
_PAD = 11
_GAP = 6
_BAR = 4
_MARK = 15  # the sign before how many are stuck
_MOVES = frozenset({Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End})
_BESIDE = (OnboardingStatus.SUSPENDED, OnboardingStatus.DISABLED, OnboardingStatus.REJECTED)
_INKS = {
    OnboardingStatus.ACTIVE: "ok",
    OnboardingStatus.SUSPENDED: "bad",
    OnboardingStatus.DISABLED: "neutral",
    OnboardingStatus.REJECTED: "bad",
}


class StageTile(QAbstractButton):
    """One state: its name, how many people stand there, their median age, and a bar beside the other states'."""

    def __init__(self, status: OnboardingStatus, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.status = status
        self._count = 0
        self._share = 0.0
        self._age: timedelta | None = None
        self._stuck = 0
        self._limit: timedelta | None = None
        self._hover = False
        self.setText(onboarding_status(status))
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        self._tell()

    def show_stage(self, stage: FunnelStage, most: int, limit: timedelta | None) -> None:
        """Show other numbers; `most` is the largest count of all states, which fills its bar.

        `limit`: whoever stands there for longer counts as stuck; None: nobody does.
        """
        self._count = stage.count
        self._stuck, self._limit = stage.stuck, limit
        self._age = stage.median_age
        self._share = stage.count / most if most else 0.0
        self._tell()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return self._size(self._age_words(), self._stuck_words())

    def minimumSizeHint(self) -> QSize:
        # Ages and limits give way before a name is cut: the tooltip tells them.
        return self._size("", number(self._stuck) if self._stuck else "")

    def _size(self, age_words: str, stuck_words: str) -> QSize:
        words = QFontMetrics(theme.font("small", QFont.Weight.Medium)).horizontalAdvance(self.text())
        figure = QFontMetrics(theme.font("figure", QFont.Weight.Bold)).horizontalAdvance(number(self._count))
        beside = QFontMetrics(theme.font("small")).horizontalAdvance(age_words)
        stuck = QFontMetrics(theme.font("small", QFont.Weight.Medium)).horizontalAdvance(stuck_words)
        figure += _GAP + beside if age_words else 0
        return QSize(max(words, figure, stuck + _MARK if stuck_words else 0) + 2 * _PAD + 2, HEIGHT)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hover = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = False
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # The funnel moves among its tiles: Qt's own way through a group goes by their places on screen.
        if event.key() in _MOVES:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if chosen or self._hover:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accentsoft" if chosen else "hover"))
            painter.drawRoundedRect(box, theme.radius("md"), theme.radius("md"))
        if chosen or self.hasFocus():
            painter.setPen(QPen(theme.color("focus" if self.hasFocus() else "accent"), 2 if self.hasFocus() else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, theme.radius("md"), theme.radius("md"))
        room = self.rect().adjusted(_PAD, 10, -_PAD, -12)
        self._paint_words(painter, room, chosen)
        self._paint_stuck(painter, room)
        self._paint_bar(painter, room)
        painter.end()

    def _paint_words(self, painter: QPainter, room: QRect, chosen: bool) -> None:
        name = theme.font("small", QFont.Weight.Medium)
        painter.setFont(name)
        painter.setPen(theme.color("accent" if chosen else "muted"))
        words = QFontMetrics(name).elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(QRect(room.left(), room.top(), room.width() + 2, 16), Qt.AlignmentFlag.AlignVCenter, words)
        figure = theme.font("figure", QFont.Weight.Bold)
        painter.setFont(figure)
        painter.setPen(theme.color("text" if self._count else "muted"))
        line = QRect(room.left(), room.top() + 20, room.width(), 26)
        amount = number(self._count)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, amount)
        left = room.left() + QFontMetrics(figure).horizontalAdvance(amount) + _GAP
        small = theme.font("small")
        painter.setFont(small)
        painter.setPen(theme.color("muted"))
        if QFontMetrics(small).horizontalAdvance(self._age_words()) > room.right() + 2 - left:
            return  # no room: the tooltip tells it
        painter.drawText(
            QRect(left, line.top() + 2, room.right() + 2 - left, line.height()),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
            self._age_words(),
        )

    def _paint_stuck(self, painter: QPainter, room: QRect) -> None:
        words = self._stuck_words()
        font = theme.font("small", QFont.Weight.Medium)
        if QFontMetrics(font).horizontalAdvance(words) > room.width() + 2 - _MARK:
            words = number(self._stuck)  # the limit is in the tooltip
        if words:
            line = QRectF(room.left(), room.top() + 49, room.width() + 2, 16)
            icons.paint(painter, QRectF(line.left() - 1, line.top() + 2, 12, 12), "warning", "warn")
            painter.setFont(font)
            painter.setPen(theme.color("warn"))
            painter.drawText(line.adjusted(_MARK, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, words)

    def _stuck_words(self) -> str:
        if not self._stuck or self._limit is None:
            return ""
        return tr("{n} over {limit}", n=number(self._stuck), limit=age(self._limit))

    def _age_words(self) -> str:
        return age(self._age) if self._count and self._age is not None else ""

    def _paint_bar(self, painter: QPainter, room: QRect) -> None:
        track = QRectF(room.left(), room.bottom() - _BAR + 1, room.width(), _BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("track"))
        painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)
        if self._count:
            track.setWidth(max(_BAR * 1.5, track.width() * self._share))
            painter.setBrush(theme.color(_INKS.get(self.status, "accent")))
            painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)

    def _tell(self) -> None:
        people = count(self._count, "person", "people")
        if self._count and self._age is not None:
            said = tr("{people}, median age {age}", people=people, age=age(self._age))
            hint = tr("{people}. Half of them have been here for {age} or longer.", people=people, age=age(self._age))
        else:
            said = hint = people
        if self._stuck and self._limit is not None:
            stuck = tr("{n} for longer than the limit of {limit}", n=number(self._stuck), limit=age(self._limit))
            said, hint = f"{said}, {stuck}", f"{hint}\n{stuck}"
        self.setAccessibleName(f"{self.text()}: {said}")
        self.setToolTip(f"{self.text()}: {hint}")


class Funnel(QFrame):
    """The eight states in a row: the climb at the left, joined by arrows, and the states beside it at the right.

    Left and Right choose among them; Home and End go to the ends.
    """

    chosen = Signal(object)  # OnboardingStatus

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(tr("People by onboarding status"))
        self._group = QButtonGroup(self)
        self._tiles: dict[OnboardingStatus, StageTile] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(5, 5, 5, 5)
        row.setSpacing(0)
        for position, status in enumerate(LADDER):
            if position:
                row.addWidget(_Joint(arrow=status not in _BESIDE, rule=status is _BESIDE[0]))
            tile = StageTile(status)
            tile.clicked.connect(self._on_clicked)
            self._group.addButton(tile)
            self._tiles[status] = tile
            row.addWidget(tile)

    def tile(self, status: OnboardingStatus) -> StageTile:
        """The tile of a state."""
        return self._tiles[status]

    def show_stages(self, stages: tuple[FunnelStage, ...], limits: Limits) -> None:
        """Show other numbers."""
        most = max((stage.count for stage in stages), default=0)
        for stage in stages:
            self._tiles[stage.status].show_stage(stage, most, limits.of(stage.status))

    @Slot(object)
    def choose(self, status: OnboardingStatus | None) -> None:
        """Mark a state as the one that is listed, or none of them, without announcing it."""
        if status is not None:
            self._tiles[status].setChecked(True)
            return
        self._group.setExclusive(False)  # an exclusive group keeps one of them checked
        for tile in self._tiles.values():
            tile.setChecked(False)
        self._group.setExclusive(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        tiles = list(self._tiles.values())
        at = next((number for number, tile in enumerate(tiles) if tile.hasFocus()), None)
        wanted: int | None = None
        if at is not None:
            last = len(tiles) - 1
            keys = {
                Qt.Key.Key_Left: max(0, at - 1),
                Qt.Key.Key_Right: min(last, at + 1),
                Qt.Key.Key_Home: 0,
                Qt.Key.Key_End: last,
            }
            wanted = keys.get(Qt.Key(event.key()))
        if wanted is None:
            super().keyPressEvent(event)
            return
        tiles[wanted].setFocus(Qt.FocusReason.OtherFocusReason)
        tiles[wanted].click()

    @Slot()
    def _on_clicked(self) -> None:
        tile = self.sender()
        if isinstance(tile, StageTile):
            self.chosen.emit(tile.status)


class _Joint(QWidget):
    """What stands between two tiles: an arrow along the ladder, a rule where it ends, or nothing."""

    def __init__(self, *, arrow: bool, rule: bool) -> None:
        super().__init__()
        self._arrow = arrow
        self._rule = rule
        self.setFixedWidth(17 if rule else 12 if arrow else 4)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x, y = self.width() / 2, self.height() / 2
        if self._rule:
            painter.fillRect(QRectF(int(x), 8, 1, self.height() - 16), theme.color("border"))
        elif self._arrow:
            painter.setPen(QPen(theme.color("strong"), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawPolyline(QPolygonF([QPointF(x - 2, y - 5), QPointF(x + 2.5, y), QPointF(x - 2, y + 5)]))
        painter.end()
