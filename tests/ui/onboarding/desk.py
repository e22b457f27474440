"""People, hands and eyes for the tests of the Onboarding tab."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from app.desk import Desk, open_desk
from app.launcher import Launcher
from app.onboarding.ladder import Edge
from app.onboarding.models import OnboardingStatus
from app.permissions import Role
from app.settings import Settings
from tests.ui.words import wait_for
from ui.context import Change, Context, Toast
from ui.jobs import JobRunner
from ui.tabs.onboarding.view import OnboardingView
from ui.tabs.onboarding.wording import command_id

Open = Callable[..., OnboardingView]


class Watched(Context):
    """A context that remembers what was told to the rest of the window."""

    def __init__(self, runner: JobRunner, desk: Desk) -> None:
        super().__init__(runner, None, desk)
        self.toasts: list[Toast] = []
        self.changes: list[Change] = []
        self.visits: list[tuple[str, object]] = []
        self.toast_requested.connect(self.toasts.append)
        self.changed.connect(self.changes.append)
        self.navigate.connect(lambda key, payload: self.visits.append((key, payload)))

    def toast_of(self, words: str) -> Toast:
        """Wait for a toast with these words."""
        return wait_for(lambda: next((t for t in self.toasts if words in t.text), None), f"the toast “{words}”")


def sql(desk: Desk, statement: str, *values: object) -> list[tuple[object, ...]]:
    assert desk.database is not None
    with desk.database.connection() as connection:
        cursor = connection.execute(statement.encode(), values)
        return list(cursor.fetchall()) if cursor.description else []


def add(desk: Desk, cleanup: ExitStack, email: str, status: OnboardingStatus, days: int = 400) -> None:
    """A person whose row last changed that long ago: at the top of their list."""
    sql(
        desk,
        "INSERT INTO auth.users (email, name, auth_provider, status, email_verified, updated_at)"
        " VALUES (%s, %s, 'cognito', %s, true, now() - make_interval(days => %s))",
        email, email.partition("@")[0].title(), status.value, days,
    )  # fmt: skip
    cleanup.callback(sql, desk, "DELETE FROM auth.users WHERE email = %s", email)


def status_of(desk: Desk, email: str) -> str:
    return str(sql(desk, "SELECT status FROM auth.users WHERE email = %s", email)[0][0])


def listed(view: OnboardingView) -> list[str]:
    return [row.email for row in view.list.table.rows()]


def is_listed(view: OnboardingView, email: str) -> bool:
    return email in listed(view)


def choose(view: OnboardingView, status: OnboardingStatus, *emails: str) -> None:
    """Click the state, then the people in its list."""
    tile = view.funnel.tile(status)
    # Nobody clicks what is not on screen yet. A row chosen in a hidden table would be scrolled to once it shows.
    wait_for(tile.isVisible, "the funnel", view)
    QTest.mouseClick(tile, Qt.MouseButton.LeftButton)
    table = view.list.table
    table.clearSelection()
    flags = QItemSelectionModel.SelectionFlag
    for email in emails:
        wait_for(partial(is_listed, view, email), f"{email} in the list", view)
        wait_for(table.isVisible, "the list", view)
        index = table.model().index(listed(view).index(email), 0)
        table.selectionModel().setCurrentIndex(index, flags.Select | flags.Rows)


def tile_says(view: OnboardingView, status: OnboardingStatus) -> str:
    return view.funnel.tile(status).accessibleName()


def edge_button(view: OnboardingView, edge: Edge) -> QPushButton:
    found = view.findChild(QPushButton, command_id(edge))
    assert isinstance(found, QPushButton)
    return found


def second_desk(
    launcher: Launcher, demo: Desk, cleanup: ExitStack, *, role: Role = Role.ADMIN, port: int | None = None
) -> Desk:
    """Another desk on the same demo: another role, or through a relay."""
    connection = demo.connection
    if port is not None:
        assert connection.database is not None
        address = replace(connection.database, host="127.0.0.1", port=port, sslmode="disable")
        connection = replace(connection, database=address)
    settings = Settings.load(
        {"COGNITO_DESK_HOME": str(launcher.settings.data_dir.parent), "COGNITO_DESK_ROLE": role.value}
    )
    made = open_desk(connection, settings=settings, secrets=launcher.secrets, journal=demo.journal)
    cleanup.callback(made.close)
    return made
