"""What the peers are told of an item in each of its files: they inherit no facts from an original."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from babel import Locale

from bench.corpus import ALPHA3, Corpus, Item, Text
from bench.counts import Difference


def latest_of_cases(corpus: Corpus) -> frozenset[str]:
    """The slugs of appeals that none continues. Tocsin derives this; the peers find it in front matter."""
    continued = {item.follows for item in corpus.items}
    return frozenset(
        item.slug for item in corpus.items if item.kind == "appeal" and item.slug not in continued
    )


def facts(item: Item, text: Text, language: str, latest: frozenset[str]) -> dict[str, Any]:
    """Facts and words of an item in one language."""
    values: dict[str, Any] = {
        "title": text.title,
        "summary": text.summary,
        "kind": item.kind,
        "form": item.form,
    }
    values["id"] = item.identity
    if language != item.original:
        values["translator"] = "Translation workshop"
    if item.kind == "page":
        return values
    values |= {
        "date": item.day,
        "fictional": True,
        "countries": [code.lower() for code in item.countries],
        "themes": item.themes,
        "issuer": item.issuer,
    }
    if item.kind != "appeal":
        return values
    is_latest = item.slug in latest or item.slug.startswith("new-")
    values |= {
        "case": item.case,
        "code": item.code,
        "status": item.status,
        "open": is_latest and item.status == "open",
        "ended": is_latest and item.status != "open",
        "violations": item.violations,
        "person": text.person,
        "role": text.role,
        "actions": list(text.actions.values()),
        "dateline": text.dateline,
    }
    if text.changed:
        values["changed"] = text.changed
    if item.addressee:
        values["addressee"] = item.addressee
    return values


def addressees() -> dict[str, dict[str, Any]]:
    """The officials that letters go to."""
    return {
        f"{code.lower()}-justice": {
            "office": {"en": "Minister of Justice", "fr": "Ministre de la justice", "ar": "وزير العدل"},
            "salutation": {"en": "Dear Minister", "fr": "Madame, Monsieur", "ar": "معالي الوزير"},
            "address": ["Ministry of Justice", f"P.O. Box {place}"],
            "email": f"minister@{code.lower()}.justice.example",
            "verified": "2025-12-01",
        }
        for place, code in enumerate(sorted(ALPHA3))
    }


def country_names(language: str, codes: Iterable[str]) -> Mapping[str, str]:
    """Names of countries from CLDR."""
    territories = Locale.parse(language).territories
    return {code: territories.get(code, code) for code in sorted(codes)}


def cut_from_newest(corpus: Corpus) -> list[Difference]:
    """Pages of lists: the peers cut them from the newest item on, Tocsin counts them from the oldest."""
    reason = "its lists are cut from the newest, 20 a page; Tocsin's fronts hold the newest 20 to 39"
    own = corpus.plan_cut_from_newest()
    return [
        Difference(kind, own[kind], reason) for kind, number in corpus.plan.items() if own[kind] != number
    ]
