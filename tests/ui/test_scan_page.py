"""The page with the QR code by itself: its countdown and its ring."""

from __future__ import annotations

import time

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.auth.stages import Scan
from app.auth.totp import OtpAuth
from app.settings import DeskRules
from tests.ui import words
from tests.ui.conftest import shown
from ui.dialogs.enrolment import scan as module
from ui.dialogs.enrolment.scan import ScanPage

OTP = OtpAuth("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "ada@example.org", "Harbour")
MATRIX = tuple(tuple(bool((x * y) % 3) for x in range(21)) for y in range(21))


class Clock:
    """What app.elapsed says."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "elapsed", made)
    return made


@pytest.fixture
def page(qtbot: QtBot, dressed: QApplication, clock: Clock) -> ScanPage:
    made = ScanPage(DeskRules())
    shown(qtbot, made)
    return made


def test_a_jump_of_the_workstations_clock_moves_neither_countdown_nor_ring(
    page: ScanPage, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.show_scan(Scan(OTP, until=clock.now + 180.0, epoch=1_799_999_000.0), MATRIX)
    clock.now += 10.0
    page._tick()
    before = words.see(page), page._ring.grab().toImage()
    assert "Cognito waits 2:50 more" in before[0]
    monkeypatch.setattr(time, "time", lambda: 4_000_000_000.0)
    page._tick()
    assert (words.see(page), page._ring.grab().toImage()) == before


def test_the_ring_follows_cognitos_clock(page: ScanPage, clock: Clock) -> None:
    page.show_scan(Scan(OTP, until=None, epoch=30.0 - clock.now % 30), MATRIX)
    clock.now += 7.0
    page._tick()
    assert page._ring.toolTip() == "New code in 23 s"
