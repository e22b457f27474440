"""The Sessions page: where the person is signed in, and the devices that the pool remembers for them."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from app.capabilities import Capability
from app.directory.devices import Device
from app.directory.sessions import SessionKind, UserSession
from ui.tabs.users.lines import Line, Section
from ui.tabs.users.lookups import Lookup, Lookups
from ui.tabs.users.page import FetchedPage
from ui.tabs.users.wording import Ask
from ui.text import ago, exact, tr
from ui.view_state import Ready
from ui.widgets.badge import Badge, Tone
from ui.widgets.buttons import button, disable

END = "user.session_end"
FORGET = "user.device_forget"
SIGN_OUT = "user.sign_out"


class SessionsPage(FetchedPage):
    """Asks Cognito when it is opened; what the pool does not offer is said with its reason."""

    command_requested = Signal(str)
    end_requested = Signal(object)  # UserSession
    forget_requested = Signal(object)  # Device
    needs = (Lookup.SESSIONS, Lookup.DEVICES)

    def __init__(self, why_not: Ask, lookups: Lookups, parent: QWidget | None = None) -> None:
        super().__init__(lookups, parent)
        self._why_not = why_not
        self._found: dict[str, UserSession | Device] = {}
        self._sessions = self.section(Lookup.SESSIONS, tr("Sessions"), tr("Signed in nowhere at the moment."))
        self._sessions.pressed.connect(self._on_end)
        self._out = button(tr("Sign out everywhere…"))
        self._out.clicked.connect(self._on_sign_out)
        self.add_button(self._out)
        self._devices = self.section(Lookup.DEVICES, tr("Devices"), tr("No device is remembered."))
        self._devices.pressed.connect(self._on_forget)

    def show_lookups(self) -> None:
        disable(self._out, self._why_not(SIGN_OUT))
        sessions = self._told(self._sessions, Lookup.SESSIONS)
        if sessions is not None:
            found = [each for each in sessions if isinstance(each, UserSession)]
            self._found |= {each.id: each for each in found}
            self._sessions.show_lines([_session(each, self._why_not(END)) for each in found])
        devices = self._told(self._devices, Lookup.DEVICES)
        if devices is not None:
            known = [each for each in devices if isinstance(each, Device)]
            self._found |= {each.key: each for each in known}
            self._devices.show_lines([_device(each, self._why_not(FORGET)) for each in known])

    def _told(self, section: Section, what: Lookup) -> tuple[object, ...] | None:
        """What was read; None where it is not there yet, or cannot be had, which the section says."""
        state = self.lookups.state(what)
        section.show_state(state)
        if not isinstance(state, Ready):
            return None
        if isinstance(state.value, Capability):
            section.say(state.value.reason)
            return None
        return state.value if isinstance(state.value, tuple) else None

    @Slot()
    def _on_sign_out(self) -> None:
        self.command_requested.emit(SIGN_OUT)

    @Slot(str)
    def _on_end(self, key: str) -> None:
        self.end_requested.emit(self._found[key])

    @Slot(str)
    def _on_forget(self, key: str) -> None:
        self.forget_requested.emit(self._found[key])


def _session(session: UserSession, why_not: str | None) -> Line:
    place = ", ".join(part for part in (session.city, session.country) if part)
    title = session.device or (tr("Browser") if session.kind is SessionKind.SSO else tr("An application"))
    active = tr("active {when}", when=ago(session.last_active)) if session.last_active is not None else ""
    note = " · ".join(part for part in (active, place, session.ip) if part)
    badge = Badge(tr("managed login"), Tone.INFO) if session.kind is SessionKind.SSO else None
    return Line(session.id, title, note, badge, tr("End"), why_not, hint=exact(session.last_active))


def _device(device: Device, why_not: str | None) -> Line:
    used = tr("used {when}", when=ago(device.last_used)) if device.last_used is not None else ""
    note = " · ".join(part for part in (used, device.last_ip) if part)
    badge = Badge(tr("remembered"), Tone.OK) if device.remembered else None
    return Line(device.key, device.name or device.key, note, badge, tr("Forget"), why_not, hint=exact(device.last_used))
