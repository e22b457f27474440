"""The database writes that wait: a banner, a line for each with its reason, and the two ways out."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.waiting import Waiting, Why
from ui.tabs.activity.waiting_words import kind_words, next_words, reason_words, stays_different, summary, who
from ui.text import ago, clock, count, exact, number, tr
from ui.widgets.banner import Banner
from ui.widgets.buttons import button, disable
from ui.widgets.dialogs import ConfirmDialog
from ui.widgets.rows import Column, RowTable

_LINES = 3  # shown without scrolling
_ROOMY = 1000  # pixels of the table's own width
_PERSON, _SINCE = 0, 2  # its columns


class WaitingWrites(QWidget):
    """Hidden while nothing waits."""

    retry_requested = Signal()
    discard_requested = Signal(object)  # Waiting: asked about and confirmed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._why_not_discard: str | None = None
        self._banner = Banner()
        self._retry = button(tr("Try now"))
        self._retry.clicked.connect(self.retry_requested)
        self._discard = button(tr("Discard…"))
        self._discard.clicked.connect(self._on_discard)
        self._banner.add_button(self._discard)
        self._banner.add_button(self._retry)
        self._table: RowTable[Waiting] = RowTable(
            tr("Waiting database changes"), _columns(), key=lambda each: each.mirror.id
        )
        self._table.chosen.connect(self._on_chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._banner)
        column.addWidget(self._table)
        self.hide()

    def show_waiting(
        self, waiting: tuple[Waiting, ...], *, why_not_retry: str | None, why_not_discard: str | None
    ) -> None:
        """Show what waits, and why the operator may not retry or discard, where that is so."""
        self.setVisible(bool(waiting))
        self._table.set_rows(waiting)
        self._why_not_discard = why_not_discard
        self._on_chosen(None)
        if not waiting:
            return
        refused = any(each.why is Why.REFUSED for each in waiting)
        self._banner.show_message(
            count(len(waiting), "database change waits", "database changes wait"),
            summary(waiting),
            "bad" if refused else "warn",
        )
        self._table.setFixedHeight(self._table.fitting_height(min(len(waiting), _LINES)))
        disable(self._retry, why_not_retry)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        roomy = self.width() >= _ROOMY
        self._table.setColumnWidth(_PERSON, 220 if roomy else 164)
        self._table.setColumnWidth(_SINCE, 96 if roomy else 84)

    @Slot(object)
    def _on_chosen(self, _: object) -> None:
        reason = self._why_not_discard
        if reason is None and not self._table.selected():
            reason = tr("Choose a waiting change below first.")
        disable(self._discard, reason)

    @Slot()
    def _on_discard(self) -> None:
        for waiting in self._table.selected():
            behind = [each for each in self._table.rows() if each.first is not None and each.first == waiting]
            dialog = ConfirmDialog(
                tr("Discard the database change of {who}?", who=who(waiting)),
                "",
                tr("Discard"),
                consequences=_consequences(waiting, len(behind)),
                dangerous=True,
                parent=self,
            )
            pending = _Pending(self, waiting, dialog)
            dialog.confirmed.connect(pending.on_confirmed)
            dialog.open()


class _Pending(QObject):
    """What is discarded once that is confirmed; lives as long as its dialog."""

    def __init__(self, owner: WaitingWrites, waiting: Waiting, parent: QObject) -> None:
        super().__init__(parent)
        self._owner = owner
        self._waiting = waiting

    @Slot()
    def on_confirmed(self) -> None:
        self._owner.discard_requested.emit(self._waiting)


def _consequences(waiting: Waiting, behind: int) -> tuple[str, ...]:
    points = [tr("“{kind}” is never written into the database.", kind=kind_words(waiting)), stays_different(waiting)]
    if behind:
        changes = count(behind, "later change", "later changes")
        points.append(tr("{changes} of this person can then go on.", changes=changes))
    points.append(tr("This cannot be undone. The journal keeps who discarded it."))
    return tuple(points)


def _columns() -> list[Column[Waiting]]:
    return [
        Column(tr("Person"), who, 200),
        Column(tr("Change"), kind_words, 116),
        Column(tr("Since"), lambda each: ago(each.mirror.at), 96, hint=lambda each: exact(each.mirror.at), muted=True),
        Column(tr("Tries"), lambda each: number(each.mirror.attempts), 56, right=True, muted=True),
        Column(tr("Waits because"), reason_words, 0, hint=_hint),
        Column(tr("Next try"), lambda each: next_words(each, datetime.now(UTC)), 116, hint=_due, muted=True),
    ]


def _hint(waiting: Waiting) -> str:
    return waiting.forbidden or ""


def _due(waiting: Waiting) -> str:
    due = waiting.mirror.retry_at
    return tr("due at {time}", time=clock(due)) if due is not None and waiting.why is not Why.ELSEWHERE else ""
