"""Sheets: a page before it is set in its template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tocsin.render.addresses import file_of, root_of
from tocsin.render.languages import Speech
from tocsin.render.reading import Reading
from tocsin.render.said import Said
from tocsin.render.social import Preview


class Alternate(NamedTuple):
    """The same page in another language, or that language's home page where it does not exist."""

    language: str
    name: str
    direction: str
    address: str
    exists: bool
    current: bool


class FeedLink(NamedTuple):
    """A link to one format of a feed."""

    label: str
    type: str
    address: str


class Page(NamedTuple):
    """What every template may know of the page that it sets.

    `language` is the interface's; `content_language` that of the text, which differs on a fallback page.
    `canonical` is the address (below the site's root) of the page that this one stands for. `feeds` are the
    formats of the feed that belongs to this page, beside the feed of everything.
    """

    language: str
    direction: str
    address: str
    root: str
    section: str
    title: str
    description: str
    canonical: str
    alternates: tuple[Alternate, ...]
    printed: str | None
    content_language: str
    content_direction: str
    is_fallback: bool
    og_type: str
    feeds: tuple[FeedLink, ...] = ()
    preview: Preview | None = None

    @property
    def translations(self) -> tuple[Alternate, ...]:
        """The alternates that exist, this page included: what `hreflang` may list."""
        return () if self.is_fallback else tuple(other for other in self.alternates if other.exists)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One HTML page: its address, the template that sets it, and the values that the template uses."""

    page: Page
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The output file."""
        return file_of(self.page.address)


def alternates(reading: Reading, addresses: Mapping[str, str], current: str) -> tuple[Alternate, ...]:
    """One entry per language of the site. `addresses` holds the page's address where it exists."""
    found = []
    for code in reading.site.languages:
        speech: Speech = reading.speeches[code]
        exists = code in addresses
        address = addresses[code] if exists else reading.addresses_in(code).home
        found.append(Alternate(code, speech.own_name, speech.direction, address, exists, code == current))
    return tuple(found)


def page_of(
    reading: Reading,
    address: str,
    *,
    section: str,
    title: str,
    description: str = "",
    in_languages: Mapping[str, str] | None = None,
    canonical: str | None = None,
    printed: str | None = None,
    content_language: str | None = None,
    is_fallback: bool = False,
    og_type: str = "website",
    feeds: tuple[FeedLink, ...] = (),
    preview: Preview | None = None,
) -> Page:
    """The `Page` of an address; `in_languages` maps languages to the same page's addresses."""
    language = reading.language
    spoken = content_language or (title.language if isinstance(title, Said) else language)
    return Page(
        language=language,
        direction=reading.speech.direction,
        address=address,
        root=root_of(address),
        section=section,
        title=title,
        description=description,
        canonical=canonical if canonical is not None else address,
        alternates=alternates(reading, in_languages or {language: address}, language),
        printed=printed,
        content_language=spoken,
        content_direction=reading.speeches[spoken].direction,
        is_fallback=is_fallback,
        og_type=og_type,
        feeds=feeds,
        preview=preview,
    )
