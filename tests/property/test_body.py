"""Whatever is written, a body holds nothing that is not listed, as a real parser of HTML sees it."""

from __future__ import annotations

import re

import html5lib
from hypothesis import example, given, settings

from tests.property.strategies import markdown_texts
from tocsin.library import body
from tocsin.model.text import INVISIBLE

# What finishing adds to what the sanitiser lets through.
ADDED = {"a": {"rel"}, "div": {"tabindex"}}
CLASSES = body.ALLOWED_CLASSES | {"wide", "outside", "start", "middle", "end"}
NAMESPACE = "{http://www.w3.org/1999/xhtml}"


def elements(html):
    """Every element of a page with `html` in it, as browsers build it."""
    document = html5lib.parse(f"<!DOCTYPE html><title>x</title><main>{html}</main>")
    main = document.find(f"{NAMESPACE}body/{NAMESPACE}main")
    assert main is not None
    around = [element.tag for element in document.iter() if element not in set(main.iter())]
    return list(main.iter())[1:], around


def own_attributes(element):
    tag = element.tag.removeprefix(NAMESPACE)
    allowed = body.ALLOWED_ATTRIBUTES["*"] | body.ALLOWED_ATTRIBUTES.get(tag, set()) | ADDED.get(tag, set())
    return tag, allowed - {"align"}


@given(markdown_texts)
@example("<b title='<table><img src=x onerror=alert(1)>'>x</b>")
@example("<table class=note><tr><td align=right class='note wide'>x")
@example("[x](https://bell.example){: .note rel=opener }")
@settings(max_examples=100)
def test_only_listed_elements_and_attributes_get_through(text):
    found, around = elements(body.convert(text))
    assert [tag.removeprefix(NAMESPACE) for tag in around] == ["html", "head", "title", "body"]
    for element in found:
        assert isinstance(element.tag, str), "a comment"
        tag, allowed = own_attributes(element)
        assert tag in body.ALLOWED_TAGS
        assert set(element.attrib) <= allowed, (tag, element.attrib)
        assert set(element.get("class", "").split()) <= CLASSES
        assert re.fullmatch(r"(fn(ref[0-9]*)?:[0-9]+)?", element.get("id", ""))


@given(markdown_texts)
@settings(max_examples=100)
def test_addresses_are_of_listed_schemes(text):
    for element in elements(body.convert(text))[0]:
        address = element.get("href") or element.get("src") or ""
        # Browsers drop these characters before they look for a scheme.
        seen = re.sub(r"[\t\n\r]", "", address).strip("".join(map(chr, range(33))))
        scheme = re.match(r"[a-z][a-z0-9+.-]*(?=:)", seen, re.IGNORECASE)
        assert not scheme or scheme[0].lower() in body.OWN_SCHEMES | body.OUTSIDE_SCHEMES


@given(markdown_texts)
@settings(max_examples=100)
def test_links_and_pictures_are_those_that_browsers_see(text):
    html = body.convert(text)
    found, _ = elements(html)
    hrefs = [e.get("href") for e in found if e.tag == f"{NAMESPACE}a" and "href" in e.attrib]
    shown = [(e.get("src", ""), e.get("alt", "")) for e in found if e.tag == f"{NAMESPACE}img"]
    # A browser may repeat an element that is closed too late; it never sees one that is not found here.
    assert set(hrefs) <= {link.target for link in body.links(html)}
    assert set(shown) <= set(body.pictures(html))


@given(markdown_texts)
@settings(max_examples=100)
def test_links_that_lead_outside_are_marked_and_no_others(text):
    for element in elements(body.convert(text))[0]:
        outside = (element.get("href") or "").startswith(("http:", "https:"))
        assert ("outside" in element.get("class", "").split()) == outside
        assert (element.get("rel") == "noopener noreferrer") == outside


@given(markdown_texts)
@settings(max_examples=100)
def test_no_invisible_character_gets_through(text):
    assert not INVISIBLE.search(body.convert(text))


@given(markdown_texts, markdown_texts)
@settings(max_examples=100)
def test_the_same_text_gives_the_same_html_whatever_came_before(text, other):
    first = body.convert_noting(text)
    body.convert(other)
    assert body.convert_noting(text) == first


@given(markdown_texts)
@settings(max_examples=100)
def test_every_fact_that_is_written_is_found(text):
    written = re.findall(r"\{fact:([a-z0-9-]+)(?:@([0-9/-]+))?\}", INVISIBLE.sub("", text))
    found = {(name, when or "") for name, when in body.facts(body.convert(text))}
    assert found <= set(written)
