"""The pane beside the list: what the chosen person waits for, the steps they can take, and their database row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QStackedLayout,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from app.onboarding.ladder import LADDER, Edge, explain
from app.onboarding.models import DatabaseUser, OnboardingStatus
from ui.tabs.onboarding.facts import RowFacts
from ui.tabs.onboarding.timeline_view import TimelineView
from ui.tabs.onboarding.wording import OPEN, command_id, returns_to, status_words
from ui.text import age, count, exact, number, tr
from ui.widgets.badge import BadgeLabel, onboarding_badge
from ui.widgets.buttons import button, icon_button
from ui.widgets.cards import scrolling
from ui.widgets.labels import ElidedLabel, label
from ui.widgets.steps import StepStrip, position

NOBODY = "Choose a person in the list to see what they wait for, and to move them on."

_A_MOMENT = timedelta(seconds=10)

MakeButton = Callable[[str, str], QPushButton]
"""The button of a command, by its id and kind."""

# Forward steps first, then each step aside with the step back beside it.
_ROWS = (
    (Edge.APPROVE, Edge.REJECT),
    (Edge.CONFIRM_EMAIL, Edge.REOPEN),
    (Edge.ENROL_MFA, Edge.SUBSCRIBE),
    (Edge.SUSPEND, Edge.RESUME),
    (Edge.DISABLE, Edge.ENABLE),
)


class PersonPane(QFrame):
    """Shows one person, several, or says that nobody is chosen."""

    list_requested = Signal(object)  # DatabaseUser: show them in their list
    closed = Signal()

    def __init__(
        self,
        make_button: MakeButton,
        age_of: Callable[[DatabaseUser], timedelta | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(tr("The chosen person"))
        self._age_of = age_of
        self._person: DatabaseUser | None = None
        self._listed: OnboardingStatus | None = OnboardingStatus.PENDING_APPROVAL
        self._name = ElidedLabel("", "large")
        self._address = ElidedLabel("", "muted")
        self._address.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._open = make_button(OPEN, "")
        self._badge = BadgeLabel(onboarding_badge(OnboardingStatus.PENDING_APPROVAL))
        self._since = ElidedLabel("", "muted")
        self._close = icon_button("close", tr("Close"))
        self._close.clicked.connect(self.closed)
        self._elsewhere = button(tr("Show in list"), "link")
        self._elsewhere.clicked.connect(self._on_elsewhere)
        self._steps = StepStrip()
        self._explanation = label("", wrap=True)
        self._pages = QTabBar()
        self._pages.setAccessibleName(tr("Pages about the person"))
        self._pages.setDrawBase(False)
        self._pages.setExpanding(False)
        for title in (tr("Database row"), tr("Timeline")):
            self._pages.addTab(title)
        self._pages.currentChanged.connect(self._on_page)
        self._facts = RowFacts()
        self.timeline = TimelineView()
        self._buttons = QGridLayout()
        self._lay_out(make_button)
        self.show_people((), self._listed)

    def show_people(
        self, people: tuple[DatabaseUser, ...], listed: OnboardingStatus | None, *, closable: bool = False
    ) -> None:
        """Show other people; `listed` is the state whose list stands beside, None where everybody may be in it.

        `closable`: the pane is there only while somebody is chosen, and can be closed.
        """
        self._listed = listed
        self._close.setVisible(closable)
        before = self._person
        self._person = people[0] if len(people) == 1 else None
        self._stack.setCurrentIndex(1 if people else 0)
        if not people:
            return
        one = self._person is not None
        if self._person is not None:
            self._show_person(self._person)
        else:
            self._name.set_text(count(len(people), "person", "people"))
            self._address.set_text(", ".join(row.email for row in people))
            self._since.set_text("")
            stand = Counter(row.status for row in people)
            if len(stand) == 1:
                self._badge.set_badge(onboarding_badge(people[0].status))
                self._steps.show_position(position(people[0].status, people[0]))
                self._explanation.setText(tr("Each of them: {explanation}", explanation=explain(people[0].status)))
            else:
                self._explanation.setText(_standing(stand))
        alike = len({row.status for row in people}) == 1
        for part in (self._badge, self._since):
            part.setVisible(alike)
        self._steps.setVisible(alike)
        self._pages.setVisible(one)
        self._on_page()
        self._elsewhere.setVisible(one and listed is not None and people[0].status is not listed)
        if before is None or self._person is None or before.id != self._person.id:
            self._scroll.verticalScrollBar().setValue(0)

    def say(self, words: str) -> None:
        """Say why nobody is shown."""
        self._nobody.setText(words)
        self.show_people((), self._listed)

    def _show_person(self, row: DatabaseUser) -> None:
        self._name.set_text(row.name or row.email)
        self._address.set_text(row.email if row.name else "")
        self._badge.set_badge(onboarding_badge(row.status))
        span = self._age_of(row)
        self._since.set_text(_since(span))
        self._since.setToolTip(exact(row.updated_at or row.created_at))
        self._steps.show_position(position(row.status, row))
        said = explain(row.status)
        if row.status is OnboardingStatus.DISABLED:
            said = f"{said} {returns_to(row)}"
        self._explanation.setText(said)
        self._facts.show_row(row)

    def _lay_out(self, make_button: MakeButton) -> None:
        titles = QVBoxLayout()
        titles.setSpacing(0)
        titles.addWidget(self._name)
        titles.addWidget(self._address)
        head = QHBoxLayout()
        head.setContentsMargins(16, 14, 16, 0)
        head.setSpacing(12)
        head.addLayout(titles, 1)
        head.addWidget(self._open, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        status = QHBoxLayout()
        status.setSpacing(8)
        status.addWidget(self._badge, 0)
        status.addWidget(self._since, 1)
        status.addWidget(self._elsewhere)
        self._buttons.setSpacing(8)
        for place, pair in enumerate(_ROWS):
            for column, edge in enumerate(pair):
                kind = "primary" if edge is Edge.APPROVE else ""
                self._buttons.addWidget(make_button(command_id(edge), kind), place, column)
        self._buttons.setColumnStretch(0, 1)
        self._buttons.setColumnStretch(1, 1)
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.setContentsMargins(16, 4, 16, 16)
        inner.setSpacing(12)
        inner.addLayout(status)
        inner.addWidget(self._steps)
        inner.addWidget(self._explanation)
        inner.addLayout(self._buttons)
        inner.addWidget(self._pages)
        inner.addWidget(self._facts)
        inner.addWidget(self.timeline)
        inner.addStretch(1)
        self._scroll = scrolling(body, tr("About the person"))
        content = QWidget()
        outer = QVBoxLayout(content)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(8)
        outer.addLayout(head)
        outer.addWidget(self._scroll, 1)
        self._nobody = label(tr(NOBODY), "muted", wrap=True)
        self._nobody.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nobody.setContentsMargins(32, 32, 32, 32)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(1, 1, 1, 1)
        self._stack.addWidget(self._nobody)
        self._stack.addWidget(content)
        # The buttons decide how narrow the pane may be: behind a scroll area nobody else asks them.
        self.setMinimumWidth(body.minimumSizeHint().width() + 14)

    @Slot()
    def _on_page(self) -> None:
        one, page = self._person is not None, self._pages.currentIndex()
        self._facts.setVisible(one and page == 0)
        self.timeline.setVisible(one and page == 1)

    @Slot()
    def _on_elsewhere(self) -> None:
        if self._person is not None:
            self.list_requested.emit(self._person)


def _standing(stand: Counter[OnboardingStatus]) -> str:
    """Where people of several states stand: '2 pending approval, 1 suspended'."""
    parts = ", ".join(f"{number(stand[status])} {status_words(status)}" for status in LADDER if stand[status])
    return tr("They stand in several states: {parts}. A step takes those whom the ladder lets go.", parts=parts)


def _since(span: timedelta | None) -> str:
    if span is None:
        return ""
    return tr("just now") if span < _A_MOMENT else tr("for {age}", age=age(span))
