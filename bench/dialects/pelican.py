"""Stock Pelican: what it can do without a plugin. It lists originals only and has no print versions."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from bench.corpus import DEFAULT_LANGUAGE, LANGUAGES, LINK, Corpus, Item, Texts
from bench.counts import Difference
from bench.dialects.dialect import Dialect

SITE = Path(__file__).parent / "pelican_site"


class Pelican(Dialect):
    name = "pelican"
    title = "Pelican, stock"
    made = ("cache", "__pycache__")
    lists_in = (DEFAULT_LANGUAGE,)
    leaner = "its simple theme shows the text and little around it"

    def version(self) -> str:
        return f"Pelican {version('pelican')}"

    def command(self) -> Sequence[str]:
        return [
            str(self.tools.python),
            "-P",
            "-m",
            "pelican",
            "--settings",
            "pelicanconf.py",
            "--fatal",
            "errors",
        ]

    def prepare(self, corpus: Corpus) -> None:
        shutil.copytree(SITE, self.folder, dirs_exist_ok=True)
        shutil.copytree(self._theme, self.folder / "theme")

    @cached_property
    def _theme(self) -> Path:
        found = find_spec("pelican")
        assert found is not None
        assert found.origin is not None
        return Path(found.origin).parent / "themes" / "simple"

    def files(self, item: Item, texts: Texts, languages: Sequence[str] = LANGUAGES) -> dict[str, str]:
        return {
            f"content/{code}/{item.section}/{item.slug}.md": self._source(item, texts, code)
            for code in languages
        }

    def _source(self, item: Item, texts: Texts, code: str) -> str:
        head = {"Title": texts[code].title, "Summary": texts[code].summary}
        if item.day:
            head |= {"Date": str(item.day), "Tags": ", ".join(item.themes)}
            head["Authors"] = "; ".join(country.lower() for country in item.countries)
        lines = "".join(f"{key}: {value}\n" for key, value in head.items())
        return f"{lines}\n{LINK.sub(lambda found: self._link(int(found[1]), code), texts[code].body)}"

    def _link(self, index: int, code: str) -> str:
        target = self.corpus.items[index]
        return f"]({{filename}}/{code}/{target.section}/{target.slug}.md)"

    def theme_files(self) -> list[Path]:
        return [self.folder / "theme" / "templates" / "base.html"]

    def differences(self, corpus: Corpus) -> Sequence[Difference]:
        originals = (
            "it lists originals only, in one language; its years are of all sections together, "
            "and its theme shows all of a tag or an author on one page"
        )
        years = {item.day.year for item in corpus.items if item.day}
        return [
            Difference("print", 0, "it has neither a second page of an article nor a third taxonomy"),
            Difference("list", corpus.plan_cut_from_newest()["list"] // len(LANGUAGES), originals),
            Difference("year", len(years), originals),
            Difference("country", len(corpus.lengths["country"]), originals),
            Difference("theme", len(corpus.lengths["theme"]), originals),
            Difference("case", 0, "it has neither a second page of an article nor a third taxonomy"),
            Difference("index", 3, originals),
        ]
