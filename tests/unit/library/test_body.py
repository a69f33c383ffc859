"""Bodies: what Markdown may become, and what cannot get through."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tocsin.library import body
from tocsin.library.body import Link, convert, convert_noting, facts, headings, leftovers, links, pictures


@pytest.mark.parametrize("tag", sorted(body.ALLOWED_TAGS - {"br", "hr", "img"}))
def test_every_allowed_element_gets_through(tag):
    inside = {
        "caption": "<table><caption>x</caption></table>",
        "thead": "<table><thead><tr><th>x</th></tr></thead></table>",
        "tbody": "<table><tbody><tr><td>x</td></tr></tbody></table>",
        "tfoot": "<table><tfoot><tr><td>x</td></tr></tfoot></table>",
        "tr": "<table><tr><td>x</td></tr></table>",
        "th": "<table><tr><th>x</th></tr></table>",
        "td": "<table><tr><td>x</td></tr></table>",
    }
    assert f"<{tag}>" in convert(f"<div>{inside.get(tag, f'<{tag}>x</{tag}>')}</div>")


@pytest.mark.parametrize(
    "tag",
    [
        "form",
        "input",
        "button",
        "textarea",
        "select",
        "video",
        "audio",
        "source",
        "embed",
        "link",
        "meta",
        "base",
        "frame",
        "frameset",
        "applet",
        "details",
        "dialog",
        "picture",
        "canvas",
        "marquee",
        "font",
        "center",
        "nav",
        "header",
        "section",
        "article",
        "main",
        "body",
        "html",
        "head",
        "noscript",
        "portal",
        "x-foo",
    ],
)
def test_other_elements_are_gone_and_their_text_stays_at_most(tag):
    assert f"<{tag}" not in convert(f"<div><{tag}>x</{tag}></div>\n\n<{tag}>y\n\n`a` <{tag} src=x href=y>z")


@pytest.mark.parametrize("tag", ["script", "style", "template", "iframe", "object", "svg", "math", "title"])
def test_what_holds_no_text_for_readers_is_gone_with_its_content(tag):
    html = convert(f"before <{tag}>alert(1)</{tag}> after\n\n<{tag}>alert(2)</{tag}>\n")
    assert "alert" not in html
    assert "before" in html


@pytest.mark.parametrize(
    "text",
    [
        "<p onclick='alert(1)'>x</p>",
        "<img src=x.jpg alt=x onerror=alert(1)>",
        "<a href='page:x' onmouseover=alert(1) style='position:fixed' target=_blank rel=opener>x</a>",
        "<p style='background:url(//evil.example)'>x</p>",
        "<p contenteditable accesskey=x tabindex=9 hidden draggable=true>x</p>",
        "<p data-x=1 aria-label=x role=button slot=x is=x>x</p>",
        "x\n{: onclick='alert(1)' style='x' }",
        "*x*{: onclick='alert(1)' formaction='x' }",
        "[x](page:x){: ping='https://evil.example' download='x' }",
        "<img srcset='https://evil.example/x.jpg 2x' src=x.jpg alt=x loading=lazy>",
        "<table background='https://evil.example/'><tr><td width=9>x</td></tr></table>",
    ],
)
def test_attributes_that_are_not_listed_are_gone(text):
    names = re.findall(r' ([a-z-]+)="', convert(text))
    assert set(names) <= {"href", "src", "alt", "class", "tabindex"}
    assert "evil" not in convert(text)
    assert "alert" not in convert(text)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\tscript:alert(1)",
        " javascript:alert(1)",
        "java&Tab;script:alert(1)",
        "java&#10;script:alert(1)",
        "&#1;javascript:alert(1)",
        "&#106;avascript:alert(1)",
        "vbscript:x",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "blob:x",
        "ftp://x.example",
        "feed:x",
        "view-source:x",
        "x-y:z",
    ],
)
def test_addresses_of_other_schemes_are_gone(address):
    for text in (
        f"[x](<{address}>)",
        f'<a href="{address}">x</a>',
        f"<a href='{address}'>x</a>",
        f"<{address}>",
        f'<img src="{address}" alt="x">',
        f"![x](<{address}>)",
        f"[x][1]\n\n[1]: {address}",
    ):
        for found in re.finditer(r'(?:href|src)="([^"]*)"', convert(text)):
            # Browsers drop these characters before they look for a scheme.
            seen = re.sub(r"[\t\n\r]", "", unescape(found[1])).strip("".join(map(chr, range(33))))
            scheme = re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*(?=:)", seen)
            assert not scheme or scheme[0].lower() in body.OUTSIDE_SCHEMES, text


def test_an_author_is_told_which_addresses_were_taken_out():
    text = "[x](apeal:y) [y](page:y) [z](mailto:a@b.example) <a class=note href='javascript:alert(1)'>q</a>"
    assert convert_noting(text).refused == ("apeal:y", "javascript:alert(1)")
    assert convert_noting('Write `<a href="foo:x">`, or href="foo:y".').refused == ()


@pytest.mark.parametrize("name", sorted(body.ALLOWED_CLASSES))
def test_allowed_classes_get_through_and_no_others(name):
    assert convert(f"x\n{{: .{name} .wide .outside .evil }}") == f'<p class="{name}">x</p>'


def test_classes_of_the_page_cannot_be_borrowed():
    html = convert("<div class='wide masthead'>x</div>\n\n[x](page:y){: .outside }\n\n<div class=''>z</div>")
    assert "class" not in html


def test_ids_are_those_of_footnotes_alone():
    html = convert("## A {#main}\n\n<p id='fn:1x'>x</p><p id='fn:7'>y</p><a name='top' id='top'>z</a>")
    assert re.findall(r'(?:id|name)="([^"]*)"', html) == ["fn:7"]


def test_language_and_direction_can_be_given_and_only_as_such():
    assert convert("x\n{: lang=ar dir=rtl }") == '<p dir="rtl" lang="ar">x</p>'
    assert convert("x\n{: lang='ar\"x' dir=up }") == "<p>x</p>"


def test_numbers_in_attributes_are_small():
    html = convert(
        "<ol start=3><li>x</li></ol><table><tr><td colspan=99999 rowspan=2 scope=x>x</td></tr></table>"
    )
    assert re.findall(r' ([a-z]+="[^"]*")', html) == [
        'start="3"',
        'class="wide"',
        'tabindex="0"',
        'rowspan="2"',
    ]


def test_footnotes_have_ids_of_numbers_whatever_their_labels():
    html = convert("One[^a], two[^my *note*.], one again[^a].\n\n[^a]: First.\n[^my *note*.]: Second.")
    assert re.findall(r'id="([^"]*)"', html) == ["fnref:1", "fnref:2", "fnref2:1", "fn:1", "fn:2"]
    assert re.findall(r'href="#([^"]*)"', html) == ["fn:1", "fn:2", "fn:1", "fnref:1", "fnref2:1", "fnref:2"]
    assert all(link.kind == "footnote" for link in links(html))


def test_one_text_leaves_nothing_to_the_next():
    first = convert("A[^1] NGO [x][r]\n\n[^1]: note\n\n*[NGO]: non-governmental\n\n[r]: page:x")
    assert "abbr" in first
    assert convert("A[^1] NGO [x][r]") == "<p>A[^1] NGO [x][r]</p>"
    assert convert("A[^1] NGO [x][r]\n\n[^1]: note\n\n*[NGO]: non-governmental\n\n[r]: page:x") == first


def test_a_text_that_cannot_be_converted_leaves_nothing_to_the_next():
    text = "- a\n\n    b\n\n1. c\n\n> d\n"
    before = convert(text)
    with pytest.raises(RecursionError):
        convert("\n".join(f"{'    ' * level}- x" for level in range(500)))
    assert convert(text) == before


def test_tables_scroll_in_a_frame_of_their_own_and_cells_are_aligned_by_class():
    html = convert("| a | b | c | d |\n|:--|--:|:-:|---|\n| 1 | 2 | 3 | 4 |")
    assert html.startswith('<div class="wide" tabindex="0"><table>')
    assert html.endswith("</table></div>")
    assert re.findall(r"<td[^>]*>", html) == [
        '<td class="start">',
        '<td class="end">',
        '<td class="middle">',
        "<td>",
    ]
    assert "align=" not in html


def test_a_table_with_attributes_has_its_frame_too_and_frames_are_closed_as_often_as_opened():
    html = convert('<table class="note" lang="fr"><tr><td class="note" align="right">x</td></tr></table>')
    assert html == (
        '<div class="wide" tabindex="0"><table class="note" lang="fr"><tbody><tr>'
        '<td class="note end">x</td></tr></tbody></table></div>'
    )


def test_definition_lists_abbreviations_and_lists_that_begin_elsewhere_are_known():
    assert convert("Term\n: Meaning") == "<dl>\n<dt>Term</dt>\n<dd>Meaning</dd>\n</dl>"
    assert convert("NGO\n\n*[NGO]: A < B") == '<p><abbr title="A &lt; B">NGO</abbr></p>'
    assert convert("3. c\n4. d").startswith('<ol start="3">')


def test_links_that_lead_outside_are_marked_and_others_are_not():
    assert convert("[x](https://bell.example/?a=1&b=2)") == (
        '<p><a href="https://bell.example/?a=1&amp;b=2" class="outside" rel="noopener noreferrer">x</a></p>'
    )
    assert convert("[x](page:about) [y](mailto:a@b.example) [z](tel:+1)") == (
        '<p><a href="page:about">x</a> <a href="mailto:a@b.example">y</a> <a href="tel:+1">z</a></p>'
    )


def test_a_marked_link_has_one_class_attribute():
    html = convert("[x](https://bell.example){: .note title='>' }")
    assert html.removesuffix(">x</a></p>") == (
        '<p><a class="note outside" href="https://bell.example" title="&gt;" rel="noopener noreferrer"'
    )


def test_the_sanitiser_escapes_angle_brackets_in_attributes_on_which_the_search_for_tags_relies():
    html = convert('<abbr title="<table><img src=x onerror=alert(1)>">q</abbr>')
    assert html == '<p><abbr title="&lt;table&gt;&lt;img src=x onerror=alert(1)&gt;">q</abbr></p>'


@pytest.mark.parametrize(
    ("target", "link"),
    [
        ("appeal:cmr-arrest", Link("appeal:cmr-arrest", "appeal", "cmr-arrest")),
        ("report:x#fn:1", Link("report:x#fn:1", "report", "x")),
        ("case:x", Link("case:x", "case", "x")),
        ("country:CM", Link("country:CM", "country", "CM")),
        ("theme:women", Link("theme:women", "theme", "women")),
        ("https://bell.example", Link("https://bell.example", "outside")),
        ("mailto:a@b.example", Link("mailto:a@b.example", "outside")),
        ("#fn:1", Link("#fn:1", "footnote")),
        ("#fnref2:12", Link("#fnref2:12", "footnote")),
        ("#main", Link("#main", "")),
        ("", Link("", "")),
        ("appeal:", Link("appeal:", "")),
        ("member:x", Link("member:x", "")),
        ("appeal:x/y", Link("appeal:x/y", "")),
        ("../x", Link("../x", "")),
        ("//bell.example", Link("//bell.example", "")),
        ("https:", Link("https:", "")),
        ("https:/bell.example", Link("https:/bell.example", "")),
        ("https:///bell.example", Link("https:///bell.example", "")),
        ("en.md", Link("en.md", "")),
    ],
)
def test_a_target_names_an_item_or_leads_outside_or_means_nothing(target, link):
    assert body.parse_link(target) == link


def test_links_are_found_in_any_order_of_attributes_and_unescaped():
    html = convert(
        '<a title="<a href=x>" class="note" lang=fr href="page:a">x</a> [y](page:b "t")\n'
        '[z](https://bell.example/?a=1&b=2 "it\'s"){: .note } <a id=x>n</a>\n'
        "<abbr title='<a href=page:c>'>q</abbr>"
    )
    assert [link.target for link in links(html)] == ["page:a", "page:b", "https://bell.example/?a=1&b=2"]


def test_pictures_are_found_in_any_order_of_attributes_and_unescaped():
    html = convert(
        '![x](a.jpg){: .note lang=fr } ![a "b" & c](b&c.jpg "t") <img alt=y class=note src="d.jpg">\n'
        "<img src='e.jpg' title='<img src=z.jpg>' alt='<img src=q.jpg>'> <img src=f.jpg> ![](g.jpg)"
    )
    assert list(pictures(html)) == [
        ("a.jpg", "x"),
        ("b&c.jpg", 'a "b" & c'),
        ("d.jpg", "y"),
        ("e.jpg", "<img src=q.jpg>"),
        ("f.jpg", ""),
        ("g.jpg", ""),
    ]


def test_facts_stay_what_they_are_wherever_they_stand():
    text = (
        "## Members {fact:members}\n\n**x**{fact:members@1986} and {fact:members}\n{fact:members@2012-11}\n\n"
        "| {fact:members} |\n|---|\n| `{fact:code}` |\n\n[{fact:label}](page:x)"
    )
    html = convert(text)
    assert list(facts(html)) == [
        ("members", None),
        ("members", "1986"),
        ("members", None),
        ("members", "2012-11"),
        ("members", None),
        ("code", None),
        ("label", None),
    ]
    assert "<h2>Members {fact:members}</h2>" in html


def test_what_was_meant_as_a_fact_or_footnote_is_found():
    html = convert("{fact: x} {facts:y} {Fact:z} {fact:A} {fact z} {fact:ok} {other} a[^1] {fact&nbsp;b")
    assert list(leftovers(html)) == [
        "{fact: x}",
        "{facts:y}",
        "{Fact:z}",
        "{fact:A}",
        "{fact z}",
        "{fact&nbsp;b",
        "[^1]",
    ]


def test_headings_are_found_with_level_and_text():
    html = convert("# A\n\nB\n---\n\n### *C* & [d](page:x)\n\n<h4 class=x>E</h4>")
    assert list(headings(html)) == [(1, "A"), (2, "B"), (3, "C & d"), (4, "E")]


@pytest.mark.parametrize("written", ["\u202e", "&#x202E;", "&#8238;", "\ufdd0", "&#xFDD0;", "\u0002"])
def test_invisible_characters_are_gone_and_those_of_entities_are_told(written):
    converted = convert_noting(f"a{written}b")
    assert converted.html == "<p>ab</p>"
    assert bool(converted.invisible) == written.startswith("&")


def test_a_paragraph_that_would_take_too_long_is_told_with_its_place():
    text = "Short.\n\n" + "[" * 10_000 + "\n\nShort."
    assert body.tangled(text) == (8, "has a paragraph of 10000 characters with 10000 '[' or '<'; divide it")
    assert body.tangled("[a](page:x) " * 500) is None
    assert body.tangled("[a](page:x) text\n\n" * 20_000) is None


def test_the_version_of_the_conversion_names_what_it_depends_on():
    assert re.fullmatch(r"markdown [\d.]+, nh3 [\d.]+, \d+", body.version())
