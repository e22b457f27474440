"""The Activity tab: what runs and ran in this session, and the journal of every change."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.context import Context


def create(context: Context) -> QWidget:
    """The tab, for the connection that is open."""
    from ui.tabs.activity.view import ActivityView

    return ActivityView(context)
