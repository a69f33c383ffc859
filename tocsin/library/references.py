"""What can only be checked when everything is known: identities, references, chains of appeals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from tocsin.errors import Finding, Severity
from tocsin.library.body import OWN_SCHEMES
from tocsin.library.faults import did_you_mean, one_of, unknown
from tocsin.library.intake import ItemRecord, LinkPlace
from tocsin.library.shared import Shared
from tocsin.model import ITEM_TYPES
from tocsin.model.appeal import Appeal
from tocsin.model.codes import CaseCode
from tocsin.model.items import AnyItem

# Front-matter keys that name entries of shared data: the key, the table, and what an entry is called.
_REFERENCES = (
    ("countries", "regions", "country"),
    ("themes", "themes", "theme"),
    ("violations", "violations", "violation"),
    ("addressees", "addressees", "addressee"),
    ("issuers", "organisations", "organisation"),
    ("publishers", "organisations", "organisation"),
    ("partners", "organisations", "organisation"),
)


def check_references(
    items: Mapping[str, AnyItem], records: Mapping[str, ItemRecord], shared: Shared, hidden: Mapping[str, str]
) -> list[Finding]:
    """Every fault between items, and between items and shared data.

    `hidden` names the items that exist but are not public now, with the reason in words; the reason is empty
    for one that could not be read, of which nothing more is said.
    """
    findings = [*_duplicates("id", items, records), *_check_chains(items, records, hidden)]
    findings += _check_portraits(items, records, shared)
    for key, item in items.items():
        record = records[key]
        findings += _check_keys(item, record, shared)
        findings += _check_links(record, items, shared, hidden)
        if isinstance(item, Appeal):
            findings += _check_codes(item, record, shared)
            findings += _check_persons(item, record)
    return findings


def _duplicates(name: str, items: Mapping[str, AnyItem], records: Mapping[str, ItemRecord]) -> Iterator[Finding]:
    first: dict[Any, ItemRecord] = {}
    for key in sorted(items):
        record = records[key]
        value = getattr(items[key].facts, name)
        if value in first:
            message = (
                f"{name} '{value}' is already used by {first[value].original_path}; "
                "make a new one with 'python3 tasks.py new'"
            )
            yield Finding(record.original_path, record.line_of(name), message, f"duplicate-{name}")
        first.setdefault(value, record)


def _check_keys(item: AnyItem, record: ItemRecord, shared: Shared) -> Iterator[Finding]:
    for name, table, what in _REFERENCES:
        known: Iterable[str] = shared.region_of if table == "regions" else shared.tables.get(table, {})
        for value in getattr(item.facts, name, ()):
            if value not in known:
                message = f"{unknown(what, value, known)} (data/{table}.toml)"
                yield Finding(record.original_path, record.line_of(name), message, f"unknown-{what}")


def _check_links(
    record: ItemRecord, items: Mapping[str, AnyItem], shared: Shared, hidden: Mapping[str, str]
) -> Iterator[Finding]:
    for link in record.links:
        if message := _link_fault(link, items, shared, hidden):
            yield Finding(link.path, link.line, message, "broken-link")
    for used in record.facts_used:
        fact = shared.facts.get(used.target)
        if fact is None:
            message = f"{unknown('fact', used.target, shared.facts)} (data/facts.toml)"
            yield Finding(used.path, used.line, message, "unknown-fact")
        elif used.name and fact.on(used.name) is None:
            dates = one_of([value.as_of.text for value in fact.values])
            message = f"fact '{used.target}' has no value of {used.name}; data/facts.toml has {dates}"
            yield Finding(used.path, used.line, message, "unknown-fact")


def _link_fault(
    link: LinkPlace, items: Mapping[str, AnyItem], shared: Shared, hidden: Mapping[str, str]
) -> str | None:
    if link.kind == "country":
        return None if link.name in shared.region_of else unknown("country", link.name, shared.region_of)
    if link.kind == "theme":
        return None if link.name in shared.themes else unknown("theme", link.name, shared.themes)
    key = f"appeal:{link.name}" if link.kind == "case" else f"{link.kind}:{link.name}"
    if key in items:
        return None
    if key in hidden and not hidden[key]:
        return None
    if key in hidden:
        return f"the link '{link.target}' leads to an item that {hidden[key]}; take the link out until then"
    if link.kind not in OWN_SCHEMES or link.kind not in {*ITEM_TYPES, "case"}:
        return f"the link '{link.target}' leads nowhere"
    same_kind = [name for name in items if name.startswith(key.partition(":")[0] + ":")]
    hint = did_you_mean(key, same_kind) or "; there is no such item"
    return f"the link '{link.target}' leads nowhere{hint}"


def _check_portraits(
    items: Mapping[str, AnyItem], records: Mapping[str, ItemRecord], shared: Shared
) -> Iterator[Finding]:
    taken: dict[tuple[str, int], ItemRecord] = {}
    for key in sorted(key for key in items if key.startswith("portrait:")):
        facts, record = items[key].facts, records[key]
        series = shared.series.get(facts.series)
        if series is None:
            message = f"{unknown('series', facts.series, shared.series)} (data/series.toml)"
            yield Finding(record.original_path, record.line_of("series"), message, "unknown-series")
            continue
        place = (facts.series, facts.number)
        if facts.number > series.size:
            message = f"number {facts.number} is beyond the series '{facts.series}', which has {series.size}"
            yield Finding(record.original_path, record.line_of("number"), message, "wrong-value")
        elif place in taken:
            message = f"number {facts.number} of '{facts.series}' is already {taken[place].original_path}"
            yield Finding(record.original_path, record.line_of("number"), message, "duplicate-number")
        taken.setdefault(place, record)


def _check_codes(appeal: Appeal, record: ItemRecord, shared: Shared) -> Iterator[Finding]:
    line, path = record.line_of("codes"), record.original_path
    countries = {shared.alpha3.get(code, code) for code in appeal.facts.countries}
    for code in appeal.facts.codes:
        if appeal.facts.issued and code.contradicts(appeal.facts.issued):
            message = (
                f"code '{code}' is dated {_code_day(code)}, after the day of issue {appeal.facts.issued}; "
                "one of the two is wrong"
            )
            yield Finding(path, line, message, "code-date", Severity.WARNING)
        if countries and code.country3 not in countries:
            message = f"code '{code}' begins with {code.country3}, but 'countries' has {one_of(sorted(countries))}"
            yield Finding(path, line, message, "code-country", Severity.WARNING)


def _code_day(code: CaseCode) -> str:
    return code.opened.strftime("%Y-%m" if code.scheme == "observatory" else "%Y-%m-%d")


def _check_persons(appeal: Appeal, record: ItemRecord) -> Iterator[Finding]:
    persons = appeal.facts.persons
    for language, words in appeal.words.items():
        path = f"{record.folder}/{language}.md"
        for name in (*words.names, *words.roles):
            if name not in persons:
                message = f"unknown person '{name}'{did_you_mean(name, persons)}; 'persons' has {one_of(list(persons))}"
                yield Finding(path, 0, message, "unknown-person")
        for name, person in persons.items():
            if person.name_mode == "withheld" and name in words.names:
                message = f"'names.{name}' is given, but the person's name is withheld; delete it from this file"
                yield Finding(path, 0, message, "withheld-name")
            if person.name_mode != "withheld" and name not in words.names and language == record.original:
                message = f"'names.{name}' is missing; say how the person is called, or set name_mode: withheld"
                yield Finding(path, record.line_of("persons"), message, "missing-key")


def case_of(key: str, items: Mapping[str, AnyItem]) -> str:
    """The case of an appeal: the slug of the first of its chain. Chains must have been checked."""
    seen = {key}
    while True:
        appeal = items[key]
        follows = f"appeal:{appeal.facts.follows}"
        if not appeal.facts.follows or follows not in items or follows in seen:
            return str(appeal.slug)
        seen.add(follows)
        key = follows


def _check_chains(
    items: Mapping[str, AnyItem], records: Mapping[str, ItemRecord], hidden: Mapping[str, str]
) -> Iterator[Finding]:
    appeals = {key: item for key, item in sorted(items.items()) if isinstance(item, Appeal)}
    continued_by: dict[str, ItemRecord] = {}
    for key, appeal in appeals.items():
        if not appeal.facts.follows:
            continue
        record, target = records[key], f"appeal:{appeal.facts.follows}"
        line, path = record.line_of("follows"), record.original_path
        if target in hidden:
            if hidden[target]:
                message = f"follows '{appeal.facts.follows}', which {hidden[target]}; hold this one back as well"
                yield Finding(path, line, message, "hidden-follows")
            continue
        if target not in appeals:
            hint = did_you_mean(target.partition(":")[2], [name.partition(":")[2] for name in appeals])
            message = f"follows '{appeal.facts.follows}', which is no appeal{hint or '; see content/appeals/'}"
            yield Finding(path, line, message, "dangling-follows")
            continue
        if target in continued_by:
            message = f"follows '{appeal.facts.follows}', which {continued_by[target].original_path} already continues"
            yield Finding(path, line, message, "forked-chain")
        continued_by.setdefault(target, record)
        yield from _check_step(appeals[target], appeal, record, line)
    yield from _check_cycles(appeals, records)


def _check_step(earlier: Appeal, later: Appeal, record: ItemRecord, line: int) -> Iterator[Finding]:
    before, after = earlier.facts.issued or date.min, later.facts.issued or date.max
    if after < before:
        message = f"was issued on {after}, before the appeal that it follows ({before})"
        yield Finding(record.original_path, line, message, "chain-order")
    earlier_numbers = {code.stem: code.follow_up for code in earlier.facts.codes}
    for code in later.facts.codes:
        expected = earlier_numbers.get(code.stem, -1) + 1
        if expected and code.follow_up != expected:
            message = f"code '{code}' should end in .{expected}: the appeal before it ends in .{expected - 1}"
            yield Finding(record.original_path, record.line_of("codes"), message, "chain-gap", Severity.WARNING)


def _check_cycles(appeals: Mapping[str, Appeal], records: Mapping[str, ItemRecord]) -> Iterator[Finding]:
    settled: set[str] = set()
    for start in appeals:
        path: list[str] = []
        key: str | None = start
        while key in appeals and key not in settled and key not in path:
            path.append(key)
            follows = appeals[key].facts.follows
            key = f"appeal:{follows}" if follows else None
        if key in path:
            yield _cycle(path[path.index(key) :], records)
        settled.update(path)


def _cycle(keys: Sequence[str], records: Mapping[str, ItemRecord]) -> Finding:
    slugs = [key.partition(":")[2] for key in (*keys, keys[0])]
    record = records[keys[0]]
    message = f"the chain of appeals runs in a circle: {' → '.join(slugs)}"
    return Finding(record.original_path, record.line_of("follows"), message, "chain-cycle")
