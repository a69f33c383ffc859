"""Feeds of three formats, read into one form by the strict parsers of the standard library."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree

ENDINGS = (".atom", ".json", ".rss")
ATOM = "{http://www.w3.org/2005/Atom}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_DC = "{http://purl.org/dc/elements/1.1/}"
_MEDIA = "{http://search.yahoo.com/mrss/}content"
_HISTORY = "{http://purl.org/syndication/history/1.0}archive"
_DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
_REPLY = "{http://purl.org/syndication/thread/1.0}in-reply-to"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_RFC_822 = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")
JSON_VERSION = "https://jsonfeed.org/version/1.1"


class UnreadableFeedError(Exception):
    """What a reader could not read; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a feed. `alternates` counts links to its page; `addresses` are all outside its text."""

    id: str
    title: str
    language: str
    published: datetime | None
    updated: datetime | None
    content: str
    alternates: int
    addresses: tuple[str, ...]
    is_permalink: bool = False
    has_base: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed document. `links` are relations to other documents; `deleted` are tombstones: id and instant."""

    kind: str
    id: str
    title: str
    language: str
    self: str
    home: str
    updated: datetime | None
    entries: tuple[Entry, ...]
    links: tuple[tuple[str, str], ...] = ()
    deleted: tuple[tuple[str, datetime], ...] = ()
    is_archive: bool = False


def read_feed(data: bytes, ending: str) -> Feed:
    """Read a feed, whose format `ending` tells; raises `UnreadableFeedError`."""
    readers = {".atom": _atom, ".rss": _rss, ".json": _json}
    try:
        return readers[ending](data)
    except (ElementTree.ParseError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UnreadableFeedError(f"cannot be parsed: {error}") from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableFeedError(f"lacks what its format asks for: {error}") from None


def _atom(data: bytes) -> Feed:
    root = ElementTree.fromstring(data)  # noqa: S314 - the feeds are those that were just built
    if root.tag != f"{ATOM}feed":
        raise UnreadableFeedError(f"is no Atom feed but a '{root.tag}'")
    links = _relations(root, f"{ATOM}link")
    return Feed(
        kind="atom",
        id=_one(root, f"{ATOM}id"),
        title=_one(root, f"{ATOM}title"),
        language=root.get(f"{_XML}lang", ""),
        self=_first(links, "self"),
        home=_first(links, "alternate"),
        updated=_instant(_one(root, f"{ATOM}updated")),
        entries=tuple(_atom_entry(entry) for entry in root.findall(f"{ATOM}entry")),
        links=tuple(link for link in links if link[0] not in {"self", "alternate"}),
        deleted=tuple((gone.attrib["ref"], _instant(gone.attrib["when"])) for gone in root.findall(_DELETED)),
        is_archive=root.find(_HISTORY) is not None,
    )


def _atom_entry(entry: ElementTree.Element) -> Entry:
    links = _relations(entry, f"{ATOM}link")
    content = entry.find(f"{ATOM}content")
    if content is None or content.get("type") != "html":
        raise ValueError("an entry without a text of the type html")
    reply = entry.find(_REPLY)
    return Entry(
        id=_one(entry, f"{ATOM}id"),
        title=_one(entry, f"{ATOM}title"),
        language=entry.get(f"{_XML}lang", ""),
        published=_instant(_one(entry, f"{ATOM}published")),
        updated=_instant(_one(entry, f"{ATOM}updated")),
        content=content.text or "",
        alternates=sum(relation == "alternate" for relation, _ in links),
        addresses=(
            *(address for _, address in links),
            *_pictures(entry),
            *([reply.attrib["href"]] if reply is not None else []),
        ),
        has_base=_has_base(entry),
    )


def _rss(data: bytes) -> Feed:
    root = ElementTree.fromstring(data)  # noqa: S314 - the feeds are those that were just built
    channel = root.find("channel")
    if root.tag != "rss" or root.get("version") != "2.0" or channel is None:
        raise UnreadableFeedError("is no RSS 2.0")
    links = _relations(channel, f"{ATOM}link")
    _one(channel, "description")
    return Feed(
        kind="rss",
        id="",
        title=_one(channel, "title"),
        language=_one(channel, "language"),
        self=_first(links, "self"),
        home=_one(channel, "link"),
        updated=_rss_date(_one(channel, "lastBuildDate")),
        entries=tuple(_rss_item(item) for item in channel.findall("item")),
        links=tuple(link for link in links if link[0] != "self"),
        is_archive=channel.find(_HISTORY) is not None,
    )


def _rss_item(item: ElementTree.Element) -> Entry:
    guid = item.find("guid")
    if guid is None:
        raise ValueError("an item without guid")
    files = item.findall("enclosure")
    if len(files) > 1:
        raise ValueError("an item with more than one enclosure")
    links = [link.text or "" for link in item.findall("link")]
    return Entry(
        id=guid.text or "",
        title=_one(item, "title"),
        language=_one(item, f"{_DC}language"),
        published=_rss_date(_one(item, "pubDate")),
        updated=_instant(_one(item, f"{ATOM}updated")),
        content=item.findtext(_CONTENT) or item.findtext("description") or "",
        alternates=len(links),
        addresses=(*links, *(file.attrib["url"] for file in files), *_pictures(item)),
        is_permalink=guid.get("isPermaLink") != "false",
        has_base=_has_base(item),
    )


def _json(data: bytes) -> Feed:
    feed: dict[str, Any] = json.loads(data)
    if feed.get("version") != JSON_VERSION:
        raise UnreadableFeedError("is no JSON Feed 1.1")
    return Feed(
        kind="json",
        id="",
        title=feed["title"],
        language=feed["language"],
        self=feed["feed_url"],
        home=feed["home_page_url"],
        updated=None,
        entries=tuple(_json_item(item) for item in feed["items"]),
    )


def _json_item(item: dict[str, Any]) -> Entry:
    addresses = [item[name] for name in ("url", "image") if name in item]
    return Entry(
        id=item["id"],
        title=item["title"],
        language=item["language"],
        published=_instant(item["date_published"]),
        updated=_instant(item["date_modified"]),
        content=item["content_html"],
        alternates=int("url" in item),
        addresses=(*addresses, *(file["url"] for file in item.get("attachments", ()))),
    )


def _one(parent: ElementTree.Element, name: str) -> str:
    """The text of the one child of this name."""
    found = parent.findall(name)
    if len(found) != 1:
        raise ValueError(f"{len(found)} elements '{name.rpartition('}')[2]}' instead of one")
    return found[0].text or ""


def _relations(parent: ElementTree.Element, name: str) -> list[tuple[str, str]]:
    return [(link.get("rel", "alternate"), link.attrib["href"]) for link in parent.findall(name)]


def _first(links: list[tuple[str, str]], relation: str) -> str:
    return next((address for name, address in links if name == relation), "")


def _pictures(parent: ElementTree.Element) -> Iterator[str]:
    return (picture.attrib["url"] for picture in parent.findall(_MEDIA))


def _has_base(parent: ElementTree.Element) -> bool:
    return any(f"{_XML}base" in element.attrib for element in parent.iter())


def _instant(text: str) -> datetime:
    """An instant of RFC 3339, which has a zone."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None or instant.microsecond:
        raise ValueError(f"the instant {text}, which has no zone or fractions of a second")
    return instant


def _rss_date(text: str) -> datetime:
    """A date of RFC 822 with a year of four digits."""
    if not _RFC_822.fullmatch(text):
        raise ValueError(f"the date {text}, which is not written like 'Wed, 18 Nov 2026 00:00:00 +0000'")
    return parsedate_to_datetime(text)
