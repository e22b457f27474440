"""What the application database knows, beside the users: which row goes with whom, and where both disagree.

A row goes with a user by subject, else by the same email, else, where the row names no subject, by the email in any
spelling: as OnboardingReader.find has it. Imports polars: only from inside functions that run on a worker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import polars as pl

from app.directory import differences
from app.directory.columns import OWN, WORDS

if TYPE_CHECKING:
    from app.directory.index import DatabaseFact

# A row of auth.users as it is read. Null: the column does not exist, or holds nothing.
RAW: dict[str, pl.DataType] = {
    "id": pl.String(),
    "subject": pl.String(),
    "email": pl.String(),
    "status": pl.String(),
    "auth_provider": pl.String(),
    "email_verified": pl.Boolean(),
    "mfa_method": pl.String(),
    "mfa_required": pl.Boolean(),
    "organization_id": pl.String(),
}
OPTIONAL = frozenset({"subject", "mfa_method"})  # columns that auth.users may lack and that are compared
VALUES = ("onboarding", "fact_mfa", "mfa_required", "fact_organization", "fact_verified", "provider")
# What `about` tells of each user: VALUES of the row, its number, and how the keys compare.
ABOUT = (*VALUES, "row", "same_subject", "same_email", "same_spelling")
STATUSES = frozenset(
    {"active", "suspended", "disabled", "pending_verification", "pending_approval", "pending_mfa",
     "pending_subscription", "rejected"}
)  # fmt: skip
KEYS = ("subject", "exact", "lower")


@dataclass(frozen=True, slots=True)
class Facts:
    """The rows of auth.users, ready to be looked up. `tables` lead from a key to the number of its first row.

    Keys are kept as 64-bit hashes, a third of the room: one pool in ten million of a million people would see a clash.
    """

    rows: pl.DataFrame
    tables: Mapping[str, pl.DataFrame]
    known: frozenset[str] = OPTIONAL

    @classmethod
    def of(cls, facts: Iterable[DatabaseFact], known: frozenset[str] = OPTIONAL) -> Facts:
        """Take facts one by one. Of several with the same key the one with the lowest id counts, else the first."""
        rows = (
            (
                fact.id or None,
                fact.subject or None,
                fact.email or None,
                fact.status,
                fact.auth_provider,
                fact.email_verified,
                fact.mfa_method,
                fact.mfa_required,
                fact.organization_id or None,
            )
            for fact in facts
        )
        frames = [pl.DataFrame(schema=RAW)]
        while part := list(islice(rows, 65_536)):
            frames.append(pl.DataFrame(part, schema=RAW, orient="row"))
        return cls.of_frame(pl.concat(frames), known)

    @classmethod
    def of_frame(cls, raw: pl.DataFrame, known: frozenset[str] = OPTIONAL) -> Facts:
        """Take the rows of a frame with the columns RAW; `known` are those of OPTIONAL that the table has.

        The rows keep their numbers.
        """
        method = pl.col("mfa_method").str.to_lowercase().fill_null("none")
        rows = raw.select(
            id=_hash(pl.col("id")),
            subject=_hash(pl.col("subject")),
            exact=_hash(pl.col("email")),
            lower=_hash(pl.col("email").str.to_lowercase()),
            onboarding=pl.when(pl.col("status").is_in(list(STATUSES))).then("status").cast(WORDS),
            fact_mfa=(method if "mfa_method" in known else pl.lit(None, pl.String)).cast(WORDS),
            mfa_required=pl.col("mfa_required"),
            fact_organization=pl.col("organization_id").cast(WORDS),
            fact_verified=pl.col("email_verified"),
            provider=pl.col("auth_provider").cast(WORDS),
        )
        numbered = rows.select(*KEYS).with_row_index("row")
        return cls(rows, {key: _table(numbered, key, raw) for key in KEYS}, known)

    def corrected(self, fact: DatabaseFact) -> Facts:
        """The same facts with a newer one about one row in the place of the older."""
        newer = Facts.of((fact,), self.known)
        number, same = self.rows.height, pl.lit(False)
        for key in ("id",) if fact.id else ("subject", "exact"):
            value = newer.rows[key][0]
            same = same | (pl.col(key) == value).fill_null(False) if value is not None else same
        older = self.rows.select(same.alias("same")).to_series().arg_true()
        tables = {}
        for key, table in self.tables.items():
            added = newer.tables[key].with_columns(pl.lit(number, pl.UInt32).alias("row"))
            kept = table.filter(~pl.col("row").is_in(older.implode())) if len(older) else table
            if added.height:
                kept = kept.filter(pl.col(key) != added[key][0])
            tables[key] = pl.concat([added, kept], rechunk=True)
        return replace(self, rows=pl.concat([self.rows, newer.rows], rechunk=True), tables=tables)

    def chosen(self, own: pl.DataFrame) -> pl.Series:
        """For each of `own` (with sub, username and email) the number of the row that goes with them; null: none."""
        return self._chosen(_keys(own))

    def _chosen(self, keys: pl.DataFrame) -> pl.Series:
        found = self._look_up("subject", keys["subject"])
        for key in ("exact", "lower"):
            missing = found.is_null().arg_true()
            if len(missing) and self.tables[key].height:
                found = found.scatter(missing, self._look_up(key, keys[key][missing]))
        return found

    def answering(self, own: pl.DataFrame, numbers: pl.Series) -> pl.Series:
        """For each of some rows whether any user of the whole pool `own` could go with it."""
        keys = _keys(own)
        rows = self.rows.select(*KEYS)[numbers]
        held = {key: rows[key].is_in(keys[key].drop_nulls().implode()).fill_null(False) for key in KEYS}
        return held["subject"] | held["exact"] | (rows["subject"].is_null() & held["lower"])

    def about(self, own: pl.DataFrame) -> pl.DataFrame:
        """ABOUT for each of `own`, in its order."""
        keys = _keys(own)
        numbers = self._chosen(keys)
        found = self.rows.select(pl.col(*VALUES, *KEYS).gather(numbers))
        return found.select(
            *VALUES,
            row=numbers,
            same_subject=found["subject"] == keys["subject"],
            same_email=found["lower"].eq_missing(keys["lower"]),
            same_spelling=found["exact"].eq_missing(keys["exact"]),
        )

    def _look_up(self, key: str, wanted: pl.Series) -> pl.Series:
        table = self.tables[key]
        if len(wanted) * 8 < table.height:  # a join hashes all of its right side
            table = table.filter(pl.col(key).is_in(wanted.drop_nulls().implode()))
        return wanted.to_frame(key).join(table, on=key, how="left", maintain_order="left")["row"]


def complete(own: pl.DataFrame, facts: Facts | None) -> pl.DataFrame:
    """The columns OWN and JOINED; without facts the joined ones are what Cognito says itself, or null."""
    if facts is None:
        return own.select(
            *OWN,
            organization=pl.col("own_organization"),
            onboarding=pl.lit(None, WORDS),
            mfa=pl.col("own_mfa"),
            in_database=pl.lit(None, pl.Boolean),
            mfa_required=pl.lit(None, pl.Boolean),
            drift=pl.lit(None, pl.UInt16),
        )
    about = facts.about(own)
    return own.select(
        *OWN,
        organization=pl.coalesce(pl.col("own_organization"), about["fact_organization"]),
        onboarding=about["onboarding"],
        mfa=pl.coalesce(pl.col("own_mfa"), about["fact_mfa"]),
        in_database=about["row"].is_not_null(),
        mfa_required=about["mfa_required"],
        drift=differences.of_users(own, about, subject_known="subject" in facts.known),
    )


def _keys(own: pl.DataFrame) -> pl.DataFrame:
    return own.select(
        subject=_hash(pl.coalesce("sub", "username")),
        exact=_hash(pl.col("email")),
        lower=_hash(pl.col("email").str.to_lowercase()),
    )


def _hash(texts: pl.Expr) -> pl.Expr:
    return pl.when(texts.is_not_null() & (texts != "")).then(texts.hash())


def _table(numbered: pl.DataFrame, key: str, raw: pl.DataFrame) -> pl.DataFrame:
    """Each value of a key with the number of its row; of several rows the one with the lowest id."""
    entries = numbered.filter(pl.col(key).is_not_null())
    if key == "lower":
        entries = entries.filter(pl.col("subject").is_null())
    entries = entries.select(key, "row")
    several = entries.select(pl.col(key).is_duplicated()).to_series()
    if not several.any():
        return entries
    ids = raw["id"][entries["row"].filter(several)]
    ordered = entries.filter(several).with_columns(id=ids).sort(pl.col("id").str.len_bytes(), "id", "row")
    return pl.concat([entries.filter(~several), ordered.drop("id").unique(key, keep="first", maintain_order=True)])
