"""The Users tab: everybody in the pool, one person on both sides, and every change to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.context import Context


def create(context: Context) -> QWidget:
    """The tab for the open desk of `context`."""
    from ui.tabs.users.view import UsersView

    return UsersView(context)
