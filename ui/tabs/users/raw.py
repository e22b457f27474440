"""The Raw page: both sides as JSON, to be copied into a ticket. Neither side holds a secret."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QSizePolicy, QWidget

from app.onboarding.models import DatabaseUser
from ui.tabs.users.page import PersonPage
from ui.tabs.users.person import Person
from ui.text import tr
from ui.widgets.buttons import button

_LOWEST = 360  # pixels: the style sheet has a say in the text's own minimum


class RawPage(PersonPage):
    """Read-only text and a Copy button."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setProperty("role", "mono")
        self._text.setAccessibleName(tr("Both sides as JSON"))
        self._text.setTabChangesFocus(True)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setMinimumHeight(_LOWEST)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        copy = button(tr("Copy"), icon="copy")
        copy.clicked.connect(self._on_copy)
        row = QHBoxLayout()
        row.addWidget(copy)
        row.addStretch(1)
        self.column.addLayout(row)
        self.column.addWidget(self._text, 1)

    def fill(self, person: Person) -> None:
        self._text.setPlainText(as_json(person))

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())


def as_json(person: Person) -> str:
    """Cognito's answer and the database's row, as far as they were read. Times are UTC."""
    user = person.user
    cognito: dict[str, object] = {
        "Username": user.username,
        "UserStatus": user.status.value,
        "Enabled": user.enabled,
        "UserCreateDate": user.created.isoformat(),
        "UserLastModifiedDate": user.modified.isoformat(),
        "Attributes": dict(sorted(user.attributes.items())),
    }
    if user.factors is not None:
        cognito["UserMFASettingList"] = list(user.factors)
        cognito["PreferredMfaSetting"] = user.preferred_factor
    database: object = None
    if person.database is not None:
        database = _row(person.database)
    elif person.database_error is not None:
        database = person.database_error.message
    return json.dumps({"cognito": cognito, "database": database}, indent=2, ensure_ascii=False)


def _row(row: DatabaseUser) -> dict[str, object]:
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
