"""A PostgreSQL of the machine's own (Debian keeps each version in a folder), with TLS on loopback, for one test run."""

from __future__ import annotations

import datetime
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.demo.binaries import Binaries, service_account
from tests.services.orphans import eventually

PLACE = Path("/usr/lib/postgresql")
PROGRAMS = ("postgres", "initdb", "pg_ctl")


def found() -> list[Path]:
    """The folders of the versions that are installed here, from 12 on."""
    folders = [path for path in PLACE.glob("*") if all((path / "bin" / name).is_file() for name in PROGRAMS)]
    return sorted(path for path in folders if path.name.isdecimal() and int(path.name) >= 12)


@dataclass(frozen=True, slots=True)
class OwnServer:
    """A running server: superuser "postgres" with a password, over TCP."""

    port: int
    certificate: Path

    def conninfo(self, sslmode: str = "prefer", **more: str) -> str:
        """How to connect."""
        parts = {
            "host": "localhost",
            "port": str(self.port),
            "user": "postgres",
            "password": "own",
            "dbname": "postgres",
        }
        return " ".join(f"{name}={value}" for name, value in ({**parts, "sslmode": sslmode} | more).items())


@contextmanager
def own_server(folder: Path) -> Iterator[OwnServer]:
    """Run the server of that folder until the block ends."""
    binaries = Binaries(folder, service_account())
    home = Path(tempfile.mkdtemp(prefix="cd-"))
    try:
        data = home / "data"
        data.mkdir(mode=0o700)
        certificate = _certificate(data)
        public = home / "ca.pem"
        public.write_bytes(certificate)
        (data / "pg_pass").write_text("own\n")
        if binaries.account is not None:
            for path in (home, data, *data.iterdir()):
                shutil.chown(path, binaries.account.uid, binaries.account.gid)
        inner = data / "cluster"
        made = binaries.run(
            "initdb", f"--pgdata={inner}", "--username=postgres", "--auth=scram-sha-256",
            f"--pwfile={data / 'pg_pass'}", "--encoding=UTF8", "--no-locale", "--no-sync", cwd=data,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        settings = {
            "listen_addresses": "localhost", "port": str(port), "unix_socket_directories": "", "fsync": "off",
            "ssl": "on", "ssl_cert_file": str(data / "server.crt"), "ssl_key_file": str(data / "server.key"),
        }  # fmt: skip
        command = [binaries.program("postgres"), "-D", str(inner)]
        with (home / "log").open("wb") as log:
            process = binaries.spawn(
                [*command, *(f"--{name}={value}" for name, value in settings.items())], cwd=data, log=log
            )
            try:
                server = OwnServer(port, public)
                assert eventually(lambda: _answers(server), 20), (home / "log").read_text(errors="replace")
                yield server
            finally:
                process.terminate()
                process.wait(timeout=20)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _answers(server: OwnServer) -> bool:
    try:
        psycopg.connect(server.conninfo()).close()
    except psycopg.OperationalError:
        return False
    return True


def _certificate(folder: Path) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = built.public_bytes(serialization.Encoding.PEM)
    (folder / "server.crt").write_bytes(pem)
    secret = folder / "server.key"
    secret.touch(0o600)
    plain = serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return pem
