"""The detail pane: who it is, what stands in the way, and seven pages about the person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QProgressBar, QStackedLayout, QTabBar, QVBoxLayout, QWidget

from app.errors import AppError
from ui.tabs.users.cards import DiagnosisCard
from ui.tabs.users.groups import GroupsPage
from ui.tabs.users.history import HistoryPage
from ui.tabs.users.lookups import Lookups
from ui.tabs.users.onboarding import OnboardingPage
from ui.tabs.users.page import PersonPage
from ui.tabs.users.person import Person
from ui.tabs.users.profile import ProfilePage
from ui.tabs.users.raw import RawPage
from ui.tabs.users.security import SecurityPage
from ui.tabs.users.sessions import SessionsPage
from ui.tabs.users.wording import Ask
from ui.text import tr
from ui.widgets.banner import Banner
from ui.widgets.buttons import button
from ui.widgets.cards import scrolling
from ui.widgets.labels import ElidedLabel, label

_PATIENCE_MS = 300
_NESTED = 5  # value, row, grid, page, scroll area: each asks the next one out for room
NOBODY = "Choose a person in the list to see both sides: Cognito and the application database."


class PersonPane(QFrame):
    """Shows one person, or says that nobody is chosen."""

    command_requested = Signal(str)  # command id
    removal_requested = Signal(object)  # Group: the person shall leave it
    end_requested = Signal(object)  # UserSession
    forget_requested = Signal(object)  # Device
    unlink_requested = Signal(object)  # Identity
    cognito_requested = Signal()
    retry_requested = Signal()

    def __init__(
        self,
        menu: QMenu,
        why_not: Ask,
        now: Callable[[], datetime],
        lookups: Lookups,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(tr("Details of the person"))
        self.setMinimumWidth(340)
        self._now = now
        self._person: Person | None = None
        self._name = ElidedLabel("", "large")
        self._address = ElidedLabel("", "muted")
        self._address.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.actions_button = button(tr("Actions"), menu=menu)
        self._strip = QProgressBar()
        self._strip.setProperty("role", "strip")
        self._strip.setTextVisible(False)
        self._strip.setRange(0, 0)
        self._strip.setAccessibleName(tr("Reading the person"))
        keeps = self._strip.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)
        self._strip.setSizePolicy(keeps)
        self._strip.hide()
        # What is read at once must not flicker.
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._patience.timeout.connect(self._strip.show)
        self._banner = Banner()
        self._banner.retry_requested.connect(self.retry_requested)
        self._cards = DiagnosisCard(why_not)
        self._cards.command_requested.connect(self.command_requested)
        self.tabs = QTabBar()
        self.tabs.setAccessibleName(tr("Pages about the person"))
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setProperty("dense", "true")
        edit = button(tr("Edit attributes…"), icon="edit")
        edit.clicked.connect(self._on_edit)
        self._edit = edit
        self._security = SecurityPage(why_not, now())
        self._security.command_requested.connect(self.command_requested)
        self._security.cognito_requested.connect(self.cognito_requested)
        self._security.unlink_requested.connect(self.unlink_requested)
        self._why_not = why_not
        self._lookups = lookups
        self._onboarding = OnboardingPage(why_not, lookups)
        self._onboarding.command_requested.connect(self.command_requested)
        groups = GroupsPage(why_not, lookups)
        groups.command_requested.connect(self.command_requested)
        groups.removal_requested.connect(self.removal_requested)
        sessions = SessionsPage(why_not, lookups)
        sessions.command_requested.connect(self.command_requested)
        sessions.end_requested.connect(self.end_requested)
        sessions.forget_requested.connect(self.forget_requested)
        pages: dict[str, PersonPage] = {
            tr("Profile"): ProfilePage(edit),
            tr("Security"): self._security,
            tr("Groups"): groups,
            tr("Sessions"): sessions,
            tr("History"): HistoryPage(lookups),
            tr("Onboarding"): self._onboarding,
            tr("Raw"): RawPage(),
        }
        self._pages = list(pages.values())
        for title in pages:
            self.tabs.addTab(title)
        self._lay_out()
        self.tabs.currentChanged.connect(self._on_tab)
        lookups.changed.connect(self._on_lookup)
        self._on_tab(0)
        self.show_person(None)

    def show_person(self, person: Person | None) -> None:
        """Show another person, the same with more known, or nobody."""
        before, self._person = self._person, person
        self._lookups.show_person(person)
        self._stack.setCurrentIndex(0 if person is None else 1)
        if person is None:
            return
        if before is None or before.user.username != person.user.username:
            self._banner.hide()
            self._scroll.verticalScrollBar().setValue(0)
        self._name.set_text(person.title)
        self._address.set_text(person.address if person.address != person.title else "")
        now = self._now()
        self._security.set_now(now)
        diagnosis = person.diagnosis(now)
        self._cards.show_diagnosis(diagnosis, complete=person.complete)
        self._onboarding.show_diagnosis(diagnosis.findings)
        self._edit.setEnabled(person.complete and self._why_not("user.edit") is None)
        self._edit.setToolTip(self._why_not("user.edit") or "")
        for page in self._pages:
            page.show_person(person)
        self._settle()

    def say(self, words: str) -> None:
        """Show nobody, and why."""
        self._nobody.setText(words)
        self.show_person(None)

    @Slot(bool)
    def show_reading(self, reading: bool) -> None:
        """Tell of a reading under way by a thin line: what is known stays."""
        if not reading:
            self._patience.stop()
            self._strip.hide()
        elif not self._patience.isActive() and self._strip.isHidden():
            self._patience.start()

    @Slot(object)
    def show_error(self, error: AppError) -> None:
        """Say over the content that reading failed."""
        self._banner.show_error(error)

    def hide_error(self) -> None:
        """Reading went well again."""
        self._banner.hide()

    def focus_person(self) -> None:
        """Put the keyboard into the pane."""
        if self._person is not None:
            self.tabs.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        titles = QVBoxLayout()
        titles.setSpacing(0)
        titles.addWidget(self._name)
        titles.addWidget(self._address)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addLayout(titles, 1)
        head.addWidget(self.actions_button, 0, Qt.AlignmentFlag.AlignTop)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 4, 16, 16)
        column.setSpacing(12)
        rule = QFrame()
        rule.setProperty("role", "line")
        tabs = QVBoxLayout()
        tabs.setSpacing(0)
        tabs.addWidget(self.tabs)
        tabs.addWidget(rule)
        column.addWidget(self._banner)
        column.addWidget(self._cards)
        column.addLayout(tabs)
        for page in self._pages:
            column.addWidget(page, 1 if isinstance(page, RawPage) else 0)
        column.addStretch(0)
        self._scroll = scrolling(body, tr("About the person"))
        content = QWidget()
        outer = QVBoxLayout(content)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(6)
        box = QVBoxLayout()
        box.setContentsMargins(16, 14, 16, 0)
        box.addLayout(head)
        outer.addLayout(box)
        outer.addWidget(self._strip)
        outer.addWidget(self._scroll, 1)
        self._nobody = label(tr(NOBODY), "muted", wrap=True)
        self._nobody.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nobody.setContentsMargins(32, 32, 32, 32)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(1, 1, 1, 1)
        self._stack.addWidget(self._nobody)
        self._stack.addWidget(content)

    @Slot(int)
    def _on_tab(self, index: int) -> None:
        for number, page in enumerate(self._pages):
            page.setVisible(number == index)
        self._lookups.want(*self._pages[index].needs)
        self._pages[index].refresh()
        self._settle()

    def open_page(self, title: str) -> None:
        """Bring up a page by its title."""
        for index in range(self.tabs.count()):
            if self.tabs.tabText(index) == title:
                self.tabs.setCurrentIndex(index)

    @Slot(str)
    def _on_lookup(self, what: str) -> None:
        page = self._pages[self.tabs.currentIndex()]
        if self._person is not None and what in page.needs:
            page.refresh_offers()
            self._settle()

    def _settle(self) -> None:
        """Give every row its place now: the requests for it wait one behind another, and a frame could come between."""
        if self.isVisible():
            for _ in range(_NESTED):
                QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)

    @Slot()
    def _on_edit(self) -> None:
        self.command_requested.emit("user.edit")
