"""Where the window was: size, place and tab, kept in window.json beside the preferences. Never worth an error."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import NamedTuple

from app.errors import AppError
from app.files import read_bytes, write_atomically

_FILE = "window.json"


class Geometry(NamedTuple):
    """`state` is QWidget.saveGeometry in base64."""

    state: str = ""
    tab: str = ""


def load(folder: Path) -> Geometry:
    """The geometry of the last time; an empty one where there is none or it cannot be read."""
    with contextlib.suppress(AppError, ValueError):
        stored = json.loads(read_bytes(folder / _FILE) or b"{}")
        if isinstance(stored, dict):
            return Geometry(str(stored.get("state", "")), str(stored.get("tab", "")))
    return Geometry()


def save(folder: Path, geometry: Geometry) -> None:
    """Keep it for the next time; a folder that cannot be written only means that it is forgotten."""
    with contextlib.suppress(AppError):
        write_atomically(folder / _FILE, json.dumps(geometry._asdict()).encode())
