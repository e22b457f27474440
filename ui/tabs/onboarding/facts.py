"""What the database row of one person says. Made once and filled anew: choosing the next person must not stutter."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.onboarding.models import DatabaseUser, OnboardingStatus
from ui.tabs.onboarding.listing import mfa_state
from ui.text import ago, exact, onboarding_status, tr, when
from ui.widgets.badge import BadgeLabel, onboarding_badge, verified_badge
from ui.widgets.keyvalues import KeyValues, ValueLabel, breakable


class RowFacts(QWidget):
    """A grid of names and values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = KeyValues(name_width=112)
        self._values: dict[str, ValueLabel] = {}
        self._verified = BadgeLabel(verified_badge(False))
        self._mfa = BadgeLabel(onboarding_badge(OnboardingStatus.ACTIVE))
        self._line(tr("Email"))
        self._grid.add_widget(tr("Email is"), self._verified)
        for name in (tr("Organisation"), tr("Role"), tr("Signs in with")):
            self._line(name)
        self._grid.add_widget(tr("MFA"), self._mfa)
        for name in (tr("Enrolled"), tr("Before disabling"), tr("Changed"), tr("Created"), tr("Password reset")):
            self._line(name)
        for name in (tr("Subject"), tr("Row")):
            self._line(name, "mono")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._grid)

    def show_row(self, row: DatabaseUser) -> None:
        """Show another row, or the same as it is now."""
        self._verified.set_badge(verified_badge(row.email_verified))
        self._mfa.set_badge(mfa_state(row))
        before = row.status_before_disable
        for name, value in (
            (tr("Email"), row.email),
            (tr("Organisation"), row.organization_id),
            (tr("Role"), row.role),
            (tr("Signs in with"), row.auth_provider),
            (tr("Before disabling"), onboarding_status(before) if before is not None else None),
            (tr("Subject"), row.subject),
            (tr("Row"), row.id),
        ):
            self._set(name, value or "")
        for name, moment in (
            (tr("Enrolled"), row.mfa_enrolled_at),
            (tr("Changed"), row.updated_at),
            (tr("Created"), row.created_at),
            (tr("Password reset"), row.password_reset_at),
        ):
            self._set(name, _moment(moment), exact(moment))

    def _line(self, name: str, role: str = "") -> None:
        self._values[name] = ValueLabel("–", role)
        self._grid.add_widget(name, self._values[name])

    def _set(self, name: str, value: str, hint: str = "") -> None:
        shown = self._values[name]
        text = value or "–"
        if text != shown.full_text:
            shown.full_text = text
            shown.setText(breakable(text))
        shown.setToolTip(hint)
        shown.setAccessibleName(f"{name}: {value or tr('not set')}")


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else f"{when(moment)} ({ago(moment)})"
