"""Which second factors Cognito asks a person for, and which first. It sets up nothing: that needs the person."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from app.directory.models import MfaPreference, User
from app.pool.models import PoolSnapshot
from ui.text import tr
from ui.widgets.dialogs import FormDialog

FACTORS = ("totp", "sms", "email")
_TITLES = {"totp": "Authenticator app (TOTP)", "sms": "Code by text message (SMS)", "email": "Code by email"}
_LEAVE = "leave"


class MfaPreferenceDialog(FormDialog):
    """`preference` is what was chosen. Where Cognito was not asked, every factor may be left as it is.

    `required` says why the authenticator cannot be switched off (mfa_required in the database); None where it can.
    """

    def __init__(
        self,
        user: User,
        pool: PoolSnapshot | None,
        cost: str = "",
        *,
        required: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        intro = tr(
            "Cognito refuses a factor that was never set up: an authenticator by the person, a phone number or an "
            "email address by verifying it."
        )
        who = user.email or user.username
        super().__init__(
            tr("Second factors of {who}", who=who), tr("Save"), intro=f"{intro} {cost}".strip(), parent=parent
        )
        self._user = user
        self._required = required
        self._strict = pool is not None and pool.mfa == "ON"
        offered = pool.factors if pool is not None and pool.factors_known else FACTORS
        self._shown = tuple(f for f in FACTORS if f in offered or f in (user.factors or ()))
        for factor in self._shown:
            choices = {"on": tr("On"), "off": tr("Off")}
            if user.factors is None:
                choices = {_LEAVE: tr("Leave as it is"), **choices}
            now = _LEAVE if user.factors is None else "on" if factor in user.factors else "off"
            self.form.add_choice(factor, tr(_TITLES[factor]), choices, now, hint=self._hint(factor))
        preferred = {"": tr("None"), **{factor: tr(_TITLES[factor]) for factor in self._shown}}
        if user.factors is None:
            preferred = {_LEAVE: tr("Leave as it is"), **preferred}
        self.form.add_choice(
            "preferred",
            tr("Preferred"),
            preferred,
            _LEAVE if user.factors is None else user.preferred_factor or "",
            hint=tr("With several and none preferred, Cognito asks the person which one to use."),
        )

    @property
    def preference(self) -> MfaPreference:
        """What was chosen; None for a factor that stays as it is."""
        values = self.form.values()
        switched: dict[str, bool | None] = {}
        for factor in self._shown:
            value = values[factor]
            was = None if self._user.factors is None else factor in self._user.factors
            switched[factor] = None if value == _LEAVE or (value == "on") is was else value == "on"
        preferred = values["preferred"]
        chosen = None if preferred in (_LEAVE, "") else preferred
        former = self._user.preferred_factor
        if preferred == "" and former in self._shown and switched[former] is None:
            switched[former] = True  # said again without a preference: that is how Cognito forgets it
        return MfaPreference(
            totp=switched.get("totp"), sms=switched.get("sms"), email=switched.get("email"), preferred=chosen
        )

    @Slot()
    def submit(self) -> None:
        problems = {}
        chosen, values = self.preference, self.form.values()
        same_preferred = chosen.preferred == self._user.preferred_factor or chosen.preferred is None
        if chosen == MfaPreference(preferred=chosen.preferred) and same_preferred:
            problems["preferred"] = tr("Nothing was changed.")
        if chosen.preferred is not None and values[chosen.preferred] == "off":
            problems["preferred"] = tr("A factor that is off cannot be preferred. Switch it on, or prefer another.")
        if self._required is not None and values.get("totp") == "off" and chosen.totp is False:
            problems["totp"] = self._required
        if problems:
            self.set_errors(problems)
        else:
            super().submit()

    def _hint(self, factor: str) -> str:
        if factor == "totp" and self._required is not None:
            return self._required
        if self._strict:
            return tr("This pool requires a second factor: with none left, the next sign-in demands to set one up.")
        return ""
