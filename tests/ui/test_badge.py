"""The pill says in shape and word what it says in colour."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.directory.models import UserStatus
from app.onboarding.models import OnboardingStatus
from tests.ui.words import see
from ui.theme import Preference, theme
from ui.widgets.badge import (
    Badge,
    BadgeLabel,
    Shape,
    Tone,
    badge_size,
    mfa_badge,
    onboarding_badge,
    paint_badge,
    user_badge,
)


def painted(badge: Badge, width: int = 200) -> QImage:
    image = QImage(width, 24, QImage.Format.Format_ARGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    paint_badge(painter, QRect(0, 0, width, 24), badge)
    painter.end()
    return image


def colors(image: QImage, columns: range) -> set[str]:
    return {image.pixelColor(x, y).name() for x in columns for y in range(image.height())}


@pytest.mark.parametrize("tone", list(Tone))
def test_every_tone_has_a_shape_of_its_own_beside_the_word(dressed: QApplication, tone: Tone) -> None:
    shapes = [Badge("word", other).drawn_shape for other in Tone]
    assert len(set(shapes)) == len(shapes)
    with_shape, without = Badge("word", tone), Badge("word", tone, Shape.NONE)
    if with_shape.drawn_shape is not Shape.NONE:
        assert badge_size(with_shape).width() > badge_size(without).width()


def test_shapes_differ_in_their_pixels(dressed: QApplication) -> None:
    pictures = [painted(Badge("", Tone.OK, shape)) for shape in Shape]
    assert all(one != other for at, one in enumerate(pictures) for other in pictures[:at])


def test_a_pill_is_cut_to_its_room(dressed: QApplication) -> None:
    wide = badge_size(Badge("Password expired", Tone.BAD)).width()
    image = painted(Badge("Password expired", Tone.BAD), width=wide + 40)
    assert colors(image, range(wide + 1, wide + 40)) == {"#ffffff"}
    narrow = QImage(200, 24, QImage.Format.Format_ARGB32)
    narrow.fill(QColor("white"))
    painter = QPainter(narrow)
    paint_badge(painter, QRect(0, 0, 60, 24), Badge("Password expired", Tone.BAD))
    painter.end()
    assert colors(narrow, range(61, 200)) == {"#ffffff"}


def test_the_painter_is_left_as_it_was(dressed: QApplication) -> None:
    image = QImage(100, 24, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    pen, font = painter.pen(), painter.font()
    paint_badge(painter, QRect(0, 0, 100, 24), Badge("word", Tone.OK))
    assert (painter.pen(), painter.font()) == (pen, font)
    painter.end()


def test_the_widget_follows_the_theme_and_has_a_name(dressed: QApplication, qtbot: QtBot) -> None:
    shown = BadgeLabel(Badge("Confirmed", Tone.OK, hint="Can sign in."))
    qtbot.addWidget(shown)
    shown.resize(120, 24)
    shown.show()
    assert see(shown) == "Confirmed"
    assert shown.accessibleName() == "Confirmed"
    before = shown.grab().toImage()
    theme.choose(Preference.DARK)
    assert shown.grab().toImage() != before


@pytest.mark.parametrize("status", list(UserStatus))
def test_every_status_of_cognito_has_a_pill(status: UserStatus) -> None:
    badge = user_badge(status)
    assert badge.text
    assert badge.hint


def test_disabled_and_expired_win_over_the_status() -> None:
    assert user_badge(UserStatus.CONFIRMED, enabled=False).text == "Disabled"
    expired = user_badge(UserStatus.FORCE_CHANGE_PASSWORD, expired=True)
    assert (expired.text, expired.tone) == ("Password expired", Tone.BAD)


@pytest.mark.parametrize("status", list(OnboardingStatus))
def test_every_onboarding_status_has_a_pill(status: OnboardingStatus) -> None:
    assert onboarding_badge(status) == onboarding_badge(status.value)


def test_what_is_not_known_says_so() -> None:
    assert onboarding_badge(None).text == "not in database"
    assert onboarding_badge("invented").text == "invented"
    assert mfa_badge(None).text == "unknown"
    assert (mfa_badge("none").tone, mfa_badge("totp").tone) == (Tone.NEUTRAL, Tone.OK)
