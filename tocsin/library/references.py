"""What can only be checked when everything is known: identities, references, chains of appeals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from tocsin.errors import Finding, Severity
from tocsin.library.body import OWN_SCHEMES
from tocsin.library.entry import Entry
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


Records = Callable[[str], ItemRecord]
Entries = Mapping[str, Entry]


def check_whole(entries: Entries, records: Records, hidden: Mapping[str, str], shared: Shared) -> list[Finding]:
    """Every fault between items: identities, chains of appeals, numbers of portraits.

    `records` gives the record of a key, which is read only where there is something to say. `hidden` names
    the items that exist but are not public now, with the reason in words; the reason is empty for one that
    could not be read, of which nothing more is said.
    """
    return [
        *_duplicate_ids(entries, records),
        *_check_chains(entries, records, hidden),
        *_check_portraits(entries, records, shared),
    ]


def check_item(
    item: AnyItem, record: ItemRecord, entries: Entries, shared: Shared, hidden: Mapping[str, str]
) -> list[Finding]:
    """Every fault between one item and what it refers to."""
    findings = [*_check_keys(item, record, shared), *_check_links(record, entries, shared, hidden)]
    if isinstance(item, Appeal):
        findings += [*_check_codes(item, record, shared), *_check_persons(item, record)]
    return findings


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
        known: Iterable[str] = shared.region_of if table == "regions" else shared.tables.get(table, {})
        for value in getattr(item.facts, name, ()):
            if value not in known:
                message = f"{unknown(what, value, known)} (data/{table}.toml)"
                yield Finding(record.original_path, record.line_of(name), message, f"unknown-{what}")


def _check_links(
    record: ItemRecord, entries: Entries, shared: Shared, hidden: Mapping[str, str]
) -> Iterator[Finding]:
    for link in record.links:
        if message := _link_fault(link, entries, shared, hidden):
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
    link: LinkPlace, entries: Entries, shared: Shared, hidden: Mapping[str, str]
) -> str | None:
    if link.kind == "country":
        return None if link.name in shared.region_of else unknown("country", link.name, shared.region_of)
    if link.kind == "theme":
        return None if link.name in shared.themes else unknown("theme", link.name, shared.themes)
    key = f"appeal:{link.name}" if link.kind == "case" else f"{link.kind}:{link.name}"
    if key in entries:
        return None
    if key in hidden and not hidden[key]:
        return None
    if key in hidden:
        return f"the link '{link.target}' leads to an item that {hidden[key]}; take the link out until then"
    if link.kind not in OWN_SCHEMES or link.kind not in {*ITEM_TYPES, "case"}:
        return f"the link '{link.target}' leads nowhere"
    same_kind = [name for name in entries if name.startswith(key.partition(":")[0] + ":")]
    hint = did_you_mean(key, same_kind) or "; there is no such item"
    return f"the link '{link.target}' leads nowhere{hint}"


def _check_portraits(entries: Entries, records: Records, shared: Shared) -> Iterator[Finding]:
    taken: dict[tuple[str, int], str] = {}
    for key in sorted(key for key in entries if key.startswith("portrait:")):
        name, number = entries[key].series, entries[key].number
        series = shared.series.get(name)
        if series is None:
            record = records(key)
            message = f"{unknown('series', name, shared.series)} (data/series.toml)"
            yield Finding(record.original_path, record.line_of("series"), message, "unknown-series")
            continue
        if number > series.size:
            record = records(key)
            message = f"number {number} is beyond the series '{name}', which has {series.size}"
            yield Finding(record.original_path, record.line_of("number"), message, "wrong-value")
        elif (name, number) in taken:
            record = records(key)
            message = f"number {number} of '{name}' is already {records(taken[name, number]).original_path}"
            yield Finding(record.original_path, record.line_of("number"), message, "duplicate-number")
        taken.setdefault((name, number), key)


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


def cases_of(entries: Entries) -> dict[str, str]:
    """The case of each appeal: the slug of the first of its chain. Chains must have been checked."""
    cases: dict[str, str] = {}
    for key in entries:
        if key.startswith("appeal:"):
            _settle_case(key, entries, cases)
    return cases


def _settle_case(key: str, entries: Entries, cases: dict[str, str]) -> None:
    path = [key]
    while path[-1] not in cases:
        follows = f"appeal:{entries[path[-1]].follows}"
        if follows not in entries or follows in path:
            cases[path[-1]] = entries[path[-1]].slug
        else:
            path.append(follows)
    for passed in path:
        cases[passed] = cases[path[-1]]


def _check_chains(entries: Entries, records: Records, hidden: Mapping[str, str]) -> Iterator[Finding]:
    appeals = {key: entry for key, entry in sorted(entries.items()) if entry.kind == "appeal"}
    continued_by: dict[str, str] = {}
    for key, entry in appeals.items():
        if not entry.follows:
            continue
        target = f"appeal:{entry.follows}"
        if message := _follows_fault(entry, target, appeals, hidden):
            record = records(key)
            yield Finding(record.original_path, record.line_of("follows"), message, "dangling-follows")
        if target not in appeals:
            continue
        if target in continued_by:
            record, other = records(key), records(continued_by[target]).original_path
            message = f"follows '{entry.follows}', which {other} already continues"
            yield Finding(record.original_path, record.line_of("follows"), message, "forked-chain")
        continued_by.setdefault(target, key)
        yield from _check_step(appeals[target], entry, records)
    yield from _check_cycles(appeals, records)


def _follows_fault(entry: Entry, target: str, appeals: Entries, hidden: Mapping[str, str]) -> str | None:
    if target in appeals or (target in hidden and not hidden[target]):
        return None
    if target in hidden:
        return f"follows '{entry.follows}', which {hidden[target]}; hold this one back as well"
    hint = did_you_mean(entry.follows, [appeal.slug for appeal in appeals.values()]) or "; see content/appeals/"
    return f"follows '{entry.follows}', which is no appeal{hint}"


def _check_step(earlier: Entry, later: Entry, records: Records) -> Iterator[Finding]:
    if earlier.issued and later.issued and later.issued < earlier.issued:
        record = records(later.key)
        message = f"was issued on {later.issued}, before the appeal that it follows ({earlier.issued})"
        yield Finding(record.original_path, record.line_of("follows"), message, "chain-order")
    earlier_numbers = dict(earlier.codes)
    for stem, follow_up in later.codes:
        expected = earlier_numbers.get(stem, -1) + 1
        if expected and follow_up != expected:
            record = records(later.key)
            code = f"{stem}.{follow_up}" if follow_up else stem
            message = f"code '{code}' should end in .{expected}: the appeal before it ends in .{expected - 1}"
            yield Finding(record.original_path, record.line_of("codes"), message, "chain-gap", Severity.WARNING)


def _check_cycles(appeals: Entries, records: Records) -> Iterator[Finding]:
    settled: set[str] = set()
    for start in appeals:
        path: dict[str, None] = {}
        key = start
        while key in appeals and key not in settled and key not in path:
            path[key] = None
            key = f"appeal:{appeals[key].follows}"
        if key in path:
            circle = list(path)
            yield _cycle(circle[circle.index(key) :], records)
        settled.update(path)


def _cycle(keys: Sequence[str], records: Records) -> Finding:
    slugs = [key.partition(":")[2] for key in (*keys, keys[0])]
    record = records(keys[0])
    message = f"the chain of appeals runs in a circle: {' → '.join(slugs)}"
    return Finding(record.original_path, record.line_of("follows"), message, "chain-cycle")
