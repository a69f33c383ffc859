"""Work grows with the site when everything is made, and not at all when one thing is edited.

Operations are counted, not seconds: in a site of 60 items and in one four times as large, both with twenty
items a year, chains, countries, themes and a series.
"""

import os
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import pytest

from tests.law.desk import Desk, Thing
from tests.law.walk import Told, build
from tocsin.ledger.store import Store
from tocsin.render import cards, jobs, list_pages, windows, world
from tocsin.render.world import World

SMALL, LARGE = 60, 240
GROWTH = LARGE / SMALL
# What is done once for a site, whatever its size, makes small sites dearer by the item than large ones.
SLACK = 1.1
COUNTRIES, THEMES = ("KE", "CM", "NO", "PE"), ("women", "children")
YEAR_SIZE = 20

Counts = Counter[str]


@contextmanager
def counted(patch: pytest.MonkeyPatch) -> Iterator[Counts]:
    """Counts what is done below it."""
    counts: Counts = Counter()

    def count(place: Any, name: str, what: str) -> None:
        original = getattr(place, name)

        def call(*arguments: Any, **named: Any) -> Any:
            counts[what] += 1
            return original(*arguments, **named)

        patch.setattr(place, name, call)

    with patch.context() as own:
        patch = own
        count(World, "answer", "answers")
        count(jobs, "do", "jobs")
        count(os, "stat", "stats")
        count(os, "lstat", "stats")
        count(jinja2.Template, "render", "renders")
        count(cards, "_card", "cards")
        count(world, "sitemap_year", "items of the sitemap")
        own.setattr(Store, "_connect", _traced(Store._connect, counts))
        yield counts


def _traced(connect: Any, counts: Counts) -> Any:
    def call(store: Store) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(store)
        connection.set_trace_callback(lambda statement: counts.update(["statements"]))
        return connection

    return call


@dataclass
class Measured:
    """What a site of one size took: made from nothing, after a body edit, after a new item on top."""

    cold: Counts
    edit: Counts
    new: Counts
    edited: Told
    added: Told
    desk: Desk
    output: Path


def large_desk(root: Path, size: int) -> Desk:
    """A site of `size` items in one of three languages, twenty a year, the newest in 2026."""
    desk = Desk(root, seed=0, real_theme=False, kinds=("page", "member"))
    desk.site["lists"] |= {"per_page": 10, "home": 5}
    for number in range(size):
        year = 2026 - (size - number - 1) // YEAR_SIZE
        thing = plain_thing(desk, number, f"{year}-03-{1 + number % YEAR_SIZE:02}")
        desk.things[thing.key] = thing
    desk.write_site()
    desk.settle()
    return desk


def plain_thing(desk: Desk, number: int, issued: str) -> Thing:
    """An item that depends on its number alone. Every sixth begins a case, which the next one follows.

    The ten portraits of the series are among the first; the home page shows all of a series.
    """
    last = "portrait" if number < SMALL else "report"
    kind = ("appeal", "appeal", "report", "statement", "appeal", last)[number % 6]
    thing = desk.add(kind, random.Random(number))
    del desk.things[thing.key]
    thing.slug = f"{kind}-of-{number}"
    thing.place = issued[:4]
    for name in ("respond_before", "deadline", "follows"):
        thing.facts.pop(name, None)
    thing.facts |= {"issued": issued, "countries": [COUNTRIES[number % 4]], "themes": [THEMES[number % 2]]}
    if kind == "statement":
        thing.facts["form"] = "press-release"
    if kind == "appeal":
        thing.facts |= {"stage": "first", "status": "closed-other" if number % 5 else "open"}
        if number % 6 == 1:
            thing.facts |= {"stage": "follow-up", "follows": f"appeal-of-{number - 1}"}
    if kind == "portrait":
        thing.facts["number"] = number + 1
    words = thing.words[thing.original]
    thing.facts["_original"] = "en"
    thing.words = {"en": words}
    thing.bodies = {"en": [("text", f"Text {number}."), ("country", "KE")]}
    return thing


