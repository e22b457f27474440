"""Forms: labelled rows with a line for what is wrong, and nothing typed is ever lost."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ui import icons
from ui.text import tr
from ui.widgets.buttons import icon_button
from ui.widgets.labels import label, restyle
from ui.widgets.secret_line import SecretLine

Field = QLineEdit | QPlainTextEdit | QComboBox | QSpinBox | QCheckBox


class LineField(QWidget):
    """A line with something beside it. `line` is the QLineEdit."""

    def __init__(self, parent: QWidget | None = None, *, line: QLineEdit | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit() if line is None else line
        self.setFocusProxy(self.line)

    def set_title(self, title: str) -> None:
        """What the line is for, as the form calls it."""


class PasswordField(LineField):
    """A masked line with an eye to show it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, line=SecretLine())
        self._title = ""
        self.eye = icon_button("eye", tr("Show"))
        self.eye.setCheckable(True)
        self.eye.toggled.connect(self._on_toggled)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.line, 1)
        row.addWidget(self.eye)

    def show_text(self, shown: bool) -> None:
        """Show or mask what is typed."""
        self.eye.setChecked(shown)

    def set_title(self, title: str) -> None:
        """What the line is for: the eye's name says it too, as several may stand in one form."""
        self._title = title
        self._on_toggled(self.eye.isChecked())

    @Slot(bool)
    def _on_toggled(self, shown: bool) -> None:
        self.line.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        name = (tr("Hide {field}") if shown else tr("Show {field}")).format(field=self._title).strip()
        self.eye.setToolTip(name)
        self.eye.setAccessibleName(name)
        icons.assign(self.eye, "eye-off" if shown else "eye", "muted", 16)


