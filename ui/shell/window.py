"""The main window: rail, header, status bar, and a tab of each kind, made when it is first shown.

It knows no feature. Without a desk it shows the welcome page it was given, and the tabs that need one are disabled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeySequence, QMoveEvent, QPaintEvent, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.work import Work
from ui import screens
from ui.context import Context, Toast
from ui.shell import geometry
from ui.shell.header import Header
from ui.shell.production_strip import production_strip
from ui.shell.rail import Rail
from ui.shell.statusbar import StatusBar
from ui.shell.tabs import NUMBERED, Opens, TabSpec
from ui.text import tr
from ui.theme import theme
from ui.widgets.reading_order import step

if TYPE_CHECKING:
    from pathlib import Path

    from app.settings import Preferences
    from app.settings import Theme as ThemeName
    from ui.palette import PaletteEntry
    from ui.shell.completion import SearchCompleter
    from ui.shell.palette import CommandPalette
    from ui.shell.searches import SearchMenu
    from ui.widgets.toast import Toasts

__all__ = ["MainWindow", "TabSpec"]

_NARROW = 1180
_KEEP_MS = 1_000  # after the last move


class MainWindow(QMainWindow):
    """Tabs are kept by key; `context.navigate` and `show_tab` bring one up."""

    connection_requested = Signal()  # the chip was pressed
    closed = Signal()
    painted = Signal()  # once, when the window has been seen for the first time: what is not urgent begins here

    def __init__(
        self,
        context: Context,
        tabs: Sequence[TabSpec],
        welcome: Callable[[Context], QWidget] | None = None,
    ) -> None:
        super().__init__()
        self.context = context
        self._specs = {tab.key: tab for tab in tabs}
        self._make_welcome = welcome
        self._welcome: QWidget | None = None
        self._made: dict[str, QWidget] = {}
        self._key = ""
        self._geometry = geometry.Geometry()
        self.asks_before_closing: Callable[[], bool] = lambda: False
        self.setWindowTitle("Cognito Desk")
        self.setMinimumSize(880, 600)
        self.header = Header()
        self.rail = Rail(tabs)
        self.status = StatusBar(context.runner)
        self._stack = QStackedWidget()
        self._strip = production_strip()
        self._build()
        self._searches: SearchMenu | None = None
        self._toasts: Toasts | None = None
        self._completer: SearchCompleter | None = None
        self._palette: CommandPalette | None = None
        self._keep_delay = QTimer(self, singleShot=True, interval=_KEEP_MS)
        self._connect()
        self._restore()
        self._on_desk()
        self._seen = False
        self.painted.connect(self._watch_health)

    @property
    def searches(self) -> SearchMenu:
        """Saved and earlier searches, behind the star. Made for the first connection."""
        if self._searches is None:
            from ui.shell.searches import SearchMenu

            self._searches = SearchMenu(self.context, self.header.star, self)
        return self._searches

    @property
    def tab(self) -> str:
        """The key of the tab on screen; empty on the welcome page."""
        return self._key

    def tab_widget(self, key: str) -> QWidget | None:
        """The widget of a tab that was shown already."""
        return self._made.get(key)

    def show_tab(self, key: str, payload: object = None) -> None:
        """Bring up a tab, made now if need be; `payload` goes to its `open_at`. KeyError if there is no such tab."""
        spec = self._specs[key]
        if self._why_not(spec) is not None or not spec.offered(self.context.desk):
            return
        widget = self._made.get(key)
        if widget is None:
            widget = self._made[key] = spec.factory(self.context)
            self._stack.addWidget(widget)
        self._stack.setCurrentWidget(widget)
        self._key = key
        self._keep_delay.start()
        self.rail.choose(key)
        if payload is not None and isinstance(widget, Opens):
            widget.open_at(payload)

    def set_count(self, key: str, count: int) -> None:
        """Show in the rail how much waits on a tab."""
        self.rail.set_count(key, count)

    def arrangement(self) -> geometry.Geometry:
        """Where the window is, and its tab: what the next start begins with."""
        # On the welcome page there is no tab: the one before it is still the one to come back to.
        return geometry.Geometry(bytes(self.saveGeometry().toBase64().data()).decode(), self._key or self._geometry.tab)

    def sizeHint(self) -> QSize:
        return QSize(1440, 900)

    def focusNextPrevChild(self, next: bool) -> bool:
        return step(self, forward=next)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        self.rail.set_narrow(narrow)
        self.header.set_narrow(narrow)
        self._keep_delay.start()

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self._keep_delay.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        widget = self._stack.currentWidget()
        if widget is not None:
            widget.setFocus()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._seen:
            self._seen = True
            QTimer.singleShot(0, self, self._on_seen)  # the widgets inside are painted after this one

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.asks_before_closing():
            event.ignore()
            return
        event.accept()
        self.closed.emit()

    def _build(self) -> None:
        body = QHBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        body.addWidget(self.rail)
        body.addWidget(self._stack, 1)
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._strip)
        column.addWidget(self.header)
        column.addLayout(body, 1)
        column.addWidget(self.status)
        self.setCentralWidget(central)

    def _connect(self) -> None:
        context = self.context
        context.desk_changed.connect(self._on_desk)
        context.navigate.connect(self.show_tab)
        context.toast_requested.connect(self._on_toast)
        context.search_changed.connect(self._on_search_changed)
        self.rail.chosen.connect(self._on_chosen)
        self.header.connection_pressed.connect(self.connection_requested)
        self.header.theme_chosen.connect(self._on_theme)
        self.header.search.textEdited.connect(self._on_typed)
        self.header.search.textChanged.connect(self._on_text)
        self.header.search.returnPressed.connect(self._on_search)
        self.header.search.left_downwards.connect(self._enter_tab)
        self.header.search.suggestions_wanted.connect(self._offer)
        self.header.search.recall_wanted.connect(self._offer)
        self.header.search.editingFinished.connect(self._on_search_done)
        self._keep_delay.timeout.connect(self._keep)
        for sequence, slot in (
            ("Ctrl+K", self.open_palette),
            ("Ctrl+F", self._focus_search),
            ("/", self._focus_search),
        ):
            shortcut = QShortcut(QKeySequence(sequence), self)
            shortcut.activated.connect(slot)
        context.offer_palette(self, self._palette_entries)
        for number, key in enumerate(list(self._specs)[:NUMBERED], start=1):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{number}"), self)
            shortcut.setObjectName(key)
            shortcut.activated.connect(self._on_shortcut)

    def _restore(self) -> None:
        settings = self.context.settings
        if settings is not None:
            self._geometry = geometry.load(settings.config_dir)
        state = self._geometry.state
        if not (state and self.restoreGeometry(QByteArray.fromBase64(state.encode()))):
            self.resize(self._first_size())

    def _first_size(self) -> QSize:
        room = screens.room()
        return QSize(min(1440, room.width()), min(900, room.height()))

    def _why_not(self, spec: TabSpec) -> str | None:
        if spec.needs_desk and self.context.desk is None and self._make_welcome is not None:
            return tr("Open a connection first")
        return None

    @Slot()
    def _keep(self) -> None:
        settings, now = self.context.settings, self.arrangement()
        if settings is not None and now != self._geometry:
            self._geometry = now
            call = partial(_save_geometry, settings.config_dir, now)
            # In a lane: an older arrangement must not be written over a newer one.
            self.context.run(call, name=tr("Remember the window"), lane="window", listed=False)

    @Slot()
    def _on_seen(self) -> None:
        self.painted.emit()

    @Slot()
    def _watch_health(self) -> None:
        from ui.shell.health import HealthWatch

        HealthWatch(self.context, self.status)

    @Slot()
    def _on_desk(self) -> None:
        """A tab lives as long as its desk: what it shows belongs to that connection."""
        desk = self.context.desk
        for widget in self._made.values():
            self._stack.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._made.clear()
        connection = desk.connection if desk is not None else None
        self.header.set_connection(connection)
        self.header.set_operator(desk.operator if desk is not None else None)
        self.header.search.clear()
        self.header.star.setEnabled(desk is not None)
        if desk is not None:
            self.searches  # noqa: B018 - made now at the latest: it fills the star
        self.context.set_search("")
        self.context.search_values = {}
        self._strip.setVisible(connection is not None and connection.environment == "production")
        self.setWindowTitle(f"{connection.name} – Cognito Desk" if connection is not None else "Cognito Desk")
        for key, spec in self._specs.items():
            self.rail.set_offered(key, spec.offered(desk))
            self.rail.set_enabled(key, self._why_not(spec))
            self.rail.set_count(key, 0)
        if desk is None and self._make_welcome is not None:
            self._show_welcome()
        elif self._specs:
            last = self._specs.get(self._key or self._geometry.tab)
            self.show_tab(last.key if last is not None and last.offered(desk) else next(iter(self._specs)))

    def _show_welcome(self) -> None:
        if self._welcome is None and self._make_welcome is not None:
            self._welcome = self._make_welcome(self.context)
            self._stack.addWidget(self._welcome)
        if self._welcome is not None:
            self._stack.setCurrentWidget(self._welcome)
        self._key = ""
        self.rail.unchoose()

    @Slot(object)
    def _on_toast(self, toast: Toast) -> None:
        from ui.widgets.toast import Toasts

        if self._toasts is None:
            self._toasts = Toasts(self, over=self.status)
        self._toasts.show_toast(toast)

    @Slot(str)
    def _on_chosen(self, key: str) -> None:
        self.show_tab(key)

    @Slot()
    def _on_shortcut(self) -> None:
        self.show_tab(self.sender().objectName())

    @Slot()
    def open_palette(self) -> None:
        """Open the command palette, or close it."""
        from ui.shell.palette import CommandPalette

        if self._palette is None:  # when somebody asks for the first time: it costs the start nothing
            self._palette = CommandPalette(self.context, self)
        self._palette.toggle()

    def _palette_entries(self) -> list[PaletteEntry]:
        from ui.shell import offers

        return offers.entries(
            self._specs.values(),
            self.context.desk,
            why_not=self._why_not,
            show_tab=self.show_tab,
            search=self._focus_search,
            switch=self.connection_requested.emit,
            choose_theme=self._on_theme,
        )

    @Slot()
    def _focus_search(self) -> None:
        self.header.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.header.search.selectAll()

    @Slot()
    def _enter_tab(self) -> None:
        widget = self._stack.currentWidget()
        if widget is not None:
            widget.setFocus(Qt.FocusReason.OtherFocusReason)
            if self.focusWidget() is self.header.search:
                self.focusNextChild()

    @Slot(str)
    def _on_typed(self, text: str) -> None:
        self._on_search()
        if self._completer is None:
            self._offer()
        spec = self._specs.get(self._key)
        if text and (spec is None or not spec.searches):
            target = next((key for key, other in self._specs.items() if other.searches), None)
            if target is not None:
                self.show_tab(target)

    @Slot()
    def _offer(self) -> None:
        from ui.shell.completion import SearchCompleter

        if self._completer is None:  # when somebody types for the first time: it costs the start nothing
            context = self.context
            self._completer = SearchCompleter(
                self.header.search, lambda: context.search_values, lambda: context.bench.workbench
            )
        self._completer.offer()

    @Slot(str)
    def _on_text(self, text: str) -> None:
        if not text:
            self._on_search()

    @Slot()
    def _on_search(self) -> None:
        self.context.set_search(self.header.search.text().strip())

    @Slot()
    def _on_search_done(self) -> None:
        self.searches.remember(self.header.search.text())

    @Slot(str)
    def _on_search_changed(self, text: str) -> None:
        if text != self.header.search.text().strip():
            self.header.search.setText(text)

    @Slot(str)
    def _on_theme(self, name: str) -> None:
        theme.choose(name)
        settings = self.context.settings
        if settings is not None:
            preferences = settings.preferences._replace(theme=cast("ThemeName", name))
            self.context.run(
                partial(_save, settings.save_preferences, preferences), name=tr("Save preferences"), listed=False
            )


def _save(save: Callable[[Preferences], None], preferences: Preferences, work: Work) -> None:
    work.check()
    save(preferences)


def _save_geometry(folder: Path, arrangement: geometry.Geometry, _: Work) -> None:
    geometry.save(folder, arrangement)
