"""Which people and columns go into which file. Says that the file holds personal data; writes nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QCheckBox, QFileDialog, QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.directory.exchange import ENDINGS, USUAL, Export
from app.directory.index import Sort
from app.directory.selection import Selection
from app.errors import AppError
from app.work import Work
from ui.text import count, tr
from ui.widgets.buttons import button
from ui.widgets.cards import scrolling
from ui.widgets.dialogs import FormDialog
from ui.widgets.forms import LineField
from ui.widgets.labels import label

_FORMATS = {
    ".csv": ("CSV", "Opens everywhere. A text that a spreadsheet would run as a formula gets an apostrophe in front."),
    ".xlsx": ("Excel", "With real dates, in UTC. Nothing becomes a formula or a link."),
    ".jsonl": ("JSON lines", "One object per line, for programs."),
    ".parquet": ("Parquet", "Typed columns, for data tools. The smallest file."),
}
_LIST_HEIGHT = 146


@dataclass(frozen=True, slots=True)
class Scope:
    """People who can be meant: the words of the choice, who they are, and how many (None: nobody knows yet).

    `first` finds them, where the index does not hold them all.
    """

    words: str
    who: Selection
    people: int | None
    first: Callable[[Work], object] | None = None

    @property
    def choice(self) -> str:
        """As a choice: 'Everybody (500 people)'."""
        return self.words if self.people is None else f"{self.words} ({count(self.people, 'person', 'people')})"


@dataclass(frozen=True, slots=True)
class Liking:
    """What was chosen the last time, for the next."""

    folder: str
    ending: str = ".csv"
    columns: tuple[str, ...] = USUAL


class PathField(LineField):
    """A line for a file's path, with a button that shows the folders."""

    def __init__(self) -> None:
        super().__init__()
        self.browse = button(tr("Browse…"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        row.addWidget(self.browse)


class ExportDialog(FormDialog):
    """`submitted` hands over the form's values; `export` is what they ask for. The first scope is the one offered."""

    def __init__(
        self,
        scopes: Sequence[Scope],
        columns: Sequence[str],
        sort: Sort,
        name: str,
        liking: Liking,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Export people"), tr("Export"), parent=parent)
        self.setMinimumWidth(560)
        self._scopes = tuple(scopes)
        self._sort = sort
        self._may_replace = ""  # the path for which the file chooser has asked already
        choices = {str(i): scope.choice for i, scope in enumerate(scopes)}
        self.form.add_choice("who", tr("Who"), choices, "0")
        formats = {ending: words for ending, (words, _) in _FORMATS.items()}
        self._format = self.form.add_choice("format", tr("Format"), formats, liking.ending, hint=" ")
        self._path = PathField()
        self._path.line.setText(str(Path(liking.folder) / f"{name}-{date.today():%Y-%m-%d}{liking.ending}"))  # noqa: DTZ011
        self.form.add("path", tr("File"), self._path)
        self._replace = self.form.add_check("replace", tr("Replace the file that is there"))
        self.form.set_row_visible("replace", False)
        self._columns = ColumnChoice(columns, liking.columns)
        self.form.add_widget(self._columns)
        self.body.insertWidget(self.body.count() - 1, _personal())
        self.form.edited.connect(self._on_edited)
        self._path.browse.clicked.connect(self._on_browse)
        self._tell_format()

    @property
    def export(self) -> Export:
        """What is asked for."""
        values = self.form.values()
        path = Path(values["path"].strip()).expanduser()
        replace = values["replace"] == "true" or values["path"] == self._may_replace
        return Export(path, self._columns.chosen, self.scope.who, self._sort, replace)

    @property
    def scope(self) -> Scope:
        """Who is chosen."""
        return self._scopes[int(self.form.values()["who"])]

    @property
    def liking(self) -> Liking:
        """To be offered the next time."""
        values = self.form.values()
        folder = str(Path(values["path"].strip()).expanduser().parent)
        return Liking(folder, values["format"], self._columns.chosen)

    @Slot()
    def submit(self) -> None:
        problems: dict[str, str] = {}
        text = self.form.values()["path"].strip()
        if not text:
            problems["path"] = tr("Say where the file shall be.")
        elif Path(text).suffix.lower() not in ENDINGS:
            problems["path"] = tr("The ending decides the format: .csv, .xlsx, .jsonl or .parquet.")
        elif not Path(text).expanduser().is_absolute():
            problems["path"] = tr("Give the whole path, or choose the folder with Browse….")
        if not self._columns.chosen:
            problems["columns"] = tr("Choose at least one column.")
        if problems:
            self.set_errors(problems)
        else:
            super().submit()

    def fail(self, error: AppError) -> None:
        super().fail(error)
        if "path" in error.fields and "already" in error.fields["path"]:
            self.form.set_row_visible("replace", True)

    @Slot(str)
    def _on_edited(self, name: str) -> None:
        path = Path(self.form.values()["path"].strip())
        ending = str(self._format.currentData())
        if name == "format" and path.suffix.lower() in ENDINGS:
            self._path.line.setText(str(path.with_suffix(ending)))
        elif name == "path":
            self._replace.setChecked(False)
            self.form.set_row_visible("replace", False)
            at = self._format.findData(".jsonl" if path.suffix.lower() == ".ndjson" else path.suffix.lower())
            if at >= 0:
                self._format.setCurrentIndex(at)
        self._tell_format()

    def _tell_format(self) -> None:
        self.form.set_hint("format", tr(_FORMATS[str(self._format.currentData())][1]))

    @Slot()
    def _on_browse(self) -> None:
        path = Path(self.form.values()["path"].strip()).expanduser()
        chooser = QFileDialog(self, tr("Where the file shall be"), str(path.parent))
        chooser.setNameFilters([f"{words} (*{ending})" for ending, (words, _) in _FORMATS.items()])
        chooser.selectNameFilter(f"{_FORMATS[str(self._format.currentData())][0]} (*{self._format.currentData()})")
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setDefaultSuffix(str(self._format.currentData()).removeprefix("."))
        chooser.selectFile(path.name)
        chooser.fileSelected.connect(self._on_path)
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    @Slot(str)
    def _on_path(self, path: str) -> None:
        self._path.line.setText(path)
        self.form.set_errors({})
        self._on_edited("path")
        self._may_replace = path  # the chooser has asked before it gave the name of a file that is there


class ColumnChoice(QWidget):
    """A tick for each column, in the order in which the file has them."""

    def __init__(self, names: Sequence[str], chosen: Sequence[str]) -> None:
        super().__init__()
        self._ticks: dict[str, QCheckBox] = {}
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setContentsMargins(8, 8, 8, 8)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        half = (len(names) + 1) // 2
        for place, name in enumerate(names):
            tick = QCheckBox(name.replace("&", "&&"))
            tick.setChecked(name in chosen)
            tick.toggled.connect(self._on_toggled)
            self._ticks[name] = tick
            grid.addWidget(tick, place % half, place // half)
        grid.setRowStretch(half, 1)
        area = scrolling(inner)
        area.setFixedHeight(min(_LIST_HEIGHT, inner.sizeHint().height()))
        frame = QFrame()
        frame.setProperty("role", "card")
        within = QVBoxLayout(frame)
        within.setContentsMargins(1, 1, 1, 1)
        within.addWidget(area)
        self._amount = label("", "muted")
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(label(tr("Columns"), "field"))
        head.addWidget(self._amount, 1)
        for words, slot in ((tr("All"), self._on_all), (tr("Usual"), self._on_usual), (tr("None"), self._on_none)):
            made = button(words, "link")
            made.setAccessibleName(tr("{words} columns", words=words))
            made.clicked.connect(slot)
            head.addWidget(made)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(frame)
        self._on_toggled()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The names of the columns that are ticked."""
        return tuple(name for name, tick in self._ticks.items() if tick.isChecked())

    def _tick(self, names: Sequence[str]) -> None:
        for name, tick in self._ticks.items():
            tick.setChecked(name in names)

    @Slot()
    def _on_all(self) -> None:
        self._tick(tuple(self._ticks))

    @Slot()
    def _on_usual(self) -> None:
        self._tick(USUAL)

    @Slot()
    def _on_none(self) -> None:
        self._tick(())

    @Slot()
    def _on_toggled(self) -> None:
        self._amount.setText(tr("{n} of {all}", n=len(self.chosen), all=len(self._ticks)))


def _personal() -> QWidget:
    note = label(
        tr(
            "The file will hold personal data, readable by you alone on this machine. Keep it where only those who need"
            " it can read it, and delete it afterwards. The journal notes that you exported, with which search and how"
            " many people, never the data."
        ),
        "muted",
        wrap=True,
    )
    note.setAlignment(Qt.AlignmentFlag.AlignTop)
    return note
