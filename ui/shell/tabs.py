"""What the window needs to know of a tab. It knows no tab itself: the application hands it the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from PySide6.QtWidgets import QWidget

from ui.context import Context

if TYPE_CHECKING:
    from app.desk import Desk


NUMBERED = 9  # tabs with keys of their own


def _always(_: Desk | None) -> bool:
    return True


class TabSpec(NamedTuple):
    """One entry of the rail. `factory` is called when the tab is first shown, and again for another connection.

    `searches`: the window's search field works on this tab; elsewhere, typing goes to the first tab that searches.
    `needs_desk`: of no use without an open connection. `offered`: whether the tab makes sense on that connection.
    """

    key: str
    title: str
    icon: str
    factory: Callable[[Context], QWidget]
    searches: bool = False
    needs_desk: bool = True
    offered: Callable[[Desk | None], bool] = _always


@runtime_checkable
class Opens(Protocol):
    """A tab that can be sent somewhere: `context.navigate.emit(key, payload)` ends here."""

    def open_at(self, payload: object) -> None:
        """Show what the payload names."""
