"""Reads QR codes off pictures: to check what was sent to a person. The decoder is loaded when first needed.

Blocking; safe on any thread; raises AppError only. What a code says is in no message: it may be a secret.
"""

from __future__ import annotations

import io
import stat
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import AppError, ErrorCode, invalid

if TYPE_CHECKING:
    from PIL import Image

LARGEST = 32 * 1024 * 1024  # bytes of a file
PIXELS = 36_000_000  # of a picture: three 4K monitors have 25 million, two 5K ones 29; 4 to 7 bytes for each


def read_file(path: Path) -> str:
    """The text of the one QR code in a picture file (PNG, JPEG, GIF, BMP, TIFF). AppError."""
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):  # a device or a pipe may never end
            raise invalid("picture", f"Picture: {path.name} is no file. Choose a picture.")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise AppError(ErrorCode.FILE_ERROR, f"{path.name} cannot be read: {reason}.", subject=str(path)) from error
    if len(data) > LARGEST:
        raise invalid("picture", f"Picture: {path.name} is larger than {LARGEST // 1024 // 1024} MB. Crop it.")
    return read_picture(data)


def read_picture(data: bytes) -> str:
    """The text of the one QR code in an encoded picture. AppError(INVALID_INPUT) about `picture`: no picture, no code,
    several codes, or one that is no text.
    """
    grey = _flattened(data)  # the picture in its colours is gone by now
    return read_grey(grey.tobytes(), *grey.size)


def read_grey(pixels: bytes | bytearray | memoryview, width: int, height: int) -> str:
    """The same, of a picture in 256 shades of grey, a byte for each pixel and nothing between the rows."""
    import zxingcpp

    check_size(width, height)
    rows = memoryview(pixels).cast("B", (height, width))
    found = [code for code in zxingcpp.read_barcodes(rows) if code.format == zxingcpp.BarcodeFormat.QRCode]
    texts = list(dict.fromkeys(code.text for code in found if code.valid))
    if not texts:
        raise invalid("picture", "Picture: no QR code is to be seen. Take it larger, straight and with its white rim.")
    if len(texts) > 1:
        raise invalid("picture", f"Picture: it shows {len(texts)} QR codes. Crop it to the one that you mean.")
    if not texts[0]:
        raise invalid("picture", "Picture: its QR code holds no text.")
    return texts[0]


def check_size(width: int, height: int) -> None:
    """AppError(INVALID_INPUT) about `picture` where it has more than PIXELS."""
    if width * height > PIXELS:
        size = f"{width:,} × {height:,} pixels are more than {PIXELS // 1_000_000} million"
        raise invalid("picture", f"Picture: {size}. Crop it to the QR code.")


def _flattened(data: bytes) -> Image.Image:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is stricter
            picture = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "GIF", "BMP", "TIFF", "PPM"))
            check_size(*picture.size)  # of the header: nothing is decoded yet
            picture.draft("L", picture.size)  # a JPEG is never decoded in colour
            return _grey(picture)
    except AppError:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise invalid("picture", "Picture: this is none that can be read (PNG, JPEG, GIF, BMP or TIFF).") from None


def _grey(picture: Image.Image) -> Image.Image:
    """In shades of grey. What is transparent was white to whoever made it."""
    if not picture.has_transparency_data:
        return picture.convert("L")
    from PIL import Image

    layers = picture if picture.mode in ("RGBA", "LA") else picture.convert("RGBA")
    paper = Image.new("L", layers.size, 255)
    paper.paste(layers.convert("L"), mask=layers.getchannel("A"))
    return paper
