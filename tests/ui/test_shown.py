"""A name of a user pool turns nothing round where it is shown; where it is copied it is what it was."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView
from pytestqt.qtbot import QtBot

from tests.ui.conftest import shown as on_screen
from ui.text import shown, tr
from ui.widgets.keyvalues import ValueLabel
from ui.widgets.labels import ElidedLabel, label
from ui.widgets.table_look import RowLook

HOSTILE = "moc.knab\u202e@example.org"
TOLD = "moc.knab\ufffd@example.org"


@pytest.mark.parametrize("sign", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", ids=ascii)
def test_no_sign_turns_a_sentence_round(sign: str) -> None:
    assert tr("Delete {who} ({n})?", who=f"a{sign}b", n=3) == "Delete a\ufffdb (3)?"


@pytest.mark.parametrize("text", ["Ada", "דוד", "محمد", "می\u200cخواهم", "👩\u200d⚕️", "José\n2"])
def test_the_names_of_the_world_are_as_they_are(text: str) -> None:
    assert shown(text) == text
    assert tr("{who}", who=text) == text


def test_labels_show_the_sign_and_copy_the_value(dressed: QApplication, qtbot: QtBot) -> None:
    plain = label(HOSTILE)
    assert plain.text() == TOLD
    plain.setText("Ada")
    plain.setText(HOSTILE)
    assert plain.text() == TOLD
    assert plain.textFormat() is Qt.TextFormat.PlainText
    cut = ElidedLabel(HOSTILE)
    on_screen(qtbot, cut)
    cut.resize(20, 20)
    assert (cut.accessibleName(), cut.toolTip()) == (TOLD, TOLD)
    value = ValueLabel(HOSTILE)
    on_screen(qtbot, value)
    assert "\u202e" not in value.text()
    QTest.keyClick(value, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == HOSTILE


def test_a_table_paints_the_sign(dressed: QApplication, qtbot: QtBot) -> None:
    view = QTableView()
    qtbot.addWidget(view)
    look = RowLook(view)

    def painted(words: str) -> QImage:
        image = QImage(400, 40, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        look.paint_words(painter, QRect(0, 0, 400, 40), words, muted=False)
        painter.end()
        return image

    assert painted(HOSTILE) == painted(TOLD)
    assert painted(HOSTILE) != painted("moc.knab@example.org")
