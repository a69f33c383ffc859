"""The sitemap (sitemaps.org), in parts so that an edit touches a small one, and `robots.txt`; all stamped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from markupsafe import escape

from tocsin.render.reading import Reading
from tocsin.render.stamps import SENTINEL_BASE

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"
ElementTree.register_namespace("", _SITEMAP)
_HEAD = "<?xml version='1.0' encoding='UTF-8'?>"

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
    default = reading.site.default_language
    pages = [*_fronts(reading), *_items(reading, year)] if year == "pages" else [*_items(reading, year)]
    lines = [line for addresses, changed in pages for line in _lines(addresses, changed, default)]
    is_spoken = any(len(addresses) > 1 for addresses, _ in pages)
    spaces = f' xmlns="{_SITEMAP}"' + (f' xmlns:xhtml="{_XHTML}"' if is_spoken else "")
    return f"sitemap/{year}.xml", "\n".join((_HEAD, f"<urlset{spaces}>", *lines, "</urlset>\n"))


def _lines(addresses: Addresses, changed: str, default: str) -> Iterator[str]:
    """The lines of one page in its languages. A tree of 100,000 elements would take a second to write."""
    places = {code: escape(SENTINEL_BASE + address) for code, address in addresses.items()}
    versions = [*places.items(), ("x-default", places.get(default, next(iter(places.values()))))]
    links = [
        f'<xhtml:link rel="alternate" hreflang="{code}" href="{other}" />'
        for code, other in (versions if len(places) > 1 else ())
    ]
    for place in places.values():
        yield f"<url>\n<loc>{place}</loc>"
        if changed:
            yield f"<lastmod>{changed}</lastmod>"
        yield from links
        yield "</url>"


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
    return f"{_HEAD}\n{ElementTree.tostring(root, encoding='unicode')}\n"


def robots(reading: Reading) -> tuple[str, str]:
    """`robots.txt` (RFC 9309): everything may be read; print versions are copies of other pages."""
    return "robots.txt", f"User-agent: *\nDisallow: /*/print/$\n\nSitemap: {SENTINEL_BASE}sitemap.xml\n"
