"""Both sides of a difference, and what mends it, in words; which search of the Users tab finds them. No widget."""

from __future__ import annotations

from app.directory.differences import OF_USERS
from app.drift.fixes import AddRow, Move, Step, Switch, Verify, Write
from app.drift.service import DriftLine, Kind
from ui.text import difference, onboarding_status, tr


def search_for(kinds: frozenset[Kind]) -> str | None:
    """The search of the Users tab that finds the same people; None where they are rows that no user goes with."""
    if not kinds:
        return "drift:yes"
    found = [kind for kind in Kind if kind in kinds and kind in OF_USERS]
    if len(found) < len(kinds):
        return None
    return " ".join(f"drift:{kind.value}" for kind in found)


def sides(line: DriftLine, kinds: frozenset[Kind]) -> tuple[str, str]:
    """What Cognito and the database say, of the kinds that are asked for, else of the first."""
    wanted = [kind for kind in line.kinds if kind in kinds] or list(line.kinds[:1])
    told = [line.told(kind) for kind in wanted]
    return " · ".join(cognito for cognito, _ in told), " · ".join(_plain(row) for _, row in told)


def step_words(step: Step) -> str:
    """What a step of a fix does: 'Status: Disable', 'email_verified: true'."""
    match step:
        case AddRow():
            return tr("A row is added")
        case Move(edge):
            return tr("Step: {edge}", edge=edge.value.replace("_", " "))
        case Switch(enabled):
            return tr("Enabled in Cognito") if enabled else tr("Disabled in Cognito")
        case Verify(verified):
            return tr("Verified in Cognito") if verified else tr("No longer verified in Cognito")
        case Write(values, note):
            said = ", ".join(f"{name}: {_value(value)}" for name, value in values.items())
            return f"{said}. {note}" if note else said


def kind_words(line: DriftLine) -> str:
    """Every kind of the line."""
    return ", ".join(difference(kind) for kind in line.kinds)


def _value(value: object) -> str:
    return tr("none") if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _plain(words: str) -> str:
    # A status of the row may stand alone or at the end.
    head, comma, last = words.rpartition(", ")
    return f"{head}{comma}{onboarding_status(last)}" if comma else onboarding_status(words)
