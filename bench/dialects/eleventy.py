"""Eleventy: templates in JavaScript, groups made once, lists and print versions by pagination."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import words as w
from bench.corpus import ALPHA3, LANGUAGES, LINK, Corpus, Item, Texts
from bench.counts import Difference
from bench.dialects.dialect import Dialect, front_matter, home
from bench.dialects.facts import addressees, country_names, cut_from_newest, facts, latest_of_cases

SITE = Path(__file__).parent / "eleventy_site"
# The megabytes that node may use; by its own default it gives up at about four thousand of them.
HEAP = 16_000


class Eleventy(Dialect):
    name = "eleventy"
    title = "Eleventy"
    output = "public"

    def version(self) -> str:
        assert self.tools.eleventy is not None
        package = self.tools.eleventy / "@11ty" / "eleventy" / "package.json"
        return f"Eleventy {json.loads(package.read_text(encoding='utf-8'))['version']}"

    def command(self) -> Sequence[str]:
        return ["node", f"--max-old-space-size={HEAP}", "node_modules/@11ty/eleventy/cmd.cjs"]

    def prepare(self, corpus: Corpus) -> None:
        assert self.tools.eleventy is not None
        self._latest = latest_of_cases(corpus)
        shutil.copytree(SITE, self.folder, dirs_exist_ok=True)
        (self.folder / "node_modules").symlink_to(self.tools.eleventy.resolve())
        (self.folder / "static" / "s").mkdir(parents=True)
        shutil.copy2(SITE.parent / "site.css", self.folder / "static" / "s" / "site.css")
        self.write("words.json", json.dumps({code: _words(code) for code in LANGUAGES}, ensure_ascii=False))

    def files(self, item: Item, texts: Texts, languages: Sequence[str] = LANGUAGES) -> dict[str, str]:
        return {
            f"content/{code}/{item.section}/{item.slug}.md": front_matter(self._values(item, texts, code))
            + LINK.sub(lambda found, code=code: self._link(found, code), texts[code].body)  # type: ignore[misc]
            for code in languages
        }

    def _values(self, item: Item, texts: Texts, code: str) -> dict[str, Any]:
        values = facts(item, texts[code], code, self._latest)
        return values | {
            "lang": code,
            "section": item.section,
            "layout": "item.11ty.js",
            "permalink": f"{home(code)}{item.section}/{item.slug}/index.html",
        }

    def _link(self, found: re.Match[str], code: str) -> str:
        target = self.corpus.items[int(found[1])]
        return f"](/content/{code}/{target.section}/{target.slug}.md)"

    def theme_files(self) -> list[Path]:
        return [self.folder / "site.mjs"]

    def differences(self, corpus: Corpus) -> Sequence[Difference]:
        return cut_from_newest(corpus)


def _words(code: str) -> dict[str, Any]:
    """Every word of the interface in one language."""
    officials = {
        key: {**entry, "office": entry["office"][code], "salutation": entry["salutation"][code]}
        for key, entry in addressees().items()
    }
    return {
        "name": w.SITE[code]["name"],
        "strapline": w.SITE[code]["strapline"],
        "notice": w.SITE[code]["notice"],
        "direction": "rtl" if code == "ar" else "ltr",
        "own_name": {"en": "English", "fr": "Français", "ar": "العربية"}[code],
        "ui": w.INTERFACE[code],
        "country_names": {key.lower(): name for key, name in country_names(code, ALPHA3).items()},
        "theme_names": {key: names[code] for key, names in w.THEMES.items()},
        "violation_names": {key: names[code] for key, names in w.VIOLATIONS.items()},
        "issuer_names": {key: names[code] for key, names in w.ISSUERS.items()},
        "addressees": officials,
    }
