"""What happens before a build, the same to every tool: nothing, an edit, a new item, a change of the theme.

Each scenario leaves a mark, and after the build the mark must stand where readers would look for it: a tool
that is quick because it missed the change is found out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bench.corpus import LANGUAGES, Corpus, Item
from bench.dialects.dialect import Dialect, home


class MissedChangeError(Exception):
    """A build that does not show what was changed before it."""


Place = tuple[Path, str]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`apply` changes the sources and returns where which words must be found after the build."""

    name: str
    title: str
    apply: Callable[[Dialect, Corpus, str], list[Place]]
    cold: bool = False

    def run(self, dialect: Dialect, corpus: Corpus, mark: str) -> list[Place]:
        return self.apply(dialect, corpus, mark)


def check_places(title: str, scenario: str, places: list[Place]) -> None:
    """Raise where a mark is missing."""
    for path, words in places:
        if not path.is_file() or words not in path.read_text(encoding="utf-8"):
            raise MissedChangeError(
                f"{title}, {scenario}: '{words}' is not in {path.parent.name}/{path.name} after the build"
            )


def _nothing(dialect: Dialect, corpus: Corpus, mark: str) -> list[Place]:
    item = corpus.newest
    return [(dialect.page(item, code), corpus.texts(item)[code].title) for code in LANGUAGES]


def _edit_body(item_of: Callable[[Corpus], Item]) -> Callable[[Dialect, Corpus, str], list[Place]]:
    def apply(dialect: Dialect, corpus: Corpus, mark: str) -> list[Place]:
        item = item_of(corpus)
        texts = corpus.texts(item)
        own = texts[item.original]
        changed = {**texts, item.original: replace(own, body=f"{own.body}\n{mark} is new.\n")}
        dialect.edit(item, changed, [item.original])
        return [(dialect.page(item, item.original), mark)]

    return apply


def _edit_title(dialect: Dialect, corpus: Corpus, mark: str) -> list[Place]:
    item = corpus.appeals[1]  # the newest has just got another body
    texts = corpus.texts(item)
    own = texts[item.original]
    dialect.edit(item, {**texts, item.original: replace(own, title=f"{own.title} {mark}")}, [item.original])
    front = dialect.tree / home(item.original) / item.section / "index.html"
    lists = [(front, mark)] if item.original in dialect.lists_in else []
    return [(dialect.page(item, item.original), mark), *lists]


def _add_item(dialect: Dialect, corpus: Corpus, mark: str) -> list[Place]:
    item = corpus.next_item(int("".join(filter(str.isdigit, mark))))
    texts = {code: replace(text, title=f"{text.title} {mark}") for code, text in corpus.texts(item).items()}
    dialect.edit(item, texts)
    fronts = [(dialect.tree / home(code) / item.section / "index.html", mark) for code in dialect.lists_in]
    return [*((dialect.page(item, code), mark) for code in LANGUAGES), *fronts]


def _change_theme(dialect: Dialect, corpus: Corpus, mark: str) -> list[Place]:
    dialect.edit_theme(mark)
    items = [corpus.items[0], corpus.middle, corpus.newest]
    return [(dialect.page(item, code), mark) for item in items for code in LANGUAGES]


SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario("cold", "cold build", _nothing, cold=True),
        Scenario("unchanged", "nothing changed", _nothing),
        Scenario("body", "body of the newest appeal edited", _edit_body(lambda corpus: corpus.newest)),
        Scenario("old-body", "body of an old appeal edited", _edit_body(lambda corpus: corpus.middle)),
        Scenario("title", "title of the newest appeal but one edited", _edit_title),
        Scenario("new", "new appeal on top", _add_item),
        Scenario("theme", "theme changed", _change_theme),
    )
}
