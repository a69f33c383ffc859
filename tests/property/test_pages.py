"""Whatever stands in whatever field, a real parser finds nothing in pages that they may not hold."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, assume, example, given, settings
from hypothesis import strategies as st

from tests import allowed, small_sites
from tests.property.strategies import Quoting, characters, markdown_texts
from tests.rendering import rendered
from tests.small_sites import SITES
from tocsin.library import body
from tocsin.library.frontmatter import parse_source
from tocsin.library.library import Library
from tocsin.library.toml import read_toml

BASE = SITES / "base"

# What is no free text, but has a form of its own: another text in its place is refused, which
# tests/property/test_intake.py tries.
# fmt: off
_FORMED = {
    "id", "issued", "countries", "themes", "stage", "codes", "event_date", "respond_before", "issuers",
    "violations", "addressees", "name_mode", "follows", "status", "form", "publishers", "mission", "editions",
    "series", "number", "consent", "consent_on", "review_on", "file", "listing", "corrected", "deadline",
    "answers_to", "embargo", "seen", "source_rev", "shows", "menu", "schema", "address", "default_language",
    "languages", "contact", "authority", "date", "url", "kind", "email", "country", "verified_on", "website",
    "state", "as_of", "text",
}
# fmt: on

# A whole site is set for each example, so none is made smaller; the page and what was found are told.
QUICK: Any = {
    "phases": [Phase.explicit, Phase.reuse, Phase.generate],
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}

# Words that are markup, alone and where they could end what stands around them.
_ATTACKS = st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' onmouseover='alert(1)",
        "</title><svg/onload=alert(1)>",
        "--><script>x</script><!--",
        "]]><script>x</script>",
        "</textarea></style></noscript><iframe srcdoc=x>",
        "{{ 7 * 7 }}{% raw %}",
        "&lt;script&gt;",
        "&#60;b onclick&#61;x&#62;",
        "javascript:alert(1)",
        "%(name)s %% {0} \\g<1> \\1",
        "<base href=//evil.example>",
        "\u2028<p style=x>",
        "`${x}`",
    ]
)
_words = st.lists(st.one_of(_ATTACKS, st.text(characters, max_size=20)), min_size=1, max_size=6).map("".join)
free_texts = _words.map(lambda text: " ".join(text.replace("\u2028", "").split())[:300].strip()).filter(bool)


def _replaced(value: Any, text: str, key: str = "") -> Any:
    """A value with every free text replaced."""
    if key in _FORMED:
        return value
    if isinstance(value, Mapping):
        return {name: _replaced(inner, text, name) for name, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(_replaced(inner, text) for inner in value)
    return text if isinstance(value, str) and "@" not in value else value


def _free(value: Any, key: str = "") -> Iterator[str]:
    if key in _FORMED:
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _free(inner, name)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _free(inner)
    elif isinstance(value, str) and "@" not in value:
        yield value


def _write(site: Path, text: str) -> None:
    """Put `text` into every field of every file."""
    for path in site.rglob("*.md"):
        source = parse_source(path.name, path.read_bytes())
        head = yaml.dump(_replaced(source.values, text), Dumper=Quoting, allow_unicode=True, width=10**6)
        path.write_text(f"---\n{head}---\n{source.body}\n", encoding="utf-8")
    for name in ["site.toml", *(f"data/{path.name}" for path in (site / "data").glob("*.toml"))]:
        file = read_toml(site, name)
        said = file.text
        for old in sorted(set(_free(file.values)), key=len, reverse=True):
            said = said.replace(json.dumps(old, ensure_ascii=False), json.dumps(text, ensure_ascii=False))
        (site / name).write_text(said, encoding="utf-8")


@cache
def known() -> dict[str, set[str]]:
    return allowed.allowed()


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """What is kept from one example to the next: compiled templates and catalogues."""
    return tmp_path_factory.mktemp("kept")


def strangers(library: Library, kept: Path) -> list[str]:
    """What does not belong into the pages of a library."""
    pages = _one_of_each(library, kept)
    return [f"{path}: {found}" for path, page in pages for found in allowed.strangers_in(path, page, known())]


def _one_of_each(library: Library, kept: Path) -> Iterator[tuple[str, str]]:
    """One page and feed of each sort, in English and in a language that has little of its own."""
    seen = set()
    for path, page in rendered(library, kept):
        parts = path.split("/")
        sort = (*parts[:-1][:2], len(parts), "print" in parts, path.rpartition(".")[2])
        if sort not in seen:
            seen.add(sort)
            yield path, page


@given(free_texts)
@example('"><script>alert(1)</script>')
@example("' onmouseover='alert(1)")
@example("{{ 7 * 7 }}{% raw %}]]>--><!--")
@example("<b>&lt;script&gt;</b>\\")
@settings(max_examples=6, **QUICK)
def test_any_text_in_any_field_is_only_text(kept, text):
    with tempfile.TemporaryDirectory() as folder:
        site = small_sites.copy_of("base", Path(folder))
        _write(site, text)
        heard = small_sites.load(site, Path(folder))
        assert heard.library is not None, heard.text
        assert strangers(heard.library, kept) == []


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("library")
    return small_sites.load(small_sites.copy_of("base", folder), folder).library


@given(markdown_texts)
@example("<details open ontoggle=alert(1)><math><mtext><table><mglyph><style><img src=x onerror=alert(1)>")
@settings(max_examples=12, **QUICK)
def test_any_text_in_any_body_brings_what_texts_may_bring_and_no_more(kept, library, markdown):
    """Also those that would be refused for a link that leads nowhere: no page may rely on that."""
    html = body.convert(re.sub(r"page:[xy]", "page:about", markdown))
    assume(all(link.target == "page:about" for link in body.links(html) if link.kind in body.OWN_SCHEMES))
    changed = replace(
        library, read_texts=lambda key, language: dict.fromkeys(library.read_texts(key, language), html)
    )
    assert strangers(changed, kept) == []


def test_the_fields_that_are_tried_are_those_that_readers_see():
    """A field that is forgotten among those of a form would not be tried."""
    tried = set()
    for path in BASE.rglob("*.md"):
        source = parse_source(path.name, path.read_bytes())
        tried |= {name for name, value in source.values.items() if list(_free(value, name))}
    assert tried >= {
        "title",
        "summary",
        "actions",
        "names",
        "roles",
        "picture_alt",
        "person",
        "role",
        "quote",
    }
    assert tried >= {
        "about",
        "menu_title",
        "corrections",
        "answers_use",
        "chapters",
        "recommendations",
        "changed",
    }
