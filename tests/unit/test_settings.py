"""Folders, role and preferences: found, kept private, and never lost to a broken file."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app.errors import AppError, ErrorCode
from app.permissions import Role
from app.settings import DeskRules, Preferences, Settings


def load(home: Path, **environ: str) -> Settings:
    return Settings.load({"COGNITO_DESK_HOME": str(home), **environ})


def test_one_folder_can_hold_everything(tmp_path: Path) -> None:
    settings = load(tmp_path / "desk")
    for folder in (settings.data_dir, settings.config_dir, settings.log_dir):
        assert folder.is_dir()
        assert folder.is_relative_to(tmp_path / "desk")
        if os.name == "posix":
            assert folder.stat().st_mode & 0o077 == 0


def test_without_it_the_platform_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    settings = Settings.load({})
    assert "cognito-desk" in str(settings.data_dir)
    assert settings.config_dir.is_dir()


@pytest.mark.parametrize(("text", "role"), [("", Role.ADMIN), (" Support ", Role.SUPPORT), ("viewer", Role.VIEWER)])
def test_the_role_comes_from_the_environment(tmp_path: Path, text: str, role: Role) -> None:
    settings = load(tmp_path, COGNITO_DESK_ROLE=text)
    assert settings.role is role
    assert settings.problems == ()


def test_a_role_that_does_not_exist_gives_the_least(tmp_path: Path) -> None:
    settings = load(tmp_path, COGNITO_DESK_ROLE="admn")
    assert settings.role is Role.VIEWER
    assert "admn" in settings.problems[0]
    assert "admin, support, viewer" in settings.problems[0]


def test_the_operator_has_a_name(tmp_path: Path) -> None:
    assert load(tmp_path).operator
    assert load(tmp_path, COGNITO_DESK_OPERATOR="ada@harbour.example").operator == "ada@harbour.example"


def test_preferences_are_kept_private_and_unknown_ones_survive(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.preferences == Preferences("system", "comfortable")
    settings.preferences_path.write_text('{"theme": "purple", "density": "compact", "of_a_newer_version": [1]}')
    settings = load(tmp_path)
    assert settings.preferences == Preferences("system", "compact")
    settings.save_preferences(Preferences("dark", "comfortable"))
    assert load(tmp_path).preferences == Preferences("dark", "comfortable")
    assert json.loads(settings.preferences_path.read_text())["of_a_newer_version"] == [1]
    if os.name == "posix":
        assert settings.preferences_path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[1]", b""])
def test_broken_preferences_are_put_aside(tmp_path: Path, content: bytes) -> None:
    path = load(tmp_path).preferences_path
    path.write_bytes(content)
    settings = load(tmp_path)
    assert settings.preferences == Preferences()
    (aside,) = path.parent.glob("preferences.json.unreadable-*")
    assert aside.read_bytes() == content
    assert aside.name in settings.problems[0]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AppError) as caught:
        load(tmp_path / "file" / "desk")
    assert caught.value.code is ErrorCode.FILE_ERROR
    assert str(tmp_path / "file") in caught.value.message


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(tmp_path)
    settings.save_preferences(Preferences("dark"))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AppError, match="No space left on device"):
        settings.save_preferences(Preferences("light"))
    assert settings.preferences.theme == "dark"
    monkeypatch.undo()
    assert load(tmp_path).preferences.theme == "dark"
    assert [path.name for path in settings.config_dir.iterdir()] == ["preferences.json"]


@pytest.mark.parametrize(("text", "share"), [("", None), ("30", 0.3), ("100 %", 1.0), ("12.5%", 0.125)])
def test_the_share_of_the_list_quota_is_a_percentage(tmp_path: Path, text: str, share: float | None) -> None:
    settings = load(tmp_path, COGNITO_DESK_LIST_SHARE=text)
    assert settings.list_share == share
    assert settings.problems == ()


@pytest.mark.parametrize("text", ["0", "101", "-5", "nan", "half"])
def test_a_share_that_is_none_is_told_and_the_usual_one_used(tmp_path: Path, text: str) -> None:
    settings = load(tmp_path, COGNITO_DESK_LIST_SHARE=text)
    assert settings.list_share is None
    assert "COGNITO_DESK_LIST_SHARE" in settings.problems[0]


@pytest.mark.parametrize(
    ("text", "limit"), [("", 2_000_000), ("500", 500), ("3,000,000", 3_000_000), ("3_000_000", 3_000_000), ("0", 0)]
)
def test_how_many_users_are_loaded_can_be_configured(tmp_path: Path, text: str, limit: int) -> None:
    settings = load(tmp_path, COGNITO_DESK_LOAD_LIMIT=text)
    assert (settings.load_limit, settings.problems) == (limit, ())


@pytest.mark.parametrize("text", ["many", "-1", "1.5", "²"])
def test_a_limit_that_is_none_is_reported(tmp_path: Path, text: str) -> None:
    settings = load(tmp_path, COGNITO_DESK_LOAD_LIMIT=text)
    assert settings.load_limit == 2_000_000
    assert "COGNITO_DESK_LOAD_LIMIT" in settings.problems[0]


def test_the_limit_is_a_preference_that_the_environment_overrides(tmp_path: Path) -> None:
    load(tmp_path).save_preferences(Preferences(load_limit=1_000))
    assert load(tmp_path).load_limit == 1_000
    assert load(tmp_path, COGNITO_DESK_LOAD_LIMIT="7").load_limit == 7
    path = load(tmp_path).preferences_path
    path.write_text(json.dumps({"load_limit": "lots"}))
    assert load(tmp_path).load_limit == 2_000_000


@pytest.mark.parametrize(
    "stored",
    [
        {"qr_seconds": 5, "qr_blur": "yes", "issuer": 3, "identity_check": None},
        {"qr_seconds": 3601},
        {"qr_seconds": True},
        {"qr_seconds": "120"},
        [],
        "text",
        7,
    ],
)
def test_house_rules_that_make_no_sense_are_the_usual_ones(tmp_path: Path, stored: object) -> None:
    load(tmp_path).preferences_path.write_text(json.dumps({"theme": "dark", "desk": stored}))
    assert load(tmp_path).preferences == Preferences("dark")


def test_house_rules_are_kept(tmp_path: Path) -> None:
    rules = DeskRules("Ask for the customer number.", "Harbour", 45, False)
    load(tmp_path).save_preferences(Preferences(desk=rules))
    assert load(tmp_path).preferences.desk == rules
