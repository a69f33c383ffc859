"""A quiet edit gives the library that loading everything would give; any other edit is none."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import small_sites
from tocsin.ledger.register import stamp_of
from tocsin.ledger.sources import Sources
from tocsin.ledger.store import Store
from tocsin.library.cache import ItemCache
from tocsin.library.entry import Entry
from tocsin.library.known import Entries, Known
from tocsin.library.library import Library
from tocsin.library.lists import outline
from tocsin.library.loader import load_library
from tocsin.library.quiet import Moment, load_quietly
from tocsin.reporting import BufferReporter

LATER = 2**62
ARREST, RELEASE = "content/appeals/2026/ken-arrest/en.md", "content/appeals/2026/ken-release/en.md"


class Again:
    """A site that was loaded once, and is loaded again after edits."""

    def __init__(self, folder: Path) -> None:
        self.root = small_sites.copy_of("base", folder)
        self.cache = ItemCache(Store(folder / "items.sqlite"))
        sources, known = Sources(self.root, {}, LATER), Known()
        library, loaded = load_library(sources, self.cache, small_sites.AT, BufferReporter())
        known.take(loaded, library.lists)
        self.kept = dict(known.changed())
        self.stamps = sources.to_keep()
        self.moment = Moment(library.as_of, library.next_change)
        self.known = known

    def quietly(self) -> tuple[Library, frozenset[str]] | None:
        self.reporter = BufferReporter()
        self.known = Known(lambda name, default: self.kept.get(name, default))
        sources = Sources(self.root, self.stamps, LATER, frozenset(self._differing()))
        return load_quietly(sources, self.cache, self.known, self.moment, self.reporter, drafts=False)

    def _differing(self) -> list[str]:
        def differs(path: str) -> bool:
            place = self.root / path
            return not place.exists() or stamp_of(place.stat()) != self.stamps[path][0]

        return [path for path in self.stamps if differs(path)]

    def as_a_whole(self) -> tuple[Library, list[Any]]:
        reporter = BufferReporter()
        sources = Sources(self.root, {}, LATER)
        return load_library(sources, self.cache, small_sites.AT, reporter)[0], reporter.findings


@pytest.fixture
def site(tmp_path: Path) -> Again:
    return Again(tmp_path)


BODY = f"""
{RELEASE}
- Thanks to all who [wrote](case:ken-arrest), in [Kenya](country:KE) and elsewhere.
+ Thanks to all.
"""
TITLE = f"""
{RELEASE}
- title: Release of the committee
+ title: They are free
"""


@pytest.mark.parametrize("change", [BODY, TITLE, BODY + TITLE.partition(RELEASE)[2]])
def test_a_quiet_edit_gives_what_loading_everything_gives(site, change):
    small_sites.change(site.root, change)
    found = site.quietly()
    assert found is not None
    library, changed = found
    whole, findings = site.as_a_whole()
    assert changed == {"appeal:ken-release"}
    assert dict(library.entries) == dict(whole.entries)
    assert library.lists == whole.lists
    assert (library.as_of, library.next_change) == (whole.as_of, whole.next_change)
    assert sorted(map(str, site.reporter.findings)) == sorted(map(str, findings))
    for key in whole.entries:
        assert library.item(key) == whole.item(key)
    text = library.read_texts("appeal:ken-release", "en")
    assert text == whole.read_texts("appeal:ken-release", "en")


def test_what_changed_is_known_afterwards_and_little_is_kept_again(site):
    small_sites.change(site.root, BODY)
    assert site.quietly() is not None
    pieces = dict(site.known.changed())
    assert [name.partition(":")[0] for name in pieces] == ["entries"]
    assert Entries(site.known.entries, ())["appeal:ken-release"].digest


def test_lists_are_not_read_before_somebody_asks(site):
    small_sites.change(site.root, BODY)
    lists = site.kept.pop("lists")
    library, _ = site.quietly()
    site.kept["lists"] = lists
    assert library.lists == site.as_a_whole()[0].lists
    assert "lists" in site.known.values


def test_where_nothing_changed_nothing_did(site):
    os.utime(site.root / ARREST, ns=(1, 1))
    library, changed = site.quietly()
    assert changed == frozenset()
    assert list(site.known.changed()) == []
    assert len(library.entries) == len(site.as_a_whole()[0].entries)


NOT_QUIET: dict[str, Callable[[Path], object] | str] = {
    "another day": f"{RELEASE}\n- issued: 2026-03-05\n+ issued: 2026-03-06\n",
    "another country": f"{ARREST}\n- countries: [KE]\n+ countries: [NO]\n",
    "another state": f"{RELEASE}\n- status: closed-released\n+ status: open\n",
    "a deadline": f"{ARREST}\n- respond_before: 2026-12-31\n+ respond_before: 2026-12-30\n",
    "a draft": f"{RELEASE}\n- stage: final\n+ stage: final\n+ draft: true\n",
    "an embargo": f"{RELEASE}\n- stage: final\n+ stage: final\n+ embargo: 2026-12-31T12:00Z\n",
    "another id": f"{RELEASE}\n- id: 0appea1200\n+ id: 0appea1299\n",
    "a fault": f"{TITLE}".replace("+ title", "+ titel"),
    "a link to nowhere": BODY.replace("+ Thanks to all.", "+ [Thanks](appeal:nowhere)."),
    "a new item": "content/reports/2026/new/en.md\n+ ---\n+ title: New\n+ ---\n",
    "a translation": lambda root: (root / RELEASE).with_name("fr.md").write_text("x", encoding="utf-8"),
    "a text less": lambda root: (root / ARREST).with_name("fr.md").unlink(),
    "an item less": lambda root: (root / RELEASE).unlink(),
    "shared data": lambda root: _more(root / "data/themes.toml"),
    "the settings": lambda root: _more(root / "site.toml"),
    "a folder for a file": lambda root: ((root / RELEASE).unlink(), (root / RELEASE).mkdir()),
    "a link for a file": lambda root: (
        (root / RELEASE).rename(root / "away"),
        (root / RELEASE).symlink_to(root / "away"),
    ),
}


def _more(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\n# more\n", encoding="utf-8")


@pytest.mark.parametrize("happen", NOT_QUIET.values(), ids=NOT_QUIET.keys())
def test_any_other_edit_is_not_quiet_and_leaves_what_is_known_as_it_was(site, happen):
    if isinstance(happen, str):
        small_sites.change(site.root, happen)
    else:
        happen(site.root)
    assert site.quietly() is None
    assert list(site.known.changed()) == []
    assert site.reporter.steps == []


def test_an_edit_beside_one_that_is_not_quiet_is_not_quiet(site):
    small_sites.change(site.root, BODY)
    small_sites.change(site.root, str(NOT_QUIET["another country"]))
    assert site.quietly() is None


def test_a_warning_between_items_whose_lines_may_have_moved_is_made_anew(tmp_path):
    gap = f'{RELEASE}\n- codes: ["KEN 001 / 0226 / OBS 011.1"]\n+ codes: ["KEN 001 / 0226 / OBS 011.3"]\n'
    site = Again(tmp_path)
    small_sites.change(site.root, gap)
    sources, known = Sources(site.root, {}, LATER), Known()
    library, loaded = load_library(sources, site.cache, small_sites.AT, BufferReporter())
    known.take(loaded, library.lists)
    site.kept, site.stamps = dict(known.changed()), sources.to_keep()
    assert [finding[3] for finding in known.whole] == ["chain-gap"]
    small_sites.change(site.root, TITLE)
    assert site.quietly() is None


def test_warnings_of_items_that_did_not_change_are_told_again(site):
    path = (site.root / ARREST).with_name("fr.md")
    before = site.as_a_whole()[1]
    small_sites.change(site.root, f"{ARREST}\n- title: Arrest of a committee\n+ title: An arrest\n")
    assert path.exists()
    assert site.quietly() is not None
    _, findings = site.as_a_whole()
    assert sorted(map(str, site.reporter.findings)) == sorted(map(str, findings))
    assert len(findings) > len(before)


def test_an_outline_is_all_that_lists_and_checks_are_made_from():
    kept = set(Entry._fields) - {"digest", "cards", "texts", "links"}
    entry = Entry(*range(len(Entry._fields)))  # type: ignore[arg-type]
    assert {name for name in Entry._fields if getattr(outline(entry), name) == getattr(entry, name)} == kept
