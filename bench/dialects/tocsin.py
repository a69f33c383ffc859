"""Tocsin: the checkout's own code and theme, in a folder with the corpus for the network's content."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import words as w
from bench.corpus import (
    ALPHA3,
    DEFAULT_LANGUAGE,
    FEED_ITEMS,
    LANGUAGES,
    LINK,
    PER_PAGE,
    Corpus,
    Item,
    Text,
    Texts,
)
from bench.counts import Difference
from bench.dialects.dialect import Dialect, front_matter
from tocsin.library.frontmatter import parse_source
from tocsin.library.intake import words_digest
from tocsin.model import ITEM_TYPES

CODE = ("tocsin", "plugins", "theme", "pelicanconf.py", "publishconf.py", "tasks.py")
LOCKS = ("requirements.lock", "requirements-test.lock")
# Nothing of a day may change between the builds of a run; letters are still asked for in open cases.
AT = "2026-01-01T12:00Z"


class Tocsin(Dialect):
    name = "tocsin"
    title = "Tocsin"
    incremental = True
    made = (".tocsin", ".output.stage", ".output.lock")

    def version(self) -> str:
        project = tomllib.loads((self.tools.checkout / "pyproject.toml").read_text(encoding="utf-8"))[
            "project"
        ]
        return f"Tocsin {project['version']}"

    def command(self) -> Sequence[str]:
        """`python3 tasks.py build` where the environment that it looks for exists; else what that becomes."""
        if (self.folder / ".venv").exists():
            return [str(self._base_python()), "tasks.py", "build", "--at", AT]
        return [str(self.tools.python), "-P", "-X", "utf8", "-m", "tocsin", "build", "--at", AT]

    def environment(self) -> Mapping[str, str]:
        # The environment of the checkout finds the checkout's `tocsin`; this copy goes before it.
        return {"PYTHONPATH": str(self.folder)}

    def differences(self, corpus: Corpus) -> Sequence[Difference]:
        reason = "a page of other addresses in each language, which no peer has"
        kinds = ("item", "sitemap items")
        return [Difference(kind, corpus.plan[kind] + len(LANGUAGES), reason) for kind in kinds]

    @staticmethod
    def _base_python() -> Path:
        return Path(getattr(sys, "_base_executable", "") or sys.executable)

    def prepare(self, corpus: Corpus) -> None:
        for name in (*CODE, *LOCKS):
            source = self.tools.checkout / name
            if source.is_dir():
                shutil.copytree(source, self.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy2(source, self.folder / name)
        own = self.tools.environment or self.tools.checkout / ".venv"
        if self.tools.environment or (own.exists() and own.resolve() == Path(sys.prefix).resolve()):
            (self.folder / ".venv").symlink_to(os.path.relpath(own.resolve(), self.folder.resolve()))
        self.write("site.toml", _site())
        for name, text in _data().items():
            self.write(f"data/{name}.toml", text)

    def files(self, item: Item, texts: Texts, languages: Sequence[str] = LANGUAGES) -> dict[str, str]:
        own = item.original
        original = self._source(item, texts[own], {**_facts(item), **_words(texts[own])})
        digest = _digest(item, original) if any(code != own for code in languages) else ""
        more = {"translator": "Translation workshop", "state": "approved", "source_rev": digest}
        return {
            self.path(item, code): original
            if code == own
            else self._source(item, texts[code], {**more, **_words(texts[code])})
            for code in languages
        }

    def path(self, item: Item, language: str) -> str:
        year = f"{item.day.year}/" if item.day else ""
        return f"content/{item.section}/{year}{item.slug}/{language}.md"

    def _source(self, item: Item, text: Text, values: Mapping[str, Any]) -> str:
        return front_matter(values) + LINK.sub(self._link, text.body)

    def _link(self, found: re.Match[str]) -> str:
        target = self.corpus.items[int(found[1])]
        return f"]({target.kind}:{target.slug})"

    def theme_files(self) -> list[Path]:
        """Templates that end a page, but for the one of the page that is not there."""
        found = sorted((self.folder / "theme" / "templates").rglob("*.html"))
        return [
            path for path in found if "</body>" in path.read_text(encoding="utf-8") and path.stem != "404"
        ]


def _facts(item: Item) -> dict[str, Any]:
    facts: dict[str, Any] = {"id": item.identity, "original": True}
    if item.kind == "page":
        return facts | {"order": item.index, "menu": "main"}
    facts |= {"issued": item.day, "fictional": True, "countries": item.countries, "themes": item.themes}
    if item.kind == "report":
        return facts | {"form": item.form, "publishers": [item.issuer]}
    if item.kind == "statement":
        return facts | {"form": item.form, "issuers": [item.issuer]}
    facts |= {"stage": item.stage, "codes": [item.code], "status": item.status, "issuers": [item.issuer]}
    facts |= {"violations": item.violations, "persons": {"person": {"name_mode": "full"}}}
    if item.follows:
        facts["follows"] = item.follows
    if item.addressee:
        facts["addressees"] = [item.addressee]
    return facts


def _words(text: Text) -> dict[str, Any]:
    words: dict[str, Any] = {"title": text.title, "summary": text.summary}
    if text.changed:
        words["changed"] = text.changed
    if text.person:
        words |= {"names": {"person": text.person}, "roles": {"person": text.role}}
        words |= {"actions": text.actions, "dateline": text.dateline}
    return words


def _digest(item: Item, original: str) -> str:
    source = parse_source(item.slug, original.encode())
    own = ITEM_TYPES[item.kind].words_keys()
    return words_digest({key: value for key, value in source.values.items() if key in own}, source.body)


def _toml(values: Mapping[str, str]) -> str:
    inside = ", ".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items())
    return f"{{ {inside} }}"


def _site() -> str:
    names, straplines = ({code: w.SITE[code][what] for code in LANGUAGES} for what in ("name", "strapline"))
    languages = [
        f"[languages.{code}]\n" + ("" if code == DEFAULT_LANGUAGE else f'fallback = ["{DEFAULT_LANGUAGE}"]\n')
        for code in LANGUAGES
    ]
    return f"""schema = 1
