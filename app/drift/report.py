"""The comparison of a whole pool with auth.users, as a value: counts, examples, filtered pages. Changes nothing.

Ask on a worker (polars); only `DriftView.lines` and the counts are cheap enough for the GUI thread.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.directory.differences import BITS, PROVIDER_OF_POOL, Kind, kinds, mask

if TYPE_CHECKING:
    import polars as pl

    from app.directory.facts import Facts

EXAMPLES = 5
_SORTED = 200_000  # lines; more of them stay in the order of the pool

EXPLANATIONS: Mapping[Kind, str] = {
    Kind.ONLY_COGNITO: "In the pool, and no row of auth.users goes with them: the application does not know them.",
    Kind.ONLY_DATABASE: "A row of the pool's people that is not disabled, and nobody in the pool goes with it.",
    Kind.EMAIL_VERIFIED: "One side holds the email address as verified, or the row still waits for what has happened.",
    Kind.ENABLED: "May sign in and is disabled in the application, or may not sign in and is not disabled there.",
    Kind.MFA: "An authenticator app on one side alone. Known only for people whose details Cognito was asked for.",
    Kind.SUBJECT: "The row names no subject, or the subject of another account.",
    Kind.EMAIL: "Another email address on each side.",
    Kind.EMAIL_CASE: "The same email address, spelled with other capitals.",
    Kind.PROVIDER: "The row belongs to another sign-in provider than Cognito.",
    Kind.DUPLICATE: "One more row for somebody who has a row already.",
}


@dataclass(frozen=True, slots=True)
class DriftLine:
    """One person whose two sides disagree; None where a side does not have them, or does not tell.

    `username` to `factor` are Cognito's, the fields with `row_` are those of auth.users.
    """

    kinds: tuple[Kind, ...]
    username: str | None = None
    sub: str | None = None
    email: str | None = None
    email_verified: bool | None = None
    enabled: bool | None = None
    factor: str | None = None  # "totp", "sms", "email" or "none"; None where Cognito was not asked
    row_id: str | None = None
    row_subject: str | None = None
    row_email: str | None = None
    row_email_verified: bool | None = None
    row_status: str | None = None
    row_mfa: str | None = None
    row_mfa_required: bool | None = None
    row_provider: str | None = None

    @property
    def person(self) -> str:
        """The best name for them: an address, else what Cognito calls them."""
        return self.email or self.row_email or self.username or self.row_subject or self.row_id or ""

    def told(self, kind: Kind) -> tuple[str, str]:
        """What Cognito and what the database says about this difference, in words."""
        match kind:
            case Kind.ONLY_COGNITO:
                return "in the pool", "no row"
            case Kind.ONLY_DATABASE:
                return "nobody", self.row_status or "a row"
            case Kind.DUPLICATE:
                return "one person", f"another row, {self.row_status or 'of an unknown status'}"
            case Kind.EMAIL_VERIFIED:
                row = _verified(self.row_email_verified)
                return _verified(self.email_verified), f"{row}, {self.row_status}" if self.row_status else row
            case Kind.ENABLED:
                return "enabled" if self.enabled else "disabled", self.row_status or "of an unknown status"
            case Kind.MFA:
                return _factor(self.factor), _factor(self.row_mfa)
            case Kind.SUBJECT:
                return self.sub or "", self.row_subject or "none"
            case Kind.PROVIDER:
                return PROVIDER_OF_POOL, self.row_provider or "none"
            case Kind.EMAIL | Kind.EMAIL_CASE:
                return self.email or "none", self.row_email or "none"


class DriftView:
    """Some lines of a report, in its order. Immutable; safe on any thread."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame

    def __len__(self) -> int:
        return self.frame.height

    def at(self, positions: Sequence[int]) -> DriftView:
        """The lines at these positions alone."""
        return DriftView(self.frame[list(positions)])

    def lines(self, start: int, stop: int) -> list[DriftLine]:
        """The lines start..stop-1, as far as they exist. Some 5 microseconds each."""
        start = max(0, start)
        return [_line(row) for row in self.frame.slice(start, max(0, stop - start)).iter_rows()]


