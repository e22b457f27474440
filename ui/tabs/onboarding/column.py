"""One state of the board: its heading, its cards, and what a drop on it would do. Narrow where it is folded."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFont,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.onboarding.models import FunnelStage, OnboardingStatus
from ui.tabs.onboarding.board_presenter import Column
from ui.tabs.onboarding.cards import MIME, CardList
from ui.tabs.onboarding.presenter import OnboardingPresenter
from ui.text import age, count, number, onboarding_status, tr
from ui.theme import theme
from ui.widgets.badge import Badge, BadgeLabel, Tone
from ui.widgets.buttons import icon_button
from ui.widgets.labels import ElidedLabel, label

WIDTH, FOLDED = 188, 46  # the longest name and a number fit beside each other


class BoardColumn(QFrame):
    """Announces what is done with it; what a drop means, the board knows."""

    dropped = Signal(object)  # OnboardingStatus
    folded = Signal()  # or unfolded

    def __init__(self, status: OnboardingStatus, presenter: OnboardingPresenter, *, foldable: bool) -> None:
        super().__init__()
        self.status = status
        self.setProperty("role", "column")
        self.setAcceptDrops(True)
        self._foldable = foldable
        self._verdict: str | None = None
        name = onboarding_status(status)
        self.list = CardList(presenter, tr("{status}, cards", status=name))
        self._name = ElidedLabel(name, "heading")
        self._count = label("", "heading")
        self._note = ElidedLabel("", "small")
        self._stuck = BadgeLabel(Badge("", Tone.WARN))
        self._stuck.hide()
        self._fold = icon_button("chevron-left", tr("Fold {status}", status=name))
        self._fold.setFixedSize(26, 22)
        self._fold.clicked.connect(self._on_fold)
        if not foldable:
            self._fold.hide()  # shown before it has a parent, it would be a window of its own
        self._nobody = label(tr("Nobody here"), "muted")
        self._nobody.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._strip = _Strip(status)
        self._strip.clicked.connect(self._on_fold)
        self._overlay = _Overlay(self)
        self._lay_out()
        self.set_folded(foldable)

    @property
    def is_folded(self) -> bool:
        """Whether only its name and number show."""
        return self._stack.currentIndex() == 1

    def set_folded(self, folded: bool) -> None:
        """Show only name and number, or the cards."""
        self._stack.setCurrentIndex(1 if folded else 0)
        self.setMinimumWidth(FOLDED if folded else WIDTH)
        self.setMaximumWidth(FOLDED if folded else 16_777_215)

    def show_stage(self, stage: FunnelStage) -> None:
        """Show how many there are, read or not."""
        self._count.setText(number(stage.count))
        median = age(stage.median_age) if stage.count and stage.median_age is not None else ""
        # Beside the pill there is room for the figure only.
        self._note.set_text(median if stage.stuck or not median else tr("{age} median", age=median))
        if median:
            self._note.setToolTip(tr("Half of them have been here for {age} or longer.", age=median))
        self._stuck.setVisible(bool(stage.stuck))
        self._stuck.set_badge(Badge(tr("{n} stuck", n=number(stage.stuck)), Tone.WARN))
        self._strip.show_stage(stage)

    def show_column(self, column: Column) -> None:
        """Show the people who were read."""
        self.list.set_rows(column.rows)
        self._cards.setCurrentIndex(0 if column.rows else 1)

    def show_verdict(self, verdict: str | None, *, allowed: bool = False) -> None:
        """While people are dragged: what dropping them here would do, or why it cannot; None when it is over."""
        self._verdict = verdict if allowed else None
        self._overlay.show_verdict(verdict, allowed=allowed, folded=self.is_folded)

    def sizeHint(self) -> QSize:
        return QSize(FOLDED if self.is_folded else WIDTH, 400)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()  # also where it cannot be dropped: else no leaving would be heard of
            self._overlay.set_under_mouse(True)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self._verdict is not None:
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._overlay.set_under_mouse(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._overlay.set_under_mouse(False)
        if self._verdict is None or not event.mimeData().hasFormat(MIME):
            event.ignore()
            return
        # Nothing is moved here: the drop is an order, and the row follows when the database has it.
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        self.dropped.emit(self.status)

    def resizeEvent(self, event: object) -> None:
        self._overlay.setGeometry(self.rect())

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(6)
        first.addStrut(22)  # as high with the button as without
        first.addWidget(self._name, 1)
        first.addWidget(self._count)
        first.addWidget(self._fold)
        second = QHBoxLayout()
        second.setSpacing(6)
        second.addWidget(self._note, 1)
        second.addWidget(self._stuck)
        head = QVBoxLayout()
        head.setContentsMargins(12, 10, 8, 6)
        head.setSpacing(2)
        head.addLayout(first)
        head.addLayout(second)
        cards = QWidget()
        self._cards = QStackedLayout(cards)
        self._cards.addWidget(self.list)
        self._cards.addWidget(self._nobody)
        wide = QWidget()
        column = QVBoxLayout(wide)
        column.setContentsMargins(0, 0, 0, 2)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(cards, 1)
        self._second = second
        second.addStrut(20)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(1, 1, 1, 1)
        self._stack.addWidget(wide)
        self._stack.addWidget(self._strip)

    @Slot()
    def _on_fold(self) -> None:
        self.set_folded(not self.is_folded)
        (self._strip if self.is_folded else self.list).setFocus(Qt.FocusReason.OtherFocusReason)
        self.folded.emit()


class _Strip(QAbstractButton):
    """The folded column: its name from bottom to top, and how many."""

    def __init__(self, status: OnboardingStatus) -> None:
        super().__init__()
        self._name = onboarding_status(status)
        self._count = 0
        self._stuck = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)
        self._tell()

    def show_stage(self, stage: FunnelStage) -> None:
        self._count, self._stuck = stage.count, stage.stuck
        self._tell()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(FOLDED, 200)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        if self.underMouse() or self.hasFocus():
            painter.setPen(QPen(theme.color("focus" if self.hasFocus() else "border"), 2 if self.hasFocus() else 1))
            painter.setBrush(theme.color("hover"))
            painter.drawRoundedRect(box, theme.radius("lg"), theme.radius("lg"))
        painter.setPen(theme.color("warn" if self._stuck else "text"))
        painter.setFont(theme.font(weight=QFont.Weight.DemiBold))
        painter.drawText(QRectF(0, 12, self.width(), 20), Qt.AlignmentFlag.AlignCenter, number(self._count))
        painter.translate(0, self.height())
        painter.rotate(-90)
        painter.setPen(theme.color("muted"))
        painter.setFont(theme.font(weight=QFont.Weight.DemiBold))
        room = QRectF(0, 0, self.height() - 44, self.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._name)
        painter.end()

    def _tell(self) -> None:
        self.setAccessibleName(f"{self._name}: {count(self._count, 'person', 'people')}")
        self.setToolTip(tr("{status}. Press to show the cards.", status=self.accessibleName()))


class _Overlay(QLabel):
    """Lies over the column while people are dragged. Mouse and drops go through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._allowed = self._folded = self._under_mouse = False
        self.hide()

    def show_verdict(self, words: str | None, *, allowed: bool, folded: bool) -> None:
        self._allowed, self._folded, self._under_mouse = allowed, folded, False
        self.setText(words or "")
        self.setVisible(words is not None)
        self.raise_()

    def set_under_mouse(self, under: bool) -> None:
        self._under_mouse = under
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        ground = theme.color("accentsoft" if self._allowed else "window")
        ground.setAlphaF(0.92 if self._under_mouse else 0.6 if self._allowed else 0.75)
        painter.setBrush(ground)
        pen = QPen(theme.color("accent" if self._allowed else "border"), 2 if self._allowed else 1)
        if self._allowed and not self._under_mouse:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRoundedRect(box, theme.radius("lg"), theme.radius("lg"))
        if not self._folded and (self._allowed or self._under_mouse):
            painter.setPen(theme.color("accent" if self._allowed else "text"))
            painter.setFont(theme.font(weight=QFont.Weight.DemiBold if self._allowed else QFont.Weight.Normal))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            room = box.adjusted(18, 70, -18, -12)
            room.setHeight(min(room.height(), 260))
            words = painter.boundingRect(room, flags, self.text())
            plate = theme.color("surface")
            pen_ink = painter.pen()
            painter.setPen(QPen(theme.color("accent" if self._allowed else "strong"), 1))
            painter.setBrush(plate)
            painter.drawRoundedRect(words.adjusted(-10, -8, 10, 8), theme.radius("md"), theme.radius("md"))
            painter.setPen(pen_ink)
            painter.drawText(room, flags, self.text())
        painter.end()


def at_cursor(column: BoardColumn, at: QPoint) -> QPoint:
    """A place of the column's cards on the screen."""
    return column.list.viewport().mapToGlobal(at)
