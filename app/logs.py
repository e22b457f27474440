"""The log: one rotating file that its owner alone can read, from which secrets are cut. Losing a line is no crash."""

from __future__ import annotations

import faulthandler
import io
import logging
import logging.handlers
import os
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from app.files import file_error, make_folder

HIDDEN = "[hidden]"
_FILE_NAME = "cognito-desk.log"
_BYTES, _FILES = 1_000_000, 5
# These write request bodies and tokens at DEBUG.
_NOISY = (
    "botocore",
    "boto3",
    "urllib3",
    "s3transfer",
    "keyring",
    "secretstorage",
    "psycopg",
    "werkzeug",
    "PIL",
    "moto",
)

_KEY = (
    r"(?:[\w-]*(?:password|passwd|passphrase|secret|token|authorization|credential|session|signature|otp)[\w-]*"
    r"|pwd|code|confirmation_?code|user_?code|access_?key(?:_?id)?|aws_access_key_id)"
)
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"otpauth(?:-migration)?://\S+", re.I), "otpauth://" + HIDDEN),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*){0,3}"), HIDDEN),  # JSON Web Tokens
    (re.compile(r"(?P<keep>\b(?:Bearer|Basic)\s+)[\w.~+/=-]{8,}", re.I), r"\g<keep>" + HIDDEN),
    (re.compile(r"(?P<keep>AWS4-HMAC-SHA256\b).*", re.I), r"\g<keep> " + HIDDEN),
    (re.compile(r"(?P<keep>\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s/]*(?=@)", re.I), r"\g<keep>" + HIDDEN),
    # name: value, name=value, "name": "value", also quoted with blanks inside
    (
        re.compile(
            rf"""(?P<keep>(?<![\w-]){_KEY}["']?\s*(?:=>|[=:])\s*)"""
            r"""(?:b?"(?:\\.|[^"\\])*"|b?'(?:\\.|[^'\\])*'|[^\s,;&)\]}"']+)""",
            re.I,
        ),
        r"\g<keep>" + HIDDEN,
    ),
    (re.compile(r"\b(?P<keep>(?:AKIA|ASIA))[A-Z0-9]{12,}\b"), r"\g<keep>" + HIDDEN),
    # A bare secret access key: forty characters of base64 with letters of both cases and digits
    (
        re.compile(
            r"(?<![\w/+=])(?=[\w/+]*[a-z])(?=[\w/+]*[A-Z])(?=[\w/+]*\d)[A-Za-z0-9/+]{40}(?![\w/+=])",
            re.ASCII,
        ),
        HIDDEN,
    ),
    # A bare TOTP secret in base32, as Cognito makes them (52 characters; others have 16 or more)
    (re.compile(r"(?<![A-Za-z0-9])(?=[A-Z2-7]*[2-7])(?=[A-Z2-7]*[A-Z])[A-Z2-7]{16,}(?![A-Za-z0-9])"), HIDDEN),
)


def redact(text: str) -> str:
    """`text` without access keys, passwords, tokens, codes and otpauth secrets. It rather cuts too much."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


class RedactingFormatter(logging.Formatter):
    """Formats as usual, then redacts the whole text: message, arguments and traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class _RotatingFile(logging.handlers.RotatingFileHandler):
    """Goes on with the same file where it cannot rotate (another process has it open, on Windows)."""

    def doRollover(self) -> None:  # noqa: N802 - the name that logging calls
        try:
            super().doRollover()
        except OSError:
            if self.stream is None:
                self.stream = self._open()

    def _open(self) -> io.TextIOWrapper:
        # Opened for the owner alone from the first byte: chmod afterwards would leave a moment for others.
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return os.fdopen(descriptor, "a", encoding=self.encoding, errors=self.errors)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name that logging calls
        """A full disk must not reach whoever only wanted to write a line."""


class LogFile:
    """What `configure` set up. `close` takes it away again and closes the files."""

    def __init__(self, path: Path, undo: list[Callable[[], None]]) -> None:
        self.path = path
        self._undo = undo

    def close(self) -> None:
        """Put everything back as it was. Idempotent."""
        while self._undo:
            self._undo.pop()()


def configure(log_dir: Path, *, level: int = logging.INFO) -> LogFile:
    """Log to `log_dir`/cognito-desk.log (1 MB, five older files), redacted; crashes of the interpreter go beside it.

    Exceptions that nobody caught, on any thread, are logged too and then go where they went before.
    Raises AppError(FILE_ERROR) where the file cannot be opened.
    """
    path = make_folder(log_dir) / _FILE_NAME
    undo: list[Callable[[], None]] = []
    try:
        handler = _RotatingFile(path, maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8", errors="backslashreplace")
        crash = (log_dir / "crash.log").open("ab", buffering=0)
    except OSError as error:
        raise file_error("write", path, error) from error
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(level)
    undo += [handler.close, lambda: root.removeHandler(handler), lambda: root.setLevel(before)]
    for name in _NOISY:
        logger = logging.getLogger(name)
        undo.append(_set_level(logger, max(level, logging.WARNING)))
    undo.append(crash.close)
    if not faulthandler.is_enabled():
        faulthandler.enable(crash)
        undo.append(faulthandler.disable)
    undo += [_log_uncaught(), _log_uncaught_in_threads()]
    return LogFile(path, undo)


def _set_level(logger: logging.Logger, level: int) -> Callable[[], None]:
    before = logger.level
    logger.setLevel(level)
    return lambda: logger.setLevel(before)


def _log_uncaught() -> Callable[[], None]:
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            logging.getLogger("app").critical("Uncaught exception", exc_info=(kind, error, trace))
        before(kind, error, trace)

    sys.excepthook = hook

    def undo() -> None:
        if sys.excepthook is hook:
            sys.excepthook = before

    return undo


def _log_uncaught_in_threads() -> Callable[[], None]:
    before = threading.excepthook

    def hook(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
            trace = (args.exc_type, args.exc_value, args.exc_traceback)
            logging.getLogger("app").critical("Uncaught exception in a thread", exc_info=trace)
        before(args)

    threading.excepthook = hook

    def undo() -> None:
        if threading.excepthook is hook:
            threading.excepthook = before

    return undo
