"""Shared data: the tables, what is derived from them, and the files that are not for the site."""

from __future__ import annotations

import pytest

from tests import small_sites
from tocsin.library.shared import load_shared, load_site
from tocsin.model.shared import ENTRY_TYPES


@pytest.fixture
def site(tmp_path):
    return small_sites.copy_of("base", tmp_path)


def test_every_table_is_there_by_its_name(site):
    shared, findings = load_shared(site)
    assert findings == []
    assert set(shared.tables) == set(ENTRY_TYPES)
    for table in (
        shared.addressees,
        shared.country_names,
        shared.facts,
        shared.offices,
        shared.organisations,
        shared.regions,
        shared.series,
        shared.themes,
        shared.violations,
    ):
        assert table


def test_countries_are_known_by_region_and_by_their_longer_code(site):
    shared, _ = load_shared(site)
    assert shared.region_of == {"CM": "africa", "KE": "africa", "NO": "europe"}
    assert shared.alpha3 == {"CM": "CMR", "KE": "KEN", "NO": "NOR"}


def test_a_table_with_a_fault_is_damaged_and_the_others_are_not(site):
    small_sites.change(site, "data/themes.toml\n- [women]\n+ [Women]\n")
    shared, findings = load_shared(site)
    assert shared.damaged == {"themes"}
    assert [finding.rule for finding in findings] == ["wrong-value"]
    assert list(shared.themes) == ["defenders"]


@pytest.mark.parametrize("name", ["withheld.toml", "withheld.example.toml"])
def test_what_must_never_appear_is_not_even_read(site, name):
    (site / "data" / name).write_bytes(b"\xff not TOML, and not to be looked at")
    assert load_shared(site)[1] == []


def test_a_site_may_do_without_shared_data(tmp_path):
    shared, findings = load_shared(tmp_path)
    assert (shared.tables, findings) == ({}, [])
    assert shared.themes == {}


def test_the_site_is_read_with_its_languages_in_their_order(site):
    found, findings = load_site(site)
    assert findings == []
    assert list(found.languages) == ["en", "fr", "ar"]
    assert found.identity.name["ar"] == "الجرس"


def test_a_faulty_site_is_none(site):
    small_sites.change(site, "site.toml\n- schema = 1\n+ schema = 2\n")
    assert load_site(site)[0] is None
