"""What copies that nobody can take back may hold."""

from collections.abc import Collection
from pathlib import Path

import pytest

from tests.small_sites import change, copy_of, load
from tocsin.errors import TocsinError
from tocsin.library.library import Library
from tocsin.offline.permanent import permanent_part

ALL = ("en", "fr", "ar")
PERMANENT = {"page:about", "report:custody", "statement:call"}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return copy_of("base", tmp_path)


def part(root: Path, languages: Collection[str] = ALL) -> Library:
    heard = load(root, root.parent)
    assert heard.library is not None, heard.text
    return permanent_part(heard.library, languages)


def test_pages_reports_and_statements_are_permanent_and_what_concerns_persons_is_not(base):
    assert set(part(base).entries) == PERMANENT


def test_site_toml_decides_by_kind(base):
    text = (base / "site.toml").read_text(encoding="utf-8")
    (base / "site.toml").write_text(f"{text}\n[permanent]\nmember = true\nreport = false\n", encoding="utf-8")
    assert set(part(base).entries) == {"page:about", "statement:call", "member:kirimba"}


def test_an_item_decides_for_itself_whatever_its_kind(base):
    change(
        base, "content/portraits/2026/first/en.md\n- id: 0p0rtra100\n+ id: 0p0rtra100\n+ permanent: true\n"
    )
    change(
        base, "content/reports/2026/custody/fr.md\n- original: true\n+ original: true\n+ permanent: false\n"
    )
    assert set(part(base).entries) == {"page:about", "statement:call", "portrait:first"}


def test_a_translation_cannot_decide(base):
    was = "translator: Workshop"
    change(base, f"content/reports/2026/custody/en.md\n- {was}\n+ {was}\n+ permanent: true\n")
    assert "'permanent' is a fact" in load(base, base.parent).text


def test_what_is_not_public_is_never_permanent(base):
    change(
        base, "content/statements/2026/unfinished/en.md\n- draft: true\n+ draft: true\n+ permanent: true\n"
    )
    change(
        base, "content/reports/2026/held-back/en.md\n- id: 0rep0rt200\n+ id: 0rep0rt200\n+ permanent: true\n"
    )
    change(
        base,
        "content/statements/2026/call/en.md\n- fictional: true\n+ fictional: true\n"
        "+ permanent: true\n+ withdrawn: 2026-06-01T00:00Z\n",
    )
    narrow = part(base)
    assert set(narrow.entries) == PERMANENT - {"statement:call"}
    assert not narrow.withdrawn
    assert not narrow.embargoes


def test_lists_know_nothing_of_the_rest(base):
    narrow = part(base)
    assert narrow.members == ()
    assert narrow.cases == {}
    assert narrow.group("kind:appeal") == ()
    assert narrow.group("series:portraits") == ()
    assert narrow.countries == ("CM", "KE")  # of the report


def test_an_item_that_is_left_out_cannot_be_read(base):
    narrow = part(base)
    with pytest.raises(KeyError):
        narrow.item("portrait:first")
    with pytest.raises(KeyError):
        narrow.read_texts("appeal:ken-arrest", "en")
    assert narrow.item("report:custody").slug == "custody"


def test_a_preview_is_refused(base):
    library = load(base, base.parent, drafts=True).library
    assert library is not None
    with pytest.raises(TocsinError) as refused:
        permanent_part(library, ALL)
    assert str(refused.value) == "a library with drafts is a preview; an offline edition is made without them"


def test_a_language_that_the_site_lacks_is_refused(base):
    with pytest.raises(TocsinError) as refused:
        part(base, ("fr", "de"))
    assert str(refused.value) == "the site has no language 'de'; it has en, fr, ar"


def test_with_the_default_language_left_out_another_stands_at_the_root(base):
    narrow = part(base, ("ar", "fr"))
    assert tuple(narrow.site.languages) == ("fr", "ar")
    assert narrow.site.default_language == "fr"
    assert narrow.site.languages["fr"].fallback == ()
    assert narrow.site.languages["ar"].fallback == ("fr",)
    # The call for input is in English alone, and such items stand in lists of other languages only by name.
    assert set(narrow.entries) == {"page:about", "report:custody"}


def test_what_needs_a_server_is_left_out(base):
    site = part(base).site
    assert not site.search.enabled
    assert not site.social.cards
    assert site.leaving is None
