"""PyInstaller's own hook for QtGui takes every plugin and with them GTK, Qt Quick and what else those link.

Dropped here, before PyInstaller looks for what the plugins link; dropped later, their libraries would stay.
"""

from __future__ import annotations

from pathlib import Path

from contents import wanted
from PyInstaller.utils.hooks.qt import add_qt6_dependencies

hiddenimports, _binaries, datas = add_qt6_dependencies(__file__)
binaries = [(file, folder) for file, folder in _binaries if wanted(f"{Path(folder).as_posix()}/{Path(file).name}")]
