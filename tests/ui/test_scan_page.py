"""The page with the QR code by itself: its countdown and its ring."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QObject, Slot
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


class Ear(QObject):
    """Counts how often it is told."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.heard = 0

    @Slot()
    def hear(self) -> None:
        self.heard += 1


def test_at_zero_the_code_goes_at_once_and_it_is_told_once(page: ScanPage, clock: Clock) -> None:
    ear = Ear(page)
    page.run_out.connect(ear.hear)
    page.show_scan(Scan(OTP, until=clock.now + 60.0), MATRIX)
    words.press(page, "Show")
    words.press(page, "Full screen")
    assert page._projection is not None
    clock.now += 59.0
    page._tick()
    assert page.qr.matrix == MATRIX
    assert "OTP" not in words.see(page)
    clock.now += 1.0
    page._tick()
    page._tick()
    assert (page.qr.matrix, ear.heard) == ((), 1)
    assert "JBSW" not in words.see(page)
    assert "has run out" in words.see(page)
    assert page._projection._code._matrix == ()
    page._projection.close()


def test_while_a_code_is_being_checked_cognito_has_the_last_word(page: ScanPage, clock: Clock) -> None:
    ear = Ear(page)
    page.run_out.connect(ear.hear)
    page.show_scan(Scan(OTP, until=clock.now + 60.0), MATRIX)
    page.setEnabled(False)
    clock.now += 61.0
    page._tick()
    assert (page.qr.matrix, ear.heard) == ((), 0)
    page.setEnabled(True)
    page._tick()
    assert ear.heard == 1


def test_hours_of_an_access_token_are_counted_too(page: ScanPage, clock: Clock) -> None:
    page.show_scan(Scan(OTP, until=clock.now + 24 * 3600), MATRIX)
    assert "Cognito waits 24:00:00 more" in words.see(page)
