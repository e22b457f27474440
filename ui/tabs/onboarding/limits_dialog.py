"""How long somebody may stand in each state before they count as stuck: asked for in hours or days."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QGridLayout, QSpinBox, QWidget

from app.onboarding.ladder import LADDER
from app.onboarding.limits import MOST_HOURS, Limits
from app.onboarding.models import OnboardingStatus
from ui.text import onboarding_status, tr
from ui.widgets.buttons import button
from ui.widgets.dialogs import Dialog
from ui.widgets.labels import label

_DAY = 24


class LimitsDialog(Dialog):
    """A number and a unit for each state; 0 is no limit."""

    chosen = Signal(object)  # Limits

    def __init__(self, limits: Limits, parent: QWidget | None = None) -> None:
        super().__init__(tr("Limits of waiting"), parent, icon="clock")
        words = tr(
            "Whoever stands in a state for longer counts as stuck and comes first. 0 means that there is no limit."
        )
        self.body.addWidget(label(words, "muted", wrap=True))
        self._fields: dict[OnboardingStatus, tuple[QSpinBox, QComboBox]] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 1)
        for line, status in enumerate(LADDER):
            name = label(onboarding_status(status), "field")
            amount, unit = QSpinBox(), QComboBox()
            name.setBuddy(amount)
            amount.setMinimumWidth(110)
            amount.setAlignment(Qt.AlignmentFlag.AlignRight)
            amount.setSpecialValueText(tr("no limit"))
            amount.setAccessibleName(onboarding_status(status))
            unit.addItems([tr("hours"), tr("days")])
            unit.setAccessibleName(tr("Unit for {status}", status=onboarding_status(status)))
            unit.currentIndexChanged.connect(self._on_unit)
            unit.ensurePolished()
            amount.setFixedHeight(unit.sizeHint().height())  # else the two numbers stand at two heights
            grid.addWidget(name, line, 0)
            grid.addWidget(amount, line, 1)
            grid.addWidget(unit, line, 2)
            self._fields[status] = (amount, unit)
        self.body.addLayout(grid)
        self._fill(limits)
        usual = button(tr("Usual limits"), "quiet")
        usual.clicked.connect(self._on_usual)
        self.buttons.insertWidget(0, usual)
        cancel = button(tr("Cancel"))
        cancel.clicked.connect(self.reject)
        save = button(tr("Save"), "primary")
        save.setDefault(True)
        save.clicked.connect(self._on_save)
        self.buttons.addWidget(cancel)
        self.buttons.addWidget(save)

    def limits(self) -> Limits:
        """What is entered."""
        hours = {}
        for status, (amount, unit) in self._fields.items():
            value = amount.value() * (_DAY if unit.currentIndex() else 1)
            if value:
                hours[status] = min(value, MOST_HOURS)
        return Limits(hours)

    def _fill(self, limits: Limits) -> None:
        for status, (amount, unit) in self._fields.items():
            hours = limits.hours.get(status, 0)
            in_days = hours % _DAY == 0
            unit.setCurrentIndex(1 if in_days else 0)
            amount.setRange(0, MOST_HOURS // (_DAY if in_days else 1))
            amount.setValue(hours // _DAY if in_days else hours)

    @Slot()
    def _on_unit(self) -> None:
        for amount, unit in self._fields.values():
            amount.setRange(0, MOST_HOURS // (_DAY if unit.currentIndex() else 1))

    @Slot()
    def _on_usual(self) -> None:
        self._fill(Limits())

    @Slot()
    def _on_save(self) -> None:
        self.chosen.emit(self.limits())
        self.accept()
