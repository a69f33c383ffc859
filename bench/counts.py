"""What each tool wrote: pages by kind, and whether two sites are the same work.

A measure of two tools says something only where both wrote the same pages. Every file of an output belongs
to a kind by its address; the numbers are compared with the plan of the corpus, and a difference that is not
stated beforehand, with its exact size and its reason, stops the bench.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.corpus import DATED, LANGUAGES, SECTIONS, Corpus

_LANGUAGE = "(?:(?:" + "|".join(LANGUAGES) + ")/)?"
_DATED = "(?:" + "|".join(SECTIONS[kind] for kind in DATED) + ")"
_ALL = "(?:" + "|".join(SECTIONS.values()) + ")"
_PAGE = r"(?:page/\d+/)?"
_SLUG = r"(?!page/|\d{4}/|members/)[a-z0-9-]+/"

# The first pattern that matches the whole path decides.
_KINDS: tuple[tuple[str, str], ...] = (
    ("print", rf"{_LANGUAGE}(?:print/{_ALL}/{_SLUG}|{_ALL}/{_SLUG}print/)index\.html"),
    ("item", rf"{_LANGUAGE}{_ALL}/{_SLUG}index\.html"),
    ("list", rf"{_LANGUAGE}{_DATED}/{_PAGE}index\.html"),
    ("year", rf"{_LANGUAGE}(?:{_DATED}/\d{{4}}|years/[a-z]+-\d{{4}})/index\.html"),
    ("country", rf"{_LANGUAGE}countries/[a-z]{{2}}/{_PAGE}index\.html"),
    ("theme", rf"{_LANGUAGE}themes/[a-z-]+/{_PAGE}index\.html"),
    ("case", rf"{_LANGUAGE}cases/(?!page/)[a-z0-9-]+/index\.html"),
    ("index", rf"{_LANGUAGE}(?:countries/|themes/|cases/{_PAGE}|)index\.html"),
    ("feed", rf"{_LANGUAGE}feeds/[a-z]+\.(?:rss|atom)"),
    ("sitemap", rf"(?:{_LANGUAGE}sitemap|sitemap/[a-z0-9]+)\.xml"),
)
_PATTERN = re.compile("|".join(f"(?P<k{place}>{pattern})" for place, (_, pattern) in enumerate(_KINDS)))
_ITEM_LOC = re.compile(rf"<loc>\s*https?://[^/<]+/{_LANGUAGE}{_ALL}/{_SLUG}\s*</loc>")
_TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)

# Of how many pages the substance is looked at, and how far two tools may be apart.
SAMPLE = 60
SUBSTANCE = (0.75, 1.34)


class UnlikeWorkError(Exception):
    """Two tools did not do the same work, so no measure of theirs is compared."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A stated difference from the plan: `number` pages of `kind` are written, and why."""

    kind: str
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Counted:
    """An output. `words` is the median number of words on an item's page, `size` its median size in bytes."""

    kinds: Mapping[str, int]
    files: int
    size: int
    words: int
    page_size: int
    others: Sequence[str] = field(default=())


def kind_of(path: str) -> str:
    """The kind of an output file; `other` for what no tool has in common with another."""
    found = _PATTERN.fullmatch(path)
    return _KINDS[int((found.lastgroup or "k0")[1:])][0] if found else "other"


def count(tree: Path) -> Counted:
    """Count an output tree, reading the sitemap and a sample of the items' pages."""
    kinds: Counter[str] = Counter()
    pages: list[Path] = []
    others: list[str] = []
    size = locations = 0
    for path in _files(tree):
        inside = path.relative_to(tree).as_posix()
        kind = kind_of(inside)
        kinds[kind] += 1
        size += path.stat().st_size
        if kind == "item":
            pages.append(path)
        elif kind == "other":
            others.append(inside)
        elif kind == "sitemap":
            locations += len(_ITEM_LOC.findall(path.read_text(encoding="utf-8")))
    kinds["sitemap items"] = locations
    pages.sort()
    texts = [page.read_text(encoding="utf-8") for page in pages[:: max(len(pages) // SAMPLE, 1)]]
    return Counted(
        kinds=dict(kinds),
        files=sum(number for kind, number in kinds.items() if kind != "sitemap items"),
        size=size,
        words=int(statistics.median([len(_TAG.sub(" ", text).split()) for text in texts] or [0])),
        page_size=int(statistics.median([len(text.encode()) for text in texts] or [0])),
        others=tuple(sorted(others)),
    )


def _files(tree: Path) -> Iterable[Path]:
    return (path for path in tree.rglob("*") if path.is_file())


def check(title: str, corpus: Corpus, counted: Counted, differences: Sequence[Difference]) -> None:
    """Refuse an output that differs from the plan in anything but the stated differences."""
    wanted = dict(corpus.plan)
    for difference in differences:
        if difference.kind not in wanted or not difference.reason:
            raise UnlikeWorkError(
                f"{title}: a difference in '{difference.kind}' is stated without sense or reason"
            )
        wanted[difference.kind] = difference.number
    wrong = [
        f"{kind}: {counted.kinds.get(kind, 0)} written, {number} expected"
        for kind, number in wanted.items()
        if counted.kinds.get(kind, 0) != number
    ]
    if wrong:
        raise UnlikeWorkError(
            f"{title} did not write what was asked, so it is not compared. {'; '.join(wrong)}. "
            "Mend its templates, or state the difference and its reason in its dialect."
        )


def compare(counts: Mapping[str, Counted]) -> None:
    """Refuse tools whose pages differ in substance: the words of an item's page, against the first tool's."""
    (first, base), *rest = counts.items()
    low, high = SUBSTANCE
    for name, counted in rest:
        ratio = counted.words / max(base.words, 1)
        if not low <= ratio <= high:
            raise UnlikeWorkError(
                f"an item's page of {name} has {counted.words} words, one of {first} {base.words}: "
                "unlike pages are not compared"
            )
