"""The Overview tab: how pool, app client, connection and onboarding stand, and who came last."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.context import Context


def create(context: Context) -> QWidget:
    """The tab for the open desk of `context`."""
    from ui.tabs.overview.view import OverviewView

    return OverviewView(context)
