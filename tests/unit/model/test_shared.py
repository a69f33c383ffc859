"""Shared data: facts with dates, addressees that can be reached."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tocsin.model.shared import Addressee, DatedFacts, Term

ADDRESSEE = {
    "office": {"en": "Minister"},
    "salutation": {"en": "Dear Minister"},
    "country": "KE",
    "verified_on": "2026-03-01",
}


def dated(*values):
    return DatedFacts.model_validate(
        {"values": tuple({"value": value, "as_of": as_of, "source": "list"} for value, as_of in values)}
    )


def test_the_newest_value_holds_now_wherever_it_stands():
    facts = dated(("about 200", "2026-01"), (48, 1986), (311, "2012-11-05"))
    assert facts.newest.value == "about 200"


def test_a_value_is_found_by_its_date_as_it_is_written():
    facts = dated((48, 1986), (311, "2012-11"))
    assert facts.on("1986").value == 48
    assert facts.on("2012-11").value == 311
    assert facts.on("2012") is None


@pytest.mark.parametrize("value", [True, 1.5, "", None, ("a",)])
def test_a_value_is_a_number_or_a_line(value):
    with pytest.raises(ValidationError):
        dated((value, 1986))


def test_a_fact_has_a_value_at_least():
    with pytest.raises(ValidationError):
        dated()


@pytest.mark.parametrize(
    "way",
    [
        {"address": ("Nairobi",)},
        {"tel": ("+254 1",)},
        {"fax": ("+254 1",)},
        {"email": ("a@b.example",)},
        {"form": "https://b.example/"},
    ],
    ids=lambda way: next(iter(way)),
)
def test_an_addressee_can_be_reached_in_one_way_at_least(way):
    assert Addressee.model_validate(ADDRESSEE | way)
    with pytest.raises(ValidationError, match="address is missing; give one way to write"):
        Addressee.model_validate(ADDRESSEE)


def test_a_name_stands_in_one_language_at_least():
    with pytest.raises(ValidationError):
        Term.model_validate({"name": {}})
