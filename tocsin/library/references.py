"""What can only be checked when everything is known: identities, references, chains of appeals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tocsin.errors import Finding, Severity
from tocsin.library.entry import Entry
from tocsin.library.faults import did_you_mean, one_of, unknown
from tocsin.library.intake import ItemRecord, LinkPlace
from tocsin.library.known import NEVER_PUBLIC, WITHDRAWN
from tocsin.library.shared import Shared
from tocsin.model.appeal import Appeal
from tocsin.model.codes import CaseCode
from tocsin.model.items import FOLDERS, AnyItem

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


_WITHDRAWN = frozenset({WITHDRAWN, NEVER_PUBLIC})

Records = Callable[[str], ItemRecord]
Entries = Mapping[str, Entry]


def check_whole(
    entries: Entries, every: Entries, records: Records, hidden: Mapping[str, str], shared: Shared
) -> list[Finding]:
    """Every fault between items: identities, chains of appeals, numbers of portraits.

    `entries` are the items that are public or will be, `every` also those that were. `records` gives the
    record of a key, which is read only where there is something to say. `hidden` names the items that exist
    but are not public now, with the reason in words; the reason is empty for one that could not be read, of
    which nothing more is said.
    """
    return [
        *_duplicate_ids({**entries, **_withdrawn(every)}, records),
        *_check_chains(entries, records, hidden),
        *_check_portraits(entries, records, shared),
    ]


def check_item(
    item: AnyItem,
    record: ItemRecord,
    entries: Entries,
    shared: Shared,
    hidden: Mapping[str, str],
    *,
    holds: bool = False,
) -> list[Finding]:
    """Every fault between one item and what it refers to.

    `holds` says that links to what is not public yet are shown as their words until it is.
    """
    findings = [*_check_keys(item, record, shared), *_check_facts(record, shared)]
    for link in record.links:
        if reason := _reason(_key_of(link), entries[item.key], entries, hidden):
            findings += _hidden_link(link, reason, holds=holds)
        elif message := _link_fault(link, entries, shared, hidden):
            findings.append(Finding(link.path, link.line, message, "broken-link"))
    if isinstance(item, Appeal):
        findings += _check_codes(item, record, shared)
    return findings


def _reason(target: str, source: Entry, entries: Entries, hidden: Mapping[str, str]) -> str:
    """Why readers of `source` cannot see `target`; empty where they can, as when both wait for an instant."""
    if target in entries and entries[target].embargo <= source.embargo:
        return ""
    return hidden.get(target, "")


def _withdrawn(every: Entries) -> Entries:
    """What was withdrawn: its ids are used up."""
    return {key: entry for key, entry in every.items() if entry.withdrawn}


def _duplicate_ids(entries: Entries, records: Records) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for key in sorted(entries):
        value = entries[key].id
        if value in first:
            record = records(key)
            message = (
                f"id '{value}' is already used by {records(first[value]).original_path}; "
                "make a new one with 'python3 tasks.py new'"
            )
            yield Finding(record.original_path, record.line_of("id"), message, "duplicate-id")
        first.setdefault(value, key)


def _check_keys(item: AnyItem, record: ItemRecord, shared: Shared) -> Iterator[Finding]:
    for name, table, what in _REFERENCES:
        if table in shared.damaged:
            continue
        known: Iterable[str] = shared.region_of if table == "regions" else shared.tables.get(table, {})
        values = getattr(item.facts, name, ())
        path, line = record.original_path, record.line_of(name)
        for value in dict.fromkeys(values):
            if value not in known:
                message = unknown(what, value, known, f"data/{table}.toml")
                yield Finding(path, line, message, f"unknown-{what}")
            elif values.count(value) > 1:
                message = f"'{name}' has '{value}' more than once; delete what is too much"
                yield Finding(path, line, message, "duplicate-entry")


def _check_facts(record: ItemRecord, shared: Shared) -> Iterator[Finding]:
    for used in record.facts_used if "facts" not in shared.damaged else ():
        fact = shared.facts.get(used.target)
        if fact is None:
            message = unknown("fact", used.target, shared.facts, "data/facts.toml")
            yield Finding(used.path, used.line, message, "unknown-fact")
        elif used.name and fact.on(used.name) is None:
            dates = one_of([value.as_of.text for value in fact.values])
            message = f"fact '{used.target}' has no value of {used.name}; data/facts.toml has {dates}"
            yield Finding(used.path, used.line, message, "unknown-fact")


def _key_of(link: LinkPlace) -> str:
    """The key of the item that a link leads to; that of a case is its appeal's."""
    return f"{'appeal' if link.kind == 'case' else link.kind}:{link.name}"


