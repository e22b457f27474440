"""What the window itself offers in the palette: where to go, the search, the connection, the theme."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from ui.palette import PaletteEntry
from ui.shell.tabs import NUMBERED, TabSpec
from ui.text import tr

if TYPE_CHECKING:
    from app.desk import Desk

_THEMES = (
    ("light", "Light theme", "sun"),
    ("dark", "Dark theme", "moon"),
    ("system", "Theme of the system", "system"),
)


def entries(
    specs: Iterable[TabSpec],
    desk: Desk | None,
    *,
    why_not: Callable[[TabSpec], str | None],
    show_tab: Callable[[str], object],
    search: Callable[[], object],
    switch: Callable[[], object],
    choose_theme: Callable[[str], object],
) -> list[PaletteEntry]:
    """The entries, as things stand now."""
    window = tr("Window")
    made = [
        PaletteEntry(
            f"tab.{spec.key}",
            tr("Go to {tab}", tab=tr(spec.title)),
            window,
            partial(show_tab, spec.key),
            spec.icon,
            keys=f"Ctrl+{number}" if number <= NUMBERED else "",
            why_not=why_not(spec),
        )
        for number, spec in enumerate(specs, start=1)
        if spec.offered(desk)
    ]
    if desk is not None:
        made.append(PaletteEntry("window.search", tr("Search people"), window, search, "search", keys="/", weight=-1))
    made.append(PaletteEntry("window.connection", tr("Switch connection…"), window, switch, "connection", weight=-2))
    made += [
        PaletteEntry(f"window.theme.{name}", tr(words), window, partial(choose_theme, name), icon, weight=-3)
        for name, words, icon in _THEMES
    ]
    return made
