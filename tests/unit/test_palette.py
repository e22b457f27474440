"""How typed letters find commands."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from ui.palette import PaletteEntry, rank, score

TITLES = (
    "Reset password…", "Resend invitation", "Set password…", "Remove authenticator…", "Sign out everywhere…",
    "Go to Users", "Go to Onboarding", "Enable", "Disable…", "Enrol authenticator…", "Mark email as verified…",
)  # fmt: skip


def entry(title: str, **values: object) -> PaletteEntry:
    return PaletteEntry(title, title, "", lambda: None, **values)  # type: ignore[arg-type]


def best(text: str) -> str:
    return rank(text, [entry(title) for title in TITLES])[0].title


def test_what_a_support_person_would_type() -> None:
    assert best("reset") == "Reset password…"
    assert best("res pass") == "Reset password…"
    assert best("resend") == "Resend invitation"
    assert best("rp") == "Reset password…"
    assert best("soe") == "Sign out everywhere…"
    assert best("everywhere") == "Sign out everywhere…"
    assert best("email ver") == "Mark email as verified…"
    assert best("users") == "Go to Users"
    assert best("able") == "Enable"
    assert rank("zzz", [entry(title) for title in TITLES]) == []


def test_what_cannot_be_done_comes_last_and_is_still_found() -> None:
    found = rank("set", [entry("Reset password…", why_not="No contact."), entry("Set password…")])
    assert [each.title for each in found] == ["Set password…", "Reset password…"]
    exact = rank("reset password", [entry("Reset password…", why_not="No contact."), entry("Set password reset")])
    assert exact[-1].why_not == "No contact."


def test_words_beside_the_title_are_found_but_count_less() -> None:
    found = rank("totp", [entry("Lost phone…", words="authenticator totp mfa"), entry("TOTP secret")])
    assert [each.title for each in found] == ["TOTP secret", "Lost phone…"]


def test_without_a_text_the_weight_decides_and_the_order_remains() -> None:
    found = rank("", [entry("a"), entry("b", weight=1), entry("c")])
    assert [each.title for each in found] == ["b", "a", "c"]


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_score_means_that_every_word_occurs_in_order(text: str, candidate: str) -> None:
    if score(text, candidate) is not None:
        for word in text.casefold().split():
            rest = iter(candidate.casefold())
            assert all(letter in rest for letter in word)


@given(st.sampled_from(TITLES), st.data())
def test_any_piece_of_a_title_finds_it(title: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(title) - 1))
    piece = title[start : data.draw(st.integers(start + 1, len(title)))].strip()
    assume(all(len(word) > 1 for word in piece.split()))  # a single letter fits at the beginning of a word only
    assert score(piece, title) is not None
