"""What may stand in a page, and a real parser's opinion of what does.

`tests/sites/hostile/allowed.txt` lists every element of the theme with its attributes; what texts may add is
`body.ALLOWED_TAGS` and its neighbours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib
from lxml import etree

from tests.small_sites import SITES
from tocsin.library import body

LIST = SITES / "hostile" / "allowed.txt"
# Browsers drop these before they look for a scheme (URL Standard, 4.4): at both ends, and anywhere.
_AT_ENDS = "".join(map(chr, range(33)))
_DROPPED = re.compile(r"[\t\n\r]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=:)")
_ADDRESSES = {
    "href",
    "src",
    "action",
    "formaction",
    "data",
    "poster",
    "cite",
    "background",
    "longdesc",
    "manifest",
}
# `tag:` and `urn:` are identities, and lead nowhere.
SCHEMES = {"http", "https", "mailto", "tel"}
_SCRIPT = re.compile(
    r'<script type="module" src="(?:\.\./)+s/search-[0-9a-f]+\.js" integrity="sha384-[\w+/]{64}"></script>'
)
_FEED_TEXTS = ("{http://purl.org/rss/1.0/modules/content/}encoded", "{http://www.w3.org/2005/Atom}content")


def allowed() -> dict[str, set[str]]:
    """Attributes by element: those of the theme, and those of texts."""
    found = {tag: set(body.ALLOWED_ATTRIBUTES.get(tag, ())) for tag in body.ALLOWED_TAGS}
    for line in LIST.read_text(encoding="utf-8").splitlines():
        tag, *attributes = line.split()
        found.setdefault(tag, set()).update(attributes)
    return {tag: attributes | body.ALLOWED_ATTRIBUTES["*"] for tag, attributes in found.items()}


def elements(html: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Every element as browsers build it; a comment is the element `!--`."""
    for element in html5lib.parse(html, namespaceHTMLElements=False).iter():
        yield _described(element)


def _described(element: Element) -> tuple[str, dict[str, str]]:
    if not isinstance(element.tag, str):
        return "!--", {}
    return element.tag, {str(name): value for name, value in element.attrib.items()}


def strangers(html: str, known: dict[str, set[str]]) -> list[str]:
    """What stands in a page beyond the list: elements, attributes, addresses that run or hold something."""
    found = []
    for tag, attributes in elements(html):
        if tag not in known:
            found.append(f"<{tag}>")
        for name, value in attributes.items():
            if name not in known.get(tag, ()) or (name in _ADDRESSES and not _is_harmless(value)):
                found.append(f'<{tag} {name}="{value}">')
    return found


def _is_harmless(address: str) -> bool:
    seen = _DROPPED.sub("", address.strip(_AT_ENDS))
    scheme = _SCHEME.match(seen)
    return scheme[0].lower() in SCHEMES if scheme else not seen.replace("\\", "/").startswith("//")


def texts_of_a_feed(path: str, text: str) -> Iterator[str]:
    """The HTML inside a feed document. Raises where it is no XML or no JSON."""
    if path.endswith(".json"):
        yield from (item.get("content_html", "") for item in json.loads(text).get("items", ()))
        return
    root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False))
    for tag in _FEED_TEXTS:
        yield from (element.text or "" for element in root.iter(tag))


def strangers_in(path: str, text: str, known: dict[str, set[str]]) -> list[str]:
    """The same of any output: of the pages, of what feeds hold, of lists in XML whether they are XML."""
    if path.endswith("search/index.html"):
        assert len(_SCRIPT.findall(text)) == text.count("<script") == 1, "one script, which is the site's own"
        return strangers(_SCRIPT.sub("", text), known)
    if path.endswith(".html"):
        return strangers(text, known)
    if path.endswith((".rss", ".atom", ".json")):
        return [found for inner in texts_of_a_feed(path, text) for found in strangers(inner, known)]
    if path.endswith((".xml", ".opml")):
        etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False))
    return []
