"""What was read from a folder, kept under the digest of everything in it.

The key holds the bytes of every file, the folder's path, the site's languages and the version of the code and
of the libraries that read it; so there is nothing to invalidate, and neither theme nor settings can spoil it.
"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import PIL
import pydantic

from tocsin.errors import DamagedStoreError, Finding, Severity
from tocsin.ledger.store import Store, pack
from tocsin.library import body
from tocsin.library.entry import Entry, entry_of, picture_of, plain_picture
from tocsin.library.folders import ItemFolder
from tocsin.library.intake import ItemRecord, LinkPlace, read_with_item
from tocsin.library.records import build_item
from tocsin.model.items import AnyItem
from tocsin.pictures import cover

PlainFinding = tuple[str, int, str, str, str]
# Entry, record without texts, texts by language, warnings. Record and texts are packed where they were read:
# the one process that stores what all others have read need not know what is in them.
Kept = tuple[tuple[Any, ...], bytes, dict[str, bytes], list[PlainFinding]]

_CODE = Path(__file__).resolve().parents[1]


@cache
def version() -> str:
    """Changes with the code that reads sources, and with the libraries that it uses."""
    digest = hashlib.blake2b(digest_size=8)
    for room in ("model", "library", "pictures"):
        for path in sorted((_CODE / room).glob("*.py")):
            digest.update(path.read_bytes())
    # Names of renditions, which are part of what is read, are made from the versions of what encodes them.
    libraries = f"pydantic {pydantic.__version__}, pillow {PIL.__version__}, {cover.fingerprint()}"
    digest.update(f"{body.version()}, {libraries}".encode())
    return digest.hexdigest()


def revision(folder: ItemFolder, digests: Iterable[str], languages: Iterable[str]) -> str:
    """The key of a folder's content: 32 hexadecimal digits."""
    parts = (version(), folder.path, *folder.languages, *folder.others, *digests, "", *languages)
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def take_in(
    root: Path, folder: ItemFolder, languages: tuple[str, ...], key: str
) -> tuple[Kept | None, list[Finding]]:
    """Read a folder: what to keep, or None and its faults."""
    found, findings = read_with_item(root, folder, languages)
    if found is None:
        return None, findings
    record, item = found
    warnings = [plain_finding(finding) for finding in findings]
    return (
        tuple(entry_of(item, record, key)),
        pack(_record_name(key), _plain_record(record)),
        {
            language: pack(_text_name(key, language), fragments)
            for language, fragments in record.fragments.items()
        },
        warnings,
    ), []


def _plain_record(record: ItemRecord) -> tuple[Any, ...]:
    """A record as plain data: what an item is made of, and packed apart what only checks ask for."""
    places: Any = (
        tuple(tuple(link) for link in record.links),
        tuple(tuple(used) for used in record.facts_used),
        {name: plain_picture(picture) for name, picture in record.pictures.items()},
        dict(record.lines),
    )
    return (
        record.kind,
        record.slug,
        record.folder,
        record.original,
        record.facts,
        record.words,
        record.digests,
        marshal.dumps(places),
    )


def _own_record_of(plain: tuple[Any, ...]) -> ItemRecord:
    """A record with no more than an item is made of."""
    kind, slug, folder, original, facts, words, digests, _ = plain
    return ItemRecord(kind, slug, folder, original, facts, words, digests, fragments={})


def _record_of(plain: tuple[Any, ...]) -> ItemRecord:
    record = _own_record_of(plain)
    links, used, pictures, lines = marshal.loads(plain[-1])  # noqa: S302 - part of what the store has checked
    record.links = [LinkPlace(*link) for link in links]
    record.facts_used = [LinkPlace(*place) for place in used]
    record.pictures = {name: picture_of(picture) for name, picture in pictures.items()}
    record.lines = lines
    return record


def plain_finding(finding: Finding) -> PlainFinding:
    """A finding as plain data."""
    return (finding.path, finding.line, finding.message, finding.rule, str(finding.severity))


def finding_of(plain: PlainFinding) -> Finding:
    """The finding of `plain_finding`."""
    return Finding(*plain[:4], Severity(plain[4]))


class ItemCache:
    """Items as they were read, by revision, in a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def known(self) -> frozenset[str]:
        """The revisions that are kept."""
        try:
            return frozenset(name[6:] for name in self.store.names("entry:"))
        except DamagedStoreError:
            self.store.discard()
            return frozenset()

    def entry(self, key: str) -> tuple[Entry, list[PlainFinding]] | None:
        """The entry and the warnings of a revision."""
        try:
            kept = self.store.get(f"entry:{key}")
        except DamagedStoreError:
            return None
        return (Entry(*kept[0]), kept[1]) if kept else None

    def record(self, key: str) -> ItemRecord:
        """The record of a revision, without its texts; raises `DamagedStoreError`."""
        return _record_of(self._plain(key))

    def item(self, key: str) -> AnyItem:
        """The item of a revision; raises `DamagedStoreError`."""
        return build_item(_own_record_of(self._plain(key)))

    def _plain(self, key: str) -> tuple[Any, ...]:
        kept = self.store.get(_record_name(key))
        if kept is None:
            raise DamagedStoreError(f"what was remembered of {key} is gone")
        return tuple(kept)

    def texts(self, key: str, language: str) -> Mapping[str, str]:
        """The converted texts of a revision in one language; raises `DamagedStoreError`."""
        kept = self.store.get(_text_name(key, language))
        if kept is None:
            raise DamagedStoreError(f"what was remembered of {key} is gone")
        return dict(kept)

    def keep(self, items: Iterable[tuple[str, Kept]]) -> None:
        """Keep what was read of some revisions."""
        items = list(items)
        entries = ((f"entry:{key}", (kept[0], kept[3])) for key, kept in items)
        self.store.put(entries, packed=(part for key, kept in items for part in _packed(key, kept)))

    def prune(self, used: Iterable[str]) -> None:
        """Forget revisions that nothing uses, once they are as many as those in use."""
        used = set(used)
        unused = self.known() - used
        if len(unused) > len(used) + 100:
            endings = [name for key in unused for name in self.store.names(f"text:{key}:")]
            self.store.put(
                (), [*endings, *(f"{what}:{key}" for key in unused for what in ("entry", "record"))]
            )


def _packed(key: str, kept: Kept) -> Iterable[tuple[str, bytes]]:
    yield _record_name(key), kept[1]
    for language, fragments in kept[2].items():
        yield _text_name(key, language), fragments


def _record_name(key: str) -> str:
    return f"record:{key}"


def _text_name(key: str, language: str) -> str:
    return f"text:{key}:{language}"
