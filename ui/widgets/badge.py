"""The status pill: a shape, a word and a soft colour, so that status is never colour alone.

One painter serves the table's delegate (`paint_badge`) and the widget (`BadgeLabel`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import text
from ui.text import shown, tr
from ui.theme import theme

if TYPE_CHECKING:
    from app.directory.models import UserStatus
    from app.onboarding.models import OnboardingStatus

HEIGHT = 20
_PAD = 8
_SHAPE = 8
_GAP = 5


class Tone(StrEnum):
    """What the colour says."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    INFO = "info"
    DEMO = "demo"
    NEUTRAL = "neutral"


class Shape(StrEnum):
    """What stands before the word. Each tone has its own shape, so that colour is never needed."""

    DOT = "dot"
    TRIANGLE = "triangle"
    SQUARE = "square"
    DIAMOND = "diamond"
    RING = "ring"
    DASHED = "dashed"
    NONE = "none"


_SHAPE_OF = {
    Tone.OK: Shape.DOT,
    Tone.WARN: Shape.TRIANGLE,
    Tone.BAD: Shape.SQUARE,
    Tone.INFO: Shape.DIAMOND,
    Tone.DEMO: Shape.NONE,
    Tone.NEUTRAL: Shape.RING,
}
_COLORS = {
    Tone.OK: ("ok", "oksoft"),
    Tone.WARN: ("warn", "warnsoft"),
    Tone.BAD: ("bad", "badsoft"),
    Tone.INFO: ("accent", "accentsoft"),
    Tone.DEMO: ("demo", "demosoft"),
    Tone.NEUTRAL: ("neutral", "sunken"),
}


@dataclass(frozen=True, slots=True)
class Badge:
    """What a pill shows. `shape` None means the shape of the tone; `hint` is its tooltip."""

    text: str
    tone: Tone = Tone.NEUTRAL
    shape: Shape | None = None
    hint: str = ""

    @property
    def drawn_shape(self) -> Shape:
        """The shape that is drawn."""
        return _SHAPE_OF[self.tone] if self.shape is None else self.shape


@lru_cache(maxsize=1)
def _font() -> QFont:
    return theme.font("small", QFont.Weight.Medium)


@lru_cache(maxsize=1024)
def _text_width(words: str) -> int:
    return QFontMetrics(_font()).horizontalAdvance(words)


def badge_size(badge: Badge) -> QSize:
    """How much room a pill takes, in pixels."""
    shape = 0 if badge.drawn_shape is Shape.NONE else _SHAPE + _GAP
    return QSize(2 * _PAD + shape + _text_width(badge.text), HEIGHT)


def paint_badge(painter: QPainter, rect: QRect, badge: Badge) -> None:
    """Paint the pill at the left edge of `rect`, in the middle of its height, cut to its width."""
    ink, soft = (theme.color(token) for token in _COLORS[badge.tone])
    size = badge_size(badge)
    width = min(size.width(), rect.width())
    top = rect.top() + (rect.height() - HEIGHT) // 2
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(soft)
    painter.drawRoundedRect(QRectF(rect.left(), top, width, HEIGHT), HEIGHT / 2, HEIGHT / 2)
    left = rect.left() + _PAD
    if badge.drawn_shape is not Shape.NONE:
        painter.setBrush(ink)
        _paint_shape(painter, QPointF(left + _SHAPE / 2, top + HEIGHT / 2), badge.drawn_shape)
        left += _SHAPE + _GAP
    painter.setFont(_font())
    painter.setPen(ink)
    room = rect.left() + width - _PAD - left
    words = shown(badge.text)
    if room < _text_width(words):
        words = QFontMetrics(_font()).elidedText(words, Qt.TextElideMode.ElideRight, max(0, room))
    painter.drawText(QRect(left, top, max(0, room) + 2, HEIGHT), Qt.AlignmentFlag.AlignVCenter, words)
    painter.restore()


