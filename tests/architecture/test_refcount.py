"""PySide6 6.12.0 on Python 3.11 loses a reference to None and True on every call or emit, and aborts in the end."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Signal, Slot


class Talker(QObject):
    """Emits, and listens to itself."""

    said = Signal(bool)
    called = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.heard = 0
        self.said.connect(self.on_said)

    @Slot(bool)
    def on_said(self, value: bool) -> None:
        self.heard += value


def test_emitting_keeps_the_reference_counts_of_true_and_none() -> None:
    talker = Talker()
    before = sys.getrefcount(True), sys.getrefcount(None)
    for _ in range(20_000):
        talker.said.emit(True)
        talker.called.emit()
        talker.blockSignals(False)
    after = sys.getrefcount(True), sys.getrefcount(None)
    assert talker.heard == 20_000
    assert after[0] > before[0] - 1_000
    assert after[1] > before[1] - 1_000
