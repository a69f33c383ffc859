"""From pydantic's errors to sentences that an editor understands."""

from __future__ import annotations

import re
from datetime import date, time

import pytest
from pydantic import ValidationError

from tocsin.library import faults
from tocsin.library.faults import Findings, did_you_mean, explain, known_keys, name_of, one_of, unknown
from tocsin.model import ITEM_TYPES, Appeal, Report
from tocsin.model.shared import ENTRY_TYPES
from tocsin.model.site import Site


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("titel", ", did you mean 'title'?"),
        ("TITLE", ", did you mean 'title'?"),
        ("no", ", did you mean 'NO'?"),
        ("zebra", ""),
        ("", ""),
    ],
)
def test_a_close_word_is_offered_and_a_distant_one_is_not(word, hint):
    assert did_you_mean(word, ["title", "summary", "NO", "CM"]) == hint


def test_what_is_known_is_listed_where_nothing_is_close():
    assert unknown("theme", "womn", ["women", "defenders"]) == "unknown theme 'womn', did you mean 'women'?"
    assert unknown("theme", "x", ["women", "defenders"], "data/themes.toml") == (
        "unknown theme 'x'; known in data/themes.toml: defenders, women"
    )
    assert (
        unknown("theme", "x", [], "data/themes.toml")
        == "unknown theme 'x'; none is known in data/themes.toml yet"
    )


def test_a_long_list_is_cut_short():
    assert one_of(["a", "b", "c"], 2) == "a, b … (3 in all)"
    assert one_of(["a", "b"], 2) == "a, b"


@pytest.mark.parametrize(
    ("location", "name"),
    [
        (("title",), "'title'"),
        (("persons", "chair", "age"), "'persons.chair.age'"),
        (("countries", 1), "entry 2 of 'countries'"),
        (("editions", 0, "isbn"), "'isbn' in entry 1 of 'editions'"),
        (("values", 2, "name", "en"), "'name.en' in entry 3 of 'values'"),
    ],
)
def test_a_place_is_named_as_an_editor_counts(location, name):
    assert name_of(location) == name


@pytest.mark.parametrize(
    ("kind", "location", "expected"),
    [
        (Appeal.facts_type, ("persons", "chair", "x"), {"name_mode", "age", "minor", "at_risk", "review_on"}),
        (Appeal.facts_type, ("picture", "x"), {"file", "credit", "consent", "consent_on"}),
        (Report.facts_type, ("editions", 0, "x"), {"language", "format", "file", "pages", "isbn", "issn"}),
        (Report.words_type, ("recommendations", "police", "x"), {"to", "text"}),
        (Site, ("feeds", "x"), {"authority", "date", "items", "days", "lists", "moved"}),
        (Site, ("lists", "x"), {"per_page", "home", "addressee_months"}),
        (Site, ("keys", 0, "x"), {"name", "kind", "fingerprint", "demonstration", "printed_at"}),
        (Appeal.facts_type, ("countries", 0, "x"), set()),
        (Appeal.facts_type, ("nothing", "x"), set()),
    ],
)
def test_the_keys_beside_a_wrong_one_are_known_at_every_depth(kind, location, expected):
    assert set(known_keys(kind, location)) == expected


def test_the_version_of_site_toml_goes_by_its_written_name():
    assert "schema" in known_keys(Site, ("x",))


def test_a_key_that_was_meant_is_not_missing_as_well():
    said = told(Appeal.words_type, {"titel": "x", "names": {}})
    assert said == ["unknown key 'titel', did you mean 'title'?"]
    said = told(
        Appeal.facts_type, {"id": "0appea1100", "stage": "first", "picture": {"fiel": "x", "credit": "y"}}
    )
    assert said == [
        "'picture.consent' is missing; add it",
        "unknown key 'picture.fiel', did you mean 'file'?",
    ]


def told(kind, values, **options):
    with pytest.raises(ValidationError) as caught:
        kind.model_validate(values)
    return [sentence for _, sentence, _ in explain(caught.value, kind, **options)]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "'title' is empty; write something or leave the key out"),
        ("", "'title' is empty; write something or leave the key out"),
        (1984, "'title' must be text, not the number 1984; put it between quotes"),
        (1.5, "'title' must be text, not the number 1.5; put it between quotes"),
        (True, "'title' must be text, not 'true'; put it between quotes"),
        (date(2013, 2, 12), "'title' must be text, not the date 2013-02-12; put it between quotes"),
        (time(9, 0), "'title' must be text, not the time 09:00:00; put it between quotes"),
        (("a",), "'title' must be text, not a list"),
        ({"a": 1}, "'title' must be text, not a group of keys"),
    ],
)
def test_a_value_of_the_wrong_type_is_described_in_words(value, said):
    assert told(Appeal.words_type, {"title": value}) == [said]


def test_a_long_text_is_cut_short_and_a_message_is_always_one_line():
    assert told(Appeal.facts_type, {"id": "0appea1100", "stage": "first", "themes": "a\nb" + "x" * 50}) == [
        f"'themes' must be a list, not the text 'a b{'x' * 37}…'; write [a b{'x' * 50}]"
    ]


def test_rules_are_short_and_stable_names():
    with pytest.raises(ValidationError) as caught:
        Appeal.facts_type.model_validate(
            {"id": "x", "stage": "frist", "unnamed": -1, "colour": 1, "draft": "yes"}
        )
    assert [rule for _, _, rule in explain(caught.value, Appeal.facts_type)] == [
        "wrong-value",
        "wrong-type",
        "unknown-value",
        "wrong-value",
        "unknown-key",
    ]


@pytest.mark.parametrize(
    "value",
    [None, True, 7, 1.5, "x", "", (), ("x",), (None,), {}, {"x": "y"}, {"x": {}}, date(2013, 1, 1)],
    ids=repr,
)
@pytest.mark.parametrize(
    "kind",
    [
        *(k.facts_type for k in ITEM_TYPES.values()),
        *(k.words_type for k in ITEM_TYPES.values()),
        *dict.fromkeys(ENTRY_TYPES.values()),
        Site,
    ],
    ids=lambda kind: kind.__name__,
)
def test_whatever_is_written_pydantics_own_phrases_never_show(kind, value):
    for name, field in kind.model_fields.items():
        for sentence, rule in all_told(kind, {field.alias or name: value}):
            assert not re.search(r"Input|input should|valid |pydantic|type=|look it up", sentence)
            assert rule in {"missing-key", "wrong-type", "wrong-value", "unknown-value", "unknown-key"}


def all_told(kind, values):
    try:
        kind.model_validate(values)
    except ValidationError as error:
        return [(sentence, rule) for _, sentence, rule in explain(error, kind)]
    return []


def test_an_error_of_pydantic_that_nobody_has_thought_of_is_told_in_words_too():
    assert (
        faults._explain_type("uuid_parsing", "x", "a table")
        == "cannot be the text 'x'; look it up in the guide for editors"
    )


def test_a_finding_is_one_line_whatever_it_quotes():
    findings = Findings()
    findings.error("x", 1, "the link 'a\n\r b' leads nowhere", "broken-link")
    assert str(findings[0]) == "ERROR x:1: the link 'a b' leads nowhere"


def test_findings_know_whether_they_fail():
    findings = Findings()
    findings.warn("x", 1, "is odd", "odd")
    assert not findings.failed
    findings.error("x", 2, "is wrong", "wrong")
    assert findings.failed
    assert [str(finding) for finding in findings] == ["WARNING x:1: is odd", "ERROR x:2: is wrong"]
