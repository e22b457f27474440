"""Buttons in the kinds that the style sheet knows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QToolButton

from ui import icons

_ICON_TOKENS = {"primary": "onaccent", "danger": "bad", "danger-primary": "onbad", "link": "accent"}


def button(text: str, kind: str = "", *, icon: str = "", hint: str = "", menu: QMenu | None = None) -> QPushButton:
    """A push button. Kinds: primary, danger, danger-primary, quiet, link, or none for an ordinary one."""
    made = QPushButton(text)
    made.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
    made.setAutoDefault(False)
    if kind:
        made.setProperty("kind", kind)
    if icon:
        icons.assign(made, icon, _ICON_TOKENS.get(kind, "text"), 16)
    if hint:
        made.setToolTip(hint)
    if menu is not None:
        made.setProperty("menu", "true")
        made.setMenu(menu)
    return made


def icon_button(icon: str, name: str, *, ink: str = "muted", size: int = 16) -> QToolButton:
    """A button that shows an icon only; `name` is its tooltip and its accessible name."""
    made = QToolButton()
    made.setProperty("kind", "icon")
    made.setToolTip(name)
    made.setAccessibleName(name)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    icons.assign(made, icon, ink, size)
    return made


def disable(target: QPushButton | QToolButton, reason: str | None) -> None:
    """Enable the button, or disable it and say why as its tooltip and accessible description."""
    target.setEnabled(reason is None)
    target.setToolTip(reason or "")
    target.setAccessibleDescription(reason or "")
