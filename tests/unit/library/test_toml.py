"""TOML files: the line of every key, and what is said of what cannot be read."""

from __future__ import annotations

import pytest

from tocsin.library.toml import TomlError, read_toml

TEXT = """\
schema = 1

[languages.en]

[languages.ar]
fallback = ["fr"]  # a comment

[identity]
name = { en = "x", fr = "y" }
"contact" = "z"
text.en = "a"

[identity.strapline]
en = '''
fr = "not a key"
'''

[[keys]]
name = "one"

[[keys]]
name = "two"

  [keys.printed_at]
  en = "here"
"""


@pytest.fixture
def read(tmp_path):
    def read(text):
        (tmp_path / "x.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_toml(tmp_path, "x.toml")

    return read


@pytest.mark.parametrize(
    ("location", "line"),
    [
        (("schema",), 1),
        (("languages", "en"), 3),
        (("languages", "ar"), 5),
        (("languages", "ar", "fallback"), 6),
        (("languages", "ar", "fallback", 0), 6),
        (("identity",), 8),
        (("identity", "name"), 9),
        (("identity", "name", "fr"), 9),
        (("identity", "contact"), 10),
        (("identity", "text", "en"), 11),
        (("identity", "strapline", "en"), 14),
        (("identity", "missing"), 8),
        (("keys", 0), 18),
        (("keys", 0, "name"), 19),
        (("keys", 1, "name"), 22),
        (("keys", 1, "fingerprint"), 21),
        (("nothing",), 0),
        ((), 0),
    ],
)
def test_every_key_has_its_line_and_a_missing_one_that_of_its_table(read, location, line):
    assert read(TEXT).line_of(location) == line


def test_lists_are_tuples_as_the_strict_models_want_them(read):
    assert read("a = [[1], { b = [2] }]").values == {"a": ((1,), {"b": (2,)})}


def test_line_ends_of_windows_are_known(read):
    file = read(b"a = 1\r\n[b]\r\nc = 2\r\n")
    assert (file.values, file.line_of(("b", "c"))) == ({"a": 1, "b": {"c": 2}}, 3)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('a = "b', "1: cannot be read here; close the quote that is opened here"),
        ('a = "b\nc = 1', "1: cannot be read here; close the quote that is opened here"),
        ("a = b", "1: cannot be read here; put the text between quotes"),
        ("a 1", '1: cannot be read here; write key = "value"'),
        ("x = 1\na = [1, 2\n", "3: cannot be read here; close the list with ']'"),
        ("[a\nb = 1", "1: cannot be read here; close the name of the table with ']'"),
        ("a = 1\na = 2", "2: cannot be read here; this key stands twice; delete one"),
        ("[a]\n[a]", "2: cannot be read here; this table stands twice; delete one"),
        ('a = "x\\y"', "1: cannot be read here; write \\\\ for a backslash between double quotes"),
        ("a = 1 b = 2", "1: cannot be read here; begin each key on a line of its own"),
        ("\ufeffa = 1", "1: begins with a byte order mark; save it as 'UTF-8 without BOM'"),
        (b"a = '\xe9'", " is not UTF-8; save the file with the encoding UTF-8"),
        ("a = 1\nb = 'x\x07y'", "2: holds the invisible control character U+0007; delete it"),
        ("a = " + "[" * 20_000, " is nested too deeply to be read; write it flatter"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_file_that_cannot_be_read_is_told_with_what_to_do(read, text, told):
    with pytest.raises(TomlError) as caught:
        read(text)
    assert str(caught.value.finding) == f"ERROR x.toml:{told}"


def test_a_missing_file_and_a_folder_in_its_place_are_told(tmp_path):
    with pytest.raises(TomlError, match="is missing; the site cannot be built without it"):
        read_toml(tmp_path, "x.toml")
    (tmp_path / "x.toml").mkdir()
    with pytest.raises(TomlError, match=r"cannot be read: \w"):
        read_toml(tmp_path, "x.toml")
