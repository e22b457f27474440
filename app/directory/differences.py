"""In which ways Cognito and the application database can disagree about one person, and who does: one rule for all.

The search, the report and a single person's fix ask here. Kinds are stored as bits, so that a million fit in 2 MB.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

PROVIDER_OF_POOL = "cognito"  # auth.users.auth_provider of people whose account is in the pool


class Kind(StrEnum):
    """A way to disagree. Append only: the position is the bit."""

    ONLY_COGNITO = "only_cognito"  # no row answers to them
    ONLY_DATABASE = "only_database"  # a row of the pool's people, not disabled, and nobody in the pool
    EMAIL_VERIFIED = "email_verified"  # one side holds the address as verified; or both, and the row still waits for it
    ENABLED = "enabled"  # may sign in, and is disabled in the application; or the other way round
    MFA = "mfa"  # where Cognito was asked: an authenticator app on one side alone
    SUBJECT = "subject"  # the row names no subject, or another one
    EMAIL = "email"  # another address
    EMAIL_CASE = "email_case"  # the same address in another spelling
    PROVIDER = "provider"  # the row belongs to another sign-in provider
    DUPLICATE = "duplicate"  # one more row for somebody who has one already


BITS = {kind: 1 << at for at, kind in enumerate(Kind)}
ROWS_ALONE = frozenset({Kind.ONLY_DATABASE, Kind.DUPLICATE})  # of rows that no user of the pool goes with
OF_USERS = tuple(kind for kind in Kind if kind not in ROWS_ALONE)  # what a search among users can find


def kinds(bits: int) -> tuple[Kind, ...]:
    """The kinds that some bits stand for."""
    return tuple(kind for kind, bit in BITS.items() if bits & bit)


def mask(wanted: Iterable[Kind]) -> int:
    """The bits of some kinds."""
    return sum({BITS[kind] for kind in wanted})


def of_users(own: pl.DataFrame, about: pl.DataFrame, *, subject_known: bool) -> pl.Series:
    """For each user the bits in which they and their row differ.

    `own` has the columns of `columns.OWN`, `about` those of `facts.ABOUT`; null says that a side does not tell.
    """
    import polars as pl

    status, factor, kept = pl.col("onboarding"), pl.col("own_mfa"), pl.col("fact_mfa")
    elsewhere = (pl.col("provider") != PROVIDER_OF_POOL).fill_null(True)
    waits = pl.col("email_verified") & (status == "pending_verification")
    same_subject = pl.col("same_subject").fill_null(False)
    foreign = elsewhere & ~same_subject
    differ = {
        Kind.EMAIL_VERIFIED: (pl.col("email_verified") != pl.col("fact_verified")).fill_null(False)
        | waits.fill_null(False),
        Kind.ENABLED: pl.col("enabled") == (status == "disabled"),
        Kind.MFA: ((factor == "totp") & (kept != "totp")) | ((factor == "none") & (kept != "none")),
        Kind.EMAIL: ~pl.col("same_email"),
        Kind.EMAIL_CASE: pl.col("same_email") & ~pl.col("same_spelling"),
        Kind.PROVIDER: elsewhere,
    }
    if subject_known:
        differ[Kind.SUBJECT] = ~same_subject
    bits = pl.sum_horizontal(
        pl.when(differs.fill_null(False)).then(pl.lit(BITS[kind], pl.UInt16)).otherwise(pl.lit(0, pl.UInt16))
        for kind, differs in differ.items()
    )
    # Another provider's row is another account: whatever else it says differs by right.
    found = (
        pl.when(pl.col("row").is_null())
        .then(pl.lit(BITS[Kind.ONLY_COGNITO], pl.UInt16))
        .when(foreign)
        .then(pl.lit(BITS[Kind.PROVIDER], pl.UInt16))
        .otherwise(bits.cast(pl.UInt16))
    )
    return own.select("enabled", "email_verified", "own_mfa").hstack(about).select(drift=found).to_series()
