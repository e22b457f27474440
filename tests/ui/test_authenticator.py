"""The Authenticator tab as a support person uses it: type, look, read back a code, save, copy, leave."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from app.auth import totp
from app.auth.totp import OtpAuth
from tests.ui.words import dialog, press, pressable, see, type_into, wait_for, wait_to_see
from ui.context import Context, Toast
from ui.jobs import JobRunner
from ui.tabs import authenticator
from ui.tabs.authenticator.presenter import AuthenticatorPresenter, Drawn, Entry, LiveCode
from ui.tabs.authenticator.secret_page import SecretPage
from ui.theme import Preference, theme
from ui.widgets.secret_clipboard import SecretClipboard

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ADDRESS = f"otpauth://totp/Harbour:ada@harbour.example?secret={SECRET}&issuer=Harbour"
NOW = 1_800_000_007.2  # seven seconds into a step


class Clock:
    """Time that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def toasts(context: Context) -> list[Toast]:
    said: list[Toast] = []
    context.toast_requested.connect(said.append)
    return said


@pytest.fixture
def tab(qtbot: QtBot, dressed: QApplication, context: Context, clock: Clock) -> Iterator[SecretPage]:
    view = SecretPage(context, presenter=AuthenticatorPresenter(context, clock=clock))
    qtbot.addWidget(view)
    view.resize(1250, 810)
    view.show()
    qtbot.waitExposed(view)
    yield view
    QGuiApplication.clipboard().clear()


