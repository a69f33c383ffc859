"""From pydantic's errors to sentences with a place and a way out."""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, time
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tocsin.errors import Finding, Severity
from tocsin.model.record import BETWEEN_FIELDS

# Sentences that go on from the name of the field; others stand for themselves after a colon.
_GOES_ON = ("is ", "has ", "must ", "cannot ", "holds ", "belongs ", "contradicts ")

Location = tuple[str | int, ...]
Explained = tuple[Location, str, str]


class Findings(list[Finding]):
    """Findings being gathered, so that all of them are reported together. A message becomes one line."""

    def error(self, path: str, line: int, message: str, rule: str) -> None:
        """Add what must be put right."""
        self.append(Finding(path, line, " ".join(message.split()), rule))

    def warn(self, path: str, line: int, message: str, rule: str) -> None:
        """Add what somebody should look at."""
        self.append(Finding(path, line, " ".join(message.split()), rule, Severity.WARNING))

    @property
    def failed(self) -> bool:
        """True where one of them is an error."""
        return any(finding.severity is Severity.ERROR for finding in self)


def closest(word: str, allowed: Iterable[str]) -> str:
    """The one of `allowed` that `word` was probably meant for; empty where none is close."""
    by_small_letters = {name.lower(): name for name in allowed}
    close = difflib.get_close_matches(word.lower(), list(by_small_letters), n=1, cutoff=0.6)
    return by_small_letters[close[0]] if close else ""


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """`, did you mean 'title'?` where one of `allowed` is close to `word`, else nothing."""
    close = closest(word, allowed)
    return f", did you mean '{close}'?" if close else ""


def one_of(allowed: Sequence[str], limit: int = 12) -> str:
    """A readable list of what is allowed."""
    shown = ", ".join(allowed[:limit])
    return shown + (f" … ({len(allowed)} in all)" if len(allowed) > limit else "")


def unknown(what: str, word: str, allowed: Iterable[str], file: str = "") -> str:
    """`unknown theme 'womn', did you mean 'women'?`, or the list in `file` where nothing is close."""
    names = sorted(allowed)
    place = f" in {file}" if file else ""
    known = f"known{place}: {one_of(names)}" if names else f"none is known{place} yet"
    return f"unknown {what} '{word}'{did_you_mean(word, names) or f'; {known}'}"


def name_of(location: Location) -> str:
    """`'picture.file'`, `entry 2 of 'countries'`, `'isbn' in entry 1 of 'editions'`."""
    place = max((place for place, part in enumerate(location) if isinstance(part, int)), default=None)
    if place is None:
        return f"'{'.'.join(map(str, location))}'"
    entry = f"entry {int(location[place]) + 1} of {name_of(location[:place])}"
    return f"{name_of(location[place + 1 :])} in {entry}" if location[place + 1 :] else entry


def explain(
    error: ValidationError,
    kind: type[BaseModel],
    table: str = "lines of 'key: value' below it",
    meant: Container[Location] = (),
) -> Iterator[Explained]:
    """Each fault of a validation of `kind` as location, sentence and rule, in the order of the fields.

    `table` says what a group of keys looks like in the file that was read. A key at a location in `meant` is
    not reported as missing: one that is unknown was probably meant for it, and has been reported.
    """
    all_details = error.errors(include_url=False)
    also_meant = {
        (*location[:-1], close)
        for location in (
            _location(details) for details in all_details if details["type"] == "extra_forbidden"
        )
        if (close := closest(str(location[-1]), known_keys(kind, location)))
    }
    for details in all_details:
        if details["type"] == "missing" and (_location(details) in meant or _location(details) in also_meant):
            continue
        for location, sentence, rule in _explain_one(details, kind, table):
            yield location, " ".join(sentence.split()), rule


def _location(details: ErrorDetails) -> Location:
    return tuple(part for part in details["loc"] if part != "[key]")


