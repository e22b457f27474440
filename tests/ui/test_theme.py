"""Tokens, contrast, icons, and switching at run time."""

from __future__ import annotations

import json
import re
from pathlib import Path
from string import Template
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QColor, QHelpEvent, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QListWidget, QPushButton, QToolTip
from pytestqt.qtbot import QtBot

from tests.ui.conftest import shown
from ui import icons
from ui.theme import RESOURCES, Preference, Theme, theme
from ui.widgets.labels import ElidedLabel

TOKENS: dict[str, dict[str, Any]] = json.loads((RESOURCES / "tokens.json").read_text("utf-8"))
GROUNDS = ("window", "surface", "sunken", "head", "sel", "hover", "pressed")
SOFT = ("oksoft", "warnsoft", "badsoft", "accentsoft", "demosoft")
PAIRS = (
    [(ink, ground) for ground in (*GROUNDS, *SOFT) for ink in ("text", "muted", "neutral")]
    + [("accent", ground) for ground in ("window", "surface", "head", "sel", "hover", "accentsoft")]
    + [(ink, ground) for ink in ("ok", "warn", "bad", "demo") for ground in (f"{ink}soft", "surface", "window", "sel")]
    + [("onaccent", "accent"), ("onaccent", "accenthover"), ("onbad", "bad"), ("onbad", "badhover")]
)


def luminance(color: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2), from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_itself() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_is_readable(scheme: str, ink: str, ground: str) -> None:
    assert contrast(TOKENS[scheme][ink], TOKENS[scheme][ground]) >= 4.5


@pytest.mark.parametrize(
    "hostile", ["<b>Bob</b>", "<img src='http://evil.example/x.png'>", "<!doctype html>x", "a &lt;b&gt;"]
)
def test_a_tooltip_is_never_read_as_markup(dressed: QApplication, qtbot: QtBot, hostile: str) -> None:
    widget = ElidedLabel(hostile * 10)
    shown(qtbot, widget)
    widget.resize(60, 20)
    assert widget.toolTip() == hostile * 10
    for scheme in (Preference.DARK, Preference.LIGHT):
        theme.choose(scheme)
        at = widget.rect().center()
        QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, at, widget.mapToGlobal(at)))
        tips = [tip for tip in QApplication.topLevelWidgets() if tip.metaObject().className() == "QTipLabel"]
        assert tips
        for tip in tips:
            assert isinstance(tip, QLabel)
            assert tip.text() == hostile * 10
            assert tip.textFormat() is Qt.TextFormat.PlainText
    QToolTip.hideText()


def test_an_entry_of_a_list_has_no_markup_in_its_tooltip(dressed: QApplication, qtbot: QtBot) -> None:
    hostile = "<b>Ada</b><img src='file:///etc/hostname'>\n<!doctype html>"
    names = QListWidget()
    names.addItem("Ada")
    names.item(0).setToolTip(hostile)
    shown(qtbot, names)
    at = names.visualItemRect(names.item(0)).center()
    QApplication.sendEvent(names.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, names.viewport().mapToGlobal(at)))
    tips = [tip for tip in QApplication.topLevelWidgets() if tip.metaObject().className() == "QTipLabel"]
    assert [tip.text() for tip in tips if isinstance(tip, QLabel) and tip.isVisible()] == [hostile]
    assert all(isinstance(tip, QLabel) and tip.textFormat() is Qt.TextFormat.PlainText for tip in tips)
    QToolTip.hideText()


def test_both_schemes_have_the_same_tokens() -> None:
    assert TOKENS["light"].keys() == TOKENS["dark"].keys()
    assert all(re.fullmatch("#[0-9A-F]{6}", color) for s in ("light", "dark") for color in TOKENS[s].values())


def test_a_misspelt_token_is_an_error(dressed: QApplication) -> None:
    with pytest.raises(KeyError, match="acent"):
        theme.color("acent")
    with pytest.raises(KeyError, match="acent"):
        Template("QLabel { color: $acent; }").substitute(TOKENS["light"])


