"""Let an account at another identity provider sign in as a person of this pool."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QWidget

from app.capabilities import Capability
from app.directory.identities import Provider
from ui.text import tr
from ui.widgets.dialogs import FormDialog


class LinkIdentityDialog(FormDialog):
    """`submitted` hands over 'provider' and 'value', the account's identifier there."""

    def __init__(self, who: str, cost: str = "", parent: QWidget | None = None) -> None:
        intro = tr(
            "Whoever holds that account can then do all that {who} may do. It must not have signed in here before: "
            "then it has a user of its own. This can be undone.",
            who=who,
        )
        title = tr("Link an account to {who}", who=who)
        super().__init__(title, tr("Link"), intro=f"{intro} {cost}".strip(), parent=parent)
        self._provider = QComboBox()
        self._provider.setEditable(True)
        hint = tr("As the pool calls it, such as Google, or the name of a SAML or OIDC provider.")
        self.form.add("provider", tr("Identity provider"), self._provider, hint=hint, required=True)
        self.form.add_line(
            "value",
            tr("Identifier of the account there"),
            hint=tr("The subject (sub or NameID) that the provider tells, not the email address."),
            required=True,
        )

    @Slot(object)
    def show_providers(self, found: tuple[Provider, ...] | Capability) -> None:
        """Offer the pool's providers; where they cannot be read, the name must be typed."""
        if isinstance(found, Capability):
            return
        typed = self._provider.currentText()
        self._provider.addItems([provider.name for provider in found])
        if typed:
            self._provider.setEditText(typed)

    @Slot()
    def submit(self) -> None:
        values = self.form.values()
        problems = {}
        if not values["provider"].strip():
            problems["provider"] = tr("Choose a provider, or type its name.")
        if not values["value"].strip():
            problems["value"] = tr("Enter the identifier that the account has there.")
        if problems:
            self.set_errors(problems)
        else:
            super().submit()
