"""The dialect of front matter, and where a file falls apart."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

from tocsin.library import frontmatter
from tocsin.library.frontmatter import FrontMatterError, parse_source
from tocsin.model.text import INVISIBLE


@pytest.fixture(autouse=True, params=["with libyaml", "without libyaml"])
def loader(request, monkeypatch):
    """PyYAML can be built without its fast parser; the language is the same, and so is what is said."""
    if request.param == "without libyaml":
        monkeypatch.setattr(frontmatter, "_Loader", yaml.SafeLoader)


def parse(head, body="Text.\n"):
    return parse_source("x.md", f"---\n{head}\n---\n{body}".encode())


def values(head):
    return dict(parse(head).values)


def refused(data):
    with pytest.raises(FrontMatterError) as caught:
        parse_source("x.md", data if isinstance(data, bytes) else f"---\n{data}\n---\n".encode())
    return str(caught.value.finding)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("y", "y"),
        ("True", "True"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("Null", "Null"),
        ("0", 0),
        ("12", 12),
        ("-3", -3),
        ("007", "007"),
        ("1_000", "1_000"),
        ("1.5", "1.5"),
        ("1e3", "1e3"),
        ("0x10", "0x10"),
        ("12:30", "12:30"),
        (".inf", ".inf"),
        ("2013-02-12", "2013-02-12"),
        ("2013-02-12T09:00Z", "2013-02-12T09:00Z"),
        ("1234567890123456", "1234567890123456"),
        ("١٢", "١٢"),
        ("'12'", "12"),
        ('"true"', "true"),
        ('""', ""),
        ("a # a comment", "a"),
        ("a#b", "a#b"),
        ("AT&T *and* all!", "AT&T *and* all!"),
        ("Notes de l'équipe", "Notes de l'équipe"),
    ],
)
def test_a_plain_word_is_a_number_or_a_truth_value_only_where_nobody_could_mean_text(written, meant):
    assert values(f"key: {written}") == {"key": meant}


def test_lists_are_tuples_and_groups_are_in_their_order():
    assert values("b: [x, 1, [y]]\na:\n  d: 1\n  c: 2\nl:\n- p\n- q: r") == {
        "b": ("x", 1, ("y",)),
        "a": {"d": 1, "c": 2},
        "l": ("p", {"q": "r"}),
    }
    assert list(values("b: 1\na: 2")) == ["b", "a"]


def test_texts_of_several_lines_may_hold_what_looks_like_yaml():
    assert values("a: |\n  * x: y\n  &b !c\n\n  - d\nb: >\n  one\n  two") == {
        "a": "* x: y\n&b !c\n\n- d\n",
        "b": "one two\n",
    }


@pytest.mark.parametrize("head", ["", "# only a comment", "~", "\n\n"])
def test_front_matter_may_be_empty(head):
    assert values(head) == {}


def test_every_key_and_entry_has_its_line():
    source = parse("id: x\nnames:\n  chair: A\n  pupil: B\ncodes: [c,\n  d]")
    assert source.lines == {
        ("id",): 2,
        ("names",): 3,
        ("names", "chair"): 4,
        ("names", "pupil"): 5,
        ("codes",): 6,
        ("codes", 0): 6,
        ("codes", 1): 7,
    }


def test_what_is_not_there_is_on_the_line_of_what_would_hold_it():
    source = parse("id: x\nnames:\n  chair: A")
    assert source.line_of(("names", "pupil")) == 3
    assert source.line_of(("names", "chair", "age")) == 4
    assert source.line_of(("title",)) == 1


def test_the_body_begins_behind_the_second_fence():
    source = parse("id: x\ntitle: y", "\nFirst.\n\n---\n\nSecond.\n")
    assert (source.body, source.body_line) == ("\nFirst.\n\n---\n\nSecond.\n", 5)


@pytest.mark.parametrize(
    "data", [b"---\nid: x\n---", b"---  \nid: x\n---\t\n", b"---\r\nid: x\r\n---\r\n", b"---\rid: x\r---\r"]
)
def test_fences_may_have_blanks_behind_them_and_line_ends_of_any_system(data):
    source = parse_source("x.md", data)
    assert (source.values, source.body) == ({"id": "x"}, "")


@pytest.mark.parametrize("head", ["id: x\n----", "id: x\n --- ", "id: x\n---x"])
def test_only_a_line_of_three_hyphens_is_a_fence(head):
    assert refused(f"---\n{head}\n".encode()).startswith("ERROR x.md:1: has front matter that does not end;")


def test_an_alias_bomb_is_refused_before_anything_is_expanded():
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    assert (
        refused(bomb)
        == "ERROR x.md:2: uses an anchor or reference ('&', '*') of YAML; put the text between quotes"
    )


@pytest.mark.parametrize(
    "head",
    ["a: !!python/object:os.system x", "a: !x y", "a: ! 12", "!x a: b", "a: [!!str 1]", "!!map {a: b}"],
)
def test_tags_are_refused_wherever_they_stand(head):
    assert refused(head) == "ERROR x.md:2: uses a tag ('!') of YAML; put the text between quotes"


@pytest.mark.parametrize("head", ["a: &x y", "&x a: b", "a: [&x b]", "a:\n  &x b: c", "*x : y", "- &x a"])
def test_anchors_and_references_are_refused_wherever_they_stand(head):
    assert "uses an anchor or reference" in refused(head)


def test_a_key_stands_once_on_each_level():
    assert (
        refused("a: 1\nb:\n  c: 1\n  c: 2")
        == "ERROR x.md:5: 'c' stands twice, on line 4 and here; delete one"
    )
    assert values("a:\n  c: 1\nb:\n  c: 2") == {"a": {"c": 1}, "b": {"c": 2}}


def test_the_merge_key_of_yaml_is_a_key_like_others():
    assert values("<<: {a: b}") == {"<<": {"a": "b"}}


@pytest.mark.parametrize("sign", ["[", "{a: ", "- "])
def test_deep_nesting_is_refused_at_any_depth_without_harm_to_the_process(sign):
    """Run apart: a parser that recurses in C ends its process, and the test would end with it."""
    code = (
        "from tocsin.library.frontmatter import parse_source, FrontMatterError\n"
        f"for depth in (9, 1000, {99_000 // len(sign)}):\n"
        "    try:\n"
        f"        parse_source('x.md', b'---\\n' + {sign.encode()!r} * depth + b'\\n---\\n')\n"
        "    except FrontMatterError as error:\n"
        "        print(error)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended
    assert ended.stdout == "is nested more than 8 levels deep; write it flatter\n" * 3


@pytest.mark.parametrize("escape", ["\\u202E", "\\x07", "\\0", "\\uFEFF", "\\U000E0041", "\\L"])
def test_invisible_characters_cannot_come_in_by_an_escape(escape):
    assert refused(f'a: "x{escape}y"').startswith("ERROR x.md:2: holds the invisible ")
    assert refused(f'"x{escape}y": a').startswith("ERROR x.md:2: holds the invisible ")


def test_no_invisible_character_is_made_of_harmless_bytes_alone():
    every = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    harmless = [one for one in every if not one.encode().translate(None, frontmatter._HARMLESS)]
    assert not [one for one in harmless if INVISIBLE.match(one)]
    assert {"a", "é", "ш", "ت", "中", "न", "\n"} <= set(harmless)


def test_invisible_characters_are_found_in_the_body_with_their_line():
    data = "---\na: b\n---\n\none\ntwo \u202etxt.exe\n".encode()
    assert refused(data).startswith("ERROR x.md:6: holds the invisible direction control U+202E,")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "ERROR x.md:1: is empty; write front matter between '---' lines, then the text"),
        (b" \r\n\t", "ERROR x.md:1: is empty; write front matter between '---' lines, then the text"),
        (
            b"\xef\xbb\xbf---\n---\n",
            "ERROR x.md:1: begins with a byte order mark; save it as 'UTF-8 without BOM'",
        ),
        (b"\xef\xbb\xbf", "ERROR x.md:1: begins with a byte order mark; save it as 'UTF-8 without BOM'"),
        (b"---\na: b\n---\nx\xe9", "ERROR x.md:4: is not UTF-8; save the file with the encoding UTF-8"),
        ("---\n".encode("utf-16"), "ERROR x.md:1: is not UTF-8; save the file with the encoding UTF-8"),
        (b"---\n\xed\xa0\x80\n---\n", "ERROR x.md:2: is not UTF-8; save the file with the encoding UTF-8"),
        (b"\n---\n---\n", "ERROR x.md:1: must begin with the front matter, between two lines '---'"),
        (b"# Title\n", "ERROR x.md:1: must begin with the front matter, between two lines '---'"),
    ],
)
def test_files_that_are_no_texts_with_front_matter_are_told_apart(data, told):
    assert refused(data) == told


def test_sizes_have_limits(monkeypatch):
    monkeypatch.setattr(frontmatter, "MAX_FRONT_MATTER", 1000)
    assert refused("a: " + "x" * 998) == "ERROR x.md:1: has front matter of more than 1 kB"
    monkeypatch.setattr(frontmatter, "MAX_BYTES", 1000)
    assert "is larger than" in refused(b"x" * 1001)


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (
            "title: Kenya: arrest",
            "2: cannot be read here; put the text after the first ':' between quotes, or align the keys",
        ),
        ("a: [b, c\nd: e", "2: cannot be read here; close the list that is opened here with ']'"),
        ("a: {b: c\nd: e", "2: cannot be read here; close what is opened here with '}'"),
        ('a: b\nc: "d', "3: cannot be read here; close the quote that is opened here"),
        ("a: - b", "2: cannot be read here; a list that begins with '-' starts on a line of its own"),
        (
            "a: @b",
            "2: cannot be read here; indent with blanks, and quote a text that begins with a special sign",
        ),
        (
            "a:\n\tb: c",
            "3: cannot be read here; indent with blanks, and quote a text that begins with a special sign",
        ),
        ("a: 'it's'", "2: cannot be read here; align the keys, and put quotes around the whole text"),
        (
            "a: b\nc\nd: e",
            "3: cannot be read here; every line is 'key: value', and a longer text is indented",
        ),
        ('a: "\\y"', "2: cannot be read here; write \\\\ for a backslash between double quotes"),
        ("a: b\n...\nc: d", "4: cannot be read here; delete the line that ends the front matter too early"),
        ("just text", "2: has front matter that is no list of keys; write 'key: value'"),
        ("- a\n- b", "2: has front matter that is no list of keys; write 'key: value'"),
        ('"a\\nb": c', "2: has a key that is not plain text; write 'key: value'"),
        ("? [a]\n: b", "2: has a key that is not plain text; write 'key: value'"),
    ],
)
def test_a_slip_in_yaml_is_told_with_what_to_do(head, told):
    assert refused(head) == f"ERROR x.md:{told}"
