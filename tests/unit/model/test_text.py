"""The small strings that everything is made of, and what is said of wrong ones."""

from __future__ import annotations

import pytest

from tocsin.model import text


def said(call, value):
    with pytest.raises(ValueError, match=r".") as caught:
        call(value)
    return str(caught.value)


@pytest.mark.parametrize("value", ["a", "cmr-besingi-arrest", "2012-report", "x1-2"])
def test_a_slug_is_small_letters_digits_and_single_hyphens(value):
    assert text.slug(value) == value


@pytest.mark.parametrize(
    "value", ["", "-a", "a-", "a--b", "A", "é", "a_b", "a.b", "a b", "../x", "a/b", "ａ", "a\n"]
)
def test_anything_else_cannot_be_an_address(value):
    assert said(text.slug, value) == f"'{value}' cannot be an address; use a-z, 0-9 and single hyphens"


@pytest.mark.parametrize("value", ["page", "print", "feed", "feeds", "2012"])
def test_addresses_that_the_site_uses_itself_are_refused(value):
    assert said(text.slug, value) == f"'{value}' is an address that the site uses itself; choose another"


@pytest.mark.parametrize("value", ["con", "nul", "com1", "lpt9"])
def test_names_that_windows_keeps_for_itself_are_refused(value):
    assert said(text.slug, value) == f"'{value}' is a name that Windows keeps for itself; choose another"
    assert text.slug(f"{value}-x") == f"{value}-x"


@pytest.mark.parametrize("name", ["NUL", "aux.jpg", "Com1.tar.gz", "con .txt"])
def test_a_device_is_known_by_its_name_whatever_the_ending(name):
    assert text.is_device(name)


def test_a_slug_has_a_limit():
    assert text.slug("a" * 80)
    assert said(text.slug, "a" * 81) == "'aaaaaaaaaaaaaaaaaaaa…' has 81 characters; the limit is 80"


@pytest.mark.parametrize("value", ["fr", "pt-BR", "zh-Hans", "zh-Hant-TW", "fil"])
def test_a_language_is_a_tag_in_its_canonical_case(value):
    assert text.language(value) == value


@pytest.mark.parametrize("value", ["", "f", "FR", "fr_CH", "pt-br", "english", "fr-", "fr\n"])
def test_other_spellings_of_a_language_are_refused(value):
    assert said(text.language, value) == f"'{value}' is not a language tag such as 'fr' or 'pt-BR'"


@pytest.mark.parametrize(
    ("value", "example"), [("no", "NO"), ("Cm", "CM"), ("Norway", "CM"), ("", "CM"), ("N1", "CM")]
)
def test_a_country_is_two_capital_letters_and_the_message_gives_them(value, example):
    assert said(text.country, value) == (
        f"'{value}' is not a country code; use two capital letters, such as '{example}'"
    )
    assert text.country("NO") == "NO"


def test_an_id_can_be_read_out_over_a_telephone():
    assert text.item_id("0123456789") == "0123456789"
    for value in (
        "abcdefghi1",
        "012345678l",
        "012345678",
        "01234567890",
        "012345678O",
        "012345678o",
        "012345678u",
    ):
        assert said(text.item_id, value) == f"'{value}' is not an id; let 'python3 tasks.py new' make one"


def test_a_line_is_trimmed_and_composed():
    assert text.line("  Cafe\u0301 ") == "Caf\u00e9"


@pytest.mark.parametrize("call", [text.line, text.prose])
def test_an_empty_text_is_refused(call):
    assert said(call, " \n") == "is empty; write something or leave the key out"


def test_a_line_is_one_line_and_prose_may_be_several():
    assert said(text.line, "a\nb") == said(text.line, "a\r\nb") == "must be one line"
    assert text.prose("a\nb\n") == "a\nb"


def test_texts_have_limits():
    assert said(text.line, "a" * 401) == "has 401 characters; the limit is 400"
    assert said(text.prose, "a" * 4001) == "has 4001 characters; the limit is 4000"
    assert len(text.line("a" * 400)) == 400


