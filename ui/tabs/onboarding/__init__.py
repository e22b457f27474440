"""The Onboarding tab: how many people stand on each step of the ladder, who they are, and what moves them on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.context import Context
    from ui.tabs.onboarding.view import OnboardingView


def create(context: Context) -> OnboardingView:
    """The tab, for the connection that is open."""
    from ui.tabs.onboarding.view import OnboardingView

    return OnboardingView(context)
