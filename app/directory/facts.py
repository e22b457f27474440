"""What the application database knows, beside the users: which row goes with whom, and where both disagree.

A row goes with a user by subject, else by the same email, else, where the row names no subject, by the email in any
spelling: as OnboardingReader.find has it. Imports polars: only from inside functions that run on a worker.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

import polars as pl

from app.directory import differences
from app.directory.columns import OWN, WORDS

if TYPE_CHECKING:
    from app.directory.row import DatabaseFact

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


class Facts:
    """The rows of auth.users, ready to be looked up. Immutable; safe on any thread.

    Keys are kept as 64-bit hashes, a third of the room: one pool in ten million of a million people would see a clash.
    """

    def __init__(self, rows: pl.DataFrame, known: frozenset[str], ids: pl.Series | None = None) -> None:
        self.rows = rows  # KEYS as hashes, VALUES, and the hash of the id
        self.known = known  # of OPTIONAL, what the table has
        self._ids = ids  # only while the rows are new: to choose among rows with the same key
        self._tables: dict[str, pl.DataFrame] = {}

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
    def of_frame(cls, raw: pl.DataFrame, known: frozenset[str] = OPTIONAL, rows: pl.DataFrame | None = None) -> Facts:
        """Take the rows of a frame with the columns RAW; `known` are those of OPTIONAL that the table has.

        `rows` is what `prepared` made of them, where that was done already. The rows keep their numbers.
        """
        made = prepared(raw, known) if rows is None else rows
        return cls(made.rechunk(), known & OPTIONAL, raw["id"])  # parts as they came would make each look-up slow

    def corrected(self, fact: DatabaseFact) -> Facts:
        """The same facts with a newer one about one row in the place of the older."""
        newer = Facts.of((fact,), self.known)
        number, same = self.rows.height, pl.lit(False)
        for key in ("id",) if fact.id else ("subject", "exact"):
            value = newer.rows[key][0]
            same = same | (pl.col(key) == value).fill_null(False) if value is not None else same
        older = self.rows.select(same.alias("same")).to_series().arg_true()
        after = Facts(pl.concat([self.rows, newer.rows], rechunk=True), self.known)
        for key in (*KEYS, "both"):
            kept = self._table(key).filter(~pl.col("row").is_in(older.implode()))
            # Beside another row of the subject the pair tells them apart; alone it says the same as the subject.
            own = (
                newer.rows.select(_BOTH.alias("both")).drop_nulls() if key == "both" else newer._table(key).select(key)
            )
            added = own.with_columns(pl.lit(number, pl.UInt32).alias("row"))
            if added.height:
                kept = kept.filter(pl.col(key) != added[key][0])
            after._tables[key] = pl.concat([added, kept], rechunk=True)
        return after

    def answering(self, own: pl.DataFrame, numbers: pl.Series) -> pl.Series:
        """For each of some rows whether any user of the whole pool `own` could go with it."""
        rows = self.rows.select(*KEYS)[numbers]
        free = rows["subject"].is_null()
        held = [_among(rows[key], own, keys) for key, keys in (("subject", _SUBJECT), ("exact", pl.col("email")))]
        if free.any():  # to fold a million addresses costs more than all the rest
            held.append(free & _among(rows["lower"], own, _LOWER))
        return pl.select(pl.any_horizontal(held)).to_series()

    def about(self, own: pl.DataFrame) -> pl.DataFrame:
        """ABOUT for each of `own`, in its order."""
        keys = own.select(subject=_hash(_SUBJECT), exact=_hash(pl.col("email")))
        numbers = self._by_subject(keys)
        missing = numbers.is_null().arg_true()
        if len(missing):
            numbers = numbers.scatter(missing, self._by_email(own["email"][missing], keys["exact"][missing]))
        found = self.rows.select(pl.col(*VALUES, *KEYS).gather(numbers))
        same_spelling = found["exact"].eq_missing(keys["exact"])
        others = (~same_spelling).arg_true()
        lower = own[others].select(_hash(_LOWER)).to_series()
        return found.select(
            *VALUES,
            row=numbers,
            same_subject=found["subject"] == keys["subject"],
            same_email=same_spelling.scatter(others, found["lower"][others].eq_missing(lower)),
            same_spelling=found["exact"].eq_missing(keys["exact"]),
        )

    def _by_subject(self, keys: pl.DataFrame) -> pl.Series:
        found = self._look_up("subject", keys["subject"])
        if not self._table("both").height:
            return found
        # Several rows of one subject: the one with the same email goes before the one with the lowest id.
        both = self._look_up("both", keys.select(_BOTH).to_series())
        return both.zip_with(both.is_not_null(), found)

    def _by_email(self, emails: pl.Series, exact: pl.Series) -> pl.Series:
        found = self._look_up("exact", exact)
        missing = found.is_null().arg_true()
        if len(missing) and self._table("lower").height:
            lower = emails[missing].to_frame().select(_hash(_LOWER)).to_series()
            found = found.scatter(missing, self._look_up("lower", lower))
        return found

    def _look_up(self, key: str, wanted: pl.Series) -> pl.Series:
        """For each hash the number of the row that it leads to; null where there is none."""
        table = self._tables.get(key)
        few = len(wanted) * 8 < self.rows.height  # a join hashes all of its right side
        if table is None:
            table = self._made_table(key, wanted) if few and key != "both" else self._table(key)
        elif few:
            table = table.filter(pl.col(key).is_in(wanted.drop_nulls().implode()))
        return wanted.to_frame(key).join(table, on=key, how="left", maintain_order="left")["row"]

    def _table(self, key: str) -> pl.DataFrame:
        """Each value of a key with the number of its row; of several rows the one with the lowest id."""
        made = self._tables.get(key)
        if made is None:
            made = self._tables[key] = self._made_table(key)
        return made

    def _made_table(self, key: str, wanted: pl.Series | None = None) -> pl.DataFrame:
        """As `_table`; only the entries of `wanted` where that is given."""
        rows = self.rows.with_row_index("row")
        if key == "both":
            if self._table("subject").height == self.rows.height - self.rows["subject"].null_count():
                return pl.DataFrame(schema={"both": pl.UInt64, "row": pl.UInt32})
            rows = rows.filter(pl.col("subject").is_duplicated() & pl.col("subject").is_not_null())
            entries = rows.select(_BOTH.alias("both"), "row").drop_nulls()
        elif key == "lower":
            entries = rows.filter(pl.col("lower").is_not_null() & pl.col("subject").is_null()).select(key, "row")
        else:
            entries = rows.select(key, "row").drop_nulls(key)
        if wanted is not None:
            entries = entries.filter(pl.col(key).is_in(wanted.drop_nulls().implode()))
        if entries[key].n_unique() == entries.height:
            return entries
        ids = self._ids if self._ids is not None else pl.repeat(None, self.rows.height, dtype=pl.String, eager=True)
        several = entries.select(pl.col(key).is_duplicated()).to_series()
        ordered = entries.filter(several).with_columns(id=ids[entries["row"].filter(several)])
        ordered = ordered.sort(pl.col("id").str.len_bytes(), "id", "row").drop("id")
        return pl.concat([entries.filter(~several), ordered.unique(key, keep="first", maintain_order=True)])


def prepared(raw: pl.DataFrame, known: frozenset[str]) -> pl.DataFrame:
    """Rows with the columns RAW as `Facts` keeps them; parts of a table can be prepared as they arrive."""
    method = _methods(raw["mfa_method"]) if "mfa_method" in known else pl.lit(None, WORDS)
    lower = raw.select(pl.col("email").str.to_lowercase()).to_series()
    return raw.with_columns(lower).select(
        id=pl.col("id").hash(),
        subject=_hash(pl.col("subject")),
        exact=_hash(raw["email"]),
        lower=_hash(pl.col("email")),
        onboarding=_known_statuses(raw["status"]),
        fact_mfa=method,
        mfa_required=pl.col("mfa_required"),
        fact_organization=pl.col("organization_id").cast(WORDS),
        fact_verified=pl.col("email_verified"),
        provider=pl.col("auth_provider").cast(WORDS),
    )


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
            row=pl.lit(None, pl.UInt32),
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
        row=about["row"],
    )


_BOTH = pl.col("subject") ^ pl.when(pl.col("exact").is_not_null()).then(pl.col("exact").hash())
_SUBJECT = pl.coalesce("sub", "username")
_LOWER = pl.col("email").str.to_lowercase()


def _hash(texts: pl.Expr | pl.Series) -> pl.Expr:
    """64 bits of a text; null for none. Empty texts are null wherever they come from."""
    expression = pl.lit(texts) if isinstance(texts, pl.Series) else texts
    return pl.when(expression.is_not_null()).then(expression.hash())


def _among(wanted: pl.Series, own: pl.DataFrame, texts: pl.Expr) -> pl.Series:
    """For each of a few hashes whether the text of any user has it."""
    hashes = own.select(_hash(texts)).to_series()
    return wanted.is_in(hashes.filter(hashes.is_in(wanted.drop_nulls().implode())).implode()).fill_null(False)


def _methods(values: pl.Series) -> pl.Series:
    words = values.cast(WORDS)
    if any(word != word.lower() for word in words.unique().cast(pl.String).drop_nulls()):
        words = values.str.to_lowercase().cast(WORDS)
    return words.fill_null("none")


def _known_statuses(status: pl.Series) -> pl.Series:
    """The column of statuses, null where it is none of the eight."""
    words = status.cast(WORDS)
    strange = [word for word in words.unique().cast(pl.String).drop_nulls().to_list() if word not in STATUSES]
    if not strange:
        return words
    return words.to_frame("status").select(pl.when(~pl.col("status").is_in(strange)).then("status")).to_series()
