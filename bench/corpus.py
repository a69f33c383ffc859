"""The corpus: what every tool is given to build, before it is written in any tool's dialect.

It is a function of the number of documents alone: no clock, no machine, no order of anything decides. Items
are appeals in chains of one to five, reports, statements and three pages of the network, each in three
languages, so `documents` counts language files. Links lead to earlier items only, so all of them resolve.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

from bench import words as w

Kind = Literal["appeal", "report", "statement", "page"]
DATED: tuple[Kind, ...] = ("appeal", "report", "statement")
SECTIONS: Mapping[Kind, str] = {
    "appeal": "appeals",
    "report": "reports",
    "statement": "statements",
    "page": "network",
}
LANGUAGES: Sequence[str] = w.LANGUAGES
DEFAULT_LANGUAGE = "en"
PER_PAGE = 20
FEED_ITEMS = 50
FIRST_DAY, LAST_DAY = date(1996, 1, 8), date(2025, 12, 20)
# The day of the item that a scenario adds on top of all others.
NEXT_DAY = date(2025, 12, 28)
# How many appeals a case is meant to have, and how often.
LENGTHS, WEIGHTS = (1, 2, 3, 4, 5), (35, 30, 20, 10, 5)
# Links of bodies are written `[text](item:12)`; each dialect puts its own way of naming item 12 there.
LINK = re.compile(r"\]\(item:(\d+)\)")

ALPHA3 = {short: long for codes in w.COUNTRIES.values() for short, long in codes.items()}
_ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass(frozen=True, slots=True)
class Item:
    """The facts of an item. `step` counts the appeals of its case from 0; `case` is the slug of the first."""

    index: int
    kind: Kind
    slug: str
    identity: str
    day: date | None
    original: str
    countries: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    case: str | None = None
    step: int = 0
    follows: str | None = None
    code: str | None = None
    stage: str = ""
    status: str = ""
    violations: tuple[str, ...] = ()
    issuer: str = ""
    act: int = 0
    role: int = 0
    town: int = 0
    person: int = 0

    @property
    def section(self) -> str:
        """The folder that the item's kind stands in, in the sources and in the output."""
        return SECTIONS[self.kind]

    @property
    def form(self) -> str:
        """The stage of an appeal, the form of anything else."""
        if self.kind == "appeal":
            return self.stage
        return {"report": "fact-finding", "page": ""}.get(
            self.kind, ("press-release", "open-letter")[self.index % 2]
        )

    @property
    def addressee(self) -> str | None:
        """The official to write to; only open appeals have one."""
        return f"{self.countries[0].lower()}-justice" if self.status == "open" else None


@dataclass(frozen=True, slots=True)
class Text:
    """The words of an item in one language. `body` is Markdown, its links as in `LINK`."""

    title: str
    summary: str
    body: str
    changed: str = ""
    person: str = ""
    role: str = ""
    actions: Mapping[str, str] = field(default_factory=dict)
    dateline: str = ""


Texts = Mapping[str, Text]


