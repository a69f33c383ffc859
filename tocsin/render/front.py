"""The home page, the front of the network section, the list of feeds, and the page for what is not there."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.model.site import Permanent
from tocsin.render.cards import cards, named
from tocsin.render.feed_lists import row
from tocsin.render.feeds import families
from tocsin.render.list_pages import OPEN_CASES, case_rows, heading, network_values, own_page
from tocsin.render.reading import Reading
from tocsin.render.sheets import Sheet, page_of
from tocsin.signed.paths import RELEASE


def N_(message: str) -> str:  # noqa: N802 - the name that extractors of catalogues know
    """Mark a word for the catalogues; it is translated where it is shown."""
    return message


NOT_FOUND_ADDRESS = "404.html"
# How many items the home page shows with picture and excerpt.
LEADS = 3
# What the page for what is not there says in every language: heading, text, links.
NOT_FOUND = (
    N_("Page not found"),
    N_("There is no page at this address. It may have been moved or taken down."),
    N_("Go to the home page"),
    N_("Other addresses"),
)


def home_sheets(reading: Reading) -> Iterator[Sheet]:
    """The home page: who speaks, what is urgent, what is new, the portraits."""
    identity = reading.site.identity
    pinned = tuple(reversed(reading.group("pinned")))
    leads = [key for key in reversed(reading.latest("lead", LEADS + len(pinned))) if key not in pinned][
        :LEADS
    ]
    above = {*pinned, *leads}
    newest = reversed(reading.latest("dated", reading.site.lists.home + len(above)))
    series = reading.all_shared("series", reading.world.library.shared.series)
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
            "leads": cards(reading, leads),
            "newest": cards(reading, [key for key in newest if key not in above][: reading.site.lists.home]),
            "open_cases": case_rows(reading, tuple(reversed(reading.latest("open", 6)))),
            "portraits": [
                (entry, cards(reading, reading.group(f"series:{key}"))) for key, entry in series.items()
            ],
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
    title = reading.word("Feeds")
    slugs = dict.fromkeys(reading.case(key) for key in reversed(reading.latest("open", OPEN_CASES)))
    cases = [row(reading, "case", slug) for slug in slugs]
    values = {
        "families": families(reading),
        "cases": [case for case in cases if case.links],
        "has_archive": bool(reading.ask("archives", reading.language)),
        "opml": reading.addresses.feed("feeds", "opml"),
    }
    yield Sheet(own_page(reading, reading.addresses.feeds, "feeds", title), "feeds.html", values)


def start_address(language: str) -> str:
    """Where an offline edition says what it is: beside its front page, above all folders."""
    return f"START-HERE.{language}.html"


def start_sheets(reading: Reading) -> Iterator[Sheet]:
    """The page of an offline edition that says what it is, how old, and how it is checked."""
    offline = reading.world.offline
    if offline is None:
        raise ValueError("only offline editions have a page to start with")
    site, language = reading.site, reading.language
    page = page_of(
        reading,
        start_address(language),
        section="start",
        title=reading.word("Start here"),
        in_languages={code: start_address(code) for code in site.languages},
    )
    lacking = [kind for kind in Permanent.model_fields if not reading.ask("count", f"kind:{kind}")]
    values = {
        "edition": offline,
        "lacking": lacking,
        "verify": f"{RELEASE}/VERIFY.{language}.txt",
        "keys": site.keys,
    }
    yield Sheet(page, "start.html", values)


def tombstone_sheets(reading: Reading, address: str) -> Iterator[Sheet]:
    """The page that stands at the address of one that was withdrawn: the same for all."""
    page = page_of(reading, address, section="withdrawn", title=reading.word("Withdrawn"))
    yield Sheet(page, "withdrawn.html")


def not_found_sheets(reading: Reading) -> Iterator[Sheet]:
    """The page for what is not there, in all languages. Its links are absolute: it serves any depth."""
    title = reading.word(NOT_FOUND[0])
    page = page_of(reading, NOT_FOUND_ADDRESS, section="not-found", title=title)
    homes = [
        (
            speech,
            reading.addresses_in(code).home,
            reading.addresses_in(code).elsewhere,
            tuple(reading.ask("word", code, message) for message in NOT_FOUND),
        )
        for code, speech in reading.speeches.items()
    ]
    yield Sheet(page, "404.html", {"homes": homes})