@dataclass(frozen=True, slots=True)
class DriftReport:
    """What was found at one moment. `people` differ in some way; one person may have several kinds.

    `retired` rows are disabled and nobody's in the pool: what a deletion leaves, no difference. `waiting` database
    writes of this connection had not landed yet, which explains some.
    """

    at: datetime
    users: int
    rows: int
    retired: int
    waiting: int
    counts: Mapping[Kind, int]
    all: DriftView

    @property
    def people(self) -> int:
        """How many people or rows differ in any way."""
        return len(self.all)

    def examples(self, kind: Kind, number: int = EXAMPLES) -> list[DriftLine]:
        """The first few lines of a kind."""
        return self.view((kind,)).lines(0, number)

    def view(self, wanted: Collection[Kind] = (), text: str = "") -> DriftView:
        """The lines of any of these kinds (empty: all) in which `text` occurs in an address, name or subject."""
        import polars as pl

        frame = self.all.frame
        if wanted:
            frame = frame.filter((pl.col("bits") & mask(wanted)) != 0)
        needle = text.strip().lower()
        if needle:
            texts = ("email", "username", "sub", "row_email", "row_subject", "row_id", "row_status", "row_provider")
            frame = frame.filter(
                pl.any_horizontal(
                    pl.col(name).str.to_lowercase().str.contains(needle, literal=True).fill_null(False)
                    for name in texts
                )
            )
        return DriftView(frame)


def compare(everybody: pl.DataFrame, raw: pl.DataFrame, facts: Facts, *, waiting: int = 0) -> DriftReport:
    """The report on users, joined with `facts` by `facts.complete`, and the rows `facts` was made of (`facts.RAW`)."""
    import polars as pl

    bits = everybody["drift"]
    differing = (bits != 0).arg_true()
    own = everybody.select("drift", "username", "sub", "email", "email_verified", "enabled", "own_mfa")[differing]
    sides = own.select(
        "username",
        pl.coalesce("sub", "username").alias("sub"),
        "email",
        "email_verified",
        "enabled",
        bits="drift",
        factor=pl.col("own_mfa").cast(pl.String),
    ).select("bits", "username", "sub", "email", "email_verified", "enabled", "factor")
    there = raw.select(pl.all().gather(everybody["row"][differing]))
    lines = sides.hstack(_row_side(there))

    taken = everybody["row"].drop_nulls()
    free = pl.repeat(True, raw.height, dtype=pl.Boolean, eager=True).scatter(taken, False)
    alone = (free & (raw["auth_provider"] == PROVIDER_OF_POOL).fill_null(False)).arg_true()
    disabled = (raw["status"][alone] == "disabled").fill_null(False)
    retired, alone = int(disabled.sum()), alone.filter(~disabled)
    if len(alone):
        kind = pl.when(facts.answering(everybody, alone)).then(BITS[Kind.DUPLICATE]).otherwise(BITS[Kind.ONLY_DATABASE])
        only = pl.select(bits=kind.cast(pl.UInt16)).hstack(_row_side(raw[alone]))
        lines = pl.concat([lines, only], how="diagonal")
    if lines.height <= _SORTED:
        lines = lines.sort(pl.coalesce("email", "row_email").str.to_lowercase(), nulls_last=True, maintain_order=True)
    counted = lines.select(((pl.col("bits") & bit) != 0).sum().alias(kind.value) for kind, bit in BITS.items()).row(
        0, named=True
    )
    counts = {kind: int(counted[kind.value]) for kind in Kind}
    return DriftReport(datetime.now(UTC), everybody.height, raw.height, retired, waiting, counts, DriftView(lines))


def _row_side(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        row_id="id",
        row_subject="subject",
        row_email="email",
        row_email_verified="email_verified",
        row_status="status",
        row_mfa="mfa_method",
        row_mfa_required="mfa_required",
        row_provider="auth_provider",
    )


def _line(row: tuple[Any, ...]) -> DriftLine:
    return DriftLine(kinds(row[0]), *row[1:])


def _verified(value: bool | None) -> str:
    return "verified" if value else "not verified"


def _factor(value: str | None) -> str:
    return {None: "none", "none": "none", "totp": "authenticator app", "sms": "SMS", "email": "email"}.get(
        value, value or "none"
    )
