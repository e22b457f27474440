"""The Authenticator tab: help somebody on the phone, draw a QR code, see who has no second factor."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from ui.context import Context
from ui.tabs.authenticator.caller_page import CallerPage
from ui.tabs.authenticator.factors_page import FactorsPage
from ui.tabs.authenticator.secret_page import SecretPage
from ui.text import tr
from ui.widgets.cards import PageHead


class AuthenticatorView(QWidget):
    """The tab. Without a connection it draws QR codes only."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.secret = SecretPage(context)
        self.caller = CallerPage(context) if context.desk is not None else None
        self.factors = FactorsPage(context) if context.desk is not None else None
        self.pages = QTabBar()
        self.pages.setExpanding(False)
        self.pages.setDrawBase(False)
        self.pages.setAccessibleName(tr("Pages of the authenticator desk"))
        self._stack = QStackedWidget()
        for page, title in (
            (self.caller, tr("Somebody on the phone")),
            (self.secret, tr("QR code")),
            (self.factors, tr("Who has none")),
        ):
            if page is not None:
                self._stack.addWidget(page)
                self.pages.addTab(title)
        if self.pages.count() < 2:
            self.pages.hide()
        self.pages.currentChanged.connect(self._on_page)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(PageHead(tr("Authenticator"), tr("Set up, replace or check an authenticator app")))
        column.addWidget(self.pages)
        column.addWidget(self._stack, 1)
        self._on_page(0)

    def open_at(self, payload: object) -> None:
        """An otpauth address, or the account of the person who needs a QR code; {"enrol": user name}: help them.

        {"left": True}: what was left half done.
        """
        if isinstance(payload, str):
            self._turn_to(self.secret)
            self.secret.open_at(payload)
        elif isinstance(payload, dict) and self.caller is not None:
            self._turn_to(self.caller)
            if payload.get("enrol"):
                self.caller.look_for(str(payload["enrol"]))

    def closeEvent(self, event: QCloseEvent) -> None:
        self.secret.close()
        super().closeEvent(event)

    def _turn_to(self, page: QWidget) -> None:
        self.pages.setCurrentIndex(self._stack.indexOf(page))

    @Slot(int)
    def _on_page(self, number: int) -> None:
        self._stack.setCurrentIndex(number)
        page = self._stack.currentWidget()
        if page is not None:
            self.setFocusProxy(page)
