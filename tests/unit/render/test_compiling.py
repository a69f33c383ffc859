"""Templates compiled lean give the same bytes as Jinja's own code, whatever stands in the values."""

from __future__ import annotations

import gettext
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError, pass_context
from markupsafe import Markup, escape

from tocsin.ledger.store import Store
from tocsin.render.compiling import SiteEnvironment, StoredBytecode
from tocsin.render.said import Said
from tocsin.render.words import Words, WordsLookedUp, counter, speaker, written

SETTINGS: dict[str, Any] = {
    "autoescape": True,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "undefined": StrictUndefined,
}
TEMPLATES = {
    "base.html": "<title>{% block title %}{{ title }}{% endblock %}</title>{% block main %}{% endblock %}",
    "page.html": """{% extends "base.html" %}
{% from "macros.html" import link with context %}
{% block title %}{{ super() }} – {{ thing.name }}{% endblock %}
{% block main %}
{% for key, value in things.items() %}
{{ loop.index }} {{ link(key, text=value) }}{% if not loop.last %}, {% endif %}
{% else %}
{{ nothing }}
{% endfor %}
{% set name = "outside" %}
{% for x in things %}{% include "includes/part.html" %}{% endfor %}
{% with x="<with>" %}{% include "includes/part.html" %}{% endwith %}
{% include "includes/blocks.html" %}{% include "includes/gone.html" ignore missing %}{{ name }}
{{ asked("a", b=title) }}
{% set kept %}<b>{{ title }}</b>{% endset %}{{ kept }}
{{ thing.shout(title) }} {{ title|upper }} {{ html }} {{ number }}
{% call(x) boxed() %}{{ x }} {{ title }}{% endcall %}
{% macro inner() %}{{ title }}{% endmacro %}
{{ inner() }}
{% endblock %}
""",
    "includes/part.html": "{{ title }} {{ html|safe }} {% filter upper %}{{ title }}{% endfilter %}{{ name }}"
    '{% set name = "inside" %}{{ name }} {{ x }} {% include "includes/inner.html" %}',
    "includes/inner.html": '{% from "macros.html" import link with context %}{{ link(name, x) }}'
    "{% for x in things if x %}{{ x }}{{ loop.index }}{% endfor %}{{ asked(x, b=name) }}",
    "includes/blocks.html": "{% block own %}{{ title }}{% endblock %}",
    "macros.html": '{% macro link(key, text) %}<a href="{{ key }}">{{ text }} {{ title }}</a>{% endmacro %}',
}


class Thing:
    """A value with a property and a method."""

    name = "<thing> & co"

    def shout(self, text: str) -> str:
        return f"{text}!<"


@pass_context
def asked(context: Any, first: str, b: str) -> str:
    """A function that wants the context."""
    return f"{first}{b}{context['number']}"


def boxed(caller: Any) -> Markup:
    """A function that is called with a block."""
    return Markup("[{}]").format(caller("<"))


def _render(environment: Environment, values: dict[str, Any]) -> str:
    environment.globals |= {"asked": asked, "boxed": boxed}
    return environment.get_template("page.html").render(values)


@given(st.text(), st.dictionaries(st.text(), st.text(), max_size=3), st.integers())
def test_same_bytes_as_plain_jinja(title: str, things: dict[str, str], number: int) -> None:
    """Every construct that templates use, with hostile values."""
    values = {
        "title": Said(title, "ar"),
        "things": things,
        "thing": Thing(),
        "nothing": f"<{title}>",
        "html": Markup("<i>") + title,
        "number": number,
    }
    plain = Environment(loader=DictLoader(TEMPLATES), **SETTINGS)
    lean = SiteEnvironment.like(plain, loader=DictLoader(TEMPLATES))
    assert _render(lean, values) == _render(plain, values)


@given(st.text())
def test_values_are_escaped(text: str) -> None:
    assert written(text) == str(escape(text))
    assert written(Said(text, "fr")) == str(escape(text))


def test_what_is_html_stays_and_what_is_no_text_becomes_text() -> None:
    assert written(Markup("<b>")) == "<b>"
    assert written(7) == "7"
    assert written(None) == "None"
    assert written(["<"]) == "[&#39;&lt;&#39;]"