def scan(widget: QWidget, scale: float = 1.0) -> list[str]:
    """What an independent decoder reads on the widget's picture."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    widget.grab().save(buffer, "PNG")
    with Image.open(io.BytesIO(bytes(buffer.data().data()))) as picture:
        grey = picture.convert("L")
    if scale != 1.0:
        grey = grey.resize((round(grey.width * scale), round(grey.height * scale)))
    return [found.text for found in zxingcpp.read_barcodes(grey)]


def enter(tab: QWidget, text: str = SECRET, account: str = "ada@harbour.example", issuer: str = "Harbour") -> None:
    type_into(tab, "Secret or otpauth address", text)
    if "://" not in text:
        type_into(tab, "Account", account)
        type_into(tab, "Issuer", issuer)


def test_an_empty_tab_says_what_to_do(tab: SecretPage) -> None:
    assert "Paste a secret or an otpauth:// address" in see(tab)
    assert not pressable(tab, "Save…")
    first = tab.focusProxy()
    assert first is not None
    assert first.accessibleName() == "Secret or otpauth address"


def test_a_secret_becomes_a_qr_code_that_a_phone_can_read(tab: SecretPage) -> None:
    enter(tab)
    wait_to_see(tab, "Cannot scan?")
    wait_for(lambda: scan(tab) == [ADDRESS], "the QR code", tab)
    text = see(tab)
    assert "ada@harbour.example" in text
    assert "QR code for ada@harbour.example" in text


@pytest.mark.parametrize("preference", [Preference.LIGHT, Preference.DARK])
@pytest.mark.parametrize("size", [(1440, 900), (1024, 700), (834, 610), (700, 620)])
def test_the_qr_code_is_readable_in_every_theme_and_size(
    tab: SecretPage, preference: Preference, size: tuple[int, int]
) -> None:
    theme.choose(preference)
    tab.resize(*size)
    enter(tab, ADDRESS)
    wait_for(lambda: scan(tab) == [ADDRESS], "the QR code", tab)
    assert scan(tab, 0.8) == [ADDRESS]  # a camera does not see whole pixels


def test_an_address_needs_no_account_and_shows_what_is_unusual(tab: SecretPage) -> None:
    address = (
        f"otpauth://totp/H%C3%A4fen:J%C3%B6rg?secret={SECRET}&issuer=H%C3%A4fen&algorithm=SHA256&digits=8&period=60"
    )
    enter(tab, address)
    text = wait_to_see(tab, "8 digits, every 60 s, SHA256")
    assert "Jörg" in text
    assert "Häfen" in text
    assert "Issuer" not in text
    wait_for(lambda: scan(tab) == [address], "the QR code", tab)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("JBSWY3DPEHPK0PXP", '"0" is never part of one'),
        ("JBSWY3DP!", '"!" is not allowed'),
        ("https://example.com/", "it must start with otpauth://totp/"),
        (f"otpauth://totp/A:b?secret={SECRET}&issuer=B", 'both "A" and "B"'),
        (f"otpauth://totp/b?secret={SECRET}&digits=9", 'Digits: "9" is not a number from 6 to 8'),
        ("JBSWY3DP", "8 characters are too few"),
    ],
)
def test_a_wrong_entry_is_explained_at_the_field(tab: SecretPage, typed: str, problem: str) -> None:
    type_into(tab, "Secret or otpauth address", typed)
    wait_to_see(tab, problem)
    assert QApplication.focusWidget() is tab.focusProxy()  # typing goes on
    assert not pressable(tab, "Save…")
    type_into(tab, "Secret or otpauth address", SECRET)
    wait_for(lambda: problem not in see(tab), "the end of the complaint", tab)


def test_nobody_is_told_off_in_the_middle_of_typing(tab: SecretPage) -> None:
    type_into(tab, "Secret or otpauth address", "JBSWY")
    assert "too few" not in see(tab)
    assert "otpauth" in see(tab)
    wait_to_see(tab, "5 characters are too few")


def test_a_missing_account_is_asked_for_not_blamed(tab: SecretPage) -> None:
    type_into(tab, "Secret or otpauth address", SECRET)
    assert "Whose secret is it?" in wait_to_see(tab, "Write the account at the left")
    assert "Account is missing" not in see(tab)
    type_into(tab, "Account", "a:b")
    wait_to_see(tab, "Account: take out the colon")


def test_the_secret_is_masked_until_asked_for(tab: SecretPage) -> None:
    enter(tab)
    wait_to_see(tab, "•••• •••• •••• •••• •••• •••• •••• ••••")
    assert "JBSW" not in see(tab)
    press(tab, "Show Secret or otpauth address")  # the field's own eye
    assert SECRET in see(tab)
    press(tab, "Hide Secret or otpauth address")
    tab._panel._key._show.click()
    assert totp.grouped(SECRET) in see(tab)
    tab.hide()
    tab.show()
    assert "JBSW" not in see(tab)


def test_the_live_code_follows_the_clock_and_rests_while_hidden(tab: SecretPage, clock: Clock) -> None:
    shown: list[LiveCode] = []
    tab._presenter.code_changed.connect(shown.append)
    enter(tab)
    otp = OtpAuth(SECRET)
    code = totp.code(otp, NOW)
    wait_to_see(tab, f"{code[:3]} {code[3:]}")
    assert "New code in 23 s" in see(tab)
    clock.now = NOW + 29
    code = totp.code(otp, clock.now)
    wait_to_see(tab, f"{code[:3]} {code[3:]}", 3)
    assert "New code in 24 s" in see(tab)
    tab.hide()
    assert not tab._presenter._second.isActive()
    tab.show()
    assert tab._presenter._second.isActive()
    press(tab, "Clear")
    assert not tab._presenter._second.isActive()


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (0, "The phone holds this secret"),
        (-1, "Right, but one step late"),
        (1, "Right, but one step early"),
        (-4, "The phone's clock runs about 120 s behind"),
        (2, "The phone's clock runs about 60 s ahead"),
    ],
)
def test_a_code_that_is_read_back_is_judged(tab: SecretPage, steps: int, words: str) -> None:
    enter(tab)
    wait_to_see(tab, "Check a code")
    code = totp.code(OtpAuth(SECRET), NOW + 30 * steps)
    type_into(tab, "Check a code", f"{code[:3]} {code[3:5]}")
    assert words not in see(tab)
    type_into(tab, "Check a code", f"{code[:3]} {code[3:]}")
    wait_to_see(tab, words)


def test_a_wrong_code_and_no_code_are_told_apart(tab: SecretPage) -> None:
    enter(tab)
    wait_to_see(tab, "Check a code")
    near = {totp.code(OtpAuth(SECRET), NOW + 30 * steps) for steps in range(-11, 12)}
    type_into(tab, "Check a code", next(c for n in range(100) if (c := f"{n:06}") not in near))
    wait_to_see(tab, "Wrong code")
    type_into(tab, "Check a code", "12a")
    wait_to_see(tab, "Code: it has 6 digits.")
    type_into(tab, "Check a code", "")
    wait_for(lambda: "it has 6 digits" not in see(tab), "the end of the answer", tab)


def test_the_picture_is_saved_for_its_owner_alone(tab: SecretPage, tmp_path: Path, toasts: list[Toast]) -> None:
    enter(tab)
    wait_to_see(tab, "Save…")
    press(tab, "Save…")
    path = tmp_path / "code.png"
    chooser = dialog("Save the QR code")
    assert isinstance(chooser, QFileDialog)
    assert "authenticator-ada@harbour.example.png" in see(chooser)
    chooser.selectFile(str(path))
    press(chooser, "Save")
    wait_for(path.exists, "the file")
    wait_for(lambda: toasts, "the toast")
    with Image.open(path) as picture:
        assert [found.text for found in zxingcpp.read_barcodes(picture.convert("L"))] == [ADDRESS]
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    assert "delete it once it is scanned" in toasts[0].text
    assert [one.name for one in tmp_path.iterdir() if one.suffix] == ["code.png"]


def test_a_picture_that_cannot_be_saved_is_said_and_nothing_is_lost(tab: SecretPage, tmp_path: Path) -> None:
    enter(tab)
    wait_to_see(tab, "Save…")
    (tmp_path / "file").write_text("")
    tab._on_path(str(tmp_path / "file" / "code.png"))
    assert "code.png" in wait_to_see(tab, "Cannot write")
    assert scan(tab) == [ADDRESS]


def test_the_file_is_named_after_the_account(context: Context) -> None:
    presenter = AuthenticatorPresenter(context)
    for account, name in (
        ("ada@harbour.example", "authenticator-ada@harbour.example.png"),
        ("../../etc/passwd", "authenticator-etc-passwd.png"),
        ("ööö", "authenticator-ööö.png"),
        ("///", "authenticator.png"),
    ):
        presenter._drawn = Drawn(OtpAuth(SECRET, account), ())
        assert presenter.file_name() == name


def test_what_was_copied_leaves_the_clipboard(tab: SecretPage, toasts: list[Toast], qtbot: QtBot) -> None:
    clipboard = QGuiApplication.clipboard()
    enter(tab)
    wait_to_see(tab, "Copy address")
    press(tab, "Copy address")
    assert clipboard.text() == ADDRESS
    press(tab, "Copy secret")
    assert clipboard.text() == SECRET
    assert "60 s" in toasts[-1].text
    assert tab._clipboard._timer.remainingTime() > 55_000
    tab._clipboard._timer.start(1)
    qtbot.waitUntil(lambda: clipboard.text() == "")


def test_what_somebody_else_copied_stays(qapp: QApplication, qtbot: QtBot) -> None:
    clipboard = QGuiApplication.clipboard()
    holder = SecretClipboard(seconds=0.01)
    holder.copy("hunter2")
    clipboard.setText("something else")
    qtbot.waitUntil(lambda: not holder._timer.isActive())
    assert clipboard.text() == "something else"
    holder.copy("hunter2")
    holder.take_back()  # as when the application ends
    assert clipboard.text() == ""


def test_a_new_secret_is_generated_for_whoever_is_named(tab: SecretPage) -> None:
    type_into(tab, "Account", "ada@harbour.example")
    press(tab, "Generate a new secret")
    wait_to_see(tab, "Cannot scan?")
    (first,) = wait_for(lambda: scan(tab), "a QR code", tab)
    press(tab, "Generate a new secret")
    (second,) = wait_for(lambda: [text for text in scan(tab) if text != first], "another QR code", tab)
    assert totp.parse(second).account == "ada@harbour.example"
    assert totp.parse(first).secret != totp.parse(second).secret


@pytest.mark.parametrize("leave", ["clear", "close", "switch"])
def test_the_secret_is_dropped(tab: SecretPage, context: Context, leave: str) -> None:
    enter(tab)
    wait_to_see(tab, "Cannot scan?")
    actions: dict[str, Callable[[], object]] = {
        "clear": lambda: press(tab, "Clear"),
        "close": tab.close,
        "switch": lambda: context.set_desk(None),
    }
    actions[leave]()
    presenter = tab._presenter
    assert presenter.drawn is None
    assert presenter._entry == Entry()
    assert presenter.address() == ""
    assert tab._text.line.text() == ""
    assert SECRET not in repr(vars(presenter)) + repr(vars(tab)) + repr(vars(tab._panel))
    assert "JBSW" not in tab._panel._key._key.text() + tab._panel._key._text


def test_nothing_secret_is_written_or_named(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    view = SecretPage(Context(runner))
    qtbot.addWidget(view)
    view.show()
    enter(view)
    wait_to_see(view, "Cannot scan?")
    view._presenter.save(tmp_path / "a.png")
    qtbot.waitUntil(lambda: not runner.busy)
    assert "JBSW" not in caplog.text
    assert "JBSW" not in repr(runner.jobs()) + repr(view._presenter.drawn) + repr(Entry(SECRET))
    assert [job.name for job in runner.jobs()] == ["Save the QR code"]


def test_only_the_last_entry_is_shown(qtbot: QtBot, dressed: QApplication, runner: JobRunner) -> None:
    presenter = AuthenticatorPresenter(Context(runner))
    for number in range(20):
        presenter.edit(Entry(SECRET, f"user{number}"))
    presenter.edit(Entry(SECRET, "last"))
    qtbot.waitUntil(lambda: presenter.drawn is not None)
    presenter.edit(Entry(SECRET, "other"))
    presenter.edit(Entry(SECRET, "last"))
    qtbot.waitUntil(lambda: not runner.busy)
    assert presenter.drawn is not None
    assert presenter.drawn.otp.account == "last"
    presenter.edit(Entry(SECRET, "again"))
    presenter.clear()
    qtbot.waitUntil(lambda: not runner.busy)
    assert presenter.drawn is None


def test_other_tabs_can_send_somebody_here(tab: SecretPage) -> None:
    tab.open_at("linh@harbour.example")
    press(tab, "Generate a new secret")
    wait_to_see(tab, "linh@harbour.example")
    tab.open_at(ADDRESS)
    wait_for(lambda: scan(tab) == [ADDRESS], "the QR code", tab)


def test_the_tab_is_made_without_loading_anything_heavy() -> None:
    code = (
        "import sys, ui.tabs.authenticator, ui.tabs.authenticator.view;"
        "print([m for m in ('qrcode', 'PIL', 'pyotp', 'boto3', 'keyring', 'polars') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "[]"
    assert callable(authenticator.create)
