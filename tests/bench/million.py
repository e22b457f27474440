"""The window with a million users in its index: searching, sorting, scrolling, and typing while a listing runs."""

from __future__ import annotations

from tests.bench import children

USERS = 1_000_000
_SECONDS = 600.0


def measure() -> dict[str, float]:
    """One program; its figures are medians within it. Half of it is spent on inventing the users.

    Without ripgrep everything but the comparison with it is measured, and stderr tells how to get it.
    """
    return children.run("crowd", [str(USERS)], seconds=_SECONDS)
