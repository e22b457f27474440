"""The Outbox: order, listeners, limits, threads."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from app.demo.outbox import KEPT, Message, MessageKind, Outbox


def _message(number: int, to: str = "ana@harbour.example") -> Message:
    return Message(datetime(2026, 11, 1, tzinfo=UTC), to, MessageKind.RESET_CODE, "subject", "body", f"{number:06d}")


def test_newest_first_and_by_address() -> None:
    outbox = Outbox()
    outbox.add(_message(1))
    outbox.add(_message(2, "ben@harbour.example"))
    outbox.add(_message(3))
    assert [m.code for m in outbox.messages()] == ["000003", "000002", "000001"]
    assert [m.code for m in outbox.messages("ben@harbour.example")] == ["000002"]


def test_listeners_hear_until_they_stop() -> None:
    outbox = Outbox()
    heard: list[str | None] = []
    stop = outbox.on_message(lambda message: heard.append(message.code))
    outbox.add(_message(1))
    stop()
    stop()
    outbox.add(_message(2))
    assert heard == ["000001"]


def test_a_listener_may_read_the_outbox() -> None:
    outbox = Outbox()
    counts: list[int] = []
    outbox.on_message(lambda _: counts.append(len(outbox.messages())))
    outbox.add(_message(1))
    assert counts == [1]


def test_only_the_latest_are_kept() -> None:
    outbox = Outbox()
    for number in range(KEPT + 5):
        outbox.add(_message(number))
    assert len(outbox.messages()) == KEPT
    assert outbox.messages()[-1].code == "000005"


def test_many_threads_lose_nothing() -> None:
    outbox = Outbox()
    heard: list[Message] = []
    outbox.on_message(heard.append)

    def fill() -> None:
        for number in range(100):
            outbox.add(_message(number))

    threads = [threading.Thread(target=fill) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outbox.messages()) == len(heard) == 800
