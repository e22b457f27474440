"""Where the Desk keeps its files, who sits at it, and what they prefer. Blocking; any thread; raises AppError only."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple, cast, get_args

from app.errors import AppError
from app.files import keep_aside, make_folder, read_bytes, write_atomically
from app.permissions import Role

APPLICATION = "cognito-desk"
HOME_VARIABLE = "COGNITO_DESK_HOME"
ROLE_VARIABLE = "COGNITO_DESK_ROLE"
OPERATOR_VARIABLE = "COGNITO_DESK_OPERATOR"
SHARE_VARIABLE = "COGNITO_DESK_LIST_SHARE"
LIMIT_VARIABLE = "COGNITO_DESK_LOAD_LIMIT"
LOAD_LIMIT = 2_000_000  # users; some 400 bytes each, and 37 minutes of reading at half of the quota

Theme = Literal["system", "light", "dark"]
Density = Literal["comfortable", "compact"]


class DeskRules(NamedTuple):
    """The house rules of the authenticator desk.

    `identity_check` is read before anything is done for a caller (empty: the usual words); `issuer` is the service's
    name in the app (empty: the pool's). A QR code hides after `qr_seconds` (10 to 3600), and with `qr_blur` also when
    its window loses the focus.
    """

    identity_check: str = ""
    issuer: str = ""
    qr_seconds: int = 120
    qr_blur: bool = True


class Preferences(NamedTuple):
    """What a person likes. Never anything secret: it is a plain file."""

    theme: Theme = "system"
    density: Density = "comfortable"
    load_limit: int = LOAD_LIMIT  # a pool of more users is searched where it is, not loaded
    desk: DeskRules = DeskRules()
    stuck_hours: Mapping[str, int] = MappingProxyType({})  # by onboarding status: app.onboarding.limits


class Settings:
    """The folders, the operator and the preferences of this run. Folders are made by `load`, for the owner alone.

    `problems` are sentences about settings that could not be used: to be shown, and never fatal.
    """

    def __init__(self, *, data_dir: Path, config_dir: Path, log_dir: Path, role: Role, operator: str) -> None:
        self.data_dir = data_dir
        self.config_dir = config_dir
        self.log_dir = log_dir
        self.role = role
        self._operator = operator
        self.list_share: float | None = None  # of the quota of ListUsers, above 0 to 1; None: the usual one
        self._load_limit: int | None = None  # what the environment says, before the preference
        self.problems: tuple[str, ...] = ()
        self._lock = threading.Lock()
        self._stored: dict[str, object] = {}
        self._preferences = self._read()

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, config_dir: Path | None = None) -> Settings:
        """Read COGNITO_DESK_HOME (one folder for all files), its fellow variables above, and the preferences.

        Without COGNITO_DESK_HOME the platform's own folders are used; `config_dir` overrides the one for settings.
        A role that is not known becomes viewer, the least of them, with a sentence in `problems`.
        """
        environ = os.environ if environ is None else environ
        data, config, logs = _folders(environ.get(HOME_VARIABLE, "").strip())
        role, problem = _role(environ.get(ROLE_VARIABLE, ""))
        settings = cls(
            data_dir=make_folder(data),
            config_dir=make_folder(config_dir or config),
            log_dir=make_folder(logs),
            role=role,
            operator=environ.get(OPERATOR_VARIABLE, "").strip(),
        )
        settings.list_share, unusable = _share(environ.get(SHARE_VARIABLE, "").strip())
        settings._load_limit, unreadable = _limit(environ.get(LIMIT_VARIABLE, "").strip())
        settings.problems = (*(text for text in (problem, unusable, unreadable) if text), *settings.problems)
        return settings

    @property
    def preferences(self) -> Preferences:
        """The preferences as last read or saved."""
        return self._preferences

    @property
    def operator(self) -> str:
        """The name of the person at the Desk: as set, else that of the login."""
        if not self._operator:  # asked for when a connection opens, and a start does without
            self._operator = _login_name()
        return self._operator

    @property
    def load_limit(self) -> int:
        """So many users a pool may have to be loaded; a larger one is searched where it is. The environment wins."""
        return self._preferences.load_limit if self._load_limit is None else self._load_limit

    @property
    def preferences_path(self) -> Path:
        """The JSON file of the preferences."""
        return self.config_dir / "preferences.json"

    @property
    def connections_path(self) -> Path:
        """The JSON file of the saved connections."""
        return self.config_dir / "connections.json"

    @property
    def journal_path(self) -> Path:
        """The SQLite file of the journal."""
        return self.data_dir / "journal.sqlite3"

    def save_preferences(self, preferences: Preferences) -> None:
        """Store the preferences; entries of the file that this version does not know are kept."""
        with self._lock:
            self._stored |= preferences._asdict()
            self._stored |= {"desk": preferences.desk._asdict(), "stuck_hours": dict(preferences.stuck_hours)}
            write_atomically(self.preferences_path, (json.dumps(self._stored, indent=2) + "\n").encode())
            self._preferences = preferences

    def _read(self) -> Preferences:
        try:
            data = read_bytes(self.preferences_path)
        except AppError as error:
            self.problems += (f"{error.message} The usual preferences are used.",)
            return Preferences()
        if data is None:
            return Preferences()
        try:
            stored = json.loads(data)
        except ValueError:
            stored = None
        if not isinstance(stored, dict):
            aside = keep_aside(self.preferences_path)
            self.problems += (f"The preferences could not be read. The file was kept as {aside.name}.",)
            return Preferences()
        self._stored = stored
        theme, density, limit = stored.get("theme"), stored.get("density"), stored.get("load_limit")
        hours = stored.get("stuck_hours")
        return Preferences(
            theme=cast(Theme, theme) if theme in get_args(Theme) else "system",
            density=cast(Density, density) if density in get_args(Density) else "comfortable",
            load_limit=limit if isinstance(limit, int) and limit >= 0 else LOAD_LIMIT,
            desk=_desk_rules(stored.get("desk")),
            stuck_hours={str(name): each for name, each in hours.items() if isinstance(each, int)}
            if isinstance(hours, dict)
            else {},
        )


def _desk_rules(stored: object) -> DeskRules:
    usual = DeskRules()
    found = stored if isinstance(stored, dict) else {}
    check, issuer = found.get("identity_check"), found.get("issuer")
    seconds, blur = found.get("qr_seconds"), found.get("qr_blur")
    return DeskRules(
        check if isinstance(check, str) else usual.identity_check,
        issuer if isinstance(issuer, str) else usual.issuer,
        seconds if type(seconds) is int and 10 <= seconds <= 3600 else usual.qr_seconds,
        blur if isinstance(blur, bool) else usual.qr_blur,
    )


def _folders(home: str) -> tuple[Path, Path, Path]:
    """Data, configuration and log folder."""
    if home:
        root = Path(home).expanduser().absolute()
        return root / "data", root / "config", root / "log"
    import platformdirs

    return (
        platformdirs.user_data_path(APPLICATION, appauthor=False),
        platformdirs.user_config_path(APPLICATION, appauthor=False),
        platformdirs.user_log_path(APPLICATION, appauthor=False),
    )


def _share(text: str) -> tuple[float | None, str]:
    if not text:
        return None, ""
    try:
        percent = float(text.removesuffix("%"))
    except ValueError:
        percent = 0.0
    if 0.0 < percent <= 100.0:
        return percent / 100.0, ""
    return None, f"{SHARE_VARIABLE} is “{text}”, which is no percentage above 0 and up to 100. The usual one is used."


def _limit(text: str) -> tuple[int | None, str]:
    if not text:
        return None, ""
    digits = re.sub(r"[_, ]", "", text)
    if digits.isascii() and digits.isdigit():
        return int(digits), ""
    return None, f"{LIMIT_VARIABLE} is “{text[:40]}”, which is no number of users. The usual limit is used."


def _role(text: str) -> tuple[Role, str]:
    name = text.strip().lower()
    if not name:
        return Role.ADMIN, ""
    try:
        return Role(name), ""
    except ValueError:
        known = ", ".join(Role)
        return Role.VIEWER, f'{ROLE_VARIABLE} is "{text.strip()[:40]}", which is no role ({known}). You are a viewer.'


def _login_name() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such name: a container with a bare user id
        return "operator"
