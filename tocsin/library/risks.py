"""Persons at risk: what must not be published of them without somebody's decision.

Three rules, each of which an editor can set aside for one item by giving a reason under `exceptions`: a day
of review has passed, a minor is named in full (`model.appeal`), somebody at risk is shown or can be reached.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from tocsin.errors import Finding
from tocsin.library.faults import Findings
from tocsin.library.frontmatter import Source
from tocsin.library.records import ItemRecord, texts_in
from tocsin.model.items import AnyItem, Facts

_TAG = re.compile(r"<[^>]*>")
_LINK = re.compile(r'href="(mailto|tel):')
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# Groups of digits as telephone numbers are written; days and codes of cases are not.
_TELEPHONE = re.compile(r"(?<![\w/.-])(?:\+|00)[1-9](?:[\s().-]{0,2}\d){6,14}(?![\w/])")


def check_risks(facts: Facts, record: ItemRecord, sources: Mapping[str, Source], findings: Findings) -> None:
    """Nobody at risk is shown in a picture, or can be reached through what the item says."""
    place = _at_risk(facts)
    if place is None or "shown-at-risk" in facts.exceptions:
        return
    source = sources[record.original]
    way_out = "or give the reason under 'exceptions.shown-at-risk'"
    if record.pictures:
        names = ", ".join(f"'{name}'" for name in sorted(record.pictures))
        message = f"'{'.'.join(place)}' is true, and the item shows {names}; take the picture out, {way_out}"
        findings.error(source.path, source.line_of(place), message, "shown-at-risk")
    for language in record.words:
        own = sources[language]
        texts = [*texts_in(record.words[language]), (("body",), record.fragments[language].get("body", ""))]
        for key, text in texts:
            if what := _contact(text):
                name = ".".join(map(str, key))
                message = f"'{name}' holds {what} while '{'.'.join(place)}' is true; take it out, {way_out}"
                line = own.body_line if name == "body" else own.line_of(key)
                findings.error(own.path, line, message, "shown-at-risk")


def _at_risk(facts: Facts) -> tuple[str, ...] | None:
    """The key that says that somebody is at risk."""
    if getattr(facts, "at_risk", False):
        return ("at_risk",)
    persons: Mapping[str, Any] = getattr(facts, "persons", {})
    return next((("persons", name, "at_risk") for name, person in persons.items() if person.at_risk), None)


def _contact(text: str) -> str:
    """What kind of address a text holds."""
    link, words = _LINK.search(text), _TAG.sub(" ", text)
    if _MAIL.search(words) or (link and link[1] == "mailto"):
        return "an e-mail address"
    return "a telephone number" if _TELEPHONE.search(words) or link else ""


def review_of(item: AnyItem) -> str:
    """The first day (ISO 8601) on which the risk of showing somebody is weighed again; empty for none."""
    facts = item.facts
    if "review-passed" in facts.exceptions or facts.withdrawn:
        return ""
    people = getattr(facts, "persons", {}).values()
    days = [getattr(facts, "review_on", None), *(person.review_on for person in people)]
    return min((day.isoformat() for day in days if day), default="")


def review_fault(record: ItemRecord, review: str, today: date) -> Finding | None:
    """What is wrong where a day of review lies before `today`."""
    if not review or date.fromisoformat(review) >= today:
        return None
    message = (
        f"was to be reviewed on {review}: weigh the risk again, then write a new 'review_on', withdraw the "
        "item, or give the reason under 'exceptions.review-passed'"
    )
    line = record.line_of("review_on" if "review_on" in record.facts else "persons")
    return Finding(record.original_path, line, message, "review-passed")