def _hidden_link(link: LinkPlace, reason: str, *, holds: bool) -> Iterator[Finding]:
    """What is said of a link to an item that readers cannot see: its words are shown without the link."""
    said = f"the link '{link.target}' leads to an item that {reason}"
    if reason in _WITHDRAWN:
        message = f"{said}; readers see its words alone, so read whether these may stay"
        yield Finding(link.path, link.line, message, "withdrawn-link", Severity.WARNING)
    elif not holds:
        message = f"{said}; take the link out until then"
        yield Finding(link.path, link.line, message, "broken-link")


def _link_fault(link: LinkPlace, entries: Entries, shared: Shared, hidden: Mapping[str, str]) -> str | None:
    if link.kind in {"country", "theme"}:
        table = "regions" if link.kind == "country" else "themes"
        known: Iterable[str] = shared.region_of if link.kind == "country" else shared.themes
        fits = link.name in known or table in shared.damaged
        return None if fits else unknown(link.kind, link.name, known, f"data/{table}.toml")
    key = _key_of(link)
    kind: Any = key.partition(":")[0]
    if key in entries or key in hidden:
        return None
    slugs = [entry.slug for entry in entries.values() if entry.kind == kind]
    hint = did_you_mean(link.name, slugs).replace("mean '", f"mean '{link.kind}:")
    there = hint or f"; there is no such {kind} in content/{FOLDERS[kind]}/"
    return f"the link '{link.target}' leads nowhere{there}"


def _check_portraits(entries: Entries, records: Records, shared: Shared) -> Iterator[Finding]:
    taken: dict[tuple[str, int], str] = {}
    for key in sorted(key for key in entries if key.startswith("portrait:")):
        name, number = entries[key].series, entries[key].number
        series = shared.series.get(name)
        if series is None:
            if "series" not in shared.damaged:
                record = records(key)
                message = unknown("series", name, shared.series, "data/series.toml")
                yield Finding(record.original_path, record.line_of("series"), message, "unknown-series")
            continue
        if number > series.size:
            record = records(key)
            message = (
                f"number {number} is beyond the series '{name}', which has {series.size} (data/series.toml)"
            )
            yield Finding(record.original_path, record.line_of("number"), message, "wrong-value")
        elif (name, number) in taken:
            record = records(key)
            other = records(taken[name, number]).original_path
            message = f"number {number} of the series '{name}' is taken by {other}; choose another"
            yield Finding(record.original_path, record.line_of("number"), message, "duplicate-number")
        taken.setdefault((name, number), key)


def _check_codes(appeal: Appeal, record: ItemRecord, shared: Shared) -> Iterator[Finding]:
    line, path = record.line_of("codes"), record.original_path
    countries = {shared.alpha3.get(code, code) for code in appeal.facts.countries}
    if "regions" in shared.damaged:
        countries = set()
    for code in dict.fromkeys(appeal.facts.codes):
        if appeal.facts.codes.count(code) > 1:
            message = f"'codes' has '{code}' more than once; delete what is too much"
            yield Finding(path, line, message, "duplicate-entry")
        if appeal.facts.issued and code.contradicts(appeal.facts.issued):
            message = (
                f"code '{code}' is dated {_code_day(code)}, after the day of issue {appeal.facts.issued}; "
                "one of the two is wrong"
            )
            yield Finding(path, line, message, "code-date", Severity.WARNING)
        if countries and code.country3 not in countries:
            own = one_of(sorted(countries))
            message = f"code '{code}' is of {code.country3}, 'countries' of {own}; one of the two is wrong"
            yield Finding(path, line, message, "code-country", Severity.WARNING)


