"""What lists do not tell about users and is asked on demand: groups, and second factors. It outlives a refresh.

Imports polars: only from inside functions that run on a worker.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import polars as pl

from app.directory.columns import WORDS, fold


def carried(own: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """`own` with what was learned about those of its first rows that replace `before`.

    Second factors only where the account was not modified since they were asked for.
    """
    if not before.height:
        return own
    old = before.select("groups", "own_mfa", "modified")
    old = pl.concat([old, old.clear(own.height - old.height)])
    unchanged = old["modified"] == own["modified"]
    return own.with_columns(
        groups=pl.coalesce("groups", old["groups"]),
        own_mfa=pl.when(pl.col("own_mfa").is_null() & unchanged).then(old["own_mfa"]).otherwise(pl.col("own_mfa")),
    )


def grouped(segment: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """A segment with the groups that `members` (username, groups) tells; whoever is missing there is in none."""
    found = segment.select("username").join(members, on="username", how="left", maintain_order="left")["groups"]
    return segment.with_columns(groups=found.fill_null("").cast(WORDS))


def members_frame(members: Mapping[str, str]) -> pl.DataFrame:
    """The argument of `grouped`."""
    names, groups = list(members), list(members.values())
    return pl.DataFrame({"username": names, "groups": groups}, schema={"username": pl.String, "groups": pl.String})


def without(frame: pl.DataFrame, name: str) -> dict[str, str]:
    """username -> the other groups, of everybody who is in this one."""
    texts = [text for text in _combinations(frame["groups"]) if name in text.split("\n")]
    held = frame.filter(pl.col("groups").cast(pl.String).is_in(texts)).select(
        "username", pl.col("groups").cast(pl.String)
    )
    return {
        username: "\n".join(each for each in text.split("\n") if each != name) for username, text in held.iter_rows()
    }


def group_counts(groups: pl.Series) -> dict[str, int]:
    """How many users are in each group, and under "" in none; nothing where groups were not read."""
    found: Counter[str] = Counter()
    for combination, users in groups.drop_nulls().value_counts().iter_rows():
        for name in combination.split("\n"):
            found[name] += users
    return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))


def group_names(groups: pl.Series) -> frozenset[str]:
    """The folded names of all groups."""
    return frozenset(fold(name) for text in _combinations(groups) for name in text.split("\n"))


def in_group(groups: pl.Series, needle: str, known: frozenset[str]) -> pl.Series:
    """Who is in the group of this folded name; where none is `known` by it, in one whose name contains it."""
    whole = needle in known
    wanted = [
        text
        for text in _combinations(groups)
        if any(needle == name if whole else needle in name for name in map(fold, text.split("\n")))
    ]
    return groups.cast(pl.String).is_in(pl.Series(wanted, dtype=pl.String).implode()).fill_null(False)


def _combinations(groups: pl.Series) -> list[str]:
    return [text for text in groups.unique().cast(pl.String).drop_nulls().to_list() if text]
