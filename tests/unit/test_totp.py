"""Codes against the RFC's own vectors, addresses against the Key Uri Format, QR codes against a decoder."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
from datetime import UTC, datetime

import pyotp
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.auth import totp
from app.auth.names import plain_name
from app.auth.totp import OtpAuth
from app.errors import AppError, ErrorCode

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def problem(text: str, **names: str) -> tuple[str, str]:
    """The field that parse() complains about, and what it says."""
    with pytest.raises(AppError) as caught:
        totp.parse(text, **names)
    assert caught.value.code is ErrorCode.INVALID_INPUT
    ((field, message),) = caught.value.fields.items()
    assert caught.value.message == message
    return field, message


# RFC 6238, appendix B
@pytest.mark.parametrize(
    ("seconds", "sha1", "sha256", "sha512"),
    [
        (59, "94287082", "46119246", "90693936"),
        (1111111109, "07081804", "68084774", "25091201"),
        (1111111111, "14050471", "67062674", "99943326"),
        (1234567890, "89005924", "91819424", "93441116"),
        (2000000000, "69279037", "90698825", "38618901"),
        (20000000000, "65353130", "77737706", "47863826"),
    ],
)
def test_codes_are_those_of_rfc_6238(seconds: int, sha1: str, sha256: str, sha512: str) -> None:
    for algorithm, length, expected in (("SHA1", 20, sha1), ("SHA256", 32, sha256), ("SHA512", 64, sha512)):
        key = (b"1234567890" * 7)[:length]
        otp = OtpAuth(base64.b32encode(key).decode().rstrip("="), digits=8, algorithm=algorithm)
        assert totp.code(otp, seconds) == expected
        assert totp.code(otp, datetime.fromtimestamp(seconds, UTC)) == expected


@given(
    key=st.binary(min_size=14, max_size=64),
    at=st.integers(0, 4_000_000_000),
    digits=st.sampled_from([6, 7, 8]),
    period=st.integers(1, 120),
)
@settings(max_examples=60, deadline=None)
def test_codes_agree_with_pyotp(key: bytes, at: int, digits: int, period: int) -> None:
    secret = base64.b32encode(key).decode().rstrip("=")
    assert totp.code(OtpAuth(secret, digits=digits, period=period), at) == pyotp.TOTP(
        secret, digits=digits, interval=period
    ).at(at)


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(AppError):
        totp.code(OtpAuth(SECRET), datetime(2026, 1, 1))  # noqa: DTZ001 - the mistake under test


@pytest.mark.parametrize(
    "typed",
    [
        "jbsw y3dp ehpk 3pxp jbsw y3dp ehpk 3pxp",
        " JBSW-Y3DP-EHPK-3PXP-JBSW-Y3DP-EHPK-3PXP\n",
        "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP======",
        "\ufeffjbswy3dp\u00a0ehpk3pxp\u200bjbswy3dpehpk3pxp",
    ],
)
def test_a_secret_may_be_typed_with_blanks_dashes_and_in_lower_case(typed: str) -> None:
    assert totp.parse(typed).secret == SECRET


def test_the_short_secrets_of_other_services_work() -> None:
    otp = totp.parse("JBSWY3DPEHPK3PXP", account="a@b.example")
    assert totp.parse(totp.address(otp)) == otp
    assert len(totp.code(otp, 0)) == 6


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("", "missing"),
        ("  - ", "missing"),
        ("JBSWY3DPEHPK3PX0", '"0" is never part'),
        ("JBSWY3DPEHPK3PX1", '"1" is never part'),
        ("JBSWY3DPEHPK3PX!", '"!" is not allowed'),
        ("JBSWY3DPEHPK3PXä", '"ä" is not allowed'),
        ("JBSWY3DPEHPK3Pxı", '"ı" is not allowed'),  # upper() would make an I of it
        ("JBSWY3DPEHPK3PX\x00", "cannot be shown"),
        ("JBSWY3DP", "8 characters are too few"),
        ("A" * 257, "too many"),
        ("JBSWY3DPEHPK3PXPA", "not complete"),
    ],
)
def test_a_wrong_secret_is_explained(typed: str, part: str) -> None:
    field, message = problem(typed)
    assert field == "secret"
    assert part in message


@pytest.mark.parametrize(
    ("address", "field", "part"),
    [
        ("https://example.com/?secret=" + SECRET, "address", "must start with otpauth://totp/"),
        ("otpauth-migration://offline?data=AAAA", "address", "export of Google Authenticator"),
        (f"otpauth://hotp/a?secret={SECRET}&counter=1", "address", "counter-based"),
        (f"otpauth://steam/a?secret={SECRET}", "address", "totp/"),
        (f"otpauth://totp/a?secret={SECRET}&secret={SECRET}", "address", "twice"),
        (f"otpauth://totp/%ff?secret={SECRET}", "address", "cannot be read"),
        (f"otpauth://[::1/a?secret={SECRET}", "address", "cannot be read"),
        ("otpauth://totp/a", "secret", "missing"),
        ("otpauth://totp/a?secret=JBSWY3DP", "secret", "too few"),
        (f"otpauth://totp/?secret={SECRET}", "account", "names none"),
        (f"otpauth://totp/Shop:?secret={SECRET}", "account", "names none"),
        (f"otpauth://totp/Shop:a:b?secret={SECRET}", "account", "colon"),
        (f"otpauth://totp/a%0Ab?secret={SECRET}", "account", "cannot be shown"),
        (f"otpauth://totp/a%E2%80%AEb?secret={SECRET}", "account", "U+202E (right-to-left override) turns round"),
        (
            f"otpauth://totp/a?secret={SECRET}&issuer=b%E2%81%A6c",
            "issuer",
            "U+2066 (left-to-right isolate) turns round",
        ),
        (
            f"otpauth://totp/a?secret={SECRET}&issuer=b%E2%80%8Bc",
            "issuer",
            "cannot be shown, U+200B (zero width space)",
        ),
        (f"otpauth://totp/Shop:a?secret={SECRET}&issuer=Bank", "issuer", '"Shop" and "Bank"'),
        (f"otpauth://totp/a?secret={SECRET}&issuer=a%3Ab", "issuer", "colon"),
        (f"otpauth://totp/a?secret={SECRET}&digits=5", "digits", "from 6 to 8"),
        (f"otpauth://totp/a?secret={SECRET}&digits=six", "digits", "six"),
        (f"otpauth://totp/a?secret={SECRET}&period=0", "period", "from 1 to 300"),
        (f"otpauth://totp/a?secret={SECRET}&period=00300999", "period", "from 1 to 300"),
        (f"otpauth://totp/a?secret={SECRET}&period={SECRET}", "period", "what stands there is not a number"),
        (f"otpauth://totp/a?secret={SECRET}&algorithm={SECRET}", "algorithm", "what stands there is not one of"),
        (f"otpauth://totp/a?secret={SECRET}&digits=6%E2%80%AE", "digits", '"6\ufffd" is not a number'),
        (f"otpauth://totp/a?secret={SECRET}&period=-30", "period", "from 1"),
        (f"otpauth://totp/a?secret={SECRET}&period=", "period", "from 1"),
        (f"otpauth://totp/a?secret={SECRET}&algorithm=MD5", "algorithm", "MD5"),
    ],
)
def test_a_wrong_address_names_the_part(address: str, field: str, part: str) -> None:
    named, message = problem(address)
    assert named == field
    assert part in message
    assert SECRET not in message


def test_an_address_is_read_in_every_spelling_that_the_format_allows() -> None:
    expected = OtpAuth(SECRET, "a@b.example", "Big Shop", 8, 60, "SHA256")
    tail = f"secret={SECRET.lower()}&digits=8&period=60&algorithm=sha256"
    for text in (
        f"otpauth://totp/Big%20Shop:a@b.example?{tail}&issuer=Big%20Shop",
        f"otpauth://totp/Big%20Shop%3A%20a%40b.example?{tail}",
        f"otpauth://totp/a%40b.example?issuer=Big%20Shop&{tail}&image=https%3A%2F%2Fx.example%2Fi.png",
        f"OTPAUTH://TOTP/Big Shop:a@b.example?{tail}&issuer=Big+Shop",
    ):
        assert totp.parse(text) == expected


def test_an_address_carries_only_what_differs_from_the_defaults() -> None:
    plain = OtpAuth(SECRET, "ada@harbour.example", "Harbour & Sons")
    assert totp.address(plain) == (
        f"otpauth://totp/Harbour%20%26%20Sons:ada@harbour.example?secret={SECRET}&issuer=Harbour%20%26%20Sons"
    )
    assert totp.address(OtpAuth(SECRET, "a", digits=8, period=60, algorithm="SHA512")).endswith(
        "&algorithm=SHA512&digits=8&period=60"
    )


def test_an_address_needs_an_account() -> None:
    with pytest.raises(AppError) as caught:
        totp.address(OtpAuth(SECRET))
    assert list(caught.value.fields) == ["account"]


NAMES = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters=":"), min_size=1, max_size=40).map(
    plain_name
)


@given(account=NAMES, issuer=st.one_of(st.just(""), NAMES))
@settings(max_examples=60, deadline=None)
def test_a_decoder_reads_back_the_address_and_the_account(account: str, issuer: str) -> None:
    otp = totp.parse(SECRET, account=account, issuer=issuer)
    address = totp.address(otp)
    assert address.isascii()
    assert totp.parse(address) == otp
    picture = Image.open(io.BytesIO(totp.qr_png(address, box=4)))
    # Nothing is around this one: a chance row of modules must not read as some linear code.
    (found,) = zxingcpp.read_barcodes(picture.convert("L"), is_pure=True)
    assert found.text == address


def test_a_qr_code_has_its_quiet_zone_and_whole_modules() -> None:
    address = totp.address(OtpAuth(SECRET, "a@b.example"))
    matrix = totp.qr_matrix(address)
    picture = Image.open(io.BytesIO(totp.qr_png(address, box=5)))
    assert picture.format == "PNG"
    assert picture.size == ((len(matrix) + 8) * 5,) * 2
    assert {picture.getpixel((x, 19)) for x in range(picture.width)} == {255}
    assert picture.getpixel((20, 20)) == 0
    assert all(len(row) == len(matrix) for row in matrix)


def test_what_does_not_fit_into_a_qr_code_is_said() -> None:
    with pytest.raises(AppError) as caught:
        totp.qr_matrix("otpauth://totp/" + "x" * 3000)
    assert list(caught.value.fields) == ["address"]


def test_a_code_is_right_late_early_or_wrong() -> None:
    otp, now = OtpAuth(SECRET), 1_800_000_000.5
    for steps in (0, -1, 1, -4, 10):
        assert totp.check(otp, totp.code(otp, now + 30 * steps), now).steps == steps
    spoken = totp.code(otp, now)
    assert totp.check(otp, f" {spoken[:3]} {spoken[3:]} ", now).steps == 0
    known = {totp.code(otp, now + 30 * steps) for steps in range(-10, 11)}
    wrong = next(text for number in range(100) if (text := f"{number:06}") not in known)
    assert totp.check(otp, wrong, now).steps is None
    assert totp.check(otp, totp.code(otp, 0), 0).steps == 0  # no period before 1970


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "１２３４５６7"])
def test_a_code_of_another_length_is_no_code(typed: str) -> None:
    with pytest.raises(AppError) as caught:
        totp.check(OtpAuth(SECRET), typed, 0)
    assert caught.value.fields == {"code": "Code: it has 6 digits."}


def test_the_time_left_counts_down_to_the_change() -> None:
    otp = OtpAuth(SECRET)
    assert totp.seconds_left(otp, 0) == 30
    assert totp.seconds_left(otp, 29.5) == pytest.approx(0.5)
    assert totp.code(otp, 29.9) != totp.code(otp, 30)


def test_secrets_are_grouped_hidden_and_random() -> None:
    assert totp.grouped("ABCDEFGHIJ") == "ABCD EFGH IJ"
    assert SECRET not in repr(OtpAuth(SECRET, "a"))
    made = totp.generate_secret()
    assert totp.clean_secret(made) == made
    assert len(made) == 32
    assert made != totp.generate_secret()


def test_importing_loads_nothing_heavy() -> None:
    code = "import sys, app.auth.totp; print([m for m in ('qrcode', 'PIL', 'pyotp', 'keyring') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "[]"
