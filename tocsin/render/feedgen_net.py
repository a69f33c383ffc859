"""RSS 2.0 and Atom (RFC 4287) through feedgen, and what has to be done around feedgen 1.0.0.

feedgen loses what mirrors need most: an entry's links lose their `rel`, the last link of a feed becomes
RSS's own, no other links reach RSS, authors without e-mail vanish from it, dates default to the present. Its
extension mechanism repairs that. `tests/unit/render/test_feedgen_net.py` has a test for each thing.
`feedgen.feed` must be imported before any other part of feedgen.
"""

from __future__ import annotations

from html import escape
from typing import Any

from feedgen.feed import FeedGenerator  # before all else of feedgen: `feedgen.util` needs what it imports

from feedgen.entry import FeedEntry as GeneratedEntry  # isort: skip
from feedgen.ext.base import BaseEntryExtension, BaseExtension  # isort: skip
from lxml import etree

from tocsin.render.feed_documents import FeedDocument
from tocsin.render.feed_entries import FeedEntry

XML = "http://www.w3.org/XML/1998/namespace"
ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
HISTORY = "http://purl.org/syndication/history/1.0"  # RFC 5005
THREAD = "http://purl.org/syndication/thread/1.0"  # RFC 4685
TOMBSTONE = "http://purl.org/atompub/tombstones/1.0"  # RFC 6721
MEDIA = "http://search.yahoo.com/mrss/"


class NetExtension(BaseExtension):  # type: ignore[misc]
    """For the feed: links of paging, the mark of an archive, tombstones; and no more than that."""

    document: FeedDocument

    def extend_ns(self) -> dict[str, str]:
        document = self.document
        used = {"dc": DC, "media": MEDIA, "thr": THREAD}
        if document.is_archive:
            used["fh"] = HISTORY
        if document.withdrawn:
            used["at"] = TOMBSTONE
        return used

    def extend_atom(self, feed: Any) -> Any:
        if self.document.is_archive:
            etree.SubElement(feed, f"{{{HISTORY}}}archive")
        for identity, when in self.document.withdrawn:
            etree.SubElement(feed, f"{{{TOMBSTONE}}}deleted-entry", {"ref": identity, "when": when})
        return feed

    def extend_rss(self, rss: Any) -> Any:
        channel = rss.find("channel")
        for old in channel.findall("docs"):  # a link to a third party that no reader needs
            channel.remove(old)
        if self.document.is_archive:
            etree.SubElement(channel, f"{{{HISTORY}}}archive")
        for relation, address in self.document.relations("rss"):
            etree.SubElement(channel, f"{{{ATOM}}}link", _link(relation, address, "application/rss+xml"))
        return rss


class NetEntryExtension(BaseEntryExtension):  # type: ignore[misc]
    """For an entry: exactly its own links, its language, its authors by name, what it replies to."""

    entry: FeedEntry

    def extend_atom(self, made: Any) -> Any:
        entry = self.entry
        made.set(f"{{{XML}}}lang", entry.language)
        for old in made.findall("link"):
            made.remove(old)
        alternate = {
            "rel": "alternate",
            "href": entry.address,
            "hreflang": entry.language,
            "type": "text/html",
        }
        etree.SubElement(made, "link", alternate)
        for file in entry.enclosures:
            own = {"rel": "enclosure", "href": file.address, "hreflang": file.language, "type": file.type}
            own |= {"length": str(file.size)} if file.size else {}
            etree.SubElement(made, "link", own)
        if entry.replies_to:
            identity, address = entry.replies_to
            reply = {"ref": identity, "href": address, "type": "text/html"}
            etree.SubElement(made, f"{{{THREAD}}}in-reply-to", reply)
        _add_picture(made, entry)
        return made

    def extend_rss(self, item: Any) -> Any:
        entry = self.entry
        if entry.summary:  # readers take it for HTML, and it is plain text
            item.find("description").text = escape(entry.summary, quote=False)
        for creator in entry.creators:
            etree.SubElement(item, f"{{{DC}}}creator").text = creator
        etree.SubElement(item, f"{{{DC}}}language").text = entry.language
        etree.SubElement(item, f"{{{ATOM}}}updated").text = entry.updated.isoformat()
        _add_picture(item, entry)
        return item


def _link(relation: str, address: str, media_type: str) -> dict[str, str]:
    return {"rel": relation, "href": address, "type": media_type}


def _add_picture(made: Any, entry: FeedEntry) -> None:
    if entry.picture:
        size = {"width": str(entry.picture.width), "height": str(entry.picture.height)}
        own = {"url": entry.picture.address, "medium": "image", "type": entry.picture.type, **size}
        etree.SubElement(made, f"{{{MEDIA}}}content", own)


def generated(document: FeedDocument, ending: str) -> str:
    """The text of a document as `rss` or `atom`.

    Only entries that no document of this language has shown yet go through feedgen: the text of an entry is
    the same in every feed, so it is cut out and kept with the entry.
    """
    entries = document.shown_in(ending)
    new = [entry for entry in entries if ending not in entry.texts]
    # Each format has a feed of its own, since its `self` link is another.
    feed = _feed(document, ending)
    feed.entry([_entry(entry) for entry in new])
    data: bytes = feed.rss_str() if ending == "rss" else feed.atom_str()
    # No text holds an unescaped `<`, so these stand where an entry begins and where the last one ends.
    begins, ends = ("<item>", "</channel>") if ending == "rss" else ("<entry ", "</feed>")
    head, *texts = data.decode().replace(ends, f"{begins}{ends}").split(begins)
    for entry, text in zip(new, texts, strict=False):
        entry.texts[ending] = f"{begins}{text}"
    return "\n".join([head, *(entry.texts[ending] for entry in entries), texts[-1], ""])


def _feed(document: FeedDocument, ending: str) -> Any:
    feed = FeedGenerator()
    feed.register_extension("net", NetExtension, NetEntryExtension)
    feed.net.document = document
    feed.id(document.id)
    feed.title(document.title)
    feed.description(document.description)
    feed.language(document.language)
    feed.generator("Tocsin")  # without a version: bytes depend on the sources alone
    feed.updated(document.updated)
    feed.author({"name": document.author})
    feed.rights(document.rights)
    media_type = f"application/{ending}+xml"
    feed.link(_link("self", document.address(ending), media_type))
    if ending == "atom":
        for relation, address in document.relations(ending):
            feed.link(_link(relation, address, media_type))
    # The last link is the one that RSS shows as the channel's.
    feed.link(href=document.home, rel="alternate", hreflang=document.language, type="text/html")
    return feed


def _entry(entry: FeedEntry) -> Any:
    """An entry for both formats; what the two do not share is added by the extension."""
    made = GeneratedEntry()
    made.register_extension("net", NetEntryExtension)
    made.net.entry = entry
    made.id(entry.id)
    made.guid(entry.id, permalink=False)
    made.title(entry.title)
    if entry.address:
        made.link(href=entry.address, rel="alternate")
    made.published(entry.published)
    made.updated(entry.updated)
    if entry.summary:
        made.summary(entry.summary)
    made.content(entry.content, type="html")
    if entry.creators:
        made.author([{"name": creator} for creator in entry.creators])
    for subject in entry.categories:
        made.category(term=subject.term, scheme=subject.scheme, label=subject.label)
    if entry.enclosures:  # RSS knows one, so it is the one in the reader's language, if there is one
        # A size that is not known is 0 (RSS Advisory Board, best practices).
        made.enclosure(entry.enclosures[0].address, str(entry.enclosures[0].size), entry.enclosures[0].type)
    return made
