"""Every feed of a built tree is what readers need: valid, complete, and the same to them on every mirror.

Readers know an item by its id. So an id is a `tag:` URI and no link, it means the same entry wherever it
stands, every address in it is absolute and leads to the mirror that serves the feed, and the document says
its own address. What is checked follows RFC 4287 (Atom), RFC 5005 (archives), RFC 6721 (tombstones), the RSS
Advisory Board's profile and JSON Feed 1.1, and what readers are known to trip over.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

from tocsin.checks.feed_reading import ENDINGS, Entry, Feed, UnreadableFeedError, read_feed
from tocsin.checks.tree import files_below
from tocsin.errors import Finding

# An id that no reader changes: ASCII, nothing to escape, nothing that looks like a link (RFC 4151).
_TAG = re.compile(r"tag:[a-z0-9.@_-]+,\d{4}(?:-\d\d){0,2}:[a-z0-9][A-Za-z0-9/._-]*")
RULE = "feed"


@dataclass(frozen=True, slots=True)
class FeedReport:
    """How many feed documents and entries were looked at, and what is wrong."""

    feeds: int
    entries: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """What is kept of a document when it has been read: where it leads, and what it holds."""

    links: Mapping[str, str]
    ids: tuple[str, ...]
    is_archive: bool


@dataclass
class _Seen:
    """What the documents so far have said: entries by id, with the digest of what each says."""

    entries: dict[str, tuple[str, str]] = field(default_factory=dict)
    feeds: dict[str, str] = field(default_factory=dict)
    documents: dict[str, _Place] = field(default_factory=dict)


def check_feeds(
    root: Path, base: str, changed: Collection[str] | None = None, files: set[str] | None = None
) -> FeedReport:
    """Read every feed below `root`, which is served from `base`, or those that have `changed`.

    `files` are those of the tree, where they are known.
    """
    findings: list[Finding] = []
    files = files_below(root) if files is None else files
    seen = _Seen()
    entries = 0
    wanted = files if changed is None else files & frozenset(changed)
    for name in sorted(name for name in wanted if name.endswith(ENDINGS) and "feeds/" in name):
        try:
            feed = read_feed((root / name).read_bytes(), name[name.rindex(".") :])
        except UnreadableFeedError as error:
            findings.append(Finding(name, 0, str(error), RULE))
            continue
        entries += len(feed.entries)
        said = (
            *_document(name, feed, base),
            *_links(feed, base, files),
            *_entries(feed, base, files, seen, name),
        )
        findings += [Finding(name, 0, text, RULE) for text in (*said, *_agrees(name, feed, seen))]
        ids = (*(entry.id for entry in feed.entries), *dict(feed.deleted))
        seen.documents[name] = _Place(dict(feed.links), ids, feed.is_archive)
    if changed is None:  # archives are one chain
        findings += [Finding(name, 0, text, RULE) for name, text in _archives(seen.documents, base)]
    return FeedReport(len(seen.documents), entries, tuple(findings))


def _document(name: str, feed: Feed, base: str) -> Iterator[str]:
    """What the document says of itself."""
    for what in ("title", "language", "home", "updated"):
        if not getattr(feed, what) and (what, feed.kind) != ("updated", "json"):
            yield f"has no {what}"
    if feed.kind == "atom" and not _TAG.fullmatch(feed.id):
        yield f"has the id '{feed.id}', which is not a tag: URI of plain ASCII"
    if feed.self != base + name:
        yield f"says that it stands at '{feed.self}', and stands at '{base}{name}'"
    changes = [entry.updated for entry in feed.entries if entry.updated]
    newest = max([*changes, *(when for _, when in feed.deleted)], default=None)
    if newest is not None and feed.updated is not None and feed.updated != newest:
        yield f"was changed on {feed.updated}, but its newest entry on {newest}"
    ids = Counter(entry.id for entry in feed.entries)
    for repeated in sorted(identity for identity, count in ids.items() if count > 1):
        yield f"holds '{repeated}' more than once"
    for gone in sorted(dict(feed.deleted).keys() & set(ids)):
        yield f"holds '{gone}' and says that it was deleted"


def _links(feed: Feed, base: str, files: set[str]) -> Iterator[str]:
    """Where the document leads: to other documents of the feed, and to the page that it belongs to."""
    for relation, address in (*feed.links, ("alternate", feed.home)):
        if not address.startswith(base):
            yield f"leads by '{relation}' to '{address}', which is not on this mirror"
        elif _file(address, base) not in files:
            yield f"leads by '{relation}' to '{address}', which does not exist"
    if feed.is_archive and "current" not in dict(feed.links):
        yield "is an archive and does not say which document is the current one"


def _entries(feed: Feed, base: str, files: set[str], seen: _Seen, name: str) -> Iterator[str]:
    """The entries of a document. The text of an entry is gone through once: it is the same everywhere."""
    for entry in feed.entries:
        told = repr((entry.title, entry.updated, entry.published, entry.content))
        digest = hashlib.sha256(told.encode()).hexdigest()
        before, where = seen.entries.get(entry.id, ("", ""))
        if before and before != digest:
            yield f"entry '{entry.id}' says something else than in {where}"
        seen.entries[entry.id] = (digest, name)
        texts = () if before == digest else _content(entry)
        yield from (f"entry '{entry.id}' {text}" for text in (*_entry(entry, feed.kind), *texts))
        for address in entry.addresses:
            if address.startswith(base) and _file(address, base) not in files:
                yield f"entry '{entry.id}' leads to '{address}', which does not exist"


def _entry(entry: Entry, kind: str) -> Iterator[str]:
    """One entry: its identity, its link, its dates, its direction, its addresses."""
    if not _TAG.fullmatch(entry.id):
        yield "has an id that is not a tag: URI of plain ASCII"
    if entry.is_permalink:
        yield 'has an id that says it is a link; write isPermaLink="false"'
    if entry.alternates > 1 or (kind == "atom" and entry.alternates != 1):
        yield f"has {entry.alternates} links to its page instead of one"
    if not entry.title or entry.published is None or entry.updated is None or not entry.content:
        yield "lacks a title, a date or its text"
    if not entry.language or not entry.id.endswith(f"/{entry.language}"):
        yield f"is in '{entry.language}', which its id does not end with"
    if entry.has_base:
        yield "has xml:base, which readers resolve differently; write whole addresses"
    for address in entry.addresses:
        if not urlsplit(address).scheme:
            yield f"has the address '{address}', which is not absolute"


class _Content(HTMLParser):
    """The first element of a content, and all addresses in it."""

    def __init__(self) -> None:
        super().__init__()
        self.first: tuple[str, dict[str, str | None]] | None = None
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.first = self.first or (tag, values)
        self.addresses += [values[name] or "" for name in ("href", "src", "cite", "poster") if name in values]
        for part in (values.get("srcset") or "").split(","):
            self.addresses += part.split()[:1]


def _content(entry: Entry) -> Iterator[str]:
    parser = _Content()
    parser.feed(entry.content)
    parser.close()
    tag, values = parser.first or ("", {})
    if tag != "div" or values.get("lang") != entry.language or values.get("dir") not in {"ltr", "rtl"}:
        yield "does not carry its language and direction in a 'div' around its text"
    for address in parser.addresses:
        if not urlsplit(address).scheme:
            yield f"holds the address '{address}', which is not absolute"


def _agrees(name: str, feed: Feed, seen: _Seen) -> Iterator[str]:
    """A feed is one feed in all its formats, and two feeds are two."""
    stem = name.rpartition(".")[0]
    others = [seen.documents.get(f"{stem}{ending}") for ending in ENDINGS]
    # Atom has tombstones in place of what was withdrawn, the others a note under the same id.
    ids = {entry.id for entry in feed.entries} | dict(feed.deleted).keys()
    if any(other is not None and set(other.ids) != ids for other in others):
        yield "does not hold the same entries as another format of this feed"
    if feed.kind == "atom" and not feed.is_archive:
        other = seen.feeds.setdefault(feed.id, name)
        if other != name:
            yield f"has the id of {other}"


def _archives(documents: Mapping[str, _Place], base: str) -> Iterator[tuple[str, str]]:
    """Archives lead to one another in both directions, are of one size, and share no entry (RFC 5005, 4)."""
    for name, document in documents.items():
        before = documents.get(document.links.get("prev-archive", "").removeprefix(base))
        if before is None:
            continue
        if not before.is_archive:
            yield name, "leads by 'prev-archive' to a document that is no archive"
        if document.is_archive and before.links.get("next-archive") != base + name:
            yield name, "is not the 'next-archive' of the document before it"
        if document.is_archive and len(document.ids) != len(before.ids):
            yield name, f"holds {len(document.ids)} entries and the archive before it {len(before.ids)}"
        if document.is_archive and {*document.ids} & {*before.ids}:
            yield name, "repeats entries of the archive before it"


def _file(address: str, base: str) -> str:
    """The output file that an address of this mirror leads to."""
    path = address.removeprefix(base).partition("#")[0]
    return f"{path}index.html" if not path or path.endswith("/") else path
