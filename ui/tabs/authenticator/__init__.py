"""The Authenticator tab: the QR code of a secret or otpauth address, its live code, and a check of a phone's code."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.context import Context


def create(context: Context) -> QWidget:
    """The tab. It works without a connection too."""
    from ui.tabs.authenticator.view import AuthenticatorView

    return AuthenticatorView(context)
