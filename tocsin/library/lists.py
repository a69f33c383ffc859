"""The lists of a site: which items stand in each, in which order. Plain data, made from all entries at once.

Groups are the site's lists before they are cut into pages: `kind:appeal`, `country:CM`, `case:…`; each is a
tuple of item keys, oldest first, so that the pages of a list can be numbered from the oldest and a new item
changes only the last of them.

Lists are made from the *outline* of each entry. An edit that leaves all outlines as they were leaves all
lists as they were, and every check of one item against the others (see `quiet`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tocsin.library.entry import Entry
from tocsin.model.items import Kind
from tocsin.model.network import NAMED

DATED_KINDS: tuple[Kind, ...] = ("appeal", "report", "statement")
Entries = Mapping[str, Entry]


def outline(entry: Entry) -> Entry:
    """What lists and checks of the whole are made from."""
    return entry._replace(digest="", cards=(), texts=(), links=())


# Kind and id of an item, a language, and the instant (ISO 8601) at which the text in it was withdrawn.
Withdrawal = tuple[str, str, str, str]


class Lists(NamedTuple):
    """`cases` maps each appeal to its case; `texts` is how many there are: items times their languages.

    `corrected` holds of every group the items that were corrected after their day of issue, `withdrawn` the
    ids, languages and instants of what was withdrawn from it. `partly` are the public items that lost a
    language or a document; `former` the cases that are no more, with their languages.
    """

    groups: dict[str, tuple[str, ...]]
    cases: dict[str, str]
    pages: tuple[str, ...]
    members: tuple[str, ...]
    countries: tuple[str, ...]
    texts: int
    corrected: dict[str, tuple[str, ...]]
    withdrawn: dict[str, tuple[Withdrawal, ...]]
    partly: tuple[str, ...]
    former: dict[str, tuple[str, ...]]

    def group(self, name: str) -> tuple[str, ...]:
        """The keys of a group, oldest first; empty where nothing belongs to it."""
        return self.groups.get(name, ())

    def years(self, kind: str) -> tuple[str, ...]:
        """The years in which there are items of `kind`, newest first."""
        prefix = f"year:{kind}:"
        years = (name.removeprefix(prefix) for name in self.groups if name.startswith(prefix))
        return tuple(sorted(years, reverse=True))

    @property
    def letters(self) -> tuple[str, ...]:
        """The countries, as ISO 3166-1 alpha-3, with whose letters case codes begin."""
        return tuple(sorted(name.removeprefix("code:") for name in self.groups if name.startswith("code:")))


def lists_of(entries: Entries, withdrawn: Entries | None = None) -> Lists:
    """The lists of what is public, and of what was `withdrawn`. Chains must have been checked."""
    everything = list(entries.values())
    cases = cases_of(entries)
    pages = [entry for entry in everything if entry.kind == "page"]
    groups = _groups(entries, cases)
    return Lists(
        groups=groups,
        cases=cases,
        pages=tuple(entry.key for entry in sorted(pages, key=lambda entry: (entry.order, entry.slug))),
        members=tuple(sorted(entry.key for entry in everything if entry.kind == "member")),
        countries=_countries(everything),
        texts=sum(len(entry.languages) for entry in everything),
        corrected=_corrected(
            groups, frozenset(entry.key for entry in everything if entry.changed > entry.day)
        ),
        **_withdrawn(entries, withdrawn or {}, cases),
    )


def _withdrawn(entries: Entries, withdrawn: Entries, cases: Mapping[str, str]) -> dict[str, Any]:
    """What is known of withdrawn items and texts: see `Lists`."""
    partly = [entry for entry in entries.values() if entry.withdrawn_languages or entry.withdrawn_documents]
    gathered: dict[str, list[Withdrawal]] = {}
    before = cases_of({**entries, **withdrawn}) if withdrawn else cases
    now = {before[key]: case for key, case in cases.items()}  # what is left of a case may have another name
    former: dict[str, set[str]] = {}
    for entry in (*withdrawn.values(), *partly):
        case = before.get(entry.key, "")
        if case and now.get(case) != case:
            former.setdefault(case, set()).update(language for language, _ in entry.withdrawals)
        names = {*_groups_of(entry, case, is_continued=False)}
        names |= {f"case:{now.get(case, case)}"} if case else set()
        for name in names | {f"feed:{language}" for language, _ in entry.withdrawals}:
            found = gathered.setdefault(name, [])
            found += [(entry.kind, entry.id, language, instant) for language, instant in entry.withdrawals]
    return {
        "withdrawn": {name: tuple(sorted(found)) for name, found in gathered.items() if found},
        "partly": tuple(sorted(entry.key for entry in partly)),
        "former": {case: tuple(sorted(languages)) for case, languages in sorted(former.items())},
    }


def _corrected(groups: Mapping[str, tuple[str, ...]], keys: frozenset[str]) -> dict[str, tuple[str, ...]]:
    found = {name: tuple(key for key in group if key in keys) for name, group in groups.items()}
    return {name: group for name, group in found.items() if group}


def _countries(everything: list[Entry]) -> tuple[str, ...]:
    """The countries that have a page: those of public items and of members that may be named."""
    found: set[str] = set()
    for entry in everything:
        if entry.kind != "member" or entry.listing in NAMED:
            found.update(entry.countries)
    return tuple(sorted(found))


def _groups(entries: Entries, cases: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    continued = frozenset(f"appeal:{entry.follows}" for entry in entries.values() if entry.follows)
    gathered: dict[str, list[str]] = {}
    for entry in sorted(entries.values(), key=lambda entry: (entry.day, entry.slug)):
        key = entry.key
        for name in _groups_of(entry, cases.get(key, ""), is_continued=key in continued):
            found = gathered.get(name)
            if found is None:
                found = gathered[name] = []
            found.append(key)
    for name, keys in gathered.items():
        if name.startswith("series:"):
            keys.sort(key=lambda key: entries[key].number)
    return {name: tuple(keys) for name, keys in gathered.items()}


def _groups_of(entry: Entry, case: str, *, is_continued: bool) -> Iterator[str]:
    """The names of all groups that an item belongs to. An appeal is of a case, its latest or continued."""
    yield f"kind:{entry.kind}"
    if entry.kind in DATED_KINDS:
        yield "dated"
        yield f"year:{entry.kind}:{entry.year}"
        if entry.lead:
            yield "lead"
    if entry.pinned:
        yield "pinned"
    if entry.kind in {"page", "member"}:
        return
    yield from (f"feed:{language}" for language in entry.languages)
    if entry.kind == "appeal":
        yield f"case:{case}"
        yield from dict.fromkeys(f"code:{stem[:3]}" for stem, _ in entry.codes)
        if not is_continued and not entry.archived:
            yield from _states_of(entry)
    if entry.kind == "portrait":
        yield f"series:{entry.series}"
    yield from (f"country:{code}" for code in entry.countries)
    yield from (f"theme:{key}" for key in entry.themes)


def _states_of(entry: Entry) -> Iterator[str]:
    """`open` or `ended`, for the latest appeal of a case, in all and by country and theme."""
    state = "open" if entry.is_open else "ended"
    yield state
    yield from (f"{state}:country:{code}" for code in entry.countries)
    yield from (f"{state}:theme:{key}" for key in entry.themes)


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
        entry = entries[path[-1]]
        follows = f"appeal:{entry.follows}"
        if not entry.follows or follows not in entries or follows in path:
            cases[path[-1]] = entry.slug
        else:
            path.append(follows)
    for passed in path:
        cases[passed] = cases[path[-1]]
