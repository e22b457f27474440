"""What a person arranged for one connection: the table's columns, saved searches, and what was searched for lately.

One small file per connection, for the owner alone (0600). It holds what that person typed and no data of the pool.
Blocking; any thread; raises AppError(FILE_ERROR) only.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from app.errors import AppError, invalid
from app.files import file_error, keep_aside, read_bytes, write_atomically

FOLDER = "workbench"
REMEMBERED = 30  # searches of the history
MOST_SAVED = 100
LONGEST_NAME = 60
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,80}")


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A table as somebody arranged it. Empty `columns` and `order` mean the usual ones; widths are pixels."""

    columns: tuple[str, ...] = ()
    widths: tuple[tuple[str, int], ...] = ()
    order: tuple[tuple[str, bool], ...] = ()  # keys of columns, each with whether it descends


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A query under a name."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Workbench:
    """Everything for one connection. `history` has the newest search first; it stays empty unless `remembers`."""

    arrangement: Arrangement = Arrangement()
    searches: tuple[SavedSearch, ...] = ()
    history: tuple[str, ...] = ()
    remembers: bool = True

    def with_search(self, name: str, text: str) -> Workbench:
        """With a search saved; one of the same name, whatever its case, is replaced in its place.

        Raises INVALID_INPUT for a field `name` that is empty, too long or one too many, and for an empty search.
        """
        name = " ".join(name.split())
        if not name:
            raise invalid("name", "Give the search a name.")
        if len(name) > LONGEST_NAME:
            raise invalid("name", f"A name has at most {LONGEST_NAME} characters.")
        if not text.strip():
            raise invalid("search", "There is nothing to save: the search is empty.")
        made = SavedSearch(name, text.strip())
        names = [known.name.casefold() for known in self.searches]
        if name.casefold() in names:
            at = names.index(name.casefold())
            return replace(self, searches=(*self.searches[:at], made, *self.searches[at + 1 :]))
        if len(names) >= MOST_SAVED:
            raise invalid("name", f"At most {MOST_SAVED} searches are saved. Remove one first.")
        return replace(self, searches=(*self.searches, made))

    def without_search(self, name: str) -> Workbench:
        """Without the saved search of this name."""
        return replace(self, searches=tuple(known for known in self.searches if known.name != name))

    def searched(self, text: str) -> Workbench:
        """With a search at the head of the history; unchanged where the history is off or the text is empty.

        What was only the beginning of it, typed on the way, gives way to it.
        """
        text = text.strip()
        if not self.remembers or not text:
            return self
        older = [known for known in self.history if known != text]
        if older and text.startswith(older[0]):
            del older[0]
        return replace(self, history=(text, *older)[:REMEMBERED])

    def remembering(self, on: bool) -> Workbench:
        """With the history on; or off, and then empty."""
        return replace(self, remembers=on, history=self.history if on else ())


class Workbenches:
    """The files, in a folder of the settings."""

    def __init__(self, config_dir: Path) -> None:
        self._folder = config_dir / FOLDER
        self._lock = threading.Lock()

    def path(self, connection_id: str) -> Path:
        """The file of a connection."""
        plain = _PLAIN.fullmatch(connection_id) is not None
        name = connection_id if plain else hashlib.sha256(connection_id.encode()).hexdigest()
        return self._folder / f"{name}.json"

    def load(self, connection_id: str) -> Workbench:
        """What was kept. A file that cannot be understood is put aside; single entries that cannot be are left out."""
        path = self.path(connection_id)
        with self._lock:
            data = read_bytes(path)
            if data is None:
                return Workbench()
            try:
                stored = json.loads(data)
            except ValueError:
                stored = None
            if not isinstance(stored, dict):
                keep_aside(path)
                return Workbench()
        return _from_record(stored)

    def save(self, connection_id: str, workbench: Workbench) -> None:
        """Keep it, in the place of what was kept before."""
        with self._lock:
            record = json.dumps(_record(workbench), indent=2, ensure_ascii=False)
            write_atomically(self.path(connection_id), record.encode("utf-8", "replace"))

    def forget(self, connection_id: str) -> None:
        """Delete what was kept for a connection that is removed."""
        path = self.path(connection_id)
        with self._lock:
            try:
                with contextlib.suppress(FileNotFoundError):
                    path.unlink()
            except OSError as error:
                raise file_error("delete", path, error) from error


def _record(workbench: Workbench) -> dict[str, object]:
    arrangement = workbench.arrangement
    return {
        "columns": list(arrangement.columns),
        "widths": dict(arrangement.widths),
        "order": [[key, down] for key, down in arrangement.order],
        "searches": [{"name": known.name, "text": known.text} for known in workbench.searches],
        "history": list(workbench.history),
        "remembers": workbench.remembers,
    }


def _from_record(stored: Mapping[str, object]) -> Workbench:
    widths, order = stored.get("widths"), _list(stored.get("order"))
    arrangement = Arrangement(
        columns=tuple(key for key in _list(stored.get("columns")) if isinstance(key, str) and _fits(key)),
        widths=tuple(
            (key, width)
            for key, width in (widths.items() if isinstance(widths, dict) else ())
            if _fits(key) and isinstance(width, int) and not isinstance(width, bool) and 20 <= width <= 4_000
        ),
        order=tuple(
            (pair[0], pair[1])
            for pair in order
            if isinstance(pair, list)
            and len(pair) == 2
            and isinstance(pair[0], str)
            and _fits(pair[0])
            and isinstance(pair[1], bool)
        ),
    )
    made = Workbench(arrangement, remembers=stored.get("remembers") is not False)
    for known in _list(stored.get("searches")):
        if isinstance(known, dict) and isinstance(known.get("name"), str) and isinstance(known.get("text"), str):
            with contextlib.suppress(AppError):  # without a name or a text it cannot be offered
                made = made.with_search(known["name"], known["text"])
    if made.remembers:
        history = tuple(text for text in _list(stored.get("history")) if isinstance(text, str) and text.strip())
        made = replace(made, history=history[:REMEMBERED])
    return made


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _fits(key: str) -> bool:
    return 0 < len(key) <= 200