def _code_day(code: CaseCode) -> str:
    return code.opened.strftime("%Y-%m" if code.scheme == "observatory" else "%Y-%m-%d")


def _check_chains(entries: Entries, records: Records, hidden: Mapping[str, str]) -> Iterator[Finding]:
    appeals = {key: entry for key, entry in sorted(entries.items()) if entry.kind == "appeal"}
    circles = list(_circles(appeals))
    yield from (_circle_fault(circle, records) for circle in circles)
    in_circle = {key for circle in circles for key in circle}
    continued_by: dict[str, str] = {}
    for key, entry in appeals.items():
        if not entry.follows or key in in_circle:
            continue
        target = f"appeal:{entry.follows}"
        if message := _follows_fault(entry, target, appeals, hidden):
            record = records(key)
            is_gone = hidden.get(target) in _WITHDRAWN
            rule = "follows-withdrawn" if is_gone else "dangling-follows"
            severity = Severity.WARNING if is_gone else Severity.ERROR
            yield Finding(record.original_path, record.line_of("follows"), message, rule, severity)
        if target not in appeals:
            continue
        if target in continued_by:
            record, other = records(key), records(continued_by[target]).original_path
            message = (
                f"follows '{entry.follows}', which {other} follows already; "
                "name the latest appeal of the case"
            )
            yield Finding(record.original_path, record.line_of("follows"), message, "forked-chain")
        continued_by.setdefault(target, key)
        yield from _check_step(appeals[target], entry, records)


def _follows_fault(entry: Entry, target: str, appeals: Entries, hidden: Mapping[str, str]) -> str | None:
    if hidden.get(target) in _WITHDRAWN:
        return (
            f"follows '{entry.follows}', which {hidden[target]}; readers are not told of it, so read whether "
            "this one may stay"
        )
    if reason := _reason(target, entry, appeals, hidden):
        return f"follows '{entry.follows}', which {reason}; hold this one back as well"
    if target in appeals or target in hidden:
        return None
    hint = did_you_mean(entry.follows, [appeal.slug for appeal in appeals.values()])
    return f"follows '{entry.follows}', which is no appeal{hint or '; see content/appeals/'}"


def _check_step(earlier: Entry, later: Entry, records: Records) -> Iterator[Finding]:
    if earlier.issued and later.issued and later.issued < earlier.issued:
        record = records(later.key)
        message = (
            f"was issued on {later.issued}, before the appeal that it follows, of {earlier.issued}; "
            "one of the two is wrong"
        )
        yield Finding(record.original_path, record.line_of("follows"), message, "chain-order")
    earlier_numbers = dict(earlier.codes)
    for stem, follow_up in later.codes:
        expected = earlier_numbers.get(stem, -1) + 1
        if expected and follow_up != expected:
            record = records(later.key)
            code = f"{stem}.{follow_up}" if follow_up else stem
            before = f"{stem}.{expected - 1}" if expected > 1 else stem
            message = f"code '{code}' follows '{before}' and should end in .{expected}; is an appeal missing?"
            path, line = record.original_path, record.line_of("codes")
            yield Finding(path, line, message, "chain-gap", Severity.WARNING)


def _circles(appeals: Entries) -> Iterator[list[str]]:
    """The keys of appeals that follow each other without a beginning."""
    settled: set[str] = set()
    for start in appeals:
        path: dict[str, None] = {}
        key = start
        while key in appeals and key not in settled and key not in path:
            path[key] = None
            key = f"appeal:{appeals[key].follows}"
        if key in path:
            passed = list(path)
            yield passed[passed.index(key) :]
        settled.update(path)


def _circle_fault(keys: Sequence[str], records: Records) -> Finding:
    slugs = [key.partition(":")[2] for key in (*keys, keys[0])]
    record = records(keys[0])
    message = f"the appeals follow each other in a circle ({' → '.join(slugs)}); one of them is the first"
    return Finding(record.original_path, record.line_of("follows"), message, "chain-cycle")
