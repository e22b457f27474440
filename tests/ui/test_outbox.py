"""The Outbox tab: what the demo would have sent arrives from other threads, is read, and its code is copied."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.demo.outbox import Message, MessageKind, Outbox
from app.desk import Desk
from tests.services.pools import Pool, pool
from tests.ui.conftest import shown
from tests.ui.words import press, reason, rows, see, wait_for, wait_to_see
from ui.context import Change, Context, Toast, Topic
from ui.jobs import JobRunner
from ui.tabs.outbox.view import OutboxView

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
CARLA = "carla@quay.example"


def message(number: int, code: str | None = "123456", kind: MessageKind = MessageKind.RESET_CODE) -> Message:
    at = NOW + timedelta(seconds=number)
    return Message(at, f"p{number}@quay.example", kind, f"Subject {number}", f"Body {number}", code)


def from_another_thread(outbox: Outbox, *messages: Message) -> None:
    """As the emulator does."""

    def send() -> None:
        for each in messages:
            outbox.add(each)

    thread = threading.Thread(target=send)
    thread.start()
    thread.join()


class Reader:
    """The tab over an outbox."""

    def __init__(self, qtbot: QtBot, runner: JobRunner, outbox: Outbox, size: tuple[int, int] = (1252, 820)) -> None:
        self.context = Context(
            runner, None, cast("Desk", SimpleNamespace(outbox=outbox, connection=SimpleNamespace(id="demo")))
        )
        self.toasts: list[Toast] = []
        self.context.toast_requested.connect(self.toasts.append)
        self.view = OutboxView(self.context)
        self.context.setParent(self.view)
        self.view.resize(*size)
        shown(qtbot, self.view)

    def listed(self) -> list[str]:
        return [cells[1] for cells in rows(self.view._table)]

    def until(self, *names: str) -> None:
        wait_for(lambda: self.listed() == list(names), f"{names} in the list", self.view)


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def reader(qtbot: QtBot, dressed: QApplication, runner: JobRunner, outbox: Outbox) -> Reader:
    return Reader(qtbot, runner, outbox)


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        yield running


def test_an_invitation_of_the_emulator_arrives_and_its_password_is_copied(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, cognito: Pool
) -> None:
    reader = Reader(qtbot, runner, cognito.demo.outbox)
    assert "Nothing sent yet" in see(reader.view)
    threads: list[str] = []
    stop = cognito.demo.outbox.on_message(lambda _: threads.append(threading.current_thread().name))
    cognito.users.create(CARLA, attributes={"email": CARLA})
    stop()
    reader.until(CARLA)
    assert threads
    assert threads[0] != threading.main_thread().name
    (sent,) = cognito.demo.outbox.messages()
    said = see(reader.view)
    for piece in ("1 message; nothing leaves this computer", "invitation", sent.subject, sent.body):
        assert piece in said
    press(reader.view, "Copy code")
    assert QGuiApplication.clipboard().text() == sent.code
    assert reader.toasts[-1].text == "Copied."


def test_nothing_sent_says_what_will_be_here(reader: Reader) -> None:
    said = see(reader.view)
    assert "Nothing sent yet" in said
    assert "Invitations, codes and reset emails of the demo appear here." in said
    assert "0 messages" in said
    assert reason(reader.view, "Copy code") == "This message carries no code."


def test_a_change_brings_its_message_at_once(reader: Reader, outbox: Outbox) -> None:
    from_another_thread(outbox, message(1))
    reader.context.announce(Change(Topic.USERS, ("p1",), "test"))
    assert reader.listed() == ["p1@quay.example"]


def test_a_new_message_does_not_take_away_what_is_being_read(reader: Reader, outbox: Outbox) -> None:
    from_another_thread(outbox, message(1), message(2))
    reader.until("p2@quay.example", "p1@quay.example")
    assert "Body 2" in see(reader.view), "the newest is opened by itself"
    reader.view._table.selectRow(1)
    wait_to_see(reader.view, "Body 1")
    body = next(shown for shown in reader.view.findChildren(QLabel) if shown.text() == "Body 1")
    body.setSelection(0, 4)
    from_another_thread(outbox, message(3))
    reader.until("p3@quay.example", "p2@quay.example", "p1@quay.example")
    assert "Body 1" in see(reader.view)
    assert body.selectedText() == "Body"
    assert "3 messages" in see(reader.view)


def test_a_message_without_a_code_offers_none(reader: Reader, outbox: Outbox) -> None:
    from_another_thread(outbox, message(1, None))
    reader.until("p1@quay.example")
    assert reason(reader.view, "Copy code") == "This message carries no code."


def test_every_kind_is_in_words(reader: Reader, outbox: Outbox) -> None:
    from_another_thread(outbox, *(message(number, kind=kind) for number, kind in enumerate(MessageKind)))
    wait_for(lambda: len(reader.listed()) == len(MessageKind), "all kinds", reader.view)
    kinds = [cells[2] for cells in rows(reader.view._table)]
    assert "sign up code" in kinds
    assert not any("_" in kind for kind in kinds)


def test_the_newest_thousand_are_kept_and_shown(reader: Reader, outbox: Outbox) -> None:
    from_another_thread(outbox, *(message(number) for number in range(1_200)))
    wait_to_see(reader.view, "1,000 messages")
    assert reader.listed()[0] == "p1199@quay.example"


@pytest.mark.parametrize("size", [(1252, 820), (964, 600)])
def test_nothing_lies_beyond_the_right_edge(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, outbox: Outbox, size: tuple[int, int]
) -> None:
    long = "very." * 30
    outbox.add(Message(NOW, f"{long}@quay.example", MessageKind.VERIFICATION_CODE, long, long * 40, "1"))
    reader = Reader(qtbot, runner, outbox, size)
    table = reader.view._table
    assert table.horizontalScrollBar().maximum() == 0
    assert table.columnWidth(1) >= 200
    assert long in table.tip(0, 1)
