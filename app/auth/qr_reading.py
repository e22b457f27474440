"""Reads QR codes off pictures: to check what was sent to a person. The decoder is loaded when first needed.

Blocking; safe on any thread; raises AppError only. What a code says is in no message: it may be a secret.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import AppError, ErrorCode, invalid
from app.files import read_bytes

if TYPE_CHECKING:
    from PIL import Image

LARGEST = 32 * 1024 * 1024  # bytes of a file
PIXELS = 36_000_000  # of a picture: a screenshot of three 4K monitors has 25 million; some 9 bytes of memory each


def read_file(path: Path) -> str:
    """The text of the one QR code in a picture file (PNG, JPEG, GIF, BMP, TIFF). AppError."""
    try:
        size = path.stat().st_size
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise AppError(ErrorCode.FILE_ERROR, f"{path.name} cannot be read: {reason}.", subject=str(path)) from error
    if size > LARGEST:
        raise invalid("picture", f"Picture: {path.name} is larger than {LARGEST // 1024 // 1024} MB. Crop it.")
    data = read_bytes(path)
    if data is None:
        raise AppError(ErrorCode.FILE_ERROR, f"{path.name} is no longer there.", subject=str(path))
    return read_picture(data)


def read_picture(data: bytes) -> str:
    """The text of the one QR code in an encoded picture. AppError(INVALID_INPUT) about `picture`: no picture, no code,
    several codes, or one that is no text.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is stricter
            picture = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "GIF", "BMP", "TIFF", "PPM"))
            check_size(*picture.size)  # of the header: nothing is decoded yet
            picture.draft("L", picture.size)  # a JPEG is never decoded in colour
            grey = _grey(picture)
    except AppError:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise invalid("picture", "Picture: this is none that can be read (PNG, JPEG, GIF, BMP or TIFF).") from None
    return _decoded(grey.tobytes(), grey.width, grey.height)


def check_size(width: int, height: int) -> None:
    """AppError(INVALID_INPUT) about `picture` where it has more than PIXELS."""
    if width * height > PIXELS:
        size = f"{width:,} × {height:,} pixels are more than {PIXELS // 1_000_000} million"
        raise invalid("picture", f"Picture: {size}. Crop it to the QR code.")


def _grey(picture: Image.Image) -> Image.Image:
    """In shades of grey. What is transparent was white to whoever made it."""
    if not picture.has_transparency_data:
        return picture.convert("L")
    from PIL import Image

    layers = picture if picture.mode in ("RGBA", "LA") else picture.convert("RGBA")
    paper = Image.new("L", layers.size, 255)
    paper.paste(layers.convert("L"), mask=layers.getchannel("A"))
    return paper


def _decoded(grey: bytes, width: int, height: int) -> str:
    import zxingcpp

    pixels = memoryview(grey).cast("B", (height, width))
    found = [code for code in zxingcpp.read_barcodes(pixels) if code.format == zxingcpp.BarcodeFormat.QRCode]
    texts = list(dict.fromkeys(code.text for code in found if code.valid))
    if not texts:
        raise invalid("picture", "Picture: no QR code is to be seen. Take it larger, straight and with its white rim.")
    if len(texts) > 1:
        raise invalid("picture", f"Picture: it shows {len(texts)} QR codes. Crop it to the one that you mean.")
    if not texts[0]:
        raise invalid("picture", "Picture: its QR code holds no text.")
    return texts[0]
