"""One table of design tokens (resources/tokens.json) becomes the palette, the style sheet and what is painted.

Painted widgets ask `theme.color(...)` while painting and repaint on `theme.changed`; a misspelt token raises KeyError.
"""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from string import Template
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

import resources

RESOURCES = Path(resources.__file__).parent
Scheme = Literal["light", "dark"]
FAMILY = "Inter"
STYLE = ("-style", "Fusion")  # arguments for QApplication
_WEIGHTS = ("Regular", "Medium", "SemiBold", "Bold")


class Preference(StrEnum):
    """What the person chose. The values are those that the settings store."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Theme(QObject):
    """The present look. One instance, `theme`, serves the whole application."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._scheme: Scheme = "light"
        self._preference = Preference.SYSTEM
        self._table: dict[str, dict[str, str | int]] = {}
        self._colors: dict[str, QColor] = {}
        self._family: str | None = None
        self._follows = False

    @property
    def scheme(self) -> Scheme:
        """Which colours are in use."""
        return self._scheme

    @property
    def preference(self) -> Preference:
        """What was chosen; SYSTEM follows the desktop where it tells, and is light elsewhere."""
        return self._preference

    def css(self, token: str) -> str:
        """The colour of a token as #RRGGBB."""
        return str(self._tokens(self._scheme)[token])

    def color(self, token: str) -> QColor:
        """The colour of a token. KeyError where there is no such token."""
        found = self._colors.get(token)
        if found is None:
            found = self._colors[token] = QColor(self.css(token))
        return QColor(found)  # the caller's own: a painter that makes it paler must not fade the whole program

    def space(self, step: str) -> int:
        """Spacing in pixels: xs 4, sm 8, md 12, lg 16, xl 24."""
        return int(self._tokens("space")[step])

    def radius(self, size: str) -> int:
        """Corner radius in pixels: sm, md, lg, pill."""
        return int(self._tokens("radius")[size])

    def font(self, role: str = "body", weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """A font of the type scale: small, body, heading, title, figure or code (fixed pitch)."""
        if role == "code":
            return self.mono()
        font = QFont(self._load_family())
        font.setPixelSize(int(self._tokens("type")[role]))
        font.setWeight(weight)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        return font

    def mono(self, role: str = "small") -> QFont:
        """The system's fixed-pitch font, in a size of the type scale."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(int(self._tokens("type")[role]))
        return font

    def install(self, app: QApplication, preference: str = Preference.SYSTEM) -> None:
        """Dress the application."""
        app.setStyle("Fusion")  # answers with a QStyle, whose enums take 10 ms to wrap
        self.begin(app, preference)
        self.finish(app)

    def begin(self, app: QApplication, preference: str) -> None:
        """Font and colours, for an application that was made with STYLE; `finish` when its first window is built."""
        self._preference = Preference(preference)
        self._colour(app)
        if not self._follows:
            self._follows = True
            app.styleHints().colorSchemeChanged.connect(self._on_system_change)

    def finish(self, app: QApplication) -> None:
        """The style sheet. What is built before it is styled once; later, each step of its way into the window."""
        app.setStyleSheet(self.style_sheet())

    def choose(self, preference: str) -> None:
        """Switch at run time; every widget is restyled, painted ones through `changed`."""
        self._preference = Preference(preference)
        app = QApplication.instance()
        if isinstance(app, QApplication) and self._wanted() != self._scheme:
            self._colour(app)
            self.finish(app)
            self.changed.emit()

    def style_sheet(self) -> str:
        """resources/theme.qss with every token filled in. KeyError names a misspelt one."""
        values: dict[str, str | int] = dict(self._tokens(self._scheme))
        for group in ("space", "radius", "type"):
            values.update({f"{group}_{name}": f"{value}px" for name, value in self._tokens(group).items()})
        values["icons"] = (RESOURCES / "icons" / "themed").as_posix()
        values["scheme"] = self._scheme
        values["mono"] = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
        return Template((RESOURCES / "theme.qss").read_text("utf-8")).substitute(values)

    def palette(self) -> QPalette:
        """The tokens as Qt's colour roles."""
        roles = QPalette.ColorRole
        palette = QPalette()
        for role, token in (
            (roles.Window, "window"),
            (roles.WindowText, "text"),
            (roles.Base, "surface"),
            (roles.AlternateBase, "head"),
            (roles.Text, "text"),
            (roles.Button, "surface"),
            (roles.ButtonText, "text"),
            (roles.BrightText, "bad"),
            (roles.ToolTipBase, "surface"),
            (roles.ToolTipText, "text"),
            (roles.PlaceholderText, "muted"),
            (roles.Highlight, "accent"),
            (roles.HighlightedText, "onaccent"),
            (roles.Accent, "accent"),
            (roles.Link, "accent"),
            (roles.LinkVisited, "accent"),
            (roles.Light, "surface"),
            (roles.Midlight, "head"),
            (roles.Mid, "border"),
            (roles.Dark, "strong"),
            (roles.Shadow, "shadow"),
        ):
            palette.setColor(role, self.color(token))
        for role in (roles.WindowText, roles.Text, roles.ButtonText, roles.PlaceholderText, roles.HighlightedText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.color("disabled"))
        palette.setColor(QPalette.ColorGroup.Disabled, roles.Highlight, self.color("border"))
        return palette

    @Slot()
    def _on_system_change(self) -> None:
        if self._preference is Preference.SYSTEM:
            self.choose(Preference.SYSTEM)

    def _colour(self, app: QApplication) -> None:
        self._scheme = self._wanted()
        self._colors.clear()
        app.setFont(self.font())
        app.setPalette(self.palette())

    def _wanted(self) -> Scheme:
        if self._preference is not Preference.SYSTEM:
            return "dark" if self._preference is Preference.DARK else "light"
        app = QApplication.instance()
        dark = isinstance(app, QApplication) and app.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return "dark" if dark else "light"

    def _tokens(self, group: str) -> dict[str, str | int]:
        if not self._table:
            self._table = json.loads((RESOURCES / "tokens.json").read_text("utf-8"))
        return self._table[group]

    def _load_family(self) -> str:
        if self._family is None:
            loaded = [
                QFontDatabase.addApplicationFont(str(RESOURCES / "fonts" / f"{FAMILY}-{weight}.otf"))
                for weight in _WEIGHTS
            ]
            complete = all(number >= 0 for number in loaded)
            system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
            self._family = FAMILY if complete else system
        return self._family


theme = Theme()
