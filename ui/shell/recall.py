"""What the search's popup offers of saved and earlier searches. Pure."""

from __future__ import annotations

from app.directory.completion import Suggestion
from app.workbench import Workbench
from ui.text import tr

MOST = 4  # beside what completes the word at the cursor
MOST_UNASKED = 10  # where nothing is typed yet


def recalled(text: str, workbench: Workbench) -> list[Suggestion]:
    """Saved searches by name or text, then earlier ones, the newest first; each takes the place of all that is typed.

    From two characters; where nothing is typed, the first ones of all.
    """
    typed = text.strip().casefold()
    if len(typed) == 1:
        return []
    found: dict[str, str] = {}
    for known in workbench.searches:
        if typed in known.name.casefold() or typed in known.text.casefold():
            found.setdefault(known.text, tr("saved: {name}", name=known.name))
    for earlier in workbench.history:
        if typed in earlier.casefold():
            found.setdefault(earlier, tr("searched lately"))
    found.pop(text.strip(), None)
    offered = [Suggestion(wanted, note, 0, len(text)) for wanted, note in found.items()]
    return offered[: MOST if typed else MOST_UNASKED]
