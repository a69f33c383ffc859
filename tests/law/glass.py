"""A theme that shows everything: whatever a template could read stands on the page.

A page whose inputs are not all known to the ledger can hide that from the real theme, which shows a part of
them. This one prints every value that a page is given, so that a wrong one cannot hide.
"""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from pydantic import BaseModel

from tocsin.render.addresses import Addresses
from tocsin.render.languages import Speech
from tocsin.render.reading import Reading
from tocsin.render.said import Said, Spoken

KINDS = ("appeal", "report", "statement", "portrait", "page")
LISTS = (
    "countries",
    "country",
    "themes",
    "theme",
    "cases",
    "case",
    "portraits",
    "members",
    "elsewhere",
    "list",
    "home",
    "network",
    "feeds",
    "codes",
    "index",
    "search",
)
# What the theme itself adds to every page, and functions.
_NOT_OF_THE_PAGE = {"reading", "own", "site", "part", "menu"}

CONFIGURATION = """

from tests.law.glass import everything

JINJA_GLOBALS = {"everything": everything}
"""


@pass_context
def everything(context: Context) -> str:
    """All values of a page, one a line."""
    values = {name: context[name] for name in sorted(context.parent) if name not in _NOT_OF_THE_PAGE}
    lines: list[str] = []
    for name, value in values.items():
        if not callable(value):
            _show(lines, name, value)
    return "\n".join(lines)


def _show(lines: list[str], name: str, value: Any) -> None:
    if isinstance(value, str | int | date | None):
        language = f" ({value.language})" if isinstance(value, Said) else ""
        lines.append(f"{name}{language}: {value!r}")
    elif isinstance(value, Speech):
        lines.append(f"{name}: {value.code} {value.direction} {value.own_name}")
    elif not isinstance(value, Addresses | Reading):
        for part, inner in _parts(value):
            _show(lines, f"{name}.{part}", inner)


def _parts(value: Any) -> Iterable[tuple[Any, Any]]:
    """What a value consists of, in its own order: order shows on a page."""
    if isinstance(value, list | tuple):
        return enumerate(value)
    if isinstance(value, Mapping):
        return value.items()
    if isinstance(value, frozenset | set):
        return enumerate(sorted(value))
    if isinstance(value, Spoken):
        return [(name, getattr(value, name)) for name in value._names]
    return [(field, getattr(value, field)) for field in _fields(type(value))]


@cache
def _fields(kind: type) -> tuple[str, ...]:
    if issubclass(kind, BaseModel):
        return tuple(kind.model_fields)
    if dataclasses.is_dataclass(kind):
        return tuple(field.name for field in dataclasses.fields(kind))
    raise TypeError(f"the glass theme cannot show {kind}")


_BASE = """\
<!doctype html>
<html lang="{{ page.language }}" dir="{{ page.direction }}">
<title>{{ page.title }} – {{ site.identity.name|plain_name }}</title>
<link rel="stylesheet" href="{{ stylesheet|href }}">
{{ part("parts/top.html") }}
<main>
{% block main %}{% endblock %}
</main>
{% include "includes/end.html" %}
<pre>
{{ everything() }}
</pre>
</html>
"""
_TOP = """\
<nav>
{% trans %}The network{% endtrans %}: {{ page.section }} {{ site.identity.strapline|name }}
{% for title, address in menu.main + menu.footer %}
<a href="{{ address|href }}">{{ title|say }}</a>
{% endfor %}
</nav>
"""
_END = """\
<footer>{% trans %}End of the page{% endtrans %} {{ "appeal"|label("section") }} {{ "KE"|country }}</footer>
"""
_MACROS = """\
{% macro count(number) -%}
{% trans count=number %}{{ count }} thing{% pluralize %}{{ count }} things{% endtrans %}
{%- endmacro %}

{% macro line(card) -%}
<a href="{{ card.address|href }}">{{ card.title|say }}</a> {{ card.countries|map("country")|list|joined }}
{% if card.day %}{{ card.day|day }}{% endif %}
{% if card.picture %}{{ card.picture|picture("10rem") }}{% endif %}
{{ count(card.languages|length) }}
{%- endmacro %}
"""
_ITEM = """\
{% extends "base.html" %}
{% from "macros/lines.html" import count, line with context %}
{% block main %}
<h1>{{ words.title|say }}</h1>
{{ count(facts.themes|length) }}
{% for key in facts.themes %}{{ key|term("themes") }}{% endfor %}

{{ body }}
{% if chain is defined %}{% for card in chain %}{{ line(card) }}{% endfor %}{% endif %}

{% endblock %}
"""
_LIST = """\
{% extends "base.html" %}
{% from "macros/lines.html" import count, line with context %}
{% block main %}
<h1>{{ page.title }}</h1>
{% for card in cards|default([]) %}{{ line(card) }}{% endfor %}

{{ count(page.alternates|length) }} {% trans %}A list{% endtrans %}

{% endblock %}
"""

