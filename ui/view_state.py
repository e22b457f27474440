"""The state of a view is one of four values. Presenters emit them, StateView renders them; no widget here."""

from __future__ import annotations

from typing import NamedTuple

from app.errors import AppError
from app.work import Progress


class Loading(NamedTuple):
    """Being read. With `keep_content`, what is on screen stays and only a thin line tells of the reading."""

    note: str = ""
    progress: Progress | None = None
    keep_content: bool = False


class Ready(NamedTuple):
    """There is something to show. `value` is what the view renders; StateView does not look at it."""

    value: object = None


class Empty(NamedTuple):
    """Nothing to show, and what to do next. `action` is the text of a button; empty for none."""

    title: str
    hint: str = ""
    action: str = ""
    icon: str = "search"


class Failed(NamedTuple):
    """The reading failed. With `keep_content`, the old content stays under a banner."""

    error: AppError
    keep_content: bool = False


ViewState = Loading | Ready | Empty | Failed
