"""Entering one of Stripe's two secrets: it goes into the operating system's keyring, and nowhere else."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.text import tr
from ui.widgets.dialogs import FormDialog
from ui.widgets.forms import PasswordField

_KEY = (
    "A restricted key (rk_live_… or rk_test_…) that may read Customers and Subscriptions, and nothing else. It is kept "
    "in the keyring of this computer."
)
_SIGNING = (
    "The signing secret (whsec_…) of the webhook endpoint that the application has at Stripe: Developers, Webhooks. It "
    "is kept in the keyring of this computer."
)


class StripeSecretDialog(FormDialog):
    """`submitted` hands over 'secret' and 'session' ('true' or 'false'). An empty secret forgets what was kept."""

    def __init__(self, *, key: bool, known: bool, parent: QWidget | None = None) -> None:
        title = tr("Restricted key for Stripe") if key else tr("Signing secret of the endpoint")
        super().__init__(title, tr("Keep"), intro=tr(_KEY if key else _SIGNING), parent=parent)
        # The service names its fields so.
        self.field = "stripe_key" if key else "stripe_endpoint_secret"
        hint = tr("Leave it empty to forget the one that is kept.") if known else ""
        self.form.add(self.field, tr("Key") if key else tr("Secret"), PasswordField(), hint=hint)
        self.form.add_check("session", tr("For this session only"), hint=tr("Kept in memory, and gone at the end."))
