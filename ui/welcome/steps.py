"""The steps of a connection test: a pill, how long it took, and what was found or what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from app.desk import PROBE_STEPS
from app.errors import ErrorCode
from app.pool.probe import ProbeStep
from ui import errors
from ui.text import milliseconds, tr
from ui.widgets.badge import Badge, BadgeLabel, Shape, Tone
from ui.widgets.labels import label

_KEYRING = frozenset({ErrorCode.KEYRING_MISSING, ErrorCode.KEYRING_LOCKED, ErrorCode.KEYRING_REFUSED})


def badge_of(made: ProbeStep) -> Badge:
    """How a step ended. A missing database or keyring is no failure: Cognito works without either."""
    if made.ok:
        return Badge(tr("ok"), Tone.OK)
    code = made.error.code if made.error is not None else None
    if made.skipped:
        return Badge(tr("not tried"), Tone.NEUTRAL, Shape.DASHED)
    if code is ErrorCode.DATABASE_MISSING:
        return Badge(tr("none"), Tone.NEUTRAL)
    if code in _KEYRING:
        return Badge(tr("not usable"), Tone.WARN)
    return Badge(tr("failed"), Tone.BAD)


def verdict(steps: Sequence[ProbeStep], *, running: bool) -> str:
    """The whole in a sentence."""
    failed = [made.name for made in steps if badge_of(made).tone is Tone.BAD]
    if running:
        return tr("Testing the connection…")
    if failed:
        return tr("The test failed at {names}.", names=", ".join(failed))
    return tr("The connection works.")


class StepsPanel(QFrame):
    """Every step from the first moment on, so that nothing moves while they end one by one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._verdict = label("", "heading", wrap=True)
        self._rows: list[tuple[BadgeLabel, QLabel, QLabel, QLabel]] = []
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(2, 1)
        top = Qt.AlignmentFlag.AlignTop
        for row, name in enumerate(PROBE_STEPS):
            found = label("", "muted", wrap=True, selectable=True)
            parts = (BadgeLabel(Badge("")), label(name), found, label("", "muted"))
            for words in parts[1:]:
                words.setContentsMargins(0, 2, 0, 0)  # the first line stands beside the pill's word
            for column, part in enumerate(parts):
                grid.addWidget(part, row, column, top if column != 3 else top | Qt.AlignmentFlag.AlignRight)
            self._rows.append(parts)
        column_box = QVBoxLayout(self)
        column_box.setContentsMargins(12, 10, 12, 10)
        column_box.setSpacing(8)
        column_box.addWidget(self._verdict)
        column_box.addLayout(grid)

    def show_steps(self, steps: Sequence[ProbeStep], *, running: bool) -> None:
        """Show the steps that have ended, and which one is under way."""
        words = verdict(steps, running=running)
        self._verdict.setText(words)
        self.setAccessibleName(words)
        for index, parts in enumerate(self._rows):
            if index < len(steps):
                made = steps[index]
                badge = badge_of(made)
                tried = made.ok or badge.tone is not Tone.NEUTRAL
                detail = errors.present(made.error).body if made.error is not None and tried else made.detail
                _fill(parts, badge, detail, milliseconds(made.milliseconds) if tried else "")
            elif running and index == len(steps):
                _fill(parts, Badge(tr("testing"), Tone.INFO), "", "")
            else:
                _fill(parts, Badge(tr("waiting"), Tone.NEUTRAL, Shape.DASHED), "", "")


def _fill(parts: tuple[BadgeLabel, QLabel, QLabel, QLabel], badge: Badge, detail: str, took: str) -> None:
    pill, name, words, time = parts
    pill.set_badge(badge)
    words.setText(detail)
    words.setAccessibleName(f"{name.text()}: {badge.text}. {detail}")
    time.setText(took)
