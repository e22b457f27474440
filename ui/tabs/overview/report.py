"""The plain-text report for the clipboard: the set-up, as somebody who helps needs it. No secret, no person. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from app.connections import Connection
from app.environment import EnvironmentReport
from app.errors import AppError
from app.pool.models import ClientSnapshot, PoolSnapshot
from ui.tabs.overview.census import words
from ui.tabs.overview.facts import Fact, client_facts, pool_facts, provider_fact
from ui.tabs.overview.presenter import Figures, Funnel, Setup
from ui.tabs.overview.probing import ProbeState
from ui.text import age, exact, milliseconds, number, tr

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Known:
    """What the Overview knows when the report is asked for. None: not read (yet)."""

    connection: Connection
    at: datetime
    pool: PoolSnapshot | AppError | None
    client: ClientSnapshot | AppError | None
    setup: Setup | AppError | None
    funnel: Funnel | AppError | None
    figures: Figures
    test: ProbeState


def report(known: Known) -> str:
    """All of it, section by section."""
    sections = (
        (tr("Connection"), _connection(known)),
        (tr("User pool"), _facts(known.pool, pool_facts)),
        (tr("App client"), _client(known)),
        (tr("Test connection"), _test(known.test)),
        (tr("Onboarding"), _onboarding(known)),
        (tr("Environment variables"), _environment(known.setup)),
    )
    head = [tr("Cognito Desk report, {at}", at=exact(known.at)), ""]
    return "\n".join([*head, *(line for title, lines in sections for line in (title, *_indented(lines), ""))])


def _connection(known: Known) -> Iterable[str]:
    connection = known.connection
    yield f"{tr('Name')}: {connection.name} ({connection.environment}, {connection.read_only_origin})"
    yield f"{tr('Region')}: {connection.region}"
    yield f"{tr('User pool')}: {connection.pool_id}"
    yield f"{tr('App client')}: {connection.client_id or tr('none')}"
    if connection.endpoint:
        yield f"{tr('Endpoint')}: {connection.endpoint}"
    yield f"{tr('Database')}: {connection.database or tr('none')}"
    if isinstance(known.setup, Setup):
        found = known.setup.credentials
        yield f"{tr('Credentials')}: {_error(found) if isinstance(found, AppError) else found.words}"


def _client(known: Known) -> Iterable[str]:
    if known.connection.client_id is None:
        return [tr("The connection names no app client.")]
    return _facts(known.client, client_facts)


def _facts(read: T | AppError | None, facts: Callable[[T], Iterable[Fact]]) -> Iterable[str]:
    if read is None:
        return [tr("not read")]
    if isinstance(read, AppError):
        return [_error(read)]
    return [_fact(fact) for fact in facts(read)]


def _fact(fact: Fact) -> str:
    warnings = "".join(f"\n  ! {warn.text}: {warn.sentence}" for warn in fact.warnings)
    value = ", ".join(fact.value.split("\n"))
    return f"{fact.name}: {value}{warnings}"


def _test(test: ProbeState) -> Iterable[str]:
    if test.ended is None:
        yield tr("under way") if test.running else tr("not tested")
        return
    yield tr("ended {at}", at=exact(test.ended))
    for step in test.steps:
        took = milliseconds(step.milliseconds)
        if step.ok:
            yield f"ok      {step.name} ({took})"
        else:
            word = "skipped" if step.skipped else "failed "
            yield f"{word} {step.name} ({took}): {_error(step.error) if step.error else step.detail}"
    if test.note:
        yield test.note


def _onboarding(known: Known) -> Iterable[str]:
    figures = known.figures
    census = figures.census
    about = tr("about ") if figures.estimated else ""
    cognito = tr("not known") if figures.in_cognito is None else f"{about}{number(figures.in_cognito)}"
    yield f"{tr('In Cognito')}: {cognito}"
    if known.connection.database is None:
        yield tr("No database.")
        return
    if isinstance(known.funnel, AppError):
        yield _error(known.funnel)
        return
    if known.funnel is None:
        yield tr("not read")
        return
    yield f"{tr('In the database')}: {number(known.funnel.rows)}"
    if census is not None and census.differences is not None:
        yield f"{tr('Differences')}: {number(census.differences.people)}"
        yield from (f"  {line}" for line in words(census.differences).split("\n"))
    for stage in known.funnel.stages:
        waited = tr("median {age}", age=age(stage.median_age)) if stage.count else ""
        yield f"{stage.status.value}: {number(stage.count)} {waited}".rstrip()


def _environment(setup: Setup | AppError | None) -> Iterable[str]:
    if not isinstance(setup, Setup):
        return [tr("not read") if setup is None else _error(setup)]
    environment: EnvironmentReport = setup.environment
    lines = [_fact(provider_fact(environment))]
    for variable in environment.variables:
        lines.append(f"{variable.name}: {variable.shown if variable.present else tr('not set')}")
    lines += [f"! {problem}" for problem in environment.problems]
    return lines + [f"  {note}" for note in environment.notes]


def _error(error: AppError) -> str:
    request = f", AWS request id {error.request_id}" if error.request_id else ""
    subject = f", {error.subject}" if error.subject and error.subject not in error.message else ""
    return f"{error.message} ({error.code.value}{subject}{request})"


def _indented(lines: Iterable[str]) -> Iterable[str]:
    return ["  " + line.replace("\n", "\n  ") for line in lines]
