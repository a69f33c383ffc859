"""Names are found however they are written, and other words are not taken for them."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.leaks.folding import SOFT, compact, folded, letters_in, origins
from tocsin.leaks.markup import SEEN, markup_texts
from tocsin.leaks.matching import Matcher, Pattern, patterns_of
from tocsin.leaks.peeling import peeled


def matcher(*names: str, is_exact: bool = False) -> Matcher:
    return Matcher(pattern for name in names for pattern in patterns_of(name, is_exact=is_exact))


def stands(name: str, text: str, *, is_exact: bool = False) -> bool:
    machine = matcher(name, is_exact=is_exact)
    return any(machine.found(layer) for layer in peeled(text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        # case, and the four kinds of i of Turkish
        ("Zorvana Quillfeather", "ZORVANA QUILLFEATHER"),
        ("Işıl Ilgaz", "IŞIL ILGAZ"),
        ("Işıl Ilgaz", "isil ilgaz"),
        ("İbrahim Kaypakkaya", "ibrahim kaypakkaya"),
        ("ibrahim", "İBRAHİM"),
        ("Straßer", "STRASSER"),
        ("Σωκράτης", "ΣΩΚΡΑΤΗΣ"),
        # marks above and below, composed and not; letters that others are written for
        ("José Núñez", "Jose Nunez"),
        ("Nguyen Thi Hoa", "Nguyễn Thị Hoà"),
        ("Wałęsa", "Wale\u0328sa"),
        ("Søren Møller", "Soren Moller"),
        ("Ђорђе", "Ђорђе"),
        ("Королёв", "Королев"),
        # compatibility forms
        ("Zorvana", "Ｚｏｒｖａｎａ"),
        ("Zorvana", "𝐙𝐨𝐫𝐯𝐚𝐧𝐚"),
        ("Griffin", "Gri\ufb03n"),
        # what nobody sees
        ("Zorvana", "Zor\u00advana"),
        ("Zorvana", "Z\u200bo\u200cr\u200dv\u2060a\ufeffna"),
        ("Zorvana", "\u202eZor\u202cvana"),
        ("Zorvana", "Zor\ufe0fvana"),
        ("Zorvana", "Z\U000e0041orvana"),
        # Arabic: letter variants, tatweel, vowels, presentation forms, what is written in one with a name
        ("أحمد القاسمي", "احمد القاسمى"),
        ("فاطمة الزهراء", "فاطمه الزهراء"),
        ("محمد", "مـــحـــمـــد"),
        ("محمد", "مُحَمَّد"),
        ("علي كريمي", "علی کریمی"),
        ("محمد", "ﻣﺤﻤﺪ"),
        ("محمد", "ومحمد"),
        ("محمد", "لمحمد"),
        ("عبد الله", "عبدالله"),
        ("ישראלי", "לישראלי"),
        # other digits
        ("KEN 007", "KEN ٠٠٧"),
        # line breaks, hyphens at the end of lines, other spaces
        ("Zorvana Quillfeather", "Zorvana\n   Quillfeather"),
        ("Zorvana Quillfeather", "Zorvana\u00a0Quillfeather"),
        ("Quillfeather", "Quill-\n  feather"),
        ("Quillfeather", "Quill\nfeather"),
        ("Zorvana", "Zor-\nvana"),
        # parted and joined
        ("Zorvana Quillfeather", "zorvana-quillfeather"),
        ("Zorvana Quillfeather", "https://site.example/people/zorvana_quillfeather/"),
        ("Zorvana Quillfeather", "zorvanaquillfeather@mail.example"),
        ("Zorvana Quillfeather", "mrzorvanaquillfeather"),
        ("Quillfeather", "zquillfeather@mail.example"),
        ("Quillfeather", "IMG_2013-quillfeather2.jpg"),
        ("Zorvana Quillfeather", "Zorvana, Quillfeather"),
        ("Zorvana Quillfeather", "QUILLFEATHER Zorvana"),
        ("Zorvana Ann Quillfeather", "Quillfeather, Zorvana Ann"),
        ("Zorvana", "Z o r v a n a"),
        ("Zorvana", "Z.o.r.v.a.n.a"),
        ("Zorvana", "Zorvana's"),
        ("Zorvana", "(“Zorvana”)"),
        ("Zorvana", "2013zorvana2014"),
        # endings
        ("Иванов", "Иванова"),
        ("Иванов", "Ивановым"),
        ("Quillfeather", "Quillfeathers"),
        # scripts that part no words
        ("习近平", "国家主席习近平说"),
        ("สมชาย", "นายสมชายกล่าว"),
        # encodings
        ("José Núñez", "jos%C3%A9%20n%c3%ba%C3%B1ez"),
        ("José Núñez", "%256a%256f%2573%25C3%25A9%2520n%25c3%25ba%25C3%25B1ez"),
        ("José Núñez", "Jos&eacute; N&#250;&#xF1;ez"),
        ("José Núñez", r"Jos\u00e9 N\u00fa\xf1ez"),
        ("José Núñez", "Jos=C3=A9 N=C3=BA=C3=B1ez"),
        ("Zorvana", r"\5a orvana"),
        ("müllerin", "https://www.xn--mllerin-n2a.example/"),
        # short ones, as whole words
        ("Li", "Mr. Li said"),
        ("N. B.", "the lawyer N.B., who"),
        ("N. B.", "the lawyer n. b."),
    ],
)
def test_a_name_is_found_however_it_is_written(name, text):
    assert stands(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Zorvana Quillfeather", "Zorvana and Mr Quillfeather"),
        ("Li", "list, ali, li-quid".replace("li-", "l")),
        ("Ali", "equality, alien, Khalid, kali@mail.example"),
        ("N. B.", "NB: read on"),
        ("N. B.", "the n bees"),
        ("Ana", "an a"),
        ("Thean", "the annals, the an"),
        ("Anand", "an and"),
        ("Marta", "mar ta"),
        ("Marta", "martagon lily"),
        ("Martin", "smartings martinetship"),
        ("Rose", "prose, roses"),
        ("Ann Martin", "Joann Martin, joann-martin@mail.example"),
        ("Anna", "Hosanna in Vienna, annals"),
        ("علي", "التعليم"),
        ("محمد", "المحمدية"),
        ("Иван", "диван"),
        ("Zorvana", "zor. Vana"),
        ("Zorvana", "Zor\0vana"),
        ("Zorvana Quillfeather", "Zorvana (whom everybody knows) Quillfeather"),
        ("José", "jo se"),
        ("习近平", "学习近日"),
        ("क", "कि"),
    ],
)
def test_other_words_are_not_taken_for_a_name(name, text):
    assert not stands(name, text)


@pytest.mark.parametrize("text", ["Quillfeathers", "zquillfeather@mail.example", "aquillfeather.jpg"])
def test_a_name_that_stands_for_whole_words_has_no_ending_and_nothing_before_it(text):
    assert stands("Quillfeather", text)
    assert not stands("Quillfeather", text, is_exact=True)
    assert stands("Quillfeather", "a quill-\nfeather, Quillfeather", is_exact=True)


@pytest.mark.parametrize(
    "html",
    [
        "<p><b>Zor</b>vana <i>Quill<span class='x'>fea</span></i>ther</p>",
        "<b>Zorvana</b><i>Quillfeather</i>",
        "x<b>Zorvana</b> Quillfeather<sup>1</sup>",
        "Zorvana<br>Quillfeather",
        "Zorvana&nbsp;Quill&shy;feather",
        "Zor<wbr>vana Quill<!-- no -->feather",
        "&lt;b&gt;Zor&lt;/b&gt;vana Quillfeather",
        "<![CDATA[<b>Zor</b>vana Quillfeather]]>",
        "<td>Zorvana</td><td>Quillfeather</td>",
    ],
)
def test_a_name_is_found_across_marks(html):
    machine = matcher("Zorvana Quillfeather")
    assert any(machine.found(text) for channel, text in markup_texts(html) if channel == SEEN)


def test_a_name_is_told_with_its_place_in_the_text_as_it_was_written():
    machine = matcher("Zorvana", "Đỗ Hoà")
    text = "One\nﬃ Zor\u00advana and Do\u0302\u0303 Hoà."
    assert [text[start:end] for _, start, end in machine.spans(text)] == [
        "Zor\u00advana",
        "Do\u0302\u0303 Hoà",
    ]
    text = "Z\u0301orvana, Đỗ Hoà"
    assert [text[start:end] for _, start, end in machine.spans(text)] == ["Z\u0301orvana", "Đỗ Hoà"]


def test_a_text_can_be_had_without_the_names():
    machine = matcher("Zorvana Quillfeather", "Quillfeather")
    assert machine.masked("By Zorvana Quill\u00adfeather, quillfeather.") == "By […], […]."
    assert machine.masked("Nobody.") == "Nobody."


def test_several_patterns_are_told_apart_also_where_they_overlap():
    machine = Matcher([Pattern(("zorvana", "ann")), Pattern(("ann", "quill")), Pattern(("other",))])
    assert machine.found("Zorvana Ann Quill") == {0, 1}


def test_nothing_is_found_where_nothing_is_searched_for():
    assert Matcher([]).found("Zorvana") == frozenset()
    assert Matcher([]).found("\0\0") == frozenset()


def test_passages_need_no_edges():
    assert Matcher([Pattern(("theofficerstook",), is_passage=True)]).found("bathe officers took") == {0}


# Any obfuscation

NAMES = [
    "Zorvana Quillfeather",
    "Işıl Güneş",
    "José Núñez",
    "أحمد القاسمي",
    "Наталья Эстрина",
    "Nguyễn Thị Hoà",
]
INVISIBLE = [
    "\u00ad",
    "\u200b",
    "\u200c",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\u202a",
    "\u202e",
    "\ufe0f",
    "\u0640",
]
BETWEEN = [" ", "\n", "\u00a0", "-", "_", ".", " \n  ", ", ", "/", "\u2003", "\u2010", ""]
FORMS = ["NFC", "NFD", "NFKC", "NFKD"]
CASES = [str, str.upper, str.lower, str.title, str.swapcase]


@given(st.data())
def test_a_name_is_found_whatever_was_done_to_it(data):
    name = data.draw(st.sampled_from(NAMES))
    form, case = data.draw(st.sampled_from(FORMS)), data.draw(st.sampled_from(CASES))
    words = [case(unicodedata.normalize(form, word)) for word in name.split()]
    hidden = []
    for word in words:
        for place in sorted(data.draw(st.sets(st.integers(1, len(word) - 1), max_size=3)), reverse=True):
            word = word[:place] + data.draw(st.sampled_from(INVISIBLE)) + word[place:]
        hidden.append(word)
    text = data.draw(st.sampled_from(BETWEEN)).join(hidden)
    encode = data.draw(st.sampled_from([str, quote, lambda t: quote(quote(t)), _as_entities, _as_json]))
    before, after = (
        data.draw(st.sampled_from(["", "x ", "(", "»", "\n"])),
        data.draw(st.sampled_from(["", " y", ")", ".\n"])),
    )
    assert stands(name, f"{before}{encode(text)}{after}")


def _as_entities(text: str) -> str:
    return "".join(f"&#{ord(character)};" for character in text)


def _as_json(text: str) -> str:
    return "".join(f"\\u{ord(character):04x}" for character in text)


@given(st.text())
def test_places_agree_with_what_is_compared(text):
    plain = folded(text)
    assert len(origins(text)) == len(plain)
    assert "".join(plain[place] for place in letters_in(plain)) == compact(text)


@given(st.text())
def test_folding_twice_changes_nothing_that_is_compared(text):
    assert compact(folded(text)) == compact(text)


def test_what_nobody_sees_parts_words_and_joins_them():
    assert folded("a\u200bb") == f"a{SOFT}b"
    assert compact("a\u200bb") == "ab"
