"""Whatever is written with quotes is read back as it was."""

from __future__ import annotations

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.strategies import Quoting, front_matters, markdown_texts, texts
from tocsin.errors import Finding
from tocsin.library import frontmatter
from tocsin.library.frontmatter import FrontMatterError, Source, parse_source
from tocsin.library.plain_head import read_plain
from tocsin.model.text import invisible_fault


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


# Invisible characters, and those whose bytes are nearly theirs.
# fmt: off
_seen_or_not = st.sampled_from([
    "a", "é", "ت", "я", "中", "𝒜", " ", "\n", "\t", "\x1f", "\x7f", "\x80", "\x85", "\x9f", "\xa0", "«",
    "\u200b", "\u2014", "’", "\u2027", "\u2028", "\u202a", "\u202e", "\u202f", "\u2068", "\u20ac", "\ufb01",
    "\ufdcf", "\ufdd0", "\ufeff", "\uff21", "\uffff", "\U000dffff", "\U000e0001", "\U000e0100", "\U000f0000",
])
# fmt: on


@given(st.lists(st.one_of(_seen_or_not, st.characters(exclude_categories=["Cs"])), max_size=6).map("".join))
@settings(max_examples=300)
def test_what_holds_an_invisible_character_is_refused_and_nothing_else(text):
    text = text.replace("\r", "")
    found = read_or_refused(f"---\nid: x\n---\n{text}".encode())
    fault = invisible_fault(text)
    assert isinstance(found, Finding) == (fault is not None)
    assert fault is None or (found.rule, found.message) == (fault[2], fault[1])


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


# Lines as editors write them, and what is nearly such a line.
# fmt: off
_keys = st.sampled_from([
    "title", "a", "b", "no", "x-y", "z_1", "1", "A", "é", "null", "a b", "<<", "-", "? a", "'a'", '"a"',
])
_words = st.sampled_from([
    "a", "no", "true", "false", "null", "~", "1", "0", "-1", "007", "1.5", "12:30", "2013-02-12", "page:x",
    "a: b", "a #b", "a#b", "#", "a, b", "(a) b", "a  b", "a ", " a", "a-", "-a", "- a", "a’s", "é", "ت",
    "中", "٣", "x\ty", "\t", "&a", "*a", "!a", "|", ">", "|-", "a:", ":a", "%", "@", "`", "=", "",
    "a\u00a0b", "\u200c", "1000000000000000", "a+b", "a/b.c", "0x1f", '"', "'", "[", "]", "{", "}", ",",
    ": ", ", ", "...", "---", "\\",
])
# fmt: on
_quoted = st.one_of(_words, texts).map(lambda text: f'"{text}"')
_parts = st.one_of(_quoted, _quoted, _words)
_lists = st.lists(_parts, max_size=3).map(lambda parts: f"[{', '.join(parts)}]")
_pairs = st.lists(
    st.tuples(st.one_of(_keys, _quoted), st.one_of(_parts, _lists)).map(": ".join), max_size=3
).map(lambda pairs: f"{{{', '.join(pairs)}}}")
_line_values = st.one_of(_quoted, _words, _lists, _pairs, st.lists(_parts, max_size=3).map(" ".join))
_lines = st.one_of(
    st.tuples(
        st.sampled_from(["", "", "", "", "  ", "  ", "    ", " "]),
        _keys,
        st.sampled_from([": ", ": ", ": ", ":", ":  ", " : "]),
        _line_values,
    ).map("".join),
    st.tuples(st.sampled_from(["", "", "  "]), _keys, st.just(":")).map("".join),
    st.tuples(st.sampled_from(["- ", "  - ", "# ", ""]), _line_values).map("".join),
)


@given(st.lists(_lines, max_size=6).map(lambda lines: "".join(f"{line}\n" for line in lines)))
@settings(max_examples=500)
def test_plain_front_matter_is_read_as_the_parser_of_yaml_reads_it(head):
    if invisible_fault(head):
        return
    plain = read_plain(head, frontmatter._meaning)
    if plain is not None:
        values, lines = frontmatter._Head("x.md", head).read()
        assert repr(plain) == repr((values, lines))


def test_most_front_matter_is_plain():
    head = (
        'id: "x"\nissued: 2013-02-12\nno: [a, b]\npersons:\n  one: {age: 3}\n  two: {"a": ["b"]}\nx: true\n'
    )
    values, lines = read_plain(head, frontmatter._meaning)
    assert values["persons"] == {"one": {"age": 3}, "two": {"a": ("b",)}}
    assert lines["persons", "two", "a", 0] == 7