def _paint_shape(painter: QPainter, middle: QPointF, shape: Shape) -> None:
    x, y, r = middle.x(), middle.y(), _SHAPE / 2
    if shape is Shape.DOT:
        painter.drawEllipse(middle, r, r)
    elif shape is Shape.TRIANGLE:
        painter.drawPolygon(QPolygonF([QPointF(x, y - r), QPointF(x + r + 0.5, y + r), QPointF(x - r - 0.5, y + r)]))
    elif shape is Shape.SQUARE:
        painter.drawRect(QRectF(x - r + 0.5, y - r + 0.5, 2 * r - 1, 2 * r - 1))
    elif shape is Shape.DIAMOND:
        painter.drawPolygon(QPolygonF([QPointF(x, y - r), QPointF(x + r, y), QPointF(x, y + r), QPointF(x - r, y)]))
    else:
        pen = QPen(painter.brush().color(), 1.4)
        if shape is Shape.DASHED:
            pen.setDashPattern([1.6, 1.4])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(middle, r - 0.7, r - 0.7)


class BadgeLabel(QWidget):
    """One pill as a widget. Its accessible name is its word."""

    def __init__(self, badge: Badge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._badge = badge
        self.set_badge(badge)
        theme.changed.connect(self.update)

    @property
    def badge(self) -> Badge:
        """What is shown."""
        return self._badge

    def set_badge(self, badge: Badge) -> None:
        """Show another pill."""
        self._badge = badge
        self.setAccessibleName(badge.text)
        self.setToolTip(badge.hint)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return badge_size(self._badge)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(badge_size(self._badge).width(), 48), HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_badge(painter, self.rect(), self._badge)
        painter.end()


_STATUS_TONES = {
    "CONFIRMED": Tone.OK,
    "UNCONFIRMED": Tone.WARN,
    "FORCE_CHANGE_PASSWORD": Tone.WARN,
    "RESET_REQUIRED": Tone.WARN,
    "EXTERNAL_PROVIDER": Tone.INFO,
    "COMPROMISED": Tone.BAD,
}
_ONBOARDING_TONES = {
    "active": Tone.OK,
    "suspended": Tone.BAD,
    "rejected": Tone.BAD,
    "disabled": Tone.NEUTRAL,
}


def user_badge(status: UserStatus, enabled: bool = True, expired: bool = False) -> Badge:
    """Cognito's view of an account. `expired`: its temporary password is past the pool's validity."""
    if not enabled:
        return Badge(tr("Disabled"), Tone.NEUTRAL, Shape.DASHED, tr("Disabled in Cognito: cannot sign in."))
    if expired:
        return Badge(tr("Password expired"), Tone.BAD, None, tr("The temporary one. Send a new invitation."))
    tone = _STATUS_TONES.get(status, Tone.NEUTRAL)
    return Badge(text.user_status(status), tone, None, text.user_status_meaning(status))


def onboarding_badge(status: OnboardingStatus | str | None) -> Badge:
    """Where a person stands on the onboarding ladder. None: not in the database."""
    if status is None:
        return Badge(tr("not in database"), Tone.NEUTRAL, Shape.RING)
    words = text.onboarding_status(status)
    tone = _ONBOARDING_TONES.get(status, Tone.NEUTRAL if words == status else Tone.WARN)
    return Badge(words, tone, Shape.DASHED if status == "disabled" else None)


def mfa_badge(method: str | None) -> Badge:
    """The second factor: totp, sms, email, none; None where it is not known."""
    if method is None:
        return Badge(
            text.mfa(None), Tone.NEUTRAL, Shape.DASHED, tr("Lists of Cognito do not tell. Open the person to see.")
        )
    if method.lower() == "none":
        return Badge(text.mfa(method), Tone.NEUTRAL, Shape.RING)
    return Badge(text.mfa(method), Tone.OK)


def verified_badge(verified: bool) -> Badge:
    """Whether a contact is verified."""
    return Badge(tr("verified"), Tone.OK) if verified else Badge(tr("not verified"), Tone.WARN)
