"""The Tab key goes through what can be operated as people read it: by the layouts, not by what was built first.

A window asks `step` in its `focusNextPrevChild`, so the order is true also for rows that came later.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QLayout,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QWidget,
)


def step(window: QWidget, *, forward: bool) -> bool:
    """Give the keyboard to the next stop inside `window`, or the one before; after the last comes the first."""
    found = stops(window)
    if not found:
        return False
    now: QWidget | None = window.focusWidget()
    if now in found:
        at = found.index(now) + (1 if forward else -1)
    else:  # whoever has it is no stop (it was clicked): go on from its place
        places = {widget: place for place, widget in enumerate(reading_order(window))}
        here = places.get(now, -1) if now is not None else -1
        later = [place for place, widget in enumerate(found) if places[widget] > here]
        at = (later[0] if later else 0) - (0 if forward else 1)
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    wanted = found[at % len(found)]
    wanted.setFocus(reason)
    around = wanted.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(wanted)
        around = around.parentWidget()
    return True


def stops(window: QWidget) -> list[QWidget]:
    """Where Tab stops inside `window` now."""
    return [
        widget
        for widget in reading_order(window)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and widget.isVisible()
        and widget.isEnabled()
    ]


def reading_order(root: QWidget) -> Iterator[QWidget]:
    """Every widget inside `root` as people read: a layout's items in their order, then what lies over them."""
    seen: set[QWidget] = {root}
    yield from _inside(root, seen)


def _inside(widget: QWidget, seen: set[QWidget]) -> Iterator[QWidget]:
    for part in _parts(widget):
        if part not in seen:
            seen.add(part)
            yield part
            yield from _inside(part, seen)


def _parts(widget: QWidget) -> list[QWidget]:
    if isinstance(widget, QScrollArea):
        content = widget.widget()
        return [] if content is None else [content]
    if isinstance(widget, QAbstractScrollArea):
        return []  # a table or a text is one stop, whatever Qt has built into it
    parts: list[QWidget] = []
    if isinstance(widget, QSplitter | QStackedWidget):
        parts += [each for each in map(widget.widget, range(widget.count())) if each is not None]
    elif (layout := widget.layout()) is not None:
        parts += _laid_out(layout)
    for child in widget.children():
        if isinstance(child, QWidget) and not child.isWindow() and child not in parts:
            parts.append(child)
    return parts


def _laid_out(layout: QLayout) -> Iterator[QWidget]:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        widget, inner = (None, None) if item is None else (item.widget(), item.layout())
        if widget is not None:
            yield widget
        elif inner is not None:
            yield from _laid_out(inner)
