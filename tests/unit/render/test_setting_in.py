"""Templates set into one another give what Jinja gives, and what only Jinja can tell is left to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jinja2 import (
    DictLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateAssertionError,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
    nodes,
    pass_context,
)

from tocsin.ledger.store import Store
from tocsin.render.compiling import SiteEnvironment, StoredBytecode
from tocsin.render.setting_in import set_in

SETTINGS: dict[str, Any] = {
    "autoescape": True,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "undefined": StrictUndefined,
}
VALUES: dict[str, Any] = {"title": "<T>", "things": ["a", "<b>"], "yes": True, "no": False, "card": "<c>"}
MACROS = {
    "macros.html": '{% macro link(text, mark="<m>") %}<a>{{ text }}{{ mark }}{{ site }}</a>{% endmacro %}'
    "{% macro boxed(text) %}[{{ caller() }}{{ varargs }}{{ kwargs }}{{ text }}]{% endmacro %}"
}
FAMILY = MACROS | {
    "base.html": "<title>{% block title %}{{ title }}{% endblock %}</title>"
    "{% if yes %}{% block links %}{% endblock %}{% elif no %}{% block never %}{{ nothing }}{% endblock %}"
    "{% else %}no{% endif %}{% block main %}{% endblock %}"
    '{% include "includes/end.html" %}{% block rest %}of the base {{ seen() }}{% endblock %}',
    "middle.html": """{% extends "base.html" %}
{% from "macros.html" import link %}
text that is dropped, with {{ nothing }}
{% block main %}{% block head %}head {{ card }}{% endblock %}{{ link("middle") }}
{% block text %}{% endblock %}
{% block unfilled %}{% endblock %}{% endblock %}
{% block title %}{{ super() }} of the middle{% endblock %}
{% block not_in_base %}{{ nothing }}{% endblock %}""",
    "page.html": """{% import "macros.html" as more %}
{% extends "middle.html" %}
{% from "macros.html" import link as joined %}
{% block title %}{% if yes %}{{ super() }}{% endif %}{{ super() }} – {{ title }}{% endblock %}
{% block head %}{{ super() }}, {{ super() }}{% endblock %}
{% block text %}{% set title = title ~ "!" %}{{ title }}{% for card in things %}{{ joined(card, mark=title) }}
{{ loop.index }}{% set card = card ~ "?" %}{{ card }}{% endfor %}{{ card }}{{ more.link(text="more") }}
{% include "includes/end.html" %}{{ seen() }}{{ absent is defined }}{% endblock %}
{% block links %}{{ self_made|default("none") }}{% endblock %}""",
    "includes/end.html": "{% set card = card ~ 1 %}{{ card }}{{ title }}",
}


@pass_context
def seen(context: Any) -> str:
    """What a function that wants the context finds there."""
    return ", ".join(sorted(set(context.get_all()) & {"link", "joined", "more", "title", "card"}))


def _plain(templates: dict[str, str]) -> Environment:
    made = Environment(loader=DictLoader(templates), **SETTINGS)
    made.globals |= {"seen": seen, "site": "<site>"}
    return made


def _lean(templates: dict[str, str], **own: Any) -> SiteEnvironment:
    return SiteEnvironment.like(_plain({}), loader=DictLoader(templates), **own)


def _code(templates: dict[str, str], name: str) -> str:
    return str(_lean(templates).compile(templates[name], name, raw=True))


@pytest.mark.parametrize("name", ["base.html", "middle.html", "page.html"])
@pytest.mark.parametrize("values", [VALUES, VALUES | {"yes": False}])
def test_a_family_gives_what_jinja_gives_from_one_function(name: str, values: dict[str, Any]) -> None:
    """Blocks in blocks and in conditions, `super()`, imports and names that are set."""
    wanted = _plain(FAMILY).get_template(name).render(values)
    assert _lean(FAMILY).get_template(name).render(values) == wanted
    code = _code(FAMILY, name)
    assert ("parent_template" in code, code.count("def block_")) == (False, 0 if name != "base.html" else 5)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param("{% extends which %}{% block main %}p{% endblock %}", id="a parent named by a value"),
        pytest.param(
            '{% if yes %}{% extends "base.html" %}{% endif %}a{% block main %}p{% endblock %}', id="if"
        ),
        pytest.param('before{% extends "base.html" %}{% block main %}p{% endblock %}', id="text before"),
        pytest.param(
            '{% set x = 1 %}{% extends "base.html" %}{% block main %}{{ x }}{% endblock %}', id="set"
        ),
        pytest.param(
            '{% extends "base.html" %}{% macro m() %}{{ title }}{% endmacro %}'
            "{% block main %}{{ m() }}{% endblock %}",
            id="macro",
        ),
        pytest.param('{% extends "base.html" %}{% block main %}{{ self.title() }}{% endblock %}', id="self"),
        pytest.param(
            '{% extends "base.html" %}{% block title %}{{ super()|upper }}{% endblock %}', id="filtered"
        ),
        pytest.param(
            '{% extends "base.html" %}{% block title %}'
            "{% for title in things %}{{ super() }}{% endfor %}{% endblock %}",
            id="super in a loop",
        ),
        pytest.param(
            '{% extends "base.html" %}{% block title %}{% set title = 1 %}{{ super() }}{% endblock %}',
            id="a name set beside super",
        ),
        pytest.param(
            '{% extends "base.html" %}{% block loop %}{{ title }}{% endblock %}', id="block in a loop"
        ),
        pytest.param(
            '{% extends "base.html" %}{% block scoped scoped %}{{ title }}{% endblock %}', id="scoped"
        ),
        pytest.param(
            '{% extends "looped.html" %}{% block loop %}{{ title }}{% endblock %}', id="in a loop only"
        ),
        pytest.param(
            '{% extends "setting.html" %}{% block main %}{{ title }}{% endblock %}', id="set beside"
        ),
        pytest.param(
            '{% extends "base.html" %}{% block main %}{% set title = 1 %}'
            "{% block own %}{{ title }}{% endblock %}{% endblock %}",
            id="set around",
        ),
    ],
)
def test_what_only_jinja_can_tell_is_left_to_it(page: str) -> None:
    templates = {
        "base.html": "{% block title %}{{ title }}{% endblock %}{% block main %}{% endblock %}"
        "{% for title in things %}{% block loop %}{% endblock %}"
        "{% block scoped scoped %}{% endblock %}{% endfor %}",
        "looped.html": "{% for title in things %}{% block loop %}{% endblock %}{% endfor %}",
        "setting.html": "{% set title = 1 %}{% block main %}{% endblock %}",
        "page.html": page,
    }
    values = VALUES | {"which": "base.html"}
    wanted = _plain(templates).get_template("page.html").render(values)
    assert _lean(templates).get_template("page.html").render(values) == wanted
    assert "parent_template" in _code(templates, "page.html")


@pytest.mark.parametrize(
    ("page", "error"),
    [
        ('{% extends "gone.html" %}', TemplateNotFound),
        ('{% extends "broken.html" %}', TemplateSyntaxError),
        ('{% extends "twice.html" %}', TemplateAssertionError),
        ('{% extends "page.html" %}', RecursionError),
        ('{% extends "fine.html" %}{% block a %}{{ super() }}{{ super() }}{% endblock %}', UndefinedError),
        ('{% extends "required.html" %}', TemplateSyntaxError),
        (
            '{% extends "fine.html" %}{% block alone %}{{ super() }}{% endblock %}',
            None,
        ),
    ],
)
def test_faults_are_those_that_jinja_finds(page: str, error: type[Exception] | None) -> None:
    templates = {
        "page.html": page,
        "broken.html": "{% if %}",
        "twice.html": "{% block a %}{% endblock %}{% block a %}{% endblock %}",
        "fine.html": "{% block a %}{{ nothing }}{% endblock %}",
        "required.html": "{% block a required %}text{% endblock %}",
    }
    for environment in (_plain(templates), _lean(templates)):
        if error is None:
            with pytest.raises(UndefinedError):
                environment.get_template("page.html").render(VALUES)
        else:
            with pytest.raises(error):
                environment.get_template("page.html").render(VALUES)


@pytest.mark.parametrize(
    "call",
    [
        "{{ link(title) }}",
        "{{ link(title, card) }}",
        "{{ link(text=title) }}",
        "{{ link(*things) }}",
        "{{ link(mark=1, **{'text': title}) }}",
        "{% call boxed(title) %}<i>{% endcall %}",
        "{% call boxed(title, 2, three=3) %}{{ title }}{% endcall %}",
    ],
)
def test_macros_take_what_jinja_lets_them_take(call: str) -> None:
    templates = MACROS | {"page.html": '{% from "macros.html" import link, boxed %}' + call}
    wanted = _plain(templates).get_template("page.html").render(VALUES)
    assert _lean(templates).get_template("page.html").render(VALUES) == wanted


@pytest.mark.parametrize("call", ["{{ link(1, 2, 3) }}", "{{ link(1, wrong=2) }}", "{{ link() }}"])
def test_macros_refuse_what_jinja_lets_them_refuse(call: str) -> None:
    templates = MACROS | {"page.html": '{% from "macros.html" import link %}' + call}
    told = []
    for environment in (_plain(templates), _lean(templates)):
        with pytest.raises((TypeError, UndefinedError)) as caught:
            environment.get_template("page.html").render(VALUES)
        told.append((type(caught.value), str(caught.value)))
    assert told[0] == told[1]


def test_what_is_extended_is_set_into_those_templates_that_are_named() -> None:
    """As for the others, what they include is still set in."""
    made = _lean(FAMILY)
    made.many = frozenset({"page.html"})
    codes = [str(made.compile(FAMILY[name], name, raw=True)) for name in ("page.html", "middle.html")]
    assert ["parent_template" in code for code in codes] == [False, True]
    wanted = _plain(FAMILY).get_template("middle.html").render(VALUES)
    assert made.get_template("middle.html").render(VALUES) == wanted


def test_the_pages_of_the_theme_can_be_one_function_each() -> None:
    """All but one that has a macro of its own."""
    folder = Path(__file__).resolve().parents[3] / "theme/templates"
    made = SiteEnvironment(extensions=["jinja2.ext.i18n"], loader=FileSystemLoader(folder))
    names = made.list_templates()
    left = [name for name in names if set_in(made.tree(name), name, made.tree).find(nodes.Extends)]
    assert left == ["elsewhere.html"]


class _Counting(SiteEnvironment):
    """An environment that notes what it compiles."""

    compiled: list[str | None]

    def _generate(self, source: nodes.Template, name: str | None, *args: Any, **kwargs: Any) -> str:
        self.compiled.append(name)
        return super()._generate(source, name, *args, **kwargs)


def test_a_template_is_compiled_again_when_one_that_is_set_into_it_changes(tmp_path: Path) -> None:
    store = Store(tmp_path / "items.sqlite")
    templates = {
        "base.html": 'base {% block main %}{% endblock %}{% include "includes/late.html" %}',
        "middle.html": '{% extends "base.html" %}',
        "page.html": '{% extends "middle.html" %}'
        '{% block main %}{% include "includes/part.html" %}{% endblock %}',
        "other.html": "other",
        "includes/part.html": "part",
    }

    def build(**changed: str) -> tuple[str, list[str | None]]:
        templates.update({name.replace("__", "/") + ".html": text for name, text in changed.items()})
        bytecode = StoredBytecode(store, "1")
        made = _Counting.like(_plain({}), loader=DictLoader(templates), bytecode_cache=bytecode)
        made.compiled = []
        names = ("page.html", "other.html")
        return " ".join(made.get_template(name).render() for name in names), made.compiled

    with pytest.raises(TemplateNotFound):
        build()
    assert build(includes__late="!") == ("base part! other", ["page.html", "other.html"])
    assert build() == ("base part! other", [])
    assert build(base="new {% block main %}{% endblock %}") == ("new part other", ["page.html"])
    assert build(other="another") == ("new part another", ["other.html"])
    assert build(includes__part="piece") == ("new piece another", ["page.html"])
    assert build(middle='{% extends "other.html" %}') == ("another another", ["page.html"])
    assert build(includes__late="unused") == ("another another", [])
    store.close()
