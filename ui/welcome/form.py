"""The fields of a connection, in three groups, two to a line; only those that the chosen credentials need are shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.addresses import SSL_MODES, region_of
from app.connections import Connection, CredentialSource
from ui.text import tr
from ui.welcome.draft import KEY_FIELDS, keeps_keys
from ui.widgets.forms import Form, PasswordField
from ui.widgets.labels import label, line

_SOURCES = {
    CredentialSource.DEFAULT.value: "AWS default chain: environment, shared files, role",
    CredentialSource.PROFILE.value: "A named profile of ~/.aws",
    CredentialSource.KEYS.value: "Access keys, kept in the keyring",
}
_ENVIRONMENTS = {"production": "Production", "staging": "Staging", "development": "Development"}
_DATABASE = ("database_host", "database_port", "database_name", "database_user")


class ConnectionForm(Form):
    """Filled from the `existing` connection, but for its secrets: they never come back out of the keyring."""

    def __init__(self, existing: Connection | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._existing = existing
        self._unchanged = tr("Unchanged if left empty")
        self._add_pool()
        self._add_credentials()
        self._add_database()
        self.edited.connect(self._on_field)
        self._show_rows()
        self._show_region()

    @property
    def holds_secrets(self) -> bool:
        """Whether the connection, as it stands in the form, has a secret to keep."""
        values = self.values()
        has_database = any(values[name].strip() for name in (*_DATABASE, "database_password"))
        return values["credentials"] == CredentialSource.KEYS.value or has_database

    def row(self, name: str) -> QWidget:
        """A field with its label, and with the line that says what is wrong."""
        return self._rows[name]

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in the order in which a person reads."""
        found: list[QWidget] = []
        for row in self._rows.values():
            eye = next((field.eye for field in row.findChildren(PasswordField)), None)
            found += [row.field, eye] if eye is not None else [row.field]
        return found

    def _add_pool(self) -> None:
        c = self._existing
        environments = {value: tr(words) for value, words in _ENVIRONMENTS.items()}
        self.add_line("name", tr("Name"), c.name if c else "", placeholder=tr("Customers"))
        self.add_choice("environment", tr("Environment"), environments, c.environment if c else "production")
        self.add_line(
            "pool_id", tr("User pool ID"), c.pool_id if c else "", required=True, placeholder="eu-central-1_AbCdEfGhI"
        )
        self.add_line("region", tr("Region"), c.region if c else "")
        self.add_line("client_id", tr("App client ID"), (c.client_id or "") if c else "", placeholder=tr("optional"))
        self.add_line("endpoint", tr("Endpoint"), (c.endpoint or "") if c else "", placeholder=tr("AWS itself"))
        self.field("environment").setToolTip(tr("Production is marked in red wherever it is shown."))
        self.field("endpoint").setToolTip(tr("Only for an emulator or a VPC endpoint."))
        self._beside("name", "environment", stretch=(3, 2))
        self._beside("pool_id", "region", stretch=(3, 2))
        self._beside("client_id", "endpoint", stretch=(3, 2))

    def _add_credentials(self) -> None:
        c = self._existing
        kept = keeps_keys(c)
        self._add_heading(tr("AWS credentials"), "")
        sources = {value: tr(words) for value, words in _SOURCES.items()}
        source = (c.credentials if c else CredentialSource.DEFAULT).value
        self.add_choice("credentials", tr("Where they come from"), sources, source)
        self.add_line("profile", tr("Profile"), (c.profile or "") if c else "", required=True)
        unchanged = self._unchanged if kept else ""
        self.add_line("access_key_id", tr("Access key ID"), required=not kept, placeholder=unchanged)
        self._add_secret("secret_access_key", tr("Secret access key"), unchanged, not kept)
        self._add_secret("session_token", tr("Session token"), tr("only for temporary keys"))
        self._beside("access_key_id", "secret_access_key")

    def _add_database(self) -> None:
        database = self._existing.database if self._existing is not None else None
        self._add_heading(tr("Application database"), tr("optional: left empty, the Desk works with Cognito alone"))
        self.add_line("database_host", tr("Database host"), database.host if database else "")
        self.add_line("database_port", tr("Port"), str(database.port) if database else "", placeholder="5432")
        self.add_line("database_name", tr("Database name"), database.name if database else "")
        modes = {mode: mode for mode in SSL_MODES}
        self.add_choice("database_sslmode", tr("TLS"), modes, database.sslmode if database else "prefer")
        self.add_line("database_user", tr("Database user"), database.user if database else "")
        self._add_secret("database_password", tr("Database password"), self._unchanged if database else "")
        self._beside("database_host", "database_port", stretch=(3, 2))
        self._beside("database_name", "database_sslmode", stretch=(3, 2))
        self._beside("database_user", "database_password")

    def _add_secret(self, name: str, title: str, placeholder: str, required: bool = False) -> None:
        field = PasswordField()
        field.line.setPlaceholderText(placeholder)
        self.add(name, title, field, required=required)

    def _add_heading(self, title: str, note: str) -> None:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(12)
        column.addWidget(line())
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label(title, "heading"))
        row.addWidget(label(note, "muted"), 1)
        column.addLayout(row)
        self.add_widget(box)

    def _beside(self, *names: str, stretch: tuple[int, ...] = (1, 1)) -> None:
        """Put rows that were just added next to each other, where the first of them stands."""
        rows = [self._rows[name] for name in names]
        at = self._column.indexOf(rows[0])
        together = QHBoxLayout()
        together.setSpacing(12)
        for row, share in zip(rows, stretch, strict=True):
            self._column.removeWidget(row)
            together.addWidget(row, share, Qt.AlignmentFlag.AlignTop)
        self._column.insertLayout(at, together)

    @Slot(str)
    def _on_field(self, name: str) -> None:
        if name == "credentials":
            self._show_rows()
        elif name == "pool_id":
            self._show_region()

    def _show_rows(self) -> None:
        source = self.values()["credentials"]
        self.set_row_visible("profile", source == CredentialSource.PROFILE.value)
        for name in KEY_FIELDS:
            self.set_row_visible(name, source == CredentialSource.KEYS.value)

    def _show_region(self) -> None:
        field = self.field("region")
        assert isinstance(field, QLineEdit)
        field.setPlaceholderText(region_of(self.values()["pool_id"].strip()) or tr("from the pool ID"))
