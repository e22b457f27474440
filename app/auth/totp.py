"""Authenticator codes (RFC 6238), otpauth addresses (Google's Key Uri Format) and their QR codes.

Pure and safe on any thread; only the qr_ functions load a heavy library. Codes are made with the standard library:
pyotp refuses secrets below 112 bits, and the 16-character ones of many services are what people paste.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import io
import re
import secrets as entropy
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from app.auth.names import clean_name, plain_name
from app.errors import AppError, ErrorCode, invalid

ALGORITHMS = {"SHA1": hashlib.sha1, "SHA256": hashlib.sha256, "SHA512": hashlib.sha512}
SHORTEST, LONGEST = 16, 256  # characters of a secret; 16 (80 bits) is the shortest that services hand out
_QUIET_ZONE = 4  # modules of white that ISO/IEC 18004 asks for round a QR code
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # base32 of RFC 4648
_SKIPPED = re.compile(r"[\s\-‐‑–—_=\u200b\ufeff]+")


@dataclass(frozen=True, slots=True)
class OtpAuth:
    """What an authenticator app needs to know. The representation hides the secret."""

    secret: str = field(repr=False)  # base32, upper case, no padding
    account: str = ""
    issuer: str = ""
    digits: int = 6
    period: int = 30  # seconds
    algorithm: str = "SHA1"


@dataclass(frozen=True, slots=True)
class CodeCheck:
    """Whether a code fits. `steps` is how many periods ago (negative) or ahead it is right; None where it is wrong."""

    steps: int | None


def parse(
    text: str,
    *,
    account: str = "",
    issuer: str = "",
    digits: str = "6",
    period: str = "30",
    algorithm: str = "SHA1",
) -> OtpAuth:
    """An OtpAuth from a base32 secret (blanks, dashes and lower case allowed) or from an otpauth:// address.

    The other values are used where `text` is a secret. Raises AppError(INVALID_INPUT) about one of the fields
    secret, account, issuer, digits, period, algorithm or address; it never repeats the secret.
    """
    stripped = text.strip()
    if "://" in stripped or stripped.lower().startswith("otpauth"):
        return _parse_address(stripped)
    given = {"digits": digits.strip(), "period": period.strip()}
    return OtpAuth(
        clean_secret(stripped),
        clean_name(account, "account"),
        clean_name(issuer, "issuer"),
        _number(given, "digits", 6, 6, 8),
        _number(given, "period", 30, 1, 300),
        _algorithm(algorithm.strip()),
    )


def clean_secret(text: str) -> str:
    """The secret in its plain form: base32 in upper case without blanks, dashes or padding."""
    secret = _SKIPPED.sub("", text)
    if not secret:
        raise invalid("secret", "Secret is missing. Paste the key, or the whole otpauth:// address.")
    wrong = wrong_character(secret)
    if wrong is not None and wrong in "0189":
        raise invalid("secret", f'Secret: "{wrong}" is never part of one. Read 0 as O, 1 as I or L, and 8 as B.')
    if wrong is not None:
        shown = f'"{wrong}"' if wrong.isprintable() else "a character that cannot be shown"
        raise invalid("secret", f"Secret: {shown} is not allowed. It has the letters A-Z and the digits 2-7 only.")
    secret = secret.upper()
    if len(secret) < SHORTEST:
        raise invalid("secret", f"Secret: {len(secret)} characters are too few; it has at least {SHORTEST}.")
    if len(secret) > LONGEST:
        raise invalid("secret", f"Secret: {len(secret)} characters are too many; it has at most {LONGEST}.")
    try:
        _key(secret)
    except binascii.Error:
        raise invalid("secret", "Secret: it is not complete. One or more characters are missing at the end.") from None
    return secret


def wrong_character(text: str) -> str | None:
    """The first character that no secret has; None where all may be part of one, finished or not."""
    return next((c for c in _SKIPPED.sub("", text) if not (c.isascii() and c.upper() in _ALPHABET)), None)


def generate_secret() -> str:
    """A new random secret of 160 bits, the length that RFC 4226 recommends."""
    return base64.b32encode(entropy.token_bytes(20)).decode()


def address(otp: OtpAuth) -> str:
    """The otpauth:// address, percent-encoded; what equals its default is left out, for the sake of old apps.

    Raises AppError(INVALID_INPUT) about `account` where there is none: apps show nothing to tell entries apart.
    """
    if not otp.account:
        raise invalid("account", "Account is missing. Write the person's email address, as the app will show it.")
    label = quote(otp.account, safe="@")
    query = f"secret={otp.secret}"
    if otp.issuer:
        label = f"{quote(otp.issuer, safe='')}:{label}"
        query += f"&issuer={quote(otp.issuer, safe='')}"
    usual = OtpAuth(otp.secret)
    for name in ("algorithm", "digits", "period"):
        if getattr(otp, name) != getattr(usual, name):
            query += f"&{name}={getattr(otp, name)}"
    return f"otpauth://totp/{label}?{query}"


def code(otp: OtpAuth, at: datetime | float) -> str:
    """The code at a moment (aware datetime, or seconds since 1970 in UTC), with leading zeros."""
    return _code(otp, int(_seconds(at) // otp.period))


def seconds_left(otp: OtpAuth, at: datetime | float) -> float:
    """How long the code of that moment stays the right one: more than 0, at most the period."""
    return otp.period - _seconds(at) % otp.period


def check(otp: OtpAuth, text: str, at: datetime | float, *, reach: int = 10) -> CodeCheck:
    """Compare a code that somebody read out with those up to `reach` periods before and after `at`, nearest first.

    Raises AppError(INVALID_INPUT) about `code` where it is not `digits` digits (blanks between them are fine).
    """
    given = unicodedata.normalize("NFKC", re.sub(r"[\s\-]+", "", text))
    if not (given.isascii() and given.isdigit() and len(given) == otp.digits):
        raise invalid("code", f"Code: it has {otp.digits} digits.")
    now = int(_seconds(at) // otp.period)
    for steps in sorted(range(-reach, reach + 1), key=abs):
        if now + steps >= 0 and hmac.compare_digest(_code(otp, now + steps), given):
            return CodeCheck(steps)
    return CodeCheck(None)


def grouped(secret: str) -> str:
    """The secret in groups of four, as people read it aloud."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def qr_matrix(text: str) -> list[list[bool]]:
    """The modules of the QR code of `text`, True for dark, without the quiet zone round it (4 modules are needed).

    Raises AppError(INVALID_INPUT) about `address` where the text does not fit into any QR code.
    """
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.exceptions import DataOverflowError
    from qrcode.main import QRCode

    symbol: Any = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    try:
        symbol.add_data(text.encode(), optimize=0)
        symbol.make(fit=True)
    except (DataOverflowError, ValueError):
        raise invalid("address", "The address is too long for a QR code. Shorten the account or the issuer.") from None
    return [[bool(dark) for dark in row] for row in symbol.get_matrix()]