@dataclass(frozen=True)
class Corpus:
    """All items, oldest first (the pages of the network before them)."""

    documents: int
    items: Sequence[Item]

    def texts(self, item: Item) -> dict[str, Text]:
        """The words of an item in every language; the same at every call."""
        return {code: _text(item, code) for code in LANGUAGES}

    def each(self) -> Iterator[tuple[Item, dict[str, Text]]]:
        """Every item with its words, made one after the other: the whole would not fit a small memory."""
        for item in self.items:
            yield item, self.texts(item)

    @cached_property
    def appeals(self) -> Sequence[Item]:
        """The appeals, newest first."""
        return tuple(item for item in reversed(self.items) if item.kind == "appeal")

    @property
    def newest(self) -> Item:
        """The newest appeal: on the fronts of its section and of the site, and in the feeds."""
        return self.appeals[0]

    @property
    def middle(self) -> Item:
        """An appeal from the middle of the archive, in no feed and on no front."""
        return self.appeals[len(self.appeals) // 2]

    def next_item(self, number: int) -> Item:
        """An appeal that is not in the corpus and newer than all that are: a case of its own."""
        model = self.newest
        slug = f"new-appeal-{number}"
        return replace(
            model,
            index=len(self.items),
            slug=slug,
            identity=_identity(random.Random(f"next {number}")),
            day=NEXT_DAY,
            original=DEFAULT_LANGUAGE,
            case=slug,
            step=0,
            follows=None,
            stage="first",
            status="open",
            code=f"{ALPHA3[model.countries[0]]} {number % 1000:03d} / 1225 / OBS {900 + number % 100}",
        )

    @cached_property
    def lengths(self) -> dict[str, list[int]]:
        """How many items each list of one language has, by the kind of its pages."""
        kinds = Counter(item.kind for item in self.items)
        countries = Counter(code for item in self.items for code in item.countries)
        themes = Counter(key for item in self.items for key in item.themes)
        continued = {item.follows for item in self.items}
        still_open = sum(item.status == "open" and item.slug not in continued for item in self.items)
        return {
            "list": [kinds[kind] for kind in DATED],
            "country": [*countries.values()],
            "theme": [*themes.values()],
            "open cases": [still_open],
        }

    @cached_property
    def years(self) -> int:
        """How many pages of years one language has: one for each year of each section."""
        return len({(item.kind, item.day.year) for item in self.items if item.day})

    @cached_property
    def plan(self) -> dict[str, int]:
        """How many pages of each kind a site of this corpus has, by the rules that all tools are given."""
        return self.plan_with(lambda count: max(count // PER_PAGE, 1))

    def plan_cut_from_newest(self) -> dict[str, int]:
        """The same where pages are cut from the newest item on, the last page holding the rest."""
        return self.plan_with(lambda count: max(-(-count // PER_PAGE), 1))

    def plan_with(self, pages: Callable[[int], int]) -> dict[str, int]:
        """The plan, given how many pages a list of so many items has."""
        one = {kind: sum(map(pages, counts)) for kind, counts in self.lengths.items()}
        cases = len({item.case for item in self.items if item.case})
        per_language = {
            "item": len(self.items),
            "print": len(self.items),
            "list": one["list"],
            "year": self.years,
            "country": one["country"],
            "theme": one["theme"],
            "case": cases,
            "index": 3 + one["open cases"],  # home, countries, themes; the cases that are open
            "feed": 2,
            "sitemap items": len(self.items),
        }
        return {kind: number * len(LANGUAGES) for kind, number in per_language.items()}


def make_corpus(documents: int) -> Corpus:
    """A corpus of `documents` language files, rounded up to whole items of three."""
    rng = random.Random(f"tocsin bench {documents}")
    pages = [_page(rng, index, name) for index, name in enumerate(sorted(w.PAGES))]
    count = max(-(-documents // len(LANGUAGES)) - len(pages), 1)
    span = (LAST_DAY - FIRST_DAY).days
    days = sorted(FIRST_DAY + timedelta(days=rng.randrange(span + 1)) for _ in range(count))
    items = [*pages, *_Chains(rng).items(days, len(pages))]
    return Corpus(len(items) * len(LANGUAGES), tuple(items))


def _page(rng: random.Random, index: int, name: str) -> Item:
    return Item(index, "page", name, _identity(rng), None, DEFAULT_LANGUAGE)


def _identity(rng: random.Random) -> str:
    return "".join(rng.choices(_ID_LETTERS, k=10))


class _Chains:
    """Makes the dated items in the order of their days, continuing cases as it goes."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.running: list[tuple[Item, int]] = []  # the latest appeal of a case, and how many are to come
        self.serials: Counter[object] = Counter()

    def items(self, days: Sequence[date], first: int) -> Iterator[Item]:
        for index, day in enumerate(days, start=first):
            (kind,) = self.rng.choices(DATED, (85, 5, 10))
            yield self._appeal(index, day) if kind == "appeal" else self._other(index, day, kind)

    def _other(self, index: int, day: date, kind: Kind) -> Item:
        country = self.rng.choice(sorted(ALPHA3))
        return self._item(index, day, kind, country, self.rng.choice(sorted(w.ISSUERS)))

    def _item(self, index: int, day: date, kind: Kind, country: str, issuer: str) -> Item:
        rng = self.rng
        towns = w.TOWNS["latin"]
        town = rng.randrange(len(towns))
        second = [code for code in [rng.choice(sorted(ALPHA3))] if rng.random() < 0.08 and code != country]
        return Item(
            index=index,
            kind=kind,
            slug=f"{ALPHA3[country].lower()}-{towns[town].lower()}-{index:05d}",
            identity=_identity(rng),
            day=day,
            original=rng.choices(LANGUAGES, (70, 20, 10))[0],
            countries=(country, *second),
            themes=tuple(sorted(rng.sample(sorted(w.THEMES), rng.choice((1, 2, 2, 3))))),
            issuer=issuer,
            act=rng.randrange(12),
            role=rng.randrange(12),
            town=town,
            person=rng.randrange(len(w.PERSONS["latin"])),
        )

    def _appeal(self, index: int, day: date) -> Item:
        if self.running and self.rng.random() < len(self.running) / (len(self.running) + 20):
            return self._follow_up(index, day)
        country = self.rng.choice(sorted(ALPHA3))
        item = self._item(index, day, "appeal", country, self.rng.choice(sorted(w.ISSUERS)))
        self.serials[country, day.year] += 1
        self.serials[day.year] += 1
        serials = self.serials[country, day.year] % 1000, self.serials[day.year]
        (length,) = self.rng.choices(LENGTHS, WEIGHTS)
        item = replace(
            item,
            case=item.slug,
            code=f"{ALPHA3[country]} {serials[0]:03d} / {day:%m%y} / OBS {serials[1]:03d}",
            stage="first",
            status=self._status(length == 1),
            violations=tuple(self.rng.sample(sorted(w.VIOLATIONS), self.rng.randint(1, 3))),
        )
        if length > 1:
            self.running.append((item, length - 1))
        return item

    def _follow_up(self, index: int, day: date) -> Item:
        before, left = self.running.pop(self.rng.randrange(len(self.running)))
        item = self._item(index, day, "appeal", before.countries[0], before.issuer)
        stem = (before.code or "").partition(".")[0]
        status = self._status(left == 1)
        item = replace(
            item,
            countries=before.countries,
            themes=before.themes,
            violations=before.violations,
            original=before.original,
            case=before.case,
            step=before.step + 1,
            follows=before.slug,
            code=f"{stem}.{before.step + 1}",
            stage="follow-up" if status == "open" else "closed",
            status=status,
            role=before.role,
            town=before.town,
            person=before.person,
        )
        if left > 1:
            self.running.append((item, left - 1))
        return item

    def _status(self, is_last: bool) -> str:
        return (
            self.rng.choice(("closed-released", "closed-other"))
            if is_last and self.rng.random() < 0.9
            else "open"
        )


def _text(item: Item, language: str) -> Text:
    rng = random.Random(f"{item.identity} {language}")
    town = w.spelt(w.TOWNS, language)[item.town]
    writer = _Writer(rng, language, item.index)
    if item.kind == "page":
        return Text(w.PAGES[item.slug][language], writer.sentences(2), writer.body())
    title = f"{w.ACTS[language][item.act]}: {w.ROLES[language][item.role]}, {town}"
    if item.kind != "appeal":
        return Text(title, writer.sentences(2), writer.body())
    name = w.spelt(w.PERSONS, language)[item.person]
    wanted = sorted({item.index % 5, (item.index + 2) % 5, (item.index + 3) % 5})
    return Text(
        title=title,
        summary=writer.sentences(2),
        body=writer.body(),
        changed=writer.sentences(2) if item.step else "",
        person=name,
        role=w.ROLES[language][item.role],
        actions={f"action-{number}": w.ACTIONS[language][number] for number in wanted},
        dateline=f"{town}, {item.day}",
    )


class _Writer:
    """Writes running text in one language."""

    def __init__(self, rng: random.Random, language: str, index: int) -> None:
        self.rng = rng
        self.language = language
        self.index = index
        self.running = w.RUNNING[language]

    def sentence(self, low: int = 11, high: int = 20) -> str:
        picked = self.rng.choices(self.running, k=self.rng.randint(low, high))
        if len(picked) > 12:
            picked[6] += w.COMMA[self.language]
        picked[0] = picked[0][:1].upper() + picked[0][1:]
        return " ".join(picked) + "."

    def sentences(self, count: int) -> str:
        return " ".join(self.sentence() for _ in range(count))

    def emphasised(self, count: int) -> str:
        """Sentences of which a few words are strong and a few emphasised."""
        picked = self.sentences(count).split(" ")
        place = self.rng.randrange(2, len(picked) - 8)
        picked[place] = f"**{picked[place]}"
        picked[place + 1] = f"{picked[place + 1]}**"
        picked[place + 5] = f"*{picked[place + 5]}*"
        return " ".join(picked)

    def linked(self, count: int) -> str:
        """Sentences with a link to an earlier item in their midst, where there is one."""
        text = self.sentences(count)
        if self.index < 8:
            return text
        target = self.rng.randrange(3, self.index)
        name = self.rng.choice(w.LINK_TEXTS[self.language])
        head, _, rest = text.partition(" ")
        return f"{head} [{name}](item:{target}) {rest}"

    def body(self) -> str:
        """About 480 words: four sections, two lists, a quotation, three links inside and one outside."""
        rng = self.rng
        headings = rng.sample(w.HEADINGS[self.language], 4)
        outside = f"https://reference-{rng.randrange(900)}.example/{rng.randrange(10_000)}"
        footnote = rng.random() < 0.3
        blocks = [
            self.emphasised(3),
            f"## {headings[0]}",
            self.linked(3) + ("[^1]" if footnote else ""),
            self.emphasised(3),
            f"## {headings[1]}",
            "\n".join(f"- {self.sentence(8, 12)}" for _ in range(4)),
            self.linked(3),
            f"## {headings[2]}",
            f"> {self.sentences(2)}",
            f"{self.sentences(2)} [{self.sentence(2, 3)[:-1]}]({outside}) {self.sentence()}",
            "\n".join(f"{number}. {self.sentence(8, 12)}" for number in (1, 2, 3)),
            f"## {headings[3]}",
            *([self._table()] if rng.random() < 0.2 else []),
            self.linked(3),
            self.emphasised(3),
        ]
        if footnote:
            blocks.append(f"[^1]: {self.sentence()}")
        return "\n\n".join(blocks) + "\n"

    def _table(self) -> str:
        head = w.TABLE_HEADS[self.language]
        rows = [f"| {' | '.join(head)} |", "| --- | --- | ---: |"]
        for _ in range(3):
            day = f"{self.rng.randint(1, 28)}.{self.rng.randint(1, 12)}."
            rows.append(f"| {day} | {self.rng.choice(self.running)} | {self.rng.randint(1, 40)} |")
        return "\n".join(rows)
