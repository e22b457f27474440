"""The strip over the whole window that makes a production connection unmistakable."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout

from ui.text import tr
from ui.widgets.labels import label


def production_strip() -> QFrame:
    """Hidden at first."""
    strip = QFrame()
    strip.setProperty("role", "production")
    strip.setFixedHeight(26)
    row = QHBoxLayout(strip)
    row.setContentsMargins(16, 0, 16, 0)
    words = label(tr("PRODUCTION · changes here affect real people"))
    words.setAlignment(Qt.AlignmentFlag.AlignCenter)
    row.addWidget(words)
    strip.setAccessibleName(words.text())
    strip.hide()
    return strip
