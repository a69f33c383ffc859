"""The site: languages that exist, an address to build on, an order in which languages are offered."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tocsin.model.record import BETWEEN_FIELDS
from tocsin.model.site import Site, pick

VALUES = {
    "schema": 1,
    "address": "https://bell.example/",
    "default_language": "en",
    "languages": {"en": {}, "fr": {"fallback": ("en",)}, "ar": {"fallback": ("fr", "en")}},
    "identity": {
        "name": {"en": "The Bell"},
        "strapline": {"en": "A network"},
        "introduction": {"en": "Words."},
        "contact": "desk@bell.example",
        "corrections": "desk@bell.example",
    },
    "feeds": {"authority": "bell.example", "date": "2026-01-01"},
    "licence": {"name": "CC BY", "url": "https://bell.example/by", "notice": {"en": "Use it."}},
}


def faults_of(**changes):
    with pytest.raises(ValidationError) as caught:
        Site.model_validate(VALUES | changes)
    (details,) = caught.value.errors()
    assert details["type"] == BETWEEN_FIELDS
    return dict(details["ctx"]["faults"])


def test_everything_that_can_be_left_out_has_a_value():
    site = Site.model_validate(VALUES)
    assert (site.lists.per_page, site.lists.addressee_months, site.feeds.items, site.keys) == (20, 12, 50, ())
    assert (site.missing_translation.page, site.missing_translation.appeal) == ("page", "list")


def test_readers_are_offered_their_language_then_its_fallbacks_then_the_original_then_any():
    site = Site.model_validate(VALUES)
    assert site.order_for("ar", "en") == ("ar", "fr", "en")
    assert site.order_for("fr", "ar") == ("fr", "en", "ar")
    assert site.order_for("en", "ar") == ("en", "ar", "fr")


def test_the_default_language_is_one_of_the_site():
    assert faults_of(default_language="es") == {
        "default_language": "cannot be 'es', which is not in [languages]; add it there"
    }


def test_a_fallback_is_another_language_of_the_site():
    languages = {"en": {"fallback": ("en",)}, "pt-BR": {"fallback": ("es",)}}
    assert faults_of(languages=languages) == {
        "languages.en.fallback": "cannot be 'en', which is not another of [languages]; the others are pt-BR",
        "languages.pt-BR.fallback": "cannot be 'es', which is not another of [languages]; the others are en",
    }


def test_the_address_ends_with_a_slash():
    assert faults_of(address="https://bell.example") == {
        "address": "must end with '/', so write 'https://bell.example/'"
    }


def test_all_that_is_wrong_is_told_at_once():
    assert len(faults_of(address="https://bell.example", default_language="es")) == 2


def test_a_site_cannot_be_changed():
    site = Site.model_validate(VALUES)
    with pytest.raises(ValidationError, match="frozen"):
        site.address = "https://other.example/"


def test_a_name_is_picked_in_order_and_any_is_better_than_none():
    assert pick({"fr": "Femmes", "en": "Women"}, ("ar", "fr", "en")) == ("Femmes", "fr")
    assert pick({"ru": "Женщины", "es": "Mujeres"}, ("ar", "fr")) == ("Mujeres", "es")
