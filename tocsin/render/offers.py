"""In which language, and under which language's address, readers are offered an item."""

from __future__ import annotations

from tocsin.library.entry import Entry
from tocsin.model.items import AnyItem
from tocsin.model.site import Site


def page_language(site: Site, entry: Entry | AnyItem, language: str) -> str:
    """The language under whose address a reader of `language` finds the item."""
    if language in entry.languages or getattr(site.missing_translation, entry.kind, "list") == "page":
        return language
    return spoken_language(site, entry, language)


def spoken_language(site: Site, entry: Entry | AnyItem, language: str) -> str:
    """The language in which a reader of `language` is shown the item."""
    return next(code for code in site.order_for(language, entry.original) if code in entry.languages)