def _explain_one(details: ErrorDetails, kind: type[BaseModel], table: str) -> Iterator[Explained]:
    location = _location(details)
    name, context = name_of(location), details.get("ctx", {})
    match details["type"]:
        case "extra_forbidden":
            yield location, unknown_key(location, known_keys(kind, location)), "unknown-key"
        case "missing":
            yield location[:-1], f"{name} is missing; add it", "missing-key"
        case "literal_error":
            yield location, _explain_choice(name, details), "unknown-value"
        case other if other == BETWEEN_FIELDS:
            for field, sentence in context["faults"]:
                yield _explain_own((*location, *field.split(".")), sentence)
        case "value_error":
            yield _explain_own(location, str(context["error"]))
        case "greater_than_equal":
            yield location, f"{name} must be {context['ge']} or more, not {details['input']}", "wrong-value"
        case "less_than_equal":
            yield location, f"{name} must be {context['le']} or less, not {details['input']}", "wrong-value"
        case "too_short":
            yield location, f"{name} is empty; it needs one entry at least", "wrong-value"
        case other:
            yield location, f"{name} {_explain_type(other, details['input'], table)}", "wrong-type"


def unknown_key(location: Location, known: Sequence[str]) -> str:
    """`unknown key 'titel', did you mean 'title'?`"""
    hint = did_you_mean(str(location[-1]), known)
    return f"unknown key {name_of(location)}{hint or f'; known: {one_of(sorted(known), 60)}'}"


def known_keys(kind: type[BaseModel], location: Location) -> list[str]:
    """The keys that may stand beside the last part of `location` in a value of type `kind`."""
    found: Any = kind
    for part in location[:-1]:
        if isinstance(found, type) and issubclass(found, BaseModel):
            found = _bare(_annotations(found).get(str(part)))
        else:
            arguments = get_args(found) or (None,)
            found = _bare(arguments[1] if get_origin(found) is dict else arguments[0])
    return list(_annotations(found)) if isinstance(found, type) and issubclass(found, BaseModel) else []


def _annotations(kind: type[BaseModel]) -> Mapping[str, Any]:
    return {field.alias or name: field.annotation for name, field in kind.model_fields.items()}


def _bare(annotation: Any) -> Any:
    """An annotation without `| None` and metadata."""
    while get_origin(annotation) in {Annotated, Union, types.UnionType}:
        annotation = next(inner for inner in get_args(annotation) if inner is not type(None))
    return annotation


def _explain_choice(name: str, details: ErrorDetails) -> str:
    allowed = re.findall(r"[^' ,]+", str(details["ctx"]["expected"]).replace(" or ", " "))
    given = details["input"]
    hint = did_you_mean(given, allowed) if isinstance(given, str) else ""
    shown = f"'{given}'" if isinstance(given, str | int) else _describe(given)
    return f"{name} cannot be {shown}{hint or f'; allowed: {one_of(allowed, 20)}'}"


def _explain_own(location: Location, message: str) -> Explained:
    """Our own validators, which say what is wrong and what to do."""
    rule = "missing-key" if message.startswith("is missing") else "wrong-value"
    join = " " if message.startswith(_GOES_ON) else ": "
    return location, f"{name_of(location)}{join}{message}", rule


def _explain_type(kind: str, value: Any, table: str) -> str:
    """The rest of a sentence about a value of the wrong type."""
    if value is None or value == "":
        return "is empty; write something or leave the key out"
    wanted = {
        "string_type": "text",
        "int_type": "a whole number",
        "bool_type": "true or false",
        "dict_type": table,
        "tuple_type": "a list",
        "model_type": table,
    }.get(kind)
    if wanted is None:  # whatever else pydantic may find: its phrases are made for programmers
        return f"cannot be {_describe(value)}; look it up in the guide for editors"
    hint = ""
    if kind == "string_type" and isinstance(value, bool | int | float | date | time):
        hint = "; put it between quotes"
    elif kind == "tuple_type" and isinstance(value, str | int):
        hint = f"; write [{value}]"
    return f"must be {wanted}, not {_describe(value)}{hint}"


def _describe(value: Any) -> str:
    if isinstance(value, bool):
        return f"'{str(value).lower()}'"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, date | time):
        return f"the date {value}" if isinstance(value, date) else f"the time {value}"
    if isinstance(value, str):
        return f"the text '{value[:40]}{'…' if len(value) > 40 else ''}'"
    return "a list" if isinstance(value, list | tuple) else "a group of keys"
