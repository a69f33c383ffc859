"""The private list of withheld terms: what it may hold, and that its faults repeat nothing of it."""

from __future__ import annotations

import pytest

from tests.integration.checkout import ROOT
from tocsin.errors import ContentError
from tocsin.library.withheld import TERMS_FILE, Term, read_terms

NAME = "Zorvana Quillfeather"


@pytest.fixture
def said(tmp_path):
    """What is said of a file that holds this."""

    def said(text: str | bytes) -> str:
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / TERMS_FILE).write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            read_terms(tmp_path)
        except ContentError as error:
            return "".join(f"{finding}\n" for finding in error.findings)
        return ""

    return said


def test_a_checkout_without_the_file_has_no_terms(tmp_path):
    assert read_terms(tmp_path) is None


def test_every_spelling_is_a_term_that_knows_the_line_of_its_entry(tmp_path, said):
    assert said(f'[a]\nnames = ["{NAME}", "N. B."]\n\n[b]\nnames = ["李明"]\nwhole_words = true\n') == ""
    assert read_terms(tmp_path) == (Term(NAME, 1), Term("N. B.", 1), Term("李明", 4, is_exact=True))


def test_an_empty_file_is_a_list_of_nothing(tmp_path, said):
    assert said("") == ""
    assert read_terms(tmp_path) == ()


def test_a_term_has_no_representation_that_repeats_it():
    assert NAME not in repr(Term(NAME, 7)) + str(Term(NAME, 7)) + str(vars) + f"{[Term(NAME, 7)]}"


def test_the_example_can_be_read(tmp_path, said):
    assert said((ROOT / "data/withheld.example.toml").read_bytes()) == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            f'[a]\nnames = ["{NAME}\n',
            "2: cannot be read here; compare the line with data/withheld.example.toml",
        ),
        (
            f"[{NAME}]\n",
            "1: cannot be read here; compare the line with data/withheld.example.toml",
        ),
        (
            '[a]\nnames = ["Zor\u202evana"]\n',
            "2: cannot be read here; compare the line with data/withheld.example.toml",
        ),
        (f'"{NAME}" = 1\n', "1: entry 1 is no table; write [a-key] and 'names' below it"),
        (
            f'[a]\nnames = ["{NAME}"]\n"{NAME}" = true\n',
            "3: entry 1 has an unknown key; it may have 'names' and 'whole_words'",
        ),
        ("[a]\n", "1: entry 1: 'names' must be a list of texts in quotes, at least one"),
        ("[a]\nnames = []\n", "2: entry 1: 'names' must be a list of texts in quotes, at least one"),
        (f'[a]\nnames = "{NAME}"\n', "2: entry 1: 'names' must be a list of texts in quotes, at least one"),
        (
            f'[a]\nnames = ["{NAME}", 7]\n',
            "2: entry 1: 'names' must be a list of texts in quotes, at least one",
        ),
        (
            f'[a]\nnames = ["{NAME}", "- Q"]\n',
            "2: entry 1: text 2 of 'names' has too few letters to be found",
        ),
        (f'[a]\nnames = ["{NAME}"]\nwhole_words = 1\n', "3: entry 1: 'whole_words' must be true or false"),
    ],
)
def test_a_fault_is_told_by_line_and_key_alone(said, text, told):
    assert said(text) == f"ERROR data/withheld.toml:{told}\n"


def test_all_faults_are_told_at_once(said):
    lines = said("[a]\nnames = 1\nwhole_words = 2\n[b]\nother = 3\n").splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        "ERROR data/withheld.toml:2",
        "ERROR data/withheld.toml:4",
        "ERROR data/withheld.toml:5",
    ]


def test_a_file_that_is_not_utf_8_is_told_without_its_bytes(said):
    assert said(b'[a]\nnames = ["Zorvana \xff"]\n') == (
        "ERROR data/withheld.toml: cannot be read here; compare the line with data/withheld.example.toml\n"
    )
