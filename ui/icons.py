"""Our own line icons (resources/icons), recoloured from the theme's tokens when they are drawn."""

from __future__ import annotations

from functools import lru_cache
from weakref import WeakKeyDictionary

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QPushButton
from shiboken6 import isValid

from ui import screens
from ui.theme import RESOURCES, theme

SIZE = 20
_GAP = 4  # pixels more than the style leaves between a push button's icon and its words
_ANY = "#000000"  # the colour in which a drawing waits to be dyed
_FOLDER = RESOURCES / "icons"


def names() -> list[str]:
    """Every icon there is."""
    return sorted(path.stem for path in _FOLDER.glob("*.svg"))


def icon(name: str, ink: str = "text", size: int = SIZE, gap: int = 0) -> QIcon:
    """The icon in the colour of a token, as the theme is now; `assign` keeps one up to date. KeyError if unknown.

    `gap`: so many pixels of nothing at its right.
    """
    result = QIcon()
    for ratio in {1.0, screens.sharpest()}:
        result.addPixmap(_render(name, theme.css(ink), size, ratio, gap))
        result.addPixmap(_render(name, theme.css("disabled"), size, ratio, gap), QIcon.Mode.Disabled)
    return result


def pixmap(name: str, color: str, size: int = SIZE, ratio: float = 1.0) -> QPixmap:
    """The icon in #RRGGBB, `size` logical pixels wide, crisp at a device pixel ratio of `ratio`."""
    return _render(name, color, size, ratio, 0)


def paint(painter: QPainter, rect: QRectF, name: str, ink: str) -> None:
    """Draw the icon into `rect` of a painted widget."""
    _renderer(name, theme.css(ink)).render(painter, rect)


def assign(target: QAbstractButton | QAction, name: str, ink: str = "text", size: int = SIZE) -> None:
    """Give a button or action its icon, and again whenever the theme changes."""
    gap = _GAP if isinstance(target, QPushButton) else 0
    target.setIcon(icon(name, ink, size, gap))
    if isinstance(target, QAbstractButton):
        target.setIconSize(QSize(size + gap, size))
    _keeper().remember(target, (name, ink, size, gap))


class _Keeper(QObject):
    """Redraws assigned icons when the theme changes; holds its targets weakly."""

    def __init__(self) -> None:
        super().__init__()
        self._targets: WeakKeyDictionary[QObject, tuple[str, str, int, int]] = WeakKeyDictionary()
        theme.changed.connect(self._redraw)

    def remember(self, target: QAbstractButton | QAction, drawn: tuple[str, str, int, int]) -> None:
        self._targets[target] = drawn

    @Slot()
    def _redraw(self) -> None:
        for target, drawn in list(self._targets.items()):
            if isValid(target) and isinstance(target, QAbstractButton | QAction):
                target.setIcon(icon(*drawn))


@lru_cache(maxsize=1)
def _keeper() -> _Keeper:
    return _Keeper()


@lru_cache(maxsize=256)
def _renderer(name: str, color: str) -> QSvgRenderer:
    path = _FOLDER / f"{name}.svg"
    if not path.is_file():
        raise KeyError(name)
    return QSvgRenderer(QByteArray(path.read_bytes().replace(b"currentColor", color.encode())))


@lru_cache(maxsize=256)
def _drawing(name: str, size: int, ratio: float, gap: int) -> QPixmap:
    renderer = _renderer(name, _ANY)  # first: nothing may fail while the painter is open
    drawn = QPixmap(round((size + gap) * ratio), round(size * ratio))
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return drawn


@lru_cache(maxsize=512)
def _render(name: str, color: str, size: int, ratio: float, gap: int) -> QPixmap:
    # Dyed, not drawn again: an icon comes in two colours at once, and reading and drawing the SVG is the dear part.
    # With the calls that make Qt for Python wrap the fewest classes: fillRect would cost a start 1.5 ms.
    drawing = _drawing(name, size, ratio, gap)
    dyed = QPixmap(drawing.size())
    dyed.setDevicePixelRatio(ratio)
    dyed.fill(Qt.GlobalColor.transparent)  # which gives it an alpha channel
    dyed.fill(QColor(color))
    painter = QPainter(dyed)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
    painter.drawPixmap(0, 0, drawing)
    painter.end()
    return dyed
