"""OPML 2.0: the feeds of a language as one list, for a reader to import.

It names the feeds of one mirror only: with those of all, people would subscribe to everything several times.
Each feed stands in it once, as Atom, for the same reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

from tocsin.render.feed_lists import FeedRow

FORMAT = "Atom"


def opml(title: str, language: str, base: str, families: Iterable[tuple[str, Iterable[FeedRow]]]) -> str:
    """The text of a list: families of feeds by heading, those without one at the top."""
    root = ElementTree.Element("opml", {"version": "2.0"})
    ElementTree.SubElement(ElementTree.SubElement(root, "head"), "title").text = title
    body = ElementTree.SubElement(root, "body")
    for heading, rows in families:
        parent = ElementTree.SubElement(body, "outline", {"text": heading}) if heading else body
        for row in rows:
            address = next(link.address for link in row.links if link.label == FORMAT)
            about = {"type": "rss", "version": FORMAT, "language": language}
            names = {"text": str(row.title), "title": str(row.title)}
            addresses = {"xmlUrl": base + address, "htmlUrl": base + row.page}
            ElementTree.SubElement(parent, "outline", {**names, **about, **addresses})
    ElementTree.indent(root, "")
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{ElementTree.tostring(root, encoding='unicode')}\n"
