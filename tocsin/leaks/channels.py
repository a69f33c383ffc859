"""Channels: the bytes of a file, as the texts that stand in it.

How a file is looked into is told by its name, and that it is what its name says is made sure of. A file of a
kind that nobody here knows is a finding: what cannot be looked into may hold anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath

from tocsin.leaks.archives import PAGEFIND, archive, gzipped
from tocsin.leaks.documents import pdf
from tocsin.leaks.folding import HARD
from tocsin.leaks.images import READERS as PICTURES
from tocsin.leaks.looking import Fault, Found, OpaqueError, Text
from tocsin.leaks.markup import COMMENTS, SEEN, TAGS, markup_texts
from tocsin.leaks.recordings import recording
from tocsin.leaks.times import telling_times

UNKNOWN_RULE = "not-looked-into"
PLAIN = "its text"
_HTML = frozenset({".html", ".htm", ".xhtml"})
_XML = frozenset({".xml", ".atom", ".rss", ".opml", ".opf", ".ncx", ".rels"})
_JSON = frozenset({".json", ".webmanifest"})
_TEXT = frozenset({".txt", ".css", ".js", ".conf", ".gone"})
_ARCHIVES = frozenset({".zip", ".epub", ".odt", ".docx"})
_RECORDINGS = frozenset({".mp3", ".mp4"})
# Files without ending: of an EPUB, of web servers, of releases.
_TEXT_NAMES = frozenset({"mimetype", "_headers", "Caddyfile", "SHA256SUMS"})
# A file within an address (RFC 2397), where what is in it cannot be seen.
_DATA = re.compile(r"\bdata:[a-z]+/[a-z0-9.+-]+[;,]", re.IGNORECASE)
# Archives within archives, and no more.
_DEPTH = 3


def look_into(name: str, data: bytes, instants: Collection[datetime] = (), depth: int = 0) -> Found:
    """The texts and the faults of one file. `instants` are times that may be told.

    Nothing is raised: a file that cannot be read is a fault, and the fault does not repeat what is in it.
    """
    try:
        yield from _look(name, data, instants, depth)
    except OpaqueError as error:
        yield Fault(UNKNOWN_RULE, f"cannot be looked into: it {error}; take it out, or make it anew")
    except Exception:  # noqa: BLE001 - what a decoder says of a file may repeat what is in it
        yield Fault(UNKNOWN_RULE, "cannot be looked into: it is damaged; take it out, or make it anew")


def _look(name: str, data: bytes, instants: Collection[datetime], depth: int) -> Found:
    path = PurePosixPath(name)
    ending = path.suffix.lower()
    reader = _reader(path.name, ending, instants)
    if reader is not None:
        yield from reader(_decoded(data))
    elif ending in PICTURES:
        yield from PICTURES[ending](data)
    elif ending in PAGEFIND:
        yield from PAGEFIND[ending](data)
    elif ending in _RECORDINGS:
        yield from recording(data, ending[1:])
    elif ending == ".pdf":
        yield from pdf(data)
    elif (ending in _ARCHIVES or ending == ".gz") and depth >= _DEPTH:
        raise OpaqueError("is an archive in an archive in an archive")
    elif ending in _ARCHIVES:
        yield from archive(data, partial(look_into, instants=instants, depth=depth + 1))
    elif ending == ".gz":
        yield from gzipped(path.stem, data, partial(look_into, instants=instants, depth=depth + 1))
    else:
        raise OpaqueError("is of a kind that is not known here")


def _reader(name: str, ending: str, instants: Collection[datetime]) -> Callable[[str], Found] | None:
    """How the text of a file of this name is read; None for what is no text."""
    if ending in _HTML:
        return partial(_html, instants=instants)
    if ending in _XML or name == ".rels":  # of a DOCX, an ending without a name before it
        return partial(_xml, instants=instants)
    if ending in _JSON:
        return partial(_json, instants=instants)
    return _plain if ending in _TEXT or name in _TEXT_NAMES else None


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise OpaqueError("is not UTF-8") from None


def _html(text: str, instants: Collection[datetime]) -> Found:
    for channel, part in markup_texts(text):
        yield Text(channel, part)
        if channel != SEEN:
            yield from _faults(part, instants)


def _xml(text: str, instants: Collection[datetime]) -> Found:
    """Feeds and lists of addresses: their times stand in elements, their texts may be HTML."""
    for channel, part in markup_texts(text):
        yield Text(channel, part)
        yield from _faults(part, instants)


def _json(text: str, instants: Collection[datetime]) -> Found:
    try:
        # As pairs, since of a key that stands twice one value would be lost.
        strings = list(_strings(json.loads(text, object_pairs_hook=tuple)))
    except (ValueError, RecursionError):
        raise OpaqueError("is no JSON") from None
    for part in strings:
        if "<" in part:
            yield from _html(part, instants)
    whole = HARD.join(strings)
    yield Text(PLAIN, whole)
    yield from _faults(whole, instants)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner)
    elif isinstance(value, int | float):
        yield str(value)


def _plain(text: str) -> Found:
    yield Text(PLAIN, text)
    yield from _faults(text, (), times=False)


def _faults(text: str, instants: Collection[datetime], *, times: bool = True) -> Iterator[Fault]:
    if _DATA.search(text):
        yield Fault("data-address", "holds a file in an address 'data:…', which is not looked into")
    if times and any(telling_times(text, instants)):
        yield Fault("time", "tells a time of day that no source states, and so when somebody worked")


__all__ = ["COMMENTS", "PLAIN", "SEEN", "TAGS", "UNKNOWN_RULE", "Fault", "Text", "look_into"]