@pytest.fixture(scope="module")
def measured(folder: Path) -> dict[int, Measured]:
    """Both sizes, built in this process by one worker."""
    patch = pytest.MonkeyPatch()
    patch.setattr(list_pages, "OPEN_CASES", 4)  # bounds that so small a site would not reach
    patch.setattr(list_pages, "ENDED_CASES", 4)
    patch.setattr(windows, "ARCHIVE_SIZE", 10)
    found = {}
    for size in (SMALL, LARGE):
        desk = large_desk(folder / f"site-{size}", size)
        output = desk.root / "output"
        with counted(patch) as cold:
            assert not build(desk.root, output, desk).fault
        target = desk.things["appeal:appeal-of-7"]
        target.bodies["en"].append(("text", "A correction of spelling."))
        desk.settle()
        with counted(patch) as edit:
            edited = build(desk.root, output, desk)
        new = plain_thing(desk, 6 * 10**6, "2026-05-01")
        desk.things[new.key] = new
        desk.settle()
        with counted(patch) as added:
            told = build(desk.root, output, desk)
        found[size] = Measured(cold, edit, added, edited, told, desk, output)
    patch.undo()
    return found


@pytest.mark.parametrize(
    "what", ["answers", "jobs", "stats", "renders", "cards", "statements", "items of the sitemap"]
)
def test_a_site_four_times_as_large_takes_four_times_the_work_and_not_more(measured, what):
    small, large = (measured[size].cold[what] for size in (SMALL, LARGE))
    assert 0 < large <= GROWTH * SLACK * small


def test_after_an_edit_of_a_body_the_items_pages_and_the_feeds_are_made_whatever_the_size(measured):
    for size in (SMALL, LARGE):
        assert measured[size].edited.numbers is not None
        # The item's page and the shard of its year in its language, the case that it belongs to in three, and
        # an archive of its language. Feeds hold newer items.
        assert measured[size].edit["jobs"] == 1 + 1 + 3 + 1
    for what in ("jobs", "renders", "cards"):
        assert measured[LARGE].edit[what] <= measured[SMALL].edit[what], what


def test_after_a_new_item_a_bounded_number_of_pages_of_each_list_is_made_whatever_the_size(measured):
    small, large = measured[SMALL].new, measured[LARGE].new
    # Its page, and for each language: home, section, year, country, theme, cases, case, a numbered page of
    # each, indexes with counts, feeds; the sitemap's part and index.
    assert large["jobs"] <= 3 * 24
    assert large["jobs"] <= small["jobs"]
    assert large["renders"] <= small["renders"]
    # The front of a list shows from one page of items to nearly two, which is chance and not size.
    assert large["cards"] <= 2 * small["cards"] < GROWTH * small["cards"]


def test_looking_for_what_to_make_after_an_edit_is_linear_and_cheap(measured):
    for what in ("answers", "stats", "statements", "items of the sitemap"):
        small, large = measured[SMALL].edit[what], measured[LARGE].edit[what]
        assert large <= GROWTH * SLACK * small, what
    # A source is looked at once or twice, an output once.
    sources = sum(1 for path in measured[LARGE].desk.root.rglob("*") if path.is_file())
    assert measured[LARGE].edit["stats"] <= 2.5 * sources


def test_a_list_is_read_through_once_for_all_neighbours_in_it(measured, monkeypatch):
    """Portraits ask for their neighbours: a series that was searched for each would be quadratic."""
    looked = Counter()

    class Keys(tuple):
        def __iter__(self) -> Iterator[str]:
            looked["through"] += 1
            return super().__iter__()

        def index(self, *arguments: object) -> int:
            looked["through"] += 1
            return super().index(*arguments)

    class Library:
        def group(self, name: str) -> Keys:
            return Keys(("a", "b", "c"))

    asked = World(Library(), {}, None)  # type: ignore[arg-type]
    assert [asked.answer(("around", "series:x", key)) for key in "abc"] == [
        (None, "b"),
        ("a", "c"),
        ("b", None),
    ]
    assert asked.answer(("around", "series:x", "d")) == (None, None)
    assert looked["through"] == 1