address = "https://bench.example/"
default_language = "{DEFAULT_LANGUAGE}"

{"".join(languages)}
[identity]
contact = "contact@bench.example"
corrections = "corrections@bench.example"
name = {_toml(names)}
strapline = {_toml(straplines)}
introduction = {_toml(straplines)}

[feeds]
authority = "bench.example"
date = 2026-01-01
items = {FEED_ITEMS}
lists = []

[licence]
name = "CC BY 4.0"
url = "https://licence.example/by/4.0/"
notice = {_toml({code: w.SITE[code]["notice"] for code in LANGUAGES})}

[lists]
per_page = {PER_PAGE}

[search]
enabled = false

[social]
cards = false
"""


def _data() -> dict[str, str]:
    justice = {"en": "Minister of Justice", "fr": "Ministre de la justice", "ar": "وزير العدل"}
    salutation = {"en": "Dear Minister", "fr": "Madame, Monsieur", "ar": "معالي الوزير"}
    addressees = [
        f"[{code.lower()}-justice]\noffice = {_toml(justice)}\nsalutation = {_toml(salutation)}\n"
        f'address = ["Ministry of Justice", "P.O. Box {place}"]\ncountry = "{code}"\n'
        f'email = ["minister@{code.lower()}.justice.example"]\nlanguages = ["en"]\nverified_on = 2025-12-01\n'
        for place, code in enumerate(sorted(ALPHA3))
    ]
    regions = [
        f"[{key}]\norder = {place}\nname = {_toml(name)}\n[{key}.countries]\n"
        + "".join(f'{short} = "{long}"\n' for short, long in w.COUNTRIES[key].items())
        for place, (key, name) in enumerate(w.REGIONS.items())
    ]
    named = {"themes": w.THEMES, "violations": w.VIOLATIONS, "organisations": w.ISSUERS}
    tables = {
        name: "\n".join(f"[{key}]\nname = {_toml(names)}\n" for key, names in table.items())
        for name, table in named.items()
    }
    return tables | {"addressees": "\n".join(addressees), "regions": "\n".join(regions)}
