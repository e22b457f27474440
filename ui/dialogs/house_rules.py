"""The house rules of the authenticator desk: how callers are checked, the name in the app, when QR codes hide."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QPlainTextEdit, QSpinBox, QWidget

from app.auth.names import clean_name
from app.errors import AppError
from app.settings import DeskRules
from ui.text import tr
from ui.widgets.dialogs import FormDialog


class HouseRulesDialog(FormDialog):
    """`rules` is what was entered."""

    def __init__(self, rules: DeskRules, *, parent: QWidget | None = None) -> None:
        intro = tr("They hold for everybody who uses this computer's account.")
        super().__init__(tr("House rules"), tr("Save"), intro=intro, parent=parent)
        self._check = QPlainTextEdit(rules.identity_check)
        self._check.setTabChangesFocus(True)
        self._check.setFixedHeight(96)
        self.form.add(
            "identity_check",
            tr("How to make sure who is calling"),
            self._check,
            hint=tr("Read before anything is done for a caller. Left empty, the usual words stand there."),
        )
        self.form.add_line(
            "issuer",
            tr("Name of the service in the app"),
            rules.issuer,
            hint=tr("Left empty, the name of the user pool."),
        )
        self._seconds = QSpinBox()
        self._seconds.setRange(10, 3600)
        self._seconds.setSuffix(tr(" s"))
        self._seconds.setValue(rules.qr_seconds)
        self.form.add("qr_seconds", tr("A QR code hides after"), self._seconds)
        self.form.add_check("qr_blur", tr("It also hides when another window comes to the front"), rules.qr_blur)

    @property
    def rules(self) -> DeskRules:
        """What was entered."""
        values = self.form.values()
        return DeskRules(
            values["identity_check"].strip(),
            values["issuer"].strip(),
            self._seconds.value(),
            values["qr_blur"] == "true",
        )

    @Slot()
    def submit(self) -> None:
        try:
            clean_name(self.rules.issuer, "issuer")
        except AppError as error:
            self.set_errors(error.fields)
            return
        super().submit()
