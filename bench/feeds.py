"""What feeds cost: the same corpus built with few feeds and with all, by Tocsin and by stock Pelican.

    .venv/bin/python -m bench.feeds --documents 10000

The other measures ask for one RSS and one Atom feed a language, since the peers write no more. Here Tocsin
makes what it makes by itself (every list, in full, in three formats, archives, cases), and Pelican its own
feeds of sections, themes and countries in both its formats, also in full and of the newest 50. What a feed
costs is the difference of two cold builds, so it holds reading, setting, stamping and writing.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.corpus import Corpus, make_corpus
from bench.dialects import make_dialects
from bench.dialects.dialect import Dialect
from bench.measure import Measure, measure
from bench.tools import get_tools
from tocsin.reporting import SilentReporter

ROOT = Path(__file__).resolve().parents[1]
ENDINGS = (".rss", ".atom")
_ENTRY = re.compile(rb"<entry[ >]|<item>")

_ALL_OF_PELICAN = """
CATEGORY_FEED_ATOM, CATEGORY_FEED_RSS = "feeds/{slug}.atom", "feeds/{slug}.rss"
TAG_FEED_ATOM, TAG_FEED_RSS = "feeds/themes/{slug}.atom", "feeds/themes/{slug}.rss"
AUTHOR_FEED_ATOM, AUTHOR_FEED_RSS = "feeds/countries/{slug}.atom", "feeds/countries/{slug}.rss"
"""
# Its feeds cost so little of its build that the difference of two is noise: its writer is timed as well.
_TIMED = """
import atexit, time
from pathlib import Path
from pelican.writers import Writer

_work, _write = [], Writer.write_feed

def _timed(*arguments, **named):
    begun = time.process_time()
    made = _write(*arguments, **named)
    _work.append(time.process_time() - begun)
    return made

Writer.write_feed = _timed
atexit.register(lambda: Path("feed-work.txt").write_text(str(sum(_work))))
"""


@dataclass
class Variant:
    """Cold builds of one tool with few feeds or with all, and what they wrote.

    `inside` is the work of the tool's feed writer alone in seconds, where it was timed.
    """

    tool: str
    name: str
    measures: list[Measure] = field(default_factory=list)
    files: int = 0
    entries: int = 0
    size: int = 0
    inside: float | None = None

    def median(self, name: str) -> float:
        """The median of a number of `Measure`."""
        return float(statistics.median(getattr(found, name) for found in self.measures))


def _tocsin(folder: Path) -> None:
    path = folder / "site.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("lists = []\n", ""), encoding="utf-8")


def _pelican(folder: Path) -> None:
    path = folder / "pelicanconf.py"
    path.write_text(path.read_text(encoding="utf-8") + _ALL_OF_PELICAN + _TIMED, encoding="utf-8")


MORE_FEEDS: dict[str, Callable[[Path], None]] = {"tocsin": _tocsin, "pelican": _pelican}


def count_feeds(tree: Path, variant: Variant) -> None:
    """Count what stands in the feeds of an output."""
    variant.files = variant.entries = variant.size = 0
    for path in sorted(tree.rglob("*")):
        data = path.read_bytes() if path.suffix in (*ENDINGS, ".json") else b""
        if data:
            found = len(json.loads(data)["items"]) if path.suffix == ".json" else len(_ENTRY.findall(data))
            variant.files += 1
            variant.entries += found
            variant.size += len(data)


def run(documents: int, names: Sequence[str], rounds: int, work: Path) -> list[Variant]:
    """Build in turn: every tool with few feeds, then every tool with all, so many times."""
    corpus = make_corpus(documents)
    dialects = make_dialects(names, work, get_tools(ROOT, names, SilentReporter()))
    _write(corpus, dialects)
    variants: list[Variant] = []
    for name in ("few", "all"):
        for dialect in dialects:
            if name == "all":
                MORE_FEEDS[dialect.name](dialect.folder)
            variants.append(Variant(dialect.title, name))
            for _ in range(rounds):
                dialect.forget()
                variants[-1].measures.append(
                    measure(dialect.command(), dialect.folder, dialect.environment())
                )
            count_feeds(dialect.tree, variants[-1])
            timed = dialect.folder / "feed-work.txt"
            variants[-1].inside = float(timed.read_text(encoding="utf-8")) if timed.exists() else None
    return variants


def _write(corpus: Corpus, dialects: Sequence[Dialect]) -> None:
    for dialect in dialects:
        dialect.begin(corpus)
    for item, texts in corpus.each():
        for dialect in dialects:
            dialect.add(item, texts)


def lines(variants: Sequence[Variant]) -> list[str]:
    """The results as text, one line a variant and one for what all feeds cost."""
    said = []
    for tool in dict.fromkeys(variant.tool for variant in variants):
        few, many = (v for v in variants if v.tool == tool)
        for variant in (few, many):
            said.append(
                f"{tool}, {variant.name} feeds: {variant.median('wall'):.1f} s wall, "
                f"{variant.median('cpu'):.1f} s work; {variant.files} feed files, "
                f"{variant.entries} entries, {variant.size / 1e6:.0f} MB"
            )
        work = many.median("cpu") - few.median("cpu")
        entries = many.entries - few.entries
        said.append(
            f"{tool}, the difference: {many.median('wall') - few.median('wall'):.1f} s wall, "
            f"{work:.1f} s work, {work / many.median('cpu'):.0%} of the whole work, "
            f"{entries / max(work, 0.001):.0f} entries a second of work, "
            f"{1000 * work / max(entries, 1):.3f} ms an entry"
        )
        if many.inside is not None:
            each = 1000 * many.inside / max(many.entries, 1)
            said.append(f"{tool}, in its writer of feeds: {many.inside:.1f} s work, {each:.3f} ms an entry")
    return said


def main() -> None:
    parser = argparse.ArgumentParser(description="What feeds cost.")
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", default="tocsin,pelican")
    parser.add_argument("--work", type=Path, default=Path(__file__).parent / ".work")
    options = parser.parse_args()
    work = options.work.resolve() / f"feeds-{options.documents}"
    found = run(options.documents, options.only.split(","), options.repeat, work)
    sys.stdout.write("\n".join([*lines(found), ""]))


if __name__ == "__main__":
    main()