def qr_png(text: str, box: int = 8) -> bytes:
    """The QR code of `text` as a PNG, black on white, `box` pixels a module, with the quiet zone."""
    from PIL import Image

    matrix = qr_matrix(text)
    size = len(matrix) + 2 * _QUIET_ZONE
    image = Image.new("1", (size, size), 1)
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            if dark:
                image.putpixel((x + _QUIET_ZONE, y + _QUIET_ZONE), 0)
    output = io.BytesIO()
    image.resize((size * box, size * box), Image.Resampling.NEAREST).save(output, "PNG", optimize=True)
    return output.getvalue()


def qr_svg(text: str) -> str:
    """The QR code of `text` as an SVG, black on white with the quiet zone, one unit a module: sharp at any size."""
    matrix = qr_matrix(text)
    size = len(matrix) + 2 * _QUIET_ZONE
    runs: list[str] = []
    for y, row in enumerate(matrix):
        start = None
        for x, dark in enumerate([*row, False]):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                runs.append(f"M{start + _QUIET_ZONE} {y + _QUIET_ZONE}h{x - start}v1h-{x - start}z")
                start = None
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size * 8}" height="{size * 8}"'
        f' shape-rendering="crispEdges"><rect width="{size}" height="{size}" fill="#fff"/>'
        f'<path d="{"".join(runs)}" fill="#000"/></svg>\n'
    )


