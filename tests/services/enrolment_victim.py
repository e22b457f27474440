"""Enrols people in processes that kill themselves (SIGKILL) at a chosen step.

One process imports everything and forks a victim for each line of its input (journal, user name, start, step, when),
where `when` is "before" (written down, not asked yet), "within" (done, the outcome not written down) or "after" it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.auth.enrolment import Ending, Start
from app.changes import Changes, Outcome
from app.permissions import Action, Role
from tests.services.clinic import PASSWORD, Clinic, scan

_DIES: dict[str, str] = {}


def _die(step: str, when: str) -> None:
    if {"step": step, "when": when} == _DIES:
        os.kill(os.getpid(), signal.SIGKILL)


class DyingChanges(Changes):
    """Kills its process at the step that was chosen."""

    def perform(self, action: Action, subject: str, call: Callable[[], Any], **more: Any) -> Outcome[Any]:
        step = more["details"]["step"]

        def watched() -> Any:
            _die(step, "before")
            value = call()
            _die(step, "within")
            return value

        outcome = super().perform(action, subject, watched, **more)
        _die(step, "after")
        return outcome


def _suffer(cognito: Any, conninfo: str, line: str) -> None:
    from app.journal import Journal

    journal, username, start, step, when = line.split("\t")
    _DIES.update(step=step, when=when)
    clinic = Clinic(cognito, conninfo, Journal(Path(journal)))
    enrolments = clinic.of(Role.ADMIN, changes=DyingChanges)
    user = clinic.cognito.users.get(username)
    enrolment = enrolments.begin(enrolments.plan(user), Start(start))
    if start == "own":
        enrolment.sign_in(PASSWORD)
    enrolment.verify(scan(enrolment).code())
    if start == "random":
        enrolment.hand_over(Ending.TEMPORARY)


class _Elsewhere:
    """The emulator of another process, as a Pool has it."""

    def __init__(self, endpoint: str) -> None:
        from app.aws.clients import Clients
        from app.connections import AccessKeys
        from app.demo import cognito as demo
        from app.directory.users import Users

        class Place:
            region, pool_id, client_id = demo.REGION, demo.POOL_ID, demo.CLIENT_ID

        self.demo = Place()
        self.demo.endpoint = endpoint  # type: ignore[attr-defined]
        keys = AccessKeys(demo.ACCESS_KEY_ID, demo.SECRET_ACCESS_KEY, None)
        self.client = Clients().cognito(demo.REGION, endpoint=endpoint, keys=keys)
        self.users = Users(self.client, demo.POOL_ID)


def main(endpoint: str, conninfo: str) -> None:
    """Fork a victim per line; say how it ended."""
    cognito = _Elsewhere(endpoint)
    print("ready", flush=True)  # noqa: T201
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                _suffer(cognito, conninfo, line.rstrip("\n"))
            except BaseException as error:  # noqa: BLE001 - a victim that fails must not go on as its parent
                print(repr(error), file=sys.stderr, flush=True)  # noqa: T201
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else f"exit {os.waitstatus_to_exitcode(status)}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
