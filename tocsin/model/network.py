"""Pages of the network, and its members."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from tocsin.model.dates import Day, PartialDate
from tocsin.model.items import Facts, Item, Kind, Words
from tocsin.model.record import Fault
from tocsin.model.text import Line, Prose, WebAddress

Block = Literal["offices", "keys", "addresses", "languages", "feeds"]
Listing = Literal["full", "name-and-country", "counted-only", "unlisted"]
# Listings that show the name of a member.
NAMED: frozenset[str] = frozenset({"full", "name-and-country"})


class PageFacts(Facts):
    """Facts of a page. `shows` adds blocks that are made from shared data below the text."""

    order: int = Field(100, description="place in the menus of the network section")
    menu: Literal["main", "footer", "none"] = Field("main", description="menu that lists the page")
    shows: tuple[Block, ...] = Field((), description="blocks made from shared data, below the text")


class PageWords(Words):
    """Words of a page; `menu_title` is used in menus where the title is too long."""

    menu_title: Line | None = Field(None, description="shorter title for menus")


class MemberFacts(Facts):
    """Facts of a member organisation. What the public sees is decided by `listing`, by default nothing."""

    acronym: Line | None = Field(None, description="abbreviation of the name")
    website: WebAddress | None = Field(None, description="shown where the member is listed in full")
    listing: Listing = Field("unlisted", description="what the public may learn of the member")
    joined: PartialDate | None = Field(None, description="when the member joined; not published")
    left: PartialDate | None = Field(
        None, description="when the member left; not published, and changes no list"
    )
    consent_on: Day | None = Field(None, description="day on which it agreed to be named; not published")

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if len(self.countries) != 1:
            yield "countries", "must name exactly one country, that of the member"
        if self.listing in NAMED and self.consent_on is None:
            yield "consent_on", "is missing; a member is listed by name only if it has consented"


class MemberWords(Words):
    """Words of a member: `title` is its name; `about` one or two sentences."""

    about: Prose | None = Field(None, description="who it is; shown where the member is listed in full")


@dataclass(frozen=True, slots=True)
class Page(Item[PageFacts, PageWords]):
    """A page of the network section."""

    kind: ClassVar[Kind] = "page"
    facts_type: ClassVar[type[Facts]] = PageFacts
    words_type: ClassVar[type[Words]] = PageWords


@dataclass(frozen=True, slots=True)
class Member(Item[MemberFacts, MemberWords]):
    """A member organisation."""

    kind: ClassVar[Kind] = "member"
    facts_type: ClassVar[type[Facts]] = MemberFacts
    words_type: ClassVar[type[Words]] = MemberWords
