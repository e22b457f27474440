"""How many of the loaded people have no second factor, as far as Cognito was asked; by status and age. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.directory.index import UserIndex


def factor_counts(index: UserIndex, now: datetime, bounds: Sequence[float]) -> list[tuple[str, int, int, int, int]]:
    """Status, number of the age (0: younger than the first of `bounds`, in seconds), people, without, not asked."""
    import polars as pl

    frame = index.frame().select("status", "created", "own_mfa")
    age = (now.timestamp() - pl.col("created") / 1_000_000).alias("age")
    place = pl.sum_horizontal([(age >= bound).cast(pl.Int64) for bound in bounds]).alias("place")
    factor = pl.col("own_mfa").cast(pl.String)
    counted = (
        frame.with_columns(place)
        .group_by(pl.col("status").cast(pl.String), "place")
        .agg(
            pl.len().alias("people"), (factor == "none").sum().alias("without"), factor.is_null().sum().alias("unknown")
        )
    )
    return [(s, int(p), int(n), int(w), int(u)) for s, p, n, w, u in counted.iter_rows()]
