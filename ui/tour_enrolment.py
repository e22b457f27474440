"""The tour's way from "I lost my phone" to a verified authenticator, with a phone that reads the screen."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialog, QWidget

from app.auth import qr_reading, totp
from app.errors import AppError
from ui.tour_driver import (
    Condition,
    Script,
    TourError,
    can_press,
    choose_page,
    open_dialog,
    press,
    shows,
    type_into,
)

CALLER = "olga.sava@harbour.example"  # of the demo, with an authenticator


def enrol(window: QWidget, picture: Callable[[str], Script], quiet: Callable[[], Condition]) -> Script:
    """Drive it in `window`, whose Authenticator tab is shown, with a picture of the main steps."""
    choose_page(window, "Somebody on the phone")
    type_into(window, "Email address, phone number, name or user name", CALLER)
    press(window, "Find")
    yield can_press(window, "Lost phone…")
    yield quiet()
    yield from picture("authenticator-caller")
    press(window, "Lost phone…")
    yield lambda: open_dialog(window) is not None
    dialog = _dialog(window)
    yield quiet()
    press(dialog, "I have made sure who is calling")
    yield can_press(dialog, "Begin")
    yield from picture("enrolment-begin")
    press(dialog, "Begin")
    yield shows(dialog, "The code that the app shows now")
    yield quiet()
    yield from picture("enrolment-scan")
    scanned = decoded(dialog)
    if not scanned.startswith("otpauth://totp/"):
        raise TourError("the phone sees no QR code in the enrolment's window")
    type_into(dialog, "The code that the app shows now", totp.code(totp.parse(scanned), time.time()))
    yield can_press(dialog, "Check the code")
    press(dialog, "Check the code")
    yield shows(dialog, "Now they need a password of their own")
    yield quiet()
    press(dialog, "Give them this")
    yield shows(dialog, "has a verified authenticator")
    yield quiet()
    yield from picture("enrolment-done")
    press(dialog, "Show")
    yield quiet()
    press(dialog, "Done")
    yield lambda: open_dialog(window) is None
    choose_page(window, "Who has none")
    yield quiet()
    yield from picture("authenticator-overview")


def decoded(shown: QWidget) -> str:
    """What a phone's camera reads off a widget; empty where it sees no code."""
    from PySide6.QtCore import QBuffer, QIODevice

    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image: QImage = shown.grab().toImage()
    image.save(buffer, "BMP")  # type: ignore[call-overload]  # the stubs want bytes, which it refuses
    try:
        return qr_reading.read_picture(bytes(buffer.data().data()))
    except AppError:
        return ""


def _dialog(window: QWidget) -> QDialog:
    found = open_dialog(window)
    if found is None:
        raise TourError("the enrolment's window did not open")
    return found
