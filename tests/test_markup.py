"""Every place where text becomes HTML without being escaped, counted, each with its reason.

Templates have none: a text that was cleaned comes to them as `Markup` from the one function that made it so.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

import pelicanconf
from tests.test_architecture import called, calls, modules

ROOT = Path(__file__).resolve().parents[1]

# How often each module makes `Markup`, and why what it is made of is safe.
MAKERS = {
    "tocsin/render/body.py": (1, "the body, cleaned by nh3; links, facts and pictures are put in escaped"),
    "tocsin/render/filters.py": (10, "constants of ours, into which `format` and `escape` put escaped text"),
    "tocsin/render/pictures.py": (2, "an `img`: numbers, names of ours, and the escaped description"),
    "tocsin/render/typeset.py": (2, "a part that a template set, which escapes; the policy, words of ours"),
    "tocsin/render/words.py": (3, "words of the catalogues; values are put in escaped"),
}
# Other ways to the same: none is used.
_WAYS = re.compile(r"\|\s*safe\b|autoescape|\bMarkup\b|\|\s*forceescape|mark_safe|__html__|\bliteral\(")


def makes_markup(name: str) -> bool:
    return name in {"Markup", "markupsafe.Markup", "jinja2.Markup"} or name.endswith(".Markup")


def test_markup_is_made_where_it_is_known_to_be_safe_and_nowhere_else():
    found = Counter(path for path in modules() for _, name, _ in calls(path) if makes_markup(name))
    assert dict(found) == {path: count for path, (count, _) in MAKERS.items()}


def test_nothing_else_says_of_itself_that_it_is_html():
    own = [
        f"{path}:{node.lineno}"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name in {"__html__", "__html_format__"}
    ]
    assert own == []


def test_no_template_turns_escaping_off():
    found = [
        f"{path.relative_to(ROOT)}: {sign}"
        for path in sorted((ROOT / "theme").rglob("*.html"))
        for sign in _WAYS.findall(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_no_filter_of_another_library_is_used_that_makes_html():
    """Of Jinja's own filters those that return `Markup` of what they are given."""
    making = re.compile(r"\|\s*(?:urlize|xmlattr|tojson|indent|safe|escape|e)\b")
    found = [
        f"{path.relative_to(ROOT)}: {sign}"
        for path in sorted((ROOT / "theme").rglob("*.html"))
        for sign in making.findall(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_escaping_is_on_wherever_templates_are_read():
    assert pelicanconf.JINJA_ENVIRONMENT["autoescape"] is True
    made = [
        (path, {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords})
        for path in modules()
        for _, name, call in calls(path)
        if name.rpartition(".")[2] in {"Environment", "SiteEnvironment"}
    ]
    assert made, "there must be one at least"
    assert [path for path, given in made if given.get("autoescape") not in {"True", "base.autoescape"}] == []


@pytest.mark.parametrize("line", ["Markup(x)", "markupsafe.Markup(x)", "flask.Markup(x)"])
def test_the_count_sees_every_way_of_writing_it(line):
    call = ast.parse(line, mode="eval").body
    assert isinstance(call, ast.Call)
    assert makes_markup(called(call))


@pytest.mark.parametrize(
    "line", ["{{ x|safe }}", "{{ x | safe }}", "{% autoescape false %}", "{{ Markup(x) }}"]
)
def test_the_search_sees_every_way_of_writing_it(line):
    assert _WAYS.search(line)
