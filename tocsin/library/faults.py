"""From pydantic's errors to sentences with a place and a way out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "dict_type": "lines of 'key: value'",
    "tuple_type": "a list",
    "model_type": "lines of 'key: value'",
    "date_type": "a date such as 2013-02-12",
}
_FIELD_FIRST = re.compile(r"([a-z_.]+): (.+)", re.DOTALL)

Location = tuple[str | int, ...]


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """`, did you mean 'title'?` where one of `allowed` is close to `word`, else nothing."""
    close = difflib.get_close_matches(word, list(allowed), n=1, cutoff=0.6)
    return f", did you mean '{close[0]}'?" if close else ""


def one_of(allowed: Sequence[str], limit: int = 12) -> str:
    """A readable list of what is allowed."""
    shown = ", ".join(allowed[:limit])
    return shown + (f" … ({len(allowed)} in all)" if len(allowed) > limit else "")


def unknown(what: str, word: str, allowed: Iterable[str]) -> str:
    """`unknown theme 'womn', did you mean 'women'?`, or the list where nothing is close."""
    names = sorted(allowed)
    hint = did_you_mean(word, names)
    return f"unknown {what} '{word}'{hint}" if hint else f"unknown {what} '{word}'; known: {one_of(names)}"


def explain(error: ValidationError, known_keys: Sequence[str] = ()) -> list[tuple[Location, str, str]]:
    """Each fault of a validation as location, sentence and rule, in the order of the fields."""
    return [_explain_one(details, known_keys) for details in error.errors()]


def _explain_one(details: ErrorDetails, known_keys: Sequence[str]) -> tuple[Location, str, str]:
    location: Location = tuple(part for part in details["loc"] if part != "[key]")
    name = ".".join(str(part) for part in location)
    kind = details["type"]
    if kind == "extra_forbidden":
        hint = did_you_mean(str(location[-1]), known_keys) if len(location) == 1 else ""
        listed = "" if hint or len(location) > 1 else f"; known: {one_of(sorted(known_keys), 60)}"
        return location, f"unknown key '{name}'{hint}{listed}", "unknown-key"
    if kind == "missing":
        return location[:-1], f"'{name}' is missing", "missing-key"
    if kind in _KINDS:
        return location, f"'{name}' must be {_KINDS[kind]}, not {_describe(details['input'])}", "wrong-type"
    if kind == "literal_error":
        return location, _explain_choice(name, details), "unknown-value"
    if kind == "value_error":
        return _explain_own(location, name, str(details["ctx"]["error"]))
    return location, f"'{name}': {details['msg'].lower()}", kind.replace("_", "-")


def _explain_choice(name: str, details: ErrorDetails) -> str:
    allowed = re.findall(r"'([^']+)'", str(details["ctx"]["expected"]))
    given = str(details["input"])
    return f"'{name}': unknown value '{given}'{did_you_mean(given, allowed)}; allowed: {one_of(allowed, 20)}"


def _explain_own(location: Location, name: str, message: str) -> tuple[Location, str, str]:
    """Our own validators; those of whole records begin with the name of the field that is at fault."""
    if found := _FIELD_FIRST.fullmatch(message):
        field = (*location, *found[1].split("."))
        return field, f"'{'.'.join(map(str, field))}': {found[2]}", "wrong-value"
    return location, f"'{name}': {message}", "wrong-value"


def _describe(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"'{str(value).lower()}'"
    if isinstance(value, int):
        return f"the number {value} (put it between quotes)"
    if isinstance(value, str):
        return f"the text '{value[:40]}'"
    return "a list" if isinstance(value, list | tuple) else "lines of 'key: value'"
