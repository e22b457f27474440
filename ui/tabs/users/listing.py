"""One answer of the index, and what the list says of itself. Pure: the presenter fills in where things stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.directory.index import UserView
from app.directory.query import parse
from app.errors import AppError
from app.work import Progress
from ui.text import number, tr
from ui.view_state import Empty, Failed, Loading, Ready, ViewState
from ui.widgets.table_choice import Found

Sort = tuple[tuple[str, bool], ...]
Facets = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts of one version of the index: what facets tell, and what can be searched for. When, and how long."""

    facets: Facets = field(default_factory=dict)
    values: Facets = field(default_factory=dict)
    version: int = -1
    at: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Listing:
    """Who matched, out of how many, and how many of each kind the pool holds. `values` is what can be searched for.

    `found` is where those stand who were chosen when the question was asked.
    """

    view: UserView
    total: int
    facets: Facets
    text: str
    sort: Sort
    version: int
    values: Facets = field(default_factory=dict)
    found: Found | None = None
    counted: Counted = Counted()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where loading and asking stand. `as_of` is when the whole pool was last read."""

    listing: Listing | None = None
    loading: bool = False
    asking: bool = False
    stopped: bool = False
    progress: Progress | None = None
    error: AppError | None = None
    as_of: datetime | None = None

    @property
    def total(self) -> int:
        """How many people are known."""
        return self.listing.total if self.listing is not None else 0

    @property
    def remedy(self) -> str:
        """What the button of an empty list does: load, create or clear."""
        if self.needs_groups:
            return "groups"
        if self.total:
            return "clear"
        return "load" if self.stopped else "create"

    @property
    def needs_groups(self) -> bool:
        """Whether the search asks for groups that nobody has read."""
        listing = self.listing
        return (
            listing is not None
            and bool(listing.total)
            and not listing.facets.get("group")
            and any(getattr(term, "field", "") == "group" for term in parse(listing.text).terms)
        )

    def state(self) -> ViewState:
        """What the table's place shows."""
        listing = self.listing
        if self.error is not None:
            return Failed(self.error, keep_content=self.total > 0)
        if self.loading:
            return Loading(tr("Reading the users of the pool…"), self.progress, keep_content=self.total > 0)
        if listing is None or (self.asking and not self.total):
            return Loading(tr("Reading the users of the pool…"))
        if not self.total and self.stopped:
            return Empty(tr("Listing was stopped"), tr("Nobody was read yet."), tr("Load the users"), "users")
        if not self.total:
            return Empty(
                tr("This pool has no users yet"),
                tr("Create the first one here, or let people sign up in your application."),
                tr("Create the first user"),
                "users",
            )
        if self.needs_groups:
            return Empty(
                tr("Groups have not been read"),
                tr("Lists do not tell who is in which group: each group is read by itself, in the background."),
                tr("Show groups"),
                "users",
            )
        if not len(listing.view):
            return Empty(
                tr("Nobody matches “{text}”", text=listing.text),
                tr("Every word must occur somewhere in the person's attributes, and every field:value must hold."),
                tr("Clear the search"),
            )
        return Ready(listing)

    def summary(self) -> str:
        """One line beside the title: '17 of 500 · as of 10:42'."""
        listing = self.listing
        if listing is None or (not self.total and self.as_of is None):
            return ""
        if self.loading and self.as_of is None:
            return tr("{n} so far", n=number(self.total))
        amount = number(self.total)
        if listing.text:
            amount = tr("{found} of {total}", found=number(len(listing.view)), total=amount)
        if self.stopped:
            return tr("{amount} · stopped before the end", amount=amount)
        if self.as_of is None:
            return amount
        return tr("{amount} · as of {time}", amount=amount, time=f"{self.as_of.astimezone():%H:%M}")


def has_content(state: ViewState) -> bool:
    """Whether the table is on screen in that state."""
    return isinstance(state, Ready) or (isinstance(state, Loading | Failed) and state.keep_content)
