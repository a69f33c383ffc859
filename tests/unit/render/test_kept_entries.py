"""Entries of the feed of everything are taken over where they would be made as they were."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import small_sites
from tocsin.errors import DamagedStoreError
from tocsin.ledger.store import Store
from tocsin.library.library import Library
from tocsin.library.loader import load_once
from tocsin.render import feeds, kept_entries
from tocsin.render.feed_entries import TEMPLATE
from tocsin.render.languages import load_speeches
from tocsin.render.reading import Reading
from tocsin.render.theme import Theme
from tocsin.render.world import Facet, World
from tocsin.reporting import SilentReporter

ROOT = Path(__file__).resolve().parents[3]


class Setter:
    """Sets nothing, but tells of which items that was wanted."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def fragment(self, reading: Reading, template: str, values: dict[str, Any]) -> str:
        if template == TEMPLATE:
            section, slug = values["page"].address.split("/")[-3:-1]
            self.keys.append(f"{section.removesuffix('s')}:{slug}")
        return f"<p>{template} {reading.language} {values['page'].title}</p>"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    root = small_sites.copy_of("base", tmp_path)
    return load_once(root, small_sites.AT, SilentReporter(), tmp_path / "state")


@pytest.fixture
def feed(library: Library, tmp_path: Path) -> Callable[..., tuple[dict[str, str], set[Facet], list[str]]]:
    """Makes the feed of everything as another build would: its texts, its facets, the items set anew."""
    theme, store = Theme(ROOT / "theme"), Store(tmp_path / "items.sqlite")
    speeches = load_speeches(theme.locale, library.site, library.shared, store)

    def make(shown: Library = library, version: str = "one") -> tuple[dict[str, str], set[Facet], list[str]]:
        reading, setter = Reading(World(shown, speeches, theme, store=store, version=version), "en"), Setter()
        return dict(feeds.feed(reading, setter, "all", "")), reading.facets, setter.keys

    return make


def without(library: Library, key: str) -> Library:
    entries = {other: entry for other, entry in library.entries.items() if other != key}
    return replace(library, entries=entries)


def other_text(library: Library, key: str) -> Library:
    entry = library.entries[key]
    changed = entry._replace(texts=tuple((code, b"another digest") for code, _ in entry.texts))
    return replace(library, entries={**library.entries, key: changed})


def test_what_was_made_is_taken_over_with_all_that_it_was_made_from(feed):
    texts, facets, set_anew = feed()
    assert len(set_anew) > 3
    assert feed() == (texts, facets, [])


def test_an_item_whose_text_is_another_is_set_anew(feed, library):
    _, _, [first, *_] = feed()
    assert feed(other_text(library, first))[2] == [first]
    assert feed(library)[2] == [first]


def test_a_new_item_is_the_only_one_that_is_set(feed, library):
    texts, facets, set_anew = feed()
    newest = set_anew[0]
    assert feed(without(library, newest))[2] == []
    assert feed() == (texts, facets, [newest])


def test_other_code_or_settings_make_all_anew(feed):
    texts, facets, set_anew = feed()
    assert feed(version="two") == (texts, facets, set_anew)


def test_of_an_item_that_left_the_feed_nothing_is_kept(feed, library, tmp_path):
    newest = feed()[2][0]
    feed(without(library, newest))
    names = Store(tmp_path / "items.sqlite").names(kept_entries._PREFIX)
    assert names
    assert not [name for name in names if name.endswith(newest)]


def test_without_a_store_all_is_made(library, feed, tmp_path):
    texts, facets, set_anew = feed()
    theme = Theme(ROOT / "theme")
    speeches = load_speeches(theme.locale, library.site, library.shared, Store(tmp_path / "other.sqlite"))
    reading, setter = Reading(World(library, speeches, theme), "en"), Setter()
    assert dict(feeds.feed(reading, setter, "all", "")) == texts
    assert (reading.facets, setter.keys) == (facets, set_anew)


def test_an_entry_that_is_damaged_is_made_again(feed, tmp_path):
    texts, facets, set_anew = feed()
    store = Store(tmp_path / "items.sqlite")
    [name] = [name for name in store.names(kept_entries._PREFIX) if name.endswith(set_anew[0])]
    store.connection.execute("UPDATE item SET data = ? WHERE name = ?", (b"damaged", name))
    store.close()
    assert feed() == (texts, facets, set_anew[:1])
    assert feed() == (texts, facets, [])


def test_a_store_that_is_thrown_away_meanwhile_keeps_nothing(feed, monkeypatch):
    def gone(*_: object) -> None:
        raise DamagedStoreError("thrown away")

    monkeypatch.setattr(Store, "names", gone)
    texts, facets, set_anew = feed()
    monkeypatch.undo()
    assert feed() == (texts, facets, set_anew)
