"""A code is the same code in every spelling."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.model.codes import CaseCode

blanks = st.sampled_from(["", " ", "  ", "\t", "\n", "\u00a0", "\u2009 "])
countries = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3)
follow_ups = st.one_of(st.just(""), st.integers(1, 99).map(lambda number: f".{number}"))


@st.composite
def observatory(draw):
    month, year = draw(st.integers(1, 12)), draw(st.integers(0, 99))
    number = draw(st.integers(0, 9999).map(lambda number: f"{number:03}"))
    parts = [
        draw(countries),
        f"{draw(st.integers(0, 999)):03}",
        "/",
        f"{month:02}{year:02}",
        "/",
        "OBS",
        number,
    ]
    return parts, draw(follow_ups)


@st.composite
def secretariat(draw):
    day = draw(st.dates(date(1985, 1, 1), date(2084, 12, 31)))
    programme = draw(st.sampled_from(["", ".CC", ".VAW", ".ESCR"]))
    return [draw(countries), f"{day:%d%m%y}"], draw(follow_ups) + programme


@given(st.one_of(observatory(), secretariat()), st.data())
@settings(max_examples=200)
def test_a_code_is_the_same_in_any_spacing_and_as_it_is_shown(code, data):
    parts, ending = code
    spellings = [
        "".join(part + data.draw(blanks) for part in parts[:-1]) + parts[-1] + ending for _ in range(2)
    ]
    first, second = map(CaseCode.parse, spellings)
    assert first == second
    assert CaseCode.parse(first.display) == first
    assert CaseCode.parse(f"  {first}  ").search_key == second.search_key


@given(secretariat())
@settings(max_examples=100)
def test_a_code_contradicts_exactly_the_days_before_its_own(code):
    parsed = CaseCode.parse(code[0][0] + code[0][1] + code[1])
    assert not parsed.contradicts(parsed.opened)
    assert parsed.contradicts(parsed.opened - timedelta(days=1))


@given(st.text(max_size=40))
@settings(max_examples=200)
def test_any_text_is_a_code_or_is_refused_in_words(text):
    try:
        shown = CaseCode.parse(text).display
    except ValueError as error:
        refusal = str(error)
    else:
        assert CaseCode.parse(shown).display == shown
        return
    assert "code" in refusal
