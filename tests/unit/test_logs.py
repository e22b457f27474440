"""The log keeps what happened and cuts out every kind of secret."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path

import pytest

from app import logs
from app.errors import AppError
from app.logs import LogFile, configure, redact


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LogFile]:
    log_file = configure(tmp_path / "log")
    yield log_file
    log_file.close()
    log_file.close()
    assert not [handler for handler in logging.getLogger().handlers if isinstance(handler, RotatingFileHandler)]


def file_handler() -> RotatingFileHandler:
    (handler,) = [handler for handler in logging.getLogger().handlers if isinstance(handler, RotatingFileHandler)]
    return handler


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("AWS_SECRET_ACCESS_KEY=hunter2", "hunter2"),
        ("aws_secret_access_key = hunter2", "hunter2"),
        ("{'SecretAccessKey': 'hunter 2 x', 'Other': 1}", "hunter"),
        ('{"Password": "hun\\"ter2", "Username": "ada"}', "ter2"),
        ("TemporaryPassword='hunter2'", "hunter2"),
        ("'SecretCode': b'hunter2'", "hunter2"),
        ("UserCode: 123456", "123456"),
        ("code=123456", "123456"),
        ("ConfirmationCode=123456", "123456"),
        ("password hidden in postgresql://desk:hunter2@db.example/x", "hunter2"),
        ("postgres://desk:hun@ter2@db.example/x", "hun@"),
        ("host=db user=desk password='hunter2 and more' dbname=x", "hunter2"),
        ("otpauth://totp/Shop:ada@x.example?secret=JBSWY3DPEHPK3PXP&issuer=Shop", "JBSWY3DPEHPK3PXP"),
        ("otpauth://totp/Shop:ada@x.example?secret=JBSWY3DPEHPK3PXP", "ada@x.example"),
        ("the key JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP was shown", "JBSWY3DPEHPK3PXP"),
        ("Authorization: Bearer abc.def-ghi_jkl", "def"),
        ("AccessToken=eyJraWQiOiJ4In0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl", "c2ln"),
        ("got eyJraWQiOiJ4In0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl back", "c2ln"),
        ("X-Amz-Security-Token: hunter2", "hunter2"),
        ("AWS4-HMAC-SHA256 Credential=AKIA/x, SignedHeaders=host, Signature=abcdef0123", "abcdef0123"),
        ("using AKIAIOSFODNN7EXAMPLE now", "IOSFODNN7"),
        ("the pair is wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY here", "wJalr"),
        ("Session='AYABeHunter2'", "Hunter2"),
        ("client_secret=hunter2&x=1", "hunter2"),
    ],
)
def test_secrets_are_cut_out(text: str, secret: str) -> None:
    cut = redact(text)
    assert secret not in cut
    assert logs.HIDDEN in cut


@pytest.mark.parametrize(
    "text",
    [
        "AdminDisableUser ada@harbour.example in us-east-1_AbCdEfG took 38 ms",
        "request id 4f1b7c9e-2d1a-4a52-9b0e-3f5a6c7d8e9f",
        "postgresql://db.example:5432/product is away",
        "FORCE_CHANGE_PASSWORD since 2026-11-22T10:00:00Z; 12,345 users in PENDING_VERIFICATION",
        "commit 0123456789abcdef0123456789abcdef01234567",
        "app.errors.AppError: The keyring is locked. Unlock it, then try again.",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_messages_arguments_and_tracebacks_are_redacted(log: LogFile) -> None:
    logger = logging.getLogger("app.test")
    logger.info("sign in of %s with %s", "ada", {"Password": "hunter2"})
    try:
        raise RuntimeError("cannot reach postgresql://desk:hunter2@db.example/x")
    except RuntimeError:
        logger.exception("failed")
    text = log.path.read_text()
    assert "hunter2" not in text
    assert "sign in of ada" in text
    assert "RuntimeError: cannot reach postgresql://desk:[hidden]@db.example/x" in text


def test_the_file_is_private_and_rotates(log: LogFile, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = file_handler()
    handler.maxBytes = 200
    for number in range(20):
        logging.getLogger("app").warning("line %d", number)
    files = sorted(path.name for path in log.path.parent.glob("cognito-desk.log*"))
    assert files == ["cognito-desk.log", *(f"cognito-desk.log.{number}" for number in range(1, 6))]
    if os.name == "posix":
        assert {path.stat().st_mode & 0o777 for path in log.path.parent.glob("cognito-desk.log*")} == {0o600}


def test_logging_goes_on_where_rotation_or_the_disk_fails(log: LogFile, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = file_handler()
    handler.maxBytes = 1

    def refuse(source: str, target: str) -> None:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(handler, "rotate", refuse)
    logging.getLogger("app").warning("first")
    logging.getLogger("app").warning("second")
    assert "second" in log.path.read_text()

    def full(record: logging.LogRecord) -> bool:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(handler, "shouldRollover", full)
    logging.getLogger("app").warning("lost")
    assert "lost" not in log.path.read_text()


def test_libraries_that_write_request_bodies_stay_quiet(log: LogFile) -> None:
    logging.getLogger("botocore.endpoint").debug("body: everything")
    logging.getLogger("botocore.endpoint").info("body: everything")
    assert "everything" not in log.path.read_text()


def test_an_exception_on_a_thread_is_logged_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: seen.append(args.exc_type))
    before = threading.excepthook
    log = configure(tmp_path)
    try:
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
    finally:
        log.close()
    assert seen == [ZeroDivisionError]
    assert "ZeroDivisionError" in log.path.read_text()
    assert threading.excepthook is before


def test_an_uncaught_exception_is_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: seen.append(kind))
    log = configure(tmp_path)
    try:
        sys.excepthook(ValueError, ValueError("token=hunter2"), None)
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    finally:
        log.close()
    assert seen == [ValueError, KeyboardInterrupt]
    text = log.path.read_text()
    assert "ValueError: token=[hidden]" in text
    assert "KeyboardInterrupt" not in text


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "cognito-desk.log").mkdir()
    with pytest.raises(AppError, match=r"cognito-desk\.log"):
        configure(tmp_path / "log")
