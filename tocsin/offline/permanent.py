"""What copies that nobody can take back may hold: a library without whatever may have to be recalled.

The library is narrowed, not its pages: what is not in it, no list, count, menu or index can tell.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from tocsin.errors import TocsinError
from tocsin.library.entry import Entry
from tocsin.library.library import Fragments, Library
from tocsin.model.items import AnyItem
from tocsin.model.site import Site

# Completes the sentence "… belongs to a text that …" of the leak gate.
RECALLABLE = "may have to be recalled, and so belongs into no copy that is handed on"


def is_permanent(site: Site, entry: Entry) -> bool:
    """True where neither the item nor its kind may have to be recalled."""
    if entry.permanent is not None:
        return entry.permanent
    return bool(getattr(site.permanent, entry.kind))


def permanent_part(library: Library, languages: Collection[str]) -> Library:
    """The permanent items of a library that readers of these languages can be shown.

    Drafts, embargoes and what was withdrawn have no place in it: raise `TocsinError` for a library with
    drafts, and for languages that the site does not have.
    """
    if library.with_drafts:
        raise TocsinError("a library with drafts is a preview; an offline edition is made without them")
    unknown = sorted(set(languages) - library.site.languages.keys())
    if unknown or not languages:
        known = ", ".join(library.site.languages)
        raise TocsinError(f"the site has no language '{', '.join(unknown)}'; it has {known}")
    site = library.site.for_offline(languages)
    entries = {
        key: entry
        for key, entry in library.entries.items()
        if is_permanent(site, entry) and _is_shown(site, entry)
    }

    def item(key: str) -> AnyItem:
        return library.read_item(entries[key].key)

    def texts(key: str, language: str) -> Fragments:
        return library.read_texts(entries[key].key, language)

    return replace(
        library,
        site=site,
        entries=entries,
        read_item=item,
        read_texts=texts,
        read_lists=None,
        withdrawn={},
        embargoes=(),
        _items={},
    )


def _is_shown(site: Site, entry: Entry) -> bool:
    """True where the item exists in a language of the site, or is shown in another one there."""
    has_pages = getattr(site.missing_translation, entry.kind, "list") == "page"
    return has_pages or any(language in site.languages for language in entry.languages)
