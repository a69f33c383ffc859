"""The home page, the front of the network section, the list of feeds, and the page for what is not there."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.render.cards import cards, named
from tocsin.render.list_pages import case_rows, heading, network_values, own_page
from tocsin.render.reading import Reading
from tocsin.render.sheets import Sheet, page_of

NOT_FOUND_ADDRESS = "404.html"


def home_sheets(reading: Reading) -> Iterator[Sheet]:
    """The home page: who speaks, what is urgent, what is new, the portraits."""
    identity = reading.site.identity
    newest = tuple(reversed(reading.group("dated")))
    pinned = tuple(reversed(reading.group("pinned")))
    shown = [key for key in newest[: reading.site.lists.home + len(pinned)] if key not in pinned]
    series = reading.all_shared("series", reading.library.shared.series)
    page = own_page(
        reading,
        reading.addresses.home,
        "home",
        named(reading.site, identity.name, reading.language),
        named(reading.site, identity.introduction, reading.language),
    )
    yield Sheet(
        page,
        "home.html",
        {
            "introduction": named(reading.site, identity.introduction, reading.language),
            "pinned": cards(reading, pinned),
            "leads": cards(reading, [key for key in reversed(reading.group("lead")) if key not in pinned][:3]),
            "newest": cards(reading, shown[: reading.site.lists.home]),
            "open_cases": case_rows(reading, tuple(reversed(reading.group("open")))[:6]),
            "portraits": [(entry, cards(reading, reading.group(f"series:{key}"))) for key, entry in series.items()],
            "fronts": {
                "about": reading.addresses.network + "about/",
                "support": reading.addresses.network + "support/",
                "portraits": reading.addresses.section("portrait"),
                "cases": reading.addresses.cases,
                "appeals": reading.addresses.section("appeal"),
            },
        },
    )


def network_sheets(reading: Reading) -> Iterator[Sheet]:
    """The front of the network section: its pages, and the directory of members."""
    page = own_page(reading, reading.addresses.network, "page", heading(reading, "page"))
    yield Sheet(page, "network.html", {**network_values(reading), "members": reading.addresses.members})


def feeds_sheets(reading: Reading) -> Iterator[Sheet]:
    """All feeds of this language, explained."""
    title = reading.speech.catalogue.gettext("Feeds")
    yield Sheet(own_page(reading, reading.addresses.feeds, "feeds", title), "feeds.html", {})


def not_found_sheets(reading: Reading) -> Iterator[Sheet]:
    """The page for what is not there, in all languages at once. Its links are absolute: it serves any depth."""
    title = reading.speech.catalogue.gettext("Page not found")
    page = page_of(reading, NOT_FOUND_ADDRESS, section="not-found", title=title)
    homes = [(speech, reading.addresses_in(code).home) for code, speech in reading.speeches.items()]
    yield Sheet(page, "404.html", {"homes": homes})
