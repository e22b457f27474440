"""The connection in the header: environment, name, Region and pool; a press offers to change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui import icons
from ui.text import tr
from ui.theme import theme
from ui.widgets.badge import Badge, Shape, Tone, badge_size, paint_badge

if TYPE_CHECKING:
    from app.connections import Connection

ENVIRONMENTS = {
    "demo": Badge("DEMO", Tone.DEMO, Shape.NONE),
    "development": Badge("DEVELOPMENT", Tone.INFO, Shape.NONE),
    "staging": Badge("STAGING", Tone.WARN),
    "production": Badge("PRODUCTION", Tone.BAD),
}


class ConnectionChip(QAbstractButton):
    """Painted; as wide as its words need, shorter where there is no room (Region and pool give way first)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._connection: Connection | None = None
        self._hover = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_connection(None)
        theme.changed.connect(self.update)

    def set_connection(self, connection: Connection | None) -> None:
        """Show another connection, or that there is none."""
        self._connection = connection
        if connection is None:
            self.setAccessibleName(tr("Not connected"))
            self.setToolTip(tr("Choose a connection"))
        else:
            place = f"{connection.region} · {connection.pool_id}"
            self.setAccessibleName(
                tr("Connection {name}, {env}, {place}", name=connection.name, env=connection.environment, place=place)
            )
            self.setToolTip(tr("{name}\n{place}\nPress to change the connection", name=connection.name, place=place))
        self.updateGeometry()
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hover = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = False
        self.update()

    def sizeHint(self) -> QSize:
        pill, name, place = self._parts()
        bold, plain = self._metrics()
        width = 12 + bold.horizontalAdvance(name) + 30
        width += badge_size(pill).width() + 8 if pill else 0
        width += plain.horizontalAdvance(place) + 8 if place else 0
        return QSize(width, 32)

    def minimumSizeHint(self) -> QSize:
        return QSize(150, 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pill, name, place = self._parts()
        danger = self._connection is not None and self._connection.environment == "production"
        edge = "focus" if self.hasFocus() else "bad" if danger else "border"
        painter.setPen(QPen(theme.color(edge), 2 if self.hasFocus() else 1))
        painter.setBrush(theme.color("hover" if self._hover else "surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.radius("md"), theme.radius("md"))
        left, right = 10, self.width() - 28
        if pill:
            paint_badge(painter, QRect(left, 0, right - left, self.height()), pill)
            left += badge_size(pill).width() + 8
        bold, plain = self._metrics()
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        name = bold.elidedText(name, Qt.TextElideMode.ElideRight, max(0, right - left))
        painter.setFont(theme.font("body", QFont.Weight.DemiBold))
        painter.setPen(theme.color("text"))
        painter.drawText(QRect(left, 0, right - left, self.height()), flags, name)
        left += bold.horizontalAdvance(name) + 8
        place = plain.elidedText(place, Qt.TextElideMode.ElideRight, max(0, right - left))
        if len(place) > 4:
            painter.setFont(theme.font("body"))
            painter.setPen(theme.color("muted"))
            painter.drawText(QRect(left, 0, right - left, self.height()), flags, place)
        icons.paint(painter, QRectF(self.width() - 24, (self.height() - 14) / 2, 14, 14), "chevron-down", "muted")
        painter.end()

    def _parts(self) -> tuple[Badge | None, str, str]:
        if self._connection is None:
            return None, tr("Not connected"), ""
        place = f"{self._connection.region} · {self._connection.pool_id}"
        return ENVIRONMENTS[self._connection.environment], self._connection.name, place

    def _metrics(self) -> tuple[QFontMetrics, QFontMetrics]:
        return QFontMetrics(theme.font("body", QFont.Weight.DemiBold)), QFontMetrics(theme.font("body"))
