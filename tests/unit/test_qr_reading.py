"""QR codes are read back off pictures as people have them; what is none is explained, and never quoted."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from app.auth import totp
from app.auth.qr_reading import LARGEST, read_file, read_picture
from app.auth.totp import OtpAuth
from app.errors import AppError, ErrorCode

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ADDRESS = totp.address(OtpAuth(SECRET, "ada@harbour.example", "Harbour"))


def picture(text: str = ADDRESS) -> Image.Image:
    return Image.open(io.BytesIO(totp.qr_png(text))).convert("RGB")


def encoded(image: Image.Image, form: str = "PNG", **options: int) -> bytes:
    output = io.BytesIO()
    image.save(output, form, **options)
    return output.getvalue()


def on_a_screen(code: Image.Image) -> Image.Image:
    screen = Image.new("RGB", (1920, 1080), "#12161C")
    ImageDraw.Draw(screen).rectangle((100, 100, 900, 300), fill="#E7EBF1")
    screen.paste(code, (1100, 400))
    return screen


def transparent(code: Image.Image) -> Image.Image:
    clear = Image.new("RGBA", code.size, "black")
    clear.putalpha(code.convert("L").point(lambda value: 255 - value))
    return clear


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "as it is": lambda code: code,
    "on a dark screen": on_a_screen,
    "turned": lambda code: code.rotate(7, expand=True, fillcolor="white"),
    "on its side": lambda code: code.rotate(90, expand=True),
    "small": lambda code: code.resize((160, 160), Image.Resampling.LANCZOS),
    "transparent": transparent,
    "transparent, grey": lambda code: transparent(code).convert("LA"),
    "transparent, of few colours": lambda code: transparent(code).quantize(16),
    "grey": lambda code: code.convert("L").point(lambda value: 60 if value < 128 else 190),
}


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_picture_of_the_code_is_read(change: str) -> None:
    assert read_picture(encoded(CHANGES[change](picture()))) == ADDRESS


@pytest.mark.parametrize(("form", "options"), [("JPEG", {"quality": 40}), ("GIF", {}), ("BMP", {}), ("TIFF", {})])
def test_every_usual_kind_of_file_is_read(tmp_path: Path, form: str, options: dict[str, int]) -> None:
    path = tmp_path / "shot"
    path.write_bytes(encoded(picture(), form, **options))
    assert read_file(path) == ADDRESS


def test_the_same_code_twice_is_one() -> None:
    screen = on_a_screen(picture())
    screen.paste(picture(), (200, 400))
    assert read_picture(encoded(screen)) == ADDRESS


def test_two_codes_are_too_many() -> None:
    screen = on_a_screen(picture())
    screen.paste(picture("something else entirely"), (200, 400))
    error = refused(encoded(screen))
    assert "2 QR codes" in error.message
    assert SECRET not in error.message


def bomb() -> bytes:
    return encoded(Image.new("1", (9000, 9000)))


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "none that can be read"),
        (b"\x89PNG\r\n\x1a\nbroken", "none that can be read"),
        (b"<svg/>", "none that can be read"),
        (encoded(Image.new("RGB", (300, 300), "white")), "no QR code"),
        (encoded(picture())[:300], "none that can be read"),
        (bomb(), "9,000 × 9,000 pixels are more than 36 million. Crop it"),
    ],
    ids=["empty", "broken", "svg", "blank", "cut", "bomb"],
)
def test_what_shows_no_code_is_explained(data: bytes, part: str) -> None:
    assert part in refused(data).fields["picture"]


def test_a_file_that_is_not_there_or_too_large(tmp_path: Path) -> None:
    with pytest.raises(AppError) as caught:
        read_file(tmp_path / "none.png")
    assert caught.value.code is ErrorCode.FILE_ERROR
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(AppError) as caught:
        read_file(large)
    assert "larger than" in caught.value.message


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes in folders there")
def test_a_folder_or_a_pipe_is_no_picture_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    for path in (tmp_path, tmp_path / "pipe.png", Path("/dev/zero")):
        with pytest.raises(AppError) as caught:
            read_file(path)
        assert "is no file. Choose a picture" in caught.value.fields["picture"]


def test_importing_loads_no_decoder() -> None:
    code = "import sys, app.auth.qr_reading; sys.exit(bool({'zxingcpp', 'PIL'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def refused(data: bytes) -> AppError:
    with pytest.raises(AppError) as caught:
        read_picture(data)
    assert caught.value.code is ErrorCode.INVALID_INPUT
    return caught.value
