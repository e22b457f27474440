"""What the Authenticator tab shows. Holds the secret for as long as it is on show. No widget here.

Reading an entry and making a code take microseconds and happen at once; the QR code is drawn on a worker.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from app.auth import totp
from app.auth.totp import OtpAuth
from app.errors import AppError
from app.files import write_atomically
from app.work import Work
from ui.context import Context
from ui.jobs import Job
from ui.text import tr
from ui.view_state import Empty, Failed, Loading, Ready

PATIENCE_MS = 500  # somebody who still types is not told that the secret is too short
_PNG_BOX = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in the form. The representation hides the secret."""

    text: str = ""
    account: str = ""
    issuer: str = ""
    digits: str = "6"
    period: str = "30"
    algorithm: str = "SHA1"

    def __repr__(self) -> str:
        return "Entry(…)"

    @property
    def is_address(self) -> bool:
        """Whether the text is an otpauth address, which names account and issuer itself."""
        return "://" in self.text or self.text.strip().lower().startswith("otpauth")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A QR code ready to be shown. The representation hides both parts."""

    otp: OtpAuth
    matrix: tuple[tuple[bool, ...], ...]

    def __repr__(self) -> str:
        return f"Drawn({self.otp!r})"


@dataclass(frozen=True, slots=True)
class LiveCode:
    """The code of this moment, in two groups, and the whole seconds until the next one."""

    text: str
    seconds: int
    period: int


class Verdict(StrEnum):
    """How a code that somebody read out compares. The value is the tone of its message."""

    RIGHT = "ok"
    OFF = "warn"
    WRONG = "bad"


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer to a code: a sentence, and what to do about it."""

    verdict: Verdict
    title: str
    body: str


class AuthenticatorPresenter(QObject):
    """Owns the entry, the QR code that belongs to it, and the clock."""

    state_changed = Signal(object)  # ViewState; Ready holds a Drawn
    problems_changed = Signal(object)  # dict: field -> sentence
    entry_filled = Signal(object)  # Entry that did not come from the form
    code_changed = Signal(object)  # LiveCode
    checked = Signal(object)  # Checked | None
    saved = Signal(object)  # Path
    save_failed = Signal(object)  # AppError

    def __init__(
        self, context: Context, parent: QObject | None = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._clock = clock
        self._entry = Entry()
        self._drawn: Drawn | None = None
        self._wanted: OtpAuth | None = None
        self._job: Job | None = None
        self._problems: dict[str, str] = {}
        self._active = False
        self._second = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._second.timeout.connect(self._tick)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self.complain)
        context.desk_changed.connect(self.clear)

    @property
    def drawn(self) -> Drawn | None:
        """The QR code on show, or None."""
        return self._drawn

    def edit(self, entry: Entry) -> None:
        """Take what stands in the form. A wrong letter is told at once, an unfinished entry after a pause."""
        self._entry = entry
        self._patience.stop()
        try:
            otp = self._read(entry)
        except AppError as error:
            self._forget_drawing()
            self._problems = _at_fields(error, entry)
            if _may_go_on(entry, error):
                self._tell({})
                self._patience.start()
            else:
                self.complain()
            self.state_changed.emit(_invitation(entry, self._problems))
            return
        self._problems = {}
        self._tell({})
        self._draw(otp)

    @Slot()
    def complain(self) -> None:
        """Say now what is wrong with the entry: the person has stopped typing or left the field."""
        self._patience.stop()
        # What was not reached yet is asked for by the empty state, and blamed on nobody.
        blank = {name for name in ("text", "account") if not getattr(self._entry, name).strip()}
        unblamed = {"secret" if name == "text" else name for name in blank}
        self._tell({name: text for name, text in self._problems.items() if name not in unblamed})

    def generate(self, account: str = "", issuer: str = "") -> None:
        """Put a new random secret into the form."""
        self._fill(Entry(totp.generate_secret(), account, issuer))

    def prefill(self, text: str) -> None:
        """Take an otpauth address, or the account of a person who needs a QR code."""
        if Entry(text).is_address:
            self._fill(Entry(text))
        else:
            self._fill(Entry(self._entry.text if not self._entry.is_address else "", text, self._entry.issuer))

    def prefill_read(self, text: str) -> None:
        """Take what a QR code on a picture says: an address, or whatever it is, to be told what is wrong with it."""
        self._fill(Entry(text))

    @Slot()
    def clear(self) -> None:
        """Drop the secret, its QR code and everything that was made of it."""
        self._fill(Entry())

    def set_active(self, active: bool) -> None:
        """Run the clock only while somebody can see it."""
        self._active = active
        if active:
            self._tick()
        else:
            self._second.stop()

    def address(self) -> str:
        """The otpauth address on show, for the clipboard; empty where there is none."""
        return totp.address(self._drawn.otp) if self._drawn else ""

    def file_name(self) -> str:
        """A name for the picture that says whose it is."""
        who = re.sub(r"[^\w.@+-]+", "-", self._drawn.otp.account).strip("-.") if self._drawn else ""
        return f"authenticator-{who[:80]}.png" if who else "authenticator.png"

    def check(self, typed: str) -> None:
        """Compare a code that a phone shows; an unfinished one has no answer yet."""
        if self._drawn is None:
            return
        otp = self._drawn.otp
        digits = re.sub(r"[\s-]+", "", typed)
        if len(digits) < otp.digits and (digits.isdigit() or not digits):
            self.checked.emit(None)
            return
        try:
            steps = totp.check(otp, digits, self._clock()).steps
        except AppError as error:
            self.checked.emit(Checked(Verdict.WRONG, tr("This is no code"), error.message))
            return
        self.checked.emit(_verdict(steps, otp.period))

    def save(self, path: Path) -> None:
        """Write the QR code as a PNG, or as an SVG where the name ends so: for the owner alone, whole or not at all."""
        if self._drawn is None:
            return
        address = totp.address(self._drawn.otp)

        def write(work: Work) -> Path:
            drawing = path.suffix.lower() == ".svg"
            write_atomically(path, totp.qr_svg(address).encode() if drawing else totp.qr_png(address, _PNG_BOX))
            return path

        job = self._context.run(write, name=tr("Save the QR code"))
        job.succeeded.connect(self.saved)
        job.failed.connect(self.save_failed)

    def _read(self, entry: Entry) -> OtpAuth:
        otp = totp.parse(
            entry.text,
            account=entry.account,
            issuer=entry.issuer,
            digits=entry.digits,
            period=entry.period,
            algorithm=entry.algorithm,
        )
        totp.address(otp)
        return otp

    def _fill(self, entry: Entry) -> None:
        self.entry_filled.emit(entry)
        self.edit(entry)

    def _draw(self, otp: OtpAuth) -> None:
        if self._drawn is not None and self._drawn.otp == otp:
            self._wanted = None  # what was typed in between is not wanted any more
            return
        self._wanted = otp
        if self._drawn is None:
            self.state_changed.emit(Loading(tr("Drawing the QR code…")))
        address = totp.address(otp)

        def draw(work: Work) -> Drawn:
            return Drawn(otp, tuple(tuple(row) for row in totp.qr_matrix(address)))

        self._job = self._context.run(draw, name=tr("Draw a QR code"), key=("authenticator", id(self)), listed=False)
        self._job.succeeded.connect(self._on_drawn)
        self._job.failed.connect(self._on_draw_failed)

    @Slot(object)
    def _on_drawn(self, drawn: Drawn) -> None:
        if self._wanted != drawn.otp:  # cleared or changed meanwhile
            return
        self._wanted = self._job = None
        self._drawn = drawn
        self.checked.emit(None)
        self.state_changed.emit(Ready(drawn))
        self._tick()

    @Slot(object)
    def _on_draw_failed(self, error: AppError) -> None:
        if self._wanted is None:
            return
        self._forget_drawing()
        self._problems = _at_fields(error, self._entry)
        if error.fields:
            self.complain()
            self.state_changed.emit(_invitation(self._entry, self._problems))
        else:
            self.state_changed.emit(Failed(error))

    def _forget_drawing(self) -> None:
        self._second.stop()
        if self._job is not None:
            self._job.cancel()
        self._drawn = self._wanted = self._job = None
        self.checked.emit(None)

    @Slot()
    def _tick(self) -> None:
        if not self._active or self._drawn is None:
            return
        now, otp = self._clock(), self._drawn.otp
        code = totp.code(otp, now)
        middle = len(code) // 2
        left = max(1, round(totp.seconds_left(otp, now)))
        self.code_changed.emit(LiveCode(f"{code[:middle]} {code[middle:]}", left, otp.period))
        # The next whole second, a little late rather than early: an early one would show the old code once more.
        self._second.start(max(50, 1005 - int(now * 1000) % 1000))

    def _tell(self, problems: dict[str, str]) -> None:
        self.problems_changed.emit(problems)


