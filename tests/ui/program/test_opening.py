"""From the welcome page into the demo, and every way in which that can end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.connections import Connection, CredentialSource
from app.onboarding.ladder import Edge
from app.onboarding.models import OnboardingStatus
from tests.services.orphans import holder
from tests.services.pools import Pool, pool
from tests.services.vault import Vault
from tests.ui.program.outside import STARTS, postgres, rail, waiting
from tests.ui.words import press, wait_for, wait_to_see
from ui import watches
from ui.application import Application
from ui.context import Change, Topic
from ui.shell.splash import Splash, Steps


def test_from_the_welcome_page_through_the_steps_into_the_tabs(application: Application) -> None:
    window = application.window
    wait_to_see(window, "Choose a connection")
    press(window, "Explore the demo")
    wait_to_see(window, "Starting the demo workspace")
    steps: set[str] = set()

    def ready() -> bool:
        for splash in window.findChildren(Splash):
            steps.update(child.accessibleName() for child in splash.findChildren(Steps))
        return application.context.desk is not None

    wait_for(ready, "the demo", window, STARTS)
    assert len(steps - {""}) >= 3, steps
    wait_to_see(window, "Harbour demo")
    assert window.windowTitle() == "Harbour demo – Cognito Desk"
    for name in ("Overview", "Users", "Onboarding", "Authenticator", "Activity", "Outbox"):
        press(window, f"{name}...")
        assert window.tab == name.lower()
    window.show_tab("activity")
    wait_to_see(window, "Starting the demo workspace | succeeded")


def test_the_rail_counts_approvals_at_once_and_after_changes(
    opened: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watches, "_LEAST_MS", 20)
    desk = opened.context.desk
    assert desk is not None
    assert desk.onboarding is not None
    before = waiting(desk)
    assert before >= 2

    def counted(number: int) -> None:
        words = f"Onboarding, {number} waiting"
        wait_for(lambda: rail(opened, "onboarding") == words, words, opened.window)

    counted(before)
    first, second = desk.onboarding.list(OnboardingStatus.PENDING_APPROVAL)[:2]
    desk.people.move(first, Edge.APPROVE)
    opened.context.announce(Change(Topic.ONBOARDING, (first.id,), "test"))
    counted(before - 1)
    desk.people.move(second, Edge.REJECT)
    monkeypatch.setattr(watches, "_LEAST_MS", 3_600_000)
    opened.window.show_tab("onboarding")  # what the tab itself has read counts as well
    press(opened.window, "Refresh")
    counted(before - 2)


def test_many_changes_are_counted_once(opened: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = opened.context.desk
    assert desk is not None
    assert desk.onboarding is not None
    wait_for(lambda: "waiting" in rail(opened, "onboarding"), "the first count", opened.window)
    asked: list[object] = []
    funnel = desk.onboarding.funnel

    def watched(*arguments: object) -> object:
        asked.append(arguments)
        return funnel()

    opened.window.show_tab("activity")
    monkeypatch.setattr(watches, "_LEAST_MS", 300)
    monkeypatch.setattr(desk.onboarding, "funnel", watched)
    for number in range(50):
        opened.context.announce(Change(Topic.ONBOARDING, (str(number),), "test"))
    wait_for(lambda: len(asked) >= 1, "a count", opened.window)
    wait_for(lambda: not opened.runner.busy, "quiet", opened.window)
    by_the_watch = [arguments for arguments in asked if arguments]
    assert len(by_the_watch) <= 2


def test_a_demo_that_is_open_elsewhere_is_told_and_back_leads_to_the_connections(
    application: Application, home: Path
) -> None:
    (home / "data" / "demo").mkdir(parents=True, exist_ok=True)
    with holder(home / "data" / "demo") as other:
        press(application.window, "Explore the demo")
        said = wait_to_see(application.window, "A demo is already running", STARTS)
        assert "already open in another window of Cognito Desk" in said
        press(application.window, "Back")
        wait_to_see(application.window, "Explore the demo")
        assert application.context.desk is None
        press(application.window, "Explore the demo")
        wait_to_see(application.window, "A demo is already running", STARTS)
        assert other.finish() == 0
        press(application.window, "Retry")
        wait_for(lambda: application.context.desk, "the demo", application.window, STARTS)


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        yield running


def test_an_opening_that_fails_can_be_mended_and_tried_again(
    application: Application, cognito: Pool, vault: Vault
) -> None:
    connection = Connection(
        "main",
        "Customers",
        cognito.demo.region,
        cognito.demo.pool_id,
        endpoint=cognito.demo.endpoint,
        credentials=CredentialSource.KEYS,
    )
    application.launcher.save(connection, keys=cognito.keys)
    kept = dict(vault.entries)
    vault.entries.clear()
    application.open_connection(connection)
    said = wait_to_see(application.window, "No AWS credentials were found")
    assert "The access keys of Customers are not in the keyring" in said
    vault.entries.update(kept)
    press(application.window, "Retry")
    wait_for(lambda: application.context.desk, "the connection", application.window)
    wait_to_see(application.window, "Customers")
    assert rail(application, "onboarding") == "Onboarding", "nothing is counted without a database"
    application.leave()
    wait_to_see(application.window, "Choose a connection")
    application.launcher.remove("main")


def test_an_opening_can_be_cancelled(application: Application, home: Path) -> None:
    press(application.window, "Explore the demo")
    wait_to_see(application.window, "Starting the demo workspace")
    press(application.window, "Cancel")
    wait_to_see(application.window, "Choose a connection", STARTS)
    assert application.context.desk is None
    assert postgres(home) is None
