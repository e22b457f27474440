"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from app.desk import Desk
from app.onboarding.users import OnboardingReader

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for top in ("app", "ui", "resources") for path in (ROOT / top).rglob("*.py"))
BANNED_NAMES = {"utils", "helpers", "common", "manager", "controller"}
BANNED_CALLS = {
    "exec": "dialogs open(), never exec()",
    "processEvents": "the GUI thread never spins the event loop",
    "terminate": "threads are asked to stop",
}
MARKUP = (  # what reads, or may read, text as markup: names of a user pool stand in all of it
    r"QMessageBox|QErrorMessage|QInputDialog|QProgressDialog|QSystemTrayIcon|QWhatsThis|QTextBrowser|QTextEdit"
    r"|QTextDocument|setHtml|insertHtml|appendHtml|setMarkdown|setWhatsThis|RichText|MarkdownText|AutoText"
)
WRITERS = {"onboarding", "database"}  # of a desk
WRITES = {"move", "execute", "connection", "transaction", "apply"}


def _relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_are_sources_to_check() -> None:
    assert len(SOURCES) > 20


@pytest.mark.parametrize("path", SOURCES, ids=_relative)
def test_names_say_something(path: Path) -> None:
    assert path.stem not in BANNED_NAMES


@pytest.mark.parametrize("path", SOURCES, ids=_relative)
def test_files_stay_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400, "split it by noun"


@pytest.mark.parametrize("path", SOURCES, ids=_relative)
def test_modules_open_with_their_law(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), "a module opens with one to four lines on what it is"


def test_packaging_never_shadows_the_library_of_that_name() -> None:
    assert not (ROOT / "packaging" / "__init__.py").exists()


@pytest.mark.parametrize("path", [p for p in SOURCES if "ui" in p.parts], ids=_relative)
def test_qt_is_used_as_agreed(path: Path) -> None:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if path.name == "application.py" and ast.unparse(node.func) == "qt.exec":
                continue  # the program's own event loop
            assert node.func.attr not in BANNED_CALLS, BANNED_CALLS[node.func.attr]
        if isinstance(node, ast.ClassDef):
            bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
            assert not bases & {"QThread", "QSortFilterProxyModel"}


@pytest.mark.parametrize("path", [p for p in SOURCES if "ui" in p.parts], ids=_relative)
def test_nothing_is_read_as_markup(path: Path) -> None:
    """Tooltips are plain by the style sheet (tests/ui/test_theme.py); labels are made by ui.widgets.labels."""
    text = path.read_text()
    assert not re.search(rf"(?<!\w)(?:{MARKUP})(?!\w)", text)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and "QLabel" in map(ast.unparse, node.bases):
            body = ast.unparse(node)
            assert "self.setTextFormat(Qt.TextFormat.PlainText)" in body or "setPixmap" in body, node.name
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "QLabel" and path.name != "labels.py":
            assert not node.args, "a label is made by ui.widgets.labels, which makes it plain"
        if isinstance(node, ast.Assign) and ast.unparse(node.value) == "QLabel()":
            assert "icon" in ast.unparse(node.targets[0]), "one without text is a picture, and named so"


@pytest.mark.parametrize("path", [p for p in SOURCES if "ui" in p.parts], ids=_relative)
def test_ui_changes_nobody_behind_the_back_of_people(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and node.attr in WRITES:
            owner = ast.unparse(node.value).rpartition(".")[2].lstrip("_")
            assert owner not in WRITERS, f"{ast.unparse(node)}: changes go through desk.people"
    assert "OnboardingUsers" not in path.read_text(), "ui reads onboarding through OnboardingReader"


def test_what_a_desk_shows_of_onboarding_cannot_move_anybody() -> None:
    assert not any(hasattr(OnboardingReader, name) for name in WRITES)
    assert Desk.__init__.__annotations__["onboarding"] == "OnboardingReader | None"


@pytest.mark.parametrize("path", sorted((ROOT / "ui" / "tabs").rglob("presenter.py")), ids=_relative)
def test_presenters_know_no_widgets(path: Path) -> None:
    assert "QtWidgets" not in path.read_text()


def test_a_tab_never_imports_another_tab() -> None:
    for path in (ROOT / "ui" / "tabs").rglob("*.py"):
        own = path.relative_to(ROOT / "ui" / "tabs").parts[0]
        for other in re.findall(r"from ui\.tabs\.(\w+)", path.read_text()):
            assert other == own, f"{_relative(path)} imports the tab {other}"


def test_no_path_of_one_machine_is_written_down() -> None:
    paths = [ROOT / "README.md", ROOT / "pyproject.toml", ROOT / "Makefile"]
    for top in ("app", "ui", "resources", "packaging"):
        paths += [path for path in (ROOT / top).rglob("*") if path.suffix in {".py", ".sh", ".qss", ".spec", ".sql"}]
    assert len(paths) > 100
    for path in paths:
        assert not re.search(r"(?<![\w.])/(root|work)/", path.read_text()), _relative(path)