TEMPLATES = {
    "base.html": _BASE,
    "parts/top.html": _TOP,
    "includes/end.html": _END,
    "macros/lines.html": _MACROS,
    "series-print.html": "<!doctype html>\n<title>{{ page.title }}</title>{{ host }}{{ everything() }}",
    "feed-entry.html": "<div>{{ body }}{{ everything() }}</div>",
    "feed-addresses.html": "<div>{{ everything() }}</div>",
    "feed-withdrawn.html": "<div>{{ everything() }}</div>",
    "withdrawn.html": "<!doctype html>\n<title>{{ page.title }}</title>\n{{ everything() }}\n",
    "404.html": "<!doctype html>\n<title>{{ page.title }}</title>\n{{ everything() }}\n",
    "print.html": "<!doctype html>\n<title>{{ words.title }}</title>{{ host }}{{ body }}{{ everything() }}",
    **{f"{kind}.html": _ITEM for kind in KINDS},
    **{f"{name}.html": _LIST for name in LISTS},
}
MESSAGES = (
    "The network",
    "End of the page",
    "A list",
    "Urgent appeals",
    "Reports",
    "Statements",
    "Portraits",
    "Countries",
    "Themes",
    "Cases",
    "Member organisations",
    "Feeds",
    "Page not found",
    "Go to the home page",
)
PLURALS = {
    "en": ("nplurals=2; plural=(n != 1);", 2),
    "fr": ("nplurals=2; plural=(n > 1);", 2),
    "es": ("nplurals=2; plural=(n != 1);", 2),
    "ar": (
        "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n>10 ? 4 : 5);",
        6,
    ),
}


def catalogue(language: str) -> str:
    """A catalogue in which every word says its language."""
    plural, forms = PLURALS[language]
    head = f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {plural}\\n"\n'
    words = [f'msgid "{word}"\nmsgstr "{word} in {language}"\n' for word in MESSAGES]
    things = [f'msgstr[{number}] "%(count)s {language} things, form {number}"\n' for number in range(forms)]
    counted = 'msgid "%(count)s thing"\nmsgid_plural "%(count)s things"\n' + "".join(things)
    return "\n".join((head, *words, counted))


def write_theme(folder: Path) -> None:
    """The whole theme. English has no catalogue: its words are the message ids."""
    for name, text in TEMPLATES.items():
        _write(folder / "templates" / name, text)
    _write(folder / "static" / "site.css", "main { max-width: 40rem }\n")
    _write(folder / "static" / "search.js", "// Nothing is searched for.\n")
    for language in ("fr", "es", "ar"):
        _write(folder / "locale" / language / "LC_MESSAGES" / "tocsin.po", catalogue(language))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def mark_template(text: str, mark: str) -> str:
    """The template with a mark that shows on every page that it takes part in; an older mark is replaced."""
    shown = f"<!-- {mark} -->"
    if re.search(r"<!-- m[0-9]+ -->", text):
        return re.sub(r"<!-- m[0-9]+ -->", shown, text)
    for place in (r"\{% block main %\}", r"\{% block (?!title|links)\w+ %\}", r"\{% macro [^%]+ %\}"):
        if found := re.search(place, text):
            return text[: found.end()] + shown + text[found.end() :]
    return text + shown
