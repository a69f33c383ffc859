"""What readers can see of a library, told without pages, and what a change of it would make public.

An `Outward` is plain data that a release can keep: every text of every item by its address, with the title,
the names of persons, the pictures and the documents in it. Two of them are compared by `compare`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tocsin.ledger.store import digest
from tocsin.library.library import Library
from tocsin.model import Member
from tocsin.model.items import AnyItem
from tocsin.model.network import NAMED
from tocsin.render.addresses import Addresses

# fmt: off
_EDITORS_OWN = frozenset({
    "at_risk", "consent", "consent_on", "draft", "embargo", "exceptions", "original", "review_on",
    "tombstone", "withdrawn_files", "withdrawn_languages",
})
# fmt: on


class Text(NamedTuple):
    """One text in one language: how readers come to it, and what of it could harm somebody.

    `pictures` and `documents` are names of source files with digests of their content; `words` is a digest of
    all that is said, `facts` of all that is stated.
    """

    title: str
    kind: str
    language: str
    names: tuple[str, ...]
    pictures: tuple[tuple[str, str], ...]
    documents: tuple[tuple[str, str], ...]
    words: str
    facts: str


Outward = Mapping[str, Text]  # by address


class Change(NamedTuple):
    """What happens to one thing: `what` it is, its `name` in words, the `address` where readers meet it."""

    what: str  # page, name, picture or document
    way: str  # new, changed or gone
    name: str
    address: str
    detail: str = ""


def outward(library: Library) -> dict[str, Text]:
    """Everything that is public of the items of a library."""
    found: dict[str, Text] = {}
    for key, entry in library.entries.items():
        item = library.item(key)
        for language in entry.languages:
            own = Addresses(language, library.site.default_language)
            if not isinstance(item, Member) or entry.listing in NAMED:
                found[own.item(entry)] = _text(library, item, language)
    return found


def _text(library: Library, item: AnyItem, language: str) -> Text:
    entry, words = library.entries[item.key], item.words[language]
    said = library.read_texts(item.key, language)
    return Text(
        title=words.title,
        kind=item.kind,
        language=language,
        names=tuple(_names(item, language)),
        pictures=tuple((name, str(plain[0])) for name, plain in entry.pictures),
        documents=tuple((address, digest_) for address, _, digest_ in entry.documents),
        words=digest((words.model_dump(mode="json"), dict(said))).hex(),
        facts=digest(_published(item.facts.model_dump(mode="json"))).hex(),
    )


def _published(value: Any) -> Any:
    """Facts without those that guide editors only."""
    if isinstance(value, dict):
        return {key: _published(inner) for key, inner in value.items() if key not in _EDITORS_OWN}
    return value


def _names(item: AnyItem, language: str) -> Iterator[str]:
    """The names of persons and of organisations that are members."""
    words = item.words[language]
    if isinstance(item, Member):
        yield words.title
    if person := getattr(words, "person", ""):
        yield person
    yield from getattr(words, "names", {}).values()


Named = tuple[str, str]  # what readers see of it, and a digest of what is in it, if it is a file
_NAMED: Mapping[str, Callable[[Text], Iterable[Named]]] = {
    "name": lambda text: ((name, "") for name in text.names),
    "picture": lambda text: text.pictures,
    "document": lambda text: text.documents,
}


def compare(old: Outward, new: Outward) -> Iterator[Change]:
    """What becomes public, changes and goes, first of all what concerns persons."""
    for what, named in _NAMED.items():
        before, after = _first_places(old, named), _first_places(new, named)
        for way, one, other in (("new", after, before), ("gone", before, after)):
            for place in sorted(one.keys() - other.keys()):
                yield Change(what, way, place[0], one[place])
    yield from _compare_pages(old, new)


def _compare_pages(old: Outward, new: Outward) -> Iterator[Change]:
    for address in sorted(old.keys() | new.keys()):
        before, after = old.get(address), new.get(address)
        if before is None and after is not None:
            yield Change("page", "new", after.title, address)
        elif before is not None and after is None:
            yield Change("page", "gone", before.title, address)
        elif before is not None and after is not None and (how := _how(before, after)):
            yield Change("page", "changed", after.title, address, how)


def _how(before: Text, after: Text) -> str:
    """In words, what is another on a page; empty where nothing is."""
    parts = []
    if before.title != after.title:
        parts.append(f"title (was “{before.title}”)")
    if before.words != after.words:
        parts.append("text")
    if before.facts != after.facts:
        parts.append("facts")
    return ", ".join(parts)


def _first_places(texts: Outward, named: Callable[[Text], Iterable[Named]]) -> dict[Named, str]:
    """Everything of one kind, with the address where it stands first."""
    found: dict[Named, str] = {}
    for address in sorted(texts):
        for one in named(texts[address]):
            found.setdefault(one, address)
    return found
