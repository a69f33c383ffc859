"""From withheld terms and hidden items to patterns, each with what is said where it is found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tocsin.leaks.folding import BLOCK, is_unspaced
from tocsin.leaks.markup import SEEN, markup_texts
from tocsin.leaks.matching import SHORT, Matcher, Pattern, patterns_of, words_of
from tocsin.library.hidden import HiddenItem, Unpublished
from tocsin.library.withheld import TERMS_FILE, Term

PASSAGE = 6
"""So many words in a row that no public source has are words of a hidden item.

Fewer are in part what everybody writes: with 14 of the demonstration's items hidden, three words found what
is no leak in 97 to 247 files, four in 47 to 59, five and more in none. The more, the longer a quotation that
passes. Of scripts that part no words, two letters count as a word.
"""
# What is shorter says nothing, or is in any text.
_LEAST_LETTERS = 20
_LEAST_TITLE = 10


class Wanted(NamedTuple):
    """A pattern, the rule of a finding, and what it is; `message` completes "holds … in its text".

    What `may_be_public` is not searched for where a public source has it.
    """

    pattern: Pattern
    rule: str
    message: str
    may_be_public: bool = False


def of_terms(terms: Iterable[Term]) -> Iterator[Wanted]:
    """The patterns of withheld terms."""
    for term in terms:
        for pattern in patterns_of(term.name, is_exact=term.is_exact):
            yield Wanted(pattern, "withheld-term", f"the withheld term of {TERMS_FILE}:{term.line}")


def of_unpublished(unpublished: Unpublished) -> Iterator[Wanted]:
    """The patterns of what is not public, without what is."""
    wanted = [
        *of_file_names(unpublished.file_names),
        *(one for item in unpublished.hidden for one in of_item(item)),
    ]
    perhaps = [one for one in wanted if one.may_be_public]
    yield from (one for one in wanted if not one.may_be_public)
    if perhaps:  # or nobody needs to read what all sources say
        public = Matcher(one.pattern for one in perhaps)
        held = frozenset(number for text in unpublished.public for number in public.found(text))
        yield from (one for number, one in enumerate(perhaps) if number not in held)


def of_file_names(names: Iterable[str]) -> Iterator[Wanted]:
    """Names of source files: what is published has others."""
    for name in names:
        pattern = Pattern(words_of(name), is_exact=True)
        if len(pattern.letters) > SHORT:
            yield Wanted(pattern, "original-file-name", "the name of a source file")


def of_item(item: HiddenItem) -> Iterator[Wanted]:
    """The patterns of one hidden item: names, titles and file names as wholes, texts in passages."""
    whose = f"{item.folder}, which {item.reason},"
    for name in item.names:
        for pattern in patterns_of(name):
            if len(pattern.letters) >= SHORT:
                yield Wanted(pattern, "hidden-name", f"a name of {whose}", not item.is_withdrawn)
    for title in item.titles:
        pattern = Pattern(words_of(title), is_exact=True)
        if _is_telling(pattern):
            yield Wanted(pattern, "hidden-words", f"the title or the address of {whose}", may_be_public=True)
    for name in item.file_names:
        pattern = Pattern(words_of(name), is_exact=True)
        if len(pattern.letters) > SHORT:
            yield Wanted(pattern, "original-file-name", f"the name of a file of {whose}")
    for text in item.texts:
        for passage in passages(text):
            yield Wanted(passage, "hidden-words", f"words of {whose}", may_be_public=True)


def _is_telling(title: Pattern) -> bool:
    """True for a title or an address that is more than a word that anybody may use."""
    if title.words and is_unspaced(title.words[0][0]):
        return len(title.letters) >= PASSAGE
    return len(title.words) > 1 and len(title.letters) >= _LEAST_TITLE


def passages(text: str, length: int = PASSAGE) -> Iterator[Pattern]:
    """Every run of `length` words of a text, which may be HTML; each once."""
    parts = [part for channel, part in markup_texts(text) if channel == SEEN] if "<" in text else [text]
    seen: set[str] = set()
    for block in (block for part in parts for block in part.split(BLOCK)):
        for letters in _runs(block, length):
            if letters not in seen:
                seen.add(letters)
                yield Pattern((letters,), is_passage=True)


def _runs(block: str, length: int) -> Iterator[str]:
    """The letters of every run of so many words in one paragraph."""
    words = [part for word in words_of(block) for part in _parted(word)]
    weights = [1 if is_unspaced(word[0]) else 2 for word in words]
    start = weight = 0
    for end in range(len(words)):
        weight += weights[end]
        while weight - weights[start] >= 2 * length:
            weight -= weights[start]
            start += 1
        letters = "".join(words[start : end + 1])
        least = _LEAST_LETTERS if weights[start] == 2 else 2 * length
        if weight >= 2 * length and len(letters) >= least:
            yield letters


def _parted(word: str) -> Iterable[str]:
    """A word; of scripts that part none, its letters."""
    return word if is_unspaced(word[0]) else (word,)
