"""The lists of a site: what stands in each, and in which order."""

from __future__ import annotations

import pytest

from tests import small_sites


@pytest.fixture
def library(tmp_path):
    def load(text=""):
        site = small_sites.copy_of("base", tmp_path)
        small_sites.change(site, text)
        heard = small_sites.load(site, tmp_path / "state")
        assert heard.library is not None, heard.text
        return heard.library

    return load


def test_every_list_is_oldest_first(library):
    groups = library().groups
    assert groups["kind:appeal"] == ("appeal:cmr-arrest", "appeal:ken-arrest", "appeal:ken-release")
    assert groups["dated"] == (
        "appeal:cmr-arrest",
        "appeal:ken-arrest",
        "appeal:ken-release",
        "report:custody",
        "statement:call",
    )
    assert groups["country:KE"] == (
        "appeal:ken-arrest",
        "appeal:ken-release",
        "report:custody",
        "portrait:first",
    )
    assert groups["theme:women"] == ("report:custody", "statement:call")


def test_a_group_without_items_is_empty(library):
    assert library().group("country:XX") == ()


def test_a_case_is_named_after_its_first_appeal_and_holds_all_of_them(library):
    found = library()
    assert found.cases == {
        "appeal:cmr-arrest": "cmr-arrest",
        "appeal:ken-arrest": "ken-arrest",
        "appeal:ken-release": "ken-arrest",
    }
    assert found.group("case:ken-arrest") == ("appeal:ken-arrest", "appeal:ken-release")


def test_years_are_those_of_issue_or_of_when_an_archived_item_was_seen(library):
    assert tuple(library().years("appeal")) == ("2026", "2013")


SECOND = """
content/portraits/2026/second/en.md
+ ---
+ id: 0p0rtra200
+ archived: true
+ seen: 2012
+ countries: [KE]
+ series: portraits
+ number: 2
+ consent: public-source
+ title: Another person
+ person: Another person
+ ---
"""


def test_a_series_is_in_the_order_of_its_numbers_and_other_lists_in_that_of_days(library):
    found = library(SECOND)
    assert found.group("series:portraits") == ("portrait:first", "portrait:second")
    assert found.group("country:KE")[0] == "portrait:second"


UNLISTED = """
content/network/members/kirimba/en.md
- listing: full
- consent_on: 2026-01-15
+ listing: unlisted
"""


@pytest.mark.parametrize("change", ["", UNLISTED], ids=["listed", "unlisted"])
def test_no_list_of_items_holds_a_member_that_might_not_want_to_be_found(library, change):
    groups = library(change).groups
    assert not any("member:kirimba" in keys for name, keys in groups.items() if name != "kind:member")


def test_a_country_where_only_an_unlisted_member_is_has_no_page(library):
    only = UNLISTED + "\n- countries: [KE]\n+ countries: [NO]\n"
    assert "NO" not in library(only).countries


def test_hidden_items_are_in_no_list(library):
    everywhere = {key for keys in library().groups.values() for key in keys}
    assert not everywhere & {"statement:unfinished", "report:held-back"}


def test_an_item_is_the_same_from_the_library_as_from_its_file(library):
    found = library()
    item = found.item("appeal:ken-arrest")
    assert item is found.item("appeal:ken-arrest")
    assert item.words["ar"].title == "توقيف لجنة"
    assert found.read_texts("appeal:ken-arrest", "ar")["body"] == "<p>اجتمعت اللجنة في السوق.</p>"
