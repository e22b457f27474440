"""Renders the one union of view states: loading, empty, failed, or the content itself."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.errors import AppError
from ui import errors, icons
from ui.text import number, tr
from ui.theme import theme
from ui.view_state import Empty, Failed, Loading, Ready, ViewState
from ui.widgets.banner import Banner
from ui.widgets.buttons import button
from ui.widgets.labels import label

__all__ = ["Empty", "Failed", "Loading", "Ready", "StateView", "ViewState"]

_GAP = 8  # pixels between an error and the content that it stands over
_PATIENCE_MS = 150  # what is ready sooner never shows a placeholder
_BARS = (0.9, 0.62, 0.78, 0.5, 0.7, 0.58, 0.82, 0.46)


class StateView(QFrame):
    """Holds a content widget and shows it or a placeholder for the state it is given."""

    retry_requested = Signal()
    action_requested = Signal()

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: ViewState = Loading()
        self._content = content
        self._strip = QProgressBar()
        self._strip.setProperty("role", "strip")
        self._strip.setTextVisible(False)
        self._strip.hide()
        self._banner = Banner()
        self._banner.retry_requested.connect(self.retry_requested)
        self._gap = QWidget()
        self._gap.setFixedHeight(_GAP)
        self._gap.hide()
        # Made when first needed: most views go straight to their content.
        self._loading: _LoadingPanel | None = None
        self._message: _MessagePanel | None = None
        self._blank = QWidget()
        stack_box = QWidget()
        self._stack = QStackedLayout(stack_box)
        self._stack.setContentsMargins(0, 0, 0, 0)
        for part in (self._blank, self._content):
            self._stack.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._strip)
        column.addWidget(self._banner)
        column.addWidget(self._gap)
        column.addWidget(stack_box, 1)
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._patience.timeout.connect(self._show_loading)

    @property
    def state(self) -> ViewState:
        """What is shown."""
        return self._state

    @property
    def content(self) -> QWidget:
        """The widget of the Ready state."""
        return self._content

    @Slot(object)
    def show_state(self, state: ViewState) -> None:
        """Render another state."""
        self._state = state
        keeps = (
            isinstance(state, Loading | Failed) and state.keep_content and self._stack.currentWidget() is self._content
        )
        self._strip.setVisible(keeps and isinstance(state, Loading))
        self._banner.setVisible(False)
        self._gap.setVisible(keeps and isinstance(state, Failed))
        if not isinstance(state, Loading):
            self._patience.stop()
        match state:
            case Loading():
                self._on_loading(state, keeps)
            case Ready():
                self._stack.setCurrentWidget(self._content)
            case Empty():
                self._message_panel().show_empty(state)
            case Failed():
                if keeps:
                    self._banner.show_error(state.error)
                else:
                    self._message_panel().show_error(state.error)

    def _on_loading(self, state: Loading, keeps: bool) -> None:
        if keeps:
            _set_bar(self._strip, state)
            return
        if self._loading is not None and self._stack.currentWidget() is self._loading:
            self._loading.show_loading(state)
            return
        if not self._patience.isActive():
            self._patience.start()
        self._stack.setCurrentWidget(self._blank)

    @Slot()
    def _show_loading(self) -> None:
        if not isinstance(self._state, Loading):
            return
        if self._loading is None:
            self._loading = _LoadingPanel()
            self._stack.addWidget(self._loading)
        self._loading.show_loading(self._state)
        self._stack.setCurrentWidget(self._loading)

    def _message_panel(self) -> _MessagePanel:
        """The panel, brought to the front."""
        if self._message is None:
            self._message = _MessagePanel()
            self._message.action_requested.connect(self.action_requested)
            self._message.retry_requested.connect(self.retry_requested)
            self._stack.addWidget(self._message)
        self._stack.setCurrentWidget(self._message)
        return self._message


def _set_bar(bar: QProgressBar, state: Loading) -> None:
    """A bar without a known end stands still at nothing: a moving one would repaint all the time."""
    progress = state.progress
    if progress is None or not progress.total:
        bar.setRange(0, 1)
        bar.setValue(0)
        return
    bar.setRange(0, progress.total)
    bar.setValue(min(progress.done, progress.total))


class _Skeleton(QWidget):
    """Grey bars where rows will be. Painted once: nothing moves."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(280, 160)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 40)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("track"))
        step = 28
        for row in range(min(self.height() // step, len(_BARS))):
            painter.setOpacity(1.0 - row / (len(_BARS) + 1))
            painter.drawRoundedRect(0, row * step, round(min(self.width(), 720) * _BARS[row]), 12, 4, 4)
        painter.end()


class _LoadingPanel(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._note = label(tr("Loading…"), "muted")
        self._amount = label("", "muted")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setMaximumWidth(420)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._note)
        head.addWidget(self._bar, 1)
        head.addWidget(self._amount)
        head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addLayout(head)
        column.addWidget(_Skeleton(), 1)

    def show_loading(self, state: Loading) -> None:
        progress = state.progress
        note = state.note or (progress.note if progress else "") or tr("Loading…")
        self._note.setText(note)
        self._bar.setAccessibleName(note)
        total = progress.total if progress else None
        self._bar.setVisible(bool(total))
        _set_bar(self._bar, state)
        if progress is None or not (progress.done or total):
            self._amount.setText("")
        elif total:
            self._amount.setText(tr("{done} of {total}", done=number(progress.done), total=number(total)))
        else:
            self._amount.setText(number(progress.done))


class _Picture(QLabel):
    def __init__(self) -> None:
        super().__init__()
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._shown = ("info", "muted")
        theme.changed.connect(self._draw)

    def show_icon(self, name: str, token: str) -> None:
        self._shown = (name, token)
        self._draw()

    @Slot()
    def _draw(self) -> None:
        name, token = self._shown
        self.setPixmap(icons.pixmap(name, theme.css(token), 36, self.devicePixelRatioF()))


class _MessagePanel(QWidget):
    """Empty and failed: a picture, a title, a sentence or two, and what to do next."""

    action_requested = Signal()
    retry_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        from ui.widgets.disclosure import Disclosure

        self._icon = _Picture()
        self._title = label("", "large", wrap=True)
        self._body = label("", "muted", wrap=True, selectable=True)
        self._remedy = label("", "", wrap=True)
        for part in (self._title, self._body, self._remedy):
            part.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._action = button("", "primary")
        self._action.clicked.connect(self._on_action)
        self._retry = button(tr("Retry"), "primary", icon="refresh")
        self._retry.clicked.connect(self._on_retry)
        self._details = Disclosure(tr("Details"), centred=True)
        inner = QWidget()
        inner.setMaximumWidth(520)
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        for part in (self._icon, self._title, self._body, self._remedy):
            column.addWidget(part)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._action)
        row.addWidget(self._retry)
        row.addStretch(1)
        column.addSpacing(4)
        column.addLayout(row)
        column.addWidget(self._details)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addStretch(2)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(inner, 8)
        middle.addStretch(1)
        outer.addLayout(middle)
        outer.addStretch(3)

    def show_empty(self, state: Empty) -> None:
        self._fill(state.title, state.hint, "", state.icon, "muted")
        self._action.setText(state.action)
        self._action.setVisible(bool(state.action))
        self._retry.hide()
        self._details.set_text("")

    def show_error(self, error: AppError) -> None:
        shown = errors.present(error)
        self._fill(shown.title, shown.body, shown.remedy, "error", "bad")
        self._action.hide()
        self._retry.setVisible(shown.retry)
        self._details.set_text(shown.details)

    def _fill(self, title: str, body: str, remedy: str, icon: str, token: str) -> None:
        self._icon.show_icon(icon, token)
        self._title.setText(title)
        self._body.setText(body)
        self._body.setVisible(bool(body))
        self._remedy.setText(remedy)
        self._remedy.setVisible(bool(remedy))
        self.setAccessibleName(title)
        self.setAccessibleDescription(" ".join(part for part in (body, remedy) if part))

    @Slot()
    def _on_action(self) -> None:
        self.action_requested.emit()

    @Slot()
    def _on_retry(self) -> None:
        self.retry_requested.emit()
