"""The sitemap (sitemaps.org), in parts so that an edit touches a small one, and `robots.txt`; all stamped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from tocsin.render.reading import Reading
from tocsin.render.stamps import SENTINEL_BASE

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"
ElementTree.register_namespace("", _SITEMAP)
ElementTree.register_namespace("xhtml", _XHTML)

Addresses = dict[str, str]


def sitemap(reading: Reading) -> tuple[str, str]:
    """The index of the parts."""
    root = ElementTree.Element(f"{{{_SITEMAP}}}sitemapindex")
    for year in reading.ask("sitemap-years"):
        entry = ElementTree.SubElement(root, f"{{{_SITEMAP}}}sitemap")
        ElementTree.SubElement(entry, f"{{{_SITEMAP}}}loc").text = f"{SENTINEL_BASE}sitemap/{year}.xml"
    return "sitemap.xml", _text(root)


def part(reading: Reading, year: str) -> tuple[str, str]:
    """The items of one year, or the pages and fronts, each with all its languages and `x-default`."""
    root = ElementTree.Element(f"{{{_SITEMAP}}}urlset")
    default = reading.site.default_language
    pages = [*_fronts(reading), *_items(reading, year)] if year == "pages" else _items(reading, year)
    for addresses, changed in pages:
        _add(root, addresses, changed, default)
    return f"sitemap/{year}.xml", _text(root)


def _add(root: ElementTree.Element, addresses: Addresses, changed: str, default: str) -> None:
    versions = [*addresses.items(), ("x-default", addresses.get(default, next(iter(addresses.values()))))]
    for address in addresses.values():
        url = ElementTree.SubElement(root, f"{{{_SITEMAP}}}url")
        ElementTree.SubElement(url, f"{{{_SITEMAP}}}loc").text = SENTINEL_BASE + address
        if changed:
            ElementTree.SubElement(url, f"{{{_SITEMAP}}}lastmod").text = changed
        for code, other in versions if len(addresses) > 1 else ():
            attributes = {"rel": "alternate", "hreflang": code, "href": SENTINEL_BASE + other}
            ElementTree.SubElement(url, f"{{{_XHTML}}}link", attributes)


def _fronts(reading: Reading) -> Iterator[tuple[Addresses, str]]:
    schemes = {code: reading.addresses_in(code) for code in reading.site.languages}
    for name in ("home", "countries", "themes", "cases", "network", "members", "elsewhere", "codes", "index"):
        yield {code: getattr(own, name) for code, own in schemes.items()}, ""
    for kind in ("appeal", "report", "statement", "portrait"):
        yield {code: own.section(kind) for code, own in schemes.items()}, ""


def _items(reading: Reading, year: str) -> Iterable[tuple[Addresses, str]]:
    """Each item's addresses by language in the site's order, and the day of its last change, where known."""
    for key, languages, changed in reading.ask("sitemap", year):
        entry = reading.world.library.entries[key]
        own = [code for code in reading.site.languages if code in languages]
        yield {code: reading.addresses_in(code).item(entry) for code in own}, changed


def _text(root: ElementTree.Element) -> str:
    ElementTree.indent(root, "")
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{ElementTree.tostring(root, encoding='unicode')}\n"


def robots(reading: Reading) -> tuple[str, str]:
    """`robots.txt` (RFC 9309): everything may be read; print versions are copies of other pages."""
    return "robots.txt", f"User-agent: *\nDisallow: /*/print/$\n\nSitemap: {SENTINEL_BASE}sitemap.xml\n"
