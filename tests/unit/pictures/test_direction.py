"""Bidirectional text in one line: what Unicode's algorithm demands, and what FriBidi does."""

from __future__ import annotations

import ctypes
import random

import pytest

from tests.components import find
from tocsin.pictures.direction import in_order, levels

ARABIC, HEBREW = "ابت", "אבג"


def seen(text, *, is_rtl):
    """The characters from left to right, as signs in their order; brackets are not mirrored."""
    found = levels(text, is_rtl=is_rtl)
    runs = [(level, place, place + 1) for place, level in enumerate(found)]
    return "".join(text[begin:end] for _, begin, end in in_order(runs))


def test_latin_and_cyrillic_stay_as_they_are():
    for text in ("Three members arrested (2024)", "Трое задержаны: 12,5 %", "l’eau; «mot»"):
        assert set(levels(text, is_rtl=False)) == {0}


def test_arabic_is_read_from_the_right():
    assert levels(ARABIC, is_rtl=True) == [1, 1, 1]
    assert seen(ARABIC, is_rtl=True) == ARABIC[::-1]


def test_numbers_and_foreign_names_keep_their_order_inside_arabic():
    assert seen(f"{ARABIC} 2024 OMCT", is_rtl=True) == f"OMCT 2024 {ARABIC[::-1]}"


def test_a_bracket_goes_with_the_line_unless_it_belongs_to_foreign_words():
    assert seen(f"{ARABIC} (OMCT)", is_rtl=True) == f")OMCT( {ARABIC[::-1]}"
    assert seen(f"{ARABIC} abc (def)", is_rtl=True) == f"abc (def) {ARABIC[::-1]}"


def test_marks_and_joiners_stay_with_their_letters():
    assert levels("ب\u0651\u200c", is_rtl=False) == [1, 1, 1]


def test_a_space_at_the_end_has_the_direction_of_the_line():
    assert levels(f"{ARABIC} ", is_rtl=False) == [1, 1, 1, 0]
    assert levels("abc ", is_rtl=True) == [2, 2, 2, 1]


def test_nothing_is_nothing():
    assert levels("", is_rtl=True) == []
    assert in_order([]) == []


@pytest.mark.real("fribidi")
def test_random_lines_are_as_in_fribidi():
    """FriBidi's levels of two thousand lines, among them what no editor would write.

    Marks stand on letters only: FriBidi 1.0 pairs brackets wrongly after a sign with a mark on it.
    """
    library = ctypes.CDLL(str(find("fribidi")))
    signs = [
        *"abcДж",
        *ARABIC,
        *HEBREW,
        *"0123",
        *"٠١٢",
        *" ,.:;+-/%€()[]!?«»·–…",
        "ب\u0651",
        "a\u0301",
        "\u200d",
    ]
    chosen = random.Random(20130212)
    for _ in range(2000):
        # At the end of a line FriBidi gives a joiner the line's direction; here it stays with its letter.
        text = "".join(chosen.choice(signs) for _ in range(chosen.randint(1, 24))).rstrip("\u200d ") or "a"
        for is_rtl in (False, True):
            assert levels(text, is_rtl=is_rtl) == fribidi_levels(library, text, is_rtl=is_rtl), ascii(text)


def fribidi_levels(library, text, *, is_rtl):
    count = len(text)
    points = (ctypes.c_uint32 * count)(*map(ord, text))
    types, brackets = (ctypes.c_uint32 * count)(), (ctypes.c_uint32 * count)()
    found = (ctypes.c_int8 * count)()
    base = ctypes.c_uint32(0x111 if is_rtl else 0x110)  # FRIBIDI_PAR_RTL, FRIBIDI_PAR_LTR
    library.fribidi_get_bidi_types(points, count, types)
    library.fribidi_get_bracket_types(points, count, types, brackets)
    assert library.fribidi_get_par_embedding_levels_ex(types, brackets, count, ctypes.byref(base), found)
    # Rule L1, which FriBidi applies when it puts a line in order.
    order = list(found)
    for place in range(count - 1, -1, -1):
        if not text[place].isspace():
            break
        order[place] = int(is_rtl)
    return order
