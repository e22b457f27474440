"""What is arranged for a connection: kept, read again, private, and never a reason to fail."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from app.errors import AppError
from app.workbench import MOST_SAVED, REMEMBERED, Arrangement, SavedSearch, Workbench, Workbenches

ARRANGED = Arrangement(("email", "custom:team"), (("email", 300),), (("custom:team", True), ("email", False)))


@pytest.fixture
def files(tmp_path: Path) -> Workbenches:
    return Workbenches(tmp_path)


def test_what_was_kept_is_read_again_and_is_for_the_owner_alone(files: Workbenches) -> None:
    made = Workbench(ARRANGED).with_search("Stuck", "status:force").searched("carla").searched('name:"Zoë Ü"')
    files.save("one", made)
    assert files.load("one") == made
    assert files.load("another") == Workbench()
    assert stat.S_IMODE(files.path("one").stat().st_mode) == 0o600
    files.forget("one")
    files.forget("one")
    assert not files.path("one").exists()


def test_a_connection_of_any_name_has_a_file_of_its_own_in_the_folder(files: Workbenches) -> None:
    names = ["demo", "../../etc/passwd", "a/b", "", "x" * 300, "trial-1"]
    paths = {files.path(name) for name in names}
    assert len(paths) == len(names)
    assert len({path.parent for path in paths}) == 1


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe", b"{"])
def test_a_file_that_cannot_be_understood_is_put_aside(files: Workbenches, content: bytes) -> None:
    files.save("one", Workbench())
    files.path("one").write_bytes(content)
    assert files.load("one") == Workbench()
    assert len(list(files.path("one").parent.glob("one.json.unreadable-*"))) == 1


def test_single_entries_that_make_no_sense_are_left_out(files: Workbenches) -> None:
    files.save("one", Workbench(ARRANGED))
    stored = json.loads(files.path("one").read_text())
    stored["columns"] += [7, ""]
    stored["widths"] |= {"name": "wide", "mfa": -3, "role": True}
    stored["order"] += ["email", ["name", 1]]
    stored["searches"] = [{"name": "Good", "text": "x"}, {"name": "", "text": "y"}, {"name": "No text"}, 5]
    stored["history"] = ["x", 5, " "]
    stored["later"] = {"version": 2}
    files.path("one").write_text(json.dumps(stored))
    assert files.load("one") == Workbench(ARRANGED, (SavedSearch("Good", "x"),), ("x",))


def test_a_folder_that_cannot_be_written_says_so(files: Workbenches, tmp_path: Path) -> None:
    (tmp_path / "workbench").write_text("in the way")
    with pytest.raises(AppError):
        files.save("one", Workbench())


def test_a_search_is_saved_under_its_name_once() -> None:
    made = Workbench().with_search("  New   people ", " created:>2026-10 ").with_search("Other", "x")
    made = made.with_search("NEW PEOPLE", "created:>2026-11")
    assert made.searches == (SavedSearch("NEW PEOPLE", "created:>2026-11"), SavedSearch("Other", "x"))
    assert made.without_search("NEW PEOPLE").without_search("nobody").searches == (SavedSearch("Other", "x"),)


@pytest.mark.parametrize(("name", "text", "field"), [("", "x", "name"), ("n" * 61, "x", "name"), ("n", " ", "search")])
def test_what_cannot_be_saved_names_the_field(name: str, text: str, field: str) -> None:
    with pytest.raises(AppError) as caught:
        Workbench().with_search(name, text)
    assert field in caught.value.fields


def test_there_is_a_most_of_saved_searches() -> None:
    made = Workbench()
    for number in range(MOST_SAVED):
        made = made.with_search(f"no {number}", "x")
    with pytest.raises(AppError):
        made.with_search("one more", "x")
    assert made.with_search("no 5", "y").searches[5].text == "y"


def test_the_history_has_whole_searches_newest_first_and_each_once() -> None:
    made = Workbench()
    for text in ("c", "car", "carla", "mora", "carla", "", "  "):
        made = made.searched(text)
    assert made.history == ("carla", "mora")
    for number in range(50):
        made = made.searched(f"{number} people")
    assert (len(made.history), made.history[0]) == (REMEMBERED, "49 people")


def test_a_history_that_is_off_is_empty_and_stays_so(files: Workbenches) -> None:
    made = Workbench().searched("carla").remembering(False)
    assert made.searched("mora").history == made.history == ()
    files.save("one", made)
    assert "carla" not in files.path("one").read_text()
    assert not files.load("one").remembers
    assert made.remembering(True).searched("mora").history == ("mora",)