def test_included_templates_are_part_of_the_code_unless_one_includes_itself() -> None:
    templates = {
        "x": '{% include "includes/a.html" %}',
        "includes/a.html": '{% if n %}{{ n }}{% set n = n - 1 %}{% include "includes/a.html" %}{% endif %}',
    }
    environment = SiteEnvironment(loader=DictLoader(templates))
    assert environment.get_template("x").render(n=3) == "321"
    code = environment.compile(templates["x"], raw=True)
    assert "{{ n }}" not in code
    assert code.count("get_template(") == 1


def test_a_misspelt_variable_stops() -> None:
    base = Environment(**SETTINGS)
    lean = SiteEnvironment.like(base, loader=DictLoader({"x": "{{ page.titel }}", "y": "{{ missing() }}"}))
    with pytest.raises(UndefinedError, match="titel"):
        lean.get_template("x").render(page=Thing())
    with pytest.raises(UndefinedError, match="missing"):
        lean.get_template("y").render()


class _French(gettext.NullTranslations):
    words: ClassVar[dict[str, str]] = {
        "Before %(day)s, 100%%": "Avant le %(day)s, à 100%% (%(day)s)",
        "%(count)s case": "%(count)s cas",
        "Of %(day)s": "De %(hour)s, %(day)s",
    }

    def gettext(self, message: str) -> str:
        return self.words.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return {0: "aucun cas", 1: "%(count)s cas", 2: "%(count)s cas, 100%%"}.get(n, msgid2)


def _speaking(catalogue: gettext.NullTranslations, templates: dict[str, str], **own: Any) -> SiteEnvironment:
    lean = SiteEnvironment.like(Environment(**SETTINGS), loader=DictLoader(templates), **own)
    lean.words, lean.said = Words(catalogue), speaker(catalogue, StrictUndefined)
    lean.filters["counted"] = counter(catalogue)
    lean.add_extension(WordsLookedUp)
    lean.install_gettext_callables(catalogue.gettext, catalogue.ngettext, newstyle=True)  # type: ignore[attr-defined]
    return lean


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("{% trans %}Before{% endtrans %}", "Before"),
        ("{% trans day=d %}Before {{ day }}, 100%{% endtrans %}", "Avant le &lt;9>, à 100% (&lt;9>)"),
        ("{% trans count=n %}{{ count }} case{% pluralize %}{{ count }} cases{% endtrans %}", "2 cas, 100%"),
        (
            "{% trans count=n - 2 %}{{ count }} case{% pluralize %}{{ count }} cases{% endtrans %}",
            "aucun cas",
        ),
        (
            "{% trans count=n + 5, day=d %}{{ day }}{% pluralize %}{{ count }} cases {{ day }}{% endtrans %}",
            "7 cases &lt;9>",
        ),
    ],
)
def test_words_of_the_language(source: str, wanted: str) -> None:
    """As gettext gives them, with values escaped and doubled percent signs made single."""
    lean = _speaking(_French(), {"x": source})
    assert lean.get_template("x").render(d="<9>", n=2).replace("&gt;", ">") == wanted


def test_languages_share_what_is_compiled_and_not_what_they_say(tmp_path: Path) -> None:
    source = "{% trans %}Before %(day)s, 100%{% endtrans %}{% trans %}{x}{% endtrans %}{{ 7|numeral }}"
    source = source.replace("%(day)s", "{{ day }}")
    bytecode = StoredBytecode(Store(tmp_path / "store.sqlite"), "1")
    compiled, shown = [], []
    for catalogue, seven in ((gettext.NullTranslations(), "7"), (_French(), "VII")):
        lean = _speaking(catalogue, {"x": source}, bytecode_cache=bytecode)
        lean.filters["numeral"] = lambda _, seven=seven: seven
        lean.own_filters = frozenset({"numeral"})
        shown.append(lean.get_template("x").render(day="<9>"))
        compiled.append(lean.compile(source, "x", raw=True))
    assert shown == ["Before &lt;9&gt;, 100%{x}7", "Avant le &lt;9&gt;, à 100% (&lt;9&gt;){x}VII"]
    assert compiled[0] == compiled[1]


def test_a_value_that_a_translation_alone_names_stops() -> None:
    lean = _speaking(_French(), {"x": "{% trans %}Of {{ day }}{% endtrans %}"})
    with pytest.raises(UndefinedError, match="'hour' is undefined"):
        lean.get_template("x").render(day="9")
