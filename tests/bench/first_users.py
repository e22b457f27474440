"""A child of demo.py: `MOMENT PEOPLE` prints the seconds from MOMENT until the demo's people are in the Users tab."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from tests.bench import desks

if TYPE_CHECKING:
    from ui.application import Application


class FirstUsers(QObject):
    """Looks every few milliseconds whether the table holds everybody, and closes the window then."""

    def __init__(self, application: Application, people: int, since: float) -> None:
        super().__init__(application)
        self._application = application
        self._people = people
        self._since = since
        self.seconds = 0.0
        self.failure = desks.OpenFailure(application)
        self._timer = QTimer(self, interval=5)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    @Slot()
    def _look(self) -> None:
        table = desks.users_table(self._application)
        if table is not None and table.isVisible() and table.user_model.rowCount() >= self._people:
            self.seconds = time.perf_counter() - self._since
            self._timer.stop()
            self._application.window.close()


def main(since: float, people: int) -> float:
    """The seconds."""
    watches: list[FirstUsers] = []
    arguments = ["--demo", "--people", str(people)]
    desks.run(arguments, lambda application: watches.append(FirstUsers(application, people, since)))
    watches[0].failure.check()
    return watches[0].seconds


if __name__ == "__main__":
    print(json.dumps({"seconds": main(float(sys.argv[1]), int(sys.argv[2]))}))
