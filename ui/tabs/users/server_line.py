"""The strip that says that a pool is searched where it is, what the search looks at, and how to load everybody."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from ui import icons
from ui.tabs.users.server import ServerSearch
from ui.text import age, number, tr
from ui.theme import theme
from ui.widgets.buttons import button
from ui.widgets.dialogs import ConfirmDialog
from ui.widgets.labels import ElidedLabel, label

BYTES = 400  # of memory, about, for each loaded user


class ServerLine(QFrame):
    """Hidden while the pool is loaded, or small enough to be."""

    everything_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("tone", "info")
        self._icon = QLabel()
        self._title = label(tr("Server search"), "heading")
        self._words = ElidedLabel("")
        self._load = button(tr("Load everybody…"), "link")
        self._load.clicked.connect(self.everything_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(11, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._title)
        row.addWidget(self._words, 1)
        row.addWidget(self._load)
        theme.changed.connect(self._draw)
        self._draw()
        self.hide()

    def show_search(self, server: ServerSearch) -> None:
        """Show where things stand."""
        self.setVisible(server.active)
        if not server.active:
            return
        words = server.words
        said = tr("Shows {words}.", words=words) if words else tr("This search needs everybody loaded.")
        self._words.set_text(said)
        self._words.setToolTip(
            said
            + "\n\n"
            + tr(
                "The pool has about {n} people, more than are loaded by themselves. Cognito finds one attribute by its"
                " beginning, or a status; the database finds onboarding and MFA, with the beginning of an email address"
                " or name.",
                n=number(server.size),
            )
        )
        self.setAccessibleName(f"{self._title.text()}: {said}")

    def _draw(self) -> None:
        self._icon.setPixmap(icons.pixmap("cloud", theme.css("accent"), 16, self.devicePixelRatioF()))


def load_question(size: int, per_second: float, parent: QWidget) -> ConfirmDialog:
    """Asks before everybody is loaded: how long it takes, how much memory, what it costs."""
    seconds = timedelta(seconds=max(1.0, size / max(1.0, per_second)))
    memory = size * BYTES / 1e9
    return ConfirmDialog(
        tr("Load about {n} people?", n=number(size)),
        "",
        tr("Load everybody"),
        consequences=(
            tr(
                "Reading them takes {time} or more, from the ListUsers quota that your application shares.",
                time=age(seconds),
            ),
            tr(
                "They take about {memory} of memory in this program; nothing is written to the disk.",
                memory=_size(memory),
            ),
            tr("It can be paused and stopped. Lists do not count anybody as a billed active user."),
        ),
        parent=parent,
    )


def _size(gigabytes: float) -> str:
    return f"{gigabytes:.1f} GB" if gigabytes >= 1 else f"{max(1, round(gigabytes * 1000)):,} MB"