def _may_go_on(entry: Entry, error: AppError) -> bool:
    """Whether more typing can mend the entry: then nobody is told off in the middle of it."""
    return "secret" in _at_fields(error, entry) and (entry.is_address or totp.wrong_character(entry.text) is None)


def _at_fields(error: AppError, entry: Entry) -> dict[str, str]:
    """What is wrong, by field of the form: with an address, every part of it stands in the first field."""
    if entry.is_address or not set(error.fields) <= {"secret", "account", "issuer", "digits", "period", "algorithm"}:
        return {"secret": " ".join(error.fields.values()) or error.message}
    return dict(error.fields)


def _invitation(entry: Entry, problems: dict[str, str]) -> Empty:
    """What to do next, in place of the QR code."""
    if not entry.text.strip():
        hint = tr("Paste a secret or an otpauth:// address at the left. Its QR code and its codes appear here.")
        return Empty(tr("No secret yet"), hint, icon="authenticator")
    if set(problems) == {"account"} and not entry.account.strip():
        hint = tr(
            "Write the account at the left, usually the person's email address. Their app shows it beside the code."
        )
        return Empty(tr("Whose secret is it?"), hint, icon="user")
    hint = tr("The QR code appears once the entry at the left is right.")
    return Empty(tr("Nothing to draw yet"), hint, icon="edit")


def _verdict(steps: int | None, period: int) -> Checked:
    if steps is None:
        return Checked(
            Verdict.WRONG,
            tr("Wrong code"),
            tr("No code of these minutes is this one. Read it once more; else the phone holds another secret."),
        )
    seconds = abs(steps) * period
    automatic = tr("Ask them to turn on automatic date and time, then to read a new code.")
    if steps == 0:
        return Checked(Verdict.RIGHT, tr("Right"), tr("The phone holds this secret, and its clock is right."))
    if steps == -1:
        body = tr(
            "It may have changed while it was read out. If the next one is late too, the phone's clock is behind."
        )
        return Checked(Verdict.OFF, tr("Right, but one step late"), body)
    if steps == 1:
        body = tr("The phone's clock runs ahead, by up to {n} s. {fix}", n=seconds, fix=automatic)
        return Checked(Verdict.OFF, tr("Right, but one step early"), body)
    title = (
        "The phone's clock runs about {n}\u00a0s behind"
        if steps < 0
        else "The phone's clock runs about {n}\u00a0s ahead"
    )
    body = tr("The code belongs to this secret, but signing in with it may fail. {fix}", fix=automatic)
    return Checked(Verdict.OFF, tr(title, n=seconds), body)
