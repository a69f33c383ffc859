"""`sitemap.xml` with the languages of each page, and `robots.txt`. Both are stamped files."""

from __future__ import annotations

from xml.etree import ElementTree

from tocsin.render.reading import Reading
from tocsin.render.stamps import SENTINEL_BASE

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"


def sitemap(reading: Reading) -> tuple[str, str]:
    """Every page of an item and every front page, each with all its languages and `x-default` (sitemaps.org)."""
    ElementTree.register_namespace("", _SITEMAP)
    ElementTree.register_namespace("xhtml", _XHTML)
    root = ElementTree.Element(f"{{{_SITEMAP}}}urlset")
    for addresses, changed in _pages(reading):
        default = addresses.get(reading.site.default_language, next(iter(addresses.values())))
        for address in addresses.values():
            url = ElementTree.SubElement(root, f"{{{_SITEMAP}}}url")
            ElementTree.SubElement(url, f"{{{_SITEMAP}}}loc").text = SENTINEL_BASE + address
            if changed:
                ElementTree.SubElement(url, f"{{{_SITEMAP}}}lastmod").text = changed
            if len(addresses) > 1:
                for code, other in (*addresses.items(), ("x-default", default)):
                    attributes = {"rel": "alternate", "hreflang": code, "href": SENTINEL_BASE + other}
                    ElementTree.SubElement(url, f"{{{_XHTML}}}link", attributes)
    ElementTree.indent(root, "")
    text = ElementTree.tostring(root, encoding="unicode")
    return "sitemap.xml", f"<?xml version='1.0' encoding='UTF-8'?>\n{text}\n"


def _pages(reading: Reading) -> list[tuple[dict[str, str], str]]:
    """The addresses of each page by language, and the day of its last change where it is known."""
    site = reading.site
    schemes = {code: reading.addresses_in(code) for code in site.languages}
    fronts = [
        {code: own.home for code, own in schemes.items()},
        *({code: own.section(kind) for code, own in schemes.items()} for kind in ("appeal", "report", "statement")),
        {code: own.section("portrait") for code, own in schemes.items()},
        {code: own.countries for code, own in schemes.items()},
        {code: own.themes for code, own in schemes.items()},
        {code: own.network for code, own in schemes.items()},
        {code: own.members for code, own in schemes.items()},
    ]
    pages = [(front, "") for front in fronts]
    reading.facets.add("sitemap")
    for key in sorted(reading.library.items):
        item = reading.library.items[key]
        if item.kind == "member":
            continue
        days = [day for day in (item.facts.issued, *item.facts.corrected.values()) if day]
        changed = max(days).isoformat() if days else ""
        pages.append(({code: own.item(item) for code, own in schemes.items() if code in item.words}, changed))
    return pages


def robots(reading: Reading) -> tuple[str, str]:
    """`robots.txt` (RFC 9309): everything may be read; print versions are copies of other pages."""
    reading.facets.add("robots")
    return "robots.txt", f"User-agent: *\nDisallow: /*/print/$\n\nSitemap: {SENTINEL_BASE}sitemap.xml\n"
