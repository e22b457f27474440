"""One package per tab: a presenter without widgets, and a view."""