def _parse_address(text: str) -> OtpAuth:
    try:
        parts = urlsplit(text)
        pairs = parse_qsl(parts.query.replace("+", "%2B"), keep_blank_values=True, errors="strict")
        label = unquote(parts.path.removeprefix("/"), errors="strict")
        kind = parts.netloc.lower()
    except ValueError:
        raise invalid(
            "address", "Address: it cannot be read. It looks like otpauth://totp/account?secret=..."
        ) from None
    if parts.scheme.lower() == "otpauth-migration":
        raise invalid("address", "Address: this is an export of Google Authenticator. Use the address of one account.")
    if parts.scheme.lower() != "otpauth":
        raise invalid("address", "Address: it must start with otpauth://totp/.")
    if kind == "hotp":
        raise invalid("address", "Address: this is a counter-based code (hotp). Cognito uses time-based codes (totp).")
    if kind != "totp":
        raise invalid("address", "Address: after otpauth:// it must say totp/.")
    query: dict[str, str] = {}
    for name, value in pairs:
        if name.lower() in query:
            raise invalid("address", f'Address: "{plain_name(name[:20])}" stands in it twice. Remove one.')
        query[name.lower()] = value
    prefix, colon, rest = label.partition(":")
    account = clean_name(rest if colon else prefix, "account")
    if not account:
        raise invalid("account", "Account: the address names none. It stands between totp/ and the question mark.")
    otp = OtpAuth(clean_secret(query.get("secret", "")), account, _issuer(prefix if colon else "", query))
    return replace(
        otp,
        digits=_number(query, "digits", otp.digits, 6, 8),
        period=_number(query, "period", otp.period, 1, 300),
        algorithm=_algorithm(query.get("algorithm", otp.algorithm)),
    )


def _issuer(prefix: str, query: dict[str, str]) -> str:
    before, named = clean_name(prefix, "issuer"), clean_name(query.get("issuer", ""), "issuer")
    # Some services write a blank of the parameter as "+", as forms do; the prefix tells.
    if before and named and before not in (named, named.replace("+", " ")):
        raise invalid("issuer", f'Issuer: the address says both "{before}" and "{named}". Make them the same.')
    return before or named


def _number(query: dict[str, str], name: str, usual: int, least: int, most: int) -> int:
    text = query.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and least <= int(text) <= most):
        raise invalid(name, f"{name.capitalize()}: {_quoted(text)} is not a number from {least} to {most}.")
    return int(text)


def _algorithm(text: str) -> str:
    name = text.upper().replace("-", "").removeprefix("HMAC")
    if name not in ALGORITHMS:
        raise invalid("algorithm", f"Algorithm: {_quoted(text)} is not one of {', '.join(ALGORITHMS)}.")
    return name


def _quoted(text: str) -> str:
    """What stands in the wrong place, where it is too short to be a secret that slipped there."""
    return f'"{plain_name(text)}"' if len(text) < SHORTEST else "what stands there"


def _seconds(at: datetime | float) -> float:
    if not isinstance(at, datetime):
        return at
    if at.tzinfo is None:
        raise AppError(ErrorCode.INTERNAL, "A moment without time zone was given to the authenticator.")
    return at.timestamp()


def _key(secret: str) -> bytes:
    if len(secret) % 8 in (1, 3, 6):  # no number of bytes has such a base32 form; b32decode says the same, less clearly
        raise binascii.Error
    return base64.b32decode(secret + "=" * (-len(secret) % 8))


def _code(otp: OtpAuth, counter: int) -> str:
    """HOTP of RFC 4226 over the time step."""
    digest = hmac.new(_key(otp.secret), counter.to_bytes(8, "big"), ALGORITHMS[otp.algorithm]).digest()
    start = digest[-1] & 0xF
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return str(number % 10**otp.digits).zfill(otp.digits)
