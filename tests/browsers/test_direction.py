"""Arabic pages: what is read from the left stays in one piece."""

import pytest

from tests.browsers.isolation import MACHINE, unguarded

PAGE = "<!doctype html><html lang='ar' dir='rtl'><title>x</title><body><p>{}"


def test_every_code_number_and_address_in_arabic_pages_is_guarded(site):
    faults = {
        look.address: found
        for look in site.looks
        if look.language == "ar" and (found := unguarded(site.pages[look.address].data))
    }
    assert faults == {}


@pytest.mark.parametrize(
    ("text", "run"),
    [
        ("هاتف +20 2 1234 5678 الآن", "+20 2 1234 5678"),
        ("هاتف 02 1234 5678", "02 1234 5678"),
        ("رمز EG-2024/17 للحالة", "EG-2024/17"),
        ("وثيقة A/HRC/22/53", "A/HRC/22/53"),
        ("لغة C++ هنا", "C++"),
        ("نطاق .example هنا", ".example"),
        ("بريد a@b.example.", "a@b.example"),
        ("موقع www.example.org/x و", "www.example.org/x"),
        ("عنوان https://example.org/", "https://example.org/"),
        ("يوم 2013-02-12.", "2013-02-12"),
        ("صفحة 3-5", "3-5"),
        ("<bdi>EG-2024/17</bdi> و +20 2 1234", "+20 2 1234"),
        ("<span dir='ltr'>x <span dir='rtl'>رمز EG-2024/17</span></span>", "EG-2024/17"),
        ("<span lang='en'>EG-2024/17</span>", "EG-2024/17"),
    ],
)
def test_what_is_not_guarded_is_noticed(text, run):
    assert [found.partition(" in “")[0] for found in unguarded(PAGE.format(text).encode())] == [run]


@pytest.mark.parametrize(
    "text",
    [
        "شبكة SOS-Torture: تحالف عالمي",
        "المبادئ (WCAG) 2.2، و 12/2013 و 1,234.5 و 12:30",
        "بين 2012-2013",
        "رمز <bdi>EG-2024/17</bdi> و <bdi dir='ltr'>+20 2 1234</bdi>",
        "<span dir='auto'>C++</span> و <code>.example</code>",
        "<section lang='en' dir='ltr'><p>Write to a@b.example.</p></section>",
    ],
)
def test_what_is_guarded_or_plain_is_let_pass(text):
    assert unguarded(PAGE.format(text).encode()) == []


@pytest.mark.real("chromium")
def test_what_a_machine_reads_has_a_direction_of_its_own(browser):
    with browser.open("ar/network/mirrors/") as view:
        for name in sorted(MACHINE):
            style = view.run(
                """name => {
                  const one = document.querySelector('main').appendChild(document.createElement(name));
                  return [getComputedStyle(one).direction, getComputedStyle(one).unicodeBidi];
                }""",
                name,
            )
            assert style == ["ltr", "isolate"], name
