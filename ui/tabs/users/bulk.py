"""A deed for many people: the dry run over the index, what is asked and what it costs. No widget here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from app.aws.operations import counted_as_active, listed
from app.aws.quotas import RATES, QuotaCategory
from app.bulk import Change, Done, Plan, Ready, Refused, Report, done
from app.directory.models import User
from app.directory.selection import Picked, Selection
from app.errors import AppError, ErrorCode
from app.pool.models import ClientSnapshot, PoolSnapshot
from app.work import Work
from ui.context import Change as Changed
from ui.context import Context, Topic
from ui.dialogs.bulk.order import Asked, BulkOrder
from ui.tabs.users.deed import Deed
from ui.tabs.users.person import Person, sketch
from ui.tabs.users.wording import ORIGIN
from ui.text import age, count, number, tr

if TYPE_CHECKING:
    from app.desk import Desk

MOST = 20_000  # people at once: their list is kept in memory, and an hour of the quota is enough for one press
_PAGE = 500
# Command -> title, button, and what is typed to confirm it where it is dangerous.
_ASKED = {
    "user.verify_email": ("Mark the email addresses of {people} as verified?", "Mark as verified", ""),
    "user.resend": ("Resend the invitation to {people}?", "Resend", ""),
    "user.reset": ("Reset the passwords of {people}?", "Reset passwords", "RESET"),
    "user.require_mfa": ("Require MFA of {people}?", "Require MFA", ""),
    "user.lift_mfa": ("Lift the MFA requirement of {people}?", "Lift it", ""),
    "user.sign_out": ("Sign {people} out everywhere?", "Sign out", ""),
    "user.enable": ("Enable {people}?", "Enable", ""),
    "user.disable": ("Disable {people}?", "Disable", "DISABLE"),
    "user.delete": ("Delete {people}?", "Delete", "DELETE"),
    "user.group_add": ("Add {people} to {group}?", "Add", ""),
}
_POINTS = {
    "user.delete": "The accounts are removed from the user pool for good. Rows in the database stay, but are disabled.",
    "user.disable": "They can no longer sign in, and Cognito revokes their tokens. Enable lets them in again.",
    "user.reset": "Their present passwords stop working at once. Cognito sends each a code, valid for 1 hour.",
    "user.resend": "Each gets a new temporary password; the old ones stop working.",
    "user.verify_email": "Do it only if you know that the addresses are theirs: codes for passwords go there.",
    "user.sign_out": "All applications and devices must sign in anew.",
}


class DeedOrder(BulkOrder[Person]):
    """One deed for those whom a selection finds; `chosen` is how many they are."""

    def __init__(
        self,
        desk: Desk,
        deed: Deed,
        selection: Selection,
        chosen: int,
        pool: PoolSnapshot | None = None,
        client: ClientSnapshot | None = None,
    ) -> None:
        self._desk = desk
        self._deed = deed
        self._selection = selection
        self._chosen = chosen
        self._pool = pool
        self._client = client

    @property
    def title(self) -> str:
        return self._title(self._chosen)

    def plan(self, work: Work) -> Plan[Person]:
        """Asks nobody but the index and the rules. AppError(INVALID_INPUT) where more than MOST are chosen."""
        return self._draw_up(self._selection, work)

    def plan_again(self, people: Sequence[Ready[Person]], work: Work) -> Plan[Person]:
        found = self._draw_up(Picked(tuple(each.key for each in people)), work)
        known = {each.key for each in found.ready} | {each.who for each in found.refused}
        gone = tr("They are no longer in the pool.")
        left = tuple(Refused(each.who, gone) for each in people if known.isdisjoint((each.key, each.who)))
        return Plan(found.ready, (*found.refused, *left))

    def change(self, reason: str) -> Change[Person]:
        desk, deed = self._desk, self._deed

        def one(person: Person) -> Done:
            try:
                return done(deed.call(desk, person))
            except AppError as error:
                if error.code is ErrorCode.USER_NOT_FOUND:
                    desk.index.remove(person.user.username)  # somebody else deleted them: the row must not stay
                raise

        return one

    def question(self, plan: Plan[Person]) -> Asked:
        deed = self._deed
        many = len(plan.ready)
        _, button, word = _ASKED[deed.id]
        points = [tr(_POINTS[deed.id])] if deed.id in _POINTS else []
        if (seconds := self.seconds(many)) >= 1:
            points.append(tr("Cognito's quota makes it take at least {time}.", time=age(timedelta(seconds=seconds))))
        if self._billed:
            people = count(many, "person", "people")
            points.append(tr("It may count up to {people} as billed active users of this month.", people=people))
        typed = f"{word} {many}" if word else ""
        return Asked(self._title(many), tuple(points), tr(button), danger=bool(word), typed=typed)

    def job(self, people: int) -> str:
        return tr(self._deed.job, who=count(people, "person", "people"))

    def back_points(self, report: Report[Person]) -> tuple[str, ...]:
        billed = tr("It may count them as billed active users of this month, as the change itself did.")
        return (billed,) if self._billed else ()

    def announce(self, context: Context, report: Report[Person]) -> None:
        context.announce(Changed(Topic.USERS, tuple(each.person.key for each in report.results), ""))
        context.announce(Changed(Topic.OUTBOX, (), ORIGIN))

    def seconds(self, people: int) -> float:
        """What Cognito's quota makes it take at least: each takes one call, and one of ListUsers afterwards."""
        operation = self._deed.operation
        if not operation:
            return 0.0
        return people / min(RATES[listed(operation).category], RATES[QuotaCategory.USER_LIST])

    @property
    def _billed(self) -> bool:
        return bool(self._deed.operation) and counted_as_active(self._deed.operation)

    def _title(self, people: int) -> str:
        return tr(_ASKED[self._deed.id][0], people=count(people, "person", "people"), group=self._deed.subject)

    def _draw_up(self, selection: Selection, work: Work) -> Plan[Person]:
        view = self._desk.index.chosen(selection)
        total = len(view)
        if total > MOST:
            message = (
                f"{number(total)} people are chosen. Do it for {number(MOST)} at most at once: choose fewer, or search"
                " for a part."
            )
            raise AppError(ErrorCode.INVALID_INPUT, message, subject="selection")
        ready: list[Ready[Person]] = []
        refused: list[Refused] = []
        for start in range(0, total, _PAGE):
            work.progress(start, total)
            rows = view.rows(start, start + _PAGE)
            for row, attributes in zip(rows, view.attributes(start, start + _PAGE), strict=True):
                known = sketch(row, self._pool, self._client)
                user = User(row.username, row.status, row.enabled, row.created, row.modified, attributes)
                person = Person(user, row, pool=known.pool, client=known.client)
                reason = self._deed.why_not(person, self._desk.operator)
                if reason is None:
                    ready.append(Ready(person.address, person, user.username))
                else:
                    refused.append(Refused(person.address, reason))
        return Plan(tuple(ready), tuple(refused))
