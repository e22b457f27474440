"""Subscriptions that moved nobody: an event that the backend missed, and people whom Stripe knows to have paid.

No widget here. Secrets are handed to the keyring at once and never kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from shiboken6 import isValid

from app.errors import AppError, ErrorCode
from app.onboarding.models import DatabaseUser
from app.onboarding.stripe_events import LARGEST
from app.onboarding.subscription import Stuck
from app.subscriptions import Reading
from app.work import Progress, Work
from ui.context import Change, Context, Topic
from ui.jobs import Job
from ui.tabs.onboarding.paid import PaidOrder
from ui.tabs.onboarding.wording import ORIGIN
from ui.text import tr
from ui.view_state import Empty, Failed, Loading, Ready

LANE = "changes"


@dataclass(frozen=True, slots=True)
class Kept:
    """What the keyring holds for this connection."""

    signing: bool
    key: bool


class SubscriptionPresenter(QObject):
    """One event at a time, and one list of those who wait."""

    kept_changed = Signal(object)  # Kept
    saved = Signal()  # a secret was kept or forgotten
    not_saved = Signal(object)  # AppError
    opened = Signal(str)  # the text of a file that was opened
    reading_changed = Signal(object)  # Reading, or None while there is none
    refused = Signal(object)  # AppError: the event cannot be taken, or nobody was moved by it
    stuck_changed = Signal(object)  # ViewState; Ready carries a tuple of Stuck

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._service = context.desk.subscriptions
        self._payload: tuple[str, bytes] | None = None  # text as shown and bytes as read: a signature is of the bytes
        self._reading: Reading | None = None
        self._stuck: tuple[Stuck, ...] = ()
        self._job: Job | None = None
        self._key = False

    @property
    def has_key(self) -> bool:
        """Whether Stripe can be asked, as far as is known."""
        return self._key

    @property
    def asking(self) -> bool:
        """Whether Stripe is being asked now, which can be cancelled."""
        return self._job is not None

    @property
    def stuck(self) -> tuple[Stuck, ...]:
        """Those who were asked about."""
        return self._stuck

    @Slot()
    def start(self) -> None:
        """Find out what the keyring holds."""
        service = self._service
        job = self._context.run(
            lambda _: Kept(*service.kept()), name=tr("Look into the keyring"), key="stripe-kept", listed=False
        )
        job.succeeded.connect(self._on_kept)
        job.failed.connect(self._on_not_known)
        if not self._stuck and self._job is None:
            self.stuck_changed.emit(Loading(tr("Looking into the keyring…")))

    def keep(self, secret: str, *, key: bool, session: bool) -> None:
        """Keep the restricted key, or else the signing secret; empty forgets it."""
        service = self._service
        call = service.keep_key if key else service.keep_endpoint_secret
        job = self._context.run(lambda _: call(secret, session=session), name=tr("Keep a secret"), listed=False)
        job.succeeded.connect(self._on_saved)
        job.failed.connect(self.not_saved)

    def open_file(self, path: Path) -> None:
        """Read an event from a file, byte for byte."""

        def read(_: Work) -> tuple[str, bytes]:
            try:
                with path.open("rb") as file:
                    content = file.read(LARGEST + 1)
            except OSError as error:
                message = tr("{file} cannot be read: {why}.", file=path.name, why=error.strerror or "")
                raise AppError(ErrorCode.FILE_ERROR, message, subject=path.name) from error
            return content.decode("utf-8", "replace"), content

        job = self._context.run(read, name=tr("Open the event"), key="stripe-file", listed=False)
        job.succeeded.connect(self._on_opened)
        job.failed.connect(self.refused)

    def check(self, text: str, signature: str) -> None:
        """Verify an event and find whose it is; moves nobody."""
        service = self._service
        # What was opened and not touched is checked as it was in the file.
        payload = text.encode()
        if self._payload is not None and self._payload[0] == text:
            payload = self._payload[1]
        self._set_reading(None)
        job = self._context.run(
            lambda _: service.read(payload, signature), name=tr("Check the event"), key="stripe-event", listed=False
        )
        job.succeeded.connect(self._set_reading)
        job.failed.connect(self.refused)

    @Slot()
    def activate(self) -> None:
        """Move the person of the event on."""
        reading, service = self._reading, self._service
        if reading is None:
            return
        job = self._context.run(
            lambda _: service.activate(reading), name=tr("Record the subscription of an event"), lane=LANE
        )
        job.succeeded.connect(self._on_activated_one)
        job.failed.connect(self._on_not_activated)

    @Slot()
    def ask(self) -> None:
        """Ask Stripe about everybody who waits for a subscription."""
        service = self._service
        if self._job is not None:
            return
        self._job = self._context.run(
            lambda work: tuple(service.stuck(work)), name=tr("Ask Stripe who has paid"), key="stripe-stuck"
        )
        self.stuck_changed.emit(Loading(tr("Asking Stripe…"), keep_content=bool(self._stuck)))
        self._job.progressed.connect(self._on_asking)
        self._job.succeeded.connect(self._on_asked)
        self._job.failed.connect(self._on_ask_failed)
        self._job.cancelled.connect(self._on_ask_cancelled)

    @Slot()
    def cancel(self) -> None:
        """Stop asking."""
        if self._job is not None:
            self._job.cancel()

    def paid_order(self) -> PaidOrder:
        """Moving those on who have paid."""
        assert self._context.desk is not None
        rows = self._context.desk.onboarding
        assert rows is not None  # else nobody waits
        return PaidOrder(self._service, rows, self._stuck, self.forget)

    def forget(self, ids: frozenset[str]) -> None:
        """These were moved on: they wait no more."""
        if isValid(self):
            self._stuck = tuple(each for each in self._stuck if each.row.id not in ids)
            self.stuck_changed.emit(Ready(self._stuck) if self._stuck else self._not_asked())

    @Slot(object)
    def _set_reading(self, reading: Reading | None) -> None:
        self._reading = reading
        self.reading_changed.emit(reading)

    @Slot(object)
    def _on_kept(self, kept: Kept) -> None:
        self._key = kept.key
        self.kept_changed.emit(kept)
        self._begin()

    @Slot(object)
    def _on_not_known(self, error: AppError) -> None:
        self.not_saved.emit(error)
        self._begin()

    def _begin(self) -> None:
        if not self._stuck and self._job is None:
            self.stuck_changed.emit(self._not_asked())

    @Slot()
    def _on_saved(self) -> None:
        self.saved.emit()
        self.start()

    @Slot(object)
    def _on_opened(self, content: tuple[str, bytes]) -> None:
        # A text field turns every end of line into its own: by that text the file is known again.
        text = content[0].replace("\r\n", "\n").replace("\r", "\n")
        self._payload = (text, content[1])
        self.opened.emit(text)

    @Slot(object)
    def _on_activated_one(self, row: DatabaseUser) -> None:
        self._set_reading(None)
        self._context.toast(tr("The subscription of {who} was recorded. Now: active.", who=row.email))
        self._announce((row.id,))

    @Slot(object)
    def _on_not_activated(self, error: AppError) -> None:
        self.refused.emit(error)
        self._announce(())

    @Slot(object)
    def _on_asking(self, progress: Progress) -> None:
        self.stuck_changed.emit(Loading(tr("Asking Stripe…"), progress, keep_content=bool(self._stuck)))

    @Slot(object)
    def _on_asked(self, stuck: tuple[Stuck, ...]) -> None:
        self._job = None
        # Those who have paid first; else as the database has them, longest first.
        self._stuck = tuple(sorted(stuck, key=lambda each: each.paid is None))
        if self._stuck:
            self.stuck_changed.emit(Ready(self._stuck))
        else:
            self.stuck_changed.emit(
                Empty(tr("Nobody waits"), tr("No row has the status “Pending subscription”."), icon="check-circle")
            )

    @Slot(object)
    def _on_ask_failed(self, error: AppError) -> None:
        self._job = None
        self.stuck_changed.emit(Failed(error, keep_content=bool(self._stuck)))

    @Slot()
    def _on_ask_cancelled(self) -> None:
        self._job = None
        self.stuck_changed.emit(Ready(self._stuck) if self._stuck else self._not_asked())

    def _announce(self, ids: tuple[str, ...]) -> None:
        self._context.announce(Change(Topic.ONBOARDING, ids, "subscription"))
        self._context.announce(Change(Topic.JOURNAL, (), ORIGIN))

    def _not_asked(self) -> Empty:
        words = tr(
            "Everybody with the status “Pending subscription” is looked up at Stripe, by address. Nothing is changed."
        )
        if not self._key:
            words += " " + tr("It takes a restricted key of the account.")
        action = tr("Ask Stripe") if self._key else tr("Enter key…")
        return Empty(tr("Stripe was not asked yet"), words, action=action, icon="users")
