"""The guided tour: the main flows, driven through the real window without a screen, with a picture of each.

A flow that does not do what it must ends the tour with exit code 1. What is asked of the services on the way goes
through jobs, as it does for a person.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Slot, qInstallMessageHandler
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from app.demo.outbox import Message
from app.desk import Desk
from app.directory.models import User, UserStatus
from app.journal import Entry, EntryState
from app.launcher import Launcher
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.settings import Settings
from app.work import Work
from ui import tour_list, tour_onboarding
from ui.application import Application, run_loop
from ui.jobs import JobState
from ui.theme import Preference, theme
from ui.tour_driver import (
    Condition,
    Driver,
    Script,
    TourError,
    can_press,
    choose_page,
    choose_row,
    open_dialog,
    press,
    save_picture,
    shows,
    type_into,
)
from ui.tour_enrolment import decoded, enrol
from ui.widgets.table import UserTable

T = TypeVar("T")
LARGE, SMALL = (1440, 900), (1024, 700)
SECRET_ADDRESS = (  # invented, of nobody's account
    "otpauth://totp/Harbour:linh.nguyen%40northwind.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Harbour"  # noqa: S105
)
TABS = ("overview", "users", "onboarding", "authenticator", "activity", "outbox")


class Tour(QObject):
    """One walk. `failure` says what went wrong, None if nothing did."""

    def __init__(self, application: Application, folder: Path) -> None:
        super().__init__()
        self.application = application
        self.window = application.window
        self.folder = folder
        self.failure: Exception | None = None
        self.pictures: list[Path] = []
        self._driver = Driver(self._script(), self)
        self._driver.ended.connect(self._on_ended)

    def start(self) -> None:
        """Begin with the next turn of the event loop."""
        (self.folder / "failure.png").unlink(missing_ok=True)  # of a walk before this one
        self._driver.start()

    @Slot(object)
    def _on_ended(self, error: Exception | None) -> None:
        self.failure = error
        if error is not None:
            save_picture(self.window, self.folder / "failure.png")
        self.window.close()

    def _script(self) -> Script:
        self.window.resize(*LARGE)
        yield shows(self.window, "Explore the demo")
        yield from self._picture("welcome")
        press(self.window, "Explore the demo")
        yield lambda: self.application.context.desk is not None
        yield from self._overview()
        yield from self._expired_password()
        yield from self._disable()
        yield from self._refused_reset()
        yield from self._person_and_palette()
        yield from tour_list.groups(self.window, self._picture, lambda: self._quiet)
        yield from tour_list.export(self.window, self._picture, lambda: self._quiet, self.folder / "users.csv")
        yield from self._approve()
        yield from self._onboarding()
        yield from self._authenticator()
        yield from self._activity()
        yield from self._every_tab(Preference.DARK, LARGE, "dark")
        yield from self._every_tab(Preference.DARK, SMALL, "dark-small")
        yield from self._every_tab(Preference.LIGHT, SMALL, "light-small")

    def _overview(self) -> Script:
        self.window.show_tab("overview")
        yield shows(self.window, "harbour-demo", "USER_PASSWORD_AUTH", "In Cognito")
        yield self._quiet
        press(self.window, "Test connection")
        yield self._quiet
        yield from self._picture("overview")

    def _expired_password(self) -> Script:
        """Find the person whose temporary password expired by part of the email; send the invitation again."""
        yield from self._select("carla.m")
        yield shows(self.window, "The temporary password has expired.")
        yield self._quiet
        yield from self._picture("users-expired-password")
        before = len(self._outbox())
        press(self.window, "Resend invitation")
        yield lambda: len(self._outbox()) > before
        message = self._outbox()[0]
        if message.to != "carla.moreno@tidewater.example" or message.kind.value != "invitation":
            raise TourError(f"the outbox holds another message: {message.kind} to {message.to}")
        yield self._quiet
        self.window.show_tab("outbox")
        yield shows(self.window, "carla.moreno@tidewater.example")
        yield from self._picture("outbox")

    def _disable(self) -> Script:
        """Disable a user: Cognito and the view agree, the journal holds intent and outcome."""
        username = yield from self._select("amira.haddad")
        choose_page(self.window, "Security")
        yield self._quiet
        yield from self._picture("users-security")
        self._command("user.disable")
        yield lambda: open_dialog(self.window) is not None
        yield from self._picture("users-disable")
        dialog = open_dialog(self.window)
        assert dialog is not None
        press(dialog, "Disable")
        yield shows(self.window, "The account is disabled in Cognito.")
        user = yield from self._result(partial(_read, self._desk, username))
        if user.enabled:
            raise TourError("Cognito still has the person enabled")
        entries = yield from self._result(partial(_entries, self._desk, username))
        if [(e.action.value, e.state) for e in entries[:1]] != [("user.disable", EntryState.SUCCEEDED)]:
            raise TourError(f"the journal holds {entries[:1]}")
        yield self._quiet
        choose_page(self.window, "Profile")
        yield from self._picture("users-disabled")

    def _refused_reset(self) -> Script:
        """A reset is refused, with the reason, where there is no verified contact."""
        people = yield from self._result(partial(_unverified, self._desk))
        yield from self._select(people[0])
        yield self._quiet
        action = self._action("user.reset")
        if action.isEnabled() or "verified" not in action.toolTip():
            raise TourError(f"the reset is offered, or its reason is missing: {action.toolTip()!r}")
        choose_page(self.window, "Security")
        yield from self._picture("users-reset-refused")
        choose_page(self.window, "Profile")
        self._search("")

    def _person_and_palette(self) -> Script:
        """Pages about a person, what can be done by typing it, and a dry run for many people that changes nobody."""
        yield from self._select("amira.haddad")
        for page in ("Sessions", "History", "Onboarding"):
            choose_page(self.window, page)
            yield self._quiet
            yield from self._picture(f"person-{page.lower()}")
        choose_page(self.window, "Profile")
        self.window.open_palette()
        type_into(self.window, "Command", "pass")
        yield self._quiet
        yield from self._picture("palette")
        self.window.open_palette()
        self._search("domain:quay")
        yield self._quiet
        self._table().selectAll()
        yield self._quiet
        self._command("user.reset")
        yield self._quiet
        yield from self._picture("users-many")
        dialog = open_dialog(self.window)
        assert dialog is not None
        press(dialog, "Cancel")
        self._search("")

    def _approve(self) -> Script:
        """Approve somebody who waits for it: the database row moves on."""
        self.window.show_tab("onboarding", {"status": "pending_approval"})
        yield shows(self.window, "People of the chosen status")
        yield self._quiet
        choose_row(self.window, "People of the chosen status", 0)
        yield can_press(self.window, "Approve")
        yield self._quiet
        waiting = yield from self._result(partial(_waiting, self._desk, OnboardingStatus.PENDING_APPROVAL))
        yield from self._picture("onboarding")
        press(self.window, "Approve")
        yield lambda: open_dialog(self.window) is not None or self._idle()
        dialog = open_dialog(self.window)
        if dialog is not None:
            yield from self._picture("onboarding-approve")
            press(dialog, "Approve")
        yield self._quiet
        after = yield from self._result(partial(_statuses, self._desk, [row.id for row in waiting]))
        moved = [status for status in after if status is OnboardingStatus.PENDING_MFA]
        if len(moved) != 1:
            raise TourError(f"{len(moved)} people moved to pending_mfa instead of one")
        yield from self._picture("onboarding-approved")

    def _onboarding(self) -> Script:
        """The other pages: the limits of waiting, a fix that is only tried, and an event that moves somebody on."""
        window, picture, quiet = self.window, self._picture, self._until_quiet
        yield from tour_onboarding.several(window, self._show_page, picture, quiet)
        yield from tour_onboarding.pages(window, self._show_page, picture, quiet)
        yield from tour_onboarding.drift(window, self._show_page, picture, quiet)
        waiting = yield from self._result(partial(_waiting, self._desk, OnboardingStatus.PENDING_SUBSCRIPTION))
        yield from tour_onboarding.subscription(window, self._show_page, picture, quiet, waiting[0].email)
        after = yield from self._result(partial(_statuses, self._desk, [waiting[0].id]))
        if after != [OnboardingStatus.ACTIVE]:
            raise TourError(f"the event left its person in {after}")
        self._show_page("list")

    def _show_page(self, page: str) -> None:
        self.window.show_tab("onboarding", {"page": page})

    def _authenticator(self) -> Script:
        """Enrol somebody who lost a phone; draw the QR code of a secret, and read it back."""
        self.window.show_tab("authenticator")
        yield from enrol(self.window, self._picture, self._until_quiet)
        choose_page(self.window, "QR code")
        type_into(self.window, "Secret or otpauth address", SECRET_ADDRESS)
        yield can_press(self.window, "Save…")
        yield self._quiet
        yield from self._picture("authenticator")
        read = decoded(self.window)
        if "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" not in read:
            raise TourError(f"the QR code on screen reads {read!r}")

    def _activity(self) -> Script:
        self.window.show_tab("activity")
        yield shows(self.window, "Journal")
        yield self._quiet
        yield from self._picture("activity")

    def _every_tab(self, preference: Preference, size: tuple[int, int], suffix: str) -> Script:
        theme.choose(preference)
        self.window.resize(*size)
        for key in TABS:
            self.window.show_tab(key)
            yield self._quiet
            if key == "users" and self._table().currentIndex().row() < 0:
                self._table().selectRow(2)
                yield self._quiet
            yield from self._picture(f"{key}-{suffix}", numbered=False)

    @property
    def _desk(self) -> Desk:
        desk = self.application.context.desk
        assert desk is not None
        return desk

    def _outbox(self) -> list[Message]:
        assert self._desk.outbox is not None
        return self._desk.outbox.messages()

    def _search(self, text: str) -> None:
        self.window.show_tab("users")
        type_into(self.window, "Search people", text)

    def _select(self, text: str) -> Generator[Condition, None, str]:
        """Find one person by part of the email and choose them; their user name."""
        self._search(text)
        yield self._quiet
        table = self._table()
        yield lambda: table.model().rowCount() == 1
        table.selectRow(0)
        yield self._quiet
        username = table.current_username()
        if username is None:
            raise TourError(f"nobody is chosen after searching {text!r}")
        return username

    def _table(self) -> UserTable:
        table = self.window.findChild(UserTable)
        if not isinstance(table, UserTable):
            raise TourError("the Users tab has no table")
        return table

    def _action(self, name: str) -> QAction:
        for found in self.window.findChildren(QAction, name):
            return found
        raise TourError(f"there is no command {name}")

    def _command(self, name: str) -> None:
        action = self._action(name)
        if not action.isEnabled():
            raise TourError(f"{name} is disabled: {action.toolTip()}")
        action.trigger()

    def _idle(self) -> bool:
        return not any(job.under_way for job in self.application.runner.jobs()) and not self.application.runner.busy

    @property
    def _quiet(self) -> Condition:
        """No job for a moment: everything that was asked for is on screen."""
        since: list[float] = []

        def look() -> bool:
            if not self._idle():
                since.clear()
                return False
            since.append(time.monotonic())
            return since[-1] - since[0] > 0.35

        return look

    def _until_quiet(self) -> Condition:
        return self._quiet

    def _result(self, call: Callable[[Work], T]) -> Generator[Condition, None, T]:
        """What `call` returns, asked for on a worker."""
        found: list[T] = []
        job = self.application.context.run(lambda work: found.append(call(work)), name="Tour", listed=False)
        yield lambda: job.state in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)
        if not found:
            raise TourError("the services did not answer the tour")
        return found[0]

    def _picture(self, name: str, *, numbered: bool = True) -> Script:
        yield _next_turn  # what was just chosen finds its place in the turn after
        number = f"{len(self.pictures) + 1:02d}-" if numbered else ""
        path = self.folder / f"{number}{name}.png"
        save_picture(self.window, path)
        self.pictures.append(path)


def _next_turn() -> bool:
    return True


def _read(desk: Desk, username: str, _: Work) -> User:
    return desk.people.details(username)


def _entries(desk: Desk, username: str, _: Work) -> list[Entry]:
    return desk.journal.entries(connection=desk.connection.id, subject=username)


def _unverified(desk: Desk, _: Work) -> list[str]:
    """Addresses of confirmed, enabled people without a verified contact."""
    found = []
    for row in desk.index.view("").rows(0, len(desk.index)):
        usable = row.status is UserStatus.CONFIRMED and row.enabled
        if usable and not row.email_verified and not row.phone:
            found.append(row.email)
    return found


def _waiting(desk: Desk, status: OnboardingStatus, _: Work) -> list[DatabaseUser]:
    assert desk.onboarding is not None
    return desk.onboarding.list(status)


def _statuses(desk: Desk, ids: list[str], _: Work) -> list[OnboardingStatus]:
    assert desk.onboarding is not None
    return [desk.onboarding.get(identifier).status for identifier in ids]


def _hear(kind: QtMsgType, _: QMessageLogContext, words: str) -> None:
    """What Qt says goes where it always goes, but for one remark: the offscreen platform has no window manager."""
    if words != "This plugin does not support propagateSizeHints()":
        print(f"{kind.name}: {words}", file=sys.stderr)  # noqa: T201


def run_tour(folder: Path, *, people: int = 500) -> int:
    """Walk the tour and save its pictures into `folder`; the exit code."""
    with tempfile.TemporaryDirectory(prefix="cd-tour-") as home:
        settings = Settings.load({"COGNITO_DESK_HOME": home, "COGNITO_DESK_OPERATOR": "ada@harbour.example"})
        qInstallMessageHandler(_hear)
        qt = QApplication(sys.argv[:1])
        theme.install(qt, Preference.LIGHT)
        application = Application(Launcher(settings, environ={}), people=people)
        tour = Tour(application, folder)
        application.start()
        tour.start()
        try:
            run_loop(qt, application)
        finally:
            application.shutdown()
    if tour.failure is not None:
        print(f"The tour failed: {type(tour.failure).__name__}: {tour.failure}", file=sys.stderr)  # noqa: T201
        return 1
    print(f"{len(tour.pictures)} pictures in {folder}")  # noqa: T201
    return 0
