"""Whatever is written with quotes is read back as it was."""

from __future__ import annotations

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.strategies import Quoting, front_matters, markdown_texts, texts
from tocsin.errors import Finding
from tocsin.library.frontmatter import FrontMatterError, Source, parse_source


def written(values, **style):
    return yaml.dump(values, Dumper=Quoting, allow_unicode=True, sort_keys=False, **style)


@given(front_matters, st.booleans(), st.sampled_from([40, 100_000]))
@settings(max_examples=100)
def test_front_matter_survives_being_written_and_read(values, flow, width):
    head = written(values, default_flow_style=flow, width=width)
    source = parse_source("x.md", f"---\n{head}---\nbody".encode())
    assert source.values == values
    assert list(source.values) == list(values)
    assert source.body == "body"


@given(front_matters)
@settings(max_examples=50)
def test_every_key_is_on_the_line_that_is_told(values):
    head = written(values, default_flow_style=False, width=100_000)
    source = parse_source("x.md", f"---\n{head}---\n".encode())
    lines = ["", "---", *head.split("\n")]
    for path, number in source.lines.items():
        if isinstance(path[-1], str) and "\n" not in path[-1]:
            written_key = written(path[-1], width=100_000).strip()
            assert written_key in lines[number] or lines[number].lstrip(" -").startswith("? ")


@given(texts.map(lambda text: text.replace("\r", "")))
@settings(max_examples=100)
def test_a_body_is_what_stands_behind_the_second_fence(body):
    assert parse_source("x.md", f"---\nid: x\n---\n{body}".encode()).body == body


def read_or_refused(data):
    """The source, or the finding that refuses it."""
    try:
        return parse_source("x.md", data)
    except FrontMatterError as error:
        return error.finding


@given(st.one_of(markdown_texts, texts), st.booleans())
@settings(max_examples=200)
def test_any_front_matter_is_read_or_refused_with_one_finding(head, fenced):
    data = (f"---\n{head}\n---\n" if fenced else head).encode("utf-8", "surrogatepass")
    found = read_or_refused(data)
    if isinstance(found, Finding):
        assert found.message
        assert 0 <= found.line <= data.count(b"\n") + data.count(b"\r") + 2
    else:
        assert isinstance(found.values, dict)


@given(st.binary(max_size=60))
@settings(max_examples=200)
def test_any_bytes_are_read_or_refused(data):
    for whole in (data, b"---\n" + data + b"\n---\n"):
        assert isinstance(read_or_refused(whole), Finding | Source)
