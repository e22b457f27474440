"""The header: product name, connection, search field, theme, and who is at the Desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QFontMetrics, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QMenu, QSizePolicy, QToolButton, QWidget

from ui import icons
from ui.shell.chip import ConnectionChip
from ui.text import tr
from ui.theme import Preference, theme
from ui.widgets.badge import Badge, BadgeLabel, Shape, Tone
from ui.widgets.buttons import icon_button
from ui.widgets.labels import ElidedLabel, label

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractItemView

    from app.connections import Connection
    from app.permissions import Operator

HEIGHT = 52
_CHOICES = (
    (Preference.SYSTEM, "As the system", "system"),
    (Preference.LIGHT, "Light", "sun"),
    (Preference.DARK, "Dark", "moon"),
)


class SearchField(QLineEdit):
    """The window's search. Escape empties it; Down leaves for the results; Ctrl+Space offers what may come next."""

    left_downwards = Signal()
    suggestions_wanted = Signal()
    recall_wanted = Signal()  # the empty field was clicked

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.popup: QAbstractItemView | None = None  # of what is offered while somebody types
        self.setPlaceholderText(tr("Search people"))
        self.setAccessibleName(tr("Search people"))
        self.setMinimumWidth(160)
        self.setMaxLength(200)
        self._glass = QAction(tr("Search"), self)
        icons.assign(self._glass, "search", "muted", 16)
        self.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self._hint = label("/", "key")
        self._hint.setParent(self)
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._hint.setAccessibleName(tr("/ goes to the search, Ctrl+K to the commands"))
        self.setTextMargins(0, 0, 56, 0)
        self.textChanged.connect(self._on_text)

    def resizeEvent(self, event: object) -> None:
        size = self._hint.sizeHint()
        self._hint.setGeometry(
            self.width() - size.width() - 10, (self.height() - size.height()) // 2, size.width(), size.height()
        )

    def focusNextPrevChild(self, next: bool) -> bool:
        return not self._leaves_to_popup(Qt.Key.Key_Tab) and super().focusNextPrevChild(next)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._leaves_to_popup(event.key()):
            event.ignore()  # the completer gives its popup what the field does not want
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() == Qt.Key.Key_Down and not event.modifiers():
            self.left_downwards.emit()
        elif event.key() == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.suggestions_wanted.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if not self.text() and event.button() == Qt.MouseButton.LeftButton:
            self.recall_wanted.emit()

    def _leaves_to_popup(self, key: int) -> bool:
        if self.popup is None or not self.popup.isVisible():
            return False
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self.popup.currentIndex().isValid()
        return key in (Qt.Key.Key_Escape, Qt.Key.Key_Tab)

    @Slot(str)
    def _on_text(self, text: str) -> None:
        self._hint.setVisible(not text)
        self.setTextMargins(0, 0, 0 if text else 56, 0)
        self.setClearButtonEnabled(bool(text))


class Header(QFrame):
    """Knows no service: the window tells it what to show and listens to what was asked for."""

    theme_chosen = Signal(str)
    connection_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "header")
        self.setFixedHeight(HEIGHT)
        self.product = label("Cognito Desk", "large")
        self.product.setFixedWidth(164)  # what is right of it begins where the tabs do
        self.chip = ConnectionChip()
        self.chip.clicked.connect(self.connection_pressed)
        self.search = SearchField()
        self.star = icon_button("star", tr("Saved and earlier searches"), size=18)
        self._narrow = False
        self._themes: QActionGroup | None = None  # made when the menu first opens
        self._operator = ElidedLabel("", "muted")
        self._operator.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._operator.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._role = BadgeLabel(Badge("", Tone.INFO, Shape.NONE))
        self.theme_button = icon_button("sun", tr("Theme"), size=18)
        self.theme_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.theme_button.setMenu(self._theme_menu())
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(12)
        row.addWidget(self.product)
        row.addWidget(self.chip)
        row.addWidget(self.search, 1)
        row.addWidget(self.star)
        row.addWidget(self.theme_button)
        row.addWidget(self._operator)
        row.addWidget(self._role)
        theme.changed.connect(self._draw_theme)
        self._draw_theme()
        self.set_operator(None)

    def set_connection(self, connection: Connection | None) -> None:
        """Show another connection, or none."""
        self.chip.set_connection(connection)
        self.search.setEnabled(connection is not None)
        hint = tr(
            "Words, or fields such as status:confirmed, -mfa:none and created:>2026-01-31. Ctrl+Space offers them."
        )
        self.search.setToolTip(hint if connection else tr("Open a connection first"))

    def set_operator(self, operator: Operator | None) -> None:
        """Show who is at the Desk, or nobody."""
        self._role.setVisible(operator is not None)
        self._operator.set_text("")
        if operator is not None:
            self._operator.set_text(operator.name)
            self._role.set_badge(
                Badge(operator.role.value, Tone.INFO, Shape.NONE, tr("Your role decides what you may do"))
            )
        self._fit()

    def set_narrow(self, narrow: bool) -> None:
        """Give the search room where the window is narrow: the product name and the operator's name give way."""
        self.product.setVisible(not narrow)
        self._narrow = narrow
        self._fit()
        self._role.setToolTip(self._operator.full_text if narrow else tr("Your role decides what you may do"))

    def _fit(self) -> None:
        wanted = QFontMetrics(theme.font()).horizontalAdvance(self._operator.full_text) + 4
        self._operator.setVisible(bool(self._operator.full_text) and not self._narrow)
        self._operator.setFixedWidth(min(wanted, 220))

    def _theme_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.aboutToShow.connect(self._mark_theme)
        return menu

    def _fill_theme_menu(self, menu: QMenu) -> QActionGroup:
        group = QActionGroup(menu)
        for preference, words, icon in _CHOICES:
            action = menu.addAction(tr(words))
            action.setObjectName(preference.value)
            action.setCheckable(True)
            icons.assign(action, icon, "text", 16)
            group.addAction(action)
        group.triggered.connect(self._on_theme)
        return group

    @Slot(QAction)
    def _on_theme(self, action: QAction) -> None:
        self.theme_chosen.emit(action.objectName())

    @Slot()
    def _mark_theme(self) -> None:
        if self._themes is None:
            self._themes = self._fill_theme_menu(self.theme_button.menu())
        for action in self._themes.actions():
            action.setChecked(action.objectName() == theme.preference.value)

    @Slot()
    def _draw_theme(self) -> None:
        icons.assign(self.theme_button, "moon" if theme.scheme == "dark" else "sun", "muted", 18)
