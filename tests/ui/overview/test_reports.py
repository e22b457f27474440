"""The connection test, the environment and the report on the Overview."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desk import Desk
from tests.services.faults import access_denied, latency, refusal
from tests.services.pools import Pool
from tests.ui import words
from tests.ui.overview.admin import Admin, opened
from ui.jobs import JobRunner

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def test_the_connection_test_shows_each_step_when_it_ends(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, emulator: Pool, desk: Desk
) -> None:
    admin = Admin(qtbot, runner, desk)
    admin.settle()
    go = threading.Event()

    def held(application: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        go.wait(20)
        return application(environ, start_response)

    emulator.faults.on("ListUsers", held, times=1)
    try:
        words.press(admin.view, "Test connection")
        # ListUsers has not answered: what ended before it is on screen already.
        assert re.search(r"\d m?s", admin.hears("DescribeUserPool: ok"))
        admin.hears("Credentials: ok")
        admin.hears("ListUsers: testing")
        admin.hears("Database: to do")
        assert words.reason(admin.view, "Test connection") == "A test is under way."
    finally:
        go.set()
    assert " ms" in admin.hears("ListUsers: ok")
    admin.hears("Database: missing No application database is connected")
    assert "Vault" in admin.hears("Keyring: ok")
    admin.sees(admin.view.connection, "Last tested")
    assert words.reason(admin.view, "Test connection") == ""


def test_a_failed_step_names_the_permission_and_the_rest_goes_on(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, emulator: Pool, desk: Desk
) -> None:
    admin = Admin(qtbot, runner, desk)
    admin.settle()
    emulator.faults.on("DescribeUserPool", access_denied("cognito-idp:DescribeUserPool"))
    words.press(admin.view, "Test connection")
    assert "cognito-idp:DescribeUserPool" in admin.hears("DescribeUserPool: failed")
    admin.hears("ListUsers: ok")
    admin.sees(admin.view.connection, "Last tested")
    assert "failed  DescribeUserPool" in admin.copied()


def test_a_cancelled_test_keeps_what_ended(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, emulator: Pool, desk: Desk
) -> None:
    admin = Admin(qtbot, runner, desk)
    admin.settle()
    emulator.faults.on("ListUsers", latency(0.5), times=1)
    words.press(admin.view, "Test connection")
    admin.hears("DescribeUserPool: ok")
    (job,) = [record for record in runner.jobs() if record.under_way]
    runner.cancel(job.id)
    admin.sees(admin.view.connection, "The test was cancelled.")
    admin.hears("DescribeUserPool: ok")
    admin.hears("Keyring: to do")


def test_a_pool_that_cannot_be_reached_is_not_asked_for_everybody_too(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, emulator: Pool, desk: Desk
) -> None:
    emulator.faults.on("DescribeUserPool", refusal(400, "ExpiredTokenException"))
    admin = Admin(qtbot, runner, desk)
    admin.settle()
    for card in (admin.view.pool, admin.view.newest):
        admin.sees(card, "The AWS credentials have expired")
    assert "ListUsers" not in emulator.faults.calls
    emulator.faults.clear()
    words.press(admin.view.pool, "Retry")
    admin.sees(admin.view.pool, "about 30")
    admin.settle()
    assert len(desk.index) == 30
    assert "expired" not in words.see(admin.view)


def test_environment_variables_open_on_request_with_secrets_masked(
    qtbot: QtBot,
    dressed: QApplication,
    runner: JobRunner,
    emulator: Pool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secret, password = "wJalrXUtnFEMI-not-a-real-one", "hunter2-in-the-url"
    environ = {
        "AUTH_PROVIDER": "cognito",
        "COGNITO_USER_POOL_ID": "us-east-1_FromEnv",
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLEEXAMPLE00",
        "AWS_SECRET_ACCESS_KEY": secret,
        "DATABASE_URL": f"postgresql://app:{password}@db.example:5432/app",
    }
    monkeypatch.setenv("SECRETS_PREFIX", "of-this-machine")  # what the desk was not given is not told
    with opened(emulator, tmp_path, environ=environ) as desk:
        admin = Admin(qtbot, runner, desk)
        admin.settle()
        admin.sees(admin.view.connection, "Environment variables: 5 of 15 set", "cognito (AUTH_PROVIDER)")
        admin.sees(admin.view.connection, "falls back to local")  # COGNITO_CLIENT_ID is missing
        assert "us-east-1_FromEnv" not in words.see(admin.view)
        words.press(admin.view.connection, "Environment variables...")
        admin.sees(
            admin.view.environment, "us-east-1_FromEnv", "COGNITO_CLIENT_ID", "missing", "••••", "db.example:5432/app"
        )
        report = admin.copied()
        for text in (words.see(admin.view), report):
            assert "of-this-machine" not in text
            assert secret not in text
            assert password not in text
            assert "AKIAEXAMPLE" not in text
        assert "us-east-1_FromEnv" in report
        words.press(admin.view.connection, "Environment variables...")
        assert not admin.view.environment.isVisible()


def test_the_report_tells_the_set_up_and_names_nobody(on_demo: Admin) -> None:
    words.press(on_demo.view, "Test connection")
    on_demo.sees(on_demo.view.connection, "Last tested")
    report = on_demo.copied()
    for text in (
        "harbour-demo",
        "harbour-web",
        "us-east-1",
        "pending_mfa: ",
        "ok      ListUsers",
        "COGNITO_CLIENT_ID: not set",
    ):
        assert text in report
    secrets = on_demo.desk._secrets
    keys = secrets.keys(on_demo.desk.connection.id)
    assert keys is not None
    assert keys.secret_access_key not in report
    assert (secrets.get(f"database/{on_demo.desk.connection.id}") or "-") not in report
    assert not [row.email for row in on_demo.desk.index.view().rows(0, 1000) if row.email in report]
    assert on_demo.toasts[-1].text == "The report is on the clipboard."
