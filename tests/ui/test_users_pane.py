"""The pane about a person never shows a half-made layout, not even for one frame."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QLabel, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import shown
from tests.ui.users_desk import FakeDesk, user
from ui.context import Context
from ui.jobs import JobRunner
from ui.tabs.users.pane import PersonPane
from ui.tabs.users.view import UsersView

ADDRESS = "ada.lovelace@some-longer-organisation.example"


def squeezed(root: QWidget) -> list[str]:
    """Labels that are on screen, but lower than their words need."""
    return [
        f"{each.text()!r} {each.height()} of {each.heightForWidth(each.width())}"
        for each in root.findChildren(QLabel)
        if each.isVisible() and each.wordWrap() and each.height() < each.heightForWidth(each.width())
    ]


def test_a_page_is_laid_out_as_soon_as_it_is_chosen(dressed: QApplication, qtbot: QtBot, runner: JobRunner) -> None:
    people = FakeDesk(
        [
            user("ada", email=ADDRESS, phone_number="+16175550115", locale="es-ES", website="https://" + ADDRESS * 3),
            user("u2"),
        ]
    )
    view = UsersView(Context(runner, desk=people.desk))
    view.resize(1200, 820)
    shown(qtbot, view)
    qtbot.waitUntil(lambda: view.table.model().rowCount() == 2)
    view.table.selectRow(0)
    pane = view.findChild(PersonPane)
    assert isinstance(pane, PersonPane)
    qtbot.waitUntil(lambda: not runner.busy)
    pages = pane.findChild(QTabBar)
    assert isinstance(pages, QTabBar)
    for page in (1, 2, 0, 1, 3, 5, 6, 4, 0):
        pages.setCurrentIndex(page)
        assert squeezed(pane) == [], f"page {page}"
    view.table.selectRow(1)
    view.table.selectRow(0)
    assert squeezed(pane) == []
