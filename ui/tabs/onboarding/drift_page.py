"""Where Cognito and the database disagree: kinds with counts, the people of a kind, and the ways to mend it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDir, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QHeaderView, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.drift.report import EXPLANATIONS
from app.drift.service import DriftLine, Fix, Kind
from app.errors import AppError
from app.onboarding.models import OnboardingStatus
from app.permissions import Action
from ui.context import Context
from ui.dialogs.bulk.window import BulkDialog
from ui.tabs.onboarding.drift import SHOWN, DriftPresenter, DriftShown
from ui.tabs.onboarding.drift_words import kind_words, search_for, sides
from ui.text import clock, count, difference, exact, number, onboarding_status, tr
from ui.view_state import Empty, Loading, Ready, ViewState
from ui.widgets.badge import Tone
from ui.widgets.banner import Banner
from ui.widgets.buttons import button, disable
from ui.widgets.cards import Card
from ui.widgets.charts import Bar, BarRows
from ui.widgets.dialogs import show_error
from ui.widgets.flow import FlowLayout
from ui.widgets.labels import ElidedLabel, label
from ui.widgets.rows import Column, RowTable
from ui.widgets.states import StateView

_ALL = "all"
_PERSON, _DIFFERENCE, _COGNITO, _DATABASE = range(4)  # columns
_PERSON_WIDTH, _DIFFERENCE_WIDTH, _LEAST = 248, 170, 110  # pixels
_FRAME = 30  # beside the columns: the gap between the cards, the edges of one, a scroll bar
_SUBJECT = "00000000-0000-4000-8000-000000000000"  # of whose length Cognito's are
_ROOMY = 1_060
_SIDES, _NARROW_SIDES = 330, 290


class DriftPage(QWidget):
    """One kind is looked at, or all of them."""

    def __init__(self, context: Context, presenter: DriftPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self._presenter = presenter
        self._only: Kind | None = None
        self._fixes: list[tuple[QPushButton, Fix]] = []
        self._stale = Banner()
        again = button(tr("Compare again"), icon="refresh")
        again.clicked.connect(presenter.compare)
        self._stale.add_button(again)
        self.kinds = BarRows(tr("Differences by kind"))
        self._sides = Card(tr("Differences"))
        self._compare = button(tr("Compare again"), icon="refresh")
        self._cancel = button(tr("Cancel"))
        self._title = label("", "heading")
        self._note = ElidedLabel("", "muted")
        self._words = label("", "muted", wrap=True)
        self.filter = QLineEdit()
        self._export = button(tr("Export CSV…"), icon="save")
        self._find = button(tr("Show in Users"), icon="search")
        self._actions = FlowLayout()
        self.table: RowTable[DriftLine] = RowTable(
            tr("People whose two sides differ"), self._columns(), key=_key, several=True
        )
        self._more = label("", "small")
        self._lay_out()
        self._connect()

    def start(self) -> None:
        """The page is opened."""
        self._presenter.start()

    def _columns(self) -> list[Column[DriftLine]]:
        def told(line: DriftLine) -> tuple[str, str]:
            shown = self._presenter.shown
            return sides(line, shown.kinds if shown is not None else frozenset())

        return [
            Column(tr("Person"), lambda line: line.person, _PERSON_WIDTH),
            Column(tr("Difference"), kind_words, _DIFFERENCE_WIDTH),
            Column(tr("Cognito"), lambda line: told(line)[0], 150),
            Column(tr("Database"), lambda line: told(line)[1], 0),
        ]

    def _lay_out(self) -> None:
        self.filter.setPlaceholderText(tr("Filter by address, name or subject"))
        self.filter.setAccessibleName(tr("Filter the differences"))
        self.filter.setClearButtonEnabled(True)
        self._sides.setFixedWidth(_SIDES)
        self._sides.add(self.kinds)
        self._totals = label("", "small", wrap=True)
        self._sides.add(self._totals)
        self._sides.body.addStretch(1)
        buttons = QHBoxLayout()
        buttons.addWidget(self._compare)
        buttons.addStretch(1)
        self._sides.add(buttons)
        people = Card(flush=True)
        head = QHBoxLayout()
        head.setContentsMargins(16, 5, 12, 0)  # with buttons as high as the heading beside it is without
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addWidget(self._note, 1)
        head.addWidget(self._find)
        head.addWidget(self._export)
        inner = QVBoxLayout()
        inner.setContentsMargins(16, 0, 12, 0)
        inner.setSpacing(8)
        inner.addWidget(self._words)
        inner.addLayout(self._actions)
        inner.addWidget(self.filter)
        people.add(head)
        people.add(inner)
        people.add(self.table, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 0, 12, 6)
        foot.addWidget(self._more)
        people.add(foot)
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._sides)
        row.addWidget(people, 1)
        self.states = StateView(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(8)
        outer.addWidget(self._stale)
        outer.addWidget(self.states, 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self._cancel)
        outer.addLayout(foot)
        self._cancel.hide()

    def _connect(self) -> None:
        presenter = self._presenter
        presenter.state_changed.connect(self._on_state)
        presenter.stale_changed.connect(self._on_stale)
        presenter.exported.connect(self._on_exported)
        presenter.failed.connect(self._on_failed)
        self.states.action_requested.connect(presenter.compare)
        self.states.retry_requested.connect(presenter.compare)
        self._compare.clicked.connect(presenter.compare)
        self._cancel.clicked.connect(presenter.cancel)
        self.kinds.chosen.connect(self._on_kind)
        self.filter.textChanged.connect(presenter.search)
        self._export.clicked.connect(self._on_export)
        self._find.clicked.connect(self._on_find)
        self.table.opened.connect(self._on_opened)
        self.table.chosen.connect(self._on_chosen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # One kind needs no column that repeats it; of several, the two sides need room.
        narrow = self.width() < _ROOMY
        sides = _NARROW_SIDES if narrow else _SIDES
        self._sides.setFixedWidth(sides)
        table = self.table
        table.setColumnHidden(_DIFFERENCE, self._only is not None)
        alone = narrow and self._only is None
        for column in (_COGNITO, _DATABASE):
            table.setColumnHidden(column, alone)
        modes = QHeaderView.ResizeMode
        table.horizontalHeader().setSectionResizeMode(_PERSON, modes.Stretch if alone else modes.Interactive)
        if alone:
            return
        table.setColumnWidth(_PERSON, _PERSON_WIDTH)
        # The row says more than Cognito: what it says has the room that it needs, and what is left over.
        longest = f"{tr('not verified')}, {onboarding_status(OnboardingStatus.PENDING_VERIFICATION)}"
        left = self.width() - sides - _FRAME - _PERSON_WIDTH - table.fitting_width(longest)
        left -= 0 if self._only is not None else _DIFFERENCE_WIDTH
        table.setColumnWidth(_COGNITO, min(max(left, _LEAST), table.fitting_width(_SUBJECT)))

    @Slot(object)
    def _on_state(self, state: ViewState) -> None:
        self.states.show_state(state)
        self._cancel.setVisible(isinstance(state, Loading))
        self._compare.setDisabled(isinstance(state, Loading))
        if isinstance(state, Empty):
            self._stale.hide()
        if isinstance(state, Ready) and isinstance(state.value, DriftShown):
            self._show(state.value)

    def _show(self, shown: DriftShown) -> None:
        report = shown.report
        tone = Tone.WARN if report.people else Tone.OK
        bars = [Bar(_ALL, tr("All kinds"), report.people, tone=tone, chosen=not shown.kinds)]
        for kind in Kind:
            found = report.counts[kind]
            hint, chosen = tr(EXPLANATIONS[kind]), kind in shown.kinds
            bars.append(Bar(kind, difference(kind), found, tone=Tone.WARN, hint=hint, chosen=chosen))
        self.kinds.set_bars(bars)
        self._sides.set_note(tr("as of {time}", time=clock(report.at)))
        self._sides.setToolTip(exact(report.at))
        self._totals.setText(_totals(shown))
        only = next(iter(shown.kinds)) if len(shown.kinds) == 1 else None
        self._title.setText(difference(only) if only is not None else tr("All kinds"))
        self._note.set_text(count(len(shown.view), "person", "people"))
        words = tr(EXPLANATIONS[only]) if only is not None else tr("Choose a kind to mend it.")
        if not report.people:
            words = tr("Both sides agree about everybody.")
        elif not len(shown.view):
            words = tr("{kind} Nobody differs in this way.", kind=words) if not shown.text else tr("Nothing matches.")
        self._words.setText(words)
        self._only = only
        self._fit()
        self.table.set_rows(shown.lines)
        left = len(shown.view) - len(shown.lines)
        self._more.setText(
            tr("The first {n} are shown. Filters, fixes and export reach all of them.", n=number(SHOWN)) if left else ""
        )
        self._more.setVisible(bool(left))
        self._show_fixes(only)
        self._refresh()

    def _show_fixes(self, kind: Kind | None) -> None:
        wanted = self._presenter.drift.fixes(kind) if kind is not None else ()
        if [fix for _, fix in self._fixes] == list(wanted):
            return
        while (item := self._actions.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._fixes = []
        for place, fix in enumerate(wanted):
            made = button(f"{tr(fix.words)}…", "primary" if place == 0 else "")
            made.clicked.connect(self._on_fix)
            self._actions.addWidget(made)
            self._fixes.append((made, fix))

    def _refresh(self) -> None:
        shown = self._presenter.shown
        nobody = tr("There is nobody.") if shown is None or not len(shown.view) else None
        disable(self._export, self._desk.why_not(Action.EXPORT_USERS) or nobody)
        found = search_for(shown.kinds) if shown is not None else None
        rows_alone = tr("These rows go with no user of the pool, so that no search among users finds them.")
        disable(self._find, rows_alone if found is None else nobody)
        chosen = len(self.table.selected())
        for made, fix in self._fixes:
            words = f"{tr(fix.words)}…" if not chosen else tr("{fix}: {n} chosen…", fix=tr(fix.words), n=number(chosen))
            made.setText(words)
            disable(made, nobody)

    @Slot(object)
    def _on_kind(self, key: object) -> None:
        self._presenter.choose(frozenset({key}) if isinstance(key, Kind) else frozenset())

    @Slot(object)
    def _on_chosen(self, _: object) -> None:
        self._refresh()

    @Slot(object)
    def _on_opened(self, line: DriftLine) -> None:
        self._context.navigate.emit("users", {"search": line.email or line.username or line.row_email or ""})

    @Slot()
    def _on_find(self) -> None:
        shown = self._presenter.shown
        found = search_for(shown.kinds) if shown is not None else None
        if found is not None:
            self._context.navigate.emit("users", {"search": found})

    @Slot()
    def _on_fix(self) -> None:
        fix = next((fix for made, fix in self._fixes if made is self.sender()), None)
        if fix is None:
            return
        keys = {_key(line) for line in self.table.selected()}
        only = tuple(place for place, line in enumerate(self.table.rows()) if _key(line) in keys)
        BulkDialog(self._context, self._presenter.mend(fix, only), self).open()

    @Slot()
    def _on_export(self) -> None:
        chooser = QFileDialog(self, tr("Where the file shall be"), QDir.homePath())
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setNameFilters([tr("CSV (*.csv)")])
        chooser.setDefaultSuffix("csv")
        chooser.selectFile("differences.csv")
        chooser.fileSelected.connect(self._on_path)
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    @Slot(str)
    def _on_path(self, path: str) -> None:
        # The chooser has asked before it gave the name of a file that is there.
        self._presenter.export(Path(path), replace=True)

    @Slot(str)
    def _on_exported(self, words: str) -> None:
        self._context.toast(words)

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        show_error(self, error)

    @Slot(bool)
    def _on_stale(self, stale: bool) -> None:
        if stale:
            words = tr("People were changed since this comparison.")
            self._stale.show_message(words, tr("Fixes read both sides again in any case."), "info")
        else:
            self._stale.hide()


def _key(line: DriftLine) -> tuple[str, str]:
    return line.username or "", line.row_id or ""


def _totals(shown: DriftShown) -> str:
    report = shown.report
    said = [
        tr("{users} in Cognito, {rows} in the database.", users=number(report.users), rows=number(report.rows)),
        tr("One person may differ in several ways."),
    ]
    if report.retired:
        rows = count(report.retired, "disabled row belongs", "disabled rows belong")
        said.append(tr("{rows} to nobody any more, as after a deletion: no difference.", rows=rows))
    if report.waiting:
        changes = count(report.waiting, "database change waits", "database changes wait")
        said.append(tr("{changes} to be written, which explains some.", changes=changes))
    return " ".join(said)
