"""What readers get: pages and feeds of the demonstration site, read by real parsers and compared with what
its sources state."""

import gzip
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from random import Random
from urllib.parse import urljoin

import feedparser
import pytest
from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from lxml import etree, html

from tests.integration.checkout import (
    FOLDERS,
    LANGUAGES,
    SITE,
    Built,
    Checkout,
    Interface,
    Item,
    Page,
    home,
    interface,
    words,
)
from tocsin.console.quick import state_path
from tocsin.make.state import open_state
from tocsin.render.stamps import Stamp, restamp
from tocsin.render.world import ITEM_FACETS

DATED = ("appeal", "report", "statement")
DIRECTIONS = {"en": "ltr", "fr": "ltr", "es": "ltr", "ar": "rtl", "ru": "ltr"}


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def say(demo, language) -> Interface:
    """The interface's words in the language of the test."""
    return interface(demo.checkout.root, language)


@pytest.fixture(scope="module")
def english(demo) -> Interface:
    return interface(demo.checkout.root, "en")


def toml(site: Built, name: str) -> dict[str, dict]:
    with (site.checkout.root / "data" / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def normal(text: str) -> str:
    return " ".join(text.split())


def linked(page: Page, path: str) -> list[tuple[str, html.HtmlElement]]:
    """Address and element of the links that an XPath names, in the order of the page."""
    found = page.find(path)
    return [
        (urljoin(SITE + page.address, a.get("href")).removeprefix(SITE).partition("#")[0], a) for a in found
    ]


def texts(items: dict[str, Item], *kinds: str) -> Iterator[tuple[Item, str]]:
    """Every item of some kinds in every language that it exists in."""
    for item in items.values():
        if item.kind in kinds:
            yield from ((item, language) for language in item.heads)


def pages_of(items: dict[str, Item]) -> Iterator[tuple[Item, str]]:
    yield from texts(items, *(kind for kind in FOLDERS if kind != "member"))


# Home


def test_the_home_page_has_the_order_of_the_page_of_2013(demo, items, say, language):
    page = demo.page(home(language))
    order = list(page.root.iter())
    site = tomllib.loads((demo.checkout.root / "site.toml").read_text(encoding="utf-8"))

    def place(path: str) -> int:
        found = page.find(path)
        assert found, f"{page.address} has no {path}"
        return order.index(found[0])

    def to(item: Item) -> str:
        return f"//main//h3//a[contains(@href, '{FOLDERS[item.kind]}/{item.slug}/')]"

    pinned = [item for item in items.values() if item.facts.get("pinned")]
    leads = [item for item in items.values() if item.facts.get("lead") and item not in pinned]
    assert pinned, "the demonstration pins an item"
    assert leads, "the demonstration has items with excerpt"
    introduction = normal(site["identity"]["introduction"][language])
    assert introduction in page.text
    first = page.one("//main").text_content().strip()[:40]
    assert normal(first)[:30] == introduction[:30]
    places = [
        place("//main//a[contains(@href, 'network/about/')]"),  # "Read more" of the introduction
        min(place(to(item)) for item in pinned),
        min(place(to(item)) for item in leads if page.find(to(item))),
        place("//main//a[contains(@href, 'cases/')]"),
        place("//main//a[contains(@href, 'portraits/')][not(ancestor::h3)]"),
        place("//main//a[contains(@href, 'network/support/')]"),
        place("//main//a[@hreflang][@lang]"),
        place("//main//a[contains(@href, 'feeds/')]"),
    ]
    assert places == sorted(places)


def test_lead_items_show_their_excerpt_and_at_least_one_its_picture(demo, items, language):
    page = demo.page(home(language))
    leads = [item for item in items.values() if item.facts.get("lead")]
    shown = [item for item in leads if normal(_best(item, "summary", language)) in page.text]
    assert len(shown) >= 3
    assert page.find("//main//article//picture//img[@alt != ''][@width][@height]")


FALLBACKS = {"en": (), "fr": ("en",), "es": ("en",), "ar": ("fr", "en"), "ru": ("en",)}


def _shown_in(item: Item, language: str) -> str:
    """The language in which a reader of another is shown the item."""
    order = [language, *FALLBACKS[language], item.original, *LANGUAGES]
    return next(code for code in order if code in item.heads)


def _best(item: Item, name: str, language: str) -> str:
    return str(item.heads[_shown_in(item, language)].get(name) or item.facts[name])


def test_the_newest_items_stand_on_the_home_page_newest_first(demo, items):
    page = demo.page("")
    found = [address for address, _ in linked(page, "//section[@aria-labelledby='newest']//h3/a")]
    days = {item.address(_shown_in(item, "en")): _day(item) for item in items.values() if item.kind in DATED}
    assert len(found) == 10
    assert [days[address] for address in found] == sorted((days[address] for address in found), reverse=True)
    above = {a for a, _ in linked(page, "//section[@class='urgent' or @class='leads']//h3/a")}
    newest = sorted((a for a in days if a not in above), key=lambda a: days[a], reverse=True)
    assert days[newest[9]] == days[found[-1]]


def _day(item: Item) -> str:
    return str(item.facts.get("issued") or item.facts["seen"])


def country_names(site: Built, language: str) -> dict[str, str]:
    own = {
        code: entry["name"][language]
        for code, entry in toml(site, "countries").items()
        if language in entry["name"]
    }
    return {**dict(Locale.parse(language).territories), **own}


def test_items_are_headed_by_their_countries_in_lists(demo, items):
    names = country_names(demo, "en")
    many = 0
    for page in (demo.page(""), demo.page("appeals/"), demo.page("reports/"), demo.page("statements/2013/")):
        shown = dict(linked(page, "//main//h2/a|//main//h3/a"))
        for item in items.values():
            if item.kind not in DATED or item.address(_shown_in(item, "en")) not in shown:
                continue
            own = [names[code] for code in item.facts.get("countries", ())]
            title = normal(_best(item, "title", "en"))
            expected = f"{format_list(own, locale='en_GB')}: {title}" if own else title
            assert words(shown[item.address(_shown_in(item, "en"))]) == expected
            many += len(own) > 0
    assert many > 20


# Items


def test_every_text_has_a_page_with_its_title_in_its_language(demo, items):
    for item, language in pages_of(items):
        page = demo.page(item.address(language))
        assert (page.language, page.root.get("dir")) == (language, DIRECTIONS[language])
        title = normal(str(item.heads[language]["title"]))
        assert words(page.one("//h1")) == title, page.address
        assert normal(page.one("//title").text_content()).startswith(title), page.address


def test_a_text_shows_all_words_of_its_body(demo, items):
    for item, language in pages_of(items):
        page = demo.page(item.address(language))
        for line in item.bodies[language].splitlines():
            plain = normal(line)
            if plain[:1].isalpha() and re.fullmatch(r"[\w\s,.;:’“”«»()–—!?،؛؟-]+", plain) and len(plain) > 30:
                assert plain in page.text, f"{page.address}: {plain}"


def test_invented_items_and_archived_ones_say_what_they_are(demo, items):
    say = {language: interface(demo.checkout.root, language) for language in LANGUAGES}
    fictional = "This is an example. The persons, offices and events in it are invented."
    for item, language in pages_of(items):
        text = demo.page(item.address(language)).text
        assert (say[language](fictional) in text) == bool(item.facts.get("fictional")), item.address(language)
        archived = say[language](
            "This page holds only what a page of the network of %(when)s states."
        ).partition("%")[0]
        assert (archived.strip() in text) == bool(item.facts.get("archived")), item.address(language)


# Cases


def chains(items: dict[str, Item]) -> dict[str, list[Item]]:
    """The appeals of every case, first to last, by the slug of the first."""
    appeals = {item.slug: item for item in items.values() if item.kind == "appeal"}
    after = {item.facts["follows"]: item for item in appeals.values() if item.facts.get("follows")}
    found = {}
    for slug, item in appeals.items():
        if not item.facts.get("follows"):
            found[slug] = [item]
            while found[slug][-1].slug in after:
                found[slug].append(after[found[slug][-1].slug])
    return found


def test_a_case_page_shows_the_whole_chain_newest_first_with_what_changed(demo, items, language):
    long = {slug: chain for slug, chain in chains(items).items() if len(chain) > 1}
    assert max(map(len, long.values())) >= 3
    for slug, chain in long.items():
        page = demo.page(f"{home(language)}cases/{slug}/")
        expected = [item.address(_shown_in(item, language)) for item in reversed(chain)]
        assert [address for address, _ in linked(page, "//main//h3//a")] == expected
        for item in chain[1:]:
            assert normal(_best(item, "changed", language)) in page.text
        for code in {code for item in chain for code in item.facts.get("codes", ())}:
            assert page.find(f"//bdi[text() = '{code}']"), code


def test_every_appeal_leads_to_its_case_and_to_the_others_of_its_chain(demo, items):
    for slug, chain in chains(items).items():
        for item in chain:
            for language in item.heads:
                page = demo.page(item.address(language))
                addresses = {address for address, _ in linked(page, "//main//a")}
                assert f"{home(language)}cases/{slug}/" in addresses, page.address
                others = {other.address(_shown_in(other, language)) for other in chain if other is not item}
                assert others <= addresses, page.address


CLOSED = "The status of this case is now “%(status)s”. Letters are no longer asked for."


def test_a_closed_case_says_so_on_all_its_pages_and_asks_for_no_letters(demo, items):
    addressees = toml(demo, "addressees")
    closed = [
        chain for chain in chains(items).values()
        if str(chain[-1].facts.get("status")).startswith("closed") and not chain[-1].facts.get("archived")
    ]  # fmt: skip
    assert closed
    for chain in closed:
        for item in chain:
            for language in item.heads:
                say = interface(demo.checkout.root, language)
                for address in (item.address(language), f"{item.address(language)}print/"):
                    page = demo.page(address)
                    assert say(CLOSED).partition("%")[0].strip() in page.text, address
                    channels = [
                        a
                        for key in item.facts.get("addressees", ())
                        for a in addressees[key].get("email", ())
                    ]
                    assert not [channel for channel in channels if channel.encode() in page.data], address


def test_an_open_appeal_tells_whom_to_write_to_and_how_to_address_them(demo, items):
    addressees = toml(demo, "addressees")
    many = 0
    for chain in chains(items).values():
        item = chain[-1]
        if item.facts.get("status", "open") not in {"open", "partly-resolved"} or item.facts.get("archived"):
            continue
        if str(item.facts.get("respond_before", "9999")) < "2026-11-21":
            continue
        for language in item.heads:
            for address in (item.address(language), f"{item.address(language)}print/"):
                page = demo.page(address)
                for key in item.facts["addressees"]:
                    for channel in (*addressees[key].get("email", ()), *addressees[key].get("fax", ())):
                        assert page.find(f"//main//bdi[@dir = 'ltr'][text() = '{channel}']"), (
                            address,
                            channel,
                        )
                for action in item.heads[language]["actions"].values():
                    assert normal(str(action)) in page.text, address
            many += 1
    assert many >= 10


def test_an_appeal_whose_day_has_passed_shows_no_channels_any_more(demo, items):
    addressees = toml(demo, "addressees")
    late = [
        item for item in items.values()
        if item.kind == "appeal" and str(item.facts.get("respond_before", "9999")) < "2026-11-21"
    ]  # fmt: skip
    assert late
    for item in late:
        page = demo.page(item.address(item.original))
        for key in item.facts.get("addressees", ()):
            for channel in addressees[key].get("email", ()):
                assert channel.encode() not in page.data, page.address


# Corrections, names


def test_a_correction_is_shown_with_its_day_in_the_text_and_marked_in_lists(demo, items):
    corrected = [item for item in items.values() if item.facts.get("corrected")]
    assert corrected
    for item in corrected:
        for language, head in item.heads.items():
            say = interface(demo.checkout.root, language)
            page = demo.page(item.address(language))
            section = page.one(f"//section[h2[normalize-space() = '{say('Corrections')}']]")
            for key, day in item.facts["corrected"].items():
                assert section.xpath(f".//time[@datetime = '{day}']")
                assert normal(str((head.get("corrections") or item.facts["corrections"])[key])) in words(
                    section
                )
            listed = demo.page(f"{home(language)}{FOLDERS[item.kind]}/{str(item.facts['issued'])[:4]}/")
            link = next(a for address, a in linked(listed, "//main//h2/a") if address == page.address)
            row = next(parent for parent in link.iterancestors("li"))
            assert say("Corrected") in words(row)


def test_a_person_whose_name_is_withheld_is_shown_by_role_alone(demo, items):
    many = 0
    for item, language in texts(items, "appeal"):
        head, page = item.heads[language], demo.page(item.address(language))
        for key, person in (item.facts.get("persons") or {}).items():
            if person["name_mode"] != "withheld":
                assert normal(str((head.get("names") or item.facts["names"])[key])) in page.text
                continue
            many += 1
            assert all(key not in (one.get("names") or {}) for one in item.heads.values())
            assert interface(demo.checkout.root, language)("Name withheld") in page.text
            assert normal(str((head.get("roles") or item.facts["roles"])[key])) in page.text
    assert many >= 2


SECRET = "Zorvana Quillfeather"


def test_a_withheld_name_that_slips_in_stops_the_build_and_is_not_repeated(small):
    appeal = "content/appeals/2026/first/en.md"
    small.edit(
        appeal,
        "status:",
        f"persons:\n  teacher: {{name_mode: withheld}}\nnames:\n  teacher: {SECRET}\nstatus:",
    )
    told = small.build()
    assert told.code == 1
    assert "'names.teacher'" in told.err
    assert "withheld" in told.err
    assert not [word for word in SECRET.split() if word in told.out + told.err]
    assert not small.output.exists()


def test_the_private_list_of_withheld_names_never_reaches_an_output_or_a_message(small):
    small.write("data/withheld.toml", f'[teacher]\nnames = ["{SECRET}"]\n')
    told = small.build()
    assert told.code == 0
    assert SECRET not in told.out + told.err
    assert not [
        path for path in small.output.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()
    ]


# Languages


def test_an_item_that_exists_only_in_french_is_listed_everywhere_with_its_language(demo, items, language):
    only = [item for item in items.values() if set(item.heads) == {"fr"}]
    assert only
    if language == "fr":
        return
    spoken = str(Locale.parse("en_GB" if language == "en" else language).languages["fr"])
    for item in only:
        year = str(item.facts["issued"])[:4]
        code, theme = item.facts["countries"][0].lower(), item.facts["themes"][0]
        for place in (
            f"{FOLDERS[item.kind]}/",
            f"{FOLDERS[item.kind]}/{year}/",
            f"countries/{code}/",
            f"themes/{theme}/",
        ):
            page = demo.page(home(language) + place)
            link = next(
                a for address, a in linked(page, "//main//h2/a|//main//h3/a") if address == item.address("fr")
            )
            assert link.get("hreflang") == "fr"
            assert link.xpath(".//*[@lang = 'fr'][@dir = 'ltr']")
            row = next(parent for parent in link.iterancestors("li"))
            assert spoken in words(row), page.address
        assert f"{home(language)}{FOLDERS[item.kind]}/{item.slug}/" not in demo.pages


def stale(demo: Built) -> set[tuple[str, str]]:
    """Folder and language of the translations that are behind their original."""
    rows = json.loads(demo.checkout.run("translations", "--json").out)
    return {(row["path"].rpartition("/")[0], row["language"]) for row in rows if row["state"] == "stale"}


STALE = "The original has changed since this translation was made. Where they differ, the original holds."


def test_a_translation_that_is_behind_its_original_says_so_and_leads_there(demo, items):
    behind = stale(demo)
    assert [folder for folder, language in behind if language == "ar"]
    for item, language in pages_of(items):
        page = demo.page(item.address(language))
        notice = interface(demo.checkout.root, language)(STALE)
        assert (notice in page.text) == ((item.folder, language) in behind), page.address
        if (item.folder, language) in behind:
            note = next(e for e in page.find("//main//p") if notice in words(e))
            links = [
                (a.get("hreflang"), urljoin(SITE + page.address, a.get("href"))) for a in note.xpath(".//a")
            ]
            assert links == [(item.original, SITE + item.address(item.original))]
            assert notice in demo.page(f"{page.address}print/").text


LACKING = "This text does not exist in %(wanted)s. You are reading it in %(shown)s."


def test_a_page_that_shows_a_text_of_another_language_says_so_and_marks_the_text(demo, items, language, say):
    many = 0
    for item in items.values():
        if item.kind not in {"portrait", "page"} or language in item.heads:
            continue
        many += 1
        shown = _shown_in(item, language)
        for address in (item.address(language), f"{item.address(language)}print/"):
            page = demo.page(address)
            names = Locale.parse("en_GB" if language == "en" else language).languages
            assert say(LACKING, wanted=names[language], shown=names[shown]) in page.text, address
            assert page.language == language
            heading = page.one("//h1")
            assert (heading.get("lang"), heading.get("dir")) == (shown, DIRECTIONS[shown]), address
            assert page.find(f"//main//div[@lang = '{shown}'][@dir = '{DIRECTIONS[shown]}'][p]"), address
            canonical = page.one("//link[@rel = 'canonical']").get("href")
            assert canonical == SITE + item.address(shown), address
    assert many or language in {"en", "fr"}, "the demonstration lacks a text in this language"


def test_every_page_is_set_in_the_direction_of_its_language(demo):
    assert {(page.language, page.root.get("dir")) for page in demo.pages.values()} == set(DIRECTIONS.items())


# An observatory's or the secretariat's code, a telephone number, an address of mail or of a place on the web.
LATIN = re.compile(
    r"[A-Z]{3} \d{3} / \d{4} / OBS \d+[.\d]*|[A-Z]{3} \d{6}[.\w]*|\+\d[\d ]{6,}|\S+@\S+\.\w+|https?://\S+"
)


def test_codes_numbers_and_addresses_are_isolated_in_arabic_pages(demo):
    many = 0
    for address, page in demo.pages.items():
        if page.language != "ar":
            continue
        for text in page.find("//body//text()"):
            element = text.getparent() if not text.is_tail else text.getparent().getparent()
            # What an author wrote into a sentence is ordered by the sentence's own letters.
            if element.xpath(
                "ancestor-or-self::*[contains(@class, 'prose') or contains(@class, 'standfirst')]"
            ):
                continue
            if LATIN.fullmatch(text.strip()):
                many += 1
                isolated = element.xpath("ancestor-or-self::bdi[@dir = 'ltr']")
                assert isolated, f"{address}: {text}"
    assert many > 100


COUNTS = (0, 1, 2, 3, 11, 100)


def test_arabic_has_all_six_plural_forms_and_chooses_among_them(demo):
    arabic = interface(demo.checkout.root, "ar")
    path = demo.checkout.root / "theme/locale/ar/LC_MESSAGES/tocsin.po"
    text = path.read_text(encoding="utf-8")
    plurals = re.findall(r'msgid "(.*)"\nmsgid_plural "(.*)"\n((?:msgstr\[\d\] ".+"\n)+)', text)
    assert len(plurals) >= 6
    for singular, plural, forms in plurals:
        written = re.findall(r'msgstr\[\d\] "(.+)"', forms)
        assert len(written) == 6, singular
        chosen = [arabic.catalogue.ngettext(singular, plural, count) for count in COUNTS]
        assert sorted(chosen) == sorted(written), singular
    forms_of_appeals = [arabic.count("%(count)s appeal", "%(count)s appeals", count) for count in COUNTS]
    # From eleven on the noun is accusative singular, from a hundred on genitive singular.
    assert forms_of_appeals == ["لا نداءات", "نداء واحد", "نداءان", "3 نداءات", "11 نداءً", "100 نداء"]


def test_catalogues_are_complete(demo):
    command = [sys.executable, "tools/catalogues.py", "--check"]
    environment = demo.checkout.environment()
    done = subprocess.run(
        command, cwd=demo.checkout.root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_dates_are_written_in_the_language_of_the_page(demo, items):
    item = next(
        item for item in items.values() if set(item.heads) == set(LANGUAGES) and item.facts.get("issued")
    )
    for language in LANGUAGES:
        locale = "en_GB" if language == "en" else language
        page = demo.page(item.address(language))
        shown = {words(e) for e in page.find(f"//dl//time[@datetime = '{item.facts['issued']}']")}
        assert shown == {normal(format_date(item.facts["issued"], "long", locale=locale))}


# Members


def members(items: dict[str, Item], *levels: str) -> list[Item]:
    found = [item for item in items.values() if item.kind == "member" and item.facts.get("listing") in levels]
    assert found, levels
    return found


def test_members_that_may_not_be_named_are_named_nowhere_in_the_output(demo, items):
    for item in members(items, "unlisted", "counted-only"):
        needles = {item.slug, item.facts["id"], item.facts.get("acronym")} - {None}
        needles |= {str(head["title"]) for head in item.heads.values()}
        needles |= {str(item.facts["website"])} if item.facts.get("website") else set()
        found = [
            (path, n)
            for path, text in demo.texts.items()
            for n in needles
            if re.search(rf"\b{re.escape(n)}\b", text)
        ]
        assert found == [], item.slug


def test_members_are_listed_as_far_as_they_agreed(demo, items, language):
    page = demo.page(f"{home(language)}network/members/")
    for item in members(items, "full", "name-and-country"):
        entry = page.one(f"//li[@id = '{item.slug}']")
        is_full = item.facts["listing"] == "full"
        assert normal(_best(item, "title", language)) in words(entry)
        website = item.facts.get("website")
        assert bool(entry.xpath(f".//a[@href = '{website}']")) == (is_full and website is not None)
        if item.facts.get("about"):
            assert (normal(_best(item, "about", language)) in words(entry)) == is_full


def counted(items: dict[str, Item]) -> dict[str, list[Item]]:
    by_country: dict[str, list[Item]] = {}
    for item in items.values():
        if item.kind == "member" and item.facts.get("listing", "unlisted") != "unlisted":
            by_country.setdefault(item.facts["countries"][0], []).append(item)
    return by_country


SENTENCE = (
    "%(count)s organisation in this country belongs to the network.",
    "%(count)s organisations in this country belong to the network.",
)


def test_a_country_tells_how_many_members_it_has_where_they_are_three_or_more(demo, items, language, say):
    shown = 0
    for code, own in counted(items).items():
        address = f"{home(language)}countries/{code.lower()}/"
        if address in demo.pages:
            text = demo.page(address).text
            told = [number for number in range(60) if say.count(*SENTENCE, number) in text]
            assert told == ([len(own)] if len(own) >= 3 else []), address
            shown += len(told)
    assert shown >= 2


def test_a_count_under_three_is_shown_nowhere_lest_it_betray_somebody_unnamed(small):
    member = "---\nid: {id}\ncountries: [KE]\nlisting: {level}\n{more}title: {title}\n---\n"

    def add(number: int, level: str, more: str = "") -> None:
        text = member.format(id=f"000000001{number}", level=level, more=more, title=f"Organisation {number}")
        small.write(f"content/network/members/organisation-{number}/en.md", text)

    def told() -> str:
        done = small.build()
        assert done.code == 0, done.err
        return Page("", (small.output / "countries/ke/index.html").read_bytes()).text

    add(1, "full", "consent_on: 2026-01-01\n")
    add(2, "counted-only")
    add(3, "unlisted")
    assert "in this country belong" not in told()
    add(4, "counted-only")
    assert "3 organisations in this country belong" in told()
    text = "".join(path.read_text(encoding="utf-8") for path in small.output.rglob("*.html"))
    assert "Organisation 1" in text
    assert not [n for n in (2, 3, 4) if f"Organisation {n}" in text or f"organisation-{n}" in text]


# Time

CALL = """\
---
id: 0000000020
fictional: true
issued: 2026-03-01
form: call-for-input
issuers: [omct]
deadline: 2026-12-10
answers_to: answers@example.example
title: A call for input
summary: Please answer.
---

Questions.
"""


def test_a_call_for_input_closes_by_itself_the_day_after_its_deadline(small):
    small.write("content/statements/2026/call/en.md", CALL)
    say = interface(small.root, "en")
    closed = "This call closed on 10 December 2026. Answers are no longer taken."
    seen = {}
    for at in ("2026-12-10T23:59:59Z", "2026-12-11T00:00Z"):
        assert small.run("build", "--at", at).code == 0
        for page in ("statements/call/", "statements/call/print/"):
            shown = Page(page, (small.output / page / "index.html").read_bytes())
            seen[at, page] = (closed in shown.text, "answers@example.example" in shown.text)
        listed = Page("", (small.output / "statements/index.html").read_bytes())
        seen[at, "list"] = (say("Closed") in listed.text, "answers until 10 December 2026" in listed.text)
    assert {key for key, value in seen.items() if value == (False, True)} == {
        k for k in seen if k[0] < "2026-12-11"
    }
    assert {key for key, value in seen.items() if value == (True, False)} == {
        k for k in seen if k[0] >= "2026-12-11"
    }


HIDDEN = """\
---
id: 0000000030
fictional: true
issued: 2026-03-05
form: press-release
issuers: [omct]
countries: [ZW]
themes: [defenders]
{more}
title: Quillfeather title
summary: Quillfeather summary
picture:
  file: quillfeather.jpg
  credit: Quillfeather credit
  consent: not-needed
picture_alt: Quillfeather picture
---

Quillfeather body.
"""
HIDDEN_WORDS = (b"uillfeather", b"hidden-slug", b"0000000030", b"Zimbabwe")


def hide(site: Checkout, demo: Built, more: str) -> None:
    """Add a statement that is not public yet, with a picture, alone in its country."""
    site.write("content/statements/2026/hidden-slug/en.md", HIDDEN.format(more=more))
    picture = next((demo.checkout.root / "content").rglob("*.jpg"))
    (site.root / "content/statements/2026/hidden-slug/quillfeather.jpg").write_bytes(picture.read_bytes())


def betrayed(site: Checkout, folder: str = "output") -> set[str]:
    """What of the hidden statement can be found in an output: its words, its addresses, its pictures."""
    files = [path for path in (site.root / folder).rglob("*") if path.is_file()]
    found = {word.decode() for path in files for word in HIDDEN_WORDS if word in path.read_bytes()}
    found |= {word.decode() for path in files for word in HIDDEN_WORDS if word in str(path).encode()}
    return found | {"a picture" for path in files if path.suffix in {".jpg", ".avif"}}


EVERYTHING = {"uillfeather", "hidden-slug", "0000000030", "Zimbabwe", "a picture"}


def test_what_is_under_embargo_is_nowhere_in_the_output_until_its_instant(small, demo):
    hide(small, demo, "embargo: 2026-12-01T10:00+01:00")
    before = small.run("build", "--at", "2026-12-01T08:59:59Z", "--json")
    assert (before.code, betrayed(small)) == (0, set())
    assert '"next_change": "2026-12-01T09:00:00+00:00"' in before.out
    assert small.run("build", "--at", "2026-12-01T09:00Z").code == 0
    assert betrayed(small) == EVERYTHING
    # A build for an earlier instant takes everything out again.
    assert small.run("build", "--at", "2026-12-01T08:59Z").code == 0
    assert betrayed(small) == set()


def test_a_draft_is_nowhere_in_the_output_and_shown_in_the_preview_alone(small, demo):
    hide(small, demo, "draft: true")
    assert small.build().code == 0
    assert betrayed(small) == set()
    assert small.build("--drafts").code == 0
    assert betrayed(small, "preview") == EVERYTHING
    assert betrayed(small) == set()


def test_what_is_withdrawn_is_gone_from_every_page_list_and_feed(small, demo):
    hide(small, demo, "")
    assert small.build().code == 0
    assert betrayed(small) == EVERYTHING
    for path in (small.root / "content/statements/2026/hidden-slug").iterdir():
        path.unlink()
    (small.root / "content/statements/2026/hidden-slug").rmdir()
    assert small.build().code == 0
    assert betrayed(small) == set()
    assert not [path for path in small.output.rglob("*") if path.is_dir() and not any(path.iterdir())]


# Print versions, feeds, sitemap, robots, 404


def test_print_versions_say_where_they_were_published_and_where_the_original_stands(demo, items):
    printed = {address for address in demo.pages if address.endswith("/print/")}
    assert len(printed) >= sum(1 for _ in pages_of(items))
    message = "Print version. Published on %(host)s. Original: %(address)s"
    say = {language: interface(demo.checkout.root, language) for language in LANGUAGES}
    for address in printed:
        page = demo.page(address)
        original = "/" + address.removesuffix("print/")
        line = words(page.one("//header//p[contains(@class, 'provenance')]"))
        expected = normal(say[page.language](message, host="omct.example", address=original))
        assert line.startswith(expected), address
        isolated = [words(e) for e in page.find("//p[contains(@class, 'provenance')]//bdi[@dir = 'ltr']")]
        assert isolated[:2] == ["omct.example", original], address
        assert page.find("//meta[@name = 'robots'][@content = 'noindex']"), address
        assert page.find("//nav") == [], address


def test_every_item_has_a_print_version_that_it_links_to(demo, items):
    for item, language in pages_of(items):
        page = demo.page(item.address(language))
        assert f"{page.address}print/" in {address for address, _ in linked(page, "//main//a")}
        assert words(demo.page(f"{page.address}print/").one("//h1")) == words(page.one("//h1"))


@pytest.fixture(scope="module")
def feeds(demo) -> dict[tuple[str, str], feedparser.FeedParserDict]:
    found = {}
    for language in LANGUAGES:
        for ending in ("rss", "atom"):
            data = (demo.output / home(language) / f"feeds/all.{ending}").read_bytes()
            found[language, ending] = feedparser.parse(data)
    return found


def test_feeds_are_read_without_complaint_and_say_their_language(feeds):
    for (language, ending), feed in feeds.items():
        assert feed.bozo == 0, (language, ending, feed.get("bozo_exception"))
        assert feed.version == {"rss": "rss20", "atom": "atom10"}[ending]
        assert feed.feed.language == language
        assert feed.feed.title
        assert feed.feed.subtitle


def test_feeds_hold_the_newest_texts_of_their_language_newest_first(feeds, items, language):
    wanted = [item for item in items.values() if item.kind in {*DATED, "portrait"} and language in item.heads]
    ids = {f"tag:omct.example,2026-01-01:{item.kind}/{item.facts['id']}/{language}" for item in wanted}
    for ending in ("rss", "atom"):
        *entries, addresses = feeds[language, ending].entries
        assert addresses.id == f"tag:omct.example,2026-01-01:addresses/{language}"
        assert len(entries) >= min(len(wanted), 50)
        assert {entry.id for entry in entries} <= ids
        # What was corrected is new again.
        changed = [entry.updated_parsed for entry in entries]
        assert changed == sorted(changed, reverse=True)


def test_an_entry_has_one_identity_in_both_formats_and_no_two_share_one(feeds):
    everywhere: list[str] = []
    for language in LANGUAGES:
        rss, atom = feeds[language, "rss"].entries, feeds[language, "atom"].entries
        assert [entry.id for entry in rss] == [entry.id for entry in atom]
        assert [entry.title for entry in rss] == [entry.title for entry in atom]
        assert [entry.link for entry in rss] == [entry.link for entry in atom]
        assert [entry.updated_parsed for entry in rss] == [entry.updated_parsed for entry in atom]
        everywhere += [entry.id for entry in rss]
    assert len(everywhere) == len(set(everywhere))
    assert {feed.feed.id for (_, ending), feed in feeds.items() if ending == "atom"} == {
        f"tag:omct.example,2026-01-01:feed/all/{language}" for language in LANGUAGES
    }


def test_identities_do_not_depend_on_title_slug_day_or_host(small):
    def ids() -> list[str]:
        assert small.build().code == 0
        return [
            entry.id for entry in feedparser.parse((small.output / "feeds/all.atom").read_bytes()).entries
        ]

    before = ids()
    assert before == [
        "tag:omct.example,2026-01-01:appeal/0000000001/en",
        "tag:omct.example,2026-01-01:addresses/en",
    ]
    small.edit("content/appeals/2026/first/en.md", "Threats against a defender", "Another title")
    small.edit("content/appeals/2026/first/en.md", "issued: 2026-03-01", "issued: 2026-03-02")
    (small.root / "content/appeals/2026/first").rename(small.root / "content/appeals/2026/second")
    small.edit(
        "site.toml", 'address = "https://omct.example/"', 'address = "http://elsewhere.example:8080/below/"'
    )
    assert ids() == before


def test_entries_carry_the_whole_text_its_language_and_links_that_work_on_this_mirror(feeds, demo):
    for (language, ending), feed in feeds.items():
        for entry in feed.entries:
            assert demo.page(entry.link.removeprefix(SITE)).language == language
            # RSS has one place for the text of an item without a summary, which feedparser calls so.
            root = html.fromstring(entry.content[0].value if "content" in entry else entry.summary)
            assert (root.get("lang"), root.get("dir")) == (language, DIRECTIONS[language]), (ending, entry.id)
            page = demo.page(entry.link.removeprefix(SITE))
            text = root.xpath("descendant-or-self::div[@class='prose'][1]//p")
            assert ":addresses/" in entry.id or text or "/portrait/" in entry.id, entry.id
            for paragraph in text:
                assert normal(paragraph.text_content()) in page.text, entry.id
            for address in root.xpath("//@href|//@src"):
                # feedparser empties links to telephones.
                assert re.match(r"https?://|mailto:|$", address), (entry.id, address)
                if address.startswith(SITE):
                    target = demo.output / address.removeprefix(SITE).partition("#")[0]
                    assert target.exists(), (entry.id, address)


def test_a_correction_makes_an_entry_new_again(feeds, items):
    for item in (item for item in items.values() if item.facts.get("corrected") and item.kind in DATED):
        last = max(item.facts["corrected"].values())
        entries = [e for f in feeds.values() for e in f.entries if f"/{item.facts['id']}/" in e.id]
        assert entries
        assert {date(*entry.updated_parsed[:3]) for entry in entries} == {last}


def test_a_feed_names_its_own_address_and_every_page_names_the_feeds(feeds, demo):
    for (language, ending), feed in feeds.items():
        own = [link for link in feed.feed.links if link.rel == "self"]
        assert [link.href for link in own] == [f"{SITE}{home(language)}feeds/all.{ending}"]
        assert feed.feed.link == SITE + home(language)
    for address, page in demo.pages.items():
        if address != "404.html" and "/print/" not in address:
            found = {
                (link.get("type"), urljoin(SITE + address, link.get("href")))
                for link in page.find("//head/link[@rel = 'alternate'][@type]")
            }
            assert found >= {
                ("application/rss+xml", f"{SITE}{home(page.language)}feeds/all.rss"),
                ("application/atom+xml", f"{SITE}{home(page.language)}feeds/all.atom"),
            }


XHTML = "{http://www.w3.org/1999/xhtml}"


def sitemap(demo: Built) -> dict[str, dict[str, str]]:
    """Every address of the sitemap, and of the sitemaps that it is an index of, with its languages."""
    waiting, found = ["sitemap.xml"], {}
    while waiting:
        root = etree.fromstring((demo.output / waiting.pop()).read_bytes())
        waiting += [str(loc.text).removeprefix(SITE) for loc in root.findall("{*}sitemap/{*}loc")]
        for url in root.findall("{*}url"):
            address = str(url.findtext("{*}loc"))
            assert address not in found
            found[address] = {link.get("hreflang"): link.get("href") for link in url.findall(f"{XHTML}link")}
            assert date.fromisoformat(url.findtext("{*}lastmod") or "2026-01-01") <= date(2026, 11, 21)
    return found


def test_the_sitemap_lists_every_text_with_its_languages_in_both_directions(demo, items):
    listed = sitemap(demo)
    wanted = {SITE + item.address(language) for item, language in pages_of(items)}
    assert wanted <= set(listed)
    assert {SITE + home(language) for language in LANGUAGES} <= set(listed)
    for address, others in listed.items():
        page = demo.page(address.removeprefix(SITE))
        assert page.one("//link[@rel = 'canonical']").get("href") == address
        if others:
            assert others[page.language] == address
            assert others.pop("x-default") in others.values()
            for code, other in others.items():
                back = {k: v for k, v in listed[other].items() if k != "x-default"}
                assert back == others, f"{address} → {other} ({code})"


def test_robots_may_read_everything_but_the_print_versions(demo):
    lines = (demo.output / "robots.txt").read_text(encoding="utf-8").splitlines()
    rules = [line.partition(": ")[2] for line in lines if line.startswith("Disallow")]
    assert lines[0] == "User-agent: *"
    assert f"Sitemap: {SITE}sitemap.xml" in lines
    # RFC 9309: `*` is any sequence of characters, `$` the end.
    patterns = [re.compile("^" + re.escape(rule).replace(r"\*", ".*").replace(r"\$", "$")) for rule in rules]
    for address in demo.pages:
        forbidden = any(pattern.match(f"/{address}") for pattern in patterns)
        assert forbidden == address.endswith("/print/"), address


def test_the_page_for_what_is_not_there_works_at_every_depth_in_every_language(demo):
    page = demo.page("404.html")
    resources = page.find("//@href|//@src")
    assert resources
    for written in resources:
        for depth in ("", "a/", "fr/a/b/c/d"):
            target = urljoin(SITE + depth, written).removeprefix(SITE)
            file = demo.output / target
            assert (file / "index.html" if file.is_dir() else file).is_file(), written
    for language in LANGUAGES:
        section = page.one(f"//main//*[@lang = '{language}'][@dir = '{DIRECTIONS[language]}'][.//a]")
        led = [urljoin(SITE, a.get("href")) for a in section.xpath(".//a")]
        assert led == [SITE + home(language), f"{SITE}{home(language)}network/addresses/"]
        assert interface(demo.checkout.root, language)("Page not found") in words(section)


def test_no_output_holds_the_mark_in_place_of_a_mirrors_address(demo):
    assert [path for path, text in demo.texts.items() if "tocsin-edition" in text] == []


# The canonical addresses, which are the same on every mirror.
MEANT = (
    "//link[@rel = 'canonical' or @hreflang]/@href"
    "|//meta[@property = 'og:url' or @property = 'og:image']/@content"
)


def test_only_stamped_files_and_canonical_links_name_the_sites_own_address(demo):
    """All other bytes are the same on every mirror."""
    for address, page in demo.pages.items():
        if address == "404.html":
            continue
        named = [v for v in page.find("//@href|//@src|//@content") if v.startswith(SITE.rstrip("/"))]
        meant = page.find(MEANT)
        shown = page.find("//main//a[starts-with(@href, 'https://omct.example/')]/@href")
        assert sorted(named) == sorted([*meant, *shown]), address


OTHER = "http://mirror.example:8080/some/path/"


def stamps_of(site: Checkout) -> dict[str, Sequence[Stamp]]:
    """The places of the stamps of every output that has any, as the build remembers them."""
    state = open_state(state_path(site.root, site.output), ITEM_FACETS, clean=False)
    outputs = [output for job in state.value("plan", ()) for output in (state.done(job) or [[]])[0]]
    state.store.close()
    return {path: stamps for path, _, _, stamps in outputs if stamps}


def test_a_file_that_is_stamped_for_another_mirror_equals_one_that_was_built_for_it(small):
    assert small.build().code == 0
    stamped = stamps_of(small)
    ours = {path: (small.output / path).read_bytes() for path in stamped}
    small.edit("site.toml", f'address = "{SITE}"', f'address = "{OTHER}"')
    assert small.build().code == 0
    compared = 0
    for path, stamps in stamped.items():
        moved, built = restamp(ours[path], stamps, SITE, OTHER), (small.output / path).read_bytes()
        if path.endswith("/print/index.html"):
            # The canonical address of a page is that of `site.toml` on every mirror.
            assert moved == built.replace(b'href="' + OTHER.encode(), b'href="' + SITE.encode()), path
            assert b"mirror.example:8080" in moved
        elif path.endswith((".rss", ".atom", ".json")):
            # So is the address that feeds tell their readers in words; all others are the mirror's.
            assert moved.replace(SITE.encode(), OTHER.encode()) == built, path
            assert moved.count(SITE.encode()) == ours[path].count(SITE.encode()) - len(stamps)
        else:
            assert moved == built, path
            # Whoever is to be told of a weakness is reached at the site itself.
            told = [line for line in moved.splitlines() if not line.startswith(b"Contact: ")]
            assert SITE.encode() not in b"".join(told)
        compared += 1
    names = {path.rpartition("/")[2] for path in stamped}
    assert names >= {"404.html", "robots.txt", "sitemap.xml", "all.atom", "all.rss", "index.html"}
    assert compared >= 15


def test_no_other_file_is_stamped(small):
    assert small.build().code == 0
    stamped = stamps_of(small)
    for path in (
        path
        for path in small.output.rglob("*.html")
        if path.relative_to(small.output).as_posix() not in stamped
    ):
        page = Page(path.as_posix(), path.read_bytes())
        # The page of other addresses names the site's own, as a link, in words and beside its picture.
        of_page = ("//main//a/@href", "//main//a//text()", "//main//img/@alt")
        shown = [one for query in of_page for one in page.find(query) if SITE in one]
        meant = [*page.find(MEANT), *shown]
        assert path.read_text(encoding="utf-8").count(SITE) == len(meant), path


# What fits into the first flight of a connection, its headers and certificates left out.
MOST_BYTES, MOST_REQUESTS = 13_000, 5


def too_heavy(pages: Iterable[Page], style: bytes) -> list[str]:
    """The heaviest pages, if any is beyond what a slow telephone is to fetch: page and style, compressed."""
    shared = len(gzip.compress(style, 9))
    weights = sorted(((len(gzip.compress(p.data, 9)) + shared, p.address) for p in pages), reverse=True)
    return [f"{size} bytes: /{address}" for size, address in weights[:10] if weights[0][0] > MOST_BYTES]


def requests_of(page: Page) -> list[str]:
    """What a browser fetches to show a page, its pictures left out."""
    links = [
        link.get("href")
        for link in page.find("//link[@rel][@href]")
        if {"stylesheet", "icon", "preload", "manifest"} & set(link.get("rel").split())
    ]
    return [page.address, *links, *page.find("//*[self::script or self::iframe or self::embed]/@src")]


def test_every_page_is_light_enough_for_a_slow_telephone(demo):
    style = next(demo.output.rglob("*.css")).read_bytes()
    assert too_heavy(demo.pages.values(), style) == []
    assert {
        a: len(requests_of(p)) for a, p in demo.pages.items() if len(requests_of(p)) > MOST_REQUESTS
    } == {}


def test_a_page_that_is_too_heavy_is_noticed_with_the_heaviest_others():
    noise = Random(1).randbytes(9_000).hex().encode()
    pages = [Page("light/", b"<p>x"), Page("heavy/", noise + noise[::-1])]
    assert [line.partition(": ")[2] for line in too_heavy(pages, b"")] == ["/heavy/", "/light/"]
    assert too_heavy(pages[:1], b"") == []
    head = "<link rel='stylesheet' href='a.css'><link rel='icon' href='i'><script src='a.js'></script>"
    assert len(requests_of(Page("x/", f"{head}<link rel='next' href='y'>".encode()))) == 4


def test_a_series_of_portraits_can_be_printed_as_a_whole(demo, items):
    portraits = sorted(
        (item for item in items.values() if item.kind == "portrait"), key=lambda item: item.facts["number"]
    )
    assert len(portraits) == 10
    for language in LANGUAGES:
        address = f"{home(language)}portraits/print/ten-portraits/"
        assert address in {
            found for found, _ in linked(demo.page(f"{home(language)}portraits/"), "//main//a")
        }
        shown = [words(found) for found in demo.page(address).find("//article//h2[1]")]
        assert len(shown) >= len(portraits)
        people = [words(demo.page(item.address(language)).one("//h1")) for item in portraits]
        assert [name for name in shown if name in people] == people


def test_a_case_code_is_found_in_any_spelling(demo, items):
    for language in LANGUAGES:
        index = demo.page(f"{home(language)}codes/")
        for item in (item for item in items.values() if item.kind == "appeal"):
            for code in item.facts.get("codes", ()):
                address = f"{home(language)}codes/{code[:3].lower()}/"
                assert address in {found for found, _ in linked(index, "//main//a")}
                compact = re.sub("[^A-Za-z0-9]", "", code)
                row = demo.page(address).one(f"//main//li[@id = '{compact.lower()}']")
                assert words(row.xpath(".//p[@class = 'margin']")[0]) == code
                assert compact in words(row)


def test_names_are_found_from_a_to_z_in_the_readers_letters_first(demo):
    for language, letter in {"en": "A", "fr": "A", "ar": "ا", "ru": "Б"}.items():
        page = demo.page(f"{home(language)}a-z/")
        letters = [words(found) for found in page.find("//main//dl/dt")]
        assert letters[0] == letter
        assert [words(found) for found in page.find("//main//nav//a")] == letters
        found = {address for address, _ in linked(page, "//main//dl//a")}
        assert found >= {f"{home(language)}countries/cm/", f"{home(language)}network/about/"}
    named = words(demo.page("a-z/").one("//main//dl"))
    assert "Lamia Ferchouni" in named


def test_related_items_are_earlier_ones_of_the_same_country_and_not_of_the_same_case(demo, items):
    shown = 0
    for item in (i for i in items.values() if i.kind in DATED and i.address("en") in demo.pages):
        for address, _ in linked(demo.page(item.address("en")), "//section[@class = 'related']//li//a"):
            other = next(one for one in items.values() if address in {one.address(x) for x in LANGUAGES})
            assert item.facts["countries"][0] in other.facts["countries"]
            assert str(other.facts.get("issued", "")) <= str(item.facts.get("issued", "9"))
            chain = demo.page(item.address("en")).find("//ol[@class = 'chain']")
            assert not chain or words(demo.page(address).one("//h1")) not in words(chain[0])
            shown += 1
    assert shown > 10
