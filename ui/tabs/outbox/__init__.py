"""The Outbox tab of the demo: the emails and text messages that Cognito would have sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.context import Context


def create(context: Context) -> QWidget:
    """The tab, for the demo that is open."""
    from ui.tabs.outbox.view import OutboxView

    return OutboxView(context)