@pytest.mark.parametrize("code", [0, 7, 0x1B, 0x7F, 0x9B, 0x2028, 0xFEFF, 0xFDD0, 0xFFFE, 0xE0041])
def test_invisible_characters_are_refused_in_every_text(code):
    assert (
        said(text.prose, f"a{chr(code)}b") == f"holds the invisible control character U+{code:04X}; delete it"
    )


@pytest.mark.parametrize("code", range(0x202A, 0x202F))
def test_direction_controls_are_refused_in_every_text(code):
    assert said(text.line, f"a{chr(code)}b").startswith(
        f"holds the invisible direction control U+{code:04X}, which"
    )


@pytest.mark.parametrize(
    "character", ["\u200c", "\u200d", "\u200e", "\u200f", "\u2066", "\u2069", "\u00a0", "\u00ad"]
)
def test_characters_that_languages_need_are_kept(character):
    assert text.line(f"a{character}b") == f"a{character}b"


@pytest.mark.parametrize(
    "value",
    [
        "https://bell.example/",
        "http://bell.example",
        "https://bell.example:8443/a?b=c&d#e",
        "https://кто.example/путь",
        "http://expyuzz4wqqyqhjn.onion/",
    ],
)
def test_a_web_address_is_absolute(value):
    assert text.web_address(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "",
        "bell.example",
        "//bell.example/",
        "ftp://bell.example/",
        "javascript:alert(1)",
        "https://",
        "https:///x",
        "https://user@bell.example/",
        "https://user:secret@bell.example/",
        "https://bell.example/a b",
        'https://bell.example/"x',
        "https://bell.example?x",
        "https://bell.example\\evil.example/",
        "https://bell.example/\u202e",
        "https://bell.example/\n",
    ],
)
def test_anything_else_is_no_web_address(value):
    assert said(text.web_address, value) == f"'{value}' is not a web address; write it in full, 'https://…'"


def test_what_python_can_print_is_not_looked_at_for_invisible_characters_since_it_holds_none():
    every = [chr(code) for code in range(0x110000)]
    assert not [
        character for character in every if character.isprintable() and text.INVISIBLE.match(character)
    ]


@pytest.mark.parametrize("value", ["desk@bell.example", "a.b+c@d-e.example", "δ@παράδειγμα.example"])
def test_an_e_mail_address_can_stand_in_a_link(value):
    assert text.email(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "desk",
        "desk@bell",
        "a@b@c.example",
        "a b@c.example",
        "a@b.example?bcc=x@y.example",
        "a@b.example,c@d.example",
    ],
)
def test_what_could_add_receivers_to_a_mail_is_no_address(value):
    assert said(text.email, value) == f"'{value}' is not an e-mail address; write it like name@example.org"


# The address of the demonstration, which is made of a digest and nobody's.
ONION = "lxh6xi3ed6xmociovaxzxbsvyy5ku5ayyp2vdlu6lo6nbhmul6mkawqd.onion"


def test_an_onion_address_holds_a_sum_of_itself():
    assert text.onion_host(ONION) == ONION
    for place in range(56):
        other = "a" if ONION[place] != "a" else "b"
        wrong = ONION[:place] + other + ONION[place + 1 :]
        assert said(text.onion_host, wrong).startswith(f"'{wrong}' is not an onion address: its sum is wrong")


@pytest.mark.parametrize(
    "value", ["expyuzz4wqqyqhjn.onion", f"http://{ONION}/", ONION.upper(), "bell.example", ""]
)
def test_anything_else_is_no_onion_address(value):
    assert "write 56 letters and digits and '.onion'" in said(text.onion_host, value)


@pytest.mark.parametrize("value", ["desk@bell.example", "https://bell.example/contact/"])
def test_somebody_is_reached_by_mail_or_by_a_page(value):
    assert text.contact(value) == value


@pytest.mark.parametrize("value", ["desk", "http://bell.example/", "tel:+411234", "mailto:desk"])
def test_nobody_is_reached_in_another_way(value):
    assert "is neither an e-mail address nor the address of a page" in said(text.contact, value)
