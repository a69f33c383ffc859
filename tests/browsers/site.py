"""The site that browsers are shown: the demonstration, with what it lacks and readers may yet meet.

Its lists are so short that there are numbered pages, and one appeal holds what strains a layout.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lxml import html

from tests.integration.checkout import Checkout, Page, copy_built
from tocsin.console.quick import state_path
from tocsin.make.state import open_state
from tocsin.render.world import ITEM_FACETS

LANGUAGES = ("en", "ar")
STRAINED = ("appeals/strained/", "ar/appeals/strained/")
ENDLESS = "Unpronounceable" * 12
COLUMNS = 20

HEAD = """\
---
id: 0000000001
original: true
fictional: true
issued: 2026-10-01
stage: first
countries: [KE]
themes: [defenders]
violations: [threats]
issuers: [omct]
status: closed-other
title: {endless}
summary: A summary with {endless} in it, 🕊️ and é, and شبكة المدافعين (2026).
---
"""
TRANSLATED_HEAD = """\
---
source_rev: 000000000000
title: عنوان فيه {endless}
summary: ملخّص.
---
"""
BODY = """
A paragraph with {endless}, with `{endless}` and with <https://example.org/{endless}>.

{table}

> A quotation of {endless}.

1. One
2. Two[^note]

[^note]: A note with {endless}.
"""
MIRRORS = """\
schema = 1

[mirrors.strained]
edition = "abcdefghij"
address = "https://mirror.example/{endless}/"
kind = "rclone"
tier = "collateral"
label = "{endless} شبكة المدافعين"
onion = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion"

[mirrors.forever]
address = "https://ipfs.example/"
kind = "ipfs"
"""
TRANSLATED_BODY = """
فقرة.

{table}
"""


@dataclass(frozen=True)
class Look:
    """A page that stands for all that are made like it."""

    language: str
    template: str
    made_as: str
    address: str

    @property
    def asked(self) -> str:
        """What a reader asks for to get it: the page for what is not there, at an address that is not."""
        return "a/page/that/never/was" if self.template == "404.html" else self.address


@dataclass(frozen=True)
class Site:
    """A built site, and which of its pages show all that the theme can do."""

    checkout: Checkout = field(repr=False)

    @property
    def output(self) -> Path:
        return self.checkout.output

    @cached_property
    def pages(self) -> dict[str, Page]:
        """Every page by its address, such as `ar/appeals/x/`."""
        return {look.address: self._page(look.address) for look in self.looks}

    def _page(self, address: str) -> Page:
        path = self.output / address
        return Page(address, (path / "index.html" if path.is_dir() else path).read_bytes())

    @cached_property
    def looks(self) -> list[Look]:
        """Every page, with the template that set it and what the program made it as."""
        state = open_state(state_path(self.checkout.root, self.output), ITEM_FACETS, clean=False)
        found = []
        for job in state.value("plan", ()):
            outputs, facets = state.done(job) or ((), ())
            templates = [facet[1] for facet in facets if facet[0] == "template"]
            for path in (str(output[0]) for output in outputs if str(output[0]).endswith(".html")):
                address = path.removesuffix("index.html")
                is_print = address.endswith("/print/")
                own = [name for name in templates if (name == "print.html") == is_print]
                kind = job[2].partition(":")[0] if job[0] == "item" else ""
                made_as = " ".join(filter(None, [job[0], kind, "numbered" if "/page/" in address else ""]))
                found.append(Look(job[1], own[0], made_as, address))
        state.store.close()
        written = {path.relative_to(self.output).as_posix() for path in self.output.rglob("*.html")}
        assert {look.address for look in found} == {path.removesuffix("index.html") for path in written}
        return found

    @cached_property
    def sample(self) -> list[Look]:
        """In each language: the strained appeal; of every template and all that is made with it the page that
        shows most; and so many more that each element and class of the theme is seen."""
        return [look for language in LANGUAGES for look in self._sample(language)]

    def _sample(self, language: str) -> Iterator[Look]:
        looks = [look for look in self.looks if look.language == language]
        shown = {look: shapes(self.pages[look.address].root) for look in looks}
        waiting = {(look.template, look.made_as) for look in looks}
        unseen = set().union(*shown.values())
        strained = [look for look in looks if look.address in STRAINED]
        while strained or waiting or unseen:
            wanted = strained or [look for look in looks if (look.template, look.made_as) in waiting] or looks
            best = max(wanted, key=lambda look: len(shown[look] & unseen))
            strained = []
            waiting.discard((best.template, best.made_as))
            unseen -= shown[best]
            yield best


def shapes(root: html.HtmlElement) -> set[tuple[str, str]]:
    """What the style sheet tells apart: each element with its class and its state."""
    return {
        (
            f"{element.tag}.{element.get('class', '')}",
            " ".join(name for name in ("aria-current", "dir", "rel", "tabindex") if name in element.attrib),
        )
        for element in root.iterdescendants(html.etree.Element)
    }


def make(demo: Checkout, folder: Path) -> Site:
    """Build the site in a folder of its own, from the built demonstration, whose pictures are used again."""
    site = copy_built(demo, folder)
    settings = (site.root / "site.toml").read_text(encoding="utf-8")
    settings, count = re.subn(r"^per_page = \d+$", "per_page = 4", settings, flags=re.MULTILINE)
    assert count == 1
    site.write("site.toml", settings)
    site.write("mirrors.toml", MIRRORS.format(endless=ENDLESS.lower()))
    table = "\n".join(
        "|" + " | ".join(cells) + "|"
        for cells in (
            [f"Column {number}" for number in range(COLUMNS)],
            ["---"] * COLUMNS,
            ["17 letters"] * COLUMNS,
        )
    )
    place = "content/appeals/2026/strained"
    site.write(f"{place}/en.md", HEAD.format(endless=ENDLESS) + BODY.format(endless=ENDLESS, table=table))
    site.write(
        f"{place}/ar.md", TRANSLATED_HEAD.format(endless=ENDLESS) + TRANSLATED_BODY.format(table=table)
    )
    told = site.build()
    assert told.code == 0, told.said
    return Site(site)
