"""Hugo: a content folder for each language, four taxonomies, the print version as an output format."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import words as w
from bench.corpus import ALPHA3, DATED, LANGUAGES, LINK, SECTIONS, Corpus, Item, Texts
from bench.counts import Difference
from bench.dialects.dialect import Dialect, front_matter
from bench.dialects.facts import addressees, country_names, cut_from_newest, facts, latest_of_cases

SITE = Path(__file__).parent / "hugo_site"


class Hugo(Dialect):
    name = "hugo"
    title = "Hugo"
    output = "public"
    made = ("resources", ".hugo_build.lock")

    def version(self) -> str:
        assert self.tools.hugo is not None
        told = subprocess.run(
            [self.tools.hugo, "version"], capture_output=True, encoding="utf-8", check=True
        ).stdout
        found = re.search(r"v(\d[\d.]*)[^+ ]*((?:\+\w+)*)", told)
        return f"Hugo {found[1]}{found[2]}" if found else told.strip()

    def command(self) -> Sequence[str]:
        return [str(self.tools.hugo), "build", "--logLevel", "warn"]

    def prepare(self, corpus: Corpus) -> None:
        self._latest = latest_of_cases(corpus)
        shutil.copytree(SITE, self.folder, dirs_exist_ok=True)
        (self.folder / "static" / "s").mkdir(parents=True)
        shutil.copy2(SITE.parent / "site.css", self.folder / "static" / "s" / "site.css")
        self.write("data/addressees.json", json.dumps(addressees(), ensure_ascii=False))
        config = (SITE / "hugo.toml").read_text(encoding="utf-8")
        self.write("hugo.toml", config + _languages(corpus))
        for code in LANGUAGES:
            for section in SECTIONS.values():
                self.write(
                    f"content/{code}/{section}/_index.md", front_matter({"title": w.INTERFACE[code][section]})
                )
            # There is a page of each year, but none that lists the years.
            self.write(f"content/{code}/years/_index.md", front_matter({"build": {"render": "never"}}))

    def files(self, item: Item, texts: Texts, languages: Sequence[str] = LANGUAGES) -> dict[str, str]:
        return {
            f"content/{code}/{item.section}/{item.slug}.md": front_matter(self._values(item, texts, code))
            + LINK.sub(self._link, texts[code].body)
            for code in languages
        }

    def _values(self, item: Item, texts: Texts, code: str) -> dict[str, Any]:
        values = facts(item, texts[code], code, self._latest)
        if item.day:
            values["years"] = [f"{item.section}-{item.day.year}"]
        if item.case:
            values["cases"] = [item.case]
        return values

    def _link(self, found: re.Match[str]) -> str:
        target = self.corpus.items[int(found[1])]
        return f"](/{target.section}/{target.slug})"

    def theme_files(self) -> list[Path]:
        layouts = self.folder / "layouts"
        return [layouts / "baseof.html", layouts / "page.print.html"]

    def differences(self, corpus: Corpus) -> Sequence[Difference]:
        return cut_from_newest(corpus)


def _languages(corpus: Corpus) -> str:
    """The languages with every word of the interface: parameters are looked up faster than translations."""
    years: dict[str, dict[str, list[int]]] = defaultdict(dict)
    for kind in DATED:
        found = {item.day.year for item in corpus.items if item.kind == kind and item.day}
        years["years"][SECTIONS[kind]] = sorted(found, reverse=True)
    text = []
    for weight, code in enumerate(LANGUAGES, start=1):
        own = {"en": "English", "fr": "Français", "ar": "العربية"}[code]
        params = {
            "direction": "rtl" if code == "ar" else "ltr",
            "own_name": own,
            "strapline": w.SITE[code]["strapline"],
            "notice": w.SITE[code]["notice"],
            "ui": w.INTERFACE[code],
            "country_names": {key.lower(): name for key, name in country_names(code, ALPHA3).items()},
            "theme_names": {key: names[code] for key, names in w.THEMES.items()},
            "violation_names": {key: names[code] for key, names in w.VIOLATIONS.items()},
            "issuer_names": {key: names[code] for key, names in w.ISSUERS.items()},
            "years": years["years"],
        }
        head = {"label": own, "locale": code, "title": w.SITE[code]["name"], "weight": weight}
        head["contentDir"] = f"content/{code}"
        text.append(_table(f"languages.{code}", head) + _table(f"languages.{code}.params", params))
    return "".join(text)


def _table(name: str, values: dict[str, Any]) -> str:
    """A TOML table; tables inside follow it."""
    plain = {key: value for key, value in values.items() if not isinstance(value, dict)}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in plain.items()]
    inside = [_table(f"{name}.{key}", value) for key, value in values.items() if isinstance(value, dict)]
    return f"\n[{name}]\n" + "\n".join(lines) + "\n" + "".join(inside)