def test_the_style_sheet_names_known_tokens_only_and_its_files_exist(dressed: QApplication) -> None:
    sheet = theme.style_sheet()
    assert "$" not in sheet
    files = re.findall(r'url\("([^"]+)"\)', sheet)
    assert len(files) > 5
    assert [name for name in files if not Path(name).is_file()] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_ready_coloured_icons_of_the_style_sheet_follow_the_tokens(scheme: str) -> None:
    found = list((RESOURCES / "icons" / "themed").glob(f"*-{scheme}.svg"))
    assert len(found) == 7
    for path in found:
        ink = "muted" if path.name.startswith("chevron") else "onaccent"
        assert TOKENS[scheme][ink] in path.read_text("utf-8")


def test_the_palette_is_made_of_tokens(dressed: QApplication) -> None:
    assert dressed.palette().color(QPalette.ColorRole.Window) == QColor(TOKENS["light"]["window"])
    theme.choose(Preference.DARK)
    assert dressed.palette().color(QPalette.ColorRole.Window) == QColor(TOKENS["dark"]["window"])


class Painted(QObject):
    """Stands for a widget that paints itself."""

    def __init__(self) -> None:
        super().__init__()
        self.colors: list[str] = []
        theme.changed.connect(self.on_changed)

    @Slot()
    def on_changed(self) -> None:
        self.colors.append(theme.color("text").name().upper())


def test_switching_restyles_what_is_on_screen_and_tells_painted_widgets(dressed: QApplication, qtbot: QtBot) -> None:
    label = QLabel("words")
    qtbot.addWidget(label)
    label.resize(80, 30)
    label.show()
    painted = Painted()
    before = label.palette().color(QPalette.ColorRole.WindowText)
    theme.choose(Preference.DARK)
    assert theme.scheme == "dark"
    assert label.palette().color(QPalette.ColorRole.WindowText) != before
    assert painted.colors == [TOKENS["dark"]["text"]]
    theme.choose(Preference.DARK)
    assert len(painted.colors) == 1


def test_an_unknown_preference_is_refused(dressed: QApplication) -> None:
    with pytest.raises(ValueError, match="purple"):
        theme.choose("purple")


def test_inter_is_bundled_and_missing_fonts_fall_back(dressed: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    assert theme.font().family() == "Inter"
    assert "SIL OPEN FONT LICENSE" in (RESOURCES / "fonts" / "OFL.txt").read_text("utf-8").upper()
    monkeypatch.setattr("ui.theme.QFontDatabase.addApplicationFont", lambda path: -1)
    other = Theme()
    assert other.font().family() not in ("", "Inter")


def test_a_colour_can_be_changed_by_whoever_got_it_and_stays_as_it_is_for_others(dressed: QApplication) -> None:
    theme.color("ok").setAlphaF(0.5)
    assert theme.color("ok").alphaF() == 1.0


def test_every_icon_draws_something_in_its_colour(dressed: QApplication) -> None:
    assert len(icons.names()) >= 40
    for name in icons.names():
        image = icons.pixmap(name, "#FF0000").toImage()
        inked = [image.pixelColor(x, y) for x in range(20) for y in range(20) if image.pixelColor(x, y).alpha() > 120]
        assert inked, name
        assert all(color.red() > 200 and color.green() < 40 for color in inked), name


def test_icons_are_drawn_at_the_density_of_the_screen(dressed: QApplication) -> None:
    drawn = icons.pixmap("users", "#000000", 20, 2.0)
    assert (drawn.width(), drawn.deviceIndependentSize().width()) == (40, 20)


def test_an_icon_that_does_not_exist_is_an_error(dressed: QApplication) -> None:
    with pytest.raises(KeyError, match="unicorn"):
        icons.icon("unicorn")


def test_assigned_icons_follow_the_theme(dressed: QApplication, qtbot: QtBot) -> None:
    button = QPushButton("Copy")
    qtbot.addWidget(button)
    icons.assign(button, "copy")
    before = button.icon().pixmap(20).toImage()
    theme.choose(Preference.DARK)
    assert button.icon().pixmap(20).toImage() != before