class _Row(QWidget):
    def __init__(self, title: str, body: QWidget, field: Field, hint: str, required: bool) -> None:
        super().__init__()
        self.field = field
        self.title = label(f"{title} *" if required else title, "field")
        self.title.setBuddy(field)
        self.hint = label(hint, "small", wrap=True)
        if not hint:
            self.hint.hide()  # and never shown here: without a parent yet, it would be a window of its own
        self.problem = label("", "error", wrap=True)
        self.problem.hide()
        field.setAccessibleName(title)
        field.setAccessibleDescription(hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        if not isinstance(field, QCheckBox):
            column.addWidget(self.title)
        else:
            self.title.hide()
            self.title.setParent(self)
        for part in (body, self.hint, self.problem):
            column.addWidget(part)

    def set_hint(self, hint: str) -> None:
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        if not self.problem.text():
            self.field.setAccessibleDescription(hint)

    def set_problem(self, problem: str) -> None:
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.field.setProperty("invalid", "true" if problem else "false")
        self.field.setAccessibleDescription(problem or self.hint.text())
        restyle(self.field)


class Form(QWidget):
    """Rows of fields by name. `values` reads them as text; `set_errors` marks what is wrong at each field."""

    edited = Signal(str)  # name of the field; its error goes away
    submitted = Signal()  # Return in a line

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, _Row] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(12)
        self._general = label("", "error", wrap=True)
        self._general.hide()
        self._column.addWidget(self._general)

    def add(self, name: str, title: str, field: Field | LineField, *, hint: str = "", required: bool = False) -> None:
        """Add a row below the others. `name` is the key of `values` and of `set_errors`."""
        inner: Field = field.line if isinstance(field, LineField) else field
        if isinstance(field, LineField):
            field.set_title(title)
        inner.setObjectName(name)
        row = _Row(title, field, inner, hint, required)
        self._rows[name] = row
        self._column.insertWidget(self._column.count() - 1, row)
        match inner:
            case QLineEdit():
                inner.textEdited.connect(self._on_edited)
                inner.returnPressed.connect(self.submitted)
            case QPlainTextEdit():
                inner.textChanged.connect(self._on_edited)
            case QComboBox():
                inner.activated.connect(self._on_edited)
            case QSpinBox():
                inner.valueChanged.connect(self._on_edited)
            case QCheckBox():
                inner.clicked.connect(self._on_edited)

    def add_line(
        self, name: str, title: str, value: str = "", *, hint: str = "", required: bool = False, placeholder: str = ""
    ) -> QLineEdit:
        """Add a row with a line of text."""
        field = QLineEdit(value)
        field.setPlaceholderText(placeholder)
        self.add(name, title, field, hint=hint, required=required)
        return field

    def add_choice(
        self, name: str, title: str, choices: Mapping[str, str], value: str = "", *, hint: str = ""
    ) -> QComboBox:
        """Add a row with a list of choices: value -> words."""
        field = QComboBox()
        for stored, words in choices.items():
            field.addItem(words, stored)
        field.setCurrentIndex(max(0, field.findData(value)))
        self.add(name, title, field, hint=hint)
        return field

    def add_check(self, name: str, title: str, value: bool = False, *, hint: str = "") -> QCheckBox:
        """Add a row with a checkbox; its value reads as 'true' or 'false'."""
        field = QCheckBox(title)
        field.setChecked(value)
        self.add(name, title, field, hint=hint)
        return field

    def add_widget(self, widget: QWidget) -> None:
        """Put anything else between the rows."""
        self._column.insertWidget(self._column.count() - 1, widget)

    def field(self, name: str) -> Field:
        """The input widget of a row."""
        return self._rows[name].field

    def focus_first(self) -> None:
        """Put the cursor into the first field that can be edited; does nothing where there is none."""
        for row in self._rows.values():
            field = row.field
            locked = isinstance(field, QLineEdit | QPlainTextEdit | QSpinBox) and field.isReadOnly()
            if not (row.isHidden() or locked) and field.isEnabled():
                field.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    def set_hint(self, name: str, hint: str) -> None:
        """Change the words below a field."""
        self._rows[name].set_hint(hint)

    def set_row_visible(self, name: str, visible: bool) -> None:
        """Show or hide a whole row; what is typed in it stays."""
        self._rows[name].setVisible(visible)

    def values(self) -> dict[str, str]:
        """Everything as text, untrimmed: trimming is for whoever validates."""
        return {name: _value(row.field) for name, row in self._rows.items()}

    def set_errors(self, problems: Mapping[str, str]) -> None:
        """Mark fields, clear the others, focus the first bad one. What belongs to no row stands below all."""
        first: Field | None = None
        for name, row in self._rows.items():
            problem = problems.get(name, "")
            row.set_problem(problem)
            if problem and first is None and not row.isHidden():
                first = row.field
        others = [text for name, text in problems.items() if name not in self._rows or self._rows[name].isHidden()]
        self._general.setText("\n".join(others))
        self._general.setVisible(bool(others))
        if first is not None:
            first.setFocus()
            if isinstance(first, QLineEdit):
                first.selectAll()

    def problems(self) -> dict[str, str]:
        """What is marked now."""
        return {name: row.problem.text() for name, row in self._rows.items() if row.problem.text()}

    @Slot()
    def _on_edited(self) -> None:
        sender = self.sender()
        name = sender.objectName()
        row = self._rows.get(name)
        if row is None:
            return
        if row.problem.text():
            row.set_problem("")
        self._general.hide()
        self.edited.emit(name)


def _value(field: Field) -> str:
    match field:
        case QLineEdit():
            return field.text()
        case QPlainTextEdit():
            return field.toPlainText()
        case QComboBox():
            data = field.currentData()
            return field.currentText() if field.isEditable() or data is None else str(data)
        case QSpinBox():
            return str(field.value())
        case QCheckBox():
            return "true" if field.isChecked() else "false"


def field_label(text: str, buddy: QWidget) -> QLabel:
    """A label for a field outside a Form; also its accessible name."""
    made = label(text, "field")
    made.setBuddy(buddy)
    buddy.setAccessibleName(text)
    return made
